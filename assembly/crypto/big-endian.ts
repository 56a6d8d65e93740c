// Numbers as big-endian bytes, as scalars travel: comparing, adding and halving in constant time.
//
// CT: nothing leaks but the length.

import { Choice, isZeroBytes, mask, not } from "../base/ct";

/** 1 where a < b, both of n bytes. */
export function isLessBytes(a: usize, b: usize, n: i32): Choice {
  let borrow: i32 = 0;
  for (let i = n - 1; i >= 0; i--) {
    borrow = (<i32>load<u8>(a + i) - <i32>load<u8>(b + i) + borrow) >> 8;
  }
  return <u32>borrow & 1;
}

/** out = a - b mod 2^(8 n); out may be a or b. */
export function subtractBytes(out: usize, a: usize, b: usize, n: i32): void {
  let borrow: i32 = 0;
  for (let i = n - 1; i >= 0; i--) {
    const t = <i32>load<u8>(a + i) - <i32>load<u8>(b + i) + borrow;
    store<u8>(out + i, t);
    borrow = t >> 8;
  }
}

/** out = a + b mod 2^(8 n), and the carry out; out may be a or b. */
export function addBytes(out: usize, a: usize, b: usize, n: i32): u32 {
  let carry: u32 = 0;
  for (let i = n - 1; i >= 0; i--) {
    const t = <u32>load<u8>(a + i) + load<u8>(b + i) + carry;
    store<u8>(out + i, t);
    carry = t >> 8;
  }
  return carry;
}

/** out = a / 2, rounded down; out may be a. */
export function halveBytes(out: usize, a: usize, n: i32): void {
  let above: u32 = 0;
  for (let i = 0; i < n; i++) {
    const byte: u32 = load<u8>(a + i);
    store<u8>(out + i, (above << 7) | (byte >> 1));
    above = byte;
  }
}

/** Exchanges the n bytes at a and at b where on is 1. */
export function swapBytesIf(on: Choice, a: usize, b: usize, n: i32): void {
  const m = mask(on);
  for (let i = 0; i < n; i++) {
    const difference = m & (<u32>load<u8>(a + i) ^ load<u8>(b + i));
    store<u8>(a + i, load<u8>(a + i) ^ difference);
    store<u8>(b + i, load<u8>(b + i) ^ difference);
  }
}

/** 1 where 0 < k < order, both of n bytes. */
export function isInRange(k: usize, order: usize, n: i32): Choice {
  return isLessBytes(k, order, n) & not(isZeroBytes(k, n));
}

/** out = the n bytes at p in the other order: between this and little-endian. Do not overlap. */
export function reverseBytes(out: usize, p: usize, n: i32): void {
  for (let i = 0; i < n; i++) store<u8>(out + i, load<u8>(p + n - 1 - i));
}
