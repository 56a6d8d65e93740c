// X25519 (RFC 7748, 5): the Diffie-Hellman function on Curve25519, x coordinates only, by the
// Montgomery ladder in the RFC's own letters.

import { Choice, isZeroBytes, not } from "../base/ct";
import * as scratch from "../base/scratch";
import { POINT_SIZE } from "./edwards";
import { toMontgomery } from "./edwards-encoding";
import { multiplyBase } from "./edwards-multiply";
import {
  FE_SIZE, add, addMultiple, fromBytes, invert, multiply, set, square, subtract, swapIf, toBytes,
} from "./field25519";
import { wipeColumns } from "./limbs";

export const X25519_SIZE: i32 = 32;

/** (A - 2) / 4 of Curve25519. */
const A24: i32 = 121665;

// The ladder's working set: five elements in one block of scratch.
const X_1: i32 = 0;
const X_2: i32 = FE_SIZE;
const Z_2: i32 = 2 * FE_SIZE;
const X_3: i32 = 3 * FE_SIZE;
const Z_3: i32 = 4 * FE_SIZE;
const LADDER_SIZE: i32 = 5 * FE_SIZE;

/**
 * out = the public key of scalar: 32 bytes each, may overlap. The multiple of the base point is
 * computed on the Edwards form of the curve, by a comb. CT: nothing leaks.
 */
export function x25519PublicKey(out: usize, scalar: usize): void {
  const frame = scratch.mark();
  const k = scratch.take(X25519_SIZE);
  const point = scratch.take(POINT_SIZE);
  clamp(k, scalar);
  multiplyBase(point, k);
  toMontgomery(point, point);
  toBytes(out, point);
  scratch.release(frame);
  wipeColumns();
}

/**
 * out = the shared secret of scalar and the peer's point, 32 bytes each, may overlap. Gives 0 where
 * the secret is all zero, that is, where the point had a low order: TLS must end the connection
 * then (RFC 8446, 7.4.2). CT: the scalar does not leak.
 */
export function x25519(out: usize, scalar: usize, point: usize): Choice {
  const frame = scratch.mark();
  const k = scratch.take(X25519_SIZE);
  clamp(k, scalar);
  const ladder = scratch.take(LADDER_SIZE);
  fromBytes(ladder + X_1, point);
  climb(ladder, k);
  invert(ladder + Z_2, ladder + Z_2);
  multiply(ladder + X_2, ladder + X_2, ladder + Z_2);
  toBytes(out, ladder + X_2);
  scratch.release(frame);
  wipeColumns();
  return not(isZeroBytes(out, X25519_SIZE));
}

/** k = the scalar as RFC 7748, 5 decodes it: a multiple of 8 between 2^254 and 2^255. */
function clamp(k: usize, scalar: usize): void {
  memory.copy(k, scalar, X25519_SIZE);
  store<u8>(k, load<u8>(k) & 248);
  store<u8>(k, (load<u8>(k, 31) & 127) | 64, 31);
}

/** (x_2 : z_2) = k x_1. The two points change places by masks, once a bit. */
function climb(ladder: usize, k: usize): void {
  set(ladder + X_2, 1);
  set(ladder + Z_2, 0);
  memory.copy(ladder + X_3, ladder + X_1, FE_SIZE);
  set(ladder + Z_3, 1);
  let swap: Choice = 0;
  for (let t = 254; t >= 0; t--) {
    const bit: Choice = (<u32>load<u8>(k + (t >> 3)) >> (t & 7)) & 1;
    swap ^= bit;
    swapIf(swap, ladder + X_2, ladder + X_3);
    swapIf(swap, ladder + Z_2, ladder + Z_3);
    swap = bit;
    step(ladder);
  }
  swapIf(swap, ladder + X_2, ladder + X_3);
  swapIf(swap, ladder + Z_2, ladder + Z_3);
}

/** One rung: a doubling of point 2 and a differential addition of points 2 and 3. */
function step(ladder: usize): void {
  const x_1 = ladder + X_1, x_2 = ladder + X_2, z_2 = ladder + Z_2;
  const x_3 = ladder + X_3, z_3 = ladder + Z_3;
  const frame = scratch.mark();
  const A = scratch.take(FE_SIZE);
  const B = scratch.take(FE_SIZE);
  const DA = scratch.take(FE_SIZE);
  const CB = scratch.take(FE_SIZE);
  add(A, x_2, z_2);
  subtract(B, x_2, z_2);
  add(CB, x_3, z_3); // C
  multiply(CB, CB, B);
  subtract(DA, x_3, z_3); // D
  multiply(DA, DA, A);
  add(x_3, DA, CB);
  square(x_3, x_3);
  subtract(z_3, DA, CB);
  square(z_3, z_3);
  multiply(z_3, z_3, x_1);
  square(A, A); // AA
  square(B, B); // BB
  multiply(x_2, A, B);
  subtract(B, A, B); // E
  addMultiple(z_2, A, B, A24);
  multiply(z_2, z_2, B);
  scratch.release(frame);
}
