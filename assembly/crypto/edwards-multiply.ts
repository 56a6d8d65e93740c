// Multiples of points of Ed25519's curve:
//
//   multiplyBase         k B for a secret k, by a comb over a precomputed table
//   multiplyTwoVarTime   s B + k P for public s and k (verification): the same comb, in the last of
//                        the doublings that a non-adjacent form of k takes
//
// The comb is one over signs (Hamburg, eprint 2012/309): no column's digit is 0, so each is a sum,
// and half of the table's entries are the opposites of the others. B is RFC 8032's base point.

import { Choice, mask, not } from "../base/ct";
import * as scratch from "../base/scratch";
import {
  AFFINE_ENTRY_SIZE, ENTRY_SIZE, POINT_SIZE, addAffine, addEntry, double, makeEntry, negateEntryIf,
  setIdentity,
} from "./edwards";
import {
  COMB_ENTRIES, COMB_ENTRY_DIGITS, COMB_SPACING, COMB_TEETH, combTable,
} from "./edwards-comb";
import { chooseEntry } from "./packed-table";
import { nonAdjacentFormVarTime } from "./point-multiply";

export const SCALAR_SIZE: i32 = 32;

/** The order L of the base point, 2^252 + 27742317777372353535851937790883648493, big-endian. */
export const order: usize = memory.data<u8>([
  0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x14, 0xde, 0xf9, 0xde, 0xa2, 0xf7, 0x9c, 0xd6, 0x58, 0x12, 0x63, 0x1a, 0x5c, 0xf5, 0xd3, 0xed,
]);

/** Of the non-adjacent form, whose digits' multiples are 1, 3, ... 15. */
const NAF_WIDTH: i32 = 5;
const MULTIPLES: i32 = 1 << (NAF_WIDTH - 2);
/** Digits of a non-adjacent form of a number below L: one more than it has bits. */
const DIGITS: i32 = 254;

/** out = k B without its T, for a little-endian k below 2^255. CT: k does not leak. */
export function multiplyBase(out: usize, k: usize): void {
  const frame = scratch.mark();
  const signs = scratch.take(SCALAR_SIZE);
  signsOf(signs, k);
  setIdentity(out);
  for (let i = COMB_SPACING - 1; i >= 0; i--) {
    double(out, out, true);
    addColumn(out, signs, i);
  }
  scratch.release(frame);
}

/** out = s B + k p without its T: s little-endian, k big-endian, both below L; p has its T. */
export function multiplyTwoVarTime(out: usize, s: usize, k: usize, p: usize): void {
  const frame = scratch.mark();
  const signs = scratch.take(SCALAR_SIZE);
  const form = scratch.take(8 * SCALAR_SIZE + 1);
  const table = scratch.take(MULTIPLES * ENTRY_SIZE);
  signsOf(signs, s);
  nonAdjacentFormVarTime(form, k, SCALAR_SIZE, NAF_WIDTH);
  fillOddMultiples(table, p);
  setIdentity(out);
  for (let i = DIGITS - 1; i >= 0; i--) {
    const digit = <i32>load<i8>(form + i);
    const inComb = i < COMB_SPACING;
    double(out, out, digit != 0 || inComb);
    if (digit != 0) addDigitVarTime(out, table, digit, inComb);
    if (inComb) addColumn(out, signs, i);
  }
  scratch.release(frame);
}

/**
 * signs = (k + 2^255 - 1) / 2 mod L, little-endian, for k below 2^255: k B is the sum of
 * (2 b[i] - 1) 2^i B over the bits b[0] ... b[254] of it. L is taken off where the sum is odd.
 */
function signsOf(signs: usize, k: usize): void {
  const odd = <i32>mask(not(load<u8>(k) & 1));
  let carry: i32 = -1;
  for (let i = 0; i < SCALAR_SIZE; i++) {
    carry += <i32>load<u8>(k + i) - (<i32>load<u8>(order + SCALAR_SIZE - 1 - i) & odd);
    store<u8>(signs + i, carry);
    carry >>= 8;
  }
  addAndHalve(signs);
}

/** signs = (signs + 2^255) / 2, of an even number mod 2^256 between -2^253 and 2^255. */
function addAndHalve(signs: usize): void {
  let above: u32 = load<u8>(signs, SCALAR_SIZE - 1) ^ 0x80;
  for (let i = SCALAR_SIZE - 1; i > 0; i--) {
    const below: u32 = load<u8>(signs + i - 1);
    store<u8>(signs + i, above >> 1);
    above = ((above & 1) << 8) | below;
  }
  store<u8>(signs, above >> 1);
}

/**
 * out += column i of the scalar's signs, without its T: its bits at i + 51 t. A column whose top
 * sign is negative is the opposite of its complement.
 */
function addColumn(out: usize, signs: usize, i: i32): void {
  const frame = scratch.mark();
  const entry = scratch.take(AFFINE_ENTRY_SIZE);
  let digit: u32 = 0;
  for (let tooth = 0; tooth < COMB_TEETH; tooth++) {
    const at = i + tooth * COMB_SPACING;
    digit |= ((<u32>load<u8>(signs + (at >> 3)) >> (at & 7)) & 1) << tooth;
  }
  const negative: Choice = not(digit >> (COMB_TEETH - 1));
  const index = (digit ^ mask(negative)) & (COMB_ENTRIES - 1);
  chooseEntry(entry, combTable, COMB_ENTRIES, COMB_ENTRY_DIGITS, index);
  negateEntryIf(negative, entry);
  addAffine(out, out, entry, false);
  scratch.release(frame);
}

/** table = the entries of p, 3 p, ... 15 p. */
function fillOddMultiples(table: usize, p: usize): void {
  const frame = scratch.mark();
  const sum = scratch.take(POINT_SIZE);
  const step = scratch.take(ENTRY_SIZE);
  double(sum, p, true);
  makeEntry(step, sum);
  memory.copy(sum, p, POINT_SIZE);
  makeEntry(table, sum);
  for (let i = 1; i < MULTIPLES; i++) {
    addEntry(sum, sum, step, true);
    makeEntry(table + i * ENTRY_SIZE, sum);
  }
  scratch.release(frame);
}

/** out += digit times the point whose odd multiples the table holds. */
function addDigitVarTime(out: usize, table: usize, digit: i32, withT: bool): void {
  const frame = scratch.mark();
  const entry = scratch.take(ENTRY_SIZE);
  memory.copy(entry, table + (abs(digit) >> 1) * ENTRY_SIZE, ENTRY_SIZE);
  negateEntryIf(digit < 0 ? 1 : 0, entry);
  addEntry(out, out, entry, withT);
  scratch.release(frame);
}
