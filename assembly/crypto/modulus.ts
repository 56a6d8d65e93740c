// Arithmetic modulo an odd number of any size: RSA moduli and the orders of curves. Products are
// Montgomery's (Mathematics of Computation 44, 1985), a b / R with R = 2^(15 words), one pass for
// product and reduction together; numbers are those of nat.ts, `words` long and below the modulus.
//
// CT: values do not leak but through functions named VarTime; the modulus does.

import * as scratch from "../base/scratch";
import {
  WORD_BITS, WORD_MASK, addNat, halveNat, isLessNat, isSmallVarTime, natFromBytes, subtractNat,
  wordsFor,
} from "./nat";

// @ts-ignore: decorator
@unmanaged
export class Modulus {
  n: usize = 0;
  /** Words of every number below it, a multiple of four. */
  words: i32 = 0;
  /** Words without leading zeros, at least four. */
  used: i32 = 0;
  /** -1 / n mod 2^15. */
  factor: u32 = 0;

  /**
   * The modulus in the size big-endian bytes at p, in the caller's scratch frame. It is odd and at
   * least 2^45; more is up to the caller.
   */
  static over(p: usize, size: i32): Modulus {
    const m = changetype<Modulus>(scratch.take(offsetof<Modulus>()));
    m.words = wordsFor(8 * size);
    m.n = scratch.take(m.size);
    natFromBytes(m.n, m.words, p, size);
    m.used = m.words;
    while (load<u16>(m.n + (m.used << 1) - 2) == 0) m.used--;
    m.factor = negativeInverse(load<u16>(m.n));
    return m;
  }

  /** Bytes of a number below it. */
  get size(): i32 {
    return this.words << 1;
  }
}

/** out = a b / R mod n; out may be a or b. One of the two must be below n, the other below R. */
export function multiplyMontgomery(m: Modulus, out: usize, a: usize, b: usize): void {
  const frame = scratch.mark();
  const size = m.size;
  const sum = scratch.take(size + 8) + 8; // addRow writes one word below its sum
  memory.fill(sum, 0, size);
  let top: u32 = 0;
  for (let i = 0; i < size; i += 2) {
    const word = load<u16>(a + i);
    const quotient = ((load<u16>(sum) + word * load<u16>(b)) * m.factor) & WORD_MASK;
    top += addRow(sum, b, m.n, word, quotient, size);
    store<u16>(sum + size - 2, top & WORD_MASK);
    top >>= WORD_BITS;
  }
  // sum < 2 n. Taking n off is right where it leaves something, or where there was a top word.
  const on: u32 = 0 - (top | (isLessNat(sum, m.n, m.words) ^ 1));
  subtractNat(sum, m.n, m.words, on);
  memory.copy(out, sum, size);
  scratch.release(frame);
}

/** out = a R mod n, for a below n; out may be a. Word by word, with one estimated quotient each. */
export function toMontgomeryVarTime(m: Modulus, out: usize, a: usize): void {
  memory.copy(out, a, m.size);
  for (let i = 0; i < m.words; i++) shiftWordVarTime(m, out);
}

/** out = 1 / a mod n for a prime n and 0 < a < n (binary Euclidean algorithm); out may be a. */
export function invertVarTime(m: Modulus, out: usize, a: usize): void {
  const frame = scratch.mark();
  const size = m.size, words = m.words;
  const u = scratch.take(size); // u = a x and v = a y mod n throughout; one of them becomes 1
  const v = scratch.take(size);
  const x = scratch.take(size);
  const y = scratch.take(size);
  memory.copy(u, a, size);
  memory.copy(v, m.n, size);
  memory.fill(x, 0, size);
  store<u16>(x, 1);
  memory.fill(y, 0, size);
  while (!isSmallVarTime(u, words, 1) && !isSmallVarTime(v, words, 1)) {
    makeOdd(m, u, x);
    makeOdd(m, v, y);
    if (isLessNat(u, v, words) != 0) subtractPair(m, v, y, u, x);
    else subtractPair(m, u, x, v, y);
  }
  memory.copy(out, isSmallVarTime(u, words, 1) ? x : y, size);
  scratch.release(frame);
}

