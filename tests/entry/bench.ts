// What scripts/bench measures: each primitive as one call, its output (where it has any) first.

import { AEAD_STATE_SIZE, aeadBegin, aeadSeal } from "../../assembly/crypto/aead";
import { DRBG_STATE_SIZE, drbgBegin } from "../../assembly/crypto/drbg";
import { HASH_MAX, hashSize } from "../../assembly/crypto/hash";
import { hkdfExpand, hkdfExtract } from "../../assembly/crypto/hkdf";
import * as scratch from "../../assembly/base/scratch";
import { RsaPrivateKey, rsaSignPkcs1 } from "../../assembly/crypto/rsa-sign";
import { sha256Begin, sha256Compress } from "../../assembly/crypto/sha256";

export { allocate as alloc, release as free } from "../../assembly/base/heap";
export { ecdhPublicKey, ecdhSharedSecret } from "../../assembly/crypto/ecdh";
export { ecdsaVerify } from "../../assembly/crypto/ecdsa";
export { ecdsaSign } from "../../assembly/crypto/ecdsa-sign";
export { hash } from "../../assembly/crypto/hash";
export { hmac } from "../../assembly/crypto/hmac";
export { rsaVerifyPkcs1, rsaVerifyPss } from "../../assembly/crypto/rsa";
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
