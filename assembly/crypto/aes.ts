// AES-128 and AES-256 (FIPS 197), two blocks at a time, constant time: key expansion and
// encryption. Decryption, which only CBC needs, is in aes-inverse.ts.
//
// Bitsliced: no table is looked up, so nothing about key or text reaches an address. Eight words
// hold the 8 bits of 32 bytes: word i has bit i of all of them.
//
//   bits of a word:  byte r (bits 8r ... 8r+7) is row r of the AES state; in it, bit c is column c
//                    of the first block and bit 4 + c column c of the second
//
// So ShiftRows rotates within nibbles, MixColumns rotates the whole word by 8 and 16, and SubBytes
// is the circuit of Boyar and Peralta (eprint 2009/191) on whole words. Round keys are kept in the
// same form.

import { load32le } from "../base/bytes";
import * as scratch from "../base/scratch";

export const AES_BLOCK: i32 = 16;
/** What aesEncrypt takes: two blocks. */
export const AES_PAIR: i32 = 32;

/**
 * Where in a state the round keys stand, AES_PAIR bytes each; their number less one is in front.
 */
export const ROUND_KEYS: usize = 8;
const ROUNDS_MAX: i32 = 14;
export const AES_STATE_SIZE: i32 = <i32>ROUND_KEYS + AES_PAIR * (ROUNDS_MAX + 1);

/** Expands a key of 16 or 32 bytes, of any alignment. CT: keySize leaks. */
export function aesBegin(state: usize, key: usize, keySize: i32): void {
  const frame = scratch.mark();
  const rounds = 6 + (keySize >>> 2);
  const words = scratch.take(AES_BLOCK * (ROUNDS_MAX + 1));
  expandKey(words, key, keySize >>> 2, 4 * (rounds + 1));
  store<i32>(state, rounds);
  let roundKey = state + ROUND_KEYS;
  for (let round = 0; round <= rounds; round++) {
    const word = words + AES_BLOCK * round;
    memory.copy(roundKey, word, AES_BLOCK);
    memory.copy(roundKey + AES_BLOCK, word, AES_BLOCK);
    transpose(roundKey);
    roundKey += AES_PAIR;
  }
  scratch.release(frame);
}

/** Encrypts the two blocks at `pair` (32 bytes, 4-aligned) in place. CT: the key's size leaks. */
export function aesEncrypt(state: usize, pair: usize): void {
  let key = state + ROUND_KEYS;
  const last = key + AES_PAIR * load<i32>(state);
  transpose(pair);
  addRoundKey(pair, key);
  for (key += AES_PAIR; key < last; key += AES_PAIR) {
    subBytes(pair);
    mixRows(pair, key);
  }
  subBytes(pair);
  shiftAllRows(pair);
  addRoundKey(pair, last);
  transpose(pair);
}

/** Key expansion (FIPS 197, 5.2), on little-endian words: `n` words of key to `count` words. */
function expandKey(w: usize, key: usize, n: i32, count: i32): void {
  for (let i = 0; i < n; i++) store<u32>(w + 4 * i, load32le(key + 4 * i));
  let roundConstant: u32 = 1;
  for (let i = n; i < count; i++) {
    const at = w + 4 * i;
    let t = load<u32>(at - 4);
    // public: the position
    if (i % n == 0) {
      t = subWord(rotr<u32>(t, 8)) ^ roundConstant;
      roundConstant = (roundConstant << 1) ^ ((roundConstant >>> 7) * 0x11b); // x times in GF(2^8)
    } else if (n == 8 && i % n == 4) {
      t = subWord(t);
    }
    store<u32>(at, load<u32>(at - 4 * n) ^ t);
  }
}

/** The S-box on the 4 bytes of a word: through the same circuit, 28 of its 32 places idle. */
function subWord(x: u32): u32 {
  const frame = scratch.mark();
  const pair = scratch.take(AES_PAIR);
  memory.fill(pair, 0, AES_PAIR);
  store<u32>(pair, x);
  transpose(pair);
  subBytes(pair);
  transpose(pair);
  const result = load<u32>(pair);
  scratch.release(frame);
  return result;
}

/**
 * From 8 words of bytes to 8 words of bits and back: in each byte position, bit i of word j changes
 * places with bit j of word i. Blocks of 1, 2 and 4 bits are exchanged in turn. CT: nothing leaks.
 */
