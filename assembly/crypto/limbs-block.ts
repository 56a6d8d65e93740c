// Five or ten limbs (limbs.ts): their sums and products as straight lines, because what a loop
// costs - a bounds check, the counter - is as much as its work.
//
// Products hold five limbs of one factor in variables and load the other: on Cortex-M0+ a product
// and its addition take four cycles then. Ten limbs keep the code small enough for the flash cache
// of an RP2040 and for wasm3, which nests a call for every operation until the function returns.
// CT: nothing leaks.

/** Bytes of a limb. */
export const LIMB_BYTES: i32 = sizeof<Limb>();

/** Limbs of a block, and its bytes: 130 bits at either width. */
export const BLOCK: i32 = 40 / LIMB_BYTES;
export const BLOCK_BYTES: i32 = 40;

/**
 * a[i]. A constant i ends up in the instruction. For 64 bytes it must be put there: Binaryen would
 * write a + 64 as a - -64, which is shorter.
 */
// @ts-ignore: decorator
@inline
export function limb(a: usize, i: i32): Limb {
  if (i * LIMB_BYTES == 64) return load<Limb>(a, 64);
  return load<Limb>(a + i * LIMB_BYTES);
}

/**
 * a[i] of a factor: the low word, which holds all of the value. Where a C compiler sees that, the
 * product of two wide ones takes a 32-bit processor two multiplications instead of three and two
 * additions.
 */
// @ts-ignore: decorator
@inline
export function low(a: usize, i: i32): Limb {
  if (i * LIMB_BYTES == 64) return load<i32>(a, 64);
  return load<i32>(a + i * LIMB_BYTES);
}

/** a[i] = v, with constants as above. */
// @ts-ignore: decorator
@inline
export function put(a: usize, i: i32, v: Limb): void {
  if (i * LIMB_BYTES == 64) store<Limb>(a, v, 64);
  else store<Limb>(a + i * LIMB_BYTES, v);
}

/** A block of out = a + b; out may be a or b. */
export function addBlock(out: usize, a: usize, b: usize): void {
  put(out, 0, limb(a, 0) + limb(b, 0));
  put(out, 1, limb(a, 1) + limb(b, 1));
  put(out, 2, limb(a, 2) + limb(b, 2));
  put(out, 3, limb(a, 3) + limb(b, 3));
  put(out, 4, limb(a, 4) + limb(b, 4));
  if (BLOCK == 5) return;
  put(out, 5, limb(a, 5) + limb(b, 5));
  put(out, 6, limb(a, 6) + limb(b, 6));
  put(out, 7, limb(a, 7) + limb(b, 7));
  put(out, 8, limb(a, 8) + limb(b, 8));
  put(out, 9, limb(a, 9) + limb(b, 9));
}

/** A block of out = a - b; out may be a or b. */
export function subtractBlock(out: usize, a: usize, b: usize): void {
  put(out, 0, limb(a, 0) - limb(b, 0));
  put(out, 1, limb(a, 1) - limb(b, 1));
  put(out, 2, limb(a, 2) - limb(b, 2));
  put(out, 3, limb(a, 3) - limb(b, 3));
  put(out, 4, limb(a, 4) - limb(b, 4));
  if (BLOCK == 5) return;
  put(out, 5, limb(a, 5) - limb(b, 5));
  put(out, 6, limb(a, 6) - limb(b, 6));
  put(out, 7, limb(a, 7) - limb(b, 7));
  put(out, 8, limb(a, 8) - limb(b, 8));
  put(out, 9, limb(a, 9) - limb(b, 9));
}

