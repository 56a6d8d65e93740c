// Handles: what the bridge and apps hold instead of addresses. A handle names a slot and the
// generation of what is in it, so that a handle that was freed never becomes another connection's.
//
//   | 0 | generation 25 | kind 1 | slot 5 |        always positive; generation 0 is not used

import { Misuse, misuse } from "../base/err";

const SLOT_BITS: i32 = 5;
const SLOTS: i32 = 1 << SLOT_BITS;
const ENTRY: i32 = 8; // address: u32, generation: u32
const GENERATIONS: u32 = (1 << 25) - 1;

export namespace Kind {
  export const CONTEXT: i32 = 0;
  export const CONNECTION: i32 = 1;
}

const entries: usize = memory.data(2 * SLOTS * ENTRY, 8);

// @ts-ignore: decorator
@inline
function entryAt(index: i32): usize {
  return entries + index * ENTRY;
}

/** A handle for the record, or misuse(TOO_MANY). */
export function put(kind: i32, record: usize): i32 {
  const first = kind << SLOT_BITS;
  for (let index = first; index < first + SLOTS; index++) {
    const entry = entryAt(index);
    if (load<u32>(entry) != 0) continue;
    const generation = (load<u32>(entry, 4) % GENERATIONS) + 1;
    store<u32>(entry, <u32>record);
    store<u32>(entry, generation, 4);
    return <i32>((generation << (SLOT_BITS + 1)) | index);
  }
  return misuse(Misuse.TOO_MANY);
}

/** The record of a handle; 0 where it was freed, is of another kind or never was one. */
export function find(kind: i32, handle: i32): usize {
  const index = handle & (2 * SLOTS - 1);
  const generation = <u32>handle >>> (SLOT_BITS + 1);
  const entry = entryAt(index);
  if (handle <= 0 || index >> SLOT_BITS != kind) return 0;
  return generation == load<u32>(entry, 4) ? <usize>load<u32>(entry) : 0;
}

/** Forgets the handle, which find() has found. */
export function drop(handle: i32): void {
  store<u32>(entryAt(handle & (2 * SLOTS - 1)), 0);
}
