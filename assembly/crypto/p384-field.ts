// The field of P-384, p = 2^384 - 2^128 - 2^96 + 2^32 - 1 (FIPS 186-4, D.1.2; SP 800-186,
// 3.2.1), on 390 bits of signed limbs in Montgomery form, R = 2^390; see limbs.ts for tight and
// loose. Since p = -1 mod 2^26, the Montgomery factor of a limb is the limb itself, and adding that
// multiple of p takes four shifts. Limbs are this file's business: callers see FE_SIZE bytes.
//
// Values: |a| < p in tight elements; a product of loose ones stays below 0.6 p.
// CT: nothing here leaks values, but isZero's result is the caller's to keep.

import { Choice } from "../base/ct";
import * as scratch from "../base/scratch";
import {
  LIMB_BITS, LIMB_BYTES, canonicalLimbs, carryLimb, columns, isZeroLimbs, limb, multiplyLimbs,
  packLimbs, put, squareLimbs, unpackLimbs,
} from "./limbs";

export const LIMBS: i32 = 390 / LIMB_BITS;
const SIZE: i32 = 48;

/** Bytes of an element, 8-aligned. */
export const FE_SIZE: i32 = LIMB_BYTES * LIMBS;

/** Bits of the last limb below 2^384. */
const TOP_BITS: i32 = 384 - LIMB_BITS * (LIMBS - 1);

const prime: usize = LIMB_BITS == 13
  ? memory.data<Limb>([
    8191, 8191, 63, 0, 0, 0, 0, 8160, 8191, 6143,
    8191, 8191, 8191, 8191, 8191, 8191, 8191, 8191, 8191, 8191,
    8191, 8191, 8191, 8191, 8191, 8191, 8191, 8191, 8191, 127,
  ])
  : memory.data<Limb>([
    0x3ffffff, 0x3f, 0x0, 0x3fc0000, 0x2ffffff,
    0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0xfffff,
  ]);

