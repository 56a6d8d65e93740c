// Keccak-f[1600] (FIPS 202, 3.2 to 3.4) on 32-bit words, and how bytes enter and leave its state.
//
// A lane of 64 bits is kept as two words, its even bits and its odd bits: so a rotation of the lane
// is one rotation of each word, which change places where its distance is odd. The state is the 25
// even words, then the 25 odd ones. Bytes are interleaved on their way in and out.
//
// All 50 words stay in locals through the 24 rounds. The compiler for Cortex-M0+ keeps them on the
// stack, where they are reached in one instruction each: 22,000 cycles, against 35,000 with two
// states in memory. The price is a function as long as a round, which must not be interpreted on
// a device with little stack.
//
//   names:  e, o: even and odd words of lane x + 5 y     c, d: parities of the columns
//           s, t: what theta adds to a column            p, q: the lanes after rho and pi
//
// CT: nothing here leaks but addresses and lengths.

export const KECCAK_SIZE: usize = 200;
const ODD: usize = KECCAK_SIZE / 2;
const ROUNDS: usize = 24;

/**
 * The round constants (3.2.5), computed again by tests/crypto/sha3.test.ts: the odd bits as words,
 * round by round; of the even bits only the lowest occurs, in the rounds that EVEN_CONSTANTS has
 * as bits.
 */
export const ODD_CONSTANTS: usize = memory.data<u32>([
  0x00000000, 0x00000089, 0x8000008b, 0x80008080, 0x0000008b, 0x00008000, 0x80008088, 0x80000082,
  0x0000000b, 0x0000000a, 0x00008082, 0x00008003, 0x0000808b, 0x8000000b, 0x8000008a, 0x80000081,
  0x80000081, 0x80000008, 0x00000083, 0x80008003, 0x80008088, 0x80000088, 0x00008000, 0x80008082,
]);
export const EVEN_CONSTANTS: u32 = 0x50f4f1;

/** XORs `lanes` lanes of 8 bytes at p (4-aligned) into the first lanes of the state. */
export function keccakAbsorb(state: usize, p: usize, lanes: i32): void {
  for (const end = state + 4 * lanes; state < end; state += 4, p += 8) {
    const low = gather(load<u32>(p));
    const high = gather(load<u32>(p, 4));
    store<u32>(state, load<u32>(state) ^ (low & 0xffff) ^ (high << 16));
    store<u32>(state, load<u32>(state, ODD) ^ (low >>> 16) ^ (high & 0xffff0000), ODD);
  }
}

/** Writes the first `lanes` lanes of the state to out (4-aligned). */
export function keccakExtract(state: usize, out: usize, lanes: i32): void {
  for (const end = state + 4 * lanes; state < end; state += 4, out += 8) {
    const even = load<u32>(state);
    const odd = load<u32>(state, ODD);
    store<u32>(out, scatter((even & 0xffff) | (odd << 16)));
    store<u32>(out, scatter((even >>> 16) | (odd & 0xffff0000)), 4);
  }
}

/** XORs the highest bit of lane `lane`: the last bit of FIPS 202's padding. */
export function keccakCloseLane(state: usize, lane: i32): void {
  const at = state + 4 * lane;
  store<u32>(at, load<u32>(at, ODD) ^ 0x80000000, ODD);
}

