// The two looks at a decrypted CBC record that must not show what they see (Lucky 13): whether its
// padding is right, and the MAC at a place that only the padding's length tells.

import { Choice, isEqual, isLess, isZero, mask, not, select } from "../base/ct";
import * as scratch from "../base/scratch";

/** The longest MAC: SHA-384's. */
const MAC_MAX: i32 = 48;

/**
 * 1 where the last byte of the n at p is at most `most` - 1, and as many bytes in front of it are
 * the same. CT: addresses, n and most leak.
 */
export function checkPadding(p: usize, n: i32, most: i32): Choice {
  const last = p + n - 1;
  const length: u32 = load<u8>(last);
  let wrong: u32 = isLess(most - 1, length);
  for (let i = 1; i < most; i++) {
    const isPadding = isLess(i - 1, length);
    wrong |= (load<u8>(last - i) ^ length) & mask(isPadding);
  }
  return isZero(wrong);
}

/**
 * Copies `size` bytes from p + place to out, where place is a secret from 0 to `most`; size is at
 * most 48 and public. All size + most bytes are read, and kept in a ring where they are wanted;
 * then the ring is turned to its beginning. CT: addresses, most and size leak.
 */
export function extractSecretPlace(out: usize, p: usize, place: i32, most: i32, size: i32): void {
  const frame = scratch.mark();
  const turned = scratch.take(MAC_MAX);
  memory.fill(out, 0, size);
  let beginning: u32 = 0;
  let slot = 0;
  for (let i = 0; i < most + size; i++) {
    const isWanted = not(isLess(i, place)) & isLess(i, place + size);
    beginning |= slot & mask(isEqual(i, place));
    store<u8>(out + slot, load<u8>(out + slot) | (load<u8>(p + i) & mask(isWanted)));
    slot = slot + 1 == size ? 0 : slot + 1; // public
  }
  for (let bit = 0; 1 << bit < size; bit++) {
    turn(turned, out, 1 << bit, size, (beginning >>> bit) & 1);
    memory.copy(out, turned, size);
  }
  scratch.release(frame);
}

/** to = from, its beginning `by` places on where `on` is 1. */
function turn(to: usize, from: usize, by: i32, size: i32, on: Choice): void {
  for (let i = 0; i < size; i++) {
    const other = i + by < size ? i + by : i + by - size; // public
    store<u8>(to + i, select(on, load<u8>(from + other), load<u8>(from + i)));
  }
}
