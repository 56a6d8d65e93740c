// Products of signed limbs of 13 bits (limbs13.ts): 20 or 30 limbs as two or three blocks of ten,
// joined by Karatsuba's method, so that 3 or 6 products of blocks do for 4 or 9.
//
// The blocks are straight lines, because what a loop costs - a bounds check, the counter - is as
// much as its work. They hold half of one factor in variables and load the other: on Cortex-M0+ a
// product and its addition take four cycles then. Ten limbs keep the code small enough for the
// flash cache of an RP2040 and for wasm3, which nests a call for every operation until the function
// returns.
// CT: nothing leaks.

import { wipe } from "../base/bytes";

const MOST_BLOCKS: i32 = 3;
const BLOCK: i32 = 10;
export const BLOCK_BYTES: i32 = 4 * BLOCK;
const PRODUCT_BYTES: i32 = 2 * BLOCK_BYTES;

/** The product's columns, 2 n words, left for a field's reduction. Wiped by wipeColumns. */
export const columns: usize = memory.data(MOST_BLOCKS * PRODUCT_BYTES, 16);

/** Products of sums of blocks, and the sums: 0 + 1, and with three blocks 0 + 2, 1 + 2. */
const crosses: usize = memory.data(3 * PRODUCT_BYTES, 16);
const sumA: usize = memory.data(BLOCK_BYTES, 16);
const sumB: usize = memory.data(BLOCK_BYTES, 16);

/** columns = a b for loose elements of n limbs. */
export function multiplyLimbs(a: usize, b: usize, n: i32): void {
  const a1 = a + BLOCK_BYTES, b1 = b + BLOCK_BYTES;
  multiplyBlock(columns, a, b);
  multiplyBlock(columns + PRODUCT_BYTES, a1, b1);
  multiplySums(crosses, a, a1, b, b1);
  if (n == 2 * BLOCK) { // public: the field
    joinTwo();
    return;
  }
  const a2 = a1 + BLOCK_BYTES, b2 = b1 + BLOCK_BYTES;
  multiplyBlock(columns + 2 * PRODUCT_BYTES, a2, b2);
  multiplySums(crosses + PRODUCT_BYTES, a, a2, b, b2);
  multiplySums(crosses + 2 * PRODUCT_BYTES, a1, a2, b1, b2);
  joinThree();
}

/** columns = a^2 for a loose element of n limbs. */
export function squareLimbs(a: usize, n: i32): void {
  const a1 = a + BLOCK_BYTES;
  squareBlock(columns, a);
  squareBlock(columns + PRODUCT_BYTES, a1);
  squareSum(crosses, a, a1);
  if (n == 2 * BLOCK) { // public: the field
    joinTwo();
    return;
  }
  const a2 = a1 + BLOCK_BYTES;
  squareBlock(columns + 2 * PRODUCT_BYTES, a2);
  squareSum(crosses + PRODUCT_BYTES, a, a2);
  squareSum(crosses + 2 * PRODUCT_BYTES, a1, a2);
  joinThree();
}

/** Forgets the last product: whoever computed on secrets calls it when done. */
export function wipeColumns(): void {
  wipe(columns, MOST_BLOCKS * PRODUCT_BYTES);
  wipe(crosses, 3 * PRODUCT_BYTES);
  wipe(sumA, BLOCK_BYTES);
  wipe(sumB, BLOCK_BYTES);
}

/** Ten limbs of out = a + b; out may be a or b. */
export function addBlock(out: usize, a: usize, b: usize): void {
  put(out, 0, limb(a, 0) + limb(b, 0));
  put(out, 1, limb(a, 1) + limb(b, 1));
  put(out, 2, limb(a, 2) + limb(b, 2));
  put(out, 3, limb(a, 3) + limb(b, 3));
  put(out, 4, limb(a, 4) + limb(b, 4));
  put(out, 5, limb(a, 5) + limb(b, 5));
  put(out, 6, limb(a, 6) + limb(b, 6));
  put(out, 7, limb(a, 7) + limb(b, 7));
  put(out, 8, limb(a, 8) + limb(b, 8));
  put(out, 9, limb(a, 9) + limb(b, 9));
}

/** Ten limbs of out = a - b; out may be a or b. */
export function subtractBlock(out: usize, a: usize, b: usize): void {
  put(out, 0, limb(a, 0) - limb(b, 0));
  put(out, 1, limb(a, 1) - limb(b, 1));
  put(out, 2, limb(a, 2) - limb(b, 2));
  put(out, 3, limb(a, 3) - limb(b, 3));
  put(out, 4, limb(a, 4) - limb(b, 4));
  put(out, 5, limb(a, 5) - limb(b, 5));
  put(out, 6, limb(a, 6) - limb(b, 6));
  put(out, 7, limb(a, 7) - limb(b, 7));
  put(out, 8, limb(a, 8) - limb(b, 8));
  put(out, 9, limb(a, 9) - limb(b, 9));
}

