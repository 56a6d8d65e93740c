// GHASH (NIST SP 800-38D, 6.4) in constant time, for a multiplier that gives 32 bits of a product.
//
// Carry-free products come out of ordinary multiplications "with holes": each factor is split
// into 4 words that use every fourth bit only, so that the carries of a sum of at most 8 ones die
// in the 3 unused bits above it. That gives the lower 32 bits of a 32 x 32 product; the upper
// ones are the lower ones of the reversed factors, reversed. Karatsuba twice makes 9 such
// products of 16. (The idea is Thomas Pornin's, from BearSSL.)
//
// GCM numbers its bits backwards: bit 0, the lowest power, is the highest bit of the first byte.
// Reversal turns a product by one place too many, hence the shift by one in multiply().
//
//   state:  | H: 9 sums, then the 9 sums of reversed words | Y: 4 words, the lowest first |

import { load32be, store32be } from "../base/bytes";
import * as scratch from "../base/scratch";
import { wordBe } from "./words";

export const GHASH_BLOCK: i32 = 16;
const SUMS: usize = 9;
const Y: usize = 4 * 2 * SUMS;
export const GHASH_STATE_SIZE: i32 = <i32>Y + GHASH_BLOCK;

/** Takes the hash key H, 16 bytes of any alignment, and clears Y. CT: nothing leaks. */
export function ghashBegin(state: usize, h: usize): void {
  expand(state, load32be(h + 12), load32be(h + 8), load32be(h + 4), load32be(h));
  ghashReset(state);
}

/** Begins another message under the same key. CT: nothing leaks. */
export function ghashReset(state: usize): void {
  memory.fill(state + Y, 0, GHASH_BLOCK);
}

/** Takes n bytes, of any alignment, with zeros up to the next whole block. CT: p and n leak. */
export function ghashUpdate(state: usize, p: usize, n: i32): void {
  const frame = scratch.mark();
  const work = scratch.take(WORK_SIZE);
  for (; n >= GHASH_BLOCK; n -= GHASH_BLOCK) {
    absorb(state, p, work);
    p += GHASH_BLOCK;
  }
  if (n > 0) {
    const last = scratch.take(GHASH_BLOCK);
    memory.fill(last, 0, GHASH_BLOCK);
    memory.copy(last, p, n);
    absorb(state, last, work);
  }
  scratch.release(frame);
}

/** Takes the block of lengths: bytes of additional data and of text. CT: nothing leaks. */
export function ghashLengths(state: usize, aadLen: i32, textLen: i32): void {
  const frame = scratch.mark();
  const block = scratch.take(GHASH_BLOCK);
  store32be(block, <u32>aadLen >>> 29);
  store32be(block + 4, <u32>aadLen << 3);
  store32be(block + 8, <u32>textLen >>> 29);
  store32be(block + 12, <u32>textLen << 3);
  ghashUpdate(state, block, GHASH_BLOCK);
  scratch.release(frame);
}

/** Writes the 16 bytes of Y to out. CT: nothing leaks. */
export function ghashEnd(state: usize, out: usize): void {
  const y = state + Y;
  store32be(out, load<u32>(y, 12));
  store32be(out + 4, load<u32>(y, 8));
  store32be(out + 8, load<u32>(y, 4));
  store32be(out + 12, load<u32>(y));
}

// Working memory: the 18 sums of Y, products in their place, then the columns of the product.
const COLUMNS: usize = 4 * 2 * SUMS;
const COLUMN_COUNT: usize = 7;
const WORK_SIZE: i32 = <i32>(COLUMNS + 4 * 2 * COLUMN_COUNT);

/** Y = (Y ^ block) * H */
function absorb(state: usize, p: usize, work: usize): void {
  const y = state + Y;
  const y0 = load<u32>(y) ^ wordBe(p + 12);
  const y1 = load<u32>(y, 4) ^ wordBe(p + 8);
  const y2 = load<u32>(y, 8) ^ wordBe(p + 4);
  const y3 = load<u32>(y, 12) ^ wordBe(p);
  expand(work, y0, y1, y2, y3);
  for (let i: usize = 0; i < 4 * 2 * SUMS; i += 4) {
    store<u32>(work + i, multiplyLow(load<u32>(work + i), load<u32>(state + i)));
  }
  collect(work + COLUMNS, work);
  collect(work + COLUMNS + 4 * COLUMN_COUNT, work + 4 * SUMS);
  reduce(y, work + COLUMNS);
}

/** The factors of Karatsuba's products, plain and reversed. */
function expand(to: usize, x0: u32, x1: u32, x2: u32, x3: u32): void {
  sums(to, x0, x1, x2, x3);
  sums(to + 4 * SUMS, reverse(x0), reverse(x1), reverse(x2), reverse(x3));
}

