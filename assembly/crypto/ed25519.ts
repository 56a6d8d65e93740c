// Ed25519 signatures (RFC 8032, 5.1): PureEdDSA, the message as a whole, no context.
//
// What verification accepts is what RFC 8032, 5.1.7 and OpenSSL accept of honest signers, and less
// of others: S below L, so that nobody can change a signature into another good one; A and R in
// their only encoding; the equation without the cofactor; and no A of small order, for which
// anybody can sign.
//
// Signing begins with the seed, never with a public key from outside: two signatures that differ
// only in A would give the key away. So would two that differ by a fault, as the nonce repeats.
// Therefore a signature is checked before it leaves: A + R must be (a + r) B, for which the comb
// takes another way, and everything but the two points is computed twice.

import { equalVarTime } from "../base/bytes";
import { Choice, equalBytes, not, select, zeroBytesIf } from "../base/ct";
import { Errno, deviceError } from "../base/err";
import * as scratch from "../base/scratch";
import { isLessBytes, reverseBytes } from "./big-endian";
import {
  ENTRY_SIZE, POINT_SIZE, addEntry, equalPoints, makeEntry, negatePointIf, normalizePair,
} from "./edwards";
import {
  decodePointVarTime, encodeNormalized, encodePoint, hasSmallOrderVarTime,
} from "./edwards-encoding";
import { SCALAR_SIZE, multiplyBase, multiplyTwoVarTime, order } from "./edwards-multiply";
import { HASH_STATE_SIZE, HashId, hashBegin, hashEnd, hashUpdate } from "./hash";
import { addLimbs, wipeColumns } from "./limbs";
import {
  Modulus, elementFromBytes, elementFromWideBytes, elementToBytes, fromMontgomery,
  multiplyMontgomery, toMontgomery,
} from "./modulus";
import { limbsFor, tightenNat } from "./nat";

/** Bytes of a seed, which is the private key, and of a public key. */
export const ED25519_KEY_SIZE: i32 = 32;
/** R and S. */
export const ED25519_SIGNATURE_SIZE: i32 = 64;

const S: i32 = 32;
const DIGEST_SIZE: i32 = 64;

/** out = the public key of the seed, 32 bytes each (RFC 8032, 5.1.5). CT: nothing leaks. */
export function ed25519PublicKey(out: usize, seed: usize): void {
  const frame = scratch.mark();
  const a = scratch.take(DIGEST_SIZE);
  const A = scratch.take(POINT_SIZE);
  expandSeed(a, seed);
  multiplyBase(A, a);
  encodePoint(out, A);
  scratch.release(frame);
  wipeColumns();
}

/**
 * signature = R and S of the n bytes at message under the seed's key (RFC 8032, 5.1.6); overlaps
 * neither. Gives 0, or EIO where a fault has changed the result: the signature is zeros then.
 * CT: n leaks; seed and message do not but by the result.
 */
export function ed25519Sign(signature: usize, seed: usize, message: usize, n: i32): i32 {
  const frame = scratch.mark();
  const m = overOrder();
  const a = scratch.take(SCALAR_SIZE);
  const r = scratch.take(SCALAR_SIZE);
  const A = scratch.take(POINT_SIZE);
  const R = scratch.take(POINT_SIZE);
  fillScalars(m, a, r, seed, message, n);
  multiplyBase(A, a);
  multiplyBase(R, r);
  normalizePair(A, R);
  fillSignature(m, signature, a, r, A, R, message, n);
  const right = isRight(signature, seed, A, R, message, n);
  zeroBytesIf(not(right), signature, ED25519_SIGNATURE_SIZE);
  scratch.release(frame);
  wipeColumns();
  return <i32>select(right, 0, deviceError(Errno.EIO));
}

/**
 * True where the signature, R and S, is one of the n bytes at message under the public key; false
 * also for a key or a signature of another length, or that is refused (see above).
 * CT: everything leaks: all of it is public.
 */
