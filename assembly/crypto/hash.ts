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
import { Choice, isEqual, isLess, mask } from "../base/ct";
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
const CHAIN_SIZE: i32 = 64;
const BUFFER: usize = CHAIN + CHAIN_SIZE;
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
  pad(state, hashBlockSize(load<i32>(state)));
  give(state, out);
}

/**
 * hashUpdate with n bytes and hashEnd, where n itself is a secret (Lucky 13): all that is known of
 * it is 0 <= n <= most. The bytes behind n are read, and have no influence. CT: addresses and most
 * leak, not n.
 */
export function hashEndSecretLength(state: usize, out: usize, p: usize, n: i32, most: i32): void {
  const frame = scratch.mark();
  const block = hashBlockSize(load<i32>(state));
  const chain = scratch.take(CHAIN_SIZE);
  const buffered = load<i32>(state, BUFFERED);
  const bits = (load<u64>(state, TOTAL) + n) << 3;
  // The text ends after `end` bytes of what is still to be compressed; its length in bits ends the
  // block `last`. Each block that could be the last is made and compressed.
  const end = buffered + n;
  const shift = block == SHA256_BLOCK ? 6 : 7;
  const last = (end + (block >>> 3)) >> shift;
  const blocks = ((buffered + most + (block >>> 3)) >> shift) + 1;
  memory.fill(chain, 0, CHAIN_SIZE);
  for (let i = 0; i < blocks; i++) {
    const isLast = isEqual(i, last);
    const from = i == 0 ? buffered : 0;
    fillSecretLength(state + BUFFER, from, block, p - buffered, i * block, end, buffered + most);
    addLength(state + BUFFER + block - 8, bits, isLast);
    compress(state, state + BUFFER, 1);
    keepIf(isLast, chain, state + CHAIN);
  }
  memory.copy(state + CHAIN, chain, CHAIN_SIZE);
  give(state, out);
  scratch.release(frame);
}

/** Writes the digest and wipes the state. */
function give(state: usize, out: usize): void {
  const id = load<i32>(state);
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

/**
 * Bytes `from` to `block` of a block that begins at position `base` of text + ...: the text before
 * `end`, 0x80 there, zeros behind; nothing is read from position `limit` on, which is public.
 */
function fillSecretLength(
  buffer: usize,
  from: i32,
  block: i32,
  text: usize,
  base: i32,
  end: i32,
  limit: i32,
): void {
  for (let i = from; i < block; i++) {
    const at = base + i;
    const byte: u32 = at < limit ? load<u8>(text + at) : 0; // public: most
    const kept = byte & mask(isLess(at, end));
    store<u8>(buffer + i, kept | (0x80 & mask(isEqual(at, end))));
  }
}

/** Adds 64 bits, big-endian, to 8 zeros where on is 1. */
function addLength(p: usize, bits: u64, on: Choice): void {
  for (let i = 0; i < 8; i++) {
    const byte = <u32>(bits >>> (56 - 8 * i)) & mask(on);
    store<u8>(p + i, load<u8>(p + i) | byte);
  }
}

/** out |= chain where on is 1. */
function keepIf(on: Choice, out: usize, chain: usize): void {
  for (let i = 0; i < CHAIN_SIZE; i += 4) {
    store<u32>(out + i, load<u32>(out + i) | (load<u32>(chain + i) & mask(on)));
  }
}

function compress(state: usize, p: usize, count: i32): void {
  const id = load<i32>(state);
  if (id > HashId.SHA256) sha512Compress(state + CHAIN, p, count);
  else if (id == HashId.SHA1) sha1Compress(state + CHAIN, p, count);
  else sha256Compress(state + CHAIN, p, count);
}
