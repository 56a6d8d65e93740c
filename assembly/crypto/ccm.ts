// AES-CCM (RFC 3610, NIST SP 800-38C) with nonces of 12 bytes, as TLS uses it (RFC 6655): tags of
// 16 bytes, or of 8 for CCM_8.
//
// CBC-MAC and counter mode want one encryption each for a block of text, and aes.ts encrypts two
// blocks at a time: the MAC's and the next block of key stream go together, so one pass does both.
// The MAC is over the text, therefore opening decrypts first; what was refused is cleared.
//
//   pair:  | MAC so far 16 | key stream of the next block 16 |
//
// The key stream that the last pair brings hides the tag: that of counter 0.

import { store24be, wipe } from "../base/bytes";
import { Choice, equalBytes } from "../base/ct";
import * as scratch from "../base/scratch";
import { AES_BLOCK, AES_PAIR, AES_STATE_SIZE, aesBegin, aesEncrypt } from "./aes";
import { xorBytes } from "./words";

export const CCM_STATE_SIZE: i32 = AES_STATE_SIZE;
const NONCE_SIZE: i32 = 12;
/** The text's length has 3 bytes, which a nonce of 12 leaves. */
const LENGTH_LIMIT: i32 = 1 << 24;
/** Below it the additional data's length has 2 bytes, from it on 6 (RFC 3610, 2.2). */
const SHORT_AAD: i32 = 0xff00;

/** A key of 16 or 32 bytes. CT: keySize leaks. */
export function ccmBegin(state: usize, key: usize, keySize: i32): void {
  aesBegin(state, key, keySize);
}

/**
 * Encrypts n bytes of text in place, less than 2^24, and writes a tag of tagSize bytes: an even
 * number from 4 to 16. CT: addresses and lengths leak.
 */
export function ccmSeal(
  state: usize,
  nonce: usize,
  aad: usize,
  aadLen: i32,
  text: usize,
  n: i32,
  tag: usize,
  tagSize: i32,
): void {
  const frame = scratch.mark();
  const pair = scratch.take(AES_PAIR);
  begin(state, pair, nonce, aad, aadLen, n, tagSize);
  for (let block = 1; n > 0; block++) {
    const part = min(n, AES_BLOCK);
    xorBytes(pair, text, part);
    xorBytes(text, pair + AES_BLOCK, part);
    text += part;
    n -= part;
    step(state, pair, nonce, n > 0 ? block + 1 : 0);
  }
  xorBytes(pair, pair + AES_BLOCK, tagSize);
  memory.copy(tag, pair, tagSize);
  scratch.release(frame);
}

/**
 * Decrypts n bytes of text in place: 1 where the tag is right, otherwise they are cleared: 0.
 * CT: addresses, lengths and whether the tag is right leak; the result tells the caller anyway.
 */
export function ccmOpen(
  state: usize,
  nonce: usize,
  aad: usize,
  aadLen: i32,
  text: usize,
  n: i32,
  tag: usize,
  tagSize: i32,
): Choice {
  const frame = scratch.mark();
  const pair = scratch.take(AES_PAIR);
  const start = text;
  const end = text + n;
  begin(state, pair, nonce, aad, aadLen, n, tagSize);
  for (let block = 1; text < end; block++) {
    const part = min(<i32>(end - text), AES_BLOCK);
    xorBytes(text, pair + AES_BLOCK, part);
    xorBytes(pair, text, part);
    text += part;
    step(state, pair, nonce, text < end ? block + 1 : 0);
  }
  xorBytes(pair, pair + AES_BLOCK, tagSize);
  const genuine = equalBytes(tag, pair, tagSize);
  // public: the result
  if (!genuine) wipe(start, n);
  scratch.release(frame);
  return genuine;
}

/** The MAC of block B(0) and of the additional data; the key stream of the first block. */
function begin(
  state: usize,
  pair: usize,
  nonce: usize,
  aad: usize,
  aadLen: i32,
  n: i32,
  tagSize: i32,
): void {
  if (n >= LENGTH_LIMIT) unreachable();
  const counter = n > 0 ? 1 : 0;
  const hasAad = aadLen > 0 ? 0x40 : 0;
  store<u8>(pair, hasAad | ((tagSize - 2) << 2) | 2);
  memory.copy(pair + 1, nonce, NONCE_SIZE);
  store24be(pair + 13, n);
  step(state, pair, nonce, counter);
  if (aadLen == 0) return;
  let at = xorLength(pair, aadLen);
  while (aadLen > 0) {
    const part = min(aadLen, AES_BLOCK - at);
    for (let i = 0; i < part; i++) xorByte(pair + at + i, load<u8>(aad + i));
    aad += part;
    aadLen -= part;
    at = 0;
    step(state, pair, nonce, counter);
  }
}

/** XORs the additional data's length into the MAC; gives the number of bytes that it takes. */
function xorLength(pair: usize, aadLen: i32): i32 {
  const isShort = aadLen < SHORT_AAD;
  const n = isShort ? 2 : 6;
  for (let i = 0; i < min(n, 4); i++) xorByte(pair + n - 1 - i, <u32>aadLen >>> (8 * i));
  if (isShort) return n;
  xorByte(pair, 0xff);
  xorByte(pair + 1, 0xfe);
  return n;
}

// @ts-ignore: decorator
@inline
function xorByte(p: usize, x: u32): void {
  store<u8>(p, load<u8>(p) ^ x);
}

/** Encrypts what was XORed into the MAC, and the counter block for the next key stream. */
function step(state: usize, pair: usize, nonce: usize, counter: i32): void {
  store<u8>(pair + AES_BLOCK, 2);
  memory.copy(pair + AES_BLOCK + 1, nonce, NONCE_SIZE);
  store24be(pair + AES_BLOCK + 13, counter);
  aesEncrypt(state, pair);
}
