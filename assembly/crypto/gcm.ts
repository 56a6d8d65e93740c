// AES-GCM (NIST SP 800-38D) with nonces of 12 bytes and tags of 16, as TLS uses it (RFC 5116, 5.1).
//
// Counter block 1 hides the tag, 2 and up encrypt the text: each pair of blocks is XORed straight
// into the text. GHASH runs over the whole ciphertext before or after that, in a pass of its own,
// so that opening verifies first and never decrypts what was not authenticated; without a cache
// the second pass costs nothing.
//
//   state:  | AES round keys | GHASH |

import { load32le, wipe } from "../base/bytes";
import { Choice, equalBytes } from "../base/ct";
import * as scratch from "../base/scratch";
import { AES_PAIR, AES_STATE_SIZE, aesBegin, aesEncrypt } from "./aes";
import {
  GHASH_BLOCK,
  GHASH_STATE_SIZE,
  ghashBegin,
  ghashEnd,
  ghashLengths,
  ghashReset,
  ghashUpdate,
} from "./ghash";
import { xorBytes } from "./words";

const GHASH: usize = AES_STATE_SIZE;
export const GCM_STATE_SIZE: i32 = AES_STATE_SIZE + GHASH_STATE_SIZE;

/** A key of 16 or 32 bytes. CT: keySize leaks. */
export function gcmBegin(state: usize, key: usize, keySize: i32): void {
  const frame = scratch.mark();
  const pair = scratch.take(AES_PAIR);
  aesBegin(state, key, keySize);
  memory.fill(pair, 0, AES_PAIR);
  aesEncrypt(state, pair); // H = E(0)
  ghashBegin(state + GHASH, pair);
  scratch.release(frame);
}

/** Encrypts n bytes of text in place and writes the tag. CT: addresses and lengths leak. */
export function gcmSeal(
  state: usize,
  nonce: usize,
  aad: usize,
  aadLen: i32,
  text: usize,
  n: i32,
  tag: usize,
): void {
  applyKeystream(state, nonce, 2, text, n);
  authenticate(state, nonce, aad, aadLen, text, n, tag);
}

/**
 * Decrypts n bytes of text in place where the tag is right: 1. Otherwise clears them: 0.
 * CT: addresses, lengths and whether the tag is right leak; the result tells the caller anyway.
 */
export function gcmOpen(
  state: usize,
  nonce: usize,
  aad: usize,
  aadLen: i32,
  text: usize,
  n: i32,
  tag: usize,
): Choice {
  const frame = scratch.mark();
  const expected = scratch.take(GHASH_BLOCK);
  authenticate(state, nonce, aad, aadLen, text, n, expected);
  const genuine = equalBytes(tag, expected, GHASH_BLOCK);
  // public: the result
  if (genuine) applyKeystream(state, nonce, 2, text, n);
  else wipe(text, n);
  scratch.release(frame);
  return genuine;
}

/** The tag of additional data and ciphertext. */
function authenticate(
  state: usize,
  nonce: usize,
  aad: usize,
  aadLen: i32,
  text: usize,
  n: i32,
  tag: usize,
): void {
  const ghash = state + GHASH;
  ghashReset(ghash);
  ghashUpdate(ghash, aad, aadLen);
  ghashUpdate(ghash, text, n);
  ghashLengths(ghash, aadLen, n);
  ghashEnd(ghash, tag);
  ghashReset(ghash);
  applyKeystream(state, nonce, 1, tag, GHASH_BLOCK);
}

/** XORs n bytes of text with the blocks E(nonce || counter), E(nonce || counter + 1) ... */
function applyKeystream(state: usize, nonce: usize, counter: u32, text: usize, n: i32): void {
  const frame = scratch.mark();
  const pair = scratch.take(AES_PAIR);
  const n0 = load32le(nonce);
  const n1 = load32le(nonce + 4);
  const n2 = load32le(nonce + 8);
  for (; n > 0; n -= AES_PAIR) {
    counterBlock(pair, n0, n1, n2, counter);
    counterBlock(pair + GHASH_BLOCK, n0, n1, n2, counter + 1);
    aesEncrypt(state, pair);
    xorBytes(text, pair, min(n, AES_PAIR));
    text += AES_PAIR;
    counter += 2;
  }
  scratch.release(frame);
}

// @ts-ignore: decorator
@inline
function counterBlock(block: usize, n0: u32, n1: u32, n2: u32, counter: u32): void {
  store<u32>(block, n0);
  store<u32>(block, n1, 4);
  store<u32>(block, n2, 8);
  store<u32>(block, bswap<u32>(counter), 12);
}
