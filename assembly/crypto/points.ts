// Points of the NIST curves y^2 = x^3 - 3 x + b in Jacobian coordinates: (X, Y, Z) is the point
// (X / Z^2, Y / Z^3), and Z = 0 is the point at infinity. Formulas dbl-2001-b and add-1998-cmo-2 of
// the Explicit-Formulas Database, for the curves of each field (curve.ts).
//
// A point is three tight elements, one after the other. The coordinates of infinity made here are
// all zero words, so that isInfinityVarTime need not reduce anything.
// CT: nothing leaks but through functions named VarTime.

import { Choice } from "../base/ct";
import * as scratch from "../base/scratch";
import {
  COORDINATE_MAX, ELEMENT_MAX, add, coefficientOf, combine, coordinateSize, elementSize,
  encodedPointSize, fromBytes, fromBytesCheckedVarTime, invert, isZero, limbsOf, multiply, setOne,
  square, subtract, toBytes,
} from "./curve";
import { copyWordsIf, isZeroLimbs } from "./limbs";

const UNCOMPRESSED: i32 = 4;

/** Bytes of a point. */
export function pointSize(curve: i32): i32 {
  return 3 * elementSize(curve);
}

/** out = p where on is 1. */
export function copyPointIf(curve: i32, on: Choice, out: usize, p: usize): void {
  copyWordsIf(on, out, p, pointSize(curve) >> 2);
}

/** out = the affine point of x and y, big-endian, known to be on the curve. */
export function pointFromBytes(curve: i32, out: usize, p: usize): void {
  const size = elementSize(curve);
  fromBytes(curve, out, p);
  fromBytes(curve, out + size, p + coordinateSize(curve));
  setOne(curve, out + 2 * size);
}

/** out = an uncompressed point from outside (SEC 1, 2.3.4): false unless it is one of the curve. */
export function decodePointVarTime(curve: i32, out: usize, p: usize, n: i32): bool {
  if (n != encodedPointSize(curve) || load<u8>(p) != UNCOMPRESSED) return false;
  const y = out + elementSize(curve);
  if (!fromBytesCheckedVarTime(curve, out, p + 1)) return false;
  if (!fromBytesCheckedVarTime(curve, y, p + 1 + coordinateSize(curve))) return false;
  setOne(curve, out + 2 * elementSize(curve));
  return isOnCurve(curve, out, y) != 0;
}

/** The affine x of p and, unless xOnly, y behind it, big-endian; zeros for infinity. */
export function pointToBytes(curve: i32, out: usize, p: usize, xOnly: bool): void {
  const frame = scratch.mark();
  const size = elementSize(curve);
  const inverse = scratch.take(ELEMENT_MAX);
  const t = scratch.take(ELEMENT_MAX);
  invert(curve, inverse, p + 2 * size);
  square(curve, t, inverse);
  if (!xOnly) multiply(curve, inverse, inverse, t);
  multiply(curve, t, t, p);
  toBytes(curve, out, t);
  if (!xOnly) { // public: what the caller wants
    multiply(curve, t, inverse, p + size);
    toBytes(curve, out + coordinateSize(curve), t);
  }
  scratch.release(frame);
}

/** True where p is the all-zero infinity that addVarTime makes. */
export function isInfinityVarTime(curve: i32, p: usize): bool {
  return isZeroLimbs(p + 2 * elementSize(curve), limbsOf(curve)) != 0;
}

/** True where x (big-endian, below the prime) is the affine x of p: X = x Z^2, no inversion. */
export function hasAffineXVarTime(curve: i32, p: usize, x: usize): bool {
  const frame = scratch.mark();
  const t = scratch.take(ELEMENT_MAX);
  const zz = scratch.take(ELEMENT_MAX);
  fromBytes(curve, t, x);
  square(curve, zz, p + 2 * elementSize(curve));
  multiply(curve, t, t, zz);
  combine(curve, t, t, 1, p, -1);
  const same = isZero(curve, t) != 0;
  scratch.release(frame);
  return same;
}

