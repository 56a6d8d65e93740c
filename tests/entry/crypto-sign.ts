// What tests/crypto calls of key pairs and signatures made, with flat signatures.

import { DRBG_STATE_SIZE } from "../../assembly/crypto/drbg";
import { combTable } from "../../assembly/crypto/p256-comb";
import { RsaPrivateKey, rsaSignPkcs1, rsaSignPss } from "../../assembly/crypto/rsa-sign";

export { allocate as alloc, release as free } from "../../assembly/base/heap";
export { mark as scratchUsed, peak as scratchPeak } from "../../assembly/base/scratch";
export { drbgBegin, drbgFill } from "../../assembly/crypto/drbg";
export { ecdhPublicKey } from "../../assembly/crypto/ecdh";
export { ecdsaVerify } from "../../assembly/crypto/ecdsa";
export { ecdsaSign } from "../../assembly/crypto/ecdsa-sign";
export { rsaVerifyPkcs1, rsaVerifyPss } from "../../assembly/crypto/rsa";
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
