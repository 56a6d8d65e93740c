// RSA signatures: RSASSA-PKCS1-v1_5 and RSASSA-PSS (RFC 8017, 8.2.1 and 8.1.1), for moduli of 1024
// to 4096 bits with their primes (5.1.2, by the Chinese remainder theorem: four times as fast, and
// the usual form of a key) or to 3072 bits with d alone. How long a key must be is the caller's
// policy.
//
// Each power is blinded: (c r^e)^d / r is c^d for any r, drawn anew each time, so that nobody knows
// what the arithmetic works on. Modulo each prime that costs two short powers and an inverse.
//
// A fault in one of the two halves would give the primes away (Boneh, DeMillo, Lipton 1997: the gcd
// of n and s^e - m is one), one in the encoding would sign something else, perhaps without padding.
// So before s leaves, s^e mod n is compared with the encoding made anew.

import { Choice, equalBytes, not, select, zeroBytesIf } from "../base/ct";
import { Errno, Misuse, deviceError, misuse } from "../base/err";
import * as scratch from "../base/scratch";
import { drbgFill } from "./drbg";
import { invertElement } from "./inverse";
import { addLimbs, subtractLimbs, wipeColumns } from "./limbs";
import {
  Modulus, canonicalElement, elementFromBytes, elementFromWideBytes, elementToBytes,
  multiplyMontgomery, multiplyWide, toMontgomery,
} from "./modulus";
import { canonicalNat, limbsFor, natFromBytes, natToBytes, tightenNat } from "./nat";
import { powerSecret, powerVarTime } from "./power";
import { bitLength, isUsableKey } from "./rsa";
import { isSigningHash, writePkcs1, writePss } from "./rsa-encoding";

/**
 * A private key: big-endian numbers somewhere in memory, as RSAPrivateKey (RFC 8017, A.1.2) has
 * them, n, e, p and q without leading zeros. Lengths of p, q, dp, dq and qInv of 0: n, e and d are
 * all there is.
 */
// @ts-ignore: decorator
@unmanaged
export class RsaPrivateKey {
  n: usize = 0;
  nLen: i32 = 0;
  e: usize = 0;
  eLen: i32 = 0;
  d: usize = 0;
  dLen: i32 = 0;
  p: usize = 0;
  pLen: i32 = 0;
  q: usize = 0;
  qLen: i32 = 0;
  /** d mod p - 1 */
  dp: usize = 0;
  dpLen: i32 = 0;
  /** d mod q - 1 */
  dq: usize = 0;
  dqLen: i32 = 0;
  /** 1 / q mod p */
  qInv: usize = 0;
  qInvLen: i32 = 0;
}

/** Bytes of the longest modulus that scratch memory has room for without the primes. */
const WITHOUT_PRIMES_MAX: i32 = 384;

/**
 * signature (nLen bytes) = RSASSA-PKCS1-v1_5 of the digest. drbg: a seeded generator, for blinding.
 * Gives 0; BAD_KEY for a key or hash that cannot be used; EIO where the result was wrong: signature
 * is zeros then. CT: the key's lengths, n and e leak.
 */
export function rsaSignPkcs1(
  signature: usize, key: RsaPrivateKey, hashId: i32, digest: usize, drbg: usize,
): i32 {
  return signDigest(signature, key, hashId, digest, false, 0, 0, drbg);
}

/**
 * signature = RSASSA-PSS of the digest with this salt, MGF1 over the same hash; the rest as in
 * rsaSignPkcs1. The salt is to be random, and for TLS as long as the digest. BAD_KEY also where
 * hash and salt do not fit into the modulus. CT: as rsaSignPkcs1.
 */
export function rsaSignPss(
  signature: usize, key: RsaPrivateKey, hashId: i32, digest: usize,
  salt: usize, saltLen: i32, drbg: usize,
): i32 {
  return signDigest(signature, key, hashId, digest, true, salt, saltLen, drbg);
}

/** Lengths that make sense; that the numbers belong together shows in the signature. */
function isUsablePrivateKey(key: RsaPrivateKey): bool {
  if (!isUsableKey(key.n, key.nLen, key.e, key.eLen)) return false;
  if (hasPrimes(key)) return true;
  return key.nLen <= WITHOUT_PRIMES_MAX && key.dLen > 0 && key.dLen <= key.nLen;
}

/** Primes of about half the modulus's length, as all generators make them. */
function hasPrimes(key: RsaPrivateKey): bool {
  const pLen = key.pLen, qLen = key.qLen;
  const excess = pLen + qLen - key.nLen;
  if (excess < 0 || excess > 1 || abs(pLen - qLen) > 8) return false;
  return key.dpLen > 0 && key.dpLen <= pLen && key.dqLen > 0 && key.dqLen <= qLen
    && key.qInvLen > 0 && key.qInvLen <= pLen;
}

/** Both kinds of signatures. The encoding stands where the signature will. */
function signDigest(
  signature: usize, key: RsaPrivateKey, hashId: i32, digest: usize,
  isPss: bool, salt: usize, saltLen: i32, drbg: usize,
): i32 {
  if (!isSigningHash(hashId) || !isUsablePrivateKey(key)) return misuse(Misuse.BAD_KEY);
  if (!encode(signature, key, hashId, digest, isPss, salt, saltLen)) return misuse(Misuse.BAD_KEY);
  if (hasPrimes(key)) signWithPrimes(signature, key, drbg);
  else signWithExponent(signature, key, drbg);
  const frame = scratch.mark();
  const em = scratch.take(key.nLen);
  encode(em, key, hashId, digest, isPss, salt, saltLen);
  const right = opensTo(signature, key, em);
  zeroBytesIf(not(right), signature, key.nLen);
  scratch.release(frame);
  wipeColumns();
  return <i32>select(right, 0, deviceError(Errno.EIO));
}

