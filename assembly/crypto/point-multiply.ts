// Multiples of points. Three ways, for three kinds of scalars:
//
//   multiplySecret      k P for a secret k and any P: signed windows of 4 bits
//   multiplyBaseSecret  k G for a secret k: on P-256 by a comb over a precomputed table
//   multiplyTwoVarTime  u G + v Q for public u, v (verification): interleaved non-adjacent forms
//
// addDistinct must never meet two equal points. Why it does not stands at each secret
// multiplication; the public one uses addVarTime, which notices.

import { Choice, copyBytesIf, isEqual, isNonZero, not, select } from "../base/ct";
import * as scratch from "../base/scratch";
import { isLessBytes, subtractBytes } from "./big-endian";
import {
  COORDINATE_MAX, CurveId, baseOf, coordinateSize, elementSize, negateIf, orderOf, setOne,
} from "./curve";
import { pickWordsIf } from "./limbs";
import {
  COMB_ENTRIES, COMB_ENTRY_DIGITS, COMB_SPACING, COMB_TEETH, combTable,
} from "./p256-comb";
import { chooseEntry } from "./packed-table";
import {
  addDistinct, addVarTime, copyPointIf, double, pointFromBytes, pointSize,
} from "./points";

/** Multiples in a table for windows: 1 ... 8. */
const MULTIPLES: i32 = 8;

/**
 * out = k p, for 1 <= k < n and p not infinity; for other k, some point. CT: k does not leak.
 *
 * k is replaced by n - k where that is smaller, and the result by its opposite. So the sum so far,
 * 16 A P, and the next multiple, d P with |d| <= 8, are never the same: that needs n to divide
 * 16 A - d, which is not 0 as A >= 1 then, and lies below n as 16 A + d <= n / 2.
 */
export function multiplySecret(curve: i32, out: usize, k: usize, p: usize): void {
  const frame = scratch.mark();
  const size = pointSize(curve);
  const table = scratch.take(MULTIPLES * size);
  const chosen = scratch.take(size);
  const sum = scratch.take(size);
  const scalar = scratch.take(COORDINATE_MAX);
  const negated = smallerOfPair(curve, scalar, k);
  fillMultiples(curve, table, p, p, MULTIPLES);
  memory.fill(out, 0, size);
  let infinite: Choice = 1;
  for (let i = 2 * coordinateSize(curve) - 1; i >= 0; i--) {
    for (let j = 0; j < 4; j++) double(curve, out, out);
    const window = windowAt(scalar, coordinateSize(curve), i);
    const negative = window >> 4;
    const digit = select(negative, 32 - window, window + 1) >> 1;
    choosePoint(curve, chosen, table, digit);
    negateIf(curve, negative, chosen + elementSize(curve));
    addDistinct(curve, sum, out, chosen, false);
    const present = isNonZero(digit);
    copyPointIf(curve, present & not(infinite), out, sum);
    copyPointIf(curve, present & infinite, out, chosen);
    infinite &= not(present);
  }
  negateIf(curve, negated, out + elementSize(curve));
  scratch.release(frame);
}

/** out = k G, for 1 <= k < n; for other k, some point. CT: k does not leak. */
export function multiplyBaseSecret(curve: i32, out: usize, k: usize): void {
  if (curve == CurveId.P256) { // public: the curve
    multiplyByComb(out, k);
    return;
  }
  const frame = scratch.mark();
  const base = scratch.take(pointSize(curve));
  pointFromBytes(curve, base, baseOf(curve));
  multiplySecret(curve, out, k, base);
  scratch.release(frame);
}

/** out = u G + v q; u and v big-endian, below n. */
export function multiplyTwoVarTime(curve: i32, out: usize, u: usize, v: usize, q: usize): void {
  const frame = scratch.mark();
  const size = pointSize(curve);
  const width = nafWidth(curve);
  const tableG = scratch.take(size << (width - 2));
  const tableQ = scratch.take(size << (width - 2));
  const t = scratch.take(size);
  const digits = 8 * coordinateSize(curve) + 1;
  const formU = scratch.take(digits);
  const formV = scratch.take(digits);
  pointFromBytes(curve, t, baseOf(curve));
  fillOddMultiples(curve, tableG, t, 1 << (width - 2));
  fillOddMultiples(curve, tableQ, q, 1 << (width - 2));
  nonAdjacentFormVarTime(formU, u, coordinateSize(curve), width);
  nonAdjacentFormVarTime(formV, v, coordinateSize(curve), width);
  memory.fill(out, 0, size);
  for (let i = digits - 1; i >= 0; i--) {
    double(curve, out, out);
    addDigitVarTime(curve, out, tableG, load<i8>(formU + i));
    addDigitVarTime(curve, out, tableQ, load<i8>(formV + i));
  }
  scratch.release(frame);
}

/**
 * Of non-adjacent forms: tables of eight odd multiples, 1 ... 15, and of four on P-521, where eight
 * would make scratch memory larger than all else.
 */
function nafWidth(curve: i32): i32 {
  return curve == CurveId.P521 ? 4 : 5;
}

