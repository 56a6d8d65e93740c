// ML-KEM's polynomials as bytes: packed and compressed (FIPS 203, 4.2.1), and made from random
// bytes (4.2.2). For polynomials see mlkem-ring.ts.
//
// Only sampleUniform looks at what it reads: it makes the matrix, which is public.

import * as scratch from "../base/scratch";
import { POLY_SIZE, Q } from "./mlkem-ring";
import { SHA3_STATE_SIZE, SHAKE128_RATE, Sha3Id, sha3Begin, sha3Squeeze, sha3Update } from "./sha3";

/** Bytes from which sampleNoise makes a polynomial: 64 eta with eta = 2. */
export const NOISE_SIZE: i32 = 128;

/** Half of q, rounded down: what compression adds to round. */
const HALF: i32 = Q >> 1;
/** 2^27 / q, rounded down. */
const RECIPROCAL: i32 = (1 << 27) / Q;

/** Bytes of 256 values of `bits` bits. CT: nothing leaks. */
export function packedSize(bits: i32): i32 {
  return 32 * bits;
}

/**
 * Packs the lower `bits` bits of each coefficient, which has no others, into packedSize(bits)
 * bytes of any alignment (algorithms 3 and 5). CT: addresses and bits leak.
 */
export function pack(out: usize, p: usize, bits: i32): void {
  let waiting: u32 = 0;
  let count = 0;
  for (const end = p + POLY_SIZE; p < end; p += 2) {
    waiting |= <u32>load<u16>(p) << count;
    for (count += bits; count >= 8; count -= 8) {
      store<u8>(out, waiting);
      out += 1;
      waiting >>>= 8;
    }
  }
}

/** The opposite (algorithms 4 and 6). CT: addresses and bits leak. */
export function unpack(p: usize, bytes: usize, bits: i32): void {
  const mask: u32 = (1 << bits) - 1;
  let waiting: u32 = 0;
  let count = 0;
  for (const end = p + POLY_SIZE; p < end; p += 2) {
    for (; count < bits; count += 8) {
      waiting |= <u32>load<u8>(bytes) << count;
      bytes += 1;
    }
    store<u16>(p, waiting & mask);
    waiting >>>= bits;
    count -= bits;
  }
}

/** Whether all coefficients are below q: the modulus check of public keys (7.2). */
export function isReducedVarTime(p: usize): bool {
  for (const end = p + POLY_SIZE; p < end; p += 2) {
    if (<i32>load<u16>(p) >= Q) return false;
  }
  return true;
}

/**
 * Each coefficient x in 0 ... q - 1 to round(2^bits x / q) mod 2^bits, in place (4.7); bits is 1,
 * 4 or 10. The quotient is estimated by a multiplication, one too small at most, and corrected.
 * CT: p and bits leak.
 */
export function compress(p: usize, bits: i32): void {
  const mask = (1 << bits) - 1;
  for (const end = p + POLY_SIZE; p < end; p += 2) {
    const n = (<i32>load<u16>(p) << bits) + HALF;
    const estimate = ((n >> 6) * RECIPROCAL) >>> 21;
    const isTooSmall = (Q - 1 - (n - estimate * Q)) >>> 31;
    store<u16>(p, (estimate + isTooSmall) & mask);
  }
}

/** Each coefficient y below 2^bits to round(q y / 2^bits), in place (4.8). CT: p and bits leak. */
export function decompress(p: usize, bits: i32): void {
  const half = 1 << (bits - 1);
  for (const end = p + POLY_SIZE; p < end; p += 2) {
    store<u16>(p, (<i32>load<u16>(p) * Q + half) >> bits);
  }
}

/**
 * An entry of the matrix, already transformed: coefficients in 0 ... q - 1 out of SHAKE128 of rho
 * (32 bytes) and two bytes of place (algorithm 7). CT: rho, which is public, leaks.
 */
export function sampleUniform(p: usize, rho: usize, first: i32, second: i32): void {
  const frame = scratch.mark();
  const state = scratch.take(SHA3_STATE_SIZE);
  const block = scratch.take(SHAKE128_RATE);
  store<u8>(block, first);
  store<u8>(block, second, 1);
  sha3Begin(state, Sha3Id.SHAKE128);
  sha3Update(state, rho, 32);
  sha3Update(state, block, 2);
  const end = p + POLY_SIZE;
  while (p < end) {
    sha3Squeeze(state, block, SHAKE128_RATE); // a multiple of 3
    p = takeBelowQ(p, end, block);
  }
  scratch.release(frame);
}

/** Numbers of 12 bits, two out of 3 bytes: stores those below q while there is room. */
function takeBelowQ(p: usize, end: usize, block: usize): usize {
  for (const last = block + SHAKE128_RATE; block < last && p < end; block += 3) {
    const middle: i32 = load<u8>(block, 1);
    const low = load<u8>(block) | ((middle & 15) << 8);
    const high = (middle >> 4) | (<i32>load<u8>(block, 2) << 4);
    if (low < Q) {
      store<u16>(p, low);
      p += 2;
    }
    if (high < Q && p < end) {
      store<u16>(p, high);
      p += 2;
    }
  }
  return p;
}

/**
 * Small coefficients, -2 ... 2: of each 4 of the NOISE_SIZE bytes' bits, the first two's sum less
 * the last two's (algorithm 8). The bytes are 4-aligned. CT: addresses leak.
 */
export function sampleNoise(p: usize, bytes: usize): void {
  for (const end = p + POLY_SIZE; p < end; p += 16, bytes += 4) {
    const bits = load<u32>(bytes);
    const sums = (bits & 0x55555555) + ((bits >>> 1) & 0x55555555);
    noise(p, sums);
    noise(p + 4, sums >>> 8);
    noise(p + 8, sums >>> 16);
    noise(p + 12, sums >>> 24);
  }
}

/** Two coefficients from the lower four of 16 sums of two bits. */
// @ts-ignore: decorator
@inline
function noise(p: usize, sums: u32): void {
  store<i16>(p, <i32>(sums & 3) - <i32>((sums >>> 2) & 3));
  store<i16>(p, <i32>((sums >>> 4) & 3) - <i32>((sums >>> 6) & 3), 2);
}
