// SHA3-256, SHA3-512, SHAKE128 and SHAKE256 (FIPS 202, 6): the sponge around keccak.ts.
//
//   sha3Begin(state, Sha3Id.SHAKE128);  sha3Update(state, p, n);  sha3Squeeze(state, out, m);
//
// Squeezing goes on where the last call ended, as long as anybody likes; of a SHA3 the digest is
// the first sha3Size(id) bytes. A state belongs to its caller, SHA3_STATE_SIZE bytes, 8-aligned,
// who wipes it where the text was secret. Absorbing after the first byte was squeezed, and a
// function that does not exist, are bugs of ours, therefore traps.
//
//   state:  | lanes 200 | rate 4 | suffix 4 | position 4 | - 4 | block 168 |
//
// The block holds what was not absorbed yet, then what was squeezed and not asked for yet; position
// counts its bytes used. The suffix is 0 once squeezing has begun.

import * as scratch from "../base/scratch";
import {
  KECCAK_SIZE,
  keccakAbsorb,
  keccakCloseLane,
  keccakExtract,
  keccakPermute,
} from "./keccak";

export namespace Sha3Id {
  export const SHA3_256: i32 = 1;
  export const SHA3_512: i32 = 2;
  export const SHAKE128: i32 = 3;
  export const SHAKE256: i32 = 4;
}

/** Bytes that SHAKE128, which has the largest rate, absorbs or gives with one permutation. */
export const SHAKE128_RATE: i32 = 168;

const RATE: usize = KECCAK_SIZE;
const SUFFIX: usize = RATE + 4;
const POSITION: usize = RATE + 8;
const BLOCK: usize = RATE + 16;
export const SHA3_STATE_SIZE: i32 = <i32>BLOCK + SHAKE128_RATE;

/** The bits after the text and the first 1 of the padding (6.1 and 6.2, B.2). */
const SHA3_SUFFIX: i32 = 0x06;
const SHAKE_SUFFIX: i32 = 0x1f;

/** Bytes of the digest; 0: as many as are asked for, or no such function. CT: id leaks. */
export function sha3Size(id: i32): i32 {
  if (id == Sha3Id.SHA3_256) return 32;
  return id == Sha3Id.SHA3_512 ? 64 : 0;
}

/** CT: id leaks. */
export function sha3Begin(state: usize, id: i32): void {
  const rate = rateOf(id);
  if (rate == 0) unreachable();
  memory.fill(state, 0, <usize>SHA3_STATE_SIZE);
  store<i32>(state, rate, RATE);
  store<i32>(state, sha3Size(id) > 0 ? SHA3_SUFFIX : SHAKE_SUFFIX, SUFFIX);
}

/** Takes n bytes at p, of any alignment. CT: p, n and the lengths of earlier updates leak. */
export function sha3Update(state: usize, p: usize, n: i32): void {
  if (load<i32>(state, SUFFIX) == 0) unreachable();
  const rate = load<i32>(state, RATE);
  let position = load<i32>(state, POSITION);
  if (position > 0) {
    const part = min(n, rate - position);
    memory.copy(state + BLOCK + position, p, part);
    p += part;
    n -= part;
    position += part;
    if (position == rate) {
      absorb(state, state + BLOCK, rate);
      position = 0;
    }
  }
  for (; n >= rate; n -= rate) {
    let block = p;
    if ((p & 3) != 0) {
      block = state + BLOCK;
      memory.copy(block, p, rate);
    }
    absorb(state, block, rate);
    p += rate;
  }
  memory.copy(state + BLOCK + position, p, n);
  store<i32>(state, position + n, POSITION);
}

/** The next n bytes of output to out, of any alignment. CT: lengths leak. */
export function sha3Squeeze(state: usize, out: usize, n: i32): void {
  const rate = load<i32>(state, RATE);
  if (load<i32>(state, SUFFIX) != 0) close(state);
  let position = load<i32>(state, POSITION);
  while (n > 0) {
    if (position == rate) {
      keccakPermute(state);
      keccakExtract(state, state + BLOCK, rate >>> 3);
      position = 0;
    }
    const part = min(n, rate - position);
    memory.copy(out, state + BLOCK + position, part);
    out += part;
    n -= part;
    position += part;
  }
  store<i32>(state, position, POSITION);
}

/** The first outLen bytes of id for n bytes at p; out may be p. CT: id, p and lengths leak. */
export function sha3(id: i32, p: usize, n: i32, out: usize, outLen: i32): void {
  const frame = scratch.mark();
  const state = scratch.take(SHA3_STATE_SIZE);
  sha3Begin(state, id);
  sha3Update(state, p, n);
  sha3Squeeze(state, out, outLen);
  scratch.release(frame);
}

function rateOf(id: i32): i32 {
  if (id == Sha3Id.SHAKE128) return SHAKE128_RATE;
  if (id == Sha3Id.SHA3_256 || id == Sha3Id.SHAKE256) return 136;
  return id == Sha3Id.SHA3_512 ? 72 : 0;
}

function absorb(state: usize, block: usize, rate: i32): void {
  keccakAbsorb(state, block, rate >>> 3);
  keccakPermute(state);
}

/**
 * Absorbs what is left with the padding; the permutation comes with the first byte of output. Lanes
 * that would be zero are left out.
 */
function close(state: usize): void {
  const rate = load<i32>(state, RATE);
  const n = load<i32>(state, POSITION);
  const end = state + BLOCK + n;
  store<u8>(end, load<i32>(state, SUFFIX));
  memory.fill(end + 1, 0, ~n & 7);
  keccakAbsorb(state, state + BLOCK, (n >>> 3) + 1);
  keccakCloseLane(state, (rate >>> 3) - 1);
  store<i32>(state, 0, SUFFIX);
  store<i32>(state, rate, POSITION);
}
