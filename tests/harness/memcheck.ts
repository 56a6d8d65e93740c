// A program run under valgrind's memcheck with secrets marked as undefined memory, for
// tests/constant-time-native.test.ts. Memcheck follows undefined bits through everything that the
// machine computes, and reports exactly what a secret must not do: decide a branch, or be (part of)
// an address.

import { readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { LimbBits } from "../../scripts/lib/limbs.ts";
import { compileEntry } from "./compile.ts";
import { openRunner, type Runner } from "./runner.ts";
import { compileRunner, type Tier } from "./runner-build.ts";

/** Exact about single bits, every report counted, and the names of inlined functions in them. */
const VALGRIND = [
  "valgrind",
  "--quiet",
  "--leak-check=no",
  "--expensive-definedness-checks=yes",
  "--error-limit=no",
  "--read-inline-info=yes",
];

export interface Reports {
  count: number;
  /** `what in function < caller`, innermost first; each place once. */
  places: string[];
}

export class Memcheck {
  private readonly runner: Runner;
  private readonly log: string;
  private readonly blocks: [number, number][] = [];
  private seen = 0;

  private constructor(runner: string, program: string) {
    this.log = path.join(os.tmpdir(), `wassl-memcheck-${process.pid}-${path.basename(runner)}`);
    rmSync(this.log, { force: true });
    this.runner = openRunner(runner, program, [...VALGRIND, `--log-file=${this.log}`]);
  }

  /** tests/entry/<name>.ts in this tier, its C compiled with these flags. */
  static async open(
    name: string,
    tier: Tier,
    flags: string[],
    limbs: LimbBits = 13,
  ): Promise<Memcheck> {
    const wasm = await compileEntry(name, limbs);
    const { runner, program } = await compileRunner(wasm, tier, ["-g", ...flags]);
    return new Memcheck(runner, program);
  }

  call(name: string, ...args: number[]): number {
    return Number(this.runner.call(name, args));
  }

  /** n zeroed public bytes. */
  block(n: number): number {
    const p = this.call("alloc", n);
    if (p === 0) throw new Error("the heap is used up");
    this.blocks.push([p, n]);
    return p;
  }

  put(bytes: Uint8Array): number {
    const p = this.block(bytes.length);
    this.runner.write(p, bytes);
    return p;
  }

  putSecret(bytes: Uint8Array): number {
    const p = this.put(bytes);
    this.runner.setSecret(p, bytes.length, true);
    return p;
  }

  write(p: number, bytes: Uint8Array): void {
    this.runner.write(p, bytes);
  }

  /** What was sent to the peer is no secret any more. */
  publish(p: number, n: number): void {
    this.runner.setSecret(p, n, false);
  }

  /** How many of the n bytes depend on secrets. */
  tainted(p: number, n: number): number {
    return this.runner.tainted(p, n);
  }

  /** The bytes, which are public from now on. */
  read(p: number, n: number): Uint8Array {
    return this.runner.read(p, n);
  }

  /** What was reported since the last time. Nothing is secret afterwards, and no block in use. */
  finish(): Reports {
    const total = this.runner.errors();
    const count = total - this.seen;
    this.seen = total;
    this.publish(0, this.runner.memorySize());
    for (const [p] of this.blocks.splice(0)) this.call("free", p);
    return { count, places: count === 0 ? [] : this.places() };
  }

  close(): void {
    this.runner.close();
    rmSync(this.log, { force: true });
  }

  private readFrom = 0;

  /** Memcheck writes each place at its first report only. */
  private places(): string[] {
    const text = readFileSync(this.log, "utf8").slice(this.readFrom);
    this.readFrom += text.length;
    const reports = text.replace(/^==\d+== ?/gm, "").split(/\n\s*\n/);
    return reports
      .filter((r) => r.trim() !== "")
      .map((report) => {
        const functions = [...report.matchAll(/(?:at|by) 0x[0-9A-F]+: (\S+)/g)].map((m) => m[1]);
        return `${report.trim().split("\n")[0]} in ${functions.slice(0, 6).join(" < ")}`;
      });
  }
}
