// A primitive that is measured, the same for this machine, the chip and the libraries beside ours.
// Somebody else's code says what must come out, so that a wrong result never gives a figure.
// Inputs are the same on every run.

import assert from "node:assert/strict";
import { hkdfSync } from "node:crypto";
import type { Meter } from "./meter.ts";

export const libraries = ["openssl", "mbedtls"] as const;
export type Library = (typeof libraries)[number];

export interface Primitive {
  /** Also what targets.ts and peers/*.c know it by. */
  name: string;
  inputs: Uint8Array[];
  /** What stands in the output before the call: the text that a cipher seals in place. */
  text?: Uint8Array;
  output: Uint8Array;
  /** The figure is the call's cost over so many: bytes, where it is one of a byte. */
  parts?: number;
  /** What the call gives; undefined: nothing. */
  result?: number;
  /** Those that have it, in the version that Debian has; default: all. */
  peers?: readonly Library[];
  /** Whether another output than `output` is right, too, where a library's is random. */
  isRight?(output: Uint8Array): boolean;
  /** The export of tests/entry/bench.ts and its arguments, from the addresses of the above. */
  call(out: number, ...inputs: number[]): [string, ...number[]];
}

/** What one call costs. Throws where its result is not the right one. */
export function measure(meter: Meter, primitive: Primitive): number {
  const m = meter.program;
  const inputs = primitive.inputs.map((bytes) => m.put(bytes));
  const { output, text } = primitive;
  const out = m.alloc(Math.max(output.length, text?.length ?? 0, 1));
  if (text !== undefined) m.write(out, text);
  const [name, ...args] = primitive.call(out, ...inputs);
  meter.take();
  const result = m.call(name, ...args);
  const cost = meter.take() / (primitive.parts ?? 1);
  assert.deepEqual(Buffer.from(m.read(out, output.length)), Buffer.from(output), primitive.name);
  if (primitive.result !== undefined) assert.equal(result, primitive.result, primitive.name);
  m.reset();
  return cost;
}

/** n bytes that look random and are always the same. */
export function fixedBytes(label: string, n: number): Buffer {
  return Buffer.from(hkdfSync("sha512", "bench", "", label, n));
}

/** The same for any n: hkdfSync gives 255 digests at most. */
export function longBytes(n: number): Buffer {
  return Buffer.alloc(n, fixedBytes("text", 1000));
}
