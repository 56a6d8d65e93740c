// HMAC_DRBG with SHA-256 (NIST SP 800-90A Rev. 1, 10.1.2): stretches the device's entropy.
//
// Why this one: its security rests on HMAC alone, which every TLS connection trusts anyway; it
// has published vectors; it needs no block cipher and 72 bytes of state. Each request ends with
// new K and V, so a state that is stolen tells nothing about earlier output. A request costs 3
// HMACs and one more per 32 bytes: next to a handshake's curve arithmetic, nothing.
//
// The caller gives entropy of at least 256 bits with a nonce of 128 more (48 bytes of a good
// source), and has refused a device that has none. The standard's limit of 2^48 requests between
// reseeds is out of reach. Filling from a state that was never seeded is a bug of ours, therefore
// a trap.
//
//   state:  | K 32 | V 32 | seeded 8 |

import * as scratch from "../base/scratch";
import { HashId } from "./hash";
import { HMAC_STATE_SIZE, hmac, hmacBegin, hmacEnd, hmacUpdate } from "./hmac";

const SIZE: i32 = 32;
const V: usize = 32;
const SEEDED: usize = 64;
export const DRBG_STATE_SIZE: i32 = 72;

/** SP 800-90A, table 2: at most 2^19 bits a request. Longer ones are several requests. */
const REQUEST_MAX: i32 = 1 << 16;

/** Seeds: entropy, nonce and personalization in one piece (10.1.2.3). CT: n leaks. */
export function drbgBegin(state: usize, seed: usize, n: i32): void {
  memory.fill(state, 0x00, SIZE);
  memory.fill(state + V, 0x01, SIZE);
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
  const v = state + V;
  for (; n > 0; n -= SIZE) {
    hmac(HashId.SHA256, state, SIZE, v, SIZE, v);
    memory.copy(out, v, min(n, SIZE));
    out += SIZE;
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
  const frame = scratch.mark();
  const mac = scratch.take(HMAC_STATE_SIZE);
  const byte = scratch.take(1);
  store<u8>(byte, tag);
  hmacBegin(mac, HashId.SHA256, state, SIZE);
  hmacUpdate(mac, state + V, SIZE);
  hmacUpdate(mac, byte, 1);
  hmacUpdate(mac, data, n);
  hmacEnd(mac, state);
  hmac(HashId.SHA256, state, SIZE, state + V, SIZE, state + V);
  scratch.release(frame);
}
