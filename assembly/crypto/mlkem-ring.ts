// The ring of ML-KEM: polynomials modulo q = 3329 and X^256 + 1 (FIPS 203, 2.4.4 and 4.3).
//
// A polynomial is 256 coefficients of i16, POLY_SIZE bytes, 8-aligned. They are signed, and as
// large as the next step allows; the bounds stand beside the steps. Products are reduced after
// Montgomery with R = 2^16: reduce(x) is x / R mod q. The powers of zeta = 17 are computed when an
// operation begins, in less time than their table's memory is worth on a small device.
//
// Nothing is divided: a division by q would leak its operand on many processors (KyberSlash).
// CT: nothing here leaks but addresses.

import * as scratch from "../base/scratch";

export const Q: i32 = 3329;
const COEFFICIENTS: i32 = 256;
export const POLY_SIZE: i32 = 2 * COEFFICIENTS;
/** 256 words of i32: sums of products before their reduction. */
export const SUMS_SIZE: i32 = 4 * COEFFICIENTS;
const ZETA_COUNT: i32 = 128;

/** R mod q: 1 in Montgomery's form. */
const ONE: i32 = (1 << 16) % Q;
/** 17 in that form, the representative that is small in size. */
const ZETA: i32 = ((17 * ONE) % Q) - Q;
/** R * R mod q, which reduce() turns into R. */
const R_SQUARED: i32 = (ONE * ONE) % Q;
/** 1 / 128 mod q is 3303. The inverse transform owes that, R for reduceSums, and R for itself. */
const LAST_FACTOR: i32 = (R_SQUARED * 3303) % Q; // 1,441: small enough for sums of 16 q

/**
 * q, 1 / q mod 2^16 as i16, and 2^26 / q rounded up. In memory, because a C compiler that knows
 * them writes a multiplication, one cycle on Cortex-M0+, as ten shifts and additions.
 */
const CONSTANTS: usize = memory.data<i32>([Q, -3327, 20159]);

/** The table of powers for the functions below, in the caller's scratch frame. */
export function takeZetas(): usize {
  const q = load<i32>(CONSTANTS);
  const inverse = load<i32>(CONSTANTS, 4);
  const zetas = scratch.take(2 * ZETA_COUNT);
  store<i16>(zetas, ONE);
  store<i16>(zetas, ZETA, 2 * 64);
  // Entry i is zeta to the power of i's 7 bits backwards: first the powers with one bit,
  for (let i = 64; i > 1; i >>= 1) {
    const power: i32 = load<i16>(zetas + 2 * i);
    store<i16>(zetas + i, reduce(power * power, q, inverse));
  }
  // then each as the product of its highest bit's and the rest's.
  for (let bit = 2; bit < ZETA_COUNT; bit <<= 1) {
    const power: i32 = load<i16>(zetas + 2 * bit);
    for (let i = 1; i < bit; i++) {
      const product = power * load<i16>(zetas + 2 * i);
      store<i16>(zetas + 2 * (bit + i), reduce(product, q, inverse));
    }
  }
  return zetas;
}

/**
 * The number-theoretic transform of p, in place (FIPS 203, algorithm 9). From coefficients below q
 * in size to 0 ... q: each of the seven layers adds at most 2,400.
 */
export function ntt(p: usize, zetas: usize): void {
  const end = p + POLY_SIZE;
  for (let half: usize = 256; half > 4; half >>>= 1) {
    for (let block = p; block < end; block += 2 * half) {
      zetas += 2;
      forwardBlock(block, half, load<i16>(zetas));
    }
  }
  lastForward(p, zetas);
}

function forwardBlock(p: usize, half: usize, zeta: i32): void {
  const q = load<i32>(CONSTANTS);
  const inverse = load<i32>(CONSTANTS, 4);
  for (const end = p + half; p < end; p += 8) {
    const upper = p + half;
    forward(p, upper, 0, zeta, q, inverse);
    forward(p, upper, 2, zeta, q, inverse);
    forward(p, upper, 4, zeta, q, inverse);
    forward(p, upper, 6, zeta, q, inverse);
  }
}