/** x0, x1, x2, x3, x0 + x1, x2 + x3, x0 + x2, x1 + x3, and the sum of all. */
function sums(to: usize, x0: u32, x1: u32, x2: u32, x3: u32): void {
  store<u32>(to, x0);
  store<u32>(to, x1, 4);
  store<u32>(to, x2, 8);
  store<u32>(to, x3, 12);
  store<u32>(to, x0 ^ x1, 16);
  store<u32>(to, x2 ^ x3, 20);
  store<u32>(to, x0 ^ x2, 24);
  store<u32>(to, x1 ^ x3, 28);
  store<u32>(to, x0 ^ x1 ^ x2 ^ x3, 32);
}

/** The lower 32 bits of the carry-free product of x and y. */
function multiplyLow(x: u32, y: u32): u32 {
  const x0 = x & 0x11111111;
  const x1 = x & 0x22222222;
  const x2 = x & 0x44444444;
  const x3 = x & 0x88888888;
  const y0 = y & 0x11111111;
  const y1 = y & 0x22222222;
  const y2 = y & 0x44444444;
  const y3 = y & 0x88888888;
  const z0 = (x0 * y0) ^ (x1 * y3) ^ (x2 * y2) ^ (x3 * y1);
  const z1 = (x0 * y1) ^ (x1 * y0) ^ (x2 * y3) ^ (x3 * y2);
  const z2 = (x0 * y2) ^ (x1 * y1) ^ (x2 * y0) ^ (x3 * y3);
  const z3 = (x0 * y3) ^ (x1 * y2) ^ (x2 * y1) ^ (x3 * y0);
  return (z0 & 0x11111111) | (z1 & 0x22222222) | (z2 & 0x44444444) | (z3 & 0x88888888);
}

/** Bits in the opposite order. */
function reverse(x: u32): u32 {
  x = ((x & 0x55555555) << 1) | ((x >>> 1) & 0x55555555);
  x = ((x & 0x33333333) << 2) | ((x >>> 2) & 0x33333333);
  x = ((x & 0x0f0f0f0f) << 4) | ((x >>> 4) & 0x0f0f0f0f);
  return bswap<u32>(x);
}

/** Karatsuba's sums of 9 products: column k is the sum of x(i) * y(j) for i + j = k. */
function collect(column: usize, product: usize): void {
  const p0 = load<u32>(product);
  const p1 = load<u32>(product, 4);
  const p2 = load<u32>(product, 8);
  const p3 = load<u32>(product, 12);
  const p01 = load<u32>(product, 16);
  const p23 = load<u32>(product, 20);
  const p02 = load<u32>(product, 24);
  const p13 = load<u32>(product, 28);
  const all = load<u32>(product, 32);
  const lower = p0 ^ p1;
  const upper = p2 ^ p3;
  store<u32>(column, p0);
  store<u32>(column, p01 ^ lower, 4);
  store<u32>(column, p02 ^ lower ^ p2, 8);
  store<u32>(column, all ^ p01 ^ p23 ^ p02 ^ p13 ^ lower ^ upper, 12);
  store<u32>(column, p13 ^ p1 ^ upper, 16);
  store<u32>(column, p23 ^ upper, 20);
  store<u32>(column, p3, 24);
}

/**
 * The product's 8 words, turned by one, reduced by x^128 + x^7 + x^2 + x + 1 into y. A column's
 * lower half moves up by one bit; its upper half, reversed, has just the bit that falls out of
 * the lower. A word below 128 bits (powers 128 and up) is added four words higher times 1, x, x^2
 * and x^7.
 */
function reduce(y: usize, low: usize): void {
  const high = low + 4 * COLUMN_COUNT;
  const z0 = load<u32>(low) << 1;
  const z1 = (load<u32>(low, 4) << 1) ^ reverse(load<u32>(high));
  const z2 = (load<u32>(low, 8) << 1) ^ reverse(load<u32>(high, 4));
  let z3 = (load<u32>(low, 12) << 1) ^ reverse(load<u32>(high, 8));
  const z4 = (load<u32>(low, 16) << 1) ^ reverse(load<u32>(high, 12));
  const z5 = (load<u32>(low, 20) << 1) ^ reverse(load<u32>(high, 16));
  const z6 = (load<u32>(low, 24) << 1) ^ reverse(load<u32>(high, 20));
  const z7 = reverse(load<u32>(high, 24));
  z3 ^= below(z0);
  store<u32>(y, z4 ^ above(z0) ^ below(z1));
  store<u32>(y, z5 ^ above(z1) ^ below(z2), 4);
  store<u32>(y, z6 ^ above(z2) ^ below(z3), 8);
  store<u32>(y, z7 ^ above(z3), 12);
}

/** The part of z * (1 + x + x^2 + x^7) that stays in its word, four up. */
// @ts-ignore: decorator
@inline
function above(z: u32): u32 {
  return z ^ (z >>> 1) ^ (z >>> 2) ^ (z >>> 7);
}

/** The part of it that falls into the word below that. */
// @ts-ignore: decorator
@inline
function below(z: u32): u32 {
  return (z << 31) ^ (z << 30) ^ (z << 25);
}
