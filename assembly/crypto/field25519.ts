// The field of 2^255 - 19 (RFC 7748, 4.1) on 260 bits of signed limbs; see limbs.ts for what
// tight and loose mean. An element's value may be any number congruent to it below 2^260; only
// toBytes reduces completely. Limb widths are this file's business: callers see FE_SIZE bytes.
//
// CT: nothing here leaks values.

import { Choice } from "../base/ct";
import * as scratch from "../base/scratch";
import {
  LIMB_BITS, LIMB_BYTES, LIMB_MASK, canonicalLimbs, carryLimb, columns, limb, multiplyLimbs,
  negateLimbsIf, packLimbs, put, squareLimbs, swapWordsIf, unpackLimbs,
} from "./limbs";
import { BLOCK_BYTES, addBlock, subtractBlock } from "./limbs-block";

const LIMBS: i32 = 260 / LIMB_BITS;

/** Bytes of an element, 8-aligned. */
export const FE_SIZE: i32 = LIMB_BYTES * LIMBS;
/** Bytes of a number as toBytes gives it. */
export const BYTES_SIZE: i32 = 32;

/** 2^260 mod p: what a unit beyond the last limb is worth in the first. */
const WRAP: Limb = 19 << 5;

/** The same in memory: compilers would make four shifts and additions of one multiplication. */
const wrapFactor: usize = memory.data<Limb>([WRAP]);

/** Bits of the last limb below 2^255. */
const TOP_BITS: i32 = 255 - LIMB_BITS * (LIMBS - 1);

const prime: usize = LIMB_BITS == 13
  ? memory.data<Limb>([
    8173, 8191, 8191, 8191, 8191, 8191, 8191, 8191, 8191, 8191,
    8191, 8191, 8191, 8191, 8191, 8191, 8191, 8191, 8191, 255,
  ])
  : memory.data<Limb>([
    0x3ffffed, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff,
    0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x1fffff,
  ]);

/** out = a + b, loose, for tight a and b. */
export function add(out: usize, a: usize, b: usize): void {
  addBlock(out, a, b);
  addBlock(out + BLOCK_BYTES, a + BLOCK_BYTES, b + BLOCK_BYTES);
}

/** out = a - b, loose, for tight a and b. */
export function subtract(out: usize, a: usize, b: usize): void {
  subtractBlock(out, a, b);
  subtractBlock(out + BLOCK_BYTES, a + BLOCK_BYTES, b + BLOCK_BYTES);
}

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

/** out = a^(2^count); out may be a. */
export function squareTimes(out: usize, a: usize, count: i32): void {
  square(out, a);
  while (--count > 0) square(out, out);
}

/** out = a + k b, tight, for loose a and b and 0 <= k < 2^17. */
export function addMultiple(out: usize, a: usize, b: usize, k: i32): void {
  wrapCarry(out, addMultipleCarry(out, a, b, k, 0));
}

/** out = the small number v. */
export function set(out: usize, v: i32): void {
  memory.fill(out, 0, FE_SIZE);
  store<Limb>(out, v);
}

/** Exchanges a and b where on is 1. */
export function swapIf(on: Choice, a: usize, b: usize): void {
  swapWordsIf(on, a, b, FE_SIZE >> 2);
}

/** a = -a where on is 1. */
export function negateIf(on: Choice, a: usize): void {
  negateLimbsIf(on, a, LIMBS);
}

/** out = the 32 little-endian bytes at p without their top bit (RFC 7748, 5), tight. */
export function fromBytes(out: usize, p: usize): void {
  unpackLimbs(out, LIMBS, p, 1, BYTES_SIZE);
  const last = out + LIMB_BYTES * (LIMBS - 1);
  store<Limb>(last, load<Limb>(last) & ((1 << TOP_BITS) - 1));
  addMultiple(out, out, out, 0);
}

/** The 32 little-endian bytes of a (loose), completely reduced. */
export function toBytes(p: usize, a: usize): void {
  const frame = scratch.mark();
  const t = scratch.take(FE_SIZE);
  // Takes the nearest multiple of 2^255 off, so that |t| < p, as canonicalLimbs wants it.
  const multiple = (load<Limb>(a, LIMB_BYTES * (LIMBS - 1)) + (1 << (TOP_BITS - 1))) >> TOP_BITS;
  addMultipleCarry(t, a, a, 0, 19 * multiple);
  const last = t + LIMB_BYTES * (LIMBS - 1);
  store<Limb>(last, load<Limb>(last) - (multiple << TOP_BITS));
  canonicalLimbs(t, prime, LIMBS);
  packLimbs(p, 1, BYTES_SIZE, columns);
  scratch.release(frame);
}

/** out = 1 / a, and 0 for 0: a^(p - 2) by Fermat, p - 2 = 2^255 - 21. out may be a. */
export function invert(out: usize, a: usize): void {
  const frame = scratch.mark();
  const a11 = scratch.take(FE_SIZE);
  const x250 = scratch.take(FE_SIZE);
  power250(x250, a11, a);
  squareMultiply(out, x250, 5, a11);
  scratch.release(frame);
}

/** out = a^((p - 5) / 8), which square roots need (RFC 8032, 5.1.3): 2^252 - 3. out may be a. */
export function powerForRoot(out: usize, a: usize): void {
  const frame = scratch.mark();
  const a11 = scratch.take(FE_SIZE);
  const x250 = scratch.take(FE_SIZE);
  power250(x250, a11, a);
  squareMultiply(out, x250, 2, a);
  scratch.release(frame);
}

