// AES decryption (FIPS 197, 5.3) in the bitsliced form of aes.ts, with the same round keys.
//
// The inverse S-box needs no circuit of its own. SubBytes is an affine map A after the inversion in
// GF(2^8), which undoes itself; so A^-1, SubBytes and A^-1 again are the inverse: slower than a
// circuit, and good enough for CBC, which is only here for old servers.

import { AES_PAIR, ROUND_KEYS, addRoundKey, subBytes, transpose } from "./aes";

/** Decrypts the two blocks at `pair` (32 bytes, 4-aligned) in place. CT: the key's size leaks. */
export function aesDecrypt(state: usize, pair: usize): void {
  const first = state + ROUND_KEYS;
  let key = first + AES_PAIR * load<i32>(state);
  transpose(pair);
  addRoundKey(pair, key);
  for (key -= AES_PAIR; key > first; key -= AES_PAIR) {
    inverseShiftRows(pair);
    inverseSubBytes(pair);
    addRoundKey(pair, key);
    inverseMixColumns(pair);
  }
  inverseShiftRows(pair);
  inverseSubBytes(pair);
  addRoundKey(pair, first);
  transpose(pair);
}

/** Row r moves right by r columns: each nibble of byte r rotates left by r. */
function inverseShiftRows(p: usize): void {
  for (const end = p + AES_PAIR; p < end; p += 4) {
    let x = load<u32>(p);
    const halves = ((x >>> 2) ^ x) & 0x33330000;
    x ^= halves ^ (halves << 2);
    store<u32>(p, (x & 0x00ff00ff) | ((x & 0x77007700) << 1) | ((x >>> 3) & 0x11001100));
  }
}

function inverseSubBytes(p: usize): void {
  inverseAffine(p);
  subBytes(p);
  inverseAffine(p);
}

/** A^-1 (FIPS 197, 5.1.1): bit i becomes the sum of bits i + 2, i + 5 and i + 7, and of 0x05's. */
function inverseAffine(p: usize): void {
  const x0 = load<u32>(p, 0);
  const x1 = load<u32>(p, 4);
  const x2 = load<u32>(p, 8);
  const x3 = load<u32>(p, 12);
  const x4 = load<u32>(p, 16);
  const x5 = load<u32>(p, 20);
  const x6 = load<u32>(p, 24);
  const x7 = load<u32>(p, 28);
  store<u32>(p, ~(x2 ^ x5 ^ x7), 0);
  store<u32>(p, x3 ^ x6 ^ x0, 4);
  store<u32>(p, ~(x4 ^ x7 ^ x1), 8);
  store<u32>(p, x5 ^ x0 ^ x2, 12);
  store<u32>(p, x6 ^ x1 ^ x3, 16);
  store<u32>(p, x7 ^ x2 ^ x4, 20);
  store<u32>(p, x0 ^ x3 ^ x5, 24);
  store<u32>(p, x1 ^ x4 ^ x6, 28);
}

/**
 * The inverse of MixColumns is MixColumns after adding 4 (x(r) ^ x(r+2)) to each row: the product
 * of the two polynomials is 1. Then a row is 2 t ^ x(r+1) ^ x(r+2) ^ x(r+3), t = x(r) ^ x(r+1);
 * doubling moves planes one up, and the highest into planes 0, 1, 3 and 4, as in aes.ts.
 */
function inverseMixColumns(p: usize): void {
  addFourTimes(p);
  const highest = load<u32>(p, 28);
  const t7 = highest ^ rotr<u32>(highest, 8);
  const t0 = mixPlane(p, t7);
  const t1 = mixPlane(p + 4, t0 ^ t7);
  const t2 = mixPlane(p + 8, t1);
  const t3 = mixPlane(p + 12, t2 ^ t7);
  const t4 = mixPlane(p + 16, t3 ^ t7);
  const t5 = mixPlane(p + 20, t4);
  const t6 = mixPlane(p + 24, t5);
  mixPlane(p + 28, t6);
}

/** One plane of MixColumns: `doubled` is this plane of 2t; gives this plane of t. */
// @ts-ignore: decorator
@inline
function mixPlane(p: usize, doubled: u32): u32 {
  const x = load<u32>(p);
  const next = rotr<u32>(x, 8);
  const t = x ^ next;
  store<u32>(p, doubled ^ next ^ rotr<u32>(t, 16));
  return t;
}

/**
 * x ^= 4 t, t = x ^ x two rows on: planes move two up, the two highest into those of
 * x^8 = x^4 + x^3 + x + 1 and of x^9.
 */
function addFourTimes(p: usize): void {
  const t6 = rowsApart(p + 24);
  const t7 = rowsApart(p + 28);
  const t5 = rowsApart(p + 20);
  const t4 = rowsApart(p + 16);
  const t3 = rowsApart(p + 12);
  const t2 = rowsApart(p + 8);
  const t1 = rowsApart(p + 4);
  const t0 = rowsApart(p);
  xorWord(p, t6);
  xorWord(p + 4, t6 ^ t7);
  xorWord(p + 8, t0 ^ t7);
  xorWord(p + 12, t1 ^ t6);
  xorWord(p + 16, t2 ^ t6 ^ t7);
  xorWord(p + 20, t3 ^ t7);
  xorWord(p + 24, t4);
  xorWord(p + 28, t5);
}

// @ts-ignore: decorator
@inline
function rowsApart(plane: usize): u32 {
  const x = load<u32>(plane);
  return x ^ rotr<u32>(x, 16);
}

// @ts-ignore: decorator
@inline
function xorWord(p: usize, x: u32): void {
  store<u32>(p, load<u32>(p) ^ x);
}
