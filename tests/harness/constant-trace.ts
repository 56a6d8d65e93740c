// What the tests of constant traces share: secrets of many kinds, inputs that are the same on every
// run, and the assertion itself. What it can see and what not: tests/constant-time.test.ts.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { compileEntry } from "./compile.ts";
import { Random } from "./random.ts";
import { Tracer } from "./trace.ts";

export async function openTracer(entry: string): Promise<Tracer> {
  return new Tracer(readFileSync(await compileEntry(entry)));
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

  constructor(private readonly t: Tracer) {}

  block(n: number): number {
    return Number(this.t.call("alloc", n));
  }

  put(bytes: Uint8Array): number {
    const p = this.block(bytes.length);
    this.fills.push([p, bytes]);
    return p;
  }

  refill(): void {
    for (const [p, bytes] of this.fills) this.t.bytes(p, bytes.length).set(bytes);
  }
}

export type Subject = (call: Tracer["call"], secret: number) => void;

/** Asserts that `subject` leaves one trace for all the secrets. Gives the number of its events. */
export function assertConstant(
  t: Tracer,
  inputs: Inputs,
  secrets: Uint8Array[],
  subject: Subject,
): bigint {
  const p = inputs.block(secrets[0]!.length);
  const call = t.call.bind(t);
  const run = (secret: Uint8Array) => (): void => {
    inputs.refill();
    t.bytes(p, secret.length).set(secret);
    subject(call, p);
  };
  run(secrets[0]!)(); // the first use moves high-water marks, which is not the secret's doing
  for (const secret of secrets.slice(1)) {
    const difference = t.difference(run(secrets[0]!), run(secret));
    if (difference !== null) {
      const hex = Buffer.from(secret.subarray(0, 64)).toString("hex");
      assert.fail(`the trace depends on the secret (here ${hex}): ${difference}`);
    }
  }
  return t.run(run(secrets[0]!)).count;
}
