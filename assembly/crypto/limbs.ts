// Signed limbs: the arithmetic that the four prime fields (2^255 - 19, P-256, P-384, P-521) and
// moduli of any size have in common. n limbs of b bits are worth the sum of limb[i] 2^(b i).
//
// The compiler's option --use names the type of a limb; all that depends on the width follows:
//
//   Limb=i32  b = 13  Cortex-M0+ multiplies 32 x 32 -> 32 bits in one cycle and has no high half,
//                     so whole columns of products must fit in 32 bits
//   Limb=i64  b = 26  a quarter of the products where they may have 64 bits (docs/tiers.md)
//
// Either way 130 bits take 40 bytes: elements have the same size, and Montgomery's R is the same.
// Signed limbs make a subtraction as cheap as an addition.
//
//   tight   |limb| <= 2^(b - 1) + 2^(b - 7): what products and linear combinations give
//   loose   twice as much: a sum or difference of two tight elements; also 0 ... 2^b - 1
//
// Products (limbs-product.ts) accept loose operands: a column is at most 30 (2^13 + 2^7)^2, which
// leaves 2^26 free below 2^31 for a reduction's terms. Bounds here and elsewhere are those of
// narrow limbs: wide ones stay below 2^60 in the same places.
// CT: nothing here leaks values; the number of limbs is public.

import { Choice, isZero, mask } from "../base/ct";
import { BLOCK_BYTES, LIMB_BYTES, addBlock, limb, put, subtractBlock } from "./limbs-block";
import { columns } from "./limbs-product";

export { LIMB_BYTES, limb, put } from "./limbs-block";
export { columns, multiplyLimbs, squareLimbs, wipeColumns } from "./limbs-product";

export const LIMB_BITS: i32 = 13 * LIMB_BYTES / 4;
export const LIMB_MASK: i32 = (1 << LIMB_BITS) - 1;
/** Bytes that a tight limb fits in. */
export const PACKED_BYTES: i32 = LIMB_BYTES / 2;

/** out = a + b, loose, for tight a and b of n limbs, whole blocks of 130 bits. */
export function addLimbs(out: usize, a: usize, b: usize, n: i32): void {
  for (let i = 0; i < n * LIMB_BYTES; i += BLOCK_BYTES) addBlock(out + i, a + i, b + i);
}

/** out = a - b, loose, for tight a and b of n limbs, whole blocks of 130 bits. */
export function subtractLimbs(out: usize, a: usize, b: usize, n: i32): void {
  for (let i = 0; i < n * LIMB_BYTES; i += BLOCK_BYTES) subtractBlock(out + i, a + i, b + i);
}

/**
 * What a limb t hands to the next: rounded, so that t - carry 2^b, from -2^(b - 1) to below
 * 2^(b - 1), remains. Written so that no register is needed for a large constant.
 */
// @ts-ignore: decorator
@inline
export function carryOf(t: Limb): Limb {
  return ((t >> (LIMB_BITS - 1)) + 1) >> 1;
}

/** Limb i of out is what remains of t + carry; gives what it hands to the next. */
// @ts-ignore: decorator
@inline
export function carryLimb(out: usize, i: i32, t: Limb, carry: Limb): Limb {
  t += carry;
  carry = carryOf(t);
  put(out, i, t - (carry << LIMB_BITS));
  return carry;
}

/** out = a where on is 1; the count is in words, a multiple of five, for points and elements. */
export function copyWordsIf(on: Choice, out: usize, a: usize, words: i32): void {
  const m = mask(on);
  for (const end = a + (words << 2); a < end; a += 20, out += 20) {
    copyWord(m, out, a);
    copyWord(m, out + 4, a + 4);
    copyWord(m, out + 8, a + 8);
    copyWord(m, out + 12, a + 12);
    copyWord(m, out + 16, a + 16);
  }
}

// @ts-ignore: decorator
@inline
function copyWord(m: u32, out: usize, a: usize): void {
  const old = load<u32>(out);
  store<u32>(out, old ^ (m & (old ^ load<u32>(a))));
}

/** out |= a where on is 1: picks one of several for an out of zeros. Words as above. */
export function pickWordsIf(on: Choice, out: usize, a: usize, words: i32): void {
  const m = mask(on);
  for (const end = a + (words << 2); a < end; a += 20, out += 20) {
    store<u32>(out, load<u32>(out) | (m & load<u32>(a)));
    store<u32>(out, load<u32>(out, 4) | (m & load<u32>(a, 4)), 4);
    store<u32>(out, load<u32>(out, 8) | (m & load<u32>(a, 8)), 8);
    store<u32>(out, load<u32>(out, 12) | (m & load<u32>(a, 12)), 12);
    store<u32>(out, load<u32>(out, 16) | (m & load<u32>(a, 16)), 16);
  }
}

