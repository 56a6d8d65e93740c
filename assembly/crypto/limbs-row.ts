// Rows of long products: four or five limbs (limbs.ts) times a number of any size, added to
// columns. What the arithmetic modulo numbers of any size (modulus.ts) consists of.
//
// A row's limbs stay in variables: on Cortex-M0+ a product and its addition take five to six cycles
// then, the columns' loads and stores and the loop included. Four limbs of 13 bits, because with
// five its low registers do not suffice. Karatsuba's method would save products, but joining them
// costs as much.
// CT: values do not leak; counts do.

import { LIMB_BITS, LIMB_BYTES } from "./limbs";
import { limb, low, put } from "./limbs-block";

/** Limbs of a row. */
export const ROW: i32 = LIMB_BYTES == 4 ? 4 : 5;
/** Numbers are multiples of so many limbs, 260 bits at either width. */
export const SPAN: i32 = 260 / LIMB_BITS;
/** Bits of a limb's type above its own. */
const ABOVE: i32 = 8 * LIMB_BYTES - LIMB_BITS;

/** c[0 .. n + ROW - 2] += a[0 .. ROW - 1] b[0 .. n - 1], n limbs being whole spans. */
export function addRow(c: usize, a: usize, b: usize, n: i32): void {
  const a0 = low(a, 0), a1 = low(a, 1), a2 = low(a, 2), a3 = low(a, 3);
  const a4: Limb = ROW == 5 ? low(a, 4) : 0;
  add(c, 0, a0 * low(b, 0));
  add(c, 1, a0 * low(b, 1) + a1 * low(b, 0));
  add(c, 2, a0 * low(b, 2) + a1 * low(b, 1) + a2 * low(b, 0));
  if (ROW == 5) add(c, 3, a0 * low(b, 3) + a1 * low(b, 2) + a2 * low(b, 1) + a3 * low(b, 0));
  addSpan(c, b, ROW - 1, 0, a0, a1, a2, a3, a4);
  addRest(c, b, n, a0, a1, a2, a3, a4);
}

/**
 * Adds the multiple of the modulus n, of `limbs` limbs, that makes c[0 .. ROW - 1] zero; they are
 * left as they are, since nobody reads them any more. factor is -1 / n modulo a limb.
 */
export function reduceRow(c: usize, n: usize, limbs: i32, factor: Limb): void {
  const n0 = low(n, 0);
  let t = limb(c, 0);
  const q0 = digit(t * factor);
  t = limb(c, 1) + ((t + q0 * n0) >> LIMB_BITS) + q0 * low(n, 1);
  const q1 = digit(t * factor);
  t = limb(c, 2) + ((t + q1 * n0) >> LIMB_BITS) + q0 * low(n, 2) + q1 * low(n, 1);
  const q2 = digit(t * factor);
  t = limb(c, 3) + ((t + q2 * n0) >> LIMB_BITS)
    + q0 * low(n, 3) + q1 * low(n, 2) + q2 * low(n, 1);
  const q3 = digit(t * factor);
  let q4: Limb = 0;
  let carry = (t + q3 * n0) >> LIMB_BITS;
  if (ROW == 5) {
    t = limb(c, 4) + carry + q0 * low(n, 4) + q1 * low(n, 3) + q2 * low(n, 2) + q3 * low(n, 1);
    q4 = digit(t * factor);
    carry = (t + q4 * n0) >> LIMB_BITS;
  }
  add(c, ROW, carry);
  addSpan(c, n, ROW, 0, q0, q1, q2, q3, q4);
  addRest(c, n, limbs, q0, q1, q2, q3, q4);
}

/** The tight limb that t is modulo a limb. */
// @ts-ignore: decorator
@inline
function digit(t: Limb): Limb {
  return (t << ABOVE) >> ABOVE;
}

// @ts-ignore: decorator
@inline
function add(c: usize, i: i32, v: Limb): void {
  put(c, i, limb(c, i) + v);
}

/**
 * The columns behind the first span of n limbs, the last ones first: pointers that go up would
 * share their sums with the loads, and take registers from the limbs.
 */