/** c[0..19] = a[0..9] b[0..9], first with the upper half of a. */
export function multiplyTen(c: usize, a: usize, b: usize): void {
  let a0 = low(a, 5), a1 = low(a, 6), a2 = low(a, 7), a3 = low(a, 8), a4 = low(a, 9);
  put(c, 5, a0 * low(b, 0));
  put(c, 6, a0 * low(b, 1) + a1 * low(b, 0));
  put(c, 7, a0 * low(b, 2) + a1 * low(b, 1) + a2 * low(b, 0));
  put(c, 8, a0 * low(b, 3) + a1 * low(b, 2) + a2 * low(b, 1) + a3 * low(b, 0));
  put(c, 9, column(b, 4, a0, a1, a2, a3, a4));
  put(c, 10, column(b, 5, a0, a1, a2, a3, a4));
  put(c, 11, column(b, 6, a0, a1, a2, a3, a4));
  put(c, 12, column(b, 7, a0, a1, a2, a3, a4));
  put(c, 13, column(b, 8, a0, a1, a2, a3, a4));
  put(c, 14, column(b, 9, a0, a1, a2, a3, a4));
  put(c, 15, a1 * low(b, 9) + a2 * low(b, 8) + a3 * low(b, 7) + a4 * low(b, 6));
  put(c, 16, a2 * low(b, 9) + a3 * low(b, 8) + a4 * low(b, 7));
  put(c, 17, a3 * low(b, 9) + a4 * low(b, 8));
  put(c, 18, a4 * low(b, 9));
  put(c, 19, 0);
  a0 = low(a, 0), a1 = low(a, 1), a2 = low(a, 2), a3 = low(a, 3), a4 = low(a, 4);
  put(c, 0, a0 * low(b, 0));
  put(c, 1, a0 * low(b, 1) + a1 * low(b, 0));
  put(c, 2, a0 * low(b, 2) + a1 * low(b, 1) + a2 * low(b, 0));
  put(c, 3, a0 * low(b, 3) + a1 * low(b, 2) + a2 * low(b, 1) + a3 * low(b, 0));
  put(c, 4, column(b, 4, a0, a1, a2, a3, a4));
  put(c, 5, limb(c, 5) + column(b, 5, a0, a1, a2, a3, a4));
  put(c, 6, limb(c, 6) + column(b, 6, a0, a1, a2, a3, a4));
  put(c, 7, limb(c, 7) + column(b, 7, a0, a1, a2, a3, a4));
  put(c, 8, limb(c, 8) + column(b, 8, a0, a1, a2, a3, a4));
  put(c, 9, limb(c, 9) + column(b, 9, a0, a1, a2, a3, a4));
  put(c, 10, limb(c, 10)
    + a1 * low(b, 9) + a2 * low(b, 8) + a3 * low(b, 7) + a4 * low(b, 6));
  put(c, 11, limb(c, 11) + a2 * low(b, 9) + a3 * low(b, 8) + a4 * low(b, 7));
  put(c, 12, limb(c, 12) + a3 * low(b, 9) + a4 * low(b, 8));
  put(c, 13, limb(c, 13) + a4 * low(b, 9));
}

/** a0 b[last] + ... + a4 b[last - 4]. */
// @ts-ignore: decorator
@inline
function column(b: usize, last: i32, a0: Limb, a1: Limb, a2: Limb, a3: Limb, a4: Limb): Limb {
  return a0 * low(b, last) + a1 * low(b, last - 1) + a2 * low(b, last - 2)
    + a3 * low(b, last - 3) + a4 * low(b, last - 4);
}