/** Exchanges a and b where on is 1. Words as above. */
export function swapWordsIf(on: Choice, a: usize, b: usize, words: i32): void {
  const m = mask(on);
  for (const end = a + (words << 2); a < end; a += 20, b += 20) {
    swapWord(m, a, b);
    swapWord(m, a + 4, b + 4);
    swapWord(m, a + 8, b + 8);
    swapWord(m, a + 12, b + 12);
    swapWord(m, a + 16, b + 16);
  }
}

// @ts-ignore: decorator
@inline
function swapWord(m: u32, a: usize, b: usize): void {
  const x = load<u32>(a), y = load<u32>(b);
  const difference = m & (x ^ y);
  store<u32>(a, x ^ difference);
  store<u32>(b, y ^ difference);
}

/** 0 -> 0, 1 -> -1. */
// @ts-ignore: decorator
@inline
export function limbMask(on: Choice): Limb {
  return <i32>mask(on);
}

/** The tight limb v in PACKED_BYTES at p. */
// @ts-ignore: decorator
@inline
export function packLimb(p: usize, v: Limb): void {
  if (LIMB_BITS == 13) store<i16>(p, v);
  else store<i32>(p, v);
}

/** What packLimb has stored. */
// @ts-ignore: decorator
@inline
export function packedLimb(p: usize): Limb {
  if (LIMB_BITS == 13) return load<i16>(p);
  return load<i32>(p);
}

/** a = -a where on is 1. */
export function negateLimbsIf(on: Choice, a: usize, n: i32): void {
  const m = limbMask(on);
  for (const end = a + n * LIMB_BYTES; a < end; a += LIMB_BYTES) {
    store<Limb>(a, (load<Limb>(a) ^ m) - m);
  }
}

/**
 * Loose limbs of `count` bytes. The least significant byte is at `first`, the next at first + step:
 * 1 for little-endian, -1 for big-endian bytes.
 */
export function unpackLimbs(out: usize, n: i32, first: usize, step: i32, count: i32): void {
  let window: Limb = 0;
  let bits = 0;
  for (let i = 0; i < n; i++) {
    while (bits < LIMB_BITS) { // public: positions
      if (count-- > 0) window |= <Limb>load<u8>(first) << bits;
      first += step;
      bits += 8;
    }
    store<Limb>(out + i * LIMB_BYTES, window & LIMB_MASK);
    window >>= LIMB_BITS;
    bits -= LIMB_BITS;
  }
}

/** The inverse of unpackLimbs for limbs of 0 ... 2^b - 1. */
export function packLimbs(first: usize, step: i32, count: i32, a: usize): void {
  let window: Limb = 0;
  let bits = 0;
  for (; count > 0; count--) {
    if (bits < 8) { // public: positions
      window |= load<Limb>(a) << bits;
      a += LIMB_BYTES;
      bits += LIMB_BITS;
    }
    store<u8>(first, window);
    first += step;
    window >>= 8;
    bits -= 8;
  }
}

/** columns = a mod modulus, not negative, in limbs of 0 ... 2^b - 1, for |a| < modulus. */
export function canonicalLimbs(a: usize, modulus: usize, n: i32): void {
  let carry: Limb = 0;
  let borrow: Limb = 0; // -1 at the end where a + modulus < modulus
  for (let i = 0; i < n * LIMB_BYTES; i += LIMB_BYTES) {
    const m = load<Limb>(modulus + i);
    const t = load<Limb>(a + i) + m + carry;
    carry = t >> LIMB_BITS;
    store<Limb>(columns + i, t & LIMB_MASK);
    borrow = ((t & LIMB_MASK) - m + borrow) >> LIMB_BITS;
  }
  const keep = ~borrow;
  borrow = 0;
  for (let i = 0; i < n * LIMB_BYTES; i += LIMB_BYTES) {
    const t = load<Limb>(columns + i) - (load<Limb>(modulus + i) & keep) + borrow;
    borrow = t >> LIMB_BITS;
    store<Limb>(columns + i, t & LIMB_MASK);
  }
}

/** 1 where the n limbs at a are all zero. */
export function isZeroLimbs(a: usize, n: i32): Choice {
  let any: u32 = 0;
  for (let i = 0; i < n * LIMB_BYTES; i += LIMB_BYTES) any |= load<u32>(a + i);
  return isZero(any);
}