function addRest(
  c: usize, b: usize, n: i32, a0: Limb, a1: Limb, a2: Limb, a3: Limb, a4: Limb,
): void {
  const size = n * LIMB_BYTES;
  const start = b + SPAN * LIMB_BYTES;
  c += size;
  b += size - (ROW - 1) * LIMB_BYTES; // the lowest limb that the column needs
  if (ROW == 4) {
    add(c, 0, a1 * low(b, 2) + a2 * low(b, 1) + a3 * low(b, 0));
    add(c, 1, a2 * low(b, 2) + a3 * low(b, 1));
    add(c, 2, a3 * low(b, 2));
  } else {
    add(c, 0, a1 * low(b, 3) + a2 * low(b, 2) + a3 * low(b, 1) + a4 * low(b, 0));
    add(c, 1, a2 * low(b, 3) + a3 * low(b, 2) + a4 * low(b, 1));
    add(c, 2, a3 * low(b, 3) + a4 * low(b, 2));
    add(c, 3, a4 * low(b, 3));
  }
  while (b > start) {
    c -= SPAN * LIMB_BYTES;
    b -= SPAN * LIMB_BYTES;
    addSpan(c, b, 0, ROW - 1, a0, a1, a2, a3, a4);
  }
}

/** Columns from ... SPAN - 1 of a span: c[i] += a0 b[i + shift] + a1 b[i + shift - 1] + ... */
// @ts-ignore: decorator
@inline
function addSpan(
  c: usize, b: usize, from: i32, shift: i32, a0: Limb, a1: Limb, a2: Limb, a3: Limb, a4: Limb,
): void {
  if (from <= 0) addColumn(c, 0, b, shift, a0, a1, a2, a3, a4);
  if (from <= 1) addColumn(c, 1, b, shift, a0, a1, a2, a3, a4);
  if (from <= 2) addColumn(c, 2, b, shift, a0, a1, a2, a3, a4);
  if (from <= 3) addColumn(c, 3, b, shift, a0, a1, a2, a3, a4);
  if (from <= 4) addColumn(c, 4, b, shift, a0, a1, a2, a3, a4);
  addColumn(c, 5, b, shift, a0, a1, a2, a3, a4);
  addColumn(c, 6, b, shift, a0, a1, a2, a3, a4);
  addColumn(c, 7, b, shift, a0, a1, a2, a3, a4);
  addColumn(c, 8, b, shift, a0, a1, a2, a3, a4);
  addColumn(c, 9, b, shift, a0, a1, a2, a3, a4);
  if (SPAN == 10) return;
  addColumn(c, 10, b, shift, a0, a1, a2, a3, a4);
  addColumn(c, 11, b, shift, a0, a1, a2, a3, a4);
  addColumn(c, 12, b, shift, a0, a1, a2, a3, a4);
  addColumn(c, 13, b, shift, a0, a1, a2, a3, a4);
  addColumn(c, 14, b, shift, a0, a1, a2, a3, a4);
  addColumn(c, 15, b, shift, a0, a1, a2, a3, a4);
  addColumn(c, 16, b, shift, a0, a1, a2, a3, a4);
  addColumn(c, 17, b, shift, a0, a1, a2, a3, a4);
  addColumn(c, 18, b, shift, a0, a1, a2, a3, a4);
  addColumn(c, 19, b, shift, a0, a1, a2, a3, a4);
}

// @ts-ignore: decorator
@inline
function addColumn(
  c: usize, i: i32, b: usize, shift: i32, a0: Limb, a1: Limb, a2: Limb, a3: Limb, a4: Limb,
): void {
  const last = i + shift;
  if (ROW == 4) {
    add(c, i, a0 * low(b, last) + a1 * low(b, last - 1) + a2 * low(b, last - 2)
      + a3 * low(b, last - 3));
  } else {
    add(c, i, a0 * low(b, last) + a1 * low(b, last - 1) + a2 * low(b, last - 2)
      + a3 * low(b, last - 3) + a4 * low(b, last - 4));
  }
}