/** R^2 mod p: the factor that brings a number into Montgomery form. */
const rSquared: usize = LIMB_BITS == 13
  ? memory.data<Limb>([
    4096, 0, 0, 8128, 8191, 2047, 0, 0, 32, 0,
    0, 0, 0, 8176, 8191, 511, 0, 0, 8, 0,
    256, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  ])
  : memory.data<Limb>([
    0x1000, 0x3f80000, 0xffffff, 0x0, 0x20,
    0x0, 0x3fe0000, 0x3fffff, 0x0, 0x8,
    0x100, 0x0, 0x0, 0x0, 0x0,
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
  const last = x * limb(a, LIMBS - 1) + y * limb(b, LIMBS - 1);
  const h = (last + (1 << (TOP_BITS - 1))) >> TOP_BITS;
  let carry = combineFive(out, a, x, b, y, h, 0, h);
  carry = combineFive(out, a, x, b, y, h, 5, carry);
  if (LIMBS == 30) {
    carry = combineFive(out, a, x, b, y, h, 10, carry);
    carry = combineFive(out, a, x, b, y, h, 15, carry);
    carry = combineFive(out, a, x, b, y, h, 20, carry);
  }
  carry = combineLimb(out, a, x, b, y, h, LIMBS - 5, carry);
  carry = combineLimb(out, a, x, b, y, h, LIMBS - 4, carry);
  carry = combineLimb(out, a, x, b, y, h, LIMBS - 3, carry);
  carry = combineLimb(out, a, x, b, y, h, LIMBS - 2, carry);
  put(out, LIMBS - 1, last + carry - (h << TOP_BITS));
}

// @ts-ignore: decorator
@inline
function combineFive(
  out: usize, a: usize, x: i32, b: usize, y: i32, h: Limb, i: i32, carry: Limb,
): Limb {
  carry = combineLimb(out, a, x, b, y, h, i, carry);
  carry = combineLimb(out, a, x, b, y, h, i + 1, carry);
  carry = combineLimb(out, a, x, b, y, h, i + 2, carry);
  carry = combineLimb(out, a, x, b, y, h, i + 3, carry);
  return combineLimb(out, a, x, b, y, h, i + 4, carry);
}

/** Limb i of out = x a + y b - h p, but for the top of p; gives the carry. */
// @ts-ignore: decorator
@inline
function combineLimb(
  out: usize, a: usize, x: i32, b: usize, y: i32, h: Limb, i: i32, carry: Limb,
): Limb {
  let t = x * limb(a, i) + y * limb(b, i);
  if (i == 32 / LIMB_BITS) t -= h << (32 % LIMB_BITS);
  if (i == 96 / LIMB_BITS) t += h << (96 % LIMB_BITS);
  if (i == 128 / LIMB_BITS) t += h << (128 % LIMB_BITS);
  return carryLimb(out, i, t, carry);
}

/** out = 1, in Montgomery form. */
export function setOne(out: usize): void {
  memory.fill(out, 0, FE_SIZE);
  store<Limb>(out, 1);
  multiply(out, out, rSquared);
}

/** out = the 48 big-endian bytes at p, mod p, tight. */
export function fromBytes(out: usize, p: usize): void {
  unpackLimbs(out, LIMBS, p + SIZE - 1, -1, SIZE);
  multiply(out, out, rSquared);
}

/** The 48 big-endian bytes of a (tight), completely reduced. */
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
  const x15 = scratch.take(FE_SIZE);
  const x30 = scratch.take(FE_SIZE);
  const t = scratch.take(FE_SIZE);
  squareMultiply(x2, a, 1, a);
  squareMultiply(t, x2, 1, a); //      x3
  squareMultiply(x15, t, 3, t); //     x6
  squareMultiply(x15, x15, 6, x15); // x12
  squareMultiply(x15, x15, 3, t);
  squareMultiply(x30, x15, 15, x15);
  squareMultiply(t, x30, 30, x30); //  x60
  squareMultiply(t, t, 60, t); //      x120
  squareMultiply(t, t, 120, t); //     x240
  squareMultiply(t, t, 15, x15); //    x255
  // p - 2: 255 ones, a zero, 32 ones, 64 zeros, 30 ones, 01.
  squareMultiply(x15, x30, 2, x2); //  x32
  squareMultiply(t, t, 33, x15);
  squareMultiply(t, t, 94, x30);
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

/**
 * out = columns / R mod p: limb after limb becomes 0 by adding limb[i] 2^(b i) p, from below.
 * What a limb adds further up is fetched there, because to bring it would cost more; so the limbs
 * stay where they were.
 */
function reduceColumns(out: usize): void {
  let carry = lowerFive(0, 0);
  carry = lowerFive(5, carry);
  carry = lowerFive(10, carry);
  if (LIMBS == 30) {
    carry = lowerFive(15, carry);
    carry = lowerFive(20, carry);
    carry = lowerFive(25, carry);
  }
  reduceUpper(out, carry);
}

function reduceUpper(out: usize, carry: Limb): void {
  carry = upperFive(out, 0, carry);
  carry = upperFive(out, 5, carry);
  if (LIMBS == 30) {
    carry = upperFive(out, 10, carry);
    carry = upperFive(out, 15, carry);
    carry = upperFive(out, 20, carry);
  }
  carry = carryLimb(out, LIMBS - 5, columnAt(2 * LIMBS - 5), carry);
  carry = carryLimb(out, LIMBS - 4, columnAt(2 * LIMBS - 4), carry);
  carry = carryLimb(out, LIMBS - 3, columnAt(2 * LIMBS - 3), carry);
  carry = carryLimb(out, LIMBS - 2, columnAt(2 * LIMBS - 2), carry);
  put(out, LIMBS - 1, columnAt(2 * LIMBS - 1) + carry);
}

// @ts-ignore: decorator
@inline
function lowerFive(i: i32, carry: Limb): Limb {
  carry = carryLimb(columns, i, columnAt(i), carry);
  carry = carryLimb(columns, i + 1, columnAt(i + 1), carry);
  carry = carryLimb(columns, i + 2, columnAt(i + 2), carry);
  carry = carryLimb(columns, i + 3, columnAt(i + 3), carry);
  return carryLimb(columns, i + 4, columnAt(i + 4), carry);
}

// @ts-ignore: decorator
@inline
function upperFive(out: usize, i: i32, carry: Limb): Limb {
  carry = carryLimb(out, i, columnAt(LIMBS + i), carry);
  carry = carryLimb(out, i + 1, columnAt(LIMBS + i + 1), carry);
  carry = carryLimb(out, i + 2, columnAt(LIMBS + i + 2), carry);
  carry = carryLimb(out, i + 3, columnAt(LIMBS + i + 3), carry);
  return carryLimb(out, i + 4, columnAt(LIMBS + i + 4), carry);
}

/** Column i with what the limbs below it add there. */
// @ts-ignore: decorator
@inline
function columnAt(i: i32): Limb {
  let t = limb(columns, i);
  t += lowerAt(i, 32);
  t -= lowerAt(i, 96);
  t -= lowerAt(i, 128);
  t += lowerAt(i, 384);
  return t;
}

/** What 2^power times the lower limbs has in column i. */
// @ts-ignore: decorator
@inline
function lowerAt(i: i32, power: i32): Limb {
  return isLower(i - power / LIMB_BITS)
    ? limb(columns, i - power / LIMB_BITS) << (power % LIMB_BITS)
    : 0;
}

// @ts-ignore: decorator
@inline
function isLower(i: i32): bool { // constant
  return i >= 0 && i < LIMBS;
}