export function ed25519Verify(
  publicKey: usize, publicKeyLen: i32, message: usize, n: i32, signature: usize, signatureLen: i32,
): bool {
  if (publicKeyLen != ED25519_KEY_SIZE || signatureLen != ED25519_SIGNATURE_SIZE) return false;
  const frame = scratch.mark();
  const A = scratch.take(POINT_SIZE);
  const k = scratch.take(SCALAR_SIZE);
  const encoded = scratch.take(SCALAR_SIZE);
  let valid = isBelowOrderVarTime(signature + S)
    && decodePointVarTime(A, publicKey)
    && !hasSmallOrderVarTime(A);
  if (valid) {
    fillChallenge(k, signature, publicKey, message, n);
    negatePointIf(1, A);
    multiplyTwoVarTime(A, signature + S, k, A);
    encodePoint(encoded, A);
    valid = equalVarTime(encoded, signature, SCALAR_SIZE);
  }
  scratch.release(frame);
  return valid;
}

function overOrder(): Modulus {
  return Modulus.over(order, SCALAR_SIZE, limbsFor(8 * SCALAR_SIZE));
}

/** h = the scalar a, little-endian, and behind it the prefix (RFC 8032, 5.1.5): 64 bytes. */
function expandSeed(h: usize, seed: usize): void {
  digest(h, seed, 0, 0, 0);
  store<u8>(h, load<u8>(h) & 248);
  store<u8>(h, (load<u8>(h, 31) & 127) | 64, 31);
}

/** a and the nonce r (RFC 8032, 5.1.6, 2), both mod L, little-endian. */
function fillScalars(m: Modulus, a: usize, r: usize, seed: usize, message: usize, n: i32): void {
  const frame = scratch.mark();
  const h = scratch.take(DIGEST_SIZE);
  const bytes = scratch.take(SCALAR_SIZE);
  const t = scratch.take(m.size);
  expandSeed(h, seed);
  reverseBytes(bytes, h, SCALAR_SIZE);
  elementFromBytes(m, t, bytes, SCALAR_SIZE);
  storeScalar(m, a, t);
  digest(h, h + SCALAR_SIZE, 0, message, n);
  elementFromDigest(m, t, h);
  fromMontgomery(m, t, t);
  storeScalar(m, r, t);
  scratch.release(frame);
}

/** signature = R and S = r + k a mod L; the points have Z = 1. */
function fillSignature(
  m: Modulus, signature: usize, a: usize, r: usize, A: usize, R: usize, message: usize, n: i32,
): void {
  const frame = scratch.mark();
  const publicKey = scratch.take(ED25519_KEY_SIZE);
  const h = scratch.take(DIGEST_SIZE);
  const k = scratch.take(m.size);
  const t = scratch.take(m.size);
  encodeNormalized(publicKey, A);
  encodeNormalized(signature, R);
  digest(h, signature, publicKey, message, n);
  elementFromDigest(m, k, h);
  loadScalar(m, t, a);
  multiplyMontgomery(m, k, k, t);
  loadScalar(m, t, r);
  addLimbs(t, t, k, m.limbs);
  tightenNat(t, m.limbs);
  storeScalar(m, signature + S, t);
  scratch.release(frame);
}

/** 1 where the signature comes out again, and A and R are multiples by the scalars in it. */
function isRight(
  signature: usize, seed: usize, A: usize, R: usize, message: usize, n: i32,
): Choice {
  const frame = scratch.mark();
  const m = overOrder();
  const a = scratch.take(SCALAR_SIZE);
  const r = scratch.take(SCALAR_SIZE);
  const again = scratch.take(ED25519_SIGNATURE_SIZE);
  fillScalars(m, a, r, seed, message, n);
  fillSignature(m, again, a, r, A, R, message, n);
  const right = equalBytes(signature, again, ED25519_SIGNATURE_SIZE)
    & isSumOfMultiples(m, a, r, A, R);
  scratch.release(frame);
  return right;
}