export function transpose(p: usize): void {
  exchange(p, p + 4, 0x55555555, 1);
  exchange(p + 8, p + 12, 0x55555555, 1);
  exchange(p + 16, p + 20, 0x55555555, 1);
  exchange(p + 24, p + 28, 0x55555555, 1);
  exchange(p, p + 8, 0x33333333, 2);
  exchange(p + 4, p + 12, 0x33333333, 2);
  exchange(p + 16, p + 24, 0x33333333, 2);
  exchange(p + 20, p + 28, 0x33333333, 2);
  exchange(p, p + 16, 0x0f0f0f0f, 4);
  exchange(p + 4, p + 20, 0x0f0f0f0f, 4);
  exchange(p + 8, p + 24, 0x0f0f0f0f, 4);
  exchange(p + 12, p + 28, 0x0f0f0f0f, 4);
}

/** Exchanges the bits of the word at p under mask << shift with those at q under mask. */
// @ts-ignore: decorator
@inline
function exchange(p: usize, q: usize, mask: u32, shift: i32): void {
  const x = load<u32>(p);
  const y = load<u32>(q);
  const changed = ((x >>> shift) ^ y) & mask;
  store<u32>(p, x ^ (changed << shift));
  store<u32>(q, y ^ changed);
}

/** CT: nothing leaks. */
export function addRoundKey(p: usize, key: usize): void {
  for (let i: usize = 0; i < <usize>AES_PAIR; i += 4) {
    store<u32>(p + i, load<u32>(p + i) ^ load<u32>(key + i));
  }
}

/** ShiftRows alone, for the last round. */
function shiftAllRows(p: usize): void {
  for (const end = p + AES_PAIR; p < end; p += 4) store<u32>(p, shiftRows(load<u32>(p)));
}

/**
 * Row r moves left by r columns: each nibble of byte r rotates right by r. Rows 2 and 3 exchange
 * the halves of their nibbles, then rows 1 and 3 rotate by one more.
 */
// @ts-ignore: decorator
@inline
function shiftRows(x: u32): u32 {
  const halves = ((x >>> 2) ^ x) & 0x33330000;
  x ^= halves ^ (halves << 2);
  return (x & 0x00ff00ff) | ((x >>> 1) & 0x77007700) | ((x & 0x11001100) << 3);
}

/**
 * ShiftRows, MixColumns and AddRoundKey in one pass over the planes. Byte r of rotr(x, 8) is row
 * r + 1, so t below is x(r) ^ x(r+1) and the new row is 2t ^ x(r+1) ^ x(r+2) ^ x(r+3). Doubling
 * moves each plane one up, and the highest into planes 0, 1, 3 and 4 (x^8 = x^4 + x^3 + x + 1).
 */
function mixRows(p: usize, key: usize): void {
  const highest = shiftRows(load<u32>(p, 28));
  const t7 = highest ^ rotr<u32>(highest, 8);
  const t0 = mixPlane(p, key, t7);
  const t1 = mixPlane(p + 4, key + 4, t0 ^ t7);
  const t2 = mixPlane(p + 8, key + 8, t1);
  const t3 = mixPlane(p + 12, key + 12, t2 ^ t7);
  const t4 = mixPlane(p + 16, key + 16, t3 ^ t7);
  const t5 = mixPlane(p + 20, key + 20, t4);
  const t6 = mixPlane(p + 24, key + 24, t5);
  mixPlane(p + 28, key + 28, t6);
}

/** One plane of mixRows: `doubled` is this plane of 2t; gives this plane of t. */
// @ts-ignore: decorator
@inline
function mixPlane(p: usize, key: usize, doubled: u32): u32 {
  const x = shiftRows(load<u32>(p));
  const next = rotr<u32>(x, 8);
  const t = x ^ next;
  store<u32>(p, load<u32>(key) ^ doubled ^ next ^ rotr<u32>(t, 16));
  return t;
}

/**
 * SubBytes: the circuit of Boyar and Peralta with the paper's names; x0 and s0 are the highest
 * bits. Two linear layers around an inversion in GF(2^4); the comments give the parts. Gates
 * stand close to their uses, to keep few values alive. The four inverted outputs are the constant
 * 0x63. CT: nothing leaks.
 */
