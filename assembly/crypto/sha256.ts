// The compression function of SHA-256 and SHA-224 (FIPS 180-4, 6.2.2). hash.ts does the buffering
// and padding.
//
// The eight working variables stay in locals: a round changes only two of them, so instead of
// moving them along, each of the eight rounds of an iteration names them one place further. Eight
// rounds and no more: wasm3 nests a C call for every operation of straight-line code.
//
// The sums of rotations are nested, Sigma1(e) = ((e >>> 14 ^ e) >>> 5 ^ e) >>> 6 with >>> for
// rotations, which needs one register instead of three; Cortex-M0+ has eight.

import * as scratch from "../base/scratch";
import { INITIAL_384, INITIAL_512, ROUND_CONSTANTS, UPPER_HALF } from "./sha2-tables";
import { wordBe } from "./words";

export const SHA256_BLOCK: i32 = 64;
const ROUNDS: i32 = 64;

/** H(0) of SHA-256 into the eight 32-bit words at h. CT: nothing leaks. */
export function sha256Begin(h: usize): void {
  for (let i: usize = 0; i < 8; i++) {
    store<u32>(h + 4 * i, load<u32>(INITIAL_512 + UPPER_HALF + 8 * i));
  }
}

/**
 * H(0) of SHA-224: the second halves of what SHA-384 begins with (5.3.2). CT: nothing leaks.
 */
export function sha224Begin(h: usize): void {
  for (let i: usize = 0; i < 8; i++) store<u32>(h + 4 * i, load<u32>(INITIAL_384 + 8 * i));
}

/**
 * Takes `count` blocks of 64 bytes at p, of any alignment, into the chaining value at h
 * (4-aligned).
 * CT: p and count leak.
 */
export function sha256Compress(h: usize, p: usize, count: i32): void {
  const frame = scratch.mark();
  const w = scratch.take(4 * ROUNDS);
  for (; count > 0; count--) {
    expand(w, p);
    compress(h, w);
    p += SHA256_BLOCK;
  }
  scratch.release(frame);
}

/** The message schedule W(0) ... W(63). */
function expand(w: usize, p: usize): void {
  const last = w + 4 * (ROUNDS - 16);
  for (const given = p + SHA256_BLOCK; p < given; p += 4, w += 4) store<u32>(w, wordBe(p));
  for (w -= 64; w < last; w += 16) {
    extend(w);
    extend(w + 4);
    extend(w + 8);
    extend(w + 12); // four an iteration: the loop itself costs as much as half a word
  }
}

/** W(t + 16) from the words at t on. */
// @ts-ignore: decorator
@inline
function extend(t: usize): void {
  const sum = load<u32>(t) + sigma0(load<u32>(t, 4)) + load<u32>(t, 36);
  store<u32>(t, sum + sigma1(load<u32>(t, 56)), 64);
}

/**
 * The 64 rounds, T1 in the place of h, then T1 + T2. The majority of a, b and c is written as
 * b ^ ((a ^ b) & (b ^ c)), because b ^ c is a ^ b of the round before: x and y take turns.
 */
function compress(state: usize, w: usize): void {
  let a = load<u32>(state, 0);
  let b = load<u32>(state, 4);
  let c = load<u32>(state, 8);
  let d = load<u32>(state, 12);
  let e = load<u32>(state, 16);
  let f = load<u32>(state, 20);
  let g = load<u32>(state, 24);
  let h = load<u32>(state, 28);
  let x: u32 = 0;
  let y = b ^ c;
  let k = ROUND_CONSTANTS + UPPER_HALF;
  for (const end = w + 4 * ROUNDS; w < end; w += 32, k += 64) {
    h += Sigma1(e) + choose(e, f, g) + load<u32>(k, 0) + load<u32>(w, 0);
    d += h;
    x = a ^ b;
    h += Sigma0(a) + (b ^ (x & y));
    g += Sigma1(d) + choose(d, e, f) + load<u32>(k, 8) + load<u32>(w, 4);
    c += g;
    y = h ^ a;
    g += Sigma0(h) + (a ^ (y & x));
    f += Sigma1(c) + choose(c, d, e) + load<u32>(k, 16) + load<u32>(w, 8);
    b += f;
    x = g ^ h;
    f += Sigma0(g) + (h ^ (x & y));
    e += Sigma1(b) + choose(b, c, d) + load<u32>(k, 24) + load<u32>(w, 12);
    a += e;
    y = f ^ g;
    e += Sigma0(f) + (g ^ (y & x));
    d += Sigma1(a) + choose(a, b, c) + load<u32>(k, 32) + load<u32>(w, 16);
    h += d;
    x = e ^ f;
    d += Sigma0(e) + (f ^ (x & y));
    c += Sigma1(h) + choose(h, a, b) + load<u32>(k, 40) + load<u32>(w, 20);
    g += c;
    y = d ^ e;
    c += Sigma0(d) + (e ^ (y & x));
    b += Sigma1(g) + choose(g, h, a) + load<u32>(k, 48) + load<u32>(w, 24);
    f += b;
    x = c ^ d;
    b += Sigma0(c) + (d ^ (x & y));
    a += Sigma1(f) + choose(f, g, h) + load<u32>(k, 56) + load<u32>(w, 28);
    e += a;
    y = b ^ c;
    a += Sigma0(b) + (c ^ (y & x));
  }
  add(state, 0, a);
  add(state, 4, b);
  add(state, 8, c);
  add(state, 12, d);
  add(state, 16, e);
  add(state, 20, f);
  add(state, 24, g);
  add(state, 28, h);
}

// @ts-ignore: decorator
@inline
function add(state: usize, offset: usize, x: u32): void {
  store<u32>(state + offset, load<u32>(state + offset) + x);
}

// @ts-ignore: decorator
@inline
function choose(x: u32, y: u32, z: u32): u32 {
  return z ^ (x & (y ^ z));
}

// @ts-ignore: decorator
@inline
function Sigma0(x: u32): u32 {
  return rotr<u32>(rotr<u32>(rotr<u32>(x, 9) ^ x, 11) ^ x, 2);
}

// @ts-ignore: decorator
@inline
function Sigma1(x: u32): u32 {
  return rotr<u32>(rotr<u32>(rotr<u32>(x, 14) ^ x, 5) ^ x, 6);
}

// @ts-ignore: decorator
@inline
function sigma0(x: u32): u32 {
  return rotr<u32>(rotr<u32>(x, 11) ^ x, 7) ^ (x >>> 3);
}

// @ts-ignore: decorator
@inline
function sigma1(x: u32): u32 {
  return rotr<u32>(rotr<u32>(x, 2) ^ x, 17) ^ (x >>> 10);
}
