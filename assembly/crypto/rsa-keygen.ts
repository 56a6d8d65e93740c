// RSA key pairs of 2048 to 4096 bits with e = 65537 (FIPS 186-5, A.1.1 and A.1.3).
//
// Besides what prime.ts asks of a prime: p - 1 and q - 1 are prime to e, and have no common factor
// but 2, so that lcm(p - 1, q - 1) is (p - 1) (q - 1) / 2 and needs no division by a secret. Two
// primes of three are like that. p is above q, and they differ within their first 96 bits. d, below
// the lcm, is above lcm / e, far above the 2^(nlen / 2) that A.1.1 wants. Key pairs take time: a
// prime of 1024 bits some 50 powers on average, one of 2048 twice as many.
// CT: the candidates that are refused leak, and how many of q's were refused for a factor that
// (p - 1) / 2 has too: whether 3, 5 or 7 is one. Nothing else of the key leaks.

import { load64be, store24be, wipe } from "../base/bytes";
import { copyBytesIf, isZeroBytes } from "../base/ct";
import { Errno, Misuse, deviceError, misuse } from "../base/err";
import * as scratch from "../base/scratch";
import { halveBytes, isLessBytes, subtractBytes, swapBytesIf } from "./big-endian";
import { invertElement } from "./inverse";
import { LIMB_BITS, LIMB_BYTES, LIMB_MASK, wipeColumns } from "./limbs";
import { Modulus, elementFromBytes, multiplyWide } from "./modulus";
import { canonicalNat, limbsFor, natFromBytes, natToBytes, tightenNat } from "./nat";
import { drawCandidate, isMultiple, isProbablePrime } from "./prime";
import { RsaPrivateKey } from "./rsa-sign";

const SMALLEST_BITS: i32 = 2048;
const LARGEST_BITS: i32 = 4096;
/** The public exponent: 2^16 + 1, a prime. */
const E: i32 = 65537;
const E_BYTES: i32 = 3;
/** Bytes in which p and q must not begin alike: A.1.3 wants a difference above 2^(nlen/2 - 100). */
const APART_BYTES: i32 = 12;
/**
 * Candidates for each bit of the modulus before we give up, as A.1.3 does after some number. Three
 * for two bits are the average, and a sound generator needs more than 64 with a chance of 2^-100.
 */
const TRIES_PER_BIT: i32 = 64;

/** Bytes that generateRsaKey fills for a modulus of `bits` bits; 0: no such keys. CT: bits leak. */
export function rsaKeyStorage(bits: i32): i32 {
  if (bits < SMALLEST_BITS || bits > LARGEST_BITS || bits % 16 != 0) return 0;
  return 2 * (bits / 8) + 5 * (bits / 16) + E_BYTES;
}

/**
 * Draws a key of `bits` bits, a multiple of 16: fills rsaKeyStorage(bits) bytes at storage, which
 * the caller wipes one day, and lets `key` point into them; d, dp, dq and qInv have leading zeros
 * where they are short. Gives 0; BAD_KEY for another size; EIO where the generator gives no primes.
 * CT: the key does not leak but for what the head says; how many candidates there were does.
 */
export function generateRsaKey(key: RsaPrivateKey, storage: usize, bits: i32, drbg: usize): i32 {
  const n = rsaKeyStorage(bits);
  if (n == 0) return misuse(Misuse.BAD_KEY);
  layOutKey(key, storage, bits);
  const drawn = drawPrimes(key, TRIES_PER_BIT * bits, drbg);
  if (drawn) completeKey(key);
  else wipe(storage, n);
  wipeColumns();
  return drawn ? 0 : deviceError(Errno.EIO);
}

/** Puts p above q and computes n, d, dp, dq and qInv from them. CT: p and q do not leak. */
export function completeKey(key: RsaPrivateKey): void {
  const frame = scratch.mark();
  const size = key.pLen;
  swapBytesIf(isLessBytes(key.p, key.q, size), key.p, key.q, size);
  const limbs = limbsFor(8 * size);
  const m = Modulus.over(key.p, size, limbs);
  const sum = scratch.take(2 * m.size);
  const t = scratch.take(m.size);
  elementFromBytes(m, t, key.q, size);
  multiplyWide(m, sum, m.n, t);
  canonicalNat(sum, 2 * limbs);
  natToBytes(key.n, key.nLen, sum);
  multiplyOrders(m, sum, key);
  invertExponent(sum, 2 * limbs);
  natToBytes(key.d, key.dLen, sum);
  computeExponent(key.dp, key.p, size);
  computeExponent(key.dq, key.q, size);
  natFromBytes(t, limbs, key.q, size);
  invertElement(m, t);
  natToBytes(key.qInv, size, t);
  scratch.release(frame);
}

/** The key's numbers one after the other: n, d, p, q, dp, dq, qInv, e. CT: bits leak. */
export function layOutKey(key: RsaPrivateKey, at: usize, bits: i32): void {
  const nLen = bits / 8, size = bits / 16;
  key.n = at;
  key.d = key.n + nLen;
  key.p = key.d + nLen;
  key.q = key.p + size;
  key.dp = key.q + size;
  key.dq = key.dp + size;
  key.qInv = key.dq + size;
  key.e = key.qInv + size;
  key.nLen = nLen;
  key.dLen = nLen;
  key.pLen = size;
  key.qLen = size;
  key.dpLen = size;
  key.dqLen = size;
  key.qInvLen = size;
  key.eLen = E_BYTES;
  store24be(key.e, E);
}

/** p and q, from at most `tries` candidates in all; false where those were not enough. */
function drawPrimes(key: RsaPrivateKey, tries: i32, drbg: usize): bool {
  tries = drawPrime(key.p, key.pLen, 0, tries, drbg);
  return drawPrime(key.q, key.qLen, key.p, tries, drbg) >= 0;
}

