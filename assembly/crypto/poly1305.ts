// Poly1305 (RFC 8439, 2.5), constant time, for a multiplier that gives 32 bits of a product.
//
// Numbers modulo p = 2^130 - 5 are ten limbs of 13 bits. A column of the product r * h is then a
// sum of ten products of 26 bits, up to nine of them times 5 for having passed 2^130:
//
//   (1 + 9 * 5) * 2^13 * 2^13 < 2^31.6      to which a limb of the next block and a carry are added
//
// so one chain of carries per block is enough: h stays in columns between blocks, and joins the
// block while it carries, then is multiplied.
//
//   state:  | 5r: 10 limbs | r: 10 limbs | columns of h: 10 | s: 4 words |

import { load32le, store32le, wipe } from "../base/bytes";
import { mask } from "../base/ct";
import * as scratch from "../base/scratch";
import { wordLe } from "./words";

export const POLY1305_BLOCK: i32 = 16;
export const POLY1305_STATE_SIZE: i32 = 136;

const LIMBS: usize = 10;
const LIMB_MASK: u32 = 0x1fff;
const R: usize = 40;
const H: usize = 80;
const S: usize = 120;

/** The bit above a block: 2^128, in limb 9. */
const ABOVE_BLOCK: u32 = 1 << 11;

/** A one-time key of 32 bytes, of any alignment: r, then s. CT: nothing leaks. */
export function poly1305Begin(state: usize, key: usize): void {
  const frame = scratch.mark();
  const words = scratch.take(20);
  // 2.5: "clamping" clears 4 bits at the top of each word of r and 2 at the bottom of three.
  store<u32>(words, load32le(key) & 0x0fffffff);
  store<u32>(words, load32le(key + 4) & 0x0ffffffc, 4);
  store<u32>(words, load32le(key + 8) & 0x0ffffffc, 8);
  store<u32>(words, load32le(key + 12) & 0x0ffffffc, 12);
  store<u32>(words, 0, 16);
  for (let i: usize = 0; i < LIMBS; i++) {
    const word = words + (((13 * i) >>> 5) << 2);
    const both = ((<u64>load<u32>(word, 4)) << 32) | load<u32>(word);
    const r = <u32>(both >>> ((13 * i) & 31)) & LIMB_MASK;
    store<u32>(state + 4 * i, 5 * r);
    store<u32>(state + 4 * i, r, R);
  }
  memory.fill(state + H, 0, 4 * LIMBS);
  for (let i: usize = 0; i < 16; i += 4) store<u32>(state + S + i, load32le(key + 16 + i));
  scratch.release(frame);
}

/**
 * Takes n bytes at p, of any alignment; only in the last call may n be no multiple of 16.
 * CT: p and n leak.
 */
export function poly1305Update(state: usize, p: usize, n: i32): void {
  for (; n >= POLY1305_BLOCK; n -= POLY1305_BLOCK) {
    absorb(state, p, ABOVE_BLOCK);
    p += POLY1305_BLOCK;
  }
  if (n == 0) return;
  const frame = scratch.mark();
  const last = scratch.take(POLY1305_BLOCK);
  memory.fill(last, 0, POLY1305_BLOCK);
  memory.copy(last, p, n);
  store<u8>(last + n, 1);
  absorb(state, last, 0);
  scratch.release(frame);
}

/** The same with zeros up to the next whole block, as the AEAD wants it (2.8). CT: p and n leak. */
export function poly1305UpdatePadded(state: usize, p: usize, n: i32): void {
  const whole = n & ~(POLY1305_BLOCK - 1);
  poly1305Update(state, p, whole);
  if (n == whole) return;
  const frame = scratch.mark();
  const last = scratch.take(POLY1305_BLOCK);
  memory.fill(last, 0, POLY1305_BLOCK);
  memory.copy(last, p + whole, n - whole);
  absorb(state, last, ABOVE_BLOCK);
  scratch.release(frame);
}

/** Writes the tag, 16 bytes of any alignment, and wipes the state. CT: nothing leaks. */
export function poly1305End(state: usize, tag: usize): void {
  const h = state + H;
  carry(h);
  carry(h); // the first pass may leave limb 1 above 13 bits
  subtractPrime(h);
  // The limbs overlap words: word i is bits 32i to 32i + 31, and what lies above 2^128 is dropped.
  const w0 = limb(h, 0) | (limb(h, 1) << 13) | (limb(h, 2) << 26);
  const w1 = (limb(h, 2) >>> 6) | (limb(h, 3) << 7) | (limb(h, 4) << 20);
  const w2 = (limb(h, 4) >>> 12) | (limb(h, 5) << 1) | (limb(h, 6) << 14) | (limb(h, 7) << 27);
  const w3 = (limb(h, 7) >>> 5) | (limb(h, 8) << 8) | (limb(h, 9) << 21);
  let sum: u64 = <u64>w0 + load<u32>(state, S);
  store32le(tag, <u32>sum);
  sum = (sum >>> 32) + w1 + load<u32>(state, S + 4);
  store32le(tag + 4, <u32>sum);
  sum = (sum >>> 32) + w2 + load<u32>(state, S + 8);
  store32le(tag + 8, <u32>sum);
  sum = (sum >>> 32) + w3 + load<u32>(state, S + 12);
  store32le(tag + 12, <u32>sum);
  wipe(state, POLY1305_STATE_SIZE);
}

