// Natural numbers of any size: limbs as those of limbs.ts, least significant first, their count
// given with each call. Canonical limbs are 0 ... LIMB_MASK; tight ones, which is what products
// want, are signed.
//
// CT: values do not leak; counts do.

import { Choice } from "../base/ct";
import { LIMB_BITS, LIMB_BYTES, LIMB_MASK, carryLimb, packLimbs, unpackLimbs } from "./limbs";
import { limb } from "./limbs-block";
import { SPAN } from "./limbs-row";

/** Bits that stay free above a number: what Montgomery's products need (modulus.ts). */
const SPARE_BITS: i32 = 2;

/** Limbs for numbers of that many bits, with SPARE_BITS to spare: whole spans (limbs-row.ts). */
export function limbsFor(bits: i32): i32 {
  return (bits + SPARE_BITS + SPAN * LIMB_BITS - 1) / (SPAN * LIMB_BITS) * SPAN;
}

/** a = the n big-endian bytes at p, canonical. */
export function natFromBytes(a: usize, limbs: i32, p: usize, n: i32): void {
  unpackLimbs(a, limbs, p + n - 1, -1, n);
}

/** The n big-endian bytes at p = a, canonical, which fits in them; n bytes fit in its limbs. */
export function natToBytes(p: usize, n: i32, a: usize): void {
  packLimbs(p + n - 1, -1, n, a);
}

/** Makes limbs, a multiple of five, of any columns tight; gives the carry out of the last. */
export function tightenNat(a: usize, limbs: i32): Limb {
  let carry: Limb = 0;
  for (const end = a + limbs * LIMB_BYTES; a < end; a += 5 * LIMB_BYTES) {
    carry = carryLimb(a, 0, limb(a, 0), carry);
    carry = carryLimb(a, 1, limb(a, 1), carry);
    carry = carryLimb(a, 2, limb(a, 2), carry);
    carry = carryLimb(a, 3, limb(a, 3), carry);
    carry = carryLimb(a, 4, limb(a, 4), carry);
  }
  return carry;
}

/** Makes limbs of a number that is not negative canonical. */
export function canonicalNat(a: usize, limbs: i32): void {
  let carry: Limb = 0;
  for (const end = a + limbs * LIMB_BYTES; a < end; a += LIMB_BYTES) {
    const t = load<Limb>(a) + carry;
    carry = t >> LIMB_BITS;
    store<Limb>(a, t & LIMB_MASK);
  }
}

/**
 * a += b where `on` is all ones, a += 0 where it is 0, canonical; gives the carry, -1 for a < 0.
 */
export function addNat(a: usize, b: usize, limbs: i32, on: Limb): Limb {
  let carry: Limb = 0;
  for (const end = a + limbs * LIMB_BYTES; a < end; a += LIMB_BYTES) {
    const t = load<Limb>(a) + (load<Limb>(b) & on) + carry;
    carry = t >> LIMB_BITS;
    store<Limb>(a, t & LIMB_MASK);
    b += LIMB_BYTES;
  }
  return carry;
}

/**
 * a = 2 a - n where the sign of a is 0, 2 a + n where it is -1; gives the new sign. Limbs of a are
 * canonical, those of a negative number with 2^(bits of all limbs) added to it. |a| <= n.
 */
export function doubleSigned(a: usize, n: usize, limbs: i32, sign: Limb): Limb {
  const flip = ~sign;
  let carry: Limb = 0;
  for (const end = a + limbs * LIMB_BYTES; a < end; a += LIMB_BYTES) {
    const t = 2 * load<Limb>(a) + ((load<Limb>(n) ^ flip) - flip) + carry;
    carry = t >> LIMB_BITS;
    store<Limb>(a, t & LIMB_MASK);
    n += LIMB_BYTES;
  }
  return 2 * sign + carry;
}

/** 1 where a < b, whatever the signs of limbs. */
export function isLessNat(a: usize, b: usize, limbs: i32): Choice {
  let carry: Limb = 0;
  for (const end = a + limbs * LIMB_BYTES; a < end; a += LIMB_BYTES) {
    carry = (load<Limb>(a) - load<Limb>(b) + carry) >> LIMB_BITS;
    b += LIMB_BYTES;
  }
  return <u32>carry >> 31;
}

/** -1 where a, of signed limbs, is negative, else 0. */
export function signOfNat(a: usize, limbs: i32): Limb {
  let carry: Limb = 0;
  for (const end = a + limbs * LIMB_BYTES; a < end; a += LIMB_BYTES) {
    carry = (load<Limb>(a) + carry) >> LIMB_BITS;
  }
  return carry >> 31;
}
