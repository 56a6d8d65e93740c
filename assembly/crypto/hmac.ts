// HMAC (RFC 2104, FIPS 198-1) over the hashes of hash.ts.
//
// A state is two hash states, both already past their padded key: the inner takes the message, the
// outer waits for the inner's digest. Copying a begun state saves the two blocks of the key, which
// is half the work of a short message; hkdf.ts and drbg.ts live on that.

import { wipe } from "../base/bytes";
import * as scratch from "../base/scratch";
import {
  HASH_BLOCK_MAX,
  HASH_MAX,
  HASH_STATE_SIZE,
  hash,
  hashBegin,
  hashBlockSize,
  hashEnd,
  hashEndSecretLength,
  hashSize,
  hashUpdate,
} from "./hash";

const OUTER: usize = HASH_STATE_SIZE;
export const HMAC_STATE_SIZE: i32 = 2 * HASH_STATE_SIZE;

const INNER_PAD: u8 = 0x36;
const OUTER_PAD: u8 = 0x5c;

/** The key may have any length; one longer than a block is hashed. CT: id and keyLen leak. */
export function hmacBegin(state: usize, id: i32, key: usize, keyLen: i32): void {
  const frame = scratch.mark();
  const block = scratch.take(HASH_BLOCK_MAX);
  const size = hashBlockSize(id);
  memory.fill(block, 0, size);
  // public: the length of the key
  if (keyLen > size) hash(id, key, keyLen, block);
  else memory.copy(block, key, keyLen);
  xorEach(block, size, INNER_PAD);
  hashBegin(state, id);
  hashUpdate(state, block, size);
  xorEach(block, size, INNER_PAD ^ OUTER_PAD);
  hashBegin(state + OUTER, id);
  hashUpdate(state + OUTER, block, size);
  scratch.release(frame);
}

/** CT: p, n and the lengths of earlier updates leak. */
export function hmacUpdate(state: usize, p: usize, n: i32): void {
  hashUpdate(state, p, n);
}

/** Writes hashSize(id) bytes to out and wipes the state. CT: the message's length leaks. */
export function hmacEnd(state: usize, out: usize): void {
  const frame = scratch.mark();
  const digest = scratch.take(HASH_MAX);
  const size = hashSize(load<i32>(state));
  hashEnd(state, digest);
  endOuter(state, digest, size, out);
  scratch.release(frame);
}

/**
 * hmacUpdate with n bytes and hmacEnd, where n is a secret from 0 to `most`. CT: addresses and
 * most leak, not n.
 */
export function hmacEndSecretLength(state: usize, out: usize, p: usize, n: i32, most: i32): void {
  const frame = scratch.mark();
  const digest = scratch.take(HASH_MAX);
  const size = hashSize(load<i32>(state));
  hashEndSecretLength(state, digest, p, n, most);
  endOuter(state, digest, size, out);
  scratch.release(frame);
}

/** The MAC of n bytes at p. CT: id, keyLen, p and n leak. */
export function hmac(id: i32, key: usize, keyLen: i32, p: usize, n: i32, out: usize): void {
  const frame = scratch.mark();
  const state = scratch.take(HMAC_STATE_SIZE);
  hmacBegin(state, id, key, keyLen);
  hmacUpdate(state, p, n);
  hmacEnd(state, out);
  scratch.release(frame);
}

function endOuter(state: usize, digest: usize, size: i32, out: usize): void {
  hashUpdate(state + OUTER, digest, size);
  hashEnd(state + OUTER, out);
  wipe(state, HMAC_STATE_SIZE);
}

function xorEach(p: usize, n: i32, pad: u8): void {
  for (let i = 0; i < n; i++) store<u8>(p + i, load<u8>(p + i) ^ pad);
}
