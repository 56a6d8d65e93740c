// Numbers as big-endian bytes, as scalars travel: comparing and subtracting them in constant time.
//
// CT: nothing leaks but the length.

import { Choice, isZeroBytes, not } from "../base/ct";

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

/** 1 where 0 < k < order, both of n bytes. */
export function isInRange(k: usize, order: usize, n: i32): Choice {
  return isLessBytes(k, order, n) & not(isZeroBytes(k, n));
}
