// The field of P-256, p = 2^256 - 2^224 + 2^192 + 2^96 - 1 (FIPS 186-4, D.1.2; SP 800-186,
// 3.2.1), on 20 signed limbs of 13 bits in Montgomery form, R = 2^260; see limbs13.ts for tight and
// loose. Since p = -1 mod 2^13, the Montgomery factor of a limb is the limb itself, and adding that
// multiple of p takes four shifts. Limb widths are this file's business: callers see FE_SIZE bytes.
//
// Values: |a| < p in tight elements; a product of loose ones stays below 0.6 p.
// CT: nothing here leaks values, but isZero's result is the caller's to keep.

import { Choice } from "../base/ct";
import * as scratch from "../base/scratch";
import {
  LIMB_BITS, canonicalLimbs, carryOf, columns, combineLimbs, isZeroLimbs, multiplyLimbs, packLimbs,
  squareLimbs, unpackLimbs,
} from "./limbs13";

export const LIMBS: i32 = 20;
const SIZE: i32 = 32;

/** Bytes of an element, 8-aligned. */
export const FE_SIZE: i32 = 4 * LIMBS;

/** Bits of the last limb below 2^256. */
const TOP_BITS: i32 = 256 - LIMB_BITS * (LIMBS - 1);
const LAST: i32 = 4 * (LIMBS - 1);

const prime: usize = memory.data<i32>([
  8191, 8191, 8191, 8191, 8191, 8191, 8191, 31, 0, 0,
  0, 0, 0, 0, 1024, 0, 0, 8184, 8191, 511,
]);

/** R^2 mod p: the factor that brings a number into Montgomery form. */
const rSquared: usize = memory.data<i32>([
  768, 0, 0, 0, 0, 8064, 8191, 8191, 8187, 8191,
  8127, 8191, 8191, 8191, 8191, 8127, 8191, 2047, 1, 0,
]);

/** out = a b, tight, for loose a and b; out may be a or b. */
export function multiply(out: usize, a: usize, b: usize): void {
  multiplyLimbs(a, b, LIMBS);
  reduceColumns(out);
}

/** out = a^2, tight, for loose a; out may be a. */
export function square(out: usize, a: usize): void {
  squareLimbs(a, LIMBS);
  reduceColumns(out);
}

/** out = x a + y b, tight, |out| < 0.6 p, for |x| + |y| <= 16; out may be a or b. */
export function combine(out: usize, a: usize, x: i32, b: usize, y: i32): void {
  // The multiple of p to take off, from the last limb alone; it enters with the carries.
  const last = x * load<i32>(a, LAST) + y * load<i32>(b, LAST);
  const h = (last + (1 << (TOP_BITS - 1))) >> TOP_BITS;
  let carry = combineLimbs(out, a, x, b, y, 0, 7, h);
  carry = combineLimbs(out, a, x, b, y, 7, 14, carry - (h << 5)); //  2^96
  carry = combineLimbs(out, a, x, b, y, 14, 17, carry - (h << 10)); // 2^192
  carry = combineLimbs(out, a, x, b, y, 17, 19, carry + (h << 3)); // -2^224
  store<i32>(out, last + carry - (h << TOP_BITS), LAST);
}

/** out = 1, in Montgomery form. */
export function setOne(out: usize): void {
  memory.fill(out, 0, FE_SIZE);
  store<i32>(out, 1);
  multiply(out, out, rSquared);
}

/** out = the 32 big-endian bytes at p, mod p, tight. */
export function fromBytes(out: usize, p: usize): void {
  unpackLimbs(out, LIMBS, p + SIZE - 1, -1, SIZE);
  multiply(out, out, rSquared);
}

/** The 32 big-endian bytes of a (tight), completely reduced. */
export function toBytes(p: usize, a: usize): void {
  const frame = scratch.mark();
  const t = scratch.take(FE_SIZE);
  memory.fill(columns, 0, 2 * FE_SIZE);
  memory.copy(columns, a, FE_SIZE);
  reduceColumns(t);
  canonicalLimbs(t, prime, LIMBS);
  packLimbs(p + SIZE - 1, -1, SIZE, columns);
  scratch.release(frame);
}

/** 1 where a (tight) is 0 mod p. */
export function isZero(a: usize): Choice {
  canonicalLimbs(a, prime, LIMBS);
  return isZeroLimbs(columns, LIMBS);
}

/** out = 1 / a, and 0 for 0: a^(p - 2) by Fermat; out may be a. */
export function invert(out: usize, a: usize): void {
  const frame = scratch.mark();
  const x2 = scratch.take(FE_SIZE); // xN is a^(2^N - 1)
  const x30 = scratch.take(FE_SIZE);
  const x32 = scratch.take(FE_SIZE);
  const t = scratch.take(FE_SIZE);
  squareMultiply(x2, a, 1, a);
  squareMultiply(t, x2, 1, a); //      x3
  squareMultiply(x30, t, 3, t); //     x6
  squareMultiply(x30, x30, 6, x30); // x12
  squareMultiply(x30, x30, 3, t); //   x15
  squareMultiply(x30, x30, 15, x30);
  squareMultiply(x32, x30, 2, x2);
  // p - 2 in words of 32 bits: ffffffff 00000001 0 0 0 ffffffff ffffffff fffffffd.
  squareMultiply(t, x32, 32, a);
  squareMultiply(t, t, 128, x32);
  squareMultiply(t, t, 32, x32);
  squareMultiply(t, t, 30, x30);
  squareMultiply(out, t, 2, a);
  scratch.release(frame);
}

/** out = a^(2^count) b; out may be a or b. */
function squareMultiply(out: usize, a: usize, count: i32, b: usize): void {
  const frame = scratch.mark();
  const t = scratch.take(FE_SIZE);
  square(t, a);
  while (--count > 0) square(t, t);
  multiply(out, t, b);
  scratch.release(frame);
}

/** out = columns / R mod p: limb after limb becomes 0 by adding limb * 2^(13 i) * p, from below. */
function reduceColumns(out: usize): void {
  const middle = columns + FE_SIZE;
  let carry = 0;
  for (let c = columns; c < middle; c += 4) {
    const t = load<i32>(c) + carry;
    carry = carryOf(t);
    const w = t - (carry << LIMB_BITS);
    store<i32>(c, load<i32>(c, 4 * 7) + (w << 5), 4 * 7); //    2^96
    store<i32>(c, load<i32>(c, 4 * 14) + (w << 10), 4 * 14); // 2^192
    store<i32>(c, load<i32>(c, 4 * 17) - (w << 3), 4 * 17); // -2^224
    store<i32>(c, load<i32>(c, 4 * 19) + (w << 9), 4 * 19); //  2^256
  }
  for (let i = 0; i < LAST; i += 4) {
    const t = load<i32>(middle + i) + carry;
    carry = carryOf(t);
    store<i32>(out + i, t - (carry << LIMB_BITS));
  }
  store<i32>(out, load<i32>(middle, LAST) + carry, LAST);
}
