// The compression function of SHA-1 (FIPS 180-4, 6.1.2). hash.ts does the buffering and padding.
//
// Collisions of SHA-1 can be made: it stays for HMAC in old cipher suites and for names of keys,
// where none matter. x509/ refuses signatures over it.
//
// The five working variables stay in locals: the five rounds of an iteration name them one place
// further each.

import * as scratch from "../base/scratch";
import { wordBe } from "./words";

export const SHA1_BLOCK: i32 = 64;
const ROUNDS: i32 = 80;
/** Bytes of the 20 words that rounds of one kind take. */
const TWENTY: usize = 80;

/** K of the four kinds of rounds (4.2.1): square roots of 2, 3, 5 and 10, times 2^30. */
const K0: u32 = 0x5a827999;
const K1: u32 = 0x6ed9eba1;
const K2: u32 = 0x8f1bbcdc;
const K3: u32 = 0xca62c1d6;

/** H(0) into the five words at h (5.3.1). CT: nothing leaks. */
export function sha1Begin(h: usize): void {
  store<u32>(h, 0x67452301);
  store<u32>(h, 0xefcdab89, 4);
  store<u32>(h, 0x98badcfe, 8);
  store<u32>(h, 0x10325476, 12);
  store<u32>(h, 0xc3d2e1f0, 16);
}

/**
 * Takes `count` blocks of 64 bytes at p, of any alignment, into the chaining value at h
 * (4-aligned).
 * CT: p and count leak.
 */
export function sha1Compress(h: usize, p: usize, count: i32): void {
  const frame = scratch.mark();
  const w = scratch.take(4 * ROUNDS);
  for (; count > 0; count--) {
    expand(w, p);
    compress(h, w);
    p += SHA1_BLOCK;
  }
  scratch.release(frame);
}

/** The message schedule W(0) ... W(79). */
function expand(w: usize, p: usize): void {
  const end = w + 4 * ROUNDS;
  for (const given = p + SHA1_BLOCK; p < given; p += 4, w += 4) store<u32>(w, wordBe(p));
  for (; w < end; w += 4) {
    const t = w - 64; // W(t - 16): the offsets below count from it
    const sum = load<u32>(t) ^ load<u32>(t, 8) ^ load<u32>(t, 32) ^ load<u32>(t, 52);
    store<u32>(w, rotl<u32>(sum, 1));
  }
}

/** Four times twenty rounds, each kind with its function and its constant. */
function compress(state: usize, w: usize): void {
  let a = load<u32>(state);
  let b = load<u32>(state, 4);
  let c = load<u32>(state, 8);
  let d = load<u32>(state, 12);
  let e = load<u32>(state, 16);
  for (const end = w + TWENTY; w < end; w += 20) {
    e += rotl<u32>(a, 5) + choose(b, c, d) + K0 + load<u32>(w, 0);
    b = rotl<u32>(b, 30);
    d += rotl<u32>(e, 5) + choose(a, b, c) + K0 + load<u32>(w, 4);
    a = rotl<u32>(a, 30);
    c += rotl<u32>(d, 5) + choose(e, a, b) + K0 + load<u32>(w, 8);
    e = rotl<u32>(e, 30);
    b += rotl<u32>(c, 5) + choose(d, e, a) + K0 + load<u32>(w, 12);
    d = rotl<u32>(d, 30);
    a += rotl<u32>(b, 5) + choose(c, d, e) + K0 + load<u32>(w, 16);
    c = rotl<u32>(c, 30);
  }
  for (const end = w + TWENTY; w < end; w += 20) {
    e += rotl<u32>(a, 5) + (b ^ c ^ d) + K1 + load<u32>(w, 0);
    b = rotl<u32>(b, 30);
    d += rotl<u32>(e, 5) + (a ^ b ^ c) + K1 + load<u32>(w, 4);
    a = rotl<u32>(a, 30);
    c += rotl<u32>(d, 5) + (e ^ a ^ b) + K1 + load<u32>(w, 8);
    e = rotl<u32>(e, 30);
    b += rotl<u32>(c, 5) + (d ^ e ^ a) + K1 + load<u32>(w, 12);
    d = rotl<u32>(d, 30);
    a += rotl<u32>(b, 5) + (c ^ d ^ e) + K1 + load<u32>(w, 16);
    c = rotl<u32>(c, 30);
  }
  for (const end = w + TWENTY; w < end; w += 20) {
    e += rotl<u32>(a, 5) + majority(b, c, d) + K2 + load<u32>(w, 0);
    b = rotl<u32>(b, 30);
    d += rotl<u32>(e, 5) + majority(a, b, c) + K2 + load<u32>(w, 4);
    a = rotl<u32>(a, 30);
    c += rotl<u32>(d, 5) + majority(e, a, b) + K2 + load<u32>(w, 8);
    e = rotl<u32>(e, 30);
    b += rotl<u32>(c, 5) + majority(d, e, a) + K2 + load<u32>(w, 12);
    d = rotl<u32>(d, 30);
    a += rotl<u32>(b, 5) + majority(c, d, e) + K2 + load<u32>(w, 16);
    c = rotl<u32>(c, 30);
  }
  for (const end = w + TWENTY; w < end; w += 20) {
    e += rotl<u32>(a, 5) + (b ^ c ^ d) + K3 + load<u32>(w, 0);
    b = rotl<u32>(b, 30);
    d += rotl<u32>(e, 5) + (a ^ b ^ c) + K3 + load<u32>(w, 4);
    a = rotl<u32>(a, 30);
    c += rotl<u32>(d, 5) + (e ^ a ^ b) + K3 + load<u32>(w, 8);
    e = rotl<u32>(e, 30);
    b += rotl<u32>(c, 5) + (d ^ e ^ a) + K3 + load<u32>(w, 12);
    d = rotl<u32>(d, 30);
    a += rotl<u32>(b, 5) + (c ^ d ^ e) + K3 + load<u32>(w, 16);
    c = rotl<u32>(c, 30);
  }
  store<u32>(state, load<u32>(state) + a);
  store<u32>(state, load<u32>(state, 4) + b, 4);
  store<u32>(state, load<u32>(state, 8) + c, 8);
  store<u32>(state, load<u32>(state, 12) + d, 12);
  store<u32>(state, load<u32>(state, 16) + e, 16);
}

// @ts-ignore: decorator
@inline
function choose(x: u32, y: u32, z: u32): u32 {
  return z ^ (x & (y ^ z));
}

// @ts-ignore: decorator
@inline
function majority(x: u32, y: u32, z: u32): u32 {
  return (x & y) | (z & (x | y));
}
