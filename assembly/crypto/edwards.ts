// The twisted Edwards curve of Ed25519 (RFC 8032, 5.1): -x^2 + y^2 = 1 + d x^2 y^2 over 2^255 - 19.
// X25519's curve is the same in other coordinates (RFC 7748, 4.1), so its key pairs come from here,
// too: multiples of the base point by a comb are cheaper than the ladder.
//
// A point is X, Y, Z, T, tight elements one after the other: x = X / Z, y = Y / Z, x y = T / Z. The
// formulas of Hisil, Wong, Carter and Dawson (ASIACRYPT 2008; dbl-2008-hwcd and add-2008-hwcd-3 of
// the Explicit-Formulas Database) hold for all points: no case is special. T costs a product, and
// only a sum reads it: who calls says whether one follows.
// CT: nothing leaks.

import { Choice, equalBytes } from "../base/ct";
import * as scratch from "../base/scratch";
import {
  BYTES_SIZE, FE_SIZE, add, addMultiple, fromBytes, invert, multiply, negateIf, set, square,
  subtract, swapIf, toBytes,
} from "./field25519";

/** Bytes of a point, and where its coordinates are; X is first. */
export const POINT_SIZE: i32 = 4 * FE_SIZE;
export const Y: i32 = FE_SIZE;
export const Z: i32 = 2 * FE_SIZE;
export const T: i32 = 3 * FE_SIZE;

/**
 * What a sum reads of its second point. With Z = 1: (y + x) / 2, (y - x) / 2 and d x y, as tables
 * have it. Of any point: Y + X, Y - X, 2 d T and 2 Z.
 */
export const AFFINE_ENTRY_SIZE: i32 = 3 * FE_SIZE;
export const ENTRY_SIZE: i32 = 4 * FE_SIZE;

/** d = -121665 / 121666, little-endian. */
export const d: usize = memory.data<u8>([
  0xa3, 0x78, 0x59, 0x13, 0xca, 0x4d, 0xeb, 0x75, 0xab, 0xd8, 0x41, 0x41, 0x4d, 0x0a, 0x70, 0x00,
  0x98, 0xe8, 0x79, 0x77, 0x79, 0x40, 0xc7, 0x8c, 0x73, 0xfe, 0x6f, 0x2b, 0xee, 0x6c, 0x03, 0x52,
]);

/** p = the neutral element. */
export function setIdentity(p: usize): void {
  set(p, 0);
  set(p + Y, 1);
  set(p + Z, 1);
  set(p + T, 0);
}

/** out = 2 p, with its T where withT; out may be p, whose T is not read. */
export function double(out: usize, p: usize, withT: bool): void {
  const frame = scratch.mark();
  const A = scratch.take(FE_SIZE);
  const B = scratch.take(FE_SIZE);
  const C = scratch.take(FE_SIZE);
  const E = scratch.take(FE_SIZE);
  add(E, p, p + Y);
  square(E, E);
  square(A, p);
  square(B, p + Y);
  square(C, p + Z);
  add(out + Y, A, B); // -H
  subtract(E, out + Y, E); // -E
  subtract(A, A, B); // -G
  addMultiple(C, A, C, 2); // -F
  finish(out, E, C, A, withT);
  scratch.release(frame);
}

/** out = p + an entry with Z = 1, with its T where withT; out may be p, which has its T. */
export function addAffine(out: usize, p: usize, entry: usize, withT: bool): void {
  addScaled(out, p, entry, p + Z, withT);
}

/** out = p + an entry, with its T where withT; out may be p, which has its T. */
export function addEntry(out: usize, p: usize, entry: usize, withT: bool): void {
  const frame = scratch.mark();
  const D = scratch.take(FE_SIZE);
  multiply(D, p + Z, entry + 3 * FE_SIZE);
  addScaled(out, p, entry, D, withT);
  scratch.release(frame);
}

