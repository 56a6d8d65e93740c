// The AEADs of TLS (RFC 8446, B.4; RFC 6655) behind one interface: AES-GCM (gcm.ts), AES-CCM with
// whole and with short tags (ccm.ts), and ChaCha20-Poly1305 (RFC 8439, 2.8).
//
//   aeadBegin(state, id, key);     then any number of aeadSeal and aeadOpen, in place
//
// Opening gives text only where the tag is right; otherwise the text is cleared.
// Nonces are the caller's: one that comes twice under a key gives the key stream away. A state
// belongs to its caller, AEAD_STATE_SIZE bytes, 8-aligned, and holds the key until the caller
// wipes it. An AEAD that does not exist is a bug of ours, therefore a trap.

import { store32le, wipe } from "../base/bytes";
import { Choice, equalBytes } from "../base/ct";
import * as scratch from "../base/scratch";
import { ccmBegin, ccmOpen, ccmSeal } from "./ccm";
import { chacha20Apply } from "./chacha20";
import { GCM_STATE_SIZE, gcmBegin, gcmOpen, gcmSeal } from "./gcm";
import {
  POLY1305_STATE_SIZE,
  poly1305Begin,
  poly1305End,
  poly1305Update,
  poly1305UpdatePadded,
} from "./poly1305";

export namespace AeadId {
  export const AES_128_GCM: i32 = 1;
  export const AES_256_GCM: i32 = 2;
  export const CHACHA20_POLY1305: i32 = 3;
  export const AES_128_CCM: i32 = 4;
  export const AES_256_CCM: i32 = 5;
  export const AES_128_CCM_8: i32 = 6;
  export const AES_256_CCM_8: i32 = 7;
}

export const NONCE_SIZE: i32 = 12;
/** Of all but CCM_8. */
export const TAG_SIZE: i32 = 16;
const SHORT_TAG_SIZE: i32 = 8;

const KEY: usize = 8; // behind the id: what gcm.ts keeps, or ChaCha20's key itself
export const AEAD_STATE_SIZE: i32 = <i32>KEY + GCM_STATE_SIZE;

/** Bytes of the key; 0: no such AEAD. CT: id leaks. */
export function aeadKeySize(id: i32): i32 {
  if (id < AeadId.AES_128_GCM || id > AeadId.AES_256_CCM_8) return 0;
  const isShort =
    id == AeadId.AES_128_GCM || id == AeadId.AES_128_CCM || id == AeadId.AES_128_CCM_8;
  return isShort ? 16 : 32;
}

/** Bytes of the tag. CT: id leaks. */
export function aeadTagSize(id: i32): i32 {
  return id >= AeadId.AES_128_CCM_8 ? SHORT_TAG_SIZE : TAG_SIZE;
}

/** Takes a key of aeadKeySize(id) bytes, of any alignment. CT: id leaks. */
export function aeadBegin(state: usize, id: i32, key: usize): void {
  const size = aeadKeySize(id);
  if (size == 0) unreachable();
  store<i32>(state, id);
  if (id == AeadId.CHACHA20_POLY1305) memory.copy(state + KEY, key, size);
  else if (id >= AeadId.AES_128_CCM) ccmBegin(state + KEY, key, size);
  else gcmBegin(state + KEY, key, size);
}

/**
 * Encrypts n bytes of text in place and writes aeadTagSize(id) bytes of tag, which may stand right
 * behind the text. CT: id, addresses and lengths leak.
 */
export function aeadSeal(
  state: usize,
  nonce: usize,
  aad: usize,
  aadLen: i32,
  text: usize,
  n: i32,
  tag: usize,
): void {
  const key = state + KEY;
  const id = load<i32>(state);
  if (id >= AeadId.AES_128_CCM) {
    ccmSeal(key, nonce, aad, aadLen, text, n, tag, aeadTagSize(id));
    return;
  }
  if (id != AeadId.CHACHA20_POLY1305) {
    gcmSeal(key, nonce, aad, aadLen, text, n, tag);
    return;
  }
  chacha20Apply(key, nonce, 1, text, n);
  authenticate(key, nonce, aad, aadLen, text, n, tag);
}

/**
 * Decrypts n bytes of text in place where the tag is right: 1. Otherwise clears them: 0.
 * CT: id, addresses, lengths and whether the tag is right leak; the result tells the caller anyway.
 */
export function aeadOpen(
  state: usize,
  nonce: usize,
  aad: usize,
  aadLen: i32,
  text: usize,
  n: i32,
  tag: usize,
): Choice {
  const key = state + KEY;
  const id = load<i32>(state);
  if (id >= AeadId.AES_128_CCM) {
    return ccmOpen(key, nonce, aad, aadLen, text, n, tag, aeadTagSize(id));
  }
  if (id != AeadId.CHACHA20_POLY1305) return gcmOpen(key, nonce, aad, aadLen, text, n, tag);
  const frame = scratch.mark();
  const expected = scratch.take(TAG_SIZE);
  authenticate(key, nonce, aad, aadLen, text, n, expected);
  const genuine = equalBytes(tag, expected, TAG_SIZE);
  // public: the result
  if (genuine) chacha20Apply(key, nonce, 1, text, n);
  else wipe(text, n);
  scratch.release(frame);
  return genuine;
}

/**
 * Poly1305 of additional data, ciphertext and lengths, under the first half of key stream block
 * 0.
 */
function authenticate(
  key: usize,
  nonce: usize,
  aad: usize,
  aadLen: i32,
  text: usize,
  n: i32,
  tag: usize,
): void {
  const frame = scratch.mark();
  const mac = scratch.take(POLY1305_STATE_SIZE);
  const block = scratch.take(32);
  memory.fill(block, 0, 32);
  chacha20Apply(key, nonce, 0, block, 32);
  poly1305Begin(mac, block);
  poly1305UpdatePadded(mac, aad, aadLen);
  poly1305UpdatePadded(mac, text, n);
  memory.fill(block, 0, TAG_SIZE);
  store32le(block, aadLen);
  store32le(block + 8, n);
  poly1305Update(mac, block, TAG_SIZE);
  poly1305End(mac, tag);
  scratch.release(frame);
}
