// K-PKE, the encryption inside ML-KEM-768 (FIPS 203, 5). By itself it is safe against nobody who
// may ask for decryptions; mlkem.ts makes a key encapsulation of it.
//
// The letters are the standard's: t = A s + e makes a key pair, u = A^T y + e1 and
// v = t y + e2 + message an encryption. A, t, s and y are kept transformed. An entry of A is made
// when it is needed and forgotten: at any time there are three polynomials of a vector, one sum of
// products, and one more.

import * as scratch from "../base/scratch";
import {
  NOISE_SIZE,
  compress,
  decompress,
  isReducedVarTime,
  pack,
  sampleNoise,
  sampleUniform,
  unpack,
} from "./mlkem-bytes";
import {
  POLY_SIZE,
  SUMS_SIZE,
  add,
  inverseNtt,
  multiplyAdd,
  normalise,
  ntt,
  reduceSums,
  subtractFrom,
  takeZetas,
  timesR,
} from "./mlkem-ring";
import { SHA3_STATE_SIZE, Sha3Id, sha3Begin, sha3Squeeze, sha3Update } from "./sha3";

/** k of ML-KEM-768: vectors have so many polynomials. */
const K: i32 = 3;
const PACKED: i32 = 12 * 32;
const U_BITS: i32 = 10;
const V_BITS: i32 = 4;
const U_SIZE: i32 = U_BITS * 32;

const SEED: i32 = 32;
export const PKE_SECRET_SIZE: i32 = K * PACKED;
/** t, then rho. */
export const PKE_PUBLIC_SIZE: i32 = K * PACKED + SEED;
/** The vector u, then v. */
export const PKE_CIPHERTEXT_SIZE: i32 = K * U_SIZE + V_BITS * 32;

/** What all three operations work in, in the scratch frame of each. */
// @ts-ignore: decorator
@unmanaged
class Work {
  zetas: usize = 0;
  /** K polynomials. */
  vector: usize = 0;
  /** Sums of products, and then the polynomial that they become. */
  sums: usize = 0;
  poly: usize = 0;

  static take(): Work {
    const w = changetype<Work>(scratch.take(offsetof<Work>()));
    w.zetas = takeZetas();
    w.vector = scratch.take(K * POLY_SIZE);
    w.sums = scratch.take(SUMS_SIZE);
    w.poly = scratch.take(POLY_SIZE);
    return w;
  }

  /** Polynomial i of the vector. */
  at(i: i32): usize {
    return this.vector + POLY_SIZE * i;
  }

  /** sums += poly * polynomial i of the vector. */
  addProduct(i: i32): void {
    multiplyAdd(this.sums, this.poly, this.at(i), this.zetas);
  }

  clearSums(): void {
    memory.fill(this.sums, 0, SUMS_SIZE);
  }
}

/**
 * The key pair (algorithm 13, from its second line on): PKE_SECRET_SIZE bytes to secretKey,
 * PKE_PUBLIC_SIZE to publicKey, which rho may be the end of. CT: addresses and rho leak, nothing
 * of sigma.
 */
export function pkeKeyPair(secretKey: usize, publicKey: usize, rho: usize, sigma: usize): void {
  const frame = scratch.mark();
  const w = Work.take();
  memory.copy(publicKey + K * PACKED, rho, SEED);
  for (let i = 0; i < K; i++) {
    noise(w.at(i), sigma, i);
    ntt(w.at(i), w.zetas);
    memory.copy(w.poly, w.at(i), POLY_SIZE);
    normalise(w.poly);
    pack(secretKey + PACKED * i, w.poly, 12);
  }
  for (let i = 0; i < K; i++) {
    w.clearSums();
    for (let j = 0; j < K; j++) {
      sampleUniform(w.poly, rho, j, i);
      w.addProduct(j);
    }
    reduceSums(w.sums, w.sums);
    timesR(w.sums);
    noise(w.poly, sigma, K + i);
    ntt(w.poly, w.zetas);
    add(w.sums, w.poly);
    normalise(w.sums);
    pack(publicKey + PACKED * i, w.sums, 12);
  }
  scratch.release(frame);
}

