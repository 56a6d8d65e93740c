// AES in CBC mode (NIST SP 800-38A, 6.2), without padding: cbc-hmac.ts makes records of it. Keys
// are expanded by aesBegin.
//
// A block of ciphertext goes into the next, so that encryption has one of the two blocks that
// aes.ts works on lie idle; decryption uses both.

import * as scratch from "../base/scratch";
import { AES_BLOCK, AES_PAIR, aesEncrypt } from "./aes";
import { aesDecrypt } from "./aes-inverse";
import { xorBytes } from "./words";

/**
 * Encrypts n bytes of text in place, whole blocks; the initialisation vector is the 16 bytes at
 * iv. CT: addresses and n leak.
 */
export function cbcEncrypt(state: usize, iv: usize, text: usize, n: i32): void {
  const frame = scratch.mark();
  const pair = scratch.take(AES_PAIR);
  memory.fill(pair, 0, AES_PAIR);
  memory.copy(pair, iv, AES_BLOCK);
  for (const end = text + n; text < end; text += AES_BLOCK) {
    xorBytes(pair, text, AES_BLOCK);
    aesEncrypt(state, pair);
    memory.copy(text, pair, AES_BLOCK);
  }
  scratch.release(frame);
}

/** Decrypts n bytes of text in place, whole blocks. CT: addresses and n leak. */
export function cbcDecrypt(state: usize, iv: usize, text: usize, n: i32): void {
  const frame = scratch.mark();
  const pair = scratch.take(AES_PAIR);
  // The ciphertext in front of the pair, and the pair's own: what is XORed, and what comes next.
  const before = scratch.take(AES_BLOCK + AES_PAIR);
  memory.copy(before, iv, AES_BLOCK);
  for (; n > 0; n -= AES_PAIR) {
    const part = min(n, AES_PAIR);
    memory.copy(pair, text, part);
    memory.copy(before + AES_BLOCK, text, part);
    aesDecrypt(state, pair);
    xorBytes(pair, before, part);
    memory.copy(text, pair, part);
    memory.copy(before, before + part, AES_BLOCK);
    text += part;
  }
  scratch.release(frame);
}
