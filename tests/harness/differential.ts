// Random differential tests: the same random input to our code and to other implementations, many
// times, on every engine.
//
//   differential("HMAC", "crypto-symmetric", { quick: 40, long: 2000 }, (trial) => {
//     const key = trial.bytes(trial.length(64, 200));
//     ...
//     assert.deepEqual(trial.read(out), reference(key));
//   });
//
// `npm test` runs few trials, always the same; `npm run test:long` many, from a seed that it
// prints. A failure names seed and trial: WASSL_SEED=<seed> WASSL_TRIAL=<trial> runs just that one.
//
// All memory that a trial hands out lies at a random alignment between guards, and what goes in is
// meant to come out unchanged: after each trial both are checked.

import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import { engineOf, engines, limbEngines, type EngineName } from "./engines.ts";
import { type Instance, loadEntry } from "./instance.ts";
import { Random } from "./random.ts";

const LONG = process.env.WASSL_LONG === "1";
const SEED = Number(process.env.WASSL_SEED ?? (LONG ? randomInt(2 ** 31) : 1));
const ONLY = process.env.WASSL_TRIAL;
const GUARD = 16;
const GUARD_BYTE = 0xa5;

/** How often: `quick` in npm test, `long` in npm run test:long; wasm3 does a share of it. */
export interface Trials {
  quick: number;
  long: number;
  /** wasm3 runs every n-th trial; 4 where absent. */
  slow?: number;
}

interface Range {
  /** The block of memory, guards and all. */
  block: number;
  at: number;
  size: number;
  /** What has to be there in the end; null where anything may be. */
  kept: Uint8Array | null;
}

/** One run: random numbers, and memory of the program under test. */
export class Trial {
  readonly random: Random;
  private readonly ranges = new Map<number, Range>();

  constructor(
    readonly m: Instance,
    seed: number,
  ) {
    this.random = new Random(seed);
  }

  bytes(n: number): Uint8Array {
    return this.random.bytes(n);
  }

  /** A length up to `most`: any, or one within a byte of a multiple of `block`. */
  length(block: number, most: number): number {
    if (this.random.below(2) === 0) return this.random.below(most + 1);
    const edge = block * this.random.below(Math.floor(most / block) + 1);
    return Math.min(most, Math.max(0, edge + this.random.below(3) - 1));
  }

  /** n as a sum of lengths, some of them 0. */
  pieces(n: number, block: number): number[] {
    const parts: number[] = [];
    for (let left = n; left > 0 || parts.length === 0; left -= parts.at(-1)!) {
      parts.push(this.random.below(6) === 0 ? left : this.length(block, left));
    }
    return parts;
  }

  /** Bytes that the program may read and not change. */
  input(bytes: Uint8Array): number {
    return this.place(bytes, bytes);
  }

  /** Bytes that the program changes in place. */
  inPlace(bytes: Uint8Array): number {
    return this.place(bytes, null);
  }

  /** n bytes for the program to write. */
  output(n: number): number {
    return this.place(this.bytes(n), null);
  }

  /** A primitive's own state: 8-aligned, of the size that the program says. */
  state(name: string): number {
    const size = this.m.call(`${name}StateSize`);
    return this.place(this.bytes(size), null, 0);
  }

  /** What an output or a range in place has become: all of it, or n bytes from `from` on. */
  read(at: number, from = 0, n = this.ranges.get(at)!.size - from): Buffer {
    return Buffer.from(this.m.read(at + from, n));
  }

  /** Checks guards and inputs, and frees everything. */
  end(): void {
    for (const { block, at, size, kept } of this.ranges.values()) {
      const before = this.m.read(block, at - block);
      const after = this.m.read(at + size, GUARD);
      assert.ok(before.every(isGuard), "something was written in front of a range");
      assert.ok(after.every(isGuard), "something was written behind a range");
      if (kept !== null) assert.deepEqual(this.m.read(at, size), kept, "an input was changed");
    }
    this.ranges.clear();
    this.m.reset();
    const mark = this.m.functions.has("scratchMark") ? "scratchMark" : "scratchUsed";
    assert.equal(this.m.call(mark), 0, "scratch memory was not given back");
  }

  private place(bytes: Uint8Array, kept: Uint8Array | null, offset = this.random.below(8)): number {
    const size = bytes.length;
    const whole = new Uint8Array(GUARD + offset + size + GUARD).fill(GUARD_BYTE);
    whole.set(bytes, GUARD + offset);
    const block = this.m.put(whole);
    const at = block + GUARD + offset;
    this.ranges.set(at, { block, at, size, kept: kept && Uint8Array.from(kept) });
    return at;
  }
}

const isGuard = (byte: number): boolean => byte === GUARD_BYTE;

/** Programs that compute with big numbers: they are tested with limbs of either width. */
const WITH_LIMBS = /^(crypto-public|crypto-sign|edwards)$/;

/** Registers one test for each engine; `entry` is a program of tests/entry. */
export function differential(
  name: string,
  entry: string,
  trials: Trials,
  body: (trial: Trial, engine: EngineName) => void,
): void {
  for (const named of WITH_LIMBS.test(entry) ? limbEngines : engines) {
    test(`random: ${name} (${named})`, async (t) => {
      const m = await loadEntry(entry, named);
      const engine = engineOf(named);
      const step = engine === "wasm3" ? (trials.slow ?? 4) : 1;
      const count = LONG ? trials.long : trials.quick;
      const chosen = ONLY === undefined ? range(count, step) : [Number(ONLY)];
      for (const i of chosen) runOne(m, engine, i, body);
      t.diagnostic(`random, ${name}: ${chosen.length} run, 0 skipped (seed ${SEED})`);
    });
  }
}

function range(count: number, step: number): number[] {
  return Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
}

function runOne(
  m: Instance,
  engine: EngineName,
  i: number,
  body: (trial: Trial, engine: EngineName) => void,
): void {
  // Trials of neighbouring seeds must not be the same ones, moved by one.
  const trial = new Trial(m, Math.imul(SEED, 0x9e3779b1) ^ Math.imul(i + 1, 0x85ebca6b));
  try {
    body(trial, engine);
    trial.end();
  } catch (error) {
    (error as Error).message = `seed ${SEED}, trial ${i}: ${(error as Error).message}`;
    throw error;
  }
}