/** entry = what sums read of p, which has its T. */
export function makeEntry(entry: usize, p: usize): void {
  const frame = scratch.mark();
  const t = scratch.take(FE_SIZE);
  fromBytes(t, d);
  add(t, t, t);
  multiply(entry + 2 * FE_SIZE, p + T, t);
  add(entry, p + Y, p);
  subtract(entry + FE_SIZE, p + Y, p);
  add(entry + 3 * FE_SIZE, p + Z, p + Z);
  scratch.release(frame);
}

/** The entry becomes that of the opposite point where on is 1. */
export function negateEntryIf(on: Choice, entry: usize): void {
  swapIf(on, entry, entry + FE_SIZE);
  negateIf(on, entry + 2 * FE_SIZE);
}

/** The point becomes its opposite where on is 1. */
export function negatePointIf(on: Choice, p: usize): void {
  negateIf(on, p);
  negateIf(on, p + T);
}

/** Makes Z = 1 in both points, and T; one inversion serves both (Montgomery's trick). */
export function normalizePair(p: usize, q: usize): void {
  const frame = scratch.mark();
  const inverse = scratch.take(FE_SIZE);
  const t = scratch.take(FE_SIZE);
  multiply(inverse, p + Z, q + Z);
  invert(inverse, inverse);
  multiply(t, inverse, q + Z);
  multiply(inverse, inverse, p + Z);
  scale(p, t);
  scale(q, inverse);
  scratch.release(frame);
}

/** Makes Z = 1, and T, by the inverse of p's Z. */
export function scale(p: usize, inverse: usize): void {
  multiply(p, p, inverse);
  multiply(p + Y, p + Y, inverse);
  set(p + Z, 1);
  multiply(p + T, p, p + Y);
}

/** 1 where p and q are the same point. */
export function equalPoints(p: usize, q: usize): Choice {
  return equalProducts(p, q + Z, q, p + Z) & equalProducts(p + Y, q + Z, q + Y, p + Z);
}

/** out = p + entry, where D is 2 Z1 Z2 with the entry's scale: Z2 = 1/2 in a table's. */
function addScaled(out: usize, p: usize, entry: usize, D: usize, withT: bool): void {
  const frame = scratch.mark();
  const A = scratch.take(FE_SIZE);
  const B = scratch.take(FE_SIZE);
  const C = scratch.take(FE_SIZE);
  const F = scratch.take(FE_SIZE);
  add(B, p + Y, p);
  multiply(B, B, entry);
  subtract(A, p + Y, p);
  multiply(A, A, entry + FE_SIZE);
  multiply(C, p + T, entry + 2 * FE_SIZE);
  subtract(F, D, C);
  add(C, D, C); // G
  add(out + Y, B, A); // H
  subtract(A, B, A); // E
  finish(out, A, F, C, withT);
  scratch.release(frame);
}

/**
 * X = E F, T = E H, Z = F G, Y = G H, where H is in Y's place. E may be three tight elements added
 * up where the others are loose: columns stay below 20 * 3 (2^12 + 2^6) (2^13 + 2^7), which is less
 * than 2^31 - 2^26.
 */
function finish(out: usize, E: usize, F: usize, G: usize, withT: bool): void {
  const H = out + Y;
  multiply(out, E, F);
  if (withT) multiply(out + T, E, H); // public: the place in the computation
  multiply(out + Z, F, G);
  multiply(out + Y, G, H);
}

/** 1 where a b = c e in the field. */
function equalProducts(a: usize, b: usize, c: usize, e: usize): Choice {
  const frame = scratch.mark();
  const left = scratch.take(FE_SIZE);
  const right = scratch.take(FE_SIZE);
  multiply(left, a, b);
  multiply(right, c, e);
  toBytes(left, left);
  toBytes(right, right);
  const same = equalBytes(left, right, BYTES_SIZE);
  scratch.release(frame);
  return same;
}