/**
 * h = (h + block) * r, left in columns. `above` is the bit above the block, in limb 9. The carry
 * out of the top comes back as 5 times itself, and on into limb 1, which then has up to 2^13 + 320.
 */
function absorb(state: usize, p: usize, above: u32): void {
  const w0 = wordLe(p);
  const w1 = wordLe(p + 4);
  const w2 = wordLe(p + 8);
  const w3 = wordLe(p + 12);
  const h = state + H;
  let c = limb(h, 0) + (w0 & LIMB_MASK);
  const low = c & LIMB_MASK;
  c = (c >>> 13) + limb(h, 1) + ((w0 >>> 13) & LIMB_MASK);
  const h1 = c & LIMB_MASK;
  c = (c >>> 13) + limb(h, 2) + (((w0 >>> 26) | (w1 << 6)) & LIMB_MASK);
  const h2 = c & LIMB_MASK;
  c = (c >>> 13) + limb(h, 3) + ((w1 >>> 7) & LIMB_MASK);
  const h3 = c & LIMB_MASK;
  c = (c >>> 13) + limb(h, 4) + (((w1 >>> 20) | (w2 << 12)) & LIMB_MASK);
  const h4 = c & LIMB_MASK;
  c = (c >>> 13) + limb(h, 5) + ((w2 >>> 1) & LIMB_MASK);
  const h5 = c & LIMB_MASK;
  c = (c >>> 13) + limb(h, 6) + ((w2 >>> 14) & LIMB_MASK);
  const h6 = c & LIMB_MASK;
  c = (c >>> 13) + limb(h, 7) + (((w2 >>> 27) | (w3 << 5)) & LIMB_MASK);
  const h7 = c & LIMB_MASK;
  c = (c >>> 13) + limb(h, 8) + ((w3 >>> 8) & LIMB_MASK);
  const h8 = c & LIMB_MASK;
  c = (c >>> 13) + limb(h, 9) + ((w3 >>> 21) | above);
  const h9 = c & LIMB_MASK;
  c = low + 5 * (c >>> 13);
  multiply(h, state, c & LIMB_MASK, h1 + (c >>> 13), h2, h3, h4, h5, h6, h7, h8, h9);
}

// @ts-ignore: decorator
@inline
function limb(h: usize, i: usize): u32 {
  return load<u32>(h + 4 * i);
}

/** Limbs to 13 bits; the carry out of the top comes back as 5 times itself, and on into limb 1. */
function carry(h: usize): void {
  let c: u32 = 0;
  for (const end = h + 4 * LIMBS; h < end; h += 4) {
    c += load<u32>(h);
    store<u32>(h, c & LIMB_MASK);
    c >>>= 13;
  }
  h -= 4 * LIMBS;
  c = load<u32>(h) + 5 * c;
  store<u32>(h, c & LIMB_MASK);
  store<u32>(h, load<u32>(h, 4) + (c >>> 13), 4);
}

/**
 * The columns of h * r: column i is the sum of h(j) * r(i - j), with 5r(10 + i - j) where j > i.
 * The two tables stand one behind the other, so that it is one row of ten multipliers, sliding.
 * Two columns an iteration, because they share all multipliers but one.
 */
// @ts-ignore: decorator
@inline
function multiply(
  h: usize,
  state: usize,
  h0: u32,
  h1: u32,
  h2: u32,
  h3: u32,
  h4: u32,
  h5: u32,
  h6: u32,
  h7: u32,
  h8: u32,
  h9: u32,
): void {
  for (let r = state + 4; r < state + R; r += 8, h += 8) {
    let x = load<u32>(r);
    let even = h9 * x;
    x = load<u32>(r, 4);
    let odd = h9 * x;
    even += h8 * x;
    x = load<u32>(r, 8);
    odd += h8 * x;
    even += h7 * x;
    x = load<u32>(r, 12);
    odd += h7 * x;
    even += h6 * x;
    x = load<u32>(r, 16);
    odd += h6 * x;
    even += h5 * x;
    x = load<u32>(r, 20);
    odd += h5 * x;
    even += h4 * x;
    x = load<u32>(r, 24);
    odd += h4 * x;
    even += h3 * x;
    x = load<u32>(r, 28);
    odd += h3 * x;
    even += h2 * x;
    x = load<u32>(r, 32);
    odd += h2 * x;
    even += h1 * x;
    x = load<u32>(r, 36);
    odd += h1 * x;
    even += h0 * x;
    store<u32>(h, even);
    store<u32>(h, odd + h0 * load<u32>(r, 40), 4);
  }
}

/** h - p where h >= p, else h: the carry out of h + 5 tells, and is 2^130's bit. */
function subtractPrime(h: usize): void {
  const frame = scratch.mark();
  const reduced = scratch.take(4 * <i32>LIMBS);
  let c: u32 = 5;
  for (let i: usize = 0; i < LIMBS; i++) {
    c += limb(h, i);
    store<u32>(reduced + 4 * i, c & LIMB_MASK);
    c >>>= 13;
  }
  const keep = ~mask(c);
  for (let i: usize = 0; i < LIMBS; i++) {
    const x = limb(reduced, i);
    store<u32>(h + 4 * i, x ^ (keep & (x ^ limb(h, i))));
  }
  scratch.release(frame);
}
