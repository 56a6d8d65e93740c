// The compression function of SHA-512 and SHA-384 (FIPS 180-4, 6.4.2). hash.ts does the buffering
// and padding.
//
// The same shape as sha256.ts with 64-bit words: the working variables stay in locals and the eight
// rounds of an iteration name them one place further each.

import { load64be } from "../base/bytes";
import * as scratch from "../base/scratch";
import { INITIAL_384, INITIAL_512, ROUND_CONSTANTS } from "./sha2-tables";

export const SHA512_BLOCK: i32 = 128;
const ROUNDS: i32 = 80;

/** H(0) of SHA-512 into the eight 64-bit words at h. CT: nothing leaks. */
export function sha512Begin(h: usize): void {
  memory.copy(h, INITIAL_512, 64);
}

/** H(0) of SHA-384 into the eight 64-bit words at h. CT: nothing leaks. */
export function sha384Begin(h: usize): void {
  memory.copy(h, INITIAL_384, 64);
}

/**
 * Takes `count` blocks of 128 bytes at p, of any alignment, into the chaining value at h
 * (8-aligned).
 * CT: count leaks.
 */
export function sha512Compress(h: usize, p: usize, count: i32): void {
  const frame = scratch.mark();
  const w = scratch.take(8 * ROUNDS);
  for (; count > 0; count--) {
    expand(w, p);
    compress(h, w);
    p += SHA512_BLOCK;
  }
  scratch.release(frame);
}

/** The message schedule W(0) ... W(79). */
function expand(w: usize, p: usize): void {
  const given = w + 128;
  for (; w < given; w += 8, p += 8) store<u64>(w, load64be(p));
  for (const end = w + 8 * (ROUNDS - 16); w < end; w += 8) {
    const t = w - 128; // W(t - 16): the offsets below count from it
    const sum = load<u64>(t) + sigma0(load<u64>(t, 8)) + load<u64>(t, 72);
    store<u64>(w, sum + sigma1(load<u64>(t, 112)));
  }
}

/** The 80 rounds, T1 in the place of h, then T1 + T2. */
function compress(state: usize, w: usize): void {
  let a = load<u64>(state, 0);
  let b = load<u64>(state, 8);
  let c = load<u64>(state, 16);
  let d = load<u64>(state, 24);
  let e = load<u64>(state, 32);
  let f = load<u64>(state, 40);
  let g = load<u64>(state, 48);
  let h = load<u64>(state, 56);
  let k = ROUND_CONSTANTS;
  for (const end = w + 8 * ROUNDS; w < end; w += 64, k += 64) {
    h += Sigma1(e) + choose(e, f, g) + load<u64>(k, 0) + load<u64>(w, 0);
    d += h;
    h += Sigma0(a) + majority(a, b, c);
    g += Sigma1(d) + choose(d, e, f) + load<u64>(k, 8) + load<u64>(w, 8);
    c += g;
    g += Sigma0(h) + majority(h, a, b);
    f += Sigma1(c) + choose(c, d, e) + load<u64>(k, 16) + load<u64>(w, 16);
    b += f;
    f += Sigma0(g) + majority(g, h, a);
    e += Sigma1(b) + choose(b, c, d) + load<u64>(k, 24) + load<u64>(w, 24);
    a += e;
    e += Sigma0(f) + majority(f, g, h);
    d += Sigma1(a) + choose(a, b, c) + load<u64>(k, 32) + load<u64>(w, 32);
    h += d;
    d += Sigma0(e) + majority(e, f, g);
    c += Sigma1(h) + choose(h, a, b) + load<u64>(k, 40) + load<u64>(w, 40);
    g += c;
    c += Sigma0(d) + majority(d, e, f);
    b += Sigma1(g) + choose(g, h, a) + load<u64>(k, 48) + load<u64>(w, 48);
    f += b;
    b += Sigma0(c) + majority(c, d, e);
    a += Sigma1(f) + choose(f, g, h) + load<u64>(k, 56) + load<u64>(w, 56);
    e += a;
    a += Sigma0(b) + majority(b, c, d);
  }
  add(state, 0, a);
  add(state, 8, b);
  add(state, 16, c);
  add(state, 24, d);
  add(state, 32, e);
  add(state, 40, f);
  add(state, 48, g);
  add(state, 56, h);
}

// @ts-ignore: decorator
@inline
function add(state: usize, offset: usize, x: u64): void {
  store<u64>(state + offset, load<u64>(state + offset) + x);
}

// @ts-ignore: decorator
@inline
function choose(x: u64, y: u64, z: u64): u64 {
  return z ^ (x & (y ^ z));
}

// @ts-ignore: decorator
@inline
function majority(x: u64, y: u64, z: u64): u64 {
  return (x & y) | (z & (x | y));
}

// @ts-ignore: decorator
@inline
function Sigma0(x: u64): u64 {
  return rotr<u64>(x, 28) ^ rotr<u64>(x, 34) ^ rotr<u64>(x, 39);
}

// @ts-ignore: decorator
@inline
function Sigma1(x: u64): u64 {
  return rotr<u64>(x, 14) ^ rotr<u64>(x, 18) ^ rotr<u64>(x, 41);
}

// @ts-ignore: decorator
@inline
function sigma0(x: u64): u64 {
  return rotr<u64>(x, 1) ^ rotr<u64>(x, 8) ^ (x >>> 7);
}

// @ts-ignore: decorator
@inline
function sigma1(x: u64): u64 {
  return rotr<u64>(x, 19) ^ rotr<u64>(x, 61) ^ (x >>> 6);
}
