// RSA signature verification: RSASSA-PKCS1-v1_5 and RSASSA-PSS (RFC 8017, 8.2.2 and 8.1.2), moduli
// of 1024 to 4096 bits, odd exponents from 3 to 64 bits. How long a key must be is x509's policy.
//
// PKCS#1 v1.5 is checked by building the one right encoding and comparing all of it: parsing what
// the signature holds is how Bleichenbacher's forgeries for e = 3 (2006) and later ones got in.
// CT: everything leaks: keys, digests and signatures are public here.

import { equalVarTime } from "../base/bytes";
import * as scratch from "../base/scratch";
import {
  HASH_MAX, HASH_STATE_SIZE, HashId, hashBegin, hashEnd, hashSize, hashUpdate,
} from "./hash";
import {
  Modulus, elementFromBytes, elementToBytes, fromMontgomery, multiplyMontgomery, squareMontgomery,
  toMontgomery,
} from "./modulus";
import { isLessNat, limbsFor } from "./nat";

const SMALLEST_BITS: i32 = 1024;
const LARGEST_BITS: i32 = 4096;
const LARGEST_EXPONENT_BYTES: i32 = 8;

/** DigestInfo up to the digest (RFC 8017, 9.2, note 1), for SHA-256; see writeDigestInfo. */
const digestInfo: usize = memory.data<u8>([
  0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
  0x05, 0x00, 0x04, 0x20,
]);
const DIGEST_INFO_SIZE: i32 = 19;

/**
 * True where the signature is RSASSA-PKCS1-v1_5 of the digest under the key (n, e), numbers
 * big-endian without leading zeros. CT: everything leaks: all of it is public.
 */
export function rsaVerifyPkcs1(
  hashId: i32, digest: usize, signature: usize, signatureLen: i32,
  n: usize, nLen: i32, e: usize, eLen: i32,
): bool {
  if (!isKnownHash(hashId) || !isUsableKey(n, nLen, e, eLen) || signatureLen != nLen) return false;
  const frame = scratch.mark();
  const found = scratch.take(nLen);
  const expected = scratch.take(nLen);
  writePkcs1(expected, nLen, hashId, digest);
  const valid = recoverVarTime(found, signature, n, nLen, e, eLen)
    && equalVarTime(found, expected, nLen);
  scratch.release(frame);
  return valid;
}

/**
 * True where the signature is RSASSA-PSS of the digest under the key (n, e), with MGF1 over the
 * same hash and a salt of exactly saltLen bytes. CT: everything leaks: all of it is public.
 */
export function rsaVerifyPss(
  hashId: i32, saltLen: i32, digest: usize, signature: usize, signatureLen: i32,
  n: usize, nLen: i32, e: usize, eLen: i32,
): bool {
  if (!isKnownHash(hashId) || !isUsableKey(n, nLen, e, eLen) || signatureLen != nLen) return false;
  const frame = scratch.mark();
  const found = scratch.take(nLen);
  const valid = recoverVarTime(found, signature, n, nLen, e, eLen)
    && isPssEncoding(hashId, saltLen, digest, found, nLen, bitLength(n, nLen) - 1);
  scratch.release(frame);
  return valid;
}

function isKnownHash(hashId: i32): bool {
  return hashId == HashId.SHA256 || hashId == HashId.SHA384 || hashId == HashId.SHA512;
}

/** An odd modulus and exponent of supported sizes, minimally encoded. */
function isUsableKey(n: usize, nLen: i32, e: usize, eLen: i32): bool {
  if (nLen < 1 || nLen > LARGEST_BITS / 8 || load<u8>(n) == 0) return false;
  if (bitLength(n, nLen) < SMALLEST_BITS || (load<u8>(n + nLen - 1) & 1) == 0) return false;
  if (eLen < 1 || eLen > LARGEST_EXPONENT_BYTES || load<u8>(e) == 0) return false;
  if ((load<u8>(e + eLen - 1) & 1) == 0) return false;
  return eLen > 1 || load<u8>(e) != 1;
}

/** Bits of a number whose first byte is not zero. */
function bitLength(n: usize, nLen: i32): i32 {
  return 8 * nLen - clz<i32>(load<u8>(n)) + 24;
}

/** out = signature^e mod n, nLen bytes (RSAVP1); false where the signature is not below n. */
function recoverVarTime(
  out: usize, signature: usize, n: usize, nLen: i32, e: usize, eLen: i32,
): bool {
  const frame = scratch.mark();
  const m = Modulus.over(n, nLen, limbsFor(8 * nLen));
  const s = scratch.take(m.size);
  elementFromBytes(m, s, signature, nLen);
  const below = isLessNat(s, m.n, m.limbs) != 0;
  if (below) {
    powerVarTime(m, s, e, eLen);
    elementToBytes(m, out, nLen, s);
  }
  scratch.release(frame);
  return below;
}