/** The 24 rounds. */
export function keccakPermute(state: usize): void {
  const even = state;
  const odd = state + ODD;
  let e0 = load<u32>(even, 0), o0 = load<u32>(odd, 0);
  let e1 = load<u32>(even, 4), o1 = load<u32>(odd, 4);
  let e2 = load<u32>(even, 8), o2 = load<u32>(odd, 8);
  let e3 = load<u32>(even, 12), o3 = load<u32>(odd, 12);
  let e4 = load<u32>(even, 16), o4 = load<u32>(odd, 16);
  let e5 = load<u32>(even, 20), o5 = load<u32>(odd, 20);
  let e6 = load<u32>(even, 24), o6 = load<u32>(odd, 24);
  let e7 = load<u32>(even, 28), o7 = load<u32>(odd, 28);
  let e8 = load<u32>(even, 32), o8 = load<u32>(odd, 32);
  let e9 = load<u32>(even, 36), o9 = load<u32>(odd, 36);
  let e10 = load<u32>(even, 40), o10 = load<u32>(odd, 40);
  let e11 = load<u32>(even, 44), o11 = load<u32>(odd, 44);
  let e12 = load<u32>(even, 48), o12 = load<u32>(odd, 48);
  let e13 = load<u32>(even, 52), o13 = load<u32>(odd, 52);
  let e14 = load<u32>(even, 56), o14 = load<u32>(odd, 56);
  let e15 = load<u32>(even, 60), o15 = load<u32>(odd, 60);
  let e16 = load<u32>(even, 64), o16 = load<u32>(odd, 64);
  let e17 = load<u32>(even, 68), o17 = load<u32>(odd, 68);
  let e18 = load<u32>(even, 72), o18 = load<u32>(odd, 72);
  let e19 = load<u32>(even, 76), o19 = load<u32>(odd, 76);
  let e20 = load<u32>(even, 80), o20 = load<u32>(odd, 80);
  let e21 = load<u32>(even, 84), o21 = load<u32>(odd, 84);
  let e22 = load<u32>(even, 88), o22 = load<u32>(odd, 88);
  let e23 = load<u32>(even, 92), o23 = load<u32>(odd, 92);
  let e24 = load<u32>(even, 96), o24 = load<u32>(odd, 96);
  let evenConstants = EVEN_CONSTANTS;
  for (let k = ODD_CONSTANTS; k < ODD_CONSTANTS + 4 * ROUNDS; k += 4) {
    // theta: the parities of the columns, of which each lane takes two;
    const c0 = e0 ^ e5 ^ e10 ^ e15 ^ e20;
    const d0 = o0 ^ o5 ^ o10 ^ o15 ^ o20;
    const c1 = e1 ^ e6 ^ e11 ^ e16 ^ e21;
    const d1 = o1 ^ o6 ^ o11 ^ o16 ^ o21;
    const c2 = e2 ^ e7 ^ e12 ^ e17 ^ e22;
    const d2 = o2 ^ o7 ^ o12 ^ o17 ^ o22;
    const c3 = e3 ^ e8 ^ e13 ^ e18 ^ e23;
    const d3 = o3 ^ o8 ^ o13 ^ o18 ^ o23;
    const c4 = e4 ^ e9 ^ e14 ^ e19 ^ e24;
    const d4 = o4 ^ o9 ^ o14 ^ o19 ^ o24;
    // rho and pi: each lane rotated and moved to another place, column by column;
    const s0 = c4 ^ rotl<u32>(d1, 1), t0 = d4 ^ c1;
    const p0 = e0 ^ s0, q0 = o0 ^ t0;
    const p16 = rotl<u32>(e5 ^ s0, 18), q16 = rotl<u32>(o5 ^ t0, 18);
    const p7 = rotl<u32>(o10 ^ t0, 2), q7 = rotl<u32>(e10 ^ s0, 1);
    const p23 = rotl<u32>(o15 ^ t0, 21), q23 = rotl<u32>(e15 ^ s0, 20);
    const p14 = rotl<u32>(e20 ^ s0, 9), q14 = rotl<u32>(o20 ^ t0, 9);
    const s1 = c0 ^ rotl<u32>(d2, 1), t1 = d0 ^ c2;
    const p10 = rotl<u32>(o1 ^ t1, 1), q10 = e1 ^ s1;
    const p1 = rotl<u32>(e6 ^ s1, 22), q1 = rotl<u32>(o6 ^ t1, 22);
    const p17 = rotl<u32>(e11 ^ s1, 5), q17 = rotl<u32>(o11 ^ t1, 5);
    const p8 = rotl<u32>(o16 ^ t1, 23), q8 = rotl<u32>(e16 ^ s1, 22);
    const p24 = rotl<u32>(e21 ^ s1, 1), q24 = rotl<u32>(o21 ^ t1, 1);
    const s2 = c1 ^ rotl<u32>(d3, 1), t2 = d1 ^ c3;
    const p20 = rotl<u32>(e2 ^ s2, 31), q20 = rotl<u32>(o2 ^ t2, 31);
    const p11 = rotl<u32>(e7 ^ s2, 3), q11 = rotl<u32>(o7 ^ t2, 3);
    const p2 = rotl<u32>(o12 ^ t2, 22), q2 = rotl<u32>(e12 ^ s2, 21);
    const p18 = rotl<u32>(o17 ^ t2, 8), q18 = rotl<u32>(e17 ^ s2, 7);
    const p9 = rotl<u32>(o22 ^ t2, 31), q9 = rotl<u32>(e22 ^ s2, 30);
    const s3 = c2 ^ rotl<u32>(d4, 1), t3 = d2 ^ c4;
    const p5 = rotl<u32>(e3 ^ s3, 14), q5 = rotl<u32>(o3 ^ t3, 14);
    const p21 = rotl<u32>(o8 ^ t3, 28), q21 = rotl<u32>(e8 ^ s3, 27);
    const p12 = rotl<u32>(o13 ^ t3, 13), q12 = rotl<u32>(e13 ^ s3, 12);
    const p3 = rotl<u32>(o18 ^ t3, 11), q3 = rotl<u32>(e18 ^ s3, 10);
    const p19 = rotl<u32>(e23 ^ s3, 28), q19 = rotl<u32>(o23 ^ t3, 28);
    const s4 = c3 ^ rotl<u32>(d0, 1), t4 = d3 ^ c0;
    const p15 = rotl<u32>(o4 ^ t4, 14), q15 = rotl<u32>(e4 ^ s4, 13);
    const p6 = rotl<u32>(e9 ^ s4, 10), q6 = rotl<u32>(o9 ^ t4, 10);
    const p22 = rotl<u32>(o14 ^ t4, 20), q22 = rotl<u32>(e14 ^ s4, 19);
    const p13 = rotl<u32>(e19 ^ s4, 4), q13 = rotl<u32>(o19 ^ t4, 4);
    const p4 = rotl<u32>(e24 ^ s4, 7), q4 = rotl<u32>(o24 ^ t4, 7);
    // chi: each lane with its two neighbours in the row, all even words, then the odd ones;
    e0 = chi(p0, p1, p2);
    e1 = chi(p1, p2, p3);
    e2 = chi(p2, p3, p4);
    e3 = chi(p3, p4, p0);
    e4 = chi(p4, p0, p1);
    e5 = chi(p5, p6, p7);
    e6 = chi(p6, p7, p8);
    e7 = chi(p7, p8, p9);
    e8 = chi(p8, p9, p5);
    e9 = chi(p9, p5, p6);
    e10 = chi(p10, p11, p12);
    e11 = chi(p11, p12, p13);
    e12 = chi(p12, p13, p14);
    e13 = chi(p13, p14, p10);
    e14 = chi(p14, p10, p11);
    e15 = chi(p15, p16, p17);
    e16 = chi(p16, p17, p18);
    e17 = chi(p17, p18, p19);
    e18 = chi(p18, p19, p15);
    e19 = chi(p19, p15, p16);
    e20 = chi(p20, p21, p22);
    e21 = chi(p21, p22, p23);
    e22 = chi(p22, p23, p24);
    e23 = chi(p23, p24, p20);
    e24 = chi(p24, p20, p21);
    o0 = chi(q0, q1, q2);
    o1 = chi(q1, q2, q3);
    o2 = chi(q2, q3, q4);
    o3 = chi(q3, q4, q0);
    o4 = chi(q4, q0, q1);
    o5 = chi(q5, q6, q7);
    o6 = chi(q6, q7, q8);
    o7 = chi(q7, q8, q9);
    o8 = chi(q8, q9, q5);
    o9 = chi(q9, q5, q6);
    o10 = chi(q10, q11, q12);
    o11 = chi(q11, q12, q13);
    o12 = chi(q12, q13, q14);
    o13 = chi(q13, q14, q10);
    o14 = chi(q14, q10, q11);
    o15 = chi(q15, q16, q17);
    o16 = chi(q16, q17, q18);
    o17 = chi(q17, q18, q19);
    o18 = chi(q18, q19, q15);
    o19 = chi(q19, q15, q16);
    o20 = chi(q20, q21, q22);
    o21 = chi(q21, q22, q23);
    o22 = chi(q22, q23, q24);
    o23 = chi(q23, q24, q20);
    o24 = chi(q24, q20, q21);
    // iota: the first lane with the constant of the round.
    e0 ^= evenConstants & 1;
    evenConstants >>>= 1;
    o0 ^= load<u32>(k);
  }
  put(even, 0, e0, o0);
  put(even, 4, e1, o1);
  put(even, 8, e2, o2);
  put(even, 12, e3, o3);
  put(even, 16, e4, o4);
  put(even, 20, e5, o5);
  put(even, 24, e6, o6);
  put(even, 28, e7, o7);
  put(even, 32, e8, o8);
  put(even, 36, e9, o9);
  put(even, 40, e10, o10);
  put(even, 44, e11, o11);
  put(even, 48, e12, o12);
  put(even, 52, e13, o13);
  put(even, 56, e14, o14);
  put(even, 60, e15, o15);
  put(even, 64, e16, o16);
  put(even, 68, e17, o17);
  put(even, 72, e18, o18);
  put(even, 76, e19, o19);
  put(even, 80, e20, o20);
  put(even, 84, e21, o21);
  put(even, 88, e22, o22);
  put(even, 92, e23, o23);
  put(even, 96, e24, o24);
}

