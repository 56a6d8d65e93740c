// What scripts/bench measures: each primitive as one call, its output (where it has any) first.

import { AEAD_STATE_SIZE, aeadBegin, aeadSeal } from "../../assembly/crypto/aead";
import { HASH_MAX, hashSize } from "../../assembly/crypto/hash";
import { hkdfExpand, hkdfExtract } from "../../assembly/crypto/hkdf";
import * as scratch from "../../assembly/base/scratch";
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
