// Inverses modulo odd numbers in constant time: the division steps of Bernstein and Yang ("Fast
// constant-time gcd computation and modular inversion", 2019). 13 steps look at the lowest limbs of
// f and g alone; what they do is a matrix, which is then applied to all of f and g, and mod n to d
// and e. From f = n, g = a, d = 0, e = 1 on that keeps
//
//   d a = f and e a = g mod n
//
// and after as many steps as theorem 11.2 of the paper asks for g is 0 and f is 1 or -1, or another
// common factor of n and a. All four numbers are canonical but for a signed last limb.
// CT: values do not leak; the modulus's length does.

import { Choice, isZero } from "../base/ct";
import * as scratch from "../base/scratch";
import { LIMB_BITS, LIMB_MASK } from "./limbs13";
import { Modulus, inverseOfLimb } from "./modulus";

/** 13 steps: 2^13 f' = u f + v g and 2^13 g' = q f + r g, with |u| + |v| and |q| + |r| <= 2^13. */
// @ts-ignore: decorator
@unmanaged
class Steps {
  delta: i32 = 0;
  u: i32 = 0;
  v: i32 = 0;
  q: i32 = 0;
  r: i32 = 0;
}

/**
 * a = 1 / a mod n, canonical before and after. Gives 0 where a has no inverse; a then becomes some
 * number. CT: that result is the caller's to keep.
 */
export function invertElement(m: Modulus, a: usize): Choice {
  const frame = scratch.mark();
  const limbs = m.limbs, size = m.size;
  const f = scratch.take(size);
  const d = scratch.take(size);
  const e = scratch.take(size);
  const steps = changetype<Steps>(scratch.take(offsetof<Steps>()));
  memory.fill(f, 0, size);
  memory.fill(d, 0, size);
  memory.fill(e, 0, size);
  addIf(f, m.n, limbs, -1);
  store<i32>(e, 1);
  steps.delta = 1;
  const inverse = inverseOfLimb(load<i32>(m.n));
  for (let left = stepsFor(m.bits); left > 0; left -= LIMB_BITS) {
    takeSteps(steps, load<i32>(f), load<i32>(a));
    applyExactly(steps, f, a, limbs);
    applyModulo(steps, d, e, m.n, inverse, limbs);
  }
  const sign = signOf(f, limbs);
  addIf(d, m.n, limbs, signOf(d, limbs)); // -n < d < n
  negateIf(d, limbs, sign);
  addIf(d, m.n, limbs, signOf(d, limbs));
  memory.copy(a, d, size);
  const found = isOne(f, limbs, sign);
  scratch.release(frame);
  return found;
}

/** Steps until g is 0 for |f|, |g| < 2^bits and bits >= 46 (theorem 11.2). */
function stepsFor(bits: i32): i32 {
  return (49 * bits + 57) / 17;
}

/**
 * 13 times: where delta > 0 and g is odd, f and g become g and (g - f) / 2, and delta 1 - delta;
 * else g becomes g / 2 or (g + f) / 2, whichever is whole, and delta 1 + delta. The divisions of
 * the matrix's second row are left to who applies it: its first row doubles instead.
 */
function takeSteps(steps: Steps, f: i32, g: i32): void {
  let delta = steps.delta;
  let u = 1, v = 0, q = 0, r = 1;
  for (let i = 0; i < LIMB_BITS; i++) {
    const odd = -(g & 1);
    const positive = ~((delta - 1) >> 31);
    g += ((f ^ positive) - positive) & odd;
    q += ((u ^ positive) - positive) & odd;
    r += ((v ^ positive) - positive) & odd;
    const swap = positive & odd;
    delta = (delta ^ swap) - swap + 1;
    f += g & swap;
    u += q & swap;
    v += r & swap;
    g >>= 1;
    u <<= 1;
    v <<= 1;
  }
  steps.delta = delta;
  steps.u = u;
  steps.v = v;
  steps.q = q;
  steps.r = r;
}