/** 1 where A + R is (a + r) B: after a fault in a multiple, or in the table, it is not. */
function isSumOfMultiples(m: Modulus, a: usize, r: usize, A: usize, R: usize): Choice {
  const frame = scratch.mark();
  const scalar = scratch.take(SCALAR_SIZE);
  const t = scratch.take(m.size);
  const u = scratch.take(m.size);
  const entry = scratch.take(ENTRY_SIZE);
  const sum = scratch.take(POINT_SIZE);
  const expected = scratch.take(POINT_SIZE);
  loadScalar(m, t, a);
  loadScalar(m, u, r);
  addLimbs(t, t, u, m.limbs);
  tightenNat(t, m.limbs);
  storeScalar(m, scalar, t);
  multiplyBase(expected, scalar);
  makeEntry(entry, R);
  addEntry(sum, A, entry, false);
  const same = equalPoints(sum, expected);
  scratch.release(frame);
  return same;
}

/** k = SHA-512(R, A, message) mod L, big-endian. */
function fillChallenge(k: usize, R: usize, A: usize, message: usize, n: i32): void {
  const frame = scratch.mark();
  const m = overOrder();
  const h = scratch.take(DIGEST_SIZE);
  const t = scratch.take(m.size);
  digest(h, R, A, message, n);
  elementFromDigest(m, t, h);
  fromMontgomery(m, t, t);
  elementToBytes(m, k, SCALAR_SIZE, t);
  scratch.release(frame);
}

/** out = SHA-512 of 32 bytes at first, 32 at second unless that is 0, and the message. */
function digest(out: usize, first: usize, second: usize, message: usize, n: i32): void {
  const frame = scratch.mark();
  const state = scratch.take(HASH_STATE_SIZE);
  hashBegin(state, HashId.SHA512);
  hashUpdate(state, first, 32);
  if (second != 0) hashUpdate(state, second, 32); // public: which hash it is
  hashUpdate(state, message, n);
  hashEnd(state, out);
  scratch.release(frame);
}

/** t = 64 little-endian bytes mod L, in Montgomery form. */
function elementFromDigest(m: Modulus, t: usize, h: usize): void {
  const frame = scratch.mark();
  const bytes = scratch.take(DIGEST_SIZE);
  reverseBytes(bytes, h, DIGEST_SIZE);
  elementFromWideBytes(m, t, bytes, DIGEST_SIZE);
  scratch.release(frame);
}

/** t = a scalar in 32 little-endian bytes. */
function loadScalar(m: Modulus, t: usize, scalar: usize): void {
  const frame = scratch.mark();
  const bytes = scratch.take(SCALAR_SIZE);
  reverseBytes(bytes, scalar, SCALAR_SIZE);
  elementFromBytes(m, t, bytes, SCALAR_SIZE);
  scratch.release(frame);
}

/** The 32 little-endian bytes of t mod L, for t below 2^256; t is spent. */
function storeScalar(m: Modulus, scalar: usize, t: usize): void {
  const frame = scratch.mark();
  const bytes = scratch.take(SCALAR_SIZE);
  toMontgomery(m, t, t);
  fromMontgomery(m, t, t); // below L now
  elementToBytes(m, bytes, SCALAR_SIZE, t);
  reverseBytes(scalar, bytes, SCALAR_SIZE);
  scratch.release(frame);
}

/** True where the 32 little-endian bytes are a number below L. */
function isBelowOrderVarTime(scalar: usize): bool {
  const frame = scratch.mark();
  const bytes = scratch.take(SCALAR_SIZE);
  reverseBytes(bytes, scalar, SCALAR_SIZE);
  const below = isLessBytes(bytes, order, SCALAR_SIZE) == 1;
  scratch.release(frame);
  return below;
}
