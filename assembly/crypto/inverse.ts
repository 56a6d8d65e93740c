// Inverses modulo odd numbers in constant time: the division steps of Bernstein and Yang ("Fast
// constant-time gcd computation and modular inversion", 2019). As many steps as a limb has bits, b,
// look at the lowest limbs of f and g alone; what they do is a matrix, which is then applied to all
// of f and g, and mod n to d and e. From f = n, g = a, d = 0, e = 1 on that keeps
//
//   d a = f and e a = g mod n
//
// and after as many steps as theorem 11.2 of the paper asks for g is 0 and f is 1 or -1, or another
// common factor of n and a. All four numbers are canonical but for a signed last limb.
// CT: values do not leak; the modulus's length does.

import { Choice, isZero } from "../base/ct";
import * as scratch from "../base/scratch";
import { LIMB_BITS, LIMB_BYTES, LIMB_MASK } from "./limbs";
import { Modulus, inverseOfLimb } from "./modulus";

/** b steps: 2^b f' = u f + v g and 2^b g' = q f + r g, with |u| + |v| and |q| + |r| <= 2^b. */
// @ts-ignore: decorator
@unmanaged
class Steps {
  delta: Limb = 0;
  u: Limb = 0;
  v: Limb = 0;
  q: Limb = 0;
  r: Limb = 0;
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
  store<Limb>(e, 1);
  steps.delta = 1;
  const inverse = inverseOfLimb(load<Limb>(m.n));
  for (let left = stepsFor(m.bits); left > 0; left -= LIMB_BITS) {
    takeSteps(steps, load<Limb>(f), load<Limb>(a));
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
 * b times: where delta > 0 and g is odd, f and g become g and (g - f) / 2, and delta 1 - delta;
 * else g becomes g / 2 or (g + f) / 2, whichever is whole, and delta 1 + delta. The divisions of
 * the matrix's second row are left to who applies it: its first row doubles instead.
 */
function takeSteps(steps: Steps, f: Limb, g: Limb): void {
  let delta = steps.delta;
  let u: Limb = 1, v: Limb = 0, q: Limb = 0, r: Limb = 1;
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

/** f and g become (u f + v g) / 2^b and (q f + r g) / 2^b, which are whole. */
function applyExactly(steps: Steps, f: usize, g: usize, limbs: i32): void {
  const u = steps.u, v = steps.v, q = steps.q, r = steps.r;
  let s: Limb = 0, t: Limb = 0;
  for (let i = 0; i < limbs * LIMB_BYTES; i += LIMB_BYTES) {
    const x = load<Limb>(f + i), y = load<Limb>(g + i);
    s += u * x + v * y;
    t += q * x + r * y;
    if (i > 0) { // public: positions
      store<Limb>(f + i - LIMB_BYTES, s & LIMB_MASK);
      store<Limb>(g + i - LIMB_BYTES, t & LIMB_MASK);
    }
    s >>= LIMB_BITS;
    t >>= LIMB_BITS;
  }
  const last = (limbs - 1) * LIMB_BYTES;
  store<Limb>(f + last, s);
  store<Limb>(g + last, t);
}

/**
 * d and e become (u d + v e) / 2^b and (q d + r e) / 2^b mod n. Both stay between -2 n and n:
 * negative ones count as if n had been added, and at most 2^b - 1 times n is then taken off to
 * make the sum a multiple of 2^b.
 */
function applyModulo(
  steps: Steps, d: usize, e: usize, n: usize, inverse: Limb, limbs: i32,
): void {
  const u = steps.u, v = steps.v, q = steps.q, r = steps.r;
  const ofD = signOf(d, limbs), ofE = signOf(e, limbs);
  let x = load<Limb>(d), y = load<Limb>(e), z = load<Limb>(n);
  let a = (u & ofD) + (v & ofE), b = (q & ofD) + (r & ofE);
  let s = u * x + v * y, t = q * x + r * y;
  a -= (inverse * s + a) & LIMB_MASK;
  b -= (inverse * t + b) & LIMB_MASK;
  s = (s + a * z) >> LIMB_BITS;
  t = (t + b * z) >> LIMB_BITS;
  for (let i = LIMB_BYTES; i < limbs * LIMB_BYTES; i += LIMB_BYTES) {
    x = load<Limb>(d + i);
    y = load<Limb>(e + i);
    z = load<Limb>(n + i);
    s += u * x + v * y + a * z;
    t += q * x + r * y + b * z;
    store<Limb>(d + i - LIMB_BYTES, s & LIMB_MASK);
    store<Limb>(e + i - LIMB_BYTES, t & LIMB_MASK);
    s >>= LIMB_BITS;
    t >>= LIMB_BITS;
  }
  const last = (limbs - 1) * LIMB_BYTES;
  store<Limb>(d + last, s);
  store<Limb>(e + last, t);
}

/** -1 where a is negative, else 0. */
// @ts-ignore: decorator
@inline
function signOf(a: usize, limbs: i32): Limb {
  return load<Limb>(a + (limbs - 1) * LIMB_BYTES) >> 31;
}

/** a += b where `on` is -1. */
function addIf(a: usize, b: usize, limbs: i32, on: Limb): void {
  let carry: Limb = 0;
  const last = (limbs - 1) * LIMB_BYTES;
  for (let i = 0; i < last; i += LIMB_BYTES) {
    const t = load<Limb>(a + i) + (load<Limb>(b + i) & on) + carry;
    carry = t >> LIMB_BITS;
    store<Limb>(a + i, t & LIMB_MASK);
  }
  store<Limb>(a + last, load<Limb>(a + last) + (load<Limb>(b + last) & on) + carry);
}

/** a = -a where `on` is -1. */
function negateIf(a: usize, limbs: i32, on: Limb): void {
  let carry: Limb = 0;
  const last = (limbs - 1) * LIMB_BYTES;
  for (let i = 0; i < last; i += LIMB_BYTES) {
    const t = (load<Limb>(a + i) ^ on) - on + carry;
    carry = t >> LIMB_BITS;
    store<Limb>(a + i, t & LIMB_MASK);
  }
  store<Limb>(a + last, (load<Limb>(a + last) ^ on) - on + carry);
}

/** 1 where f is 1, or -1 and sign is -1: all limbs but the lowest are then copies of the sign. */
function isOne(f: usize, limbs: i32, sign: Limb): Choice {
  const last = (limbs - 1) * LIMB_BYTES;
  const copy = sign & LIMB_MASK;
  let other = load<Limb>(f) ^ copy ^ (~sign & 1);
  for (let i = LIMB_BYTES; i < last; i += LIMB_BYTES) other |= load<Limb>(f + i) ^ copy;
  return isZero(<u32>(other | (load<Limb>(f + last) ^ sign)));
}