// @ts-ignore: decorator
@inline
function forward(p: usize, upper: usize, at: usize, zeta: i32, q: i32, inverse: i32): void {
  const t = reduce(zeta * load<i16>(upper + at), q, inverse);
  const x: i32 = load<i16>(p + at);
  store<i16>(p + at, x + t);
  store<i16>(upper + at, x - t);
}

/** The layer of blocks of four, and the reduction of all. */
function lastForward(p: usize, zetas: usize): void {
  const q = load<i32>(CONSTANTS);
  const inverse = load<i32>(CONSTANTS, 4);
  const barrett = load<i32>(CONSTANTS, 8);
  for (const end = p + POLY_SIZE; p < end; p += 8) {
    zetas += 2;
    const zeta: i32 = load<i16>(zetas);
    const s = reduce(zeta * load<i16>(p, 4), q, inverse);
    const x: i32 = load<i16>(p);
    store<i16>(p, positive(x + s, q, barrett));
    store<i16>(p, positive(x - s, q, barrett), 4);
    const t = reduce(zeta * load<i16>(p, 6), q, inverse);
    const y: i32 = load<i16>(p, 2);
    store<i16>(p, positive(y + t, q, barrett), 2);
    store<i16>(p, positive(y - t, q, barrett), 6);
  }
}

/**
 * The inverse transform of p, in place (algorithm 10), times R: what reduceSums left out. From
 * coefficients of at most 2,400 in size, as it leaves them, to such below q. A sum doubles in each
 * layer; those of the third are reduced, so that the sixth gives at most 8 q.
 */
export function inverseNtt(p: usize, zetas: usize): void {
  const end = p + POLY_SIZE;
  zetas += 2 * ZETA_COUNT;
  for (let half: usize = 4; half < 256; half <<= 1) {
    for (let block = p; block < end; block += 2 * half) {
      zetas -= 2;
      backwardBlock(block, half, load<i16>(zetas));
    }
    if (half == 16) reducePositive(p);
  }
  lastBackward(p, load<i16>(zetas - 2));
}

function backwardBlock(p: usize, half: usize, zeta: i32): void {
  const q = load<i32>(CONSTANTS);
  const inverse = load<i32>(CONSTANTS, 4);
  for (const end = p + half; p < end; p += 4) {
    const upper = p + half;
    backward(p, upper, 0, zeta, q, inverse);
    backward(p, upper, 2, zeta, q, inverse);
  }
}

// @ts-ignore: decorator
@inline
function backward(p: usize, upper: usize, at: usize, zeta: i32, q: i32, inverse: i32): void {
  const x: i32 = load<i16>(p + at);
  const y: i32 = load<i16>(upper + at);
  store<i16>(p + at, x + y);
  store<i16>(upper + at, reduce(zeta * (y - x), q, inverse));
}

/** The layer that is one block, times the factor that is left. */
function lastBackward(p: usize, zeta: i32): void {
  const q = load<i32>(CONSTANTS);
  const inverse = load<i32>(CONSTANTS, 4);
  const factor = reduce(LAST_FACTOR * zeta, q, inverse);
  for (const end = p + POLY_SIZE / 2; p < end; p += 2) {
    const x: i32 = load<i16>(p);
    const y: i32 = load<i16>(p, POLY_SIZE / 2);
    store<i16>(p, reduce(LAST_FACTOR * (x + y), q, inverse));
    store<i16>(p, reduce(factor * (y - x), q, inverse), POLY_SIZE / 2);
  }
}

/**
 * sums += a * b for transformed a and b (algorithm 11): products of 128 pairs modulo X^2 - gamma,
 * gamma being an odd power of zeta. With a in 0 ... 4,095 and b in 0 ... q a product stays below
 * 2^24.6 and three, as many as ML-KEM-768 adds up, below the q * 2^15 that reduceSums takes.
 */
