// What tests/constant-time-{sign,rsa}.test.ts call: signatures and key pairs, with flat signatures.

import { DRBG_STATE_SIZE } from "../../assembly/crypto/drbg";
import { completeKey } from "../../assembly/crypto/rsa-keygen";
import { RsaPrivateKey, rsaSignPkcs1, rsaSignPss } from "../../assembly/crypto/rsa-sign";

export { allocate as alloc, release as free } from "../../assembly/base/heap";
export { drbgBegin } from "../../assembly/crypto/drbg";
export { ecdsaSign } from "../../assembly/crypto/ecdsa-sign";
export { ed25519Sign } from "../../assembly/crypto/ed25519";
export { generateKeyPair } from "../../assembly/crypto/key-pair";

export { hasSmallFactor, isProbablePrime } from "../../assembly/crypto/prime";
export { areFit } from "../../assembly/crypto/rsa-keygen";

export function drbgStateSize(): i32 {
  return DRBG_STATE_SIZE;
}

/**
 * A signature over SHA-256, with PSS where there is a salt of 32 bytes. key: see crypto-sign.ts.
 */
export function rsaSign(out: usize, key: usize, digest: usize, salt: usize, drbg: usize): i32 {
  const k = changetype<RsaPrivateKey>(key);
  if (salt == 0) return rsaSignPkcs1(out, k, 4, digest, drbg);
  return rsaSignPss(out, k, 4, digest, salt, 32, drbg);
}

/** All of a key from its p and q. key: see crypto-sign.ts. */
export function rsaComplete(key: usize): void {
  completeKey(changetype<RsaPrivateKey>(key));
}
