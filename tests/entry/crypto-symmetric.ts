// The symmetric half of assembly/crypto, exported flat for tests/crypto.

import { AEAD_STATE_SIZE } from "../../assembly/crypto/aead";
import { AES_STATE_SIZE } from "../../assembly/crypto/aes";
import { CBC_HMAC_STATE_SIZE } from "../../assembly/crypto/cbc-hmac";
import { DRBG_STATE_SIZE } from "../../assembly/crypto/drbg";
import { GHASH_STATE_SIZE } from "../../assembly/crypto/ghash";
import { HASH_STATE_SIZE } from "../../assembly/crypto/hash";
import { HMAC_STATE_SIZE } from "../../assembly/crypto/hmac";
import { POLY1305_STATE_SIZE } from "../../assembly/crypto/poly1305";
import { INITIAL_384, INITIAL_512, ROUND_CONSTANTS } from "../../assembly/crypto/sha2-tables";

export { allocate as alloc, release as free } from "../../assembly/base/heap";
export { mark as scratchMark, peak as scratchPeak } from "../../assembly/base/scratch";
export {
  aeadBegin,
  aeadKeySize,
  aeadOpen,
  aeadSeal,
  aeadTagSize,
} from "../../assembly/crypto/aead";
export { aesBegin, aesEncrypt } from "../../assembly/crypto/aes";
export { aesDecrypt } from "../../assembly/crypto/aes-inverse";
export { cbcDecrypt, cbcEncrypt } from "../../assembly/crypto/cbc";
export {
  cbcHmacBegin,
  cbcHmacOpen,
  cbcHmacSeal,
  cbcHmacSealedSize,
} from "../../assembly/crypto/cbc-hmac";
export { extractSecretPlace } from "../../assembly/crypto/cbc-padding";
export { ccmBegin, ccmOpen, ccmSeal } from "../../assembly/crypto/ccm";
export { chacha20Apply } from "../../assembly/crypto/chacha20";
export { drbgBegin, drbgFill, drbgReseed } from "../../assembly/crypto/drbg";
export { ghashBegin, ghashEnd, ghashLengths, ghashUpdate } from "../../assembly/crypto/ghash";
export {
  hash,
  hashBegin,
  hashBlockSize,
  hashCopy,
  hashEnd,
  hashEndSecretLength,
  hashSize,
  hashUpdate,
} from "../../assembly/crypto/hash";
export { hkdfExpand, hkdfExtract } from "../../assembly/crypto/hkdf";
export { hmac, hmacBegin, hmacEnd, hmacUpdate } from "../../assembly/crypto/hmac";
export { prf } from "../../assembly/crypto/prf";
export {
  poly1305Begin,
  poly1305End,
  poly1305Update,
  poly1305UpdatePadded,
} from "../../assembly/crypto/poly1305";

// Constants, as calls: a test sees functions only.

export function aeadStateSize(): i32 {
  return AEAD_STATE_SIZE;
}

export function aesStateSize(): i32 {
  return AES_STATE_SIZE;
}

export function cbcHmacStateSize(): i32 {
  return CBC_HMAC_STATE_SIZE;
}

export function drbgStateSize(): i32 {
  return DRBG_STATE_SIZE;
}

export function ghashStateSize(): i32 {
  return GHASH_STATE_SIZE;
}

export function hashStateSize(): i32 {
  return HASH_STATE_SIZE;
}

export function hmacStateSize(): i32 {
  return HMAC_STATE_SIZE;
}

export function poly1305StateSize(): i32 {
  return POLY1305_STATE_SIZE;
}

/** The tables of SHA-2: the round constants, the initial values of SHA-512 and of SHA-384. */
export function sha2Table(which: i32): usize {
  if (which == 0) return ROUND_CONSTANTS;
  return which == 1 ? INITIAL_512 : INITIAL_384;
}
