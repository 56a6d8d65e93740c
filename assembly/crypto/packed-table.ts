// Precomputed tables of limbs (limbs13.ts), 16 bits each: half the memory of limbs in use, and half
// the loads where a secret index demands that all of the table be read. A table is 4-aligned.
//
// CT: the index does not leak; sizes do.

import { isEqual } from "../base/ct";
import * as scratch from "../base/scratch";
import { pickWordsIf } from "./limbs13";

/**
 * out = the limbs of entry `index`, or zeros where there is none, of `entries` entries that have
 * `limbs` limbs each, a multiple of ten.
 */
export function chooseEntry(
  out: usize, table: usize, entries: i32, limbs: i32, index: u32,
): void {
  const frame = scratch.mark();
  const size = limbs << 1;
  const packed = scratch.take(size);
  memory.fill(packed, 0, size);
  for (let j = 0; j < entries; j++) {
    pickWordsIf(isEqual(index, j), packed, table, limbs >> 1);
    table += size;
  }
  unpackEntry(out, packed, size);
  scratch.release(frame);
}

/** Two limbs of a word at a time, the lower half first. */
function unpackEntry(out: usize, packed: usize, size: i32): void {
  for (const end = packed + size; packed < end; packed += 4) {
    const pair = load<i32>(packed);
    store<i32>(out, (pair << 16) >> 16);
    store<i32>(out, pair >> 16, 4);
    out += 8;
  }
}
