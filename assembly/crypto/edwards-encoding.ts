// Points of Ed25519's curve as bytes (RFC 8032, 5.1.2 and 5.1.3) and as coordinates of X25519's
// (RFC 7748, 4.1).
//
// What is decoded comes from the other side: of each point, only the one encoding is taken. Points
// of small order are of the curve, too; hasSmallOrderVarTime knows them.
// CT: nothing leaks, but in functions named VarTime.

import { equalVarTime } from "../base/bytes";
import { Choice, isZeroBytes } from "../base/ct";
import * as scratch from "../base/scratch";
import { POINT_SIZE, T, Y, Z, d, double, scale } from "./edwards";
import {
  FE_SIZE, add, addMultiple, fromBytes, invert, multiply, negateIf, powerForRoot, set, square,
  subtract, toBytes,
} from "./field25519";

/** Bytes of an encoded point. */
export const ENCODED_SIZE: i32 = 32;

/** 2^((p - 1) / 4), a square root of -1, little-endian. */
const rootOfMinusOne: usize = memory.data<u8>([
  0xb0, 0xa0, 0x0e, 0x4a, 0x27, 0x1b, 0xee, 0xc4, 0x78, 0xe4, 0x2f, 0xad, 0x06, 0x18, 0x43, 0x2f,
  0xa7, 0xd7, 0xfb, 0x3d, 0x99, 0x00, 0x4d, 0x2b, 0x0b, 0xdf, 0xc1, 0x4f, 0x80, 0x24, 0x83, 0x2b,
]);

/** out = p's encoding, ENCODED_SIZE bytes: y, with the lowest bit of x on top. */
export function encodePoint(out: usize, p: usize): void {
  const frame = scratch.mark();
  const inverse = scratch.take(FE_SIZE);
  const affine = scratch.take(POINT_SIZE);
  memory.copy(affine, p, POINT_SIZE);
  invert(inverse, p + Z);
  scale(affine, inverse);
  encodeNormalized(out, affine);
  scratch.release(frame);
}

/** The same of a point with Z = 1. */
export function encodeNormalized(out: usize, p: usize): void {
  const frame = scratch.mark();
  const x = scratch.take(ENCODED_SIZE);
  toBytes(x, p);
  toBytes(out, p + Y);
  store<u8>(out, load<u8>(out, 31) | (load<u8>(x) << 7), 31);
  scratch.release(frame);
}

/** u = p's coordinate on X25519's curve: (1 + y) / (1 - y), and 0 for the neutral element. */
export function toMontgomery(u: usize, p: usize): void {
  const frame = scratch.mark();
  const t = scratch.take(FE_SIZE);
  subtract(t, p + Z, p + Y);
  invert(t, t);
  add(u, p + Z, p + Y);
  multiply(u, u, t);
  scratch.release(frame);
}

/**
 * p = the point that ENCODED_SIZE bytes encode (RFC 8032, 5.1.3). False, and p undefined, where
 * there is none: y is not below the prime, x^2 is no square, or x is 0 and its lowest bit 1.
 */
export function decodePointVarTime(p: usize, bytes: usize): bool {
  const frame = scratch.mark();
  const canonical = scratch.take(ENCODED_SIZE);
  fromBytes(p + Y, bytes);
  toBytes(canonical, p + Y);
  const sign: u32 = load<u8>(bytes, 31) >> 7;
  store<u8>(canonical, load<u8>(canonical, 31) | (sign << 7), 31);
  const valid = equalVarTime(canonical, bytes, ENCODED_SIZE)
    && recoverXVarTime(p, p + Y)
    && chooseSignVarTime(p, sign);
  set(p + Z, 1);
  multiply(p + T, p, p + Y);
  scratch.release(frame);
  return valid;
}

/** True where 8 p is the neutral element. p's T is not read. */
export function hasSmallOrderVarTime(p: usize): bool {
  const frame = scratch.mark();
  const q = scratch.take(POINT_SIZE);
  double(q, p, false);
  double(q, q, false);
  double(q, q, false);
  const small = isZeroVarTime(q); // x = 0: neutral or of order 2, but 8 p has an odd order
  scratch.release(frame);
  return small;
}

/**
 * x = a square root of u / v = (y^2 - 1) / (d y^2 + 1): u v^3 (u v^7)^((p - 5) / 8), or that times
 * the root of -1 (RFC 8032, 5.1.3). False where there is none.
 */
function recoverXVarTime(x: usize, y: usize): bool {
  const frame = scratch.mark();
  const u = scratch.take(FE_SIZE);
  const v = scratch.take(FE_SIZE);
  const t = scratch.take(FE_SIZE);
  const one = scratch.take(FE_SIZE);
  set(one, 1);
  square(u, y);
  fromBytes(t, d);
  multiply(v, u, t);
  addMultiple(v, v, one, 1);
  subtract(u, u, one);
  addMultiple(u, u, u, 0); // tight
  square(t, v);
  multiply(t, t, v);
  multiply(x, t, u); // u v^3
  square(t, t);
  multiply(t, t, v);
  multiply(t, t, u); // u v^7
  powerForRoot(t, t);
  multiply(x, x, t);
  const found = isRootVarTime(x, u, v);
  scratch.release(frame);
  return found;
}

/** True where v x^2 is u, or where it is -u: x is multiplied by the root of -1 then. */
function isRootVarTime(x: usize, u: usize, v: usize): bool {
  const frame = scratch.mark();
  const vxx = scratch.take(FE_SIZE);
  const t = scratch.take(FE_SIZE);
  square(vxx, x);
  multiply(vxx, vxx, v);
  subtract(t, vxx, u);
  let found = isZeroVarTime(t);
  if (!found) {
    add(t, vxx, u);
    found = isZeroVarTime(t);
    fromBytes(t, rootOfMinusOne);
    multiply(x, x, t);
  }
  scratch.release(frame);
  return found;
}

/** Makes x's lowest bit the given one by its sign. False: x is 0, which has none. */
function chooseSignVarTime(x: usize, sign: u32): bool {
  const frame = scratch.mark();
  const bytes = scratch.take(ENCODED_SIZE);
  toBytes(bytes, x);
  const other: Choice = (load<u8>(bytes) & 1) ^ sign;
  negateIf(other, x);
  const exists = other == 0 || isZeroBytes(bytes, ENCODED_SIZE) == 0;
  scratch.release(frame);
  return exists;
}

/** True where a (loose) is 0. */
function isZeroVarTime(a: usize): bool {
  const frame = scratch.mark();
  const bytes = scratch.take(ENCODED_SIZE);
  toBytes(bytes, a);
  const zero = isZeroBytes(bytes, ENCODED_SIZE) == 1;
  scratch.release(frame);
  return zero;
}