/** a[i]. */
// @ts-ignore: decorator
@inline
export function limb(a: usize, i: i32): i32 {
  return load<i32>(a + (i << 2));
}

/**
 * a[i] = v. Constant i end up in the instruction, but for i = 16, since Binaryen writes a + 64 as
 * a - -64, which is shorter.
 */
// @ts-ignore: decorator
@inline
export function put(a: usize, i: i32, v: i32): void {
  store<i32>(a + (i << 2), v);
}

function multiplySums(out: usize, a: usize, a1: usize, b: usize, b1: usize): void {
  addBlock(sumA, a, a1);
  addBlock(sumB, b, b1);
  multiplyBlock(out, sumA, sumB);
}

function squareSum(out: usize, a: usize, a1: usize): void {
  addBlock(sumA, a, a1);
  squareBlock(out, sumA);
}

/**
 * Adds (a0 + a1) (b0 + b1) - a0 b0 - a1 b1 in the middle of a0 b0 and a1 b1. Cross products may
 * leave the 32 bits, but what they add up to is a column of the product, which does not.
 */
function joinTwo(): void {
  joinTwoAt(0);
  joinTwoAt(1);
  joinTwoAt(2);
  joinTwoAt(3);
  joinTwoAt(4);
  joinTwoAt(5);
  joinTwoAt(6);
  joinTwoAt(7);
  joinTwoAt(8);
  joinTwoAt(9);
}

// @ts-ignore: decorator
@inline
function joinTwoAt(i: i32): void {
  const middle = limb(columns, i + BLOCK) - limb(columns, i + 2 * BLOCK);
  put(columns, i + BLOCK, limb(crosses, i) + middle - limb(columns, i));
  put(columns, i + 2 * BLOCK, limb(crosses, i + BLOCK) - middle - limb(columns, i + 3 * BLOCK));
}

/** The same for three blocks and the three pairs of them. */
function joinThree(): void {
  joinThreeAt(0);
  joinThreeAt(1);
  joinThreeAt(2);
  joinThreeAt(3);
  joinThreeAt(4);
  joinThreeAt(5);
  joinThreeAt(6);
  joinThreeAt(7);
  joinThreeAt(8);
  joinThreeAt(9);
}

// @ts-ignore: decorator
@inline
function joinThreeAt(i: i32): void {
  const c = columns + (i << 2), t = crosses + (i << 2);
  const low0 = limb(c, 0), low1 = limb(c, 2 * BLOCK), high2 = limb(c, 5 * BLOCK);
  const lower = limb(c, BLOCK) - low1; //                 high0 - low1
  const upper = limb(c, 3 * BLOCK) - limb(c, 4 * BLOCK); // high1 - low2
  const outer = limb(c, 3 * BLOCK) + limb(c, 4 * BLOCK) + lower + low0;
  const inner = low1 + limb(c, BLOCK) - upper + high2;
  put(c, BLOCK, limb(t, 0) + lower - low0);
  put(c, 2 * BLOCK, limb(t, BLOCK) + limb(t, 2 * BLOCK) - outer);
  put(c, 3 * BLOCK, limb(t, 3 * BLOCK) + limb(t, 4 * BLOCK) - inner);
  put(c, 4 * BLOCK, limb(t, 5 * BLOCK) - upper - high2);
}

