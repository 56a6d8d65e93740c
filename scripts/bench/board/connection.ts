// The TLS handshake of the real firmware with real OpenSSL, and what it consists of. The cycles are
// exact; what varies from run to run comes from the other side: its signatures take a little more
// or less to verify, and it answers when it does.

import { readFileSync } from "node:fs";
import type { Firmware } from "../../lib/board-rp2040.ts";
import type { DeviceStatus } from "../../lib/device-status.ts";
import { visitOpenssl } from "../../lib/emulated-visit.ts";
import { parseLinkMap } from "../../lib/link-map.ts";
import type { PkiOptions } from "../../lib/pki.ts";
import { sysHz, type Rp2040Board } from "../../lib/rp2040-config.ts";
import type { Traffic, Wiretap } from "../../lib/wiretap.ts";
import { HANDSHAKE, PHASES, PHASE_NAMES, RULES, STAGES, type Phase } from "./phases.ts";
import { Profile, type Spent } from "./profile.ts";

export interface Chain {
  /** In the saved figures. */
  name: string;
  title: string;
  pki: PkiOptions;
}

export const CHAINS: readonly Chain[] = [
  { name: "chain3", title: "leaf, intermediate and CA, as in the demo", pki: {} },
  {
    name: "chain2",
    title: "leaf signed by the CA, as in the figures of others",
    pki: { intermediate: false },
  },
];

/** The suite of the published figures; tickets come behind the handshake, at any time. */
const SERVER = ["-ciphersuites", "TLS_AES_128_GCM_SHA256", "-num_tickets", "0"];

export interface StageCost {
  name: string;
  cycles: number;
  milliseconds: number;
}

export interface ConnectionReport {
  chain: Chain;
  /** Cycles of the handshake by phase; they add up to `cycles`. */
  phases: Map<Phase, number>;
  cycles: number;
  /** Of that, the phases of TLS. */
  tlsCycles: number;
  /** While the core slept: for the other side, and for what was on the way. */
  waitingMs: number;
  milliseconds: number;
  verifications: number;
  wire: { sent: Traffic; received: Traffic };
  stages: StageCost[];
  status: DeviceStatus;
}

export async function measureConnection(
  hardware: Rp2040Board,
  firmware: Firmware,
  chain: Chain,
): Promise<ConnectionReport> {
  const pieces = parseLinkMap(readFileSync(firmware.map, "utf8"));
  let profile!: Profile<Phase>;
  const traffic: { sent: Traffic; received: Traffic }[] = [];
  const { status } = await visitOpenssl({
    hardware,
    firmware,
    pki: chain.pki,
    server: SERVER,
    watch: (board, wire: Wiretap) => {
      profile = new Profile(board, pieces, RULES, "start", STAGES);
      profile.onStage = (name) => {
        if (name === HANDSHAKE || traffic.length === 1) traffic.push(wire.traffic);
      };
    },
  });
  const nanosPerCycle = 1e9 / sysHz(hardware);
  return { ...handshakeOf(profile, nanosPerCycle), chain, status, wire: difference(traffic) };
}

type Handshake = Omit<ConnectionReport, "chain" | "status" | "wire">;

function handshakeOf({ spent }: Profile<Phase>, nanosPerCycle: number): Handshake {
  const handshake = spent.get(HANDSHAKE)!;
  const { cycles, nanos } = sum(handshake.values());
  const entries = (phase: Phase): number => handshake.get(phase)?.entries ?? 0;
  return {
    phases: new Map(PHASE_NAMES.map((phase) => [phase, handshake.get(phase)?.cycles ?? 0])),
    cycles,
    tlsCycles: sum([...handshake].filter(([p]) => PHASES[p].group === "TLS").map(([, s]) => s))
      .cycles,
    waitingMs: Math.max(0, nanos - cycles * nanosPerCycle) / 1e6,
    milliseconds: nanos / 1e6,
    verifications: entries("chainSignatures") + entries("certificateVerify"),
    stages: [...spent].map(([name, phases]) => {
      const all = sum(phases.values());
      return { name, cycles: all.cycles, milliseconds: all.nanos / 1e6 };
    }),
  };
}

function sum(spent: Iterable<Spent>): { cycles: number; nanos: number } {
  let [cycles, nanos] = [0, 0];
  for (const one of spent) {
    cycles += one.cycles;
    nanos += one.nanos;
  }
  return { cycles, nanos };
}

function difference([before, after]: { sent: Traffic; received: Traffic }[]) {
  const minus = (a: Traffic, b: Traffic): Traffic => {
    return { frames: a.frames - b.frames, bytes: a.bytes - b.bytes, stream: a.stream - b.stream };
  };
  return {
    sent: minus(after.sent, before.sent),
    received: minus(after.received, before.received),
  };
}
