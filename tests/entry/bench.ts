// What scripts/bench measures: each primitive as one call, its output (where it has any) first.

import * as scratch from "../../assembly/base/scratch";
import { AEAD_STATE_SIZE, aeadBegin, aeadSeal } from "../../assembly/crypto/aead";
import {
  CBC_HMAC_STATE_SIZE, cbcHmacBegin, cbcHmacOpen, cbcHmacSeal,
} from "../../assembly/crypto/cbc-hmac";
import { DRBG_STATE_SIZE, drbgBegin } from "../../assembly/crypto/drbg";
import { HASH_MAX, hashSize } from "../../assembly/crypto/hash";
import { hkdfExpand, hkdfExtract } from "../../assembly/crypto/hkdf";
import {
  MLKEM_CIPHERTEXT_SIZE, MLKEM_PRIVATE_SIZE, MLKEM_PUBLIC, MLKEM_PUBLIC_SIZE, MLKEM_SECRET_SIZE,
  mlkemDecapsulate, mlkemEncapsulate, mlkemKeyPair,
} from "../../assembly/crypto/mlkem";
import { isProbablePrime } from "../../assembly/crypto/prime";
import { RsaPrivateKey, rsaSignPkcs1 } from "../../assembly/crypto/rsa-sign";
import { sha256Begin, sha256Compress } from "../../assembly/crypto/sha256";

export { allocate as alloc, release as free } from "../../assembly/base/heap";
export { ecdhPublicKey, ecdhSharedSecret } from "../../assembly/crypto/ecdh";
export { ecdsaVerify } from "../../assembly/crypto/ecdsa";
export { ecdsaSign } from "../../assembly/crypto/ecdsa-sign";
export { ed25519Sign, ed25519Verify } from "../../assembly/crypto/ed25519";
export { hash } from "../../assembly/crypto/hash";
export { hmac } from "../../assembly/crypto/hmac";
export { mlkemDecapsulate, mlkemEncapsulate, mlkemKeyPair } from "../../assembly/crypto/mlkem";
export { rsaVerifyPkcs1, rsaVerifyPss } from "../../assembly/crypto/rsa";
export { sha3 } from "../../assembly/crypto/sha3";
export { x25519, x25519PublicKey } from "../../assembly/crypto/x25519";

/** The chain of SHA-256 after one block: the compression alone. */
export function sha256Block(chain: usize, block: usize): void {
  sha256Begin(chain);
  sha256Compress(chain, block, 1);
}

/** RFC 5869 as a whole: extract, then expand. */
export function hkdf(
  id: i32,
  ikm: usize,
  ikmLen: i32,
  salt: usize,
  saltLen: i32,
  info: usize,
  infoLen: i32,
  out: usize,
  outLen: i32,
): void {
  const frame = scratch.mark();
  const prk = scratch.take(HASH_MAX);
  hkdfExtract(id, salt, saltLen, ikm, ikmLen, prk);
  hkdfExpand(id, prk, hashSize(id), info, infoLen, out, outLen);
  scratch.release(frame);
}

/** One record: the key schedule, n bytes of text in place, the tag behind them. */
export function seal(
  id: i32,
  key: usize,
  nonce: usize,
  aad: usize,
  aadLen: i32,
  text: usize,
  n: i32,
): void {
  const frame = scratch.mark();
  const state = scratch.take(AEAD_STATE_SIZE);
  aeadBegin(state, id, key);
  aeadSeal(state, nonce, aad, aadLen, text, n, text + n);
  scratch.release(frame);
}

/** The state of AES-128-CBC with HMAC, encrypt-then-MAC; the caller's scratch frame. */
function cbcState(hashId: i32, key: usize, macKey: usize): usize {
  const state = scratch.take(CBC_HMAC_STATE_SIZE);
  cbcHmacBegin(state, hashId, true, key, 16, macKey);
  return state;
}

/** One record: the IV and n bytes of text in place. The record's size. */
export function cbcSeal(
  hashId: i32, key: usize, macKey: usize, header: usize, record: usize, n: i32,
): i32 {
  const frame = scratch.mark();
  const size = cbcHmacSeal(cbcState(hashId, key, macKey), header, record, n);
  scratch.release(frame);
  return size;
}

/** Opens a record of n bytes in place. The text's size. */
export function cbcOpen(
  hashId: i32, key: usize, macKey: usize, header: usize, record: usize, n: i32,
): i32 {
  const frame = scratch.mark();
  const size = cbcHmacOpen(cbcState(hashId, key, macKey), header, record, n);
  scratch.release(frame);
  return size;
}

/** Private key, ciphertext and the secret of either side, one after the other. */
export function mlkemAll(out: usize, seed: usize, randomness: usize): bool {
  const ciphertext = out + MLKEM_PRIVATE_SIZE;
  const secret = ciphertext + MLKEM_CIPHERTEXT_SIZE;
  mlkemKeyPair(out, seed);
  return (
    mlkemEncapsulate(secret, ciphertext, out + MLKEM_PUBLIC, MLKEM_PUBLIC_SIZE, randomness) &
    mlkemDecapsulate(
      secret + MLKEM_SECRET_SIZE, out, MLKEM_PRIVATE_SIZE, ciphertext, MLKEM_CIPHERTEXT_SIZE,
    )
  ) == 1;
}

/**
 * RSASSA-PKCS1-v1_5. numbers: n, e, d, p, q, dp, dq and qInv one after the other, sizes: their
 * lengths. The blinding is the same each time.
 */
export function rsaSign(out: usize, numbers: usize, sizes: usize, hashId: i32, digest: usize): i32 {
  const frame = scratch.mark();
  const key = scratch.take(offsetof<RsaPrivateKey>());
  for (let i: usize = 0; i < 32; i += 4) {
    store<usize>(key + 2 * i, numbers);
    store<i32>(key + 2 * i, load<i32>(sizes + i), 4);
    numbers += load<i32>(sizes + i);
  }
  const drbg = scratch.take(DRBG_STATE_SIZE);
  drbgBegin(drbg, digest, 32);
  const result = rsaSignPkcs1(out, changetype<RsaPrivateKey>(key), hashId, digest, drbg);
  scratch.release(frame);
  return result;
}

/** All rounds of Miller-Rabin, with the same bases each time. */
export function isPrime(p: usize, size: i32): bool {
  const frame = scratch.mark();
  const drbg = scratch.take(DRBG_STATE_SIZE);
  drbgBegin(drbg, p, size);
  const passes = isProbablePrime(p, size, drbg);
  scratch.release(frame);
  return passes;
}
