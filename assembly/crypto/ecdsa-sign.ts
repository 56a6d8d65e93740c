// ECDSA signatures on P-256 and P-384 (FIPS 186-5, 6.4.1).
//
// Nonces are those of RFC 6979 with added entropy (3.6): without it a signature repeats exactly,
// which is what fault attacks need; with it a bad source of entropy does no harm, because key and
// digest are in the seed too.
//
// A signature that was computed wrongly can give the key away, so each is checked before it leaves:
// (n - k) G must have the x of k G, and s k must be e + r d, with e and d read anew. That notices
// what goes wrong on the way, not a key that was damaged before: whoever loads a key checks that
// it belongs to its certificate.

import { Choice, copyBytesIf, equalBytes, isZeroBytes, not, select, zeroBytesIf } from "../base/ct";
import { Errno, Misuse, deviceError, misuse } from "../base/err";
import * as scratch from "../base/scratch";
import { isInRange, isLessBytes, subtractBytes } from "./big-endian";
import { COORDINATE_MAX, coordinateSize, isSecretCurve, orderOf } from "./curve";
import { DRBG_STATE_SIZE, drbgBeginWith } from "./drbg";
import { hashSize } from "./hash";
import { invertElement } from "./inverse";
import { drawScalar } from "./key-pair";
import { addLimbs, subtractLimbs, wipeColumns } from "./limbs";
import {
  Modulus, elementFromBytes, elementToBytes, isZeroElement, multiplyMontgomery, toMontgomery,
} from "./modulus";
import { limbsFor, natFromBytes, tightenNat } from "./nat";
import { multiplyBaseSecret } from "./point-multiply";
import { pointSize, pointToBytes } from "./points";

/** Bytes of entropy that a signature takes. */
export const ECDSA_ENTROPY_SIZE: i32 = 32;

/**
 * rs = r and s, coordinateSize bytes each, of the digest (hashSize bytes) under the scalar.
 * entropy: ECDSA_ENTROPY_SIZE random bytes; 0 for RFC 6979's own nonces, which test vectors have.
 * Gives 0; BAD_KEY for a scalar that is not in 1 ... n - 1, or another curve or hash; EIO where the
 * result was wrong. rs is zeros then. CT: scalar and entropy do not leak but by the result.
 */
export function ecdsaSign(
  curve: i32, rs: usize, scalar: usize, hashId: i32, digest: usize, entropy: usize,
): i32 {
  if (!isSecretCurve(curve) || hashSize(hashId) == 0) return misuse(Misuse.BAD_KEY);
  const frame = scratch.mark();
  const n = coordinateSize(curve);
  const e = scratch.take(n);
  const k = scratch.take(n);
  reduceDigest(curve, e, digest, hashSize(hashId));
  drawNonce(curve, k, scalar, hashId, e, entropy);
  computeR(curve, rs, k);
  computeS(curve, rs, scalar, k, e);
  reduceDigest(curve, e, digest, hashSize(hashId));
  const right = hasRightS(curve, rs, scalar, k, e) & hasRightR(curve, rs, k);
  const inRange = isInRange(scalar, orderOf(curve), n);
  zeroBytesIf(not(right & inRange), rs, 2 * n);
  scratch.release(frame);
  wipeColumns();
  const result = select(right, 0, deviceError(Errno.EIO));
  return <i32>select(inRange, result, misuse(Misuse.BAD_KEY));
}

/**
 * e = the digest's leftmost bits, as many as n has, mod n: bits2octets of RFC 6979, 2.3.4. Both
 * orders have whole bytes of bits, and their first bit set: n is taken off at most once.
 */
function reduceDigest(curve: i32, e: usize, digest: usize, digestLen: i32): void {
  const n = coordinateSize(curve);
  const taken = min(n, digestLen);
  memory.fill(e, 0, n - taken);
  memory.copy(e + n - taken, digest, taken);
  reduceOnce(curve, e);
}

/** a mod n for a below 2 n. */
function reduceOnce(curve: i32, a: usize): void {
  const frame = scratch.mark();
  const n = coordinateSize(curve);
  const less = scratch.take(n);
  subtractBytes(less, a, orderOf(curve), n);
  copyBytesIf(not(isLessBytes(a, orderOf(curve), n)), a, less, n);
  scratch.release(frame);
}

