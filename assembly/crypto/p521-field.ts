// The field of P-521, p = 2^521 - 1 (SP 800-186, 3.2.1.5), on 520 bits of signed limbs, of
// which the last is one bit wider. In Montgomery form, R = 2^520, which is 1/2: what stands for a
// is a / 2, and the product of two is 2 a b, whose upper columns need no shift then,
//
//   2 (low + 2^520 high) = 2 low + high     mod p
//
// Values: |a| < p in tight elements, which have |limb| <= 2^12 + 2^6, the last 2^13 + 2^6. There is
// no room for loose ones: a column of 2 low + high is at most 84 (2^12 + 2^6)^2 < 2^31 - 2^29.
// CT: nothing here leaks values, but isZero's result is the caller's to keep.

import { Choice } from "../base/ct";
import * as scratch from "../base/scratch";
import {
  LIMB_BITS, LIMB_BYTES, addLimbs, carryLimb, carryOf, columns, isZeroLimbs, limb, multiplyLimbs,
  put, squareLimbs, unpackLimbs,
} from "./limbs";
import { canonicalNat, natToBytes, signOfNat } from "./nat";

export const LIMBS: i32 = 520 / LIMB_BITS;
const SIZE: i32 = 66;

/** Bytes of an element, 8-aligned. */
export const FE_SIZE: i32 = LIMB_BYTES * LIMBS;

/** Limbs that are multiplied at once, and their bytes. */
const HALF: i32 = LIMBS / 2;
const HALF_BYTES: i32 = LIMB_BYTES * HALF;
/** Bytes of five limbs. */
const FIVE: i32 = 5 * LIMB_BYTES;
const LAST: i32 = LIMBS - 1;
/** Bits of the last limb. */
const TOP_BITS: i32 = LIMB_BITS + 1;
/** Limbs of a number that is written out: the last one's extra bit has its own. */
const PLAIN_LIMBS: i32 = LIMBS + 1;

/** out = a b, tight, for tight a and b; out may be a or b. */
export function multiply(out: usize, a: usize, b: usize): void {
  const frame = scratch.mark();
  const parts = scratch.take(FE_SIZE);
  const sum = scratch.take(FE_SIZE);
  const sums = scratch.take(2 * HALF_BYTES);
  multiplyLimbs(a, b, HALF);
  beginWithLow(sum, parts);
  multiplyLimbs(a + HALF_BYTES, b + HALF_BYTES, HALF);
  addHigh(sum, parts);
  addLimbs(sums, a, a + HALF_BYTES, HALF);
  addLimbs(sums + HALF_BYTES, b, b + HALF_BYTES, HALF);
  multiplyLimbs(sums, sums + HALF_BYTES, HALF);
  reduceColumns(out, sum, parts);
  scratch.release(frame);
}

/** out = a^2, tight, for tight a; out may be a. */
export function square(out: usize, a: usize): void {
  const frame = scratch.mark();
  const parts = scratch.take(FE_SIZE);
  const sum = scratch.take(FE_SIZE);
  const sums = scratch.take(HALF_BYTES);
  squareLimbs(a, HALF);
  beginWithLow(sum, parts);
  squareLimbs(a + HALF_BYTES, HALF);
  addHigh(sum, parts);
  addLimbs(sums, a, a + HALF_BYTES, HALF);
  squareLimbs(sums, HALF);
  reduceColumns(out, sum, parts);
  scratch.release(frame);
}

/** out = x a + y b, tight, for |x| + |y| <= 16; out may be a or b. */
export function combine(out: usize, a: usize, x: i32, b: usize, y: i32): void {
  // The multiple of 2^521 to take off, from the last limb alone; it enters again as one of 1.
  const last = x * limb(a, LAST) + y * limb(b, LAST);
  const h = (last + (1 << (TOP_BITS - 1))) >> TOP_BITS;
  let carry: Limb = h;
  for (const end = out + FE_SIZE - FIVE; out < end; out += FIVE, a += FIVE, b += FIVE) {
    carry = carryLimb(out, 0, x * limb(a, 0) + y * limb(b, 0), carry);
    carry = carryLimb(out, 1, x * limb(a, 1) + y * limb(b, 1), carry);
    carry = carryLimb(out, 2, x * limb(a, 2) + y * limb(b, 2), carry);
    carry = carryLimb(out, 3, x * limb(a, 3) + y * limb(b, 3), carry);
    carry = carryLimb(out, 4, x * limb(a, 4) + y * limb(b, 4), carry);
  }
  carry = carryLimb(out, 0, x * limb(a, 0) + y * limb(b, 0), carry);
  carry = carryLimb(out, 1, x * limb(a, 1) + y * limb(b, 1), carry);
  carry = carryLimb(out, 2, x * limb(a, 2) + y * limb(b, 2), carry);
  carry = carryLimb(out, 3, x * limb(a, 3) + y * limb(b, 3), carry);
  put(out, 4, last + carry - (h << TOP_BITS));
}

/** out = 1, in Montgomery form: 2^520. */
export function setOne(out: usize): void {
  memory.fill(out, 0, FE_SIZE);
  put(out, LAST, 1 << LIMB_BITS);
}

/** out = the 66 big-endian bytes at p, mod p, tight. */
export function fromBytes(out: usize, p: usize): void {
  unpackLimbs(out, LIMBS, p + SIZE - 1, -1, SIZE);
  const lowest = limb(out, 0);
  const top = limb(out, LAST) | (<Limb>load<u8>(p) << LIMB_BITS);
  put(out, LAST, top);
  // Halved: each limb's lowest bit goes to the one below, and the number's to 2^520.
  for (let i = 0; i < LAST; i++) {
    put(out, i, (limb(out, i) >> 1) | ((limb(out, i + 1) & 1) << (LIMB_BITS - 1)));
  }
  put(out, LAST, (top >> 1) + ((lowest & 1) << LIMB_BITS));
  combine(out, out, 1, out, 0);
}

