// The curves by their TLS NamedGroup numbers (RFC 8446, 4.2.7), and the parameters and field
// arithmetic of the three NIST curves behind one set of functions, so that the formulas in
// points.ts are written once. The choice is a branch, not a table of functions: calls through a
// table could not be translated to C one by one.
//
// An element is elementSize(curve) bytes, 8-aligned; tight and loose are those of limbs.ts. On
// P-521 all elements are tight.
// CT: the curve is public; nothing else leaks, but for functions named VarTime.

import { equalVarTime } from "../base/bytes";
import { Choice } from "../base/ct";
import * as scratch from "../base/scratch";
import { LIMB_BYTES, addLimbs, negateLimbsIf, subtractLimbs } from "./limbs";
import * as p256 from "./p256";
import * as field256 from "./p256-field";
import * as p384 from "./p384";
import * as field384 from "./p384-field";
import * as p521 from "./p521";
import * as field521 from "./p521-field";

export namespace CurveId {
  export const P256: i32 = 23;
  export const P384: i32 = 24;
  export const P521: i32 = 25;
  export const X25519: i32 = 29;
  /** Signs and is no group: its number is the SignatureScheme's (RFC 8446, 4.2.3). */
  export const Ed25519: i32 = 0x0807;
}

/** Bytes of the longest coordinate, and of the largest element. */
export const COORDINATE_MAX: i32 = 66;
export const ELEMENT_MAX: i32 = field521.FE_SIZE;

/** True for the curves that this file, points.ts and ecdsa.ts know. */
export function isNistCurve(curve: i32): bool {
  return isSecretCurve(curve) || curve == CurveId.P521;
}

/** True for those that we have private keys on. Signatures on P-521 are only verified. */
export function isSecretCurve(curve: i32): bool {
  return curve == CurveId.P256 || curve == CurveId.P384;
}

/** Bytes of a coordinate, and of a scalar. */
export function coordinateSize(curve: i32): i32 {
  if (curve == CurveId.P256) return 32;
  return curve == CurveId.P384 ? 48 : 66;
}

/** Bytes of an uncompressed point: 4, x, y (SEC 1, 2.3.3). */
export function encodedPointSize(curve: i32): i32 {
  return 1 + 2 * coordinateSize(curve);
}

/** The order n of the base point, big-endian. */
export function orderOf(curve: i32): usize {
  if (curve == CurveId.P256) return p256.order;
  return curve == CurveId.P384 ? p384.order : p521.order;
}

/** The base point's x and y, big-endian. */
export function baseOf(curve: i32): usize {
  if (curve == CurveId.P256) return p256.base;
  return curve == CurveId.P384 ? p384.base : p521.base;
}

/** The coefficient b, big-endian. */
export function coefficientOf(curve: i32): usize {
  if (curve == CurveId.P256) return p256.b;
  return curve == CurveId.P384 ? p384.b : p521.b;
}

export function limbsOf(curve: i32): i32 {
  if (curve == CurveId.P256) return field256.LIMBS;
  return curve == CurveId.P384 ? field384.LIMBS : field521.LIMBS;
}

/** Bytes of a field element. */
export function elementSize(curve: i32): i32 {
  return limbsOf(curve) * LIMB_BYTES;
}

/** out = a b, tight, for loose a and b; out may be a or b. */
export function multiply(curve: i32, out: usize, a: usize, b: usize): void {
  if (curve == CurveId.P256) field256.multiply(out, a, b);
  else if (curve == CurveId.P384) field384.multiply(out, a, b);
  else field521.multiply(out, a, b);
}

/** out = a^2, tight, for loose a; out may be a. */
export function square(curve: i32, out: usize, a: usize): void {
  if (curve == CurveId.P256) field256.square(out, a);
  else if (curve == CurveId.P384) field384.square(out, a);
  else field521.square(out, a);
}

/** out = a + b, loose, for tight a and b. */
export function add(curve: i32, out: usize, a: usize, b: usize): void {
  if (curve == CurveId.P521) field521.combine(out, a, 1, b, 1);
  else addLimbs(out, a, b, limbsOf(curve));
}

/** out = a - b, loose, for tight a and b. */
export function subtract(curve: i32, out: usize, a: usize, b: usize): void {
  if (curve == CurveId.P521) field521.combine(out, a, 1, b, -1);
  else subtractLimbs(out, a, b, limbsOf(curve));
}

/** out = x a + y b, tight, for tight a and b and |x| + |y| <= 16; out may be a or b. */
export function combine(curve: i32, out: usize, a: usize, x: i32, b: usize, y: i32): void {
  if (curve == CurveId.P256) field256.combine(out, a, x, b, y);
  else if (curve == CurveId.P384) field384.combine(out, a, x, b, y);
  else field521.combine(out, a, x, b, y);
}

/** a = -a where on is 1. */
export function negateIf(curve: i32, on: Choice, a: usize): void {
  negateLimbsIf(on, a, limbsOf(curve));
}

/** out = 1 / a, and 0 for 0; out may be a. */
export function invert(curve: i32, out: usize, a: usize): void {
  if (curve == CurveId.P256) field256.invert(out, a);
  else if (curve == CurveId.P384) field384.invert(out, a);
  else field521.invert(out, a);
}

/** 1 where a (tight) is 0. */
export function isZero(curve: i32, a: usize): Choice {
  if (curve == CurveId.P256) return field256.isZero(a);
  return curve == CurveId.P384 ? field384.isZero(a) : field521.isZero(a);
}

export function setOne(curve: i32, out: usize): void {
  if (curve == CurveId.P256) field256.setOne(out);
  else if (curve == CurveId.P384) field384.setOne(out);
  else field521.setOne(out);
}

/** out = the big-endian number at p, reduced; tight. */
export function fromBytes(curve: i32, out: usize, p: usize): void {
  if (curve == CurveId.P256) field256.fromBytes(out, p);
  else if (curve == CurveId.P384) field384.fromBytes(out, p);
  else field521.fromBytes(out, p);
}

/** The least non-negative number that a (tight) stands for, big-endian. */
export function toBytes(curve: i32, p: usize, a: usize): void {
  if (curve == CurveId.P256) field256.toBytes(p, a);
  else if (curve == CurveId.P384) field384.toBytes(p, a);
  else field521.toBytes(p, a);
}

/** fromBytes, and false where the number is not below the prime: it comes back as another one. */
export function fromBytesCheckedVarTime(curve: i32, out: usize, p: usize): bool {
  const frame = scratch.mark();
  const back = scratch.take(COORDINATE_MAX);
  fromBytes(curve, out, p);
  toBytes(curve, back, out);
  const same = equalVarTime(p, back, coordinateSize(curve));
  scratch.release(frame);
  return same;
}