/** out = 2 p; infinity stays infinity. out may be p. */
export function double(curve: i32, out: usize, p: usize): void {
  const frame = scratch.mark();
  const size = elementSize(curve);
  const y = p + size, z = y + size;
  const delta = scratch.take(size);
  const gamma = scratch.take(size);
  const beta = scratch.take(size);
  const alpha = scratch.take(size);
  const t = scratch.take(size);
  square(curve, delta, z);
  square(curve, gamma, y);
  multiply(curve, beta, p, gamma);
  subtract(curve, alpha, p, delta);
  add(curve, t, p, delta);
  multiply(curve, alpha, alpha, t);
  combine(curve, alpha, alpha, 3, alpha, 0); // 3 (X - delta) (X + delta)

  add(curve, t, y, z);
  square(curve, t, t);
  add(curve, delta, delta, gamma);
  combine(curve, out + 2 * size, t, 1, delta, -1); // (Y + Z)^2 - gamma - delta

  square(curve, t, alpha);
  combine(curve, out, t, 1, beta, -8); // alpha^2 - 8 beta

  combine(curve, t, beta, 4, out, -1);
  multiply(curve, t, alpha, t);
  square(curve, gamma, gamma);
  combine(curve, out + size, t, 1, gamma, -8); // alpha (4 beta - X3) - 8 gamma^2
  scratch.release(frame);
}

/**
 * out = p + q, where neither is infinity and p is not q; p = -q gives Z = 0. `affine`: q is known
 * to have Z = 1, and its Z is not read. out may be p or q. Where p is q, the result is zeros.
 */
export function addDistinct(curve: i32, out: usize, p: usize, q: usize, affine: bool): void {
  const frame = scratch.mark();
  const size = elementSize(curve);
  const z1 = p + 2 * size, z2 = q + 2 * size;
  const u1 = scratch.take(size);
  const s1 = scratch.take(size);
  const h = scratch.take(size);
  const r = scratch.take(size);
  const hh = scratch.take(size);
  const z3 = scratch.take(size);
  if (affine) { // public: the caller's kind of table
    memory.copy(u1, p, size);
    memory.copy(s1, p + size, size);
    memory.copy(z3, z1, size);
  } else {
    scale(curve, u1, s1, p, z2);
    multiply(curve, z3, z1, z2);
  }
  scale(curve, h, r, q, z1);
  subtract(curve, h, h, u1);
  subtract(curve, r, r, s1);
  multiply(curve, out + 2 * size, z3, h); // Z1 Z2 H

  square(curve, hh, h);
  multiply(curve, h, h, hh); // H^3
  multiply(curve, u1, u1, hh); // V = U1 H^2
  square(curve, z3, r);
  combine(curve, hh, h, 1, u1, 2);
  combine(curve, out, z3, 1, hh, -1); // r^2 - H^3 - 2 V

  subtract(curve, u1, u1, out);
  multiply(curve, u1, r, u1);
  multiply(curve, s1, s1, h);
  combine(curve, out + size, u1, 1, s1, -1); // r (V - X3) - S1 H^3
  scratch.release(frame);
}

/** out = p + q for any points; out may be p, not q. */
export function addVarTime(curve: i32, out: usize, p: usize, q: usize): void {
  const size = pointSize(curve);
  if (isInfinityVarTime(curve, q)) {
    memory.copy(out, p, size);
    return;
  }
  if (isInfinityVarTime(curve, p)) {
    memory.copy(out, q, size);
    return;
  }
  addDistinct(curve, out, p, q, false);
  if (isZero(curve, out + 2 * elementSize(curve)) == 0) return;
  // H = 0, so that X3 is r^2: the points are the same where that is 0 too, else opposite.
  if (isZero(curve, out) != 0) double(curve, out, q);
  else memory.fill(out, 0, size);
}

/** u = X zz, s = Y zzz of the point p, zz = z^2 and zzz = z^3 for the other point's z. */
function scale(curve: i32, u: usize, s: usize, p: usize, z: usize): void {
  const frame = scratch.mark();
  const zz = scratch.take(ELEMENT_MAX);
  square(curve, zz, z);
  multiply(curve, u, p, zz);
  multiply(curve, zz, zz, z);
  multiply(curve, s, p + elementSize(curve), zz);
  scratch.release(frame);
}

/** 1 where y^2 = x^3 - 3 x + b. */
function isOnCurve(curve: i32, x: usize, y: usize): Choice {
  const frame = scratch.mark();
  const t = scratch.take(ELEMENT_MAX);
  const b = scratch.take(ELEMENT_MAX);
  square(curve, t, x);
  multiply(curve, t, t, x);
  combine(curve, t, t, 1, x, -3);
  fromBytes(curve, b, coefficientOf(curve));
  add(curve, t, t, b);
  square(curve, b, y);
  combine(curve, t, t, 1, b, -1);
  const on = isZero(curve, t);
  scratch.release(frame);
  return on;
}