/** em = the digest's encoding, nLen bytes; false where there is no room for hash and salt. */
function encode(
  em: usize, key: RsaPrivateKey, hashId: i32, digest: usize,
  isPss: bool, salt: usize, saltLen: i32,
): bool {
  const emBits = bitLength(key.n, key.nLen) - 1;
  if (isPss) return writePss(em, key.nLen, emBits, hashId, digest, salt, saltLen);
  writePkcs1(em, key.nLen, hashId, digest);
  return true;
}

/** 1 where signature^e mod n is em. */
function opensTo(signature: usize, key: RsaPrivateKey, em: usize): Choice {
  const frame = scratch.mark();
  const n = key.nLen;
  const m = Modulus.over(key.n, n, limbsFor(8 * n));
  const s = scratch.take(m.size);
  const found = scratch.take(n);
  elementFromBytes(m, s, signature, n);
  powerVarTime(m, s, key.e, key.eLen);
  elementToBytes(m, found, n, s);
  const same = equalBytes(found, em, n);
  scratch.release(frame);
  return same;
}

/** s = s^d mod n. */
function signWithExponent(s: usize, key: RsaPrivateKey, drbg: usize): void {
  const frame = scratch.mark();
  const n = key.nLen;
  const m = Modulus.over(key.n, n, limbsFor(8 * n));
  const c = scratch.take(m.size);
  elementFromBytes(m, c, s, n);
  toMontgomery(m, c, c);
  powerBlinded(m, c, key.d, key.dLen, key, drbg);
  elementToBytes(m, s, n, c);
  scratch.release(frame);
}

/** s = s^d mod n from s_p = s^dp mod p and s_q = s^dq mod q. */
function signWithPrimes(s: usize, key: RsaPrivateKey, drbg: usize): void {
  const frame = scratch.mark();
  const limbs = limbsFor(8 * max(key.pLen, key.qLen));
  const sp = scratch.take(key.pLen);
  const sq = scratch.take(key.qLen);
  const p = Modulus.over(key.p, key.pLen, limbs);
  signModuloPrime(sp, p, key.dp, key.dpLen, key, s, drbg);
  const q = Modulus.over(key.q, key.qLen, limbs);
  signModuloPrime(sq, q, key.dq, key.dqLen, key, s, drbg);
  combine(s, key, p, sp, sq);
  scratch.release(frame);
}

/** out = em^k modulo a prime, as many bytes as it has. */
function signModuloPrime(
  out: usize, m: Modulus, k: usize, kLen: i32, key: RsaPrivateKey, em: usize, drbg: usize,
): void {
  const frame = scratch.mark();
  const c = scratch.take(m.size);
  elementFromWideBytes(m, c, em, key.nLen);
  powerBlinded(m, c, k, kLen, key, drbg);
  elementToBytes(m, out, m.bits >> 3, c);
  scratch.release(frame);
}

/** c = c^k mod n, where c is in Montgomery form before, not after; k is 1 / e modulo the order. */
function powerBlinded(
  m: Modulus, c: usize, k: usize, kLen: i32, key: RsaPrivateKey, drbg: usize,
): void {
  const frame = scratch.mark();
  const bytes = m.bits >> 3;
  const r = scratch.take(bytes);
  drbgFill(drbg, r, bytes);
  blind(m, c, r, bytes, key);
  powerSecret(m, c, k, kLen);
  const t = scratch.take(m.size);
  elementFromBytes(m, t, r, bytes);
  multiplyMontgomery(m, c, c, t);
  scratch.release(frame);
}

/**
 * c = c r^e and r = 1 / r mod n. An r without an inverse, which one would have to guess a factor of
 * n for, gives a wrong signature, which does not leave.
 */
function blind(m: Modulus, c: usize, r: usize, bytes: i32, key: RsaPrivateKey): void {
  const frame = scratch.mark();
  const t = scratch.take(m.size);
  elementFromBytes(m, t, r, bytes);
  powerVarTime(m, t, key.e, key.eLen);
  toMontgomery(m, t, t);
  multiplyMontgomery(m, c, c, t);
  natFromBytes(t, m.limbs, r, bytes);
  invertElement(m, t);
  natToBytes(r, bytes, t);
  scratch.release(frame);
}

/** out = s_q + q (qInv (s_p - s_q) mod p) (RFC 8017, 5.1.2), nLen bytes. */
function combine(out: usize, key: RsaPrivateKey, p: Modulus, sp: usize, sq: usize): void {
  const frame = scratch.mark();
  const limbs = p.limbs;
  const h = scratch.take(p.size);
  const t = scratch.take(p.size);
  const sum = scratch.take(2 * p.size);
  elementFromBytes(p, h, sp, key.pLen);
  elementFromBytes(p, t, sq, key.qLen);
  subtractLimbs(h, h, t, limbs);
  tightenNat(h, limbs);
  elementFromBytes(p, t, key.qInv, key.qInvLen);
  toMontgomery(p, t, t);
  multiplyMontgomery(p, h, h, t);
  canonicalElement(p, h);
  tightenNat(h, limbs);
  elementFromBytes(p, t, key.q, key.qLen);
  multiplyWide(p, sum, h, t);
  natFromBytes(t, limbs, sq, key.qLen);
  addLimbs(sum, sum, t, limbs);
  canonicalNat(sum, 2 * limbs);
  natToBytes(out, key.nLen, sum);
  scratch.release(frame);
}