export function subBytes(p: usize): void {
  const x0 = load<u32>(p, 28);
  const x1 = load<u32>(p, 24);
  const x2 = load<u32>(p, 20);
  const x3 = load<u32>(p, 16);
  const x4 = load<u32>(p, 12);
  const x5 = load<u32>(p, 8);
  const x6 = load<u32>(p, 4);
  const x7 = load<u32>(p, 0);

  // The upper linear layer: into the tower field.
  const y14 = x3 ^ x5;
  const y13 = x0 ^ x6;
  const y9 = x0 ^ x3;
  const y8 = x0 ^ x5;
  const t0 = x1 ^ x2;
  const y1 = t0 ^ x7;
  const y4 = y1 ^ x3;
  const y12 = y13 ^ y14;
  const y2 = y1 ^ x0;
  const y5 = y1 ^ x6;
  const y3 = y5 ^ y8;
  const t1 = x4 ^ y12;
  const y15 = t1 ^ x5;
  const y20 = t1 ^ x1;
  const y6 = y15 ^ x7;
  const y10 = y15 ^ t0;
  const y11 = y20 ^ y9;
  const y7 = x7 ^ y11;
  const y17 = y10 ^ y11;
  const y19 = y10 ^ y8;
  const y16 = t0 ^ y11;
  const y21 = y13 ^ y16;
  const y18 = x0 ^ y16;

  // The element of GF(2^4) to invert: t21 ... t24.
  const t2 = y12 & y15;
  const t4 = (y3 & y6) ^ t2;
  const t6 = (y4 & x7) ^ t2;
  const t7 = y13 & y16;
  const t9 = (y5 & y1) ^ t7;
  const t11 = (y2 & y7) ^ t7;
  const t12 = y9 & y11;
  const t14 = (y14 & y17) ^ t12;
  const t16 = (y8 & y10) ^ t12;
  const t21 = t4 ^ t14 ^ y20;
  const t22 = t6 ^ t16 ^ y19;
  const t23 = t9 ^ t14 ^ y21;
  const t24 = t11 ^ t16 ^ y18;

  // Its inverse: t29, t33, t37 and t40.
  const t25 = t21 ^ t22;
  const t26 = t21 & t23;
  const t27 = t24 ^ t26;
  const t29 = (t25 & t27) ^ t22;
  const t33 = ((t22 ^ t26) & (t23 ^ t24)) ^ t24;
  const t36 = t24 & (t27 ^ t33);
  const t37 = t36 ^ t23 ^ t33;
  const t40 = t25 ^ (t29 & (t27 ^ t36));

  // Times the two halves of the input.
  const t41 = t40 ^ t37;
  const t42 = t29 ^ t33;
  const t43 = t29 ^ t40;
  const t44 = t33 ^ t37;
  const t45 = t42 ^ t41;
  const z0 = t44 & y15;
  const z1 = t37 & y6;
  const z2 = t33 & x7;
  const z3 = t43 & y16;
  const z4 = t40 & y1;
  const z5 = t29 & y7;
  const z6 = t42 & y11;
  const z7 = t45 & y17;
  const z8 = t41 & y10;
  const z9 = t44 & y12;
  const z10 = t37 & y3;
  const z11 = t33 & y4;
  const z12 = t43 & y13;
  const z13 = t40 & y5;
  const z14 = t29 & y2;
  const z15 = t42 & y9;
  const z16 = t45 & y14;
  const z17 = t41 & y8;

  // The lower linear layer: back, and the affine map of the S-box.
  const t46 = z15 ^ z16;
  const t48 = z5 ^ z13;
  const t53 = z0 ^ z3;
  const t54 = z6 ^ z7;
  const t57 = z2 ^ z12 ^ t53;
  const t58 = z4 ^ t46;
  const t59 = z3 ^ t54;
  const t62 = z7 ^ z8 ^ t58;
  const t63 = z9 ^ z10 ^ t58;
  const t64 = z4 ^ t59;
  const t65 = z14 ^ t57 ^ t62;
  const t66 = z1 ^ t63;
  const s3 = t53 ^ t66;
  store<u32>(p, t59 ^ t63, 28);
  store<u32>(p, t64 ^ ~s3, 24);
  store<u32>(p, z16 ^ z17 ^ ~(t64 ^ t65), 20);
  store<u32>(p, s3, 16);
  store<u32>(p, z2 ^ z5 ^ t66, 12);
  store<u32>(p, z10 ^ z11 ^ t65, 8);
  store<u32>(p, z12 ^ t48 ^ ~t62, 4);
  store<u32>(p, t48 ^ ~(t46 ^ t57), 0);
}
