// Arithmetic modulo an odd number of any size: RSA moduli and primes, and the orders of curves.
// Products are Montgomery's (Mathematics of Computation 44, 1985), a b / R, where R is the power of
// 2 behind the last limb, a row of limbs at a time: they become 0 by adding a multiple of n. Nearly
// all of the work is in limbs-row.ts.
//
// An element is `size` bytes of tight limbs, worth anything between -n and n; canonicalElement
// makes it 0 ... n - 1. R is above 4 n: for |a| and |b| below n, |a b| / R stays below n / 4, and
// what the reduction adds below 0.51 n.
// CT: values, the modulus's too, do not leak; its length does.

import { Choice } from "../base/ct";
import * as scratch from "../base/scratch";
import { LIMB_BITS, LIMB_BYTES, addLimbs, columns, isZeroLimbs, squareLimbs } from "./limbs";
import { ROW, SPAN, addRow, reduceRow } from "./limbs-row";
import { addNat, doubleSigned, natFromBytes, natToBytes, signOfNat, tightenNat } from "./nat";

/** Products that a column can sum up: 120 (2^12 + 2^6)^2 < 2^31 - 2^26, or all of a wide one. */
const COLUMN_MAX: i32 = 120;

const ROW_BYTES: i32 = ROW * LIMB_BYTES;
const SPAN_BYTES: i32 = SPAN * LIMB_BYTES;

// @ts-ignore: decorator
@unmanaged
export class Modulus {
  /** The modulus, tight. */
  n: usize = 0;
  /** It is below 2^bits, a multiple of 8. */
  bits: i32 = 0;
  limbs: i32 = 0;
  /** -1 / n modulo a limb. */
  factor: Limb = 0;
  /** R^2 mod n. */
  rSquared: usize = 0;

  /**
   * The modulus in the size big-endian bytes at p, in the caller's scratch frame: odd, its first
   * byte not zero, limbs >= limbsFor(8 size).
   */
  static over(p: usize, size: i32, limbs: i32): Modulus {
    const m = changetype<Modulus>(scratch.take(offsetof<Modulus>()));
    m.bits = 8 * size;
    m.limbs = limbs;
    m.n = scratch.take(m.size);
    m.rSquared = scratch.take(m.size);
    natFromBytes(m.n, limbs, p, size);
    tightenNat(m.n, limbs);
    m.factor = -inverseOfLimb(load<Limb>(m.n));
    fillRSquared(m);
    return m;
  }

  /** Bytes of an element. */
  get size(): i32 {
    return this.limbs * LIMB_BYTES;
  }
}

/** out = a b / R mod n; out may be a or b. */
export function multiplyMontgomery(m: Modulus, out: usize, a: usize, b: usize): void {
  const frame = scratch.mark();
  const sum = scratch.take(2 * m.size);
  multiplyWide(m, sum, a, b);
  reduce(m, out, sum);
  scratch.release(frame);
}

/** sum = a b, 2 limbs columns of signed numbers below 2^31 - 2^26. */
export function multiplyWide(m: Modulus, sum: usize, a: usize, b: usize): void {
  memory.fill(sum, 0, 2 * m.size);
  let filled = 0;
  for (let i = 0; i < m.size; i += ROW_BYTES) {
    filled = carryInTime(sum, 2 * m.limbs, filled, rowOf(m));
    addRow(sum + i, a + i, b, m.limbs);
  }
}

/** out = a^2 / R mod n; out may be a. */
export function squareMontgomery(m: Modulus, out: usize, a: usize): void {
  const frame = scratch.mark();
  const sum = scratch.take(2 * m.size);
  const twice = scratch.take(SPAN_BYTES);
  for (let i = 0; i < m.size; i += SPAN_BYTES) squareSpan(sum + 2 * i, a + i);
  let filled = SPAN;
  let above = m.limbs - SPAN;
  for (let i = 0; above > 0; i += SPAN_BYTES, above -= SPAN) {
    const next = i + SPAN_BYTES;
    addLimbs(twice, a + i, a + i, SPAN);
    for (let row = 0; row < SPAN_BYTES; row += ROW_BYTES) {
      filled = carryInTime(sum, 2 * m.limbs, filled, 2 * rowOf(m));
      addRow(sum + i + next + row, twice + row, a + next, above);
    }
  }
  reduce(m, out, sum);
  scratch.release(frame);
}

/** The columns of a span's square. */
function squareSpan(sum: usize, a: usize): void {
  squareLimbs(a, SPAN);
  memory.copy(sum, columns, 2 * SPAN_BYTES);
}

/** out = a R mod n; out may be a. */
export function toMontgomery(m: Modulus, out: usize, a: usize): void {
  multiplyMontgomery(m, out, a, m.rSquared);
}

