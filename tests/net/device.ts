// A device of which a test makes every socket call by hand: sockets.c, over the host's network or
// over lwIP with the peer at its cable.

import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Duplex } from "node:stream";
import { exec, root } from "../../scripts/lib/exec.ts";
import { joinFrames } from "../../scripts/sim/peer/frames.ts";
import { Peer, type Link, type PeerOptions } from "../../scripts/sim/peer/link.ts";

const out = path.join(root, "build/tests/net");
const CABLE = 3;
/** For an answer, in ms: longer than all timeouts of the tests. */
const LONGEST_CALL = 180_000;
const SETTLED = 8;

let built: Promise<unknown> | undefined;

/** Brings a program of this folder's Makefile up to date: its path. */
export async function buildProgram(name: string): Promise<string> {
  mkdirSync(out, { recursive: true });
  built ??= exec("flock", [path.join(out, "lock"), "make", "-j2", "-C", "tests/net", `OUT=${out}`]);
  await built;
  return path.join(out, name);
}

export class Device {
  private static readonly all: Device[] = [];
  private readonly answers: ((line: string) => void)[] = [];
  private readonly ended: Promise<void>;
  private complaint = "";

  private constructor(
    private readonly child: ChildProcess,
    /** This machine's loopback, as the device sees it. */
    readonly gateway: string,
    readonly peer: Peer | null,
  ) {
    child.stderr!.setEncoding("utf8").on("data", (text: string) => (this.complaint += text));
    createInterface({ input: child.stdout! }).on("line", (line) => this.answers.shift()?.(line));
    this.ended = new Promise((resolve) => child.on("close", () => resolve()));
    Device.all.push(this);
  }

  /** Ends those of tests that failed. */
  static endAll(): void {
    for (const device of Device.all) {
      device.child.kill("SIGKILL");
      device.peer?.close();
    }
  }

  /** Over the host's network, which is what lwIP must behave like. */
  static async onHost(): Promise<Device> {
    const program = await buildProgram("sockets-bsd");
    return new Device(spawn(program, { stdio: "pipe" }), "127.0.0.1", null);
  }

  /** Over lwIP. */
  static async atPeer(options: PeerOptions = {}): Promise<Device> {
    const peer = new Peer(options);
    await peer.listening;
    return new Device(await spawnAt(peer), "10.0.2.2", peer);
  }

  /** Over lwIP, with anything at the other end of the cable. */
  static async atLink(link: Link): Promise<Device> {
    return new Device(await spawnAt(link), "10.0.2.2", null);
  }

  /** Makes a call: the answer. */
  async call(line: string): Promise<string> {
    const answer = new Promise<string>((resolve) => this.answers.push(resolve));
    const late = new Promise<never>((_, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to: ${line}`)), LONGEST_CALL);
      void answer.finally(() => clearTimeout(timer));
    });
    this.child.stdin!.write(`${line}\n`);
    const ended = this.ended.then(() => {
      throw new Error(`the device has ended at: ${line}\n${this.complaint}`);
    });
    return Promise.race([answer, late, ended]);
  }

  /** A call whose answer is a number. */
  async number(line: string): Promise<number> {
    return Number(await this.call(line));
  }

  /**
   * Until what this process has done to a connection has reached the device: however slow this
   * process is, it goes once round its events for each answer.
   */
  async settle(): Promise<void> {
    for (let i = 0; i < SETTLED; i++) await this.call("sleep 20");
  }

  /** A new socket, connected; or the error of connect. */
  async connect(port: number, timeout = 20_000): Promise<number> {
    const s = await this.number("socket 2 1");
    await this.call(`timeout ${s} ${timeout}`);
    const result = await this.number(`connect ${s} ${this.gateway} ${port}`);
    return result < 0 ? result : s;
  }

  /** Lets the program end by itself. Throws what a sanitizer complained of. */
  async close(): Promise<void> {
    this.child.stdin!.end();
    await this.ended;
    this.peer?.close();
    if (this.child.exitCode !== 0) throw new Error(`the device failed\n${this.complaint}`);
  }
}

async function spawnAt(link: Link): Promise<ChildProcess> {
  const program = await buildProgram("sockets-lwip");
  const child = spawn(program, [String(CABLE)], { stdio: ["pipe", "pipe", "pipe", "pipe"] });
  const cable = child.stdio[CABLE] as Duplex;
  joinFrames(link, cable, cable);
  return child;
}