/** smaller = min(k, n - k), big-endian; gives 1 where that is n - k. */
function smallerOfPair(curve: i32, smaller: usize, k: usize): Choice {
  const n = coordinateSize(curve);
  subtractBytes(smaller, orderOf(curve), k, n);
  const less = isLessBytes(smaller, k, n);
  copyBytesIf(not(less), smaller, k, n);
  return less;
}

/** Bits 4 i - 1 ... 4 i + 3 of k: the digit at 16^i is their (signed) value, plus 1, over 2. */
function windowAt(k: usize, n: i32, i: i32): u32 {
  const below = i == 0 ? 0 : <u32>nibbleAt(k, n, i - 1) >> 3;
  return (nibbleAt(k, n, i) << 1) | below;
}

function nibbleAt(k: usize, n: i32, i: i32): u32 {
  return (<u32>load<u8>(k + (n - 1 - (i >> 1))) >> ((i & 1) << 2)) & 15;
}

/** table = p, p + step, p + 2 step ... , as many as count, for a public p. */
function fillMultiples(curve: i32, table: usize, p: usize, step: usize, count: i32): void {
  const size = pointSize(curve);
  memory.copy(table, p, size);
  for (let i = 1; i < count; i++) {
    table += size;
    addVarTime(curve, table, table - size, step);
  }
}

function fillOddMultiples(curve: i32, table: usize, p: usize, count: i32): void {
  const frame = scratch.mark();
  const step = scratch.take(pointSize(curve));
  double(curve, step, p);
  fillMultiples(curve, table, p, step, count);
  scratch.release(frame);
}

/** out = the digit-th of the table's points, all zero for digit 0; reads the whole table. */
function choosePoint(curve: i32, out: usize, table: usize, digit: u32): void {
  const size = pointSize(curve);
  memory.fill(out, 0, size);
  for (let j = 1; j <= MULTIPLES; j++) {
    pickWordsIf(isEqual(digit, j), out, table, size >> 2);
    table += size;
  }
}

/**
 * out = k G on P-256, one addition for each column of k written in COMB_TEETH rows (Lim, Lee 1994).
 *
 * The sum so far, 2 A G, and the table's D G are never the same: A and D are made of the same
 * powers 2^(64 t), with factors below 2^63 in A and of 0 or 1 in D, so 2 A is not D unless both are
 * 0; and 2 A - D = n cannot be, because 2 A + D <= k < n.
 */
function multiplyByComb(out: usize, k: usize): void {
  const curve = CurveId.P256;
  const frame = scratch.mark();
  const size = pointSize(curve);
  const chosen = scratch.take(size);
  const sum = scratch.take(size);
  setOne(curve, chosen + 2 * elementSize(curve));
  memory.fill(out, 0, size);
  let infinite: Choice = 1;
  for (let i = COMB_SPACING - 1; i >= 0; i--) {
    double(curve, out, out);
    const digit = combDigitAt(k, i);
    chooseEntry(chosen, combTable, COMB_ENTRIES, COMB_ENTRY_DIGITS, digit - 1);
    addDistinct(curve, sum, out, chosen, true);
    const present = isNonZero(digit);
    copyPointIf(curve, present & not(infinite), out, sum);
    copyPointIf(curve, present & infinite, out, chosen);
    infinite &= not(present);
  }
  scratch.release(frame);
}

/** Bits i, i + 64, i + 128, i + 192 of k. */
function combDigitAt(k: usize, i: i32): u32 {
  let digit: u32 = 0;
  for (let tooth = 0; tooth < COMB_TEETH; tooth++) {
    const at = i + tooth * COMB_SPACING;
    digit |= ((<u32>load<u8>(k + 31 - (at >> 3)) >> (at & 7)) & 1) << tooth;
  }
  return digit;
}

/**
 * The non-adjacent form of k: a byte for each bit, 0 or an odd digit below 2^(width - 1) and above
 * its opposite, of which any `width` in a row hold at most one.
 */
export function nonAdjacentFormVarTime(form: usize, k: usize, n: i32, width: i32): void {
  const bits = 8 * n;
  memory.fill(form, 0, bits + 1);
  let carry = 0;
  for (let i = 0; i <= bits;) {
    if (bitAt(k, n, i) == carry) {
      i++;
      continue;
    }
    let digit = carry;
    for (let j = 0; j < width; j++) digit += bitAt(k, n, i + j) << j;
    carry = digit >> (width - 1);
    store<i8>(form + i, digit - (carry << width));
    i += width;
  }
}

/** Bit i of the n big-endian bytes at k, 0 beyond them. */
function bitAt(k: usize, n: i32, i: i32): i32 {
  return i >= 8 * n ? 0 : (<i32>load<u8>(k + (n - 1 - (i >> 3))) >> (i & 7)) & 1;
}

/** out += digit times the point whose odd multiples the table holds. */
function addDigitVarTime(curve: i32, out: usize, table: usize, digit: i32): void {
  if (digit == 0) return;
  const size = pointSize(curve);
  const frame = scratch.mark();
  const q = scratch.take(size);
  memory.copy(q, table + (abs(digit) >> 1) * size, size);
  negateIf(curve, digit < 0 ? 1 : 0, q + elementSize(curve));
  addVarTime(curve, out, out, q);
  scratch.release(frame);
}