export function multiplyAdd(sums: usize, a: usize, b: usize, zetas: usize): void {
  const q = load<i32>(CONSTANTS);
  const inverse = load<i32>(CONSTANTS, 4);
  zetas += ZETA_COUNT;
  for (const end = a + POLY_SIZE; a < end; a += 8, b += 8, sums += 16, zetas += 2) {
    const gamma: i32 = load<i16>(zetas);
    multiplyPair(sums, load<i32>(a), load<i32>(b), gamma, q, inverse);
    multiplyPair(sums + 8, load<i32>(a, 4), load<i32>(b, 4), -gamma, q, inverse);
  }
}

/** One pair: a0 + a1 X and b0 + b1 X come as a word each. */
// @ts-ignore: decorator
@inline
function multiplyPair(sums: usize, a: i32, b: i32, gamma: i32, q: i32, inverse: i32): void {
  const a0: i32 = <i16>a;
  const a1 = a >> 16;
  const b0: i32 = <i16>b;
  const b1 = b >> 16;
  const high = a1 * reduce(b1 * gamma, q, inverse);
  store<i32>(sums, load<i32>(sums, 4) + a0 * b1 + a1 * b0, 4);
  store<i32>(sums, load<i32>(sums) + a0 * b0 + high);
}

/** p = sums / R, at most 2,400 in size; p may be where the sums are. */
export function reduceSums(p: usize, sums: usize): void {
  const q = load<i32>(CONSTANTS);
  const inverse = load<i32>(CONSTANTS, 4);
  for (const end = p + POLY_SIZE; p < end; p += 4, sums += 8) {
    const x = reduce(load<i32>(sums), q, inverse);
    const y = reduce(load<i32>(sums, 4), q, inverse);
    store<i16>(p, x);
    store<i16>(p, y, 2);
  }
}

/** p * R in place, for sums that do not go through inverseNtt: at most 1,800 in size. */
export function timesR(p: usize): void {
  const q = load<i32>(CONSTANTS);
  const inverse = load<i32>(CONSTANTS, 4);
  for (const end = p + POLY_SIZE; p < end; p += 2) {
    store<i16>(p, reduce(R_SQUARED * load<i16>(p), q, inverse));
  }
}

/** p += other; the sums must fit in 16 bits. */
export function add(p: usize, other: usize): void {
  for (const end = p + POLY_SIZE; p < end; p += 4, other += 4) {
    store<i16>(p, load<i16>(p) + load<i16>(other));
    store<i16>(p, load<i16>(p, 2) + load<i16>(other, 2), 2);
  }
}

/** p = other - p; the differences must fit in 16 bits. */
export function subtractFrom(p: usize, other: usize): void {
  for (const end = p + POLY_SIZE; p < end; p += 4, other += 4) {
    store<i16>(p, load<i16>(other) - load<i16>(p));
    store<i16>(p, load<i16>(other, 2) - load<i16>(p, 2), 2);
  }
}

/** Any coefficients to 0 ... q, in place. */
function reducePositive(p: usize): void {
  const q = load<i32>(CONSTANTS);
  const barrett = load<i32>(CONSTANTS, 8);
  for (const end = p + POLY_SIZE; p < end; p += 4) {
    store<i16>(p, positive(load<i16>(p), q, barrett));
    store<i16>(p, positive(load<i16>(p, 2), q, barrett), 2);
  }
}

/** Any coefficients to 0 ... q - 1, in place. */
export function normalise(p: usize): void {
  const q = load<i32>(CONSTANTS);
  const barrett = load<i32>(CONSTANTS, 8);
  for (const end = p + POLY_SIZE; p < end; p += 2) {
    const x = positive(load<i16>(p), q, barrett) - q;
    store<i16>(p, x + (q & (x >> 31)));
  }
}

/** x / R mod q for |x| < q * 2^15, in size at most |x| / R + q / 2. */
// @ts-ignore: decorator
@inline
function reduce(x: i32, q: i32, inverse: i32): i32 {
  return (x - <i32><i16>(x * inverse) * q) >> 16;
}

/** x mod q in 0 ... q for any x of 16 bits: q itself where x is a negative multiple of it. */
// @ts-ignore: decorator
@inline
function positive(x: i32, q: i32, barrett: i32): i32 {
  return x - ((x * barrett) >> 26) * q;
}
