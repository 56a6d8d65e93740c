// A module as it goes onto a device: without what only people read. wasm3 copies the names of all
// functions into RAM, and a device has no use for them.

import { UserError } from "./exec.ts";

const HEADER = 8;
const CUSTOM = 0;

/** Without custom sections. The addresses of code stay: custom sections follow it. */
export function stripWasm(wasm: Uint8Array): Uint8Array {
  const kept = [wasm.subarray(0, HEADER)];
  for (let at = HEADER; at < wasm.length;) {
    const { value: size, next } = leb(wasm, at + 1);
    const end = next + size;
    if (end > wasm.length) throw new UserError("the module is cut off");
    if (wasm[at] !== CUSTOM) kept.push(wasm.subarray(at, end));
    at = end;
  }
  return Buffer.concat(kept);
}

function leb(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = bytes[at++];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return { value, next: at };
  }
  throw new UserError("the module has a damaged section");
}
