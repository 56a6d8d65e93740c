// Natural numbers of any size: words of 15 bits in u16, least significant first, their count given
// with each call. 15 bits because a Montgomery step adds two products, a word and a carry in 32
// bits (modulus.ts). Pointers are 8-aligned.
//
// CT: values do not leak but through functions named VarTime; counts do.

export const WORD_BITS: i32 = 15;
export const WORD_MASK: u32 = (1 << WORD_BITS) - 1;

/** Words for a number of `bits` bits, a multiple of four: loops take four at a time. */
export function wordsFor(bits: i32): i32 {
  return ((bits + WORD_BITS - 1) / WORD_BITS + 3) & ~3;
}

/** a = the n big-endian bytes at p, which fit in its words. */
export function natFromBytes(a: usize, words: i32, p: usize, n: i32): void {
  let window: u32 = 0;
  let bits = 0;
  for (let i = 0; i < words << 1; i += 2) {
    while (bits < WORD_BITS) { // public: positions
      if (--n >= 0) window |= <u32>load<u8>(p + n) << bits;
      bits += 8;
    }
    store<u16>(a + i, window & WORD_MASK);
    window >>= WORD_BITS;
    bits -= WORD_BITS;
  }
}

/** The n big-endian bytes at p = a, which fits in them. */
export function natToBytes(p: usize, n: i32, a: usize, words: i32): void {
  let window: u32 = 0;
  let bits = 0;
  while (--n >= 0) {
    if (bits < 8 && --words >= 0) { // public: positions
      window |= <u32>load<u16>(a) << bits;
      a += 2;
      bits += WORD_BITS;
    }
    store<u8>(p + n, window);
    window >>= 8;
    bits -= 8;
  }
}

/** a += b; gives the carry out. */
export function addNat(a: usize, b: usize, words: i32): u32 {
  let carry: u32 = 0;
  for (let i = 0; i < words << 1; i += 2) {
    const t = <u32>load<u16>(a + i) + load<u16>(b + i) + carry;
    store<u16>(a + i, t & WORD_MASK);
    carry = t >> WORD_BITS;
  }
  return carry;
}

/** a -= b where `on` is all ones, a -= 0 where it is 0; gives the borrow out. */
export function subtractNat(a: usize, b: usize, words: i32, on: u32): u32 {
  let borrow: i32 = 0;
  for (let i = 0; i < words << 1; i += 2) {
    const t = <i32>load<u16>(a + i) - <i32>(load<u16>(b + i) & on) + borrow;
    store<u16>(a + i, t & WORD_MASK);
    borrow = t >> WORD_BITS;
  }
  return <u32>borrow & 1;
}

/** 1 where a < b. */
export function isLessNat(a: usize, b: usize, words: i32): u32 {
  let borrow: i32 = 0;
  for (let i = 0; i < words << 1; i += 2) {
    borrow = (<i32>load<u16>(a + i) - <i32>load<u16>(b + i) + borrow) >> WORD_BITS;
  }
  return <u32>borrow & 1;
}

/** a = (top * 2^(15 words) + a) / 2, rounded down. */
export function halveNat(a: usize, words: i32, top: u32): void {
  for (let i = (words - 1) << 1; i >= 0; i -= 2) {
    const t = load<u16>(a + i);
    store<u16>(a + i, (<u32>t >> 1) | (top << (WORD_BITS - 1)));
    top = t & 1;
  }
}

/** True where a is the small number v. */
export function isSmallVarTime(a: usize, words: i32, v: u32): bool {
  if (load<u16>(a) != v) return false;
  for (let i = 1; i < words; i++) {
    if (load<u16>(a + (i << 1)) != 0) return false;
  }
  return true;
}