/**
 * p = a prime that fits the key's other one, if there is one yet (else 0). Gives how many tries are
 * left, -1 where there are none: also where the generator repeats itself, which one that works does
 * not in 64 bits.
 */
function drawPrime(p: usize, size: i32, other: usize, tries: i32, drbg: usize): i32 {
  while (--tries >= 0) {
    const previous = load64be(p);
    const drawn = drawCandidate(p, size, drbg);
    if (load64be(p) == previous) return -1; // public: what is refused
    if (!drawn || !isPrimeToE(p, size)) continue;
    if (other != 0 && !areFit(p, other, size)) continue;
    if (isProbablePrime(p, size, drbg)) return tries;
  }
  return -1;
}

/** What is asked of two primes together. CT: see above for what leaks of `other`. */
export function areFit(p: usize, other: usize, size: i32): bool {
  return areApart(p, other, size) && haveCoprimeHalves(p, other, size);
}

/** True where e does not divide p - 1. */
function isPrimeToE(p: usize, size: i32): bool {
  const frame = scratch.mark();
  const limbs = limbsFor(8 * size);
  const a = scratch.take(limbs * LIMB_BYTES);
  readOrder(a, limbs, p, size);
  const multiple = isMultiple(a, limbs, E);
  scratch.release(frame);
  return multiple == 0;
}

/** a = p - 1, canonical, for an odd p. */
function readOrder(a: usize, limbs: i32, p: usize, size: i32): void {
  natFromBytes(a, limbs, p, size);
  store<Limb>(a, load<Limb>(a) - 1);
}

/** True where p and q differ by 2^(8 size - 96) or more. */
function areApart(p: usize, q: usize, size: i32): bool {
  const frame = scratch.mark();
  const difference = scratch.take(size);
  const opposite = scratch.take(size);
  subtractBytes(difference, p, q, size);
  subtractBytes(opposite, q, p, size);
  copyBytesIf(isLessBytes(p, q, size), difference, opposite, size);
  const alike = isZeroBytes(difference, APART_BYTES);
  scratch.release(frame);
  return alike == 0;
}

/** True where (p - 1) / 2, which is odd, and (q - 1) / 2 have no common factor. */
function haveCoprimeHalves(p: usize, q: usize, size: i32): bool {
  const frame = scratch.mark();
  const limbs = limbsFor(8 * size);
  const half = scratch.take(size);
  halveBytes(half, p, size);
  const m = Modulus.over(half, size, limbs);
  const a = scratch.take(m.size);
  halveBytes(half, q, size);
  natFromBytes(a, limbs, half, size);
  const coprime = invertElement(m, a);
  scratch.release(frame);
  return coprime != 0;
}

/** sum = lcm(p - 1, q - 1) = (p - 1) / 2 (q - 1), canonical; m is of their size. */
function multiplyOrders(m: Modulus, sum: usize, key: RsaPrivateKey): void {
  const frame = scratch.mark();
  const half = scratch.take(key.pLen);
  const a = scratch.take(m.size);
  const b = scratch.take(m.size);
  halveBytes(half, key.p, key.pLen);
  elementFromBytes(m, a, half, key.pLen);
  readOrder(b, m.limbs, key.q, key.qLen);
  tightenNat(b, m.limbs);
  multiplyWide(m, sum, a, b);
  canonicalNat(sum, 2 * m.limbs);
  scratch.release(frame);
}

/** out = 1 / e mod p - 1, size bytes. */
function computeExponent(out: usize, p: usize, size: i32): void {
  const frame = scratch.mark();
  const limbs = limbsFor(8 * size);
  const a = scratch.take(limbs * LIMB_BYTES);
  readOrder(a, limbs, p, size);
  invertExponent(a, limbs);
  natToBytes(out, size, a);
  scratch.release(frame);
}

/**
 * a = 1 / e mod a, canonical before and after: (1 + a k) / e with the k that makes it whole,
 * -1 / a mod e. The quotient's next limb is the lowest of what is left, divided by e modulo a limb:
 * (2 - e) e = 1 - 2^32.
 */
function invertExponent(a: usize, limbs: i32): void {
  const k = E - invertModuloE(remainderOfE(a, limbs));
  let t: Limb = 1;
  for (const end = a + limbs * LIMB_BYTES; a < end; a += LIMB_BYTES) {
    t += load<Limb>(a) * k;
    const digit = (t * (2 - E)) & LIMB_MASK;
    store<Limb>(a, digit);
    t = (t - digit * E) >> LIMB_BITS;
  }
}

/** a mod e, from the top, 13 bits after each multiplication by 2^13. */
function remainderOfE(a: usize, limbs: i32): i32 {
  let r = 0;
  for (let i = limbs - 1; i >= 0; i--) {
    const limb = load<u32>(a + i * LIMB_BYTES);
    for (let low = LIMB_BITS - 13; low >= 0; low -= 13) {
      r = reduceModuloE((<u64>r << 13) + ((limb >> low) & 0x1fff));
    }
  }
  return r;
}

/** 1 / r mod e = r^(e - 2), and e - 2 is sixteen ones. */
function invertModuloE(r: i32): i32 {
  let power = r;
  for (let i = 0; i < 15; i++) {
    power = reduceModuloE(<u64>power * power);
    power = reduceModuloE(<u64>power * r);
  }
  return power;
}

/** x mod e for x <= 2^32, as 2^16 is -1. */
function reduceModuloE(x: u64): i32 {
  const difference = <i32>(<u32>x & 0xffff) - <i32>(x >> 16);
  return difference + (E & (difference >> 31));
}
