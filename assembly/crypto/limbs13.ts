// Signed limbs of 13 bits: the arithmetic that the three prime fields (2^255 - 19, P-256, P-384)
// have in common.
//
// An element is n words of i32 (n = 20 or 30), worth the sum of limb[i] * 2^(13 i). Why 13 bits:
// Cortex-M0+ multiplies 32 x 32 -> 32 in one cycle and has no high half, so whole columns of
// products must fit in 32 bits. Signed limbs make a subtraction as cheap as an addition.
//
//   tight   |limb| <= 2^12 + 2^6: what products and linear combinations give
//   loose   |limb| <= 2^13 + 2^7: a sum or difference of two tight elements, or 0 ... 2^13 - 1
//
// Products accept loose operands: a column is at most 30 * (2^13 + 2^7)^2, which leaves 2^26 free
// below 2^31 for a reduction's terms.
// CT: nothing here leaks values; the number of limbs is public.

import { wipe } from "../base/bytes";
import { Choice, isZero, mask } from "../base/ct";

export const LIMB_BITS: i32 = 13;
export const LIMB_MASK: i32 = (1 << LIMB_BITS) - 1;
const HALF: i32 = 1 << (LIMB_BITS - 1);
const MOST_LIMBS: i32 = 30;
const BLOCK: i32 = 10;
const BLOCK_BYTES: i32 = 4 * BLOCK;

/** The product's columns, 2 n words, left for a field's reduction. Wiped by wipeColumns. */
export const columns: usize = memory.data(8 * MOST_LIMBS, 16);
const doubled: usize = memory.data(BLOCK_BYTES, 16);

/** What a limb t hands to the next: rounded, so that -2^12 <= t - carry * 2^13 < 2^12 remains. */
// @ts-ignore: decorator
@inline
export function carryOf(t: i32): i32 {
  return (t + HALF) >> LIMB_BITS;
}

/** columns = a * b for loose elements of n limbs. */
export function multiplyLimbs(a: usize, b: usize, n: i32): void {
  const size = n << 2;
  memory.fill(columns, 0, size << 1);
  for (let i = 0; i < size; i += BLOCK_BYTES) {
    for (let j = 0; j < size; j += BLOCK_BYTES) addProduct(columns + i + j, a + i, b + j);
  }
}

/** columns = a^2 for a loose element of n limbs: each pair of different blocks counts twice. */
export function squareLimbs(a: usize, n: i32): void {
  const size = n << 2;
  memory.fill(columns, 0, size << 1);
  for (let i = 0; i < size; i += BLOCK_BYTES) {
    addSquare(columns + 2 * i, a + i);
    for (let k = 0; k < BLOCK_BYTES; k += 4) store<i32>(doubled + k, load<i32>(a + i + k) << 1);
    for (let j = i + BLOCK_BYTES; j < size; j += BLOCK_BYTES) {
      addProduct(columns + i + j, doubled, a + j);
    }
  }
}

/** Forgets the last product: whoever computed on secrets calls it when done. */
export function wipeColumns(): void {
  wipe(columns, 8 * MOST_LIMBS);
  wipe(doubled, BLOCK_BYTES);
}

/** out = a + b, loose, for tight a and b. */
export function addLimbs(out: usize, a: usize, b: usize, n: i32): void {
  for (let i = 0; i < n << 2; i += 8) {
    store<i32>(out + i, load<i32>(a + i) + load<i32>(b + i));
    store<i32>(out + i, load<i32>(a + i, 4) + load<i32>(b + i, 4), 4);
  }
}

/** out = a - b, loose, for tight a and b. */
export function subtractLimbs(out: usize, a: usize, b: usize, n: i32): void {
  for (let i = 0; i < n << 2; i += 8) {
    store<i32>(out + i, load<i32>(a + i) - load<i32>(b + i));
    store<i32>(out + i, load<i32>(a + i, 4) - load<i32>(b + i, 4), 4);
  }
}

/**
 * Limbs from ... to - 1 of out = x a + y b, carried and tight; gives the carry out. `carry` may
 * bring a field's reduction along. |x limb(a)| + |y limb(b)| must stay below 2^30.
 */
// @ts-ignore: decorator
@inline
export function combineLimbs(
  out: usize, a: usize, x: i32, b: usize, y: i32, from: i32, to: i32, carry: i32,
): i32 {
  for (let i = from << 2; i < to << 2; i += 4) {
    const t = x * load<i32>(a + i) + y * load<i32>(b + i) + carry;
    carry = carryOf(t);
    store<i32>(out + i, t - (carry << LIMB_BITS));
  }
  return carry;
}

