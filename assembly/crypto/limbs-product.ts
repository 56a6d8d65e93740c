// Products of limbs (limbs.ts). Elements of 260 bits are two blocks, of 390 bits three, joined by
// Karatsuba's method, so that 3 or 6 products of blocks do for 4 or 9. Two blocks of wide limbs are
// multiplied as one: 25 products less are not worth what joining costs.
// CT: nothing leaks.

import { wipe } from "../base/bytes";
import {
  BLOCK, BLOCK_BYTES, LIMB_BYTES, addBlock, limb, multiplyFive, multiplyTen, put, squareFive,
  squareTen,
} from "./limbs-block";

const MOST_BLOCKS: i32 = 3;
const PRODUCT_BYTES: i32 = 2 * BLOCK_BYTES;

/** The product's columns, 2 n of them, left for a field's reduction. Wiped by wipeColumns. */
export const columns: usize = memory.data(MOST_BLOCKS * PRODUCT_BYTES, 16);

/** Products of sums of blocks, and the sums: 0 + 1, and with three blocks 0 + 2, 1 + 2. */
const crosses: usize = memory.data(3 * PRODUCT_BYTES, 16);
const sumA: usize = memory.data(BLOCK_BYTES, 16);
const sumB: usize = memory.data(BLOCK_BYTES, 16);

/** columns = a b for loose elements of n limbs. */
export function multiplyLimbs(a: usize, b: usize, n: i32): void {
  if (isOneTen(n)) { // public: the field
    multiplyTen(columns, a, b);
    return;
  }
  const a1 = a + BLOCK_BYTES, b1 = b + BLOCK_BYTES;
  multiplyBlock(columns, a, b);
  multiplyBlock(columns + PRODUCT_BYTES, a1, b1);
  multiplySums(crosses, a, a1, b, b1);
  if (BLOCK == 10 && n == 20) { // public: the field
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
  if (isOneTen(n)) { // public: the field
    squareTen(columns, a);
    return;
  }
  const a1 = a + BLOCK_BYTES;
  squareBlock(columns, a);
  squareBlock(columns + PRODUCT_BYTES, a1);
  squareSum(crosses, a, a1);
  if (BLOCK == 10 && n == 20) { // public: the field
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

/** Two blocks of wide limbs: one product of ten. */
// @ts-ignore: decorator
@inline
function isOneTen(n: i32): bool {
  return BLOCK == 5 && n == 10;
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
 * leave 32 bits, but what they add up to is a column of the product, which does not.
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
  if (BLOCK == 5) return;
  joinThreeAt(5);
  joinThreeAt(6);
  joinThreeAt(7);
  joinThreeAt(8);
  joinThreeAt(9);
}

// @ts-ignore: decorator
@inline
function joinThreeAt(i: i32): void {
  const c = columns + i * LIMB_BYTES, t = crosses + i * LIMB_BYTES;
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

// @ts-ignore: decorator
@inline
function multiplyBlock(c: usize, a: usize, b: usize): void {
  if (BLOCK == 10) multiplyTen(c, a, b);
  else multiplyFive(c, a, b);
}

// @ts-ignore: decorator
@inline
function squareBlock(c: usize, a: usize): void {
  if (BLOCK == 10) squareTen(c, a);
  else squareFive(c, a);
}