/** c[0..19] = a[0..9]^2, the mixed products once and doubled. */
export function squareTen(c: usize, a: usize): void {
  const a0 = low(a, 0), a1 = low(a, 1), a2 = low(a, 2), a3 = low(a, 3), a4 = low(a, 4);
  put(c, 0, a0 * a0);
  put(c, 1, 2 * (a0 * a1));
  put(c, 2, 2 * (a0 * a2) + a1 * a1);
  put(c, 3, 2 * (a0 * a3 + a1 * a2));
  put(c, 4, 2 * (a0 * a4 + a1 * a3) + a2 * a2);
  put(c, 5, 2 * (a0 * low(a, 5) + a1 * a4 + a2 * a3));
  put(c, 6, 2 * (a0 * low(a, 6) + a1 * low(a, 5) + a2 * a4) + a3 * a3);
  put(c, 7, 2 * (a0 * low(a, 7) + a1 * low(a, 6) + a2 * low(a, 5) + a3 * a4));
  put(c, 8, 2 * (a0 * low(a, 8) + a1 * low(a, 7) + a2 * low(a, 6) + a3 * low(a, 5)) + a4 * a4);
  put(c, 9, 2 * column(a, 9, a0, a1, a2, a3, a4));
  put(c, 10, squareOf(low(a, 5))
    + 2 * (a1 * low(a, 9) + a2 * low(a, 8) + a3 * low(a, 7) + a4 * low(a, 6)));
  put(c, 11, 2 * (a2 * low(a, 9) + a3 * low(a, 8) + a4 * low(a, 7) + low(a, 5) * low(a, 6)));
  put(c, 12, 2 * (a3 * low(a, 9) + a4 * low(a, 8) + low(a, 5) * low(a, 7))
    + squareOf(low(a, 6)));
  put(c, 13, 2 * (a4 * low(a, 9) + low(a, 5) * low(a, 8) + low(a, 6) * low(a, 7)));
  put(c, 14, 2 * (low(a, 5) * low(a, 9) + low(a, 6) * low(a, 8)) + squareOf(low(a, 7)));
  put(c, 15, 2 * (low(a, 6) * low(a, 9) + low(a, 7) * low(a, 8)));
  put(c, 16, 2 * (low(a, 7) * low(a, 9)) + squareOf(low(a, 8)));
  put(c, 17, 2 * (low(a, 8) * low(a, 9)));
  put(c, 18, squareOf(low(a, 9)));
  put(c, 19, 0);
}

// @ts-ignore: decorator
@inline
function squareOf(v: Limb): Limb {
  return v * v;
}

/** c[0..9] = a[0..4] b[0..4]. */
export function multiplyFive(c: usize, a: usize, b: usize): void {
  const a0 = low(a, 0), a1 = low(a, 1), a2 = low(a, 2), a3 = low(a, 3), a4 = low(a, 4);
  put(c, 0, a0 * low(b, 0));
  put(c, 1, a0 * low(b, 1) + a1 * low(b, 0));
  put(c, 2, a0 * low(b, 2) + a1 * low(b, 1) + a2 * low(b, 0));
  put(c, 3, a0 * low(b, 3) + a1 * low(b, 2) + a2 * low(b, 1) + a3 * low(b, 0));
  put(c, 4, column(b, 4, a0, a1, a2, a3, a4));
  put(c, 5, a1 * low(b, 4) + a2 * low(b, 3) + a3 * low(b, 2) + a4 * low(b, 1));
  put(c, 6, a2 * low(b, 4) + a3 * low(b, 3) + a4 * low(b, 2));
  put(c, 7, a3 * low(b, 4) + a4 * low(b, 3));
  put(c, 8, a4 * low(b, 4));
  put(c, 9, 0);
}

/** c[0..9] = a[0..4]^2. */
export function squareFive(c: usize, a: usize): void {
  const a0 = low(a, 0), a1 = low(a, 1), a2 = low(a, 2), a3 = low(a, 3), a4 = low(a, 4);
  put(c, 0, a0 * a0);
  put(c, 1, 2 * (a0 * a1));
  put(c, 2, 2 * (a0 * a2) + a1 * a1);
  put(c, 3, 2 * (a0 * a3 + a1 * a2));
  put(c, 4, 2 * (a0 * a4 + a1 * a3) + a2 * a2);
  put(c, 5, 2 * (a1 * a4 + a2 * a3));
  put(c, 6, 2 * (a2 * a4) + a3 * a3);
  put(c, 7, 2 * (a3 * a4));
  put(c, 8, a4 * a4);
  put(c, 9, 0);
}