/** -1 / n mod 2^15 for odd n: Newton's iteration doubles the right bits, 3 at the start. */
function negativeInverse(n: u32): u32 {
  let x = n;
  for (let i = 0; i < 3; i++) x *= 2 - n * x;
  return (0 - x) & WORD_MASK;
}

/**
 * sum = (sum + word b + quotient n) / 2^15, but for its last word: the carry given back goes there.
 * A step's value is below 2^15 + 2 (2^15 - 1)^2 + 2^17 < 2^32. Four words at a time, and a pointer
 * for each number, so that all else is in the instructions: this loop is nearly all of RSA.
 */
function addRow(sum: usize, b: usize, n: usize, word: u32, quotient: u32, size: i32): u32 {
  const end = b + size;
  let t: u32 = 0;
  for (let below = sum - 2; b < end; below += 8) {
    t = load<u16>(below, 2) + word * load<u16>(b) + quotient * load<u16>(n) + (t >> WORD_BITS);
    store<u16>(below, t & WORD_MASK);
    t = load<u16>(below, 4) + word * load<u16>(b, 2) + quotient * load<u16>(n, 2)
      + (t >> WORD_BITS);
    store<u16>(below, t & WORD_MASK, 2);
    t = load<u16>(below, 6) + word * load<u16>(b, 4) + quotient * load<u16>(n, 4)
      + (t >> WORD_BITS);
    store<u16>(below, t & WORD_MASK, 4);
    t = load<u16>(below, 8) + word * load<u16>(b, 6) + quotient * load<u16>(n, 6)
      + (t >> WORD_BITS);
    store<u16>(below, t & WORD_MASK, 6);
    b += 8;
    n += 8;
  }
  return t >> WORD_BITS;
}

/**
 * x = x 2^15 mod n. The quotient's estimate, four words of x over three of n plus one, is never too
 * large and at most 1 too small: three words with a leading one that is not zero are above 2^30.
 */
function shiftWordVarTime(m: Modulus, x: usize): void {
  const last = (m.used - 1) << 1;
  const above = load<u16>(x + last);
  const dividend = (topWords(x + last) << WORD_BITS) | load<u16>(x + last - 6);
  const quotient = <u32>(dividend / (topWords(m.n + last) + 1));
  let below: i32 = 0;
  let carry: i32 = 0;
  for (let i = 0; i <= last; i += 2) {
    const t = below - <i32>(quotient * load<u16>(m.n + i)) + carry;
    below = load<u16>(x + i);
    store<u16>(x + i, t & WORD_MASK);
    carry = t >> WORD_BITS;
  }
  if (<i32>above + carry != 0 || isLessNat(x, m.n, m.words) == 0) {
    subtractNat(x, m.n, m.words, WORD_MASK);
  }
}

/** The 45 bits of the word at p and the two below it. */
function topWords(p: usize): u64 {
  const upper = (<u32>load<u16>(p) << WORD_BITS) | load<u16>(p - 2);
  return (<u64>upper << WORD_BITS) | load<u16>(p - 4);
}

/** Halves u until it is odd, and x with it, mod n. */
function makeOdd(m: Modulus, u: usize, x: usize): void {
  while ((load<u16>(u) & 1) == 0) {
    halveNat(u, m.words, 0);
    const carry = (load<u16>(x) & 1) == 0 ? 0 : addNat(x, m.n, m.words);
    halveNat(x, m.words, carry);
  }
}

/** u -= v, without a borrow, and x -= y mod n. */
function subtractPair(m: Modulus, u: usize, x: usize, v: usize, y: usize): void {
  subtractNat(u, v, m.words, WORD_MASK);
  if (subtractNat(x, y, m.words, WORD_MASK) != 0) addNat(x, m.n, m.words);
}
