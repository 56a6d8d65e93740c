// The encodings that RSA signs: EMSA-PKCS1-v1_5 and EMSA-PSS (RFC 8017, 9.2 and 9.1), over
// SHA-256, SHA-384 and SHA-512, MGF1 over the same hash.
//
// An encoding of PKCS#1 v1.5 is only ever written: who verifies compares all of it with the one
// right encoding. A PSS encoding has random bytes inside and has to be taken apart.
// CT: everything leaks: digests and salts become public with the signature.

import { equalVarTime } from "../base/bytes";
import * as scratch from "../base/scratch";
import {
  HASH_MAX, HASH_STATE_SIZE, HashId, hashBegin, hashEnd, hashSize, hashUpdate,
} from "./hash";

/** DigestInfo up to the digest (RFC 8017, 9.2, note 1), for SHA-256; see writeDigestInfo. */
const digestInfo: usize = memory.data<u8>([
  0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
  0x05, 0x00, 0x04, 0x20,
]);
const DIGEST_INFO_SIZE: i32 = 19;

const PSS_TRAILER: u8 = 0xbc;

/** True for the hashes that signatures of RSA are over here. */
export function isSigningHash(hashId: i32): bool {
  return hashId == HashId.SHA256 || hashId == HashId.SHA384 || hashId == HashId.SHA512;
}

/** EM = 00 01 FF ... FF 00 DigestInfo digest (9.2); emLen >= 94, as 1024 bits give it. */
export function writePkcs1(em: usize, emLen: i32, hashId: i32, digest: usize): void {
  const hashLen = hashSize(hashId);
  const info = em + emLen - hashLen - DIGEST_INFO_SIZE;
  memory.fill(em, 0xff, emLen);
  store<u8>(em, 0);
  store<u8>(em, 1, 1);
  store<u8>(info - 1, 0);
  writeDigestInfo(info, hashId);
  memory.copy(info + DIGEST_INFO_SIZE, digest, hashLen);
}

/**
 * em = the PSS encoding of the digest (9.1.1) in emLen bytes, a number below 2^emBits: emLen is as
 * long as the modulus, one byte longer than the encoding where emBits is a multiple of 8. False
 * where there is no room for hash and salt.
 */
export function writePss(
  em: usize, emLen: i32, emBits: i32, hashId: i32, digest: usize, salt: usize, saltLen: i32,
): bool {
  const hashLen = hashSize(hashId);
  const dbLen = ((emBits + 7) >> 3) - hashLen - 1;
  if (saltLen < 0 || saltLen > dbLen - 1) return false;
  memory.fill(em, 0, emLen);
  const h = em + (emLen - 1 - hashLen), db = h - dbLen;
  store<u8>(em + (emLen - 1), PSS_TRAILER);
  hashSalted(hashId, digest, salt, saltLen, h);
  store<u8>(h - saltLen - 1, 1);
  memory.copy(h - saltLen, salt, saltLen);
  xorMgf1(hashId, db, dbLen, h);
  store<u8>(db, load<u8>(db) & ~unusedBits(emBits));
  return true;
}

/**
 * True where found is a PSS encoding of the digest (9.1.2, steps 3 to 14), as long as the modulus:
 * one byte longer than the encoding, a zero, where emBits is a multiple of 8. Rewrites found.
 */
export function isPssEncoding(
  hashId: i32, saltLen: i32, digest: usize, found: usize, foundLen: i32, emBits: i32,
): bool {
  const hashLen = hashSize(hashId);
  const emLen = (emBits + 7) >> 3;
  const em = found + (foundLen - emLen);
  if (foundLen > emLen && load<u8>(found) != 0) return false;
  if (saltLen < 0 || saltLen > emLen - hashLen - 2) return false;
  if (load<u8>(em + emLen - 1) != PSS_TRAILER) return false;
  const dbLen = emLen - hashLen - 1;
  const h = em + dbLen;
  const unused = unusedBits(emBits);
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

/** The three hashes differ in the last byte of the identifier (1, 2, 3) and in the lengths. */
function writeDigestInfo(info: usize, hashId: i32): void {
  const hashLen = hashSize(hashId);
  memory.copy(info, digestInfo, DIGEST_INFO_SIZE);
  store<u8>(info, DIGEST_INFO_SIZE - 2 + hashLen, 1);
  store<u8>(info, 1 + hashId - HashId.SHA256, 14);
  store<u8>(info, hashLen, 18);
}

/** True where h = Hash(eight zeros, digest, salt): step 12 to 14. */
function isPssHash(hashId: i32, digest: usize, salt: usize, saltLen: i32, h: usize): bool {
  const frame = scratch.mark();
  const expected = scratch.take(HASH_MAX);
  hashSalted(hashId, digest, salt, saltLen, expected);
  const same = equalVarTime(expected, h, hashSize(hashId));
  scratch.release(frame);
  return same;
}

/** h = Hash(eight zeros, digest, salt). */
function hashSalted(hashId: i32, digest: usize, salt: usize, saltLen: i32, h: usize): void {
  const frame = scratch.mark();
  const state = scratch.take(HASH_STATE_SIZE);
  const zeros = scratch.take(8);
  memory.fill(zeros, 0, 8);
  hashBegin(state, hashId);
  hashUpdate(state, zeros, 8);
  hashUpdate(state, digest, hashSize(hashId));
  hashUpdate(state, salt, saltLen);
  hashEnd(state, h);
  scratch.release(frame);
}

/** The bits above emBits in the first of the bytes that hold emBits bits. */
function unusedBits(emBits: i32): u32 {
  return (0xff00 >> (-emBits & 7)) & 0xff;
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
