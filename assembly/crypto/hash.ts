// SHA-1, SHA-224, SHA-256, SHA-384 and SHA-512 behind one interface (FIPS 180-4): buffering,
// padding, output.
//
//   hashBegin(state, HashId.SHA256);  hashUpdate(state, p, n);  hashEnd(state, out);
//
// A state belongs to its caller: HASH_STATE_SIZE bytes, 8-aligned. hashCopy forks one, which is
// how a transcript gives its hash so far and goes on (RFC 8446, 4.4.1). hashEnd wipes it. Asking
// for a hash that does not exist is a bug of ours, therefore a trap.
//
//   state:  | id 4 | buffered 4 | bytes so far 8 | chaining value 64 | unfinished block 128 |

import { store32be, store64be, wipe } from "../base/bytes";
import * as scratch from "../base/scratch";
import { sha1Begin, sha1Compress } from "./sha1";
import { SHA256_BLOCK, sha224Begin, sha256Begin, sha256Compress } from "./sha256";
import { SHA512_BLOCK, sha384Begin, sha512Begin, sha512Compress } from "./sha512";

/** TLS HashAlgorithm numbers (RFC 5246, 7.4.1.4.1). Those up to SHA256 have words of 32 bits. */
export namespace HashId {
  export const SHA1: i32 = 2;
  export const SHA224: i32 = 3;
  export const SHA256: i32 = 4;
  export const SHA384: i32 = 5;
  export const SHA512: i32 = 6;
}

/** The longest digest. */
export const HASH_MAX: i32 = 64;
/** The longest block. */
export const HASH_BLOCK_MAX: i32 = SHA512_BLOCK;

const BUFFERED: usize = 4;
const TOTAL: usize = 8;
const CHAIN: usize = 16;
const BUFFER: usize = 80;
export const HASH_STATE_SIZE: i32 = <i32>BUFFER + HASH_BLOCK_MAX;

/** Bytes of the digest; 0: no such hash here. CT: id leaks. */
export function hashSize(id: i32): i32 {
  if (id == HashId.SHA256) return 32;
  if (id == HashId.SHA384) return 48;
  if (id == HashId.SHA512) return 64;
  if (id == HashId.SHA224) return 28;
  return id == HashId.SHA1 ? 20 : 0;
}

/** Bytes of the block that HMAC pads its key to. CT: id leaks. */
export function hashBlockSize(id: i32): i32 {
  return id <= HashId.SHA256 ? SHA256_BLOCK : SHA512_BLOCK;
}

/** CT: id leaks. */
export function hashBegin(state: usize, id: i32): void {
  store<i32>(state, id);
  store<i32>(state, 0, BUFFERED);
  store<u64>(state, 0, TOTAL);
  if (id == HashId.SHA256) sha256Begin(state + CHAIN);
  else if (id == HashId.SHA384) sha384Begin(state + CHAIN);
  else if (id == HashId.SHA512) sha512Begin(state + CHAIN);
  else if (id == HashId.SHA224) sha224Begin(state + CHAIN);
  else if (id == HashId.SHA1) sha1Begin(state + CHAIN);
  else unreachable();
}

/** Takes n bytes at p, of any alignment. CT: p, n and the lengths of earlier updates leak. */
export function hashUpdate(state: usize, p: usize, n: i32): void {
  const block = hashBlockSize(load<i32>(state));
  let buffered = load<i32>(state, BUFFERED);
  store<u64>(state, load<u64>(state, TOTAL) + n, TOTAL);
  if (buffered > 0) {
    const part = min(n, block - buffered);
    memory.copy(state + BUFFER + buffered, p, part);
    p += part;
    n -= part;
    buffered += part;
    if (buffered == block) {
      compress(state, state + BUFFER, 1);
      buffered = 0;
    }
  }
  const whole = n & ~(block - 1); // both blocks are powers of two
  if (whole > 0) compress(state, p, block == SHA256_BLOCK ? whole >>> 6 : whole >>> 7);
  memory.copy(state + BUFFER + buffered, p + whole, n - whole);
  store<i32>(state, buffered + n - whole, BUFFERED);
}

/**
 * Writes hashSize(id) bytes to out, which may overlap the text hashed, and wipes the state. CT:
 * lengths leak.
 */
export function hashEnd(state: usize, out: usize): void {
  const id = load<i32>(state);
  pad(state, hashBlockSize(id));
  const n = hashSize(id);
  for (let i = 0; i < n; i += 4) {
    // A 64-bit word of the chain is two 32-bit words, the upper one second.
    const at = id <= HashId.SHA256 ? i : i ^ 4;
    store32be(out + i, load<u32>(state + CHAIN + at));
  }
  wipe(state, HASH_STATE_SIZE);
}

/** Forks a state. CT: nothing leaks. */
export function hashCopy(to: usize, from: usize): void {
  memory.copy(to, from, HASH_STATE_SIZE);
}

/** The digest of n bytes at p. CT: id, p and n leak. */
export function hash(id: i32, p: usize, n: i32, out: usize): void {
  const frame = scratch.mark();
  const state = scratch.take(HASH_STATE_SIZE);
  hashBegin(state, id);
  hashUpdate(state, p, n);
  hashEnd(state, out);
  scratch.release(frame);
}

/**
 * Fills the last block or two: a bit 1, zeros, and the length in bits, 64 or 128 bits of it. A
 * length of 2^61 bytes is out of reach, so the upper half of SHA-512's length is always zero.
 */
function pad(state: usize, block: i32): void {
  const buffer = state + BUFFER;
  let n = load<i32>(state, BUFFERED);
  store<u8>(buffer + n, 0x80);
  n += 1;
  if (n > block - (block >>> 3)) {
    memory.fill(buffer + n, 0, block - n);
    compress(state, buffer, 1);
    n = 0;
  }
  memory.fill(buffer + n, 0, block - 8 - n);
  store64be(buffer + block - 8, load<u64>(state, TOTAL) << 3);
  compress(state, buffer, 1);
}

function compress(state: usize, p: usize, count: i32): void {
  const id = load<i32>(state);
  if (id > HashId.SHA256) sha512Compress(state + CHAIN, p, count);
  else if (id == HashId.SHA1) sha1Compress(state + CHAIN, p, count);
  else sha256Compress(state + CHAIN, p, count);
}
