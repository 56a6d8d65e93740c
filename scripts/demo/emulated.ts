// The demo's device as an emulated board: the UF2 that the real one gets, started from reset. The
// app and ca.der come to it as to a real one, by `wassl deploy` and `wassl fs put` over its serial
// line.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { buildFirmware, RP2040_LIMBS, type Firmware } from "../lib/board-rp2040.ts";
import { parseStatus } from "../lib/device-status.ts";
import { exec, root } from "../lib/exec.ts";
import { sysHz, type Rp2040Board } from "../lib/rp2040-config.ts";
import { translateSsl } from "../lib/ssl-program.ts";
import type { Tier } from "../lib/tier.ts";
import { Wiretap } from "../lib/wiretap.ts";
import { Board } from "../sim/board.ts";
import { realHost } from "../sim/peer/host.ts";
import { Peer, type Clock } from "../sim/peer/link.ts";
import { costLine, HOW, SOURCE, type Device, type Outcome, type Visit } from "./device.ts";
import { heading } from "./report.ts";

const GATEWAY = "10.0.2.2";
const HTTPS = 443;
const NTP = 123;

/** Of the board's time. */
const START_SECONDS = 5;
const VISIT_SECONDS = 60;
const COMMAND_SECONDS = 120;

const BANNER = /wassl \S+ on .*, after .*\r\n/;
const NO_APP = /^wassl: no app is installed/m;

/** Builds what is out of date, switches the board on, gives it the app and the CA. */
export async function makeEmulated(
  hardware: Rp2040Board,
  tier: Tier,
  ca: Uint8Array,
): Promise<Device> {
  heading(`A ${hardware.name}, emulated`);
  const firmware = await buildFirmware(hardware, await translateSsl(tier, RP2040_LIMBS));
  const board = await EmulatedBoard.start(hardware, tier, firmware);
  try {
    await board.deploy(ca);
  } catch (error) {
    board.close();
    throw error;
  }
  return board;
}

/** Where the handshake began, or what it has cost. */
interface Point {
  cycles: number;
  seconds: number;
  sent: number;
  received: number;
}

class EmulatedBoard implements Device {
  readonly app = `${path.relative(root, SOURCE)}, from its slot in flash`;
  private board!: Board;
  private wire!: Wiretap;
  private serial = "";
  private ports: Record<number, number> = {};
  private ca: Uint8Array = new Uint8Array(0);
  private begin: Point | null = null;
  private cost: Point | null = null;
  private verifications = 0;

  private constructor(
    private readonly hardware: Rp2040Board,
    private readonly tier: Tier,
    private readonly firmware: Firmware,
  ) {}

  static async start(
    hardware: Rp2040Board,
    tier: Tier,
    firmware: Firmware,
  ): Promise<EmulatedBoard> {
    const device = new EmulatedBoard(hardware, tier, firmware);
    await device.switchOn();
    return device;
  }

  private async switchOn(): Promise<void> {
    const { uf2, elf, image } = this.firmware;
    const { size } = this.hardware.flash.firmware;
    console.log(`   ${path.relative(root, uf2)}: ${image.length} of ${size} bytes for firmware`);
    this.board = await Board.start({ uf2, elf, link: (clock) => this.plugIn(clock) });
    this.board.mark("ssl_connection_new", () => this.beginHandshake());
    this.board.mark("signature_verifyDigest", () => this.verifications++);
    this.board.mark("ssl_connection_text", () => this.endHandshake());
    const [banner] = await this.board.waitFor(BANNER, START_SECONDS);
    console.log(`   ${banner.trimEnd()}`);
    await this.board.waitFor(NO_APP, START_SECONDS);
    this.serial = `tcp:127.0.0.1:${await this.board.machine.serial.listen(0)}`;
  }

  /** The servers are on loopback; example.com and pool.ntp.org are names of the gateway. */
  private plugIn(clock: Clock): Wiretap {
    const place = (port: number): number => this.ports[port] ?? port;
    const peer = new Peer({
      clock,
      dns: { "example.com": [GATEWAY], "pool.ntp.org": [GATEWAY] },
      host: {
        ...realHost,
        connect: (address, port) => realHost.connect(address, place(port)),
        openUdp: (address, port, events) => realHost.openUdp(address, place(port), events),
      },
    });
    this.wire = new Wiretap(peer);
    return this.wire;
  }