/** s = s^e mod n, e at least 2, bit after bit from the top. */
function powerVarTime(m: Modulus, s: usize, e: usize, eLen: i32): void {
  const frame = scratch.mark();
  const power = scratch.take(m.size);
  toMontgomery(m, s, s);
  memory.copy(power, s, m.size);
  for (let i = bitLength(e, eLen) - 2; i >= 0; i--) {
    squareMontgomery(m, power, power);
    const bit = (<u32>load<u8>(e + (eLen - 1 - (i >> 3))) >> (i & 7)) & 1;
    if (bit != 0) multiplyMontgomery(m, power, power, s);
  }
  fromMontgomery(m, s, power);
  scratch.release(frame);
}

/** EM = 00 01 FF ... FF 00 DigestInfo digest (RFC 8017, 9.2). */
function writePkcs1(em: usize, emLen: i32, hashId: i32, digest: usize): void {
  const hashLen = hashSize(hashId);
  const info = em + emLen - hashLen - DIGEST_INFO_SIZE;
  memory.fill(em, 0xff, emLen);
  store<u8>(em, 0);
  store<u8>(em, 1, 1);
  store<u8>(info - 1, 0);
  writeDigestInfo(info, hashId);
  memory.copy(info + DIGEST_INFO_SIZE, digest, hashLen);
}

/** The three hashes differ in the last byte of the identifier (1, 2, 3) and in the lengths. */
function writeDigestInfo(info: usize, hashId: i32): void {
  const hashLen = hashSize(hashId);
  memory.copy(info, digestInfo, DIGEST_INFO_SIZE);
  store<u8>(info, DIGEST_INFO_SIZE - 2 + hashLen, 1);
  store<u8>(info, 1 + hashId - HashId.SHA256, 14);
  store<u8>(info, hashLen, 18);
}

/**
 * EMSA-PSS-VERIFY (RFC 8017, 9.1.2, steps 3 to 14) on found, which is emLen bytes, or one more,
 * a zero, where emBits is a multiple of 8. Rewrites found.
 */
function isPssEncoding(
  hashId: i32, saltLen: i32, digest: usize, found: usize, foundLen: i32, emBits: i32,
): bool {
  const hashLen = hashSize(hashId);
  const emLen = (emBits + 7) >> 3;
  const em = found + (foundLen - emLen);
  if (foundLen > emLen && load<u8>(found) != 0) return false;
  if (saltLen < 0 || saltLen > emLen - hashLen - 2) return false;
  if (load<u8>(em + emLen - 1) != 0xbc) return false;
  const dbLen = emLen - hashLen - 1;
  const h = em + dbLen;
  const unused = (0xff00 >> (8 * emLen - emBits)) & 0xff; // the first byte's bits above emBits
  if ((load<u8>(em) & unused) != 0) return false;
  xorMgf1(hashId, em, dbLen, h);
  store<u8>(em, load<u8>(em) & ~unused);
  const padding = dbLen - saltLen - 1;
  for (let i = 0; i < padding; i++) {
    if (load<u8>(em + i) != 0) return false;
  }
  if (load<u8>(em + padding) != 1) return false;
  return isPssHash(hashId, digest, em + padding + 1, saltLen, h);
}

/** True where h = Hash(eight zeros, digest, salt): step 12 to 14. */
function isPssHash(hashId: i32, digest: usize, salt: usize, saltLen: i32, h: usize): bool {
  const frame = scratch.mark();
  const state = scratch.take(HASH_STATE_SIZE);
  const out = scratch.take(HASH_MAX);
  memory.fill(out, 0, 8);
  hashBegin(state, hashId);
  hashUpdate(state, out, 8);
  hashUpdate(state, digest, hashSize(hashId));
  hashUpdate(state, salt, saltLen);
  hashEnd(state, out);
  const same = equalVarTime(out, h, hashSize(hashId));
  scratch.release(frame);
  return same;
}

/** data ^= MGF1(seed, n), the seed being one digest long (RFC 8017, B.2.1). */
function xorMgf1(hashId: i32, data: usize, n: i32, seed: usize): void {
  const frame = scratch.mark();
  const hashLen = hashSize(hashId);
  const state = scratch.take(HASH_STATE_SIZE);
  const block = scratch.take(HASH_MAX);
  const counter = scratch.take(4);
  store<u32>(counter, 0);
  for (let at = 0; at < n; at += hashLen) {
    hashBegin(state, hashId);
    hashUpdate(state, seed, hashLen);
    hashUpdate(state, counter, 4);
    hashEnd(state, block);
    const count = min(hashLen, n - at);
    for (let i = 0; i < count; i++) {
      const p = data + at + i;
      store<u8>(p, load<u8>(p) ^ load<u8>(block + i));
    }
    store<u8>(counter, load<u8>(counter, 3) + 1, 3); // 512 bytes at most: below 256 blocks
  }
  scratch.release(frame);
}