/** out = a / R mod n; out may be a. */
export function fromMontgomery(m: Modulus, out: usize, a: usize): void {
  const frame = scratch.mark();
  const sum = scratch.take(2 * m.size);
  memory.copy(sum, a, m.size);
  memory.fill(sum + m.size, 0, m.size);
  reduce(m, out, sum);
  scratch.release(frame);
}

/** Makes the element a canonical: its value 0 ... n - 1, and its limbs. */
export function canonicalElement(m: Modulus, a: usize): void {
  addNat(a, m.n, m.limbs, signOfNat(a, m.limbs));
}

/** 1 where a, with limbs below 2^30 and |a| < R / 4, is 0 mod n; a is spent. */
export function isZeroElement(m: Modulus, a: usize): Choice {
  tightenNat(a, m.limbs);
  fromMontgomery(m, a, a); // below n, where 0 has one form
  return isZeroLimbs(a, m.limbs);
}

/** out = the n big-endian bytes at p; a number below R / 4, which is enough for a product. */
export function elementFromBytes(m: Modulus, out: usize, p: usize, n: i32): void {
  natFromBytes(out, m.limbs, p, n);
  tightenNat(out, m.limbs);
}

/** out = the n big-endian bytes at p mod n, in Montgomery form; a number below R^2 / 8. */
export function elementFromWideBytes(m: Modulus, out: usize, p: usize, n: i32): void {
  const frame = scratch.mark();
  const sum = scratch.take(2 * m.size);
  natFromBytes(sum, 2 * m.limbs, p, n);
  reduce(m, out, sum); // divided by R, which the first turn makes good
  toMontgomery(m, out, out);
  toMontgomery(m, out, out);
  scratch.release(frame);
}

/** The n big-endian bytes at p = a, which becomes canonical. */
export function elementToBytes(m: Modulus, p: usize, n: i32, a: usize): void {
  canonicalElement(m, a);
  natToBytes(p, n, a);
}

/**
 * out = sum / R mod n, for a sum of 2 limbs columns of at most `limbs` products; |out| < |sum| / R
 * + 0.51 n. sum is spent.
 */
function reduce(m: Modulus, out: usize, sum: usize): void {
  let filled = m.limbs;
  for (let left = 2 * m.limbs; left > m.limbs; left -= ROW) {
    filled = carryInTime(sum, left, filled, ROW);
    reduceRow(sum, m.n, m.limbs, m.factor);
    sum += ROW_BYTES;
  }
  memory.copy(out, sum, m.size);
  tightenNat(out, m.limbs);
}

/** Products that a row adds to a column of a b: none count where all of them are not too many. */
function rowOf(m: Modulus): i32 {
  return m.limbs > COLUMN_MAX ? ROW : 0;
}

/**
 * Called before each row, which adds `row` products to a column at most: carries if that could be
 * too much for one that has `filled` of them. Gives the new `filled`.
 */
function carryInTime(sum: usize, limbs: i32, filled: i32, row: i32): i32 {
  if (filled + row <= COLUMN_MAX) return filled + row;
  tightenNat(sum, limbs);
  return row + 1;
}

/** 1 / n modulo a limb for odd n: Newton's iteration doubles the right bits, 3 at the start. */
export function inverseOfLimb(n: Limb): Limb {
  let x = n;
  for (let right = 3; right < LIMB_BITS; right *= 2) x *= 2 - n * x;
  return x;
}

/**
 * R^2 mod n. First R 2^k by doubling a power of 2 below n; then squares and more doublings double k
 * and add 1 to it, following the bits of R's exponent, until k is that.
 */
function fillRSquared(m: Modulus): void {
  const bits = m.bits - 8; // n's first byte is not zero
  const exponent = LIMB_BITS * m.limbs;
  let below = 0;
  while (exponent >> below >= 128) below++;
  const x = m.rSquared;
  memory.fill(x, 0, m.size);
  store<Limb>(x + bits / LIMB_BITS * LIMB_BYTES, 1 << (bits % LIMB_BITS));
  doubleCanonical(m, x, exponent + (exponent >> below) - bits);
  tightenNat(x, m.limbs);
  while (--below >= 0) {
    squareMontgomery(m, x, x);
    if (((exponent >> below) & 1) == 0) continue;
    canonicalElement(m, x);
    doubleCanonical(m, x, 1);
    tightenNat(x, m.limbs);
  }
}

/**
 * x = 2^times x mod n, canonical. In between x is in -n ... n: n is added where it is negative,
 * else subtracted.
 */
function doubleCanonical(m: Modulus, x: usize, times: i32): void {
  let sign: Limb = 0;
  for (; times > 0; times--) sign = doubleSigned(x, m.n, m.limbs, sign);
  addNat(x, m.n, m.limbs, sign);
}