/** The 66 big-endian bytes of a (tight), completely reduced. */
export function toBytes(p: usize, a: usize): void {
  const frame = scratch.mark();
  const t = scratch.take(LIMB_BYTES * PLAIN_LIMBS);
  combine(t, a, 2, a, 0);
  makePlain(t);
  natToBytes(p, SIZE, t);
  scratch.release(frame);
}

/** 1 where a (tight) is 0 mod p. */
export function isZero(a: usize): Choice {
  const frame = scratch.mark();
  const t = scratch.take(LIMB_BYTES * PLAIN_LIMBS);
  memory.copy(t, a, FE_SIZE);
  makePlain(t);
  const zero = isZeroLimbs(t, PLAIN_LIMBS);
  scratch.release(frame);
  return zero;
}

/** out = 1 / a, and 0 for 0: a^(p - 2) by Fermat; out may be a. */
export function invert(out: usize, a: usize): void {
  const frame = scratch.mark();
  const x7 = scratch.take(FE_SIZE); // xN is a^(2^N - 1)
  const t = scratch.take(FE_SIZE);
  squareMultiply(t, a, 1, a); //  x2
  squareMultiply(t, t, 1, a); //  x3
  squareMultiply(t, t, 3, t); //  x6
  squareMultiply(x7, t, 1, a);
  squareMultiply(t, x7, 1, a); // x8
  for (let n = 8; n < 512; n *= 2) squareMultiply(t, t, n, t);
  squareMultiply(t, t, 7, x7); // x519
  squareMultiply(out, t, 2, a); // p - 2: 519 ones, 01
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

/** t = t mod p, not negative, in PLAIN_LIMBS canonical limbs, for |t| < p in LIMBS of them. */
function makePlain(t: usize): void {
  put(t, LIMBS, 0);
  const negative = signOfNat(t, PLAIN_LIMBS);
  put(t, 0, limb(t, 0) + negative); // p = 2 2^520 - 1
  put(t, LIMBS, -2 * negative);
  canonicalNat(t, PLAIN_LIMBS);
}

/** parts = low, sum = 2 low, for the product of lower halves that stands in columns. */
function beginWithLow(sum: usize, parts: usize): void {
  const end = columns + FE_SIZE;
  for (let c = columns; c < end; c += FIVE, parts += FIVE, sum += FIVE) {
    beginAt(sum, parts, c, 0);
    beginAt(sum, parts, c, 1);
    beginAt(sum, parts, c, 2);
    beginAt(sum, parts, c, 3);
    beginAt(sum, parts, c, 4);
  }
}

// @ts-ignore: decorator
@inline
function beginAt(sum: usize, parts: usize, c: usize, i: i32): void {
  const low = limb(c, i);
  put(parts, i, low);
  put(sum, i, low + low);
}

/** parts += high, sum += high, for the product of upper halves that stands in columns. */
function addHigh(sum: usize, parts: usize): void {
  addLimbs(sum, sum, columns, LIMBS);
  addLimbs(parts, parts, columns, LIMBS);
}

/**
 * out = sum and what the cross product in columns, less parts, adds half-way: its upper half to
 * the lower limbs, and twice its lower half to the upper ones. Wraps but for what is carried.
 */
function reduceColumns(out: usize, sum: usize, parts: usize): void {
  let carry = crossFive(out, sum, parts, 0, 0);
  carry = crossFive(out, sum, parts, 5, carry);
  carry = crossFive(out, sum, parts, 10, carry);
  if (LIMBS == 40) {
    carry = crossFive(out, sum, parts, 15, carry);
    carry = crossFive(out, sum, parts, 20, carry);
    carry = crossFive(out, sum, parts, 25, carry);
    carry = crossFive(out, sum, parts, 30, carry);
  }
  carry = carryLimb(out, LIMBS - 5, crossAt(sum, parts, LIMBS - 5), carry);
  carry = carryLimb(out, LIMBS - 4, crossAt(sum, parts, LIMBS - 4), carry);
  carry = carryLimb(out, LIMBS - 3, crossAt(sum, parts, LIMBS - 3), carry);
  carry = carryLimb(out, LIMBS - 2, crossAt(sum, parts, LIMBS - 2), carry);
  const last = crossAt(sum, parts, LAST) + carry;
  const h = (last + (1 << (TOP_BITS - 1))) >> TOP_BITS;
  put(out, LAST, last - (h << TOP_BITS));
  const lowest = limb(out, 0) + h; // 2^521 = 1
  carry = carryOf(lowest);
  put(out, 0, lowest - (carry << LIMB_BITS));
  put(out, 1, limb(out, 1) + carry);
}

// @ts-ignore: decorator
@inline
function crossFive(out: usize, sum: usize, parts: usize, i: i32, carry: Limb): Limb {
  carry = carryLimb(out, i, crossAt(sum, parts, i), carry);
  carry = carryLimb(out, i + 1, crossAt(sum, parts, i + 1), carry);
  carry = carryLimb(out, i + 2, crossAt(sum, parts, i + 2), carry);
  carry = carryLimb(out, i + 3, crossAt(sum, parts, i + 3), carry);
  return carryLimb(out, i + 4, crossAt(sum, parts, i + 4), carry);
}

// @ts-ignore: decorator
@inline
function crossAt(sum: usize, parts: usize, i: i32): Limb {
  if (i < HALF) return limb(sum, i) + limb(columns, i + HALF) - limb(parts, i + HALF);
  return limb(sum, i) + 2 * (limb(columns, i - HALF) - limb(parts, i - HALF));
}