/** out = a^(2^250 - 1) and a11 = a^11, which are not a. */
function power250(out: usize, a11: usize, a: usize): void {
  const frame = scratch.mark();
  const x5 = scratch.take(FE_SIZE); // xN is a^(2^N - 1)
  const x10 = scratch.take(FE_SIZE);
  const x50 = scratch.take(FE_SIZE);
  square(out, a);
  squareTimes(x5, out, 2);
  multiply(x5, x5, a); // a^9
  multiply(a11, x5, out);
  square(out, a11);
  multiply(x5, out, x5);
  squareMultiply(x10, x5, 5, x5);
  squareMultiply(out, x10, 10, x10);
  squareMultiply(out, out, 20, out);
  squareMultiply(x50, out, 10, x10);
  squareMultiply(out, x50, 50, x50);
  squareMultiply(out, out, 100, out);
  squareMultiply(out, out, 50, x50);
  scratch.release(frame);
}

/** out = a^(2^count) b; out may be a or b. */
function squareMultiply(out: usize, a: usize, count: i32, b: usize): void {
  const frame = scratch.mark();
  const t = scratch.take(FE_SIZE);
  squareTimes(t, a, count);
  multiply(out, t, b);
  scratch.release(frame);
}

/** out = a + k b + carry, tight; gives the carry out. */
function addMultipleCarry(out: usize, a: usize, b: usize, k: i32, carry: Limb): Limb {
  carry = addMultipleFive(out, a, b, k, 0, carry);
  if (LIMBS == 10) return addMultipleFive(out, a, b, k, 5, carry);
  carry = addMultipleFive(out, a, b, k, 5, carry);
  carry = addMultipleFive(out, a, b, k, 10, carry);
  return addMultipleFive(out, a, b, k, 15, carry);
}

// @ts-ignore: decorator
@inline
function addMultipleFive(out: usize, a: usize, b: usize, k: i32, i: i32, carry: Limb): Limb {
  carry = carryLimb(out, i, limb(a, i) + k * limb(b, i), carry);
  carry = carryLimb(out, i + 1, limb(a, i + 1) + k * limb(b, i + 1), carry);
  carry = carryLimb(out, i + 2, limb(a, i + 2) + k * limb(b, i + 2), carry);
  carry = carryLimb(out, i + 3, limb(a, i + 3) + k * limb(b, i + 3), carry);
  return carryLimb(out, i + 4, limb(a, i + 4) + k * limb(b, i + 4), carry);
}

/**
 * out = the columns mod p. The upper half is carried into digits while it is folded onto the lower
 * one, from the last lower column on, so that the carry out of the lower half, which wraps a second
 * time, is already small. Digits that only pass through a product need not be signed:
 * 0 ... LIMB_MASK costs less.
 */
function reduceColumns(out: usize): void {
  const middle = limb(columns, LIMBS - 1);
  put(columns, LIMBS - 1, middle & LIMB_MASK);
  put(columns, LIMBS, limb(columns, LIMBS) + (middle >> LIMB_BITS));
  put(columns, 2 * LIMBS, 0);
  let carry = foldTen(out, columns, 0);
  if (LIMBS == 20) carry = foldTen(out + BLOCK_BYTES, columns + BLOCK_BYTES, carry);
  wrapCarry(out, carry + WRAP * limb(columns, 2 * LIMBS));
}

/**
 * Ten limbs of out from those at c and the columns that wrap onto them, whose carry goes to the
 * column behind them.
 */
function foldTen(out: usize, c: usize, carry: Limb): Limb {
  const wrap = load<Limb>(wrapFactor);
  let t = limb(c, LIMBS);
  carry = fold(out, c, 0, t, wrap, carry);
  t = upperColumn(c, 1, t), carry = fold(out, c, 1, t, wrap, carry);
  t = upperColumn(c, 2, t), carry = fold(out, c, 2, t, wrap, carry);
  t = upperColumn(c, 3, t), carry = fold(out, c, 3, t, wrap, carry);
  t = upperColumn(c, 4, t), carry = fold(out, c, 4, t, wrap, carry);
  t = upperColumn(c, 5, t), carry = fold(out, c, 5, t, wrap, carry);
  t = upperColumn(c, 6, t), carry = fold(out, c, 6, t, wrap, carry);
  t = upperColumn(c, 7, t), carry = fold(out, c, 7, t, wrap, carry);
  t = upperColumn(c, 8, t), carry = fold(out, c, 8, t, wrap, carry);
  t = upperColumn(c, 9, t), carry = fold(out, c, 9, t, wrap, carry);
  put(c, LIMBS + 10, limb(c, LIMBS + 10) + (t >> LIMB_BITS));
  return carry;
}

/** The column that wraps onto c[i], with the carry of the one before. */
// @ts-ignore: decorator
@inline
function upperColumn(c: usize, i: i32, before: Limb): Limb {
  return limb(c, LIMBS + i) + (before >> LIMB_BITS);
}

/** out[i] from c[i] and the digit in t, carried; gives the carry. */
// @ts-ignore: decorator
@inline
function fold(out: usize, c: usize, i: i32, t: Limb, wrap: Limb, carry: Limb): Limb {
  return carryLimb(out, i, limb(c, i) + wrap * (t & LIMB_MASK), carry);
}

/** Adds a carry of weight 2^260 to out at its bottom, and carries twice: what then remains is 1. */
function wrapCarry(out: usize, carry: Limb): void {
  carry = carryLimb(out, 0, limb(out, 0), WRAP * carry);
  carry = carryLimb(out, 1, limb(out, 1), carry);
  put(out, 2, limb(out, 2) + carry);
}
