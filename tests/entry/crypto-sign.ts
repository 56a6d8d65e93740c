// What tests/crypto calls of key pairs and signatures made, with flat signatures.

import * as scratch from "../../assembly/base/scratch";
import { DRBG_STATE_SIZE } from "../../assembly/crypto/drbg";
import { limbsFor, natFromBytes } from "../../assembly/crypto/nat";
import { combTable } from "../../assembly/crypto/p256-comb";
import { isMultiple } from "../../assembly/crypto/prime";
import { completeKey, generateRsaKey, layOutKey } from "../../assembly/crypto/rsa-keygen";
import { RsaPrivateKey, rsaSignPkcs1, rsaSignPss } from "../../assembly/crypto/rsa-sign";

export { allocate as alloc, release as free } from "../../assembly/base/heap";
export { mark as scratchUsed, peak as scratchPeak } from "../../assembly/base/scratch";
export { drbgBegin, drbgFill } from "../../assembly/crypto/drbg";
export { ecdhPublicKey } from "../../assembly/crypto/ecdh";
export { ecdsaVerify } from "../../assembly/crypto/ecdsa";
export { ecdsaSign } from "../../assembly/crypto/ecdsa-sign";
export { rsaVerifyPkcs1, rsaVerifyPss } from "../../assembly/crypto/rsa";
export { drawCandidate, hasSmallFactor, isProbablePrime } from "../../assembly/crypto/prime";
export { rsaKeyStorage } from "../../assembly/crypto/rsa-keygen";
export { generateKeyPair } from "../../assembly/crypto/key-pair";
export { x25519PublicKey } from "../../assembly/crypto/x25519";

export function drbgStateSize(): i32 {
  return DRBG_STATE_SIZE;
}

/** Precomputed points of P-256, in memory that a test can damage. */
export function combTableAt(): usize {
  return combTable;
}

/** key: eight pairs of address and length: n, e, d, p, q, dp, dq, qInv. */
export function signPkcs1(out: usize, key: usize, hashId: i32, digest: usize, drbg: usize): i32 {
  return rsaSignPkcs1(out, changetype<RsaPrivateKey>(key), hashId, digest, drbg);
}

export function signPss(
  out: usize,
  key: usize,
  hashId: i32,
  digest: usize,
  salt: usize,
  saltLen: i32,
  drbg: usize,
): i32 {
  const k = changetype<RsaPrivateKey>(key);
  return rsaSignPss(out, k, hashId, digest, salt, saltLen, drbg);
}

/** key is filled as above. */
export function generateRsa(key: usize, storage: usize, bits: i32, drbg: usize): i32 {
  return generateRsaKey(changetype<RsaPrivateKey>(key), storage, bits, drbg);
}

/** key gets its addresses and lengths; the test then writes the primes. */
export function layOutRsa(key: usize, storage: usize, bits: i32): void {
  layOutKey(changetype<RsaPrivateKey>(key), storage, bits);
}

export function completeRsa(key: usize): void {
  completeKey(changetype<RsaPrivateKey>(key));
}

/** 1 where the factor divides the number in the size big-endian bytes at p. */
export function isMultipleOf(p: usize, size: i32, factor: i32): u32 {
  const frame = scratch.mark();
  const limbs = limbsFor(8 * size);
  const a = scratch.take(limbs << 2);
  natFromBytes(a, limbs, p, size);
  const multiple = isMultiple(a, limbs, factor);
  scratch.release(frame);
  return multiple;
}
