// What tests/constant-time-sign.test.ts calls: signatures and key pairs, with flat signatures.

import { DRBG_STATE_SIZE } from "../../assembly/crypto/drbg";

export { allocate as alloc, release as free } from "../../assembly/base/heap";
export { drbgBegin } from "../../assembly/crypto/drbg";
export { ecdsaSign } from "../../assembly/crypto/ecdsa-sign";
export { generateKeyPair } from "../../assembly/crypto/key-pair";

export function drbgStateSize(): i32 {
  return DRBG_STATE_SIZE;
}
