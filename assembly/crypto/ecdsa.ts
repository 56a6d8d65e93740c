// ECDSA verification on P-256, P-384 and P-521 (FIPS 186-5, 6.4.2). Everything here is public, so
// nothing is constant-time. DER is none of this file's: a signature is r and s, big-endian, of
// fixed width.

import * as scratch from "../base/scratch";
import { addBytes, isInRange } from "./big-endian";
import {
  COORDINATE_MAX, ELEMENT_MAX, coordinateSize, fromBytesCheckedVarTime, isNistCurve, orderOf,
} from "./curve";
import { invertElement } from "./inverse";
import {
  Modulus, elementFromBytes, elementToBytes, multiplyMontgomery, toMontgomery,
} from "./modulus";
import { limbsFor, natFromBytes, tightenNat } from "./nat";
import { multiplyTwoVarTime } from "./point-multiply";
import { decodePointVarTime, hasAffineXVarTime, isInfinityVarTime, pointSize } from "./points";

/**
 * True where rs, which is r and s of coordinateSize(curve) bytes each, signs the digest under the
 * public key, an uncompressed point; false also for a key that is no point of the curve.
 * CT: everything leaks: all of it is public.
 */
export function ecdsaVerify(
  curve: i32, publicKey: usize, publicKeyLen: i32, digest: usize, digestLen: i32, rs: usize,
): bool {
  if (!isNistCurve(curve)) return false;
  const frame = scratch.mark();
  const q = scratch.take(pointSize(curve));
  const valid = decodePointVarTime(curve, q, publicKey, publicKeyLen)
    && verifyVarTime(curve, q, digest, digestLen, rs);
  scratch.release(frame);
  return valid;
}

function verifyVarTime(curve: i32, q: usize, digest: usize, digestLen: i32, rs: usize): bool {
  const n = coordinateSize(curve);
  const order = orderOf(curve);
  if (isInRange(rs, order, n) == 0 || isInRange(rs + n, order, n) == 0) return false;
  const frame = scratch.mark();
  const u = scratch.take(COORDINATE_MAX);
  const v = scratch.take(COORDINATE_MAX);
  const point = scratch.take(pointSize(curve));
  divideByS(curve, u, v, digest, digestLen, rs);
  multiplyTwoVarTime(curve, point, u, v, q);
  const valid = !isInfinityVarTime(curve, point) && hasXModuloOrder(curve, point, rs);
  scratch.release(frame);
  return valid;
}

/**
 * u = e / s and v = r / s mod n, where e is the digest's leftmost bits, as many as n has: whole
 * bytes on P-256 and P-384, and on P-521 all of the longest digest.
 */
function divideByS(
  curve: i32, u: usize, v: usize, digest: usize, digestLen: i32, rs: usize,
): void {
  const n = coordinateSize(curve);
  const frame = scratch.mark();
  const m = Modulus.over(orderOf(curve), n, limbsFor(8 * n));
  const w = scratch.take(m.size);
  const t = scratch.take(m.size);
  natFromBytes(w, m.limbs, rs + n, n);
  invertElement(m, w);
  tightenNat(w, m.limbs);
  toMontgomery(m, w, w);
  elementFromBytes(m, t, digest, min(digestLen, n));
  multiplyMontgomery(m, t, t, w);
  elementToBytes(m, u, n, t);
  elementFromBytes(m, t, rs, n);
  multiplyMontgomery(m, t, t, w);
  elementToBytes(m, v, n, t);
  scratch.release(frame);
}

/** True where the point's x is r mod n: x is r or, where that is still below the prime, r + n. */
function hasXModuloOrder(curve: i32, point: usize, r: usize): bool {
  if (hasAffineXVarTime(curve, point, r)) return true;
  const n = coordinateSize(curve);
  const frame = scratch.mark();
  const x = scratch.take(COORDINATE_MAX);
  const element = scratch.take(ELEMENT_MAX);
  const fits = addBytes(x, r, orderOf(curve), n) == 0
    && fromBytesCheckedVarTime(curve, element, x);
  const same = fits && hasAffineXVarTime(curve, point, x);
  scratch.release(frame);
  return same;
}
