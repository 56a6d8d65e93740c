// What tests/crypto/edwards.test.ts and ed25519.test.ts call, with flat signatures.

import * as scratch from "../../assembly/base/scratch";
import { DRBG_STATE_SIZE } from "../../assembly/crypto/drbg";
import {
  ENTRY_SIZE,
  POINT_SIZE,
  T,
  addEntry,
  double,
  equalPoints,
  makeEntry,
  normalizePair,
} from "../../assembly/crypto/edwards";
import { combTable } from "../../assembly/crypto/edwards-comb";
import {
  decodePointVarTime,
  encodeNormalized,
  encodePoint,
  hasSmallOrderVarTime,
  toMontgomery,
} from "../../assembly/crypto/edwards-encoding";
import { multiplyBase, multiplyTwoVarTime } from "../../assembly/crypto/edwards-multiply";
import { FE_SIZE, toBytes } from "../../assembly/crypto/field25519";
import { columns } from "../../assembly/crypto/limbs";

export { allocate as alloc, release as free } from "../../assembly/base/heap";
export { mark as scratchUsed, peak as scratchPeak } from "../../assembly/base/scratch";
export { drbgBegin, drbgFill } from "../../assembly/crypto/drbg";
export { ed25519PublicKey, ed25519Sign, ed25519Verify } from "../../assembly/crypto/ed25519";
export { generateKeyPair } from "../../assembly/crypto/key-pair";
export { x25519, x25519PublicKey } from "../../assembly/crypto/x25519";

export function drbgStateSize(): i32 {
  return DRBG_STATE_SIZE;
}

/** Entry 0 of the comb's table: 16 entries of 3 x 20 limbs of i16. */
export function combTableAt(): usize {
  return combTable;
}

/** The working memory of the last product, 240 bytes. */
export function columnsAt(): usize {
  return columns;
}

/** out = x, y and x y of k B and its coordinate on Curve25519, little-endian, 32 bytes each. */
export function multipleOfBase(out: usize, k: usize): void {
  const frame = scratch.mark();
  const p = scratch.take(POINT_SIZE);
  const q = scratch.take(POINT_SIZE);
  const u = scratch.take(FE_SIZE);
  multiplyBase(p, k);
  toMontgomery(u, p);
  memory.copy(q, p, POINT_SIZE);
  normalizePair(p, q);
  toBytes(out, q);
  toBytes(out + 32, q + FE_SIZE);
  toBytes(out + 64, q + T);
  toBytes(out + 96, u);
  scratch.release(frame);
}

/** out = s B + k P, encoded; false where `point` encodes none. */
export function multiplyTwo(out: usize, s: usize, k: usize, point: usize): bool {
  const frame = scratch.mark();
  const p = scratch.take(POINT_SIZE);
  const found = decodePointVarTime(p, point);
  if (found) {
    multiplyTwoVarTime(p, s, k, p);
    encodePoint(out, p);
  }
  scratch.release(frame);
  return found;
}

/** out = P + Q twice, by two ways of encoding, and 2 P; false where one of them is no point. */
export function sums(out: usize, point: usize, other: usize): bool {
  const frame = scratch.mark();
  const p = scratch.take(POINT_SIZE);
  const q = scratch.take(POINT_SIZE);
  const sum = scratch.take(POINT_SIZE);
  const entry = scratch.take(ENTRY_SIZE);
  const found = decodePointVarTime(p, point) && decodePointVarTime(q, other);
  if (found) {
    makeEntry(entry, q);
    addEntry(sum, p, entry, true);
    encodePoint(out, sum);
    double(q, p, true);
    normalizePair(sum, q);
    encodeNormalized(out + 32, sum);
    encodeNormalized(out + 64, q);
  }
  scratch.release(frame);
  return found;
}

/** 1 where both encodings are points, and the same; Z is 1 in one of them only. */
export function isDoubleOf(point: usize, other: usize): u32 {
  const frame = scratch.mark();
  const p = scratch.take(POINT_SIZE);
  const q = scratch.take(POINT_SIZE);
  const found = decodePointVarTime(p, point) && decodePointVarTime(q, other);
  double(q, q, false);
  const same = equalPoints(p, q);
  scratch.release(frame);
  return found ? same : 0;
}

/** Bit 0: the bytes encode a point. Bit 1: it has a small order. */
export function decode(point: usize): i32 {
  const frame = scratch.mark();
  const p = scratch.take(POINT_SIZE);
  const found = decodePointVarTime(p, point);
  const small = found && hasSmallOrderVarTime(p);
  scratch.release(frame);
  return (found ? 1 : 0) | (small ? 2 : 0);
}