/** k as in RFC 6979, 3.2: HMAC_DRBG from the scalar, the digest and what 3.6 adds. */
function drawNonce(
  curve: i32, k: usize, scalar: usize, hashId: i32, e: usize, entropy: usize,
): void {
  const frame = scratch.mark();
  const n = coordinateSize(curve);
  const drbg = scratch.take(DRBG_STATE_SIZE);
  const seed = scratch.take(2 * COORDINATE_MAX + ECDSA_ENTROPY_SIZE);
  const added = entropy == 0 ? 0 : ECDSA_ENTROPY_SIZE; // public: whether there is any
  memory.copy(seed, scalar, n);
  memory.copy(seed + n, e, n);
  memory.copy(seed + 2 * n, entropy, added);
  drbgBeginWith(drbg, hashId, seed, 2 * n + added);
  drawScalar(curve, k, drbg);
  scratch.release(frame);
}

/** r = the x of k G, mod n. */
function computeR(curve: i32, r: usize, k: usize): void {
  const frame = scratch.mark();
  const point = scratch.take(pointSize(curve));
  multiplyBaseSecret(curve, point, k);
  pointToBytes(curve, r, point, true);
  reduceOnce(curve, r); // the prime is below 2 n
  scratch.release(frame);
}

/** s = (e + r d) / k mod n, behind r in rs. */
function computeS(curve: i32, rs: usize, d: usize, k: usize, e: usize): void {
  const frame = scratch.mark();
  const n = coordinateSize(curve);
  const m = Modulus.over(orderOf(curve), n, limbsFor(8 * n));
  const sum = scratch.take(m.size);
  const t = scratch.take(m.size);
  elementFromBytes(m, sum, d, n);
  toMontgomery(m, sum, sum);
  elementFromBytes(m, t, rs, n);
  multiplyMontgomery(m, sum, sum, t);
  elementFromBytes(m, t, e, n);
  addLimbs(sum, sum, t, m.limbs);
  tightenNat(sum, m.limbs); // below 2 n, which is far below R / 4
  natFromBytes(t, m.limbs, k, n);
  invertElement(m, t);
  tightenNat(t, m.limbs);
  toMontgomery(m, t, t);
  multiplyMontgomery(m, sum, sum, t);
  elementToBytes(m, rs + n, n, sum);
  scratch.release(frame);
}

/** 1 where s k - r d - e is 0 mod n, and s is not. */
function hasRightS(curve: i32, rs: usize, d: usize, k: usize, e: usize): Choice {
  const frame = scratch.mark();
  const n = coordinateSize(curve);
  const m = Modulus.over(orderOf(curve), n, limbsFor(8 * n));
  const difference = scratch.take(m.size);
  const t = scratch.take(m.size);
  multiplyBytes(m, difference, rs + n, k, n);
  multiplyBytes(m, t, rs, d, n);
  subtractLimbs(difference, difference, t, m.limbs);
  elementFromBytes(m, t, e, n);
  subtractLimbs(difference, difference, t, m.limbs);
  const right = isZeroElement(m, difference) & not(isZeroBytes(rs + n, n));
  scratch.release(frame);
  return right;
}

/** out = a b mod n, of big-endian numbers of n bytes. */
function multiplyBytes(m: Modulus, out: usize, a: usize, b: usize, n: i32): void {
  const frame = scratch.mark();
  const t = scratch.take(m.size);
  elementFromBytes(m, t, a, n);
  toMontgomery(m, t, t);
  elementFromBytes(m, out, b, n);
  multiplyMontgomery(m, out, out, t);
  scratch.release(frame);
}

/** 1 where r is the x of (n - k) G mod n, which other windows of other bits lead to, and not 0. */
function hasRightR(curve: i32, r: usize, k: usize): Choice {
  const frame = scratch.mark();
  const n = coordinateSize(curve);
  const opposite = scratch.take(n);
  const again = scratch.take(n);
  subtractBytes(opposite, orderOf(curve), k, n);
  computeR(curve, again, opposite);
  const right = equalBytes(r, again, n) & not(isZeroBytes(r, n));
  scratch.release(frame);
  return right;
}