  async deploy(ca: Uint8Array): Promise<void> {
    this.show(await this.put(ca));
    this.show(await this.wassl(root, "deploy", path.relative(root, SOURCE), "--no-start"));
  }

  async visit({ port, sntpPort, ca }: Visit): Promise<Outcome> {
    if (Buffer.compare(ca, this.ca) !== 0) await this.put(ca);
    this.ports = { [HTTPS]: port, [NTP]: sntpPort };
    this.begin = this.cost = null;
    this.board.powerCut();
    await this.board.waitFor(BANNER, START_SECONDS);
    const [end] = await this.board.waitFor(/^[^]*?^wassl: the app has ended.*$/m, VISIT_SECONDS);
    const [, output = "", status = "none"] =
      /^([^]*?)^wassl: exit status (\d+)\r$/m.exec(end) ?? [];
    const isExit = status !== "none";
    return {
      status: isExit ? Number(status) : status,
      output: isExit ? output : end,
      reports: this.board.faults.slice(),
      cost: this.cost === null ? [] : await this.costOf(this.cost),
    };
  }

  close(): void {
    this.board.stop();
  }

  // What a user does at the serial line.

  private async put(ca: Uint8Array): Promise<string[]> {
    const parent = path.join(root, "build/demo");
    mkdirSync(parent, { recursive: true });
    const folder = mkdtempSync(path.join(parent, "files-"));
    try {
      writeFileSync(path.join(folder, "ca.der"), ca);
      const said = await this.wassl(folder, "fs", "put", "ca.der");
      this.ca = ca;
      return said;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** The command and what it says. */
  private async wassl(cwd: string, ...args: string[]): Promise<string[]> {
    const command = [path.join(root, "scripts/wassl.mjs"), ...args, "--port", this.serial];
    const running = exec(process.execPath, command, { cwd });
    const output = await this.board.during(running, COMMAND_SECONDS);
    return [`$ wassl ${args.join(" ")}`, ...output.trimEnd().split("\n")];
  }

  private show(lines: string[]): void {
    for (const line of lines) console.log(`   ${line}`);
  }

  // What the handshake costs.

  private now(): Point {
    const { cycles, seconds } = this.board;
    const { sent, received } = this.wire.traffic;
    return { cycles, seconds, sent: sent.stream, received: received.stream };
  }

  private beginHandshake(): void {
    this.begin = this.now();
    this.verifications = 0;
  }

  /** The app asks what it is connected to. */
  private endHandshake(): void {
    if (this.begin === null || this.cost !== null) return;
    const end = this.now();
    const since = (of: keyof Point): number => end[of] - this.begin![of];
    const [cycles, seconds, sent] = [since("cycles"), since("seconds"), since("sent")];
    this.cost = { cycles, seconds, sent, received: since("received") };
  }

  private async costOf({ cycles, seconds, sent, received }: Point): Promise<string[]> {
    const { board, hardware, tier } = this;
    const from = board.console.length;
    board.write("status\r");
    await board.waitFor(/ssl: memory .*\r\n/, START_SECONDS);
    const { stack, handlerStack, heap, app, ssl } = parseStatus(board.console.slice(from));
    const million = (n: number): string => (n / 1e6).toFixed(1);
    const busy = cycles / sysHz(hardware);
    const waiting = Math.max(0, seconds - busy);
    return [
      costLine("bytes", `${sent} sent, ${received} received`),
      costLine("cycles", `${million(cycles)} million, ${this.verifications} signatures verified`),
      costLine("", `ssl.wasm ${HOW[tier]}, the app interpreted by wasm3`),
      costLine("time", `${busy.toFixed(2)} s at ${sysHz(hardware) / 1e6} MHz`),
      costLine("", `${waiting.toFixed(2)} s more waiting for the server`),
      costLine("stack", `${stack.peak} of ${stack.size} bytes used at most`),
      costLine("", `${handlerStack.peak} of ${handlerStack.size} by interrupts`),
      costLine("heap", `${heap.peak} of ${heap.size} bytes used at most`),
      costLine("", `${app.memory} memory of the app, ${app.codePages} its code for wasm3`),
      costLine("", `${ssl.memory} memory of ssl.wasm, of its heap ${ssl.heapPeak} used at most`),
    ];
  }
}
