// HMAC_DRBG (NIST SP 800-90A Rev. 1, 10.1.2): stretches the device's entropy, with SHA-256, and
// makes the nonces of signatures, with the signature's hash (ecdsa-sign.ts).
//
// Why this one: its security rests on HMAC alone, which every TLS connection trusts anyway; it
// has published vectors; it needs no block cipher and 136 bytes of state. Each request ends with
// new K and V, so a state that is stolen tells nothing about earlier output. A request costs 3
// HMACs and one more per 32 bytes: next to a handshake's curve arithmetic, nothing.
//
// The caller gives entropy of at least 256 bits with a nonce of 128 more (48 bytes of a good
// source), and has refused a device that has none. The standard's limit of 2^48 requests between
// reseeds is out of reach. Filling from a state that was never seeded is a bug of ours, therefore
// a trap.
//
//   state:  | hash 4 | seeded 4 | K 64 | V 64 |

import * as scratch from "../base/scratch";
import { HASH_MAX, HashId, hashSize } from "./hash";
import { HMAC_STATE_SIZE, hmac, hmacBegin, hmacEnd, hmacUpdate } from "./hmac";

const SEEDED: usize = 4;
const K: usize = 8;
const V: usize = K + HASH_MAX;
export const DRBG_STATE_SIZE: i32 = <i32>V + HASH_MAX;

/** SP 800-90A, table 2: at most 2^19 bits a request. Longer ones are several requests. */
const REQUEST_MAX: i32 = 1 << 16;

/** Seeds: entropy, nonce and personalization in one piece (10.1.2.3). CT: n leaks. */
export function drbgBegin(state: usize, seed: usize, n: i32): void {
  drbgBeginWith(state, HashId.SHA256, seed, n);
}

/** The same over another hash. CT: hashId and n leak. */
export function drbgBeginWith(state: usize, hashId: i32, seed: usize, n: i32): void {
  const size = hashSize(hashId);
  store<i32>(state, hashId);
  memory.fill(state + K, 0x00, size);
  memory.fill(state + V, 0x01, size);
  update(state, seed, n);
  store<u32>(state, 1, SEEDED);
}

/** Mixes n more bytes in (10.1.2.4); the output never becomes worse by it. CT: n leaks. */
export function drbgReseed(state: usize, seed: usize, n: i32): void {
  if (load<u32>(state, SEEDED) != 1) unreachable();
  update(state, seed, n);
}

/** n random bytes to out (10.1.2.5). CT: n leaks. */
export function drbgFill(state: usize, out: usize, n: i32): void {
  if (load<u32>(state, SEEDED) != 1) unreachable();
  for (; n > 0; n -= REQUEST_MAX) {
    generate(state, out, min(n, REQUEST_MAX));
    out += REQUEST_MAX;
  }
}

function generate(state: usize, out: usize, n: i32): void {
  const size = hashSize(load<i32>(state));
  for (; n > 0; n -= size) {
    nextV(state);
    memory.copy(out, state + V, min(n, size));
    out += size;
  }
  update(state, 0, 0);
}

/** HMAC_DRBG_Update: K and V from the old ones and the data; the second turn only with data. */
function update(state: usize, data: usize, n: i32): void {
  turn(state, 0x00, data, n);
  if (n > 0) turn(state, 0x01, data, n);
}

/** K = HMAC(K, V || tag || data), V = HMAC(K, V). */
function turn(state: usize, tag: u8, data: usize, n: i32): void {
  const hashId = load<i32>(state);
  const size = hashSize(hashId);
  const frame = scratch.mark();
  const mac = scratch.take(HMAC_STATE_SIZE);
  const byte = scratch.take(1);
  store<u8>(byte, tag);
  hmacBegin(mac, hashId, state + K, size);
  hmacUpdate(mac, state + V, size);
  hmacUpdate(mac, byte, 1);
  hmacUpdate(mac, data, n);
  hmacEnd(mac, state + K);
  scratch.release(frame);
  nextV(state);
}

/** V = HMAC(K, V). */
function nextV(state: usize): void {
  const hashId = load<i32>(state);
  const size = hashSize(hashId);
  hmac(hashId, state + K, size, state + V, size, state + V);
}
