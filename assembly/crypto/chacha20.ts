// ChaCha20 (RFC 8439, 2.3 and 2.4): additions, XORs and rotations of 32-bit words only, constant
// time by nature.
//
// The 16 words of state stay in locals through the ten double rounds; memory is touched at the
// ends.

import { load32le } from "../base/bytes";
import * as scratch from "../base/scratch";
import { xorBytes } from "./words";

export const CHACHA_BLOCK: i32 = 64;
const DOUBLE_ROUNDS: i32 = 10;

/**
 * XORs n bytes of text with the key stream from block `counter` on. key: 32 bytes, nonce: 12, both
 * of any alignment. CT: addresses and n leak.
 */
export function chacha20Apply(key: usize, nonce: usize, counter: u32, text: usize, n: i32): void {
  const frame = scratch.mark();
  const input = scratch.take(CHACHA_BLOCK);
  const stream = scratch.take(CHACHA_BLOCK);
  begin(input, key, nonce);
  for (; n > 0; n -= CHACHA_BLOCK) {
    store<u32>(input, counter, 48);
    chachaBlock(input, stream);
    xorBytes(text, stream, min(n, CHACHA_BLOCK));
    text += CHACHA_BLOCK;
    counter += 1;
  }
  scratch.release(frame);
}

/** The first words: "expand 32-byte k", the key, the counter (left to the caller), the nonce. */
function begin(input: usize, key: usize, nonce: usize): void {
  store<u32>(input, 0x61707865);
  store<u32>(input, 0x3320646e, 4);
  store<u32>(input, 0x79622d32, 8);
  store<u32>(input, 0x6b206574, 12);
  for (let i: usize = 0; i < 32; i += 4) store<u32>(input + i, load32le(key + i), 16);
  for (let i: usize = 0; i < 12; i += 4) store<u32>(input + i, load32le(nonce + i), 52);
}

/** One block of key stream. A long function, but the state would not stay in locals otherwise. */
function chachaBlock(input: usize, out: usize): void {
  let a0 = load<u32>(input, 0);
  let a1 = load<u32>(input, 4);
  let a2 = load<u32>(input, 8);
  let a3 = load<u32>(input, 12);
  let b0 = load<u32>(input, 16);
  let b1 = load<u32>(input, 20);
  let b2 = load<u32>(input, 24);
  let b3 = load<u32>(input, 28);
  let c0 = load<u32>(input, 32);
  let c1 = load<u32>(input, 36);
  let c2 = load<u32>(input, 40);
  let c3 = load<u32>(input, 44);
  let d0 = load<u32>(input, 48);
  let d1 = load<u32>(input, 52);
  let d2 = load<u32>(input, 56);
  let d3 = load<u32>(input, 60);
  for (let i = 0; i < DOUBLE_ROUNDS; i++) {
    // Four quarter rounds on the columns,
    a0 += b0;
    d0 = rotl<u32>(d0 ^ a0, 16);
    c0 += d0;
    b0 = rotl<u32>(b0 ^ c0, 12);
    a0 += b0;
    d0 = rotl<u32>(d0 ^ a0, 8);
    c0 += d0;
    b0 = rotl<u32>(b0 ^ c0, 7);
    a1 += b1;
    d1 = rotl<u32>(d1 ^ a1, 16);
    c1 += d1;
    b1 = rotl<u32>(b1 ^ c1, 12);
    a1 += b1;
    d1 = rotl<u32>(d1 ^ a1, 8);
    c1 += d1;
    b1 = rotl<u32>(b1 ^ c1, 7);
    a2 += b2;
    d2 = rotl<u32>(d2 ^ a2, 16);
    c2 += d2;
    b2 = rotl<u32>(b2 ^ c2, 12);
    a2 += b2;
    d2 = rotl<u32>(d2 ^ a2, 8);
    c2 += d2;
    b2 = rotl<u32>(b2 ^ c2, 7);
    a3 += b3;
    d3 = rotl<u32>(d3 ^ a3, 16);
    c3 += d3;
    b3 = rotl<u32>(b3 ^ c3, 12);
    a3 += b3;
    d3 = rotl<u32>(d3 ^ a3, 8);
    c3 += d3;
    b3 = rotl<u32>(b3 ^ c3, 7);
    // and four on the diagonals.
    a0 += b1;
    d3 = rotl<u32>(d3 ^ a0, 16);
    c2 += d3;
    b1 = rotl<u32>(b1 ^ c2, 12);
    a0 += b1;
    d3 = rotl<u32>(d3 ^ a0, 8);
    c2 += d3;
    b1 = rotl<u32>(b1 ^ c2, 7);
    a1 += b2;
    d0 = rotl<u32>(d0 ^ a1, 16);
    c3 += d0;
    b2 = rotl<u32>(b2 ^ c3, 12);
    a1 += b2;
    d0 = rotl<u32>(d0 ^ a1, 8);
    c3 += d0;
    b2 = rotl<u32>(b2 ^ c3, 7);
    a2 += b3;
    d1 = rotl<u32>(d1 ^ a2, 16);
    c0 += d1;
    b3 = rotl<u32>(b3 ^ c0, 12);
    a2 += b3;
    d1 = rotl<u32>(d1 ^ a2, 8);
    c0 += d1;
    b3 = rotl<u32>(b3 ^ c0, 7);
    a3 += b0;
    d2 = rotl<u32>(d2 ^ a3, 16);
    c1 += d2;
    b0 = rotl<u32>(b0 ^ c1, 12);
    a3 += b0;
    d2 = rotl<u32>(d2 ^ a3, 8);
    c1 += d2;
    b0 = rotl<u32>(b0 ^ c1, 7);
  }
  add(out, input, 0, a0);
  add(out, input, 4, a1);
  add(out, input, 8, a2);
  add(out, input, 12, a3);
  add(out, input, 16, b0);
  add(out, input, 20, b1);
  add(out, input, 24, b2);
  add(out, input, 28, b3);
  add(out, input, 32, c0);
  add(out, input, 36, c1);
  add(out, input, 40, c2);
  add(out, input, 44, c3);
  add(out, input, 48, d0);
  add(out, input, 52, d1);
  add(out, input, 56, d2);
  add(out, input, 60, d3);
}

// @ts-ignore: decorator
@inline
function add(out: usize, input: usize, offset: usize, x: u32): void {
  store<u32>(out + offset, load<u32>(input + offset) + x);
}
