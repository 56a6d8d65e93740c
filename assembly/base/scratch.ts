// Working memory of the primitives and parsers: one region, used as a stack of frames.
//
//   const frame = scratch.mark();
//   const product = scratch.take(64);      // 8-byte aligned, not zeroed
//   ...
//   scratch.release(frame);                // wipes what was taken since mark
//
// Nothing inside a primitive allocates; its need is a sum of takes that tests read as a high-water
// mark. A frame is released by the function that marked it, on every path: a function with several
// exits has a body function of its own. Running out is a bug of ours (need does not depend on the
// peer), therefore a trap.

import { wipe } from "./bytes";

/** Bytes for the deepest use; tests/base/scratch.test.ts holds the highest mark seen against it. */
export const SCRATCH_SIZE: i32 = 10752;

const region: usize = memory.data(SCRATCH_SIZE, 16);
let used: i32 = 0;
let highest: i32 = 0;

/** Begins a frame. */
export function mark(): i32 {
  return used;
}

/** n bytes, aligned to 8, contents undefined, valid until the frame is released. */
export function take(n: i32): usize {
  const at = used;
  used += (n + 7) & ~7;
  if (used > SCRATCH_SIZE) unreachable();
  if (used > highest) highest = used;
  return region + at;
}

/** Ends a frame: everything taken since `frame` is wiped and given back. */
export function release(frame: i32): void {
  wipe(region + frame, used - frame);
  used = frame;
}

/** The most bytes in use at once since the start. */
export function peak(): i32 {
  return highest;
}