/** f and g become (u f + v g) / 2^13 and (q f + r g) / 2^13, which are whole. */
function applyExactly(steps: Steps, f: usize, g: usize, limbs: i32): void {
  const u = steps.u, v = steps.v, q = steps.q, r = steps.r;
  let s = 0, t = 0;
  for (let i = 0; i < limbs << 2; i += 4) {
    const x = load<i32>(f + i), y = load<i32>(g + i);
    s += u * x + v * y;
    t += q * x + r * y;
    if (i > 0) { // public: positions
      store<i32>(f + i - 4, s & LIMB_MASK);
      store<i32>(g + i - 4, t & LIMB_MASK);
    }
    s >>= LIMB_BITS;
    t >>= LIMB_BITS;
  }
  const last = (limbs << 2) - 4;
  store<i32>(f + last, s);
  store<i32>(g + last, t);
}

/**
 * d and e become (u d + v e) / 2^13 and (q d + r e) / 2^13 mod n. Both stay between -2 n and n:
 * negative ones count as if n had been added, and at most 2^13 - 1 times n is then taken off to
 * make the sum a multiple of 2^13.
 */
function applyModulo(
  steps: Steps, d: usize, e: usize, n: usize, inverse: i32, limbs: i32,
): void {
  const u = steps.u, v = steps.v, q = steps.q, r = steps.r;
  const ofD = signOf(d, limbs), ofE = signOf(e, limbs);
  let x = load<i32>(d), y = load<i32>(e), z = load<i32>(n);
  let a = (u & ofD) + (v & ofE), b = (q & ofD) + (r & ofE);
  let s = u * x + v * y, t = q * x + r * y;
  a -= (inverse * s + a) & LIMB_MASK;
  b -= (inverse * t + b) & LIMB_MASK;
  s = (s + a * z) >> LIMB_BITS;
  t = (t + b * z) >> LIMB_BITS;
  for (let i = 4; i < limbs << 2; i += 4) {
    x = load<i32>(d + i);
    y = load<i32>(e + i);
    z = load<i32>(n + i);
    s += u * x + v * y + a * z;
    t += q * x + r * y + b * z;
    store<i32>(d + i - 4, s & LIMB_MASK);
    store<i32>(e + i - 4, t & LIMB_MASK);
    s >>= LIMB_BITS;
    t >>= LIMB_BITS;
  }
  const last = (limbs << 2) - 4;
  store<i32>(d + last, s);
  store<i32>(e + last, t);
}

/** -1 where a is negative, else 0. */
// @ts-ignore: decorator
@inline
function signOf(a: usize, limbs: i32): i32 {
  return load<i32>(a + (limbs << 2) - 4) >> 31;
}

/** a += b where `on` is -1. */
function addIf(a: usize, b: usize, limbs: i32, on: i32): void {
  let carry = 0;
  const last = (limbs << 2) - 4;
  for (let i = 0; i < last; i += 4) {
    const t = load<i32>(a + i) + (load<i32>(b + i) & on) + carry;
    carry = t >> LIMB_BITS;
    store<i32>(a + i, t & LIMB_MASK);
  }
  store<i32>(a + last, load<i32>(a + last) + (load<i32>(b + last) & on) + carry);
}

/** a = -a where `on` is -1. */
function negateIf(a: usize, limbs: i32, on: i32): void {
  let carry = 0;
  const last = (limbs << 2) - 4;
  for (let i = 0; i < last; i += 4) {
    const t = (load<i32>(a + i) ^ on) - on + carry;
    carry = t >> LIMB_BITS;
    store<i32>(a + i, t & LIMB_MASK);
  }
  store<i32>(a + last, (load<i32>(a + last) ^ on) - on + carry);
}

/** 1 where f is 1, or -1 and sign is -1: all limbs but the lowest are then copies of the sign. */
function isOne(f: usize, limbs: i32, sign: i32): Choice {
  const last = (limbs << 2) - 4;
  let other = load<i32>(f) ^ (sign & LIMB_MASK) ^ (~sign & 1);
  for (let i = 4; i < last; i += 4) other |= load<i32>(f + i) ^ (sign & LIMB_MASK);
  return isZero(<u32>(other | (load<i32>(f + last) ^ sign)));
}
