// Random primes for RSA (FIPS 186-5, A.1.3): numbers from the DRBG, each drawn anew, refused for a
// small factor, then by the Miller-Rabin test (B.3.1).
//
// Primes here are 3 mod 4, that is 3 or 7 mod 8, to which A.1.3 lets the caller restrict them:
// (p - 1) / 2 is odd then, and a round of Miller-Rabin is a single power that must be 1 or -1.
// CT: candidates that are refused leak, a prime does not: nothing of what is thrown away goes into
// it.

import { load32be } from "../base/bytes";
import { Choice, isZero } from "../base/ct";
import * as scratch from "../base/scratch";
import { halveBytes } from "./big-endian";
import { drbgFill } from "./drbg";
import { LIMB_BITS, LIMB_BYTES, LIMB_MASK, addLimbs, subtractLimbs } from "./limbs";
import {
  Modulus, elementFromWideBytes, fromMontgomery, inverseOfLimb, isZeroElement,
} from "./modulus";
import { limbsFor, natFromBytes } from "./nat";
import { powerSecret } from "./power";

/** The smallest 32 bits that a candidate may begin with: 2^31 sqrt(2), rounded up. */
const LEAST_TOP: u32 = 0xb504f334;
/** Odd numbers below it are tried as factors: 7 candidates of 8 have one. */
const FACTOR_LIMIT: i32 = 4096;
/** FIPS 186-5, table B.1: 5 rounds for primes of 1024 bits, 4 for those of 1536 and 2048. */
const ROUNDS: i32 = 5;
/** Bytes that a base is drawn longer than the modulus, so that 2^-128 of bias is left in it. */
const EXCESS: i32 = 16;

/**
 * p = the DRBG's next number of `size` bytes, 3 mod 4. True where it is above 2^(8 size) / sqrt(2)
 * and has no small factor. CT: a number that is not used leaks.
 */
export function drawCandidate(p: usize, size: i32, drbg: usize): bool {
  drbgFill(drbg, p, size);
  const last = p + size - 1;
  store<u8>(last, load<u8>(last) | 3);
  return load32be(p) >= LEAST_TOP && !hasSmallFactor(p, size);
}

/**
 * True where an odd number below FACTOR_LIMIT divides p, of `size` bytes. CT: p does not leak where
 * none does.
 */
export function hasSmallFactor(p: usize, size: i32): bool {
  const frame = scratch.mark();
  const limbs = limbsFor(8 * size);
  const a = scratch.take(limbs * LIMB_BYTES);
  natFromBytes(a, limbs, p, size);
  let factor = 3;
  while (factor < FACTOR_LIMIT && isMultiple(a, limbs, factor) == 0) factor += 2;
  scratch.release(frame);
  return factor < FACTOR_LIMIT;
}

/**
 * 1 where the odd number `factor`, below 2^17, divides a, canonical. Limb by limb from the lowest,
 * the sum so far is divided by 2^LIMB_BITS modulo the factor; it stays 0 ... factor + 1. CT: a does
 * not leak.
 */
export function isMultiple(a: usize, limbs: i32, factor: i32): Choice {
  const inverse = -inverseOfLimb(factor);
  let sum: Limb = 0;
  for (const end = a + limbs * LIMB_BYTES; a < end; a += LIMB_BYTES) {
    const t = sum + load<Limb>(a);
    sum = (t + ((t * inverse) & LIMB_MASK) * factor) >> LIMB_BITS;
  }
  return isZero(<u32>sum) | isZero(<u32>sum ^ factor);
}

/**
 * True where p, 3 mod 4, its first byte not zero, passes the Miller-Rabin test with random bases
 * (B.3.1). Of candidates drawn as above, a composite that passes is rarer than 2^-112 at 1024 bits,
 * 2^-144 at 1536 and 2^-160 at 2048 (Damgard, Landrock, Pomerance 1993; FIPS 186-5, C.1). For a
 * number that somebody chose, 4^-5 is all that is certain. CT: p does not leak where it passes.
 */
export function isProbablePrime(p: usize, size: i32, drbg: usize): bool {
  const frame = scratch.mark();
  const m = Modulus.over(p, size, limbsFor(8 * size));
  const half = scratch.take(size);
  halveBytes(half, p, size);
  let round = 0;
  while (round < ROUNDS && hasRootOfOne(m, half, size, drbg) != 0) round++;
  scratch.release(frame);
  return round == ROUNDS;
}

/** 1 where b^((p - 1) / 2) is 1 or -1 mod p for a random b; 0 for b = 0, which is never drawn. */
function hasRootOfOne(m: Modulus, half: usize, size: i32, drbg: usize): Choice {
  const frame = scratch.mark();
  const bytes = scratch.take(size + EXCESS);
  const b = scratch.take(m.size);
  const one = scratch.take(m.size);
  const t = scratch.take(m.size);
  drbgFill(drbg, bytes, size + EXCESS);
  elementFromWideBytes(m, b, bytes, size + EXCESS);
  powerSecret(m, b, half, size);
  fromMontgomery(m, one, m.rSquared);
  subtractLimbs(t, b, one, m.limbs);
  addLimbs(b, b, one, m.limbs);
  const found = isZeroElement(m, t) | isZeroElement(m, b);
  scratch.release(frame);
  return found;
}
