// What the tests of constant time share: secrets of many kinds, inputs that are the same on every
// run, and the assertion itself. Each subject is tested by two observers: its trace in the release
// wasm (tests/constant-time.test.ts says what that can see and what not) and its cycles on the chip
// (tests/constant-time-chip.test.ts).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test, { type TestContext } from "node:test";
import type { LimbBits } from "../../scripts/lib/limbs.ts";
import { compileEntry } from "./compile.ts";
import { openCycles } from "./constant-cycles.ts";
import { Random } from "./random.ts";
import { Tracer } from "./trace.ts";

/** A program and what is seen of its runs. */
export interface Observer {
  readonly unit: string;
  /** The names of the functions that the program exports. */
  readonly functions: readonly string[];
  call(name: string, ...args: (number | bigint)[]): number | bigint;
  /** Its memory, as long as it does not grow. */
  bytes(p: number, n: number): Uint8Array;
  /** Runs that look alike have the same number of events and the same digest. */
  observe(run: () => void): { events: bigint; digest: string };
  /** How two runs differ: null where they look alike. */
  difference(a: () => void, b: () => void): string | null;
}

/** Two tests of the program tests/entry/<entry>.ts: one for each observer. */
export function testConstant(
  name: string,
  entry: string,
  body: (t: TestContext, m: Observer) => void,
): void {
  test(name, async (t) => body(t, await openTracer(entry)));
  test(`${name}: cycles on Cortex-M0+`, async (t) => body(t, await openCycles(entry)));
}

/** The same for what computes with big numbers, and its trace with wide limbs: chips have none. */
export function testConstantLimbs(
  name: string,
  entry: string,
  body: (t: TestContext, m: Observer) => void,
): void {
  testConstant(name, entry, body);
  test(`${name}: limbs of 26 bits`, async (t) => body(t, await openTracer(entry, 26)));
}

export async function openTracer(entry: string, limbs: LimbBits = 13): Promise<Tracer> {
  return new Tracer(readFileSync(await compileEntry(entry, limbs)));
}

/** n bytes each: the extremes, few bits at both ends, and four random ones. */
export function secretsOf(n: number): Uint8Array[] {
  const random = new Random(n);
  const zeros = new Uint8Array(n);
  return [
    zeros,
    zeros.slice().fill(0xff),
    zeros.slice().fill(0x5a),
    Uint8Array.from(zeros, (_, i) => (i === 0 ? 0x01 : 0)),
    Uint8Array.from(zeros, (_, i) => (i === n - 1 ? 0x80 : 0)),
    ...Array.from({ length: 4 }, () => random.bytes(n)),
  ];
}

/**
 * Scalars in 1 ... n - 1 of a curve whose order is above 2^(8 size - 32): 1, 2, 2^k, close to n.
 */
export function scalarsOf(size: number): Uint8Array[] {
  const small = (v: number): Uint8Array => new Uint8Array(size).fill(v, size - 1);
  const high = new Uint8Array(size).fill(0xff).fill(0, 4, 9); // below the order of P-256 and P-384
  const sparse = new Uint8Array(size).fill(1, size / 2, size / 2 + 1);
  const randoms = secretsOf(size)
    .slice(-4)
    .map((bytes) => bytes.fill(0x7f, 0, 1));
  return [small(1), small(2), small(16), high, sparse, ...randoms];
}

/** Addresses for a subject's inputs and outputs, and how to fill them again before each run. */
export class Inputs {
  private readonly fills: [number, Uint8Array][] = [];

  constructor(private readonly m: Observer) {}

  block(n: number): number {
    return Number(this.m.call("alloc", n));
  }

  put(bytes: Uint8Array): number {
    const p = this.block(bytes.length);
    this.fills.push([p, bytes]);
    return p;
  }

  refill(): void {
    for (const [p, bytes] of this.fills) this.m.bytes(p, bytes.length).set(bytes);
  }
}

export type Subject = (call: Observer["call"], secret: number) => void;

/** Asserts that `subject` looks the same for all the secrets. Says how much was seen of it. */
export function assertConstant(
  m: Observer,
  inputs: Inputs,
  secrets: readonly Uint8Array[],
  subject: Subject,
): string {
  const p = inputs.block(secrets[0]!.length);
  const call = m.call.bind(m);
  const run = (secret: Uint8Array) => (): void => {
    inputs.refill();
    m.bytes(p, secret.length).set(secret);
    subject(call, p);
  };
  run(secrets[0]!)(); // the first use moves high-water marks, which is not the secret's doing
  const first = m.observe(run(secrets[0]!));
  for (const secret of secrets.slice(1)) {
    const { events, digest } = m.observe(run(secret));
    if (events === first.events && digest === first.digest) continue;
    const difference = m.difference(run(secrets[0]!), run(secret));
    const hex = Buffer.from(secret.subarray(0, 64)).toString("hex");
    assert.fail(`what is seen depends on the secret (here ${hex}): ${difference}`);
  }
  return `${first.events} ${m.unit}`;
}

/** The functions of tests/entry/leaky.ts, and those of them whose leak is seen. */
export function tryControls(m: Observer): { controls: string[]; caught: string[] } {
  const secrets = secretsOf(32);
  const controls = m.functions.filter((name) => /^(leak|keep)/.test(name));
  const caught = controls.filter((name) => {
    try {
      const seen = assertConstant(m, new Inputs(m), secrets, (call, p) => call(name, p, 32));
      assert.ok(!seen.startsWith("0 "), `${name} has nothing to see`);
      return false;
    } catch (error) {
      if (/depends on the secret/.test((error as Error).message)) return true;
      throw error;
    }
  });
  return { controls, caught };
}
