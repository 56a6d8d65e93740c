// Precomputed tables of signed digits of 13 bits, in 16 bits each: half the memory of limbs in use
// (limbs.ts), and half the loads where a secret index demands that all of the table be read. They
// are the same for limbs of either width. A table is 4-aligned.
//
// CT: the index does not leak; sizes do.

import { isEqual } from "../base/ct";
import * as scratch from "../base/scratch";
import { LIMB_BITS, pickWordsIf } from "./limbs";

/**
 * out = the limbs of entry `index`, or zeros where there is none, of `entries` entries that have
 * `digits` digits each, a multiple of ten.
 */
export function chooseEntry(
  out: usize, table: usize, entries: i32, digits: i32, index: u32,
): void {
  const frame = scratch.mark();
  const size = digits << 1;
  const packed = scratch.take(size);
  memory.fill(packed, 0, size);
  for (let j = 0; j < entries; j++) {
    pickWordsIf(isEqual(index, j), packed, table, digits >> 1);
    table += size;
  }
  unpackEntry(out, packed, size);
  scratch.release(frame);
}

/** Two digits of a word at a time, the lower half first: two limbs, or a wide one. */
function unpackEntry(out: usize, packed: usize, size: i32): void {
  for (const end = packed + size; packed < end; packed += 4) {
    const pair = load<i32>(packed);
    const low = (pair << 16) >> 16, high = pair >> 16;
    if (LIMB_BITS == 13) {
      store<Limb>(out, low);
      store<Limb>(out, high, 4);
    } else {
      store<Limb>(out, low + (high << 13));
    }
    out += 8;
  }
}