/** out = a where on is 1; the count is in words, so that points and elements share it. */
export function copyWordsIf(on: Choice, out: usize, a: usize, words: i32): void {
  const m = mask(on);
  for (let i = 0; i < words << 2; i += 4) {
    const old = load<u32>(out + i);
    store<u32>(out + i, old ^ (m & (old ^ load<u32>(a + i))));
  }
}

/** Exchanges a and b where on is 1. */
export function swapWordsIf(on: Choice, a: usize, b: usize, words: i32): void {
  const m = mask(on);
  for (let i = 0; i < words << 2; i += 4) {
    const difference = m & (load<u32>(a + i) ^ load<u32>(b + i));
    store<u32>(a + i, load<u32>(a + i) ^ difference);
    store<u32>(b + i, load<u32>(b + i) ^ difference);
  }
}

/** a = -a where on is 1. */
export function negateLimbsIf(on: Choice, a: usize, n: i32): void {
  const m = <i32>mask(on);
  for (let i = 0; i < n << 2; i += 4) store<i32>(a + i, (load<i32>(a + i) ^ m) - m);
}

/**
 * Loose limbs of `count` bytes. The least significant byte is at `first`, the next at first + step:
 * 1 for little-endian, -1 for big-endian bytes.
 */
export function unpackLimbs(out: usize, n: i32, first: usize, step: i32, count: i32): void {
  let window: u32 = 0;
  let bits = 0;
  for (let i = 0; i < n; i++) {
    while (bits < LIMB_BITS) { // public: positions
      if (count-- > 0) window |= <u32>load<u8>(first) << bits;
      first += step;
      bits += 8;
    }
    store<u32>(out + (i << 2), window & LIMB_MASK);
    window >>= LIMB_BITS;
    bits -= LIMB_BITS;
  }
}

/** The inverse of unpackLimbs for limbs of 0 ... 2^13 - 1. */
export function packLimbs(first: usize, step: i32, count: i32, a: usize): void {
  let window: u32 = 0;
  let bits = 0;
  for (; count > 0; count--) {
    if (bits < 8) { // public: positions
      window |= load<u32>(a) << bits;
      a += 4;
      bits += LIMB_BITS;
    }
    store<u8>(first, window);
    first += step;
    window >>= 8;
    bits -= 8;
  }
}

/** columns = a mod modulus, not negative, in limbs of 0 ... 2^13 - 1, for |a| < modulus. */
export function canonicalLimbs(a: usize, modulus: usize, n: i32): void {
  let carry = 0;
  let borrow = 0; // -1 at the end where a + modulus < modulus
  for (let i = 0; i < n << 2; i += 4) {
    const m = load<i32>(modulus + i);
    const t = load<i32>(a + i) + m + carry;
    carry = t >> LIMB_BITS;
    store<i32>(columns + i, t & LIMB_MASK);
    borrow = ((t & LIMB_MASK) - m + borrow) >> LIMB_BITS;
  }
  const keep = ~borrow;
  borrow = 0;
  for (let i = 0; i < n << 2; i += 4) {
    const t = load<i32>(columns + i) - (load<i32>(modulus + i) & keep) + borrow;
    borrow = t >> LIMB_BITS;
    store<i32>(columns + i, t & LIMB_MASK);
  }
}

/** 1 where the n limbs at a are all zero. */
export function isZeroLimbs(a: usize, n: i32): Choice {
  let any: u32 = 0;
  for (let i = 0; i < n << 2; i += 4) any |= load<u32>(a + i);
  return isZero(any);
}

// @ts-ignore: decorator
@inline
function addTo(at: usize, sum: i32): void {
  store<i32>(at, load<i32>(at) + sum);
}

/**
 * c[0..18] += a[0..9] * b[0..9]. Written out column by column: ten limbs keep the code small enough
 * for the flash cache of an RP2040 and for wasm3, which nests a call for every operation until the
 * function returns.
 */