/** The modulus check of a public key (7.2): whether its numbers are below q. */
export function isPublicKeyVarTime(publicKey: usize): bool {
  const frame = scratch.mark();
  const poly = scratch.take(POLY_SIZE);
  let isReduced = true;
  for (let i = 0; i < K && isReduced; i++) {
    unpack(poly, publicKey + PACKED * i, 12);
    isReduced = isReducedVarTime(poly);
  }
  scratch.release(frame);
  return isReduced;
}

/**
 * Encrypts 32 bytes with the randomness of 32 bytes (algorithm 14): PKE_CIPHERTEXT_SIZE bytes to
 * out. CT: addresses and the public key leak.
 */
export function pkeEncrypt(out: usize, publicKey: usize, message: usize, randomness: usize): void {
  const frame = scratch.mark();
  const w = Work.take();
  const rho = publicKey + K * PACKED;
  for (let i = 0; i < K; i++) {
    noise(w.at(i), randomness, i);
    ntt(w.at(i), w.zetas);
  }
  for (let i = 0; i < K; i++) {
    w.clearSums();
    for (let j = 0; j < K; j++) {
      sampleUniform(w.poly, rho, i, j);
      w.addProduct(j);
    }
    endSum(w, randomness, K + i);
    packCompressed(out + U_SIZE * i, w.sums, U_BITS);
  }
  w.clearSums();
  for (let j = 0; j < K; j++) {
    unpack(w.poly, publicKey + PACKED * j, 12);
    w.addProduct(j);
  }
  endSum(w, randomness, 2 * K);
  unpack(w.poly, message, 1);
  decompress(w.poly, 1);
  add(w.sums, w.poly);
  packCompressed(out + U_SIZE * K, w.sums, V_BITS);
  scratch.release(frame);
}

/** Decrypts to 32 bytes (algorithm 15). CT: addresses leak. */
export function pkeDecrypt(out: usize, secretKey: usize, ciphertext: usize): void {
  const frame = scratch.mark();
  const w = Work.take();
  for (let i = 0; i < K; i++) {
    unpack(w.at(i), ciphertext + U_SIZE * i, U_BITS);
    decompress(w.at(i), U_BITS);
    ntt(w.at(i), w.zetas);
  }
  w.clearSums();
  for (let i = 0; i < K; i++) {
    unpack(w.poly, secretKey + PACKED * i, 12);
    w.addProduct(i);
  }
  reduceSums(w.sums, w.sums);
  inverseNtt(w.sums, w.zetas);
  unpack(w.poly, ciphertext + U_SIZE * K, V_BITS);
  decompress(w.poly, V_BITS);
  subtractFrom(w.sums, w.poly);
  packCompressed(out, w.sums, 1);
  scratch.release(frame);
}

/** From sums of products to a polynomial out of the transform's domain, plus noise. */
function endSum(w: Work, seed: usize, number: i32): void {
  reduceSums(w.sums, w.sums);
  inverseNtt(w.sums, w.zetas);
  noise(w.poly, seed, number);
  add(w.sums, w.poly);
}

function packCompressed(out: usize, p: usize, bits: i32): void {
  normalise(p);
  compress(p, bits);
  pack(out, p, bits);
}

/** The polynomial of noise with this number, from 32 secret bytes (PRF, 4.1). */
function noise(p: usize, seed: usize, number: i32): void {
  const frame = scratch.mark();
  const state = scratch.take(SHA3_STATE_SIZE);
  const bytes = scratch.take(NOISE_SIZE);
  store<u8>(bytes, number);
  sha3Begin(state, Sha3Id.SHAKE256);
  sha3Update(state, seed, SEED);
  sha3Update(state, bytes, 1);
  sha3Squeeze(state, bytes, NOISE_SIZE);
  sampleNoise(p, bytes);
  scratch.release(frame);
}
