// 32-bit words of text that may stand at any address, and the XOR of two byte ranges.
//
// A record's payload has the alignment its header left it. Cortex-M0+ faults on an unaligned word
// and needs four times as long for four bytes, so each function here looks at the address: words
// where it is a multiple of 4, bytes where it is not. CT: addresses and lengths leak, never
// contents.

import { load32be, load32le } from "../base/bytes";

/** A little-endian word. CT: p leaks. */
// @ts-ignore: decorator
@inline
export function wordLe(p: usize): u32 {
  return (p & 3) == 0 ? load<u32>(p) : load32le(p);
}

/** A big-endian word. CT: p leaks. */
// @ts-ignore: decorator
@inline
export function wordBe(p: usize): u32 {
  return (p & 3) == 0 ? bswap<u32>(load<u32>(p)) : load32be(p);
}

/** text[i] ^= stream[i] for n bytes. CT: both addresses and n leak. */
export function xorBytes(text: usize, stream: usize, n: i32): void {
  const end = text + n;
  if (((text | stream) & 3) == 0) {
    for (const words = text + (n & ~3); text < words; text += 4, stream += 4) {
      store<u32>(text, load<u32>(text) ^ load<u32>(stream));
    }
  }
  for (; text < end; text++, stream++) {
    store<u8>(text, load<u8>(text) ^ load<u8>(stream));
  }
}
