// SHA-3 and what is built on it, exported flat for tests/crypto.

import * as scratch from "../../assembly/base/scratch";
import { EVEN_CONSTANTS, ODD_CONSTANTS } from "../../assembly/crypto/keccak";
import {
  MLKEM_PUBLIC,
  mlkemDecapsulate,
  mlkemEncapsulate,
  mlkemKeyPair,
} from "../../assembly/crypto/mlkem";
import {
  SUMS_SIZE,
  inverseNtt,
  multiplyAdd,
  normalise,
  ntt,
  reduceSums,
  takeZetas,
} from "../../assembly/crypto/mlkem-ring";
import {
  SHA3_STATE_SIZE,
  Sha3Id,
  sha3Begin,
  sha3Squeeze,
  sha3Update,
} from "../../assembly/crypto/sha3";

export { allocate as alloc, release as free } from "../../assembly/base/heap";
export { mark as scratchMark, peak as scratchPeak } from "../../assembly/base/scratch";
export { mlkemDecapsulate, mlkemEncapsulate, mlkemKeyPair } from "../../assembly/crypto/mlkem";
export { compress, decompress, pack, unpack } from "../../assembly/crypto/mlkem-bytes";
export { sha3, sha3Begin, sha3Size, sha3Squeeze, sha3Update } from "../../assembly/crypto/sha3";

// Constants, as calls: a test sees functions only.

export function sha3StateSize(): i32 {
  return SHA3_STATE_SIZE;
}

/** The odd bits of Keccak's round constants: 24 words. */
export function oddConstants(): usize {
  return ODD_CONSTANTS;
}

/** The even bits: bit i is the lowest bit of round i's. */
export function evenConstants(): u32 {
  return EVEN_CONSTANTS;
}

/** The 128 powers of zeta as they are computed for an operation. */
export function copyZetas(out: usize): void {
  const frame = scratch.mark();
  memory.copy(out, takeZetas(), 256);
  scratch.release(frame);
}

/** A polynomial's transform and back, R times too large: 256 numbers of 16 bits in place. */
export function nttBothWays(p: usize): void {
  const frame = scratch.mark();
  const zetas = takeZetas();
  ntt(p, zetas);
  inverseNtt(p, zetas);
  normalise(p);
  scratch.release(frame);
}

/** product = a * b modulo X^256 + 1 and q, each 256 numbers of 16 bits. */
export function multiplyPolynomials(product: usize, a: usize, b: usize): void {
  const frame = scratch.mark();
  const zetas = takeZetas();
  const sums = scratch.take(SUMS_SIZE);
  memory.fill(sums, 0, SUMS_SIZE);
  ntt(a, zetas);
  ntt(b, zetas);
  multiplyAdd(sums, a, b, zetas);
  reduceSums(product, sums);
  inverseNtt(product, zetas);
  normalise(product);
  scratch.release(frame);
}

/**
 * The accumulated test: n times a key pair, an encapsulation, its decapsulation and that of random
 * bytes, all from one SHAKE128; gives the SHAKE128 of all public keys, ciphertexts and secrets.
 */
export function accumulate(n: i32, out: usize): bool {
  const frame = scratch.mark();
  const source = scratch.take(SHA3_STATE_SIZE);
  const sum = scratch.take(SHA3_STATE_SIZE);
  sha3Begin(source, Sha3Id.SHAKE128);
  sha3Begin(sum, Sha3Id.SHAKE128);
  let isRight = true;
  for (let i = 0; i < n && isRight; i++) isRight = accumulateOne(source, sum);
  sha3Squeeze(sum, out, 32);
  scratch.release(frame);
  return isRight;
}

const KEY: usize = memory.data(2400, 8);
const CIPHERTEXT: usize = memory.data(1088, 8);

function accumulateOne(source: usize, sum: usize): bool {
  const frame = scratch.mark();
  const random = scratch.take(64);
  const secret = scratch.take(32);
  const same = scratch.take(32);
  sha3Squeeze(source, random, 64);
  mlkemKeyPair(KEY, random);
  sha3Update(sum, KEY + MLKEM_PUBLIC, 1184);
  sha3Squeeze(source, random, 32);
  mlkemEncapsulate(secret, CIPHERTEXT, KEY + MLKEM_PUBLIC, 1184, random);
  sha3Update(sum, CIPHERTEXT, 1088);
  sha3Update(sum, secret, 32);
  mlkemDecapsulate(same, KEY, 2400, CIPHERTEXT, 1088);
  sha3Squeeze(source, CIPHERTEXT, 1088);
  const isRight = memory.compare(secret, same, 32) == 0;
  mlkemDecapsulate(secret, KEY, 2400, CIPHERTEXT, 1088);
  sha3Update(sum, secret, 32);
  scratch.release(frame);
  return isRight;
}