/** The even bits of x to its lower half, the odd bits to the upper. */
// @ts-ignore: decorator
@inline
function gather(x: u32): u32 {
  x = exchange(x, 0x22222222, 1);
  x = exchange(x, 0x0c0c0c0c, 2);
  x = exchange(x, 0x00f000f0, 4);
  return exchange(x, 0x0000ff00, 8);
}

/** The opposite of gather. */
// @ts-ignore: decorator
@inline
function scatter(x: u32): u32 {
  x = exchange(x, 0x0000ff00, 8);
  x = exchange(x, 0x00f000f0, 4);
  x = exchange(x, 0x0c0c0c0c, 2);
  return exchange(x, 0x22222222, 1);
}

/** Exchanges the bits of x under mask with those `distance` above. */
// @ts-ignore: decorator
@inline
function exchange(x: u32, mask: u32, distance: i32): u32 {
  const changed = (x ^ (x >>> distance)) & mask;
  return x ^ changed ^ (changed << distance);
}

/** The rows' nonlinear step, for one word of the first of three neighbours. */
// @ts-ignore: decorator
@inline
function chi(x: u32, next: u32, afterNext: u32): u32 {
  return x ^ (~next & afterNext);
}

// @ts-ignore: decorator
@inline
function put(even: usize, offset: usize, e: u32, o: u32): void {
  store<u32>(even + offset, e);
  store<u32>(even + offset, o, ODD);
}
