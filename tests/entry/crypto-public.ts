// What tests/crypto/ calls of the public-key half of the cryptography, with flat signatures.

import * as scratch from "../../assembly/base/scratch";
import { columns } from "../../assembly/crypto/limbs";
import { invertElement } from "../../assembly/crypto/inverse";
import {
  Modulus,
  elementFromBytes,
  elementToBytes,
  fromMontgomery,
  multiplyMontgomery,
  squareMontgomery,
  toMontgomery,
} from "../../assembly/crypto/modulus";
import { limbsFor, natFromBytes, natToBytes } from "../../assembly/crypto/nat";
import { combTable } from "../../assembly/crypto/p256-comb";
import { multiplyBaseSecret, multiplySecret } from "../../assembly/crypto/point-multiply";
import {
  addVarTime,
  isInfinityVarTime,
  pointSize,
  pointToBytes,
} from "../../assembly/crypto/points";

export { allocate as alloc, release as free } from "../../assembly/base/heap";
export { mark as scratchUsed, peak as scratchPeak } from "../../assembly/base/scratch";
export { x25519, x25519PublicKey } from "../../assembly/crypto/x25519";
export { ecdhPublicKey, ecdhSharedSecret } from "../../assembly/crypto/ecdh";
export { ecdsaVerify } from "../../assembly/crypto/ecdsa";
export { rsaVerifyPkcs1, rsaVerifyPss } from "../../assembly/crypto/rsa";

export {
  FE_SIZE as fe25519Size,
  add as fe25519Add,
  fromBytes as fe25519FromBytes,
  invert as fe25519Invert,
  multiply as fe25519Multiply,
  square as fe25519Square,
  subtract as fe25519Subtract,
  toBytes as fe25519ToBytes,
} from "../../assembly/crypto/field25519";

export {
  add as feAdd,
  baseOf,
  coefficientOf,
  combine as feCombine,
  elementSize as feSize,
  fromBytes as feFromBytes,
  fromBytesCheckedVarTime as feFromBytesChecked,
  invert as feInvert,
  isZero as feIsZero,
  multiply as feMultiply,
  orderOf,
  square as feSquare,
  subtract as feSubtract,
  toBytes as feToBytes,
} from "../../assembly/crypto/curve";
export {
  decodePointVarTime as decodePoint,
  double as doublePoint,
  hasAffineXVarTime as hasAffineX,
  pointSize,
} from "../../assembly/crypto/points";

/** The working memory of the last product, 240 bytes. */
export function columnsAt(): usize {
  return columns;
}

/** Entry 1 of the comb's table: 15 entries of 2 x 20 limbs of i16. */
export function combTableAt(): usize {
  return combTable;
}

/** x and y of p + q, zeros for infinity; p and q are points in Jacobian coordinates. */
export function addPoints(curve: i32, xy: usize, p: usize, q: usize): bool {
  const frame = scratch.mark();
  const sum = scratch.take(pointSize(curve));
  addVarTime(curve, sum, p, q);
  pointToBytes(curve, xy, sum, false);
  const infinite = isInfinityVarTime(curve, sum);
  scratch.release(frame);
  return infinite;
}

/** x and y of p. */
export function affine(curve: i32, xy: usize, p: usize): void {
  pointToBytes(curve, xy, p, false);
}

/** x and y of k p (or of k G where p is 0), without any check of k. */
export function multiplyPoint(curve: i32, xy: usize, k: usize, p: usize): void {
  const frame = scratch.mark();
  const out = scratch.take(pointSize(curve));
  if (p == 0) multiplyBaseSecret(curve, out, k);
  else multiplySecret(curve, out, k, p);
  pointToBytes(curve, xy, out, false);
  scratch.release(frame);
}

/** out = a b mod n, all of size bytes. */
export function modulusMultiply(out: usize, a: usize, b: usize, n: usize, size: i32): void {
  const frame = scratch.mark();
  const m = Modulus.over(n, size, limbsFor(8 * size));
  const x = scratch.take(m.size);
  const y = scratch.take(m.size);
  elementFromBytes(m, x, a, size);
  elementFromBytes(m, y, b, size);
  toMontgomery(m, x, x);
  multiplyMontgomery(m, x, x, y);
  elementToBytes(m, out, size, x);
  scratch.release(frame);
}

/** out = a^2 mod n, both of size bytes. */
export function modulusSquare(out: usize, a: usize, n: usize, size: i32): void {
  const frame = scratch.mark();
  const m = Modulus.over(n, size, limbsFor(8 * size));
  const x = scratch.take(m.size);
  elementFromBytes(m, x, a, size);
  toMontgomery(m, x, x);
  squareMontgomery(m, x, x);
  fromMontgomery(m, x, x);
  elementToBytes(m, out, size, x);
  scratch.release(frame);
}

/** out = 1 / a mod n, all of size bytes; 0 where there is none. */
export function modulusInvert(out: usize, a: usize, n: usize, size: i32): u32 {
  const frame = scratch.mark();
  const m = Modulus.over(n, size, limbsFor(8 * size));
  const x = scratch.take(m.size);
  natFromBytes(x, m.limbs, a, size);
  const found = invertElement(m, x);
  natToBytes(out, size, x);
  scratch.release(frame);
  return found;
}
