// HKDF (RFC 5869), the key derivation of TLS 1.3 (RFC 8446, 7.1).

import { Misuse, misuse } from "../base/err";
import * as scratch from "../base/scratch";
import { HASH_MAX, hashSize } from "./hash";
import { HMAC_STATE_SIZE, hmac, hmacBegin, hmacEnd, hmacUpdate } from "./hmac";

/** RFC 5869, 2.3: the counter of blocks is one byte and starts at 1. */
const BLOCKS_MAX: i32 = 255;

/**
 * PRK = HMAC(salt, input keying material), hashSize(id) bytes to out; out may be the salt or the
 * material. No salt (saltLen 0) is the same as hashSize(id) zeros. CT: id and both lengths leak.
 */
export function hkdfExtract(
  id: i32,
  salt: usize,
  saltLen: i32,
  ikm: usize,
  ikmLen: i32,
  out: usize,
): void {
  hmac(id, salt, saltLen, ikm, ikmLen, out);
}

/**
 * outLen bytes to out, which may not overlap prk or info: T(i) = HMAC(prk, T(i-1) || info || i).
 * 0, or misuse where outLen is negative or above 255 digests. CT: id and all lengths leak.
 */
export function hkdfExpand(
  id: i32,
  prk: usize,
  prkLen: i32,
  info: usize,
  infoLen: i32,
  out: usize,
  outLen: i32,
): i32 {
  const size = hashSize(id);
  if (outLen < 0 || outLen > BLOCKS_MAX * size) return misuse(Misuse.BAD_RANGE);
  const frame = scratch.mark();
  const begun = scratch.take(HMAC_STATE_SIZE);
  const state = scratch.take(HMAC_STATE_SIZE);
  const block = scratch.take(HASH_MAX);
  const counter = scratch.take(1);
  store<u8>(counter, 0);
  hmacBegin(begun, id, prk, prkLen);
  for (let done = 0; done < outLen; done += size) {
    memory.copy(state, begun, HMAC_STATE_SIZE);
    if (done > 0) hmacUpdate(state, block, size);
    hmacUpdate(state, info, infoLen);
    store<u8>(counter, load<u8>(counter) + 1);
    hmacUpdate(state, counter, 1);
    hmacEnd(state, block);
    memory.copy(out + done, block, min(size, outLen - done));
  }
  scratch.release(frame);
  return 0;
}
