// Bytes in and out of a program under test: what the tests of the symmetric primitives share.

import type { Instance } from "../harness/instance.ts";

export const hex = (text: string): Buffer => Buffer.from(text, "hex");

/** A copy of bytes at an address that is `misalignment` above a multiple of 8. */
export function putAt(m: Instance, bytes: Uint8Array, misalignment: number): number {
  const p = m.alloc(bytes.length + 8) + misalignment;
  m.write(p, bytes);
  return p;
}

/** A state of the primitive `name`, whose size the program knows. */
export function stateOf(m: Instance, name: string): number {
  return m.alloc(m.call(`${name}StateSize`));
}

/** Calls a function whose last argument is where it writes n bytes, and gives those. */
export function output(m: Instance, n: number, name: string, ...args: number[]): Buffer {
  const out = m.alloc(n);
  m.call(name, ...args, out);
  return Buffer.from(m.read(out, n));
}