function addProduct(c: usize, a: usize, b: usize): void {
  const a0 = load<i32>(a), a1 = load<i32>(a, 4), a2 = load<i32>(a, 8), a3 = load<i32>(a, 12);
  const a4 = load<i32>(a, 16), a5 = load<i32>(a, 20), a6 = load<i32>(a, 24), a7 = load<i32>(a, 28);
  const a8 = load<i32>(a, 32), a9 = load<i32>(a, 36);
  const b0 = load<i32>(b), b1 = load<i32>(b, 4), b2 = load<i32>(b, 8), b3 = load<i32>(b, 12);
  const b4 = load<i32>(b, 16), b5 = load<i32>(b, 20), b6 = load<i32>(b, 24), b7 = load<i32>(b, 28);
  const b8 = load<i32>(b, 32), b9 = load<i32>(b, 36);
  addTo(c, a0 * b0);
  addTo(c + 4, a0 * b1 + a1 * b0);
  addTo(c + 8, a0 * b2 + a1 * b1 + a2 * b0);
  addTo(c + 12, a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0);
  addTo(c + 16, a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0);
  addTo(c + 20, a0 * b5 + a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 + a5 * b0);
  addTo(c + 24, a0 * b6 + a1 * b5 + a2 * b4 + a3 * b3 + a4 * b2 + a5 * b1 + a6 * b0);
  addTo(c + 28, a0 * b7 + a1 * b6 + a2 * b5 + a3 * b4 + a4 * b3 + a5 * b2 + a6 * b1 + a7 * b0);
  addTo(c + 32, a0 * b8 + a1 * b7 + a2 * b6 + a3 * b5 + a4 * b4
    + a5 * b3 + a6 * b2 + a7 * b1 + a8 * b0);
  addTo(c + 36, a0 * b9 + a1 * b8 + a2 * b7 + a3 * b6 + a4 * b5
    + a5 * b4 + a6 * b3 + a7 * b2 + a8 * b1 + a9 * b0);
  addTo(c + 40, a1 * b9 + a2 * b8 + a3 * b7 + a4 * b6 + a5 * b5
    + a6 * b4 + a7 * b3 + a8 * b2 + a9 * b1);
  addTo(c + 44, a2 * b9 + a3 * b8 + a4 * b7 + a5 * b6 + a6 * b5 + a7 * b4 + a8 * b3 + a9 * b2);
  addTo(c + 48, a3 * b9 + a4 * b8 + a5 * b7 + a6 * b6 + a7 * b5 + a8 * b4 + a9 * b3);
  addTo(c + 52, a4 * b9 + a5 * b8 + a6 * b7 + a7 * b6 + a8 * b5 + a9 * b4);
  addTo(c + 56, a5 * b9 + a6 * b8 + a7 * b7 + a8 * b6 + a9 * b5);
  addTo(c + 60, a6 * b9 + a7 * b8 + a8 * b7 + a9 * b6);
  addTo(c + 64, a7 * b9 + a8 * b8 + a9 * b7);
  addTo(c + 68, a8 * b9 + a9 * b8);
  addTo(c + 72, a9 * b9);
}

/** c[0..18] += a[0..9]^2, the mixed products once with a doubled factor. */
function addSquare(c: usize, a: usize): void {
  const a0 = load<i32>(a), a1 = load<i32>(a, 4), a2 = load<i32>(a, 8), a3 = load<i32>(a, 12);
  const a4 = load<i32>(a, 16), a5 = load<i32>(a, 20), a6 = load<i32>(a, 24), a7 = load<i32>(a, 28);
  const a8 = load<i32>(a, 32), a9 = load<i32>(a, 36);
  addTo(c, a0 * a0);
  addTo(c + 4, 2 * (a0 * a1));
  addTo(c + 8, 2 * (a0 * a2) + a1 * a1);
  addTo(c + 12, 2 * (a0 * a3 + a1 * a2));
  addTo(c + 16, 2 * (a0 * a4 + a1 * a3) + a2 * a2);
  addTo(c + 20, 2 * (a0 * a5 + a1 * a4 + a2 * a3));
  addTo(c + 24, 2 * (a0 * a6 + a1 * a5 + a2 * a4) + a3 * a3);
  addTo(c + 28, 2 * (a0 * a7 + a1 * a6 + a2 * a5 + a3 * a4));
  addTo(c + 32, 2 * (a0 * a8 + a1 * a7 + a2 * a6 + a3 * a5) + a4 * a4);
  addTo(c + 36, 2 * (a0 * a9 + a1 * a8 + a2 * a7 + a3 * a6 + a4 * a5));
  addTo(c + 40, 2 * (a1 * a9 + a2 * a8 + a3 * a7 + a4 * a6) + a5 * a5);
  addTo(c + 44, 2 * (a2 * a9 + a3 * a8 + a4 * a7 + a5 * a6));
  addTo(c + 48, 2 * (a3 * a9 + a4 * a8 + a5 * a7) + a6 * a6);
  addTo(c + 52, 2 * (a4 * a9 + a5 * a8 + a6 * a7));
  addTo(c + 56, 2 * (a5 * a9 + a6 * a8) + a7 * a7);
  addTo(c + 60, 2 * (a6 * a9 + a7 * a8));
  addTo(c + 64, 2 * (a7 * a9) + a8 * a8);
  addTo(c + 68, 2 * (a8 * a9));
  addTo(c + 72, a9 * a9);
}
