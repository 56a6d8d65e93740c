// Runs an app on wassl-host with a board's network: lwIP, whose cable leads to the user-mode peer
// of scripts/sim. Servers of this process are at 10.0.2.2 for the app.

import { spawn } from "node:child_process";
import type { Duplex } from "node:stream";
import { buildHost } from "../../scripts/lib/board-host.ts";
import { joinFrames } from "../../scripts/sim/peer/frames.ts";
import { Peer, type Link, type PeerOptions } from "../../scripts/sim/peer/link.ts";
import type { Ended, Run } from "./host.ts";

/** This machine's loopback, as the device sees it. */
export const GATEWAY = "10.0.2.2";

export const lwipHosts: { name: string; build: () => Promise<string> }[] = [
  { name: "wassl-host over lwIP", build: () => buildHost({ lwip: true }) },
  {
    name: "wassl-host over lwIP with sanitizers",
    build: () => buildHost({ lwip: true, sanitize: true }),
  },
];

const LONGEST_RUN_MS = 240_000;
/** wassl-host's descriptor for frames. */
const CABLE = 3;

/** Runs an app to its end at a network of its own; `peer` says which. */
export async function runAtPeer(host: string, run: Run, peer: PeerOptions = {}): Promise<Ended> {
  const network = new Peer(peer);
  try {
    await network.listening;
    return await runAtLink(host, run, network);
  } finally {
    network.close();
  }
}

/** Runs an app to its end with whatever is at the other end of the cable. */
export function runAtLink(host: string, run: Run, link: Link): Promise<Ended> {
  const options = ["--frames", String(CABLE), ...(run.options ?? [])];
  const child = spawn(host, [...options, run.ssl, run.app], {
    env: {
      ...process.env,
      ASAN_OPTIONS: "exitcode=99:detect_leaks=0",
      UBSAN_OPTIONS: "exitcode=99",
      ...run.env,
    },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const cable = child.stdio[CABLE] as Duplex;
  joinFrames(link, cable, cable);
  const ended: Ended = { status: null, signal: null, stdout: "", stderr: "" };
  const [stdout, stderr] = [child.stdout!, child.stderr!];
  stdout.setEncoding("utf8").on("data", (text: string) => (ended.stdout += text));
  stderr.setEncoding("utf8").on("data", (text: string) => (ended.stderr += text));
  const timer = setTimeout(() => child.kill("SIGKILL"), LONGEST_RUN_MS);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => {
      clearTimeout(timer);
      resolve({ ...ended, status, signal });
    });
  });
}
