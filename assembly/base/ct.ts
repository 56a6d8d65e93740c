// Constant-time decisions. A Choice is 0 or 1 and never reaches an `if`, `?:`, `&&`, `||`, a
// division or an index: it becomes a mask of 32 equal bits, and both outcomes are computed.
//
// CT: nothing here leaks its arguments' values; lengths are public. Checked on the release wasm by
// tests/constant-time.test.ts, which also feeds it functions that must be caught.

export type Choice = u32;

/** 0 -> 0x00000000, 1 -> 0xffffffff. */
// @ts-ignore: decorator
@inline
export function mask(on: Choice): u32 {
  return 0 - on;
}

/** on ? a : b. */
// @ts-ignore: decorator
@inline
export function select(on: Choice, a: u32, b: u32): u32 {
  return b ^ (mask(on) & (a ^ b));
}

// @ts-ignore: decorator
@inline
export function not(on: Choice): Choice {
  return on ^ 1;
}

/** 1 where x != 0: x | -x has its top bit set for everything but zero. */
// @ts-ignore: decorator
@inline
export function isNonZero(x: u32): Choice {
  return (x | (0 - x)) >>> 31;
}

// @ts-ignore: decorator
@inline
export function isZero(x: u32): Choice {
  return isNonZero(x) ^ 1;
}

// @ts-ignore: decorator
@inline
export function isEqual(a: u32, b: u32): Choice {
  return isZero(a ^ b);
}

/** 1 where a < b, unsigned: the borrow of a - b, from the identity of Hacker's Delight, 2-12. */
// @ts-ignore: decorator
@inline
export function isLess(a: u32, b: u32): Choice {
  return ((~a & b) | ((~a | b) & (a - b))) >>> 31;
}

/** 1 where the n bytes at a and at b are the same. CT: n leaks. */
export function equalBytes(a: usize, b: usize, n: i32): Choice {
  let difference: u32 = 0;
  for (let i = 0; i < n; i++) difference |= load<u8>(a + i) ^ load<u8>(b + i);
  return isZero(difference);
}

/** 1 where the n bytes at p are all zero. CT: n leaks. */
export function isZeroBytes(p: usize, n: i32): Choice {
  let any: u32 = 0;
  for (let i = 0; i < n; i++) any |= load<u8>(p + i);
  return isZero(any);
}

/**
 * Copies n bytes from `from` to `to` where on is 1, else rewrites `to` with itself. CT: n leaks.
 */
export function copyBytesIf(on: Choice, to: usize, from: usize, n: i32): void {
  const m = mask(on);
  for (let i = 0; i < n; i++) {
    const old: u32 = load<u8>(to + i);
    store<u8>(to + i, old ^ (m & (old ^ load<u8>(from + i))));
  }
}

/** Clears n bytes where on is 1. CT: n leaks. */
export function zeroBytesIf(on: Choice, p: usize, n: i32): void {
  const keep = mask(on ^ 1);
  for (let i = 0; i < n; i++) store<u8>(p + i, load<u8>(p + i) & keep);
}