/** c[0..19] = a[0..9] b[0..9], first with the upper half of a. */
function multiplyBlock(c: usize, a: usize, b: usize): void {
  let a0 = limb(a, 5), a1 = limb(a, 6), a2 = limb(a, 7), a3 = limb(a, 8), a4 = limb(a, 9);
  put(c, 5, a0 * limb(b, 0));
  put(c, 6, a0 * limb(b, 1) + a1 * limb(b, 0));
  put(c, 7, a0 * limb(b, 2) + a1 * limb(b, 1) + a2 * limb(b, 0));
  put(c, 8, a0 * limb(b, 3) + a1 * limb(b, 2) + a2 * limb(b, 1) + a3 * limb(b, 0));
  put(c, 9, column(b, 4, a0, a1, a2, a3, a4));
  put(c, 10, column(b, 5, a0, a1, a2, a3, a4));
  put(c, 11, column(b, 6, a0, a1, a2, a3, a4));
  put(c, 12, column(b, 7, a0, a1, a2, a3, a4));
  put(c, 13, column(b, 8, a0, a1, a2, a3, a4));
  put(c, 14, column(b, 9, a0, a1, a2, a3, a4));
  put(c, 15, a1 * limb(b, 9) + a2 * limb(b, 8) + a3 * limb(b, 7) + a4 * limb(b, 6));
  store<i32>(c, a2 * limb(b, 9) + a3 * limb(b, 8) + a4 * limb(b, 7), 64); // see put
  put(c, 17, a3 * limb(b, 9) + a4 * limb(b, 8));
  put(c, 18, a4 * limb(b, 9));
  put(c, 19, 0);
  a0 = limb(a, 0), a1 = limb(a, 1), a2 = limb(a, 2), a3 = limb(a, 3), a4 = limb(a, 4);
  put(c, 0, a0 * limb(b, 0));
  put(c, 1, a0 * limb(b, 1) + a1 * limb(b, 0));
  put(c, 2, a0 * limb(b, 2) + a1 * limb(b, 1) + a2 * limb(b, 0));
  put(c, 3, a0 * limb(b, 3) + a1 * limb(b, 2) + a2 * limb(b, 1) + a3 * limb(b, 0));
  put(c, 4, column(b, 4, a0, a1, a2, a3, a4));
  put(c, 5, limb(c, 5) + column(b, 5, a0, a1, a2, a3, a4));
  put(c, 6, limb(c, 6) + column(b, 6, a0, a1, a2, a3, a4));
  put(c, 7, limb(c, 7) + column(b, 7, a0, a1, a2, a3, a4));
  put(c, 8, limb(c, 8) + column(b, 8, a0, a1, a2, a3, a4));
  put(c, 9, limb(c, 9) + column(b, 9, a0, a1, a2, a3, a4));
  put(c, 10, limb(c, 10)
    + a1 * limb(b, 9) + a2 * limb(b, 8) + a3 * limb(b, 7) + a4 * limb(b, 6));
  put(c, 11, limb(c, 11) + a2 * limb(b, 9) + a3 * limb(b, 8) + a4 * limb(b, 7));
  put(c, 12, limb(c, 12) + a3 * limb(b, 9) + a4 * limb(b, 8));
  put(c, 13, limb(c, 13) + a4 * limb(b, 9));
}

/** a0 b[last] + ... + a4 b[last - 4]. */
// @ts-ignore: decorator
@inline
function column(b: usize, last: i32, a0: i32, a1: i32, a2: i32, a3: i32, a4: i32): i32 {
  return a0 * limb(b, last) + a1 * limb(b, last - 1) + a2 * limb(b, last - 2)
    + a3 * limb(b, last - 3) + a4 * limb(b, last - 4);
}

/** c[0..19] = a[0..9]^2, the mixed products once and doubled. */
function squareBlock(c: usize, a: usize): void {
  const a0 = limb(a, 0), a1 = limb(a, 1), a2 = limb(a, 2), a3 = limb(a, 3), a4 = limb(a, 4);
  put(c, 0, a0 * a0);
  put(c, 1, 2 * (a0 * a1));
  put(c, 2, 2 * (a0 * a2) + a1 * a1);
  put(c, 3, 2 * (a0 * a3 + a1 * a2));
  put(c, 4, 2 * (a0 * a4 + a1 * a3) + a2 * a2);
  put(c, 5, 2 * (a0 * limb(a, 5) + a1 * a4 + a2 * a3));
  put(c, 6, 2 * (a0 * limb(a, 6) + a1 * limb(a, 5) + a2 * a4) + a3 * a3);
  put(c, 7, 2 * (a0 * limb(a, 7) + a1 * limb(a, 6) + a2 * limb(a, 5) + a3 * a4));
  put(c, 8, 2 * (a0 * limb(a, 8) + a1 * limb(a, 7) + a2 * limb(a, 6) + a3 * limb(a, 5)) + a4 * a4);
  put(c, 9, 2 * column(a, 9, a0, a1, a2, a3, a4));
  put(c, 10, squareOf(limb(a, 5))
    + 2 * (a1 * limb(a, 9) + a2 * limb(a, 8) + a3 * limb(a, 7) + a4 * limb(a, 6)));
  put(c, 11, 2 * (a2 * limb(a, 9) + a3 * limb(a, 8) + a4 * limb(a, 7) + limb(a, 5) * limb(a, 6)));
  put(c, 12, 2 * (a3 * limb(a, 9) + a4 * limb(a, 8) + limb(a, 5) * limb(a, 7))
    + squareOf(limb(a, 6)));
  put(c, 13, 2 * (a4 * limb(a, 9) + limb(a, 5) * limb(a, 8) + limb(a, 6) * limb(a, 7)));
  put(c, 14, 2 * (limb(a, 5) * limb(a, 9) + limb(a, 6) * limb(a, 8)) + squareOf(limb(a, 7)));
  put(c, 15, 2 * (limb(a, 6) * limb(a, 9) + limb(a, 7) * limb(a, 8)));
  store<i32>(c, 2 * (limb(a, 7) * limb(a, 9)) + squareOf(limb(a, 8)), 64); // see put
  put(c, 17, 2 * (limb(a, 8) * limb(a, 9)));
  put(c, 18, squareOf(limb(a, 9)));
  put(c, 19, 0);
}

// @ts-ignore: decorator
@inline
function squareOf(v: i32): i32 {
  return v * v;
}
