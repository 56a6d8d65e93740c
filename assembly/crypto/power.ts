// Powers with a secret exponent, modulo an odd number of any size: windows of the same number of
// bits each, and a table of powers of which every entry is read for every window.
//
// The table is the largest thing that RSA needs: its limbs are kept in half their bytes, and there
// are as many entries as fit in TABLE_MAX.
// CT: base, exponent and modulus do not leak; their lengths do.

import { isEqual } from "../base/ct";
import * as scratch from "../base/scratch";
import { LIMB_BYTES, PACKED_BYTES, packLimb, packedLimb, pickWordsIf } from "./limbs";
import {
  Modulus, fromMontgomery, multiplyMontgomery, squareMontgomery, toMontgomery,
} from "./modulus";

const WINDOW_MAX: i32 = 4;
const TABLE_MAX: i32 = 2560;

/** x = x^k in Montgomery form, for the kLen big-endian bytes at k. */
export function powerSecret(m: Modulus, x: usize, k: usize, kLen: i32): void {
  const frame = scratch.mark();
  const window = windowFor(m.limbs);
  const table = scratch.take((1 << window) * PACKED_BYTES * m.limbs);
  const chosen = scratch.take(m.size);
  fillTable(m, table, x, chosen, 1 << window);
  fromMontgomery(m, x, m.rSquared); // 1
  for (let i = (8 * kLen + window - 1) / window * window - window; i >= 0; i -= window) {
    for (let j = 0; j < window; j++) squareMontgomery(m, x, x);
    choose(table, chosen, m.limbs, windowAt(k, kLen, i, window), 1 << window);
    multiplyMontgomery(m, x, x, chosen);
  }
  scratch.release(frame);
}

/**
 * x = x^e for a public odd e of eLen big-endian bytes, above 1; x is not in Montgomery form, before
 * or after: that the last factor is not takes it out of the form. The few bits of other exponents
 * than 3, 17 and 65537 cost a product more each.
 */
export function powerVarTime(m: Modulus, x: usize, e: usize, eLen: i32): void {
  const frame = scratch.mark();
  const base = scratch.take(m.size);
  memory.copy(base, x, m.size);
  toMontgomery(m, x, x);
  let i = 8 * eLen - 1;
  while (windowAt(e, eLen, i, 1) == 0) i--;
  while (--i > 0) {
    squareMontgomery(m, x, x);
    if (windowAt(e, eLen, i, 1) == 0) continue;
    multiplyMontgomery(m, x, x, base);
    toMontgomery(m, x, x);
  }
  squareMontgomery(m, x, x);
  multiplyMontgomery(m, x, x, base);
  scratch.release(frame);
}

/** Bits of a window: 4 for the primes of RSA-2048, 3 for those of RSA-4096. */
function windowFor(limbs: i32): i32 {
  let window = WINDOW_MAX;
  while (window > 1 && (PACKED_BYTES * limbs) << window > TABLE_MAX) window--;
  return window;
}

/** Bits at ... at + count - 1 of the kLen big-endian bytes at k, zeros beyond them. */
function windowAt(k: usize, kLen: i32, at: i32, count: i32): u32 {
  const byte = at >> 3;
  const low: u32 = load<u8>(k + (kLen - 1 - byte));
  const high: u32 = byte + 1 < kLen ? load<u8>(k + (kLen - 2 - byte)) : 0; // public: positions
  return ((low | (high << 8)) >> (at & 7)) & ((1 << count) - 1);
}

/** table = 1, x, x^2 ... , using t. */
function fillTable(m: Modulus, table: usize, x: usize, t: usize, entries: i32): void {
  const bytes = PACKED_BYTES * m.limbs;
  fromMontgomery(m, t, m.rSquared);
  pack(table, t, m.limbs);
  for (let i = 1; i < entries; i++) {
    multiplyMontgomery(m, t, t, x);
    pack(table + i * bytes, t, m.limbs);
  }
}

function pack(entry: usize, a: usize, limbs: i32): void {
  for (const end = entry + PACKED_BYTES * limbs; entry < end; entry += PACKED_BYTES) {
    packLimb(entry, load<Limb>(a));
    a += LIMB_BYTES;
  }
}

/** out = the table's entry `wanted`; reads all of them. */
function choose(table: usize, out: usize, limbs: i32, wanted: u32, entries: i32): void {
  const frame = scratch.mark();
  const bytes = PACKED_BYTES * limbs;
  let packed = scratch.take(bytes);
  memory.fill(packed, 0, bytes);
  for (let i = 0; i < entries; i++) {
    pickWordsIf(isEqual(i, wanted), packed, table, bytes >> 2);
    table += bytes;
  }
  for (const end = out + LIMB_BYTES * limbs; out < end; out += LIMB_BYTES) {
    store<Limb>(out, packedLimb(packed));
    packed += PACKED_BYTES;
  }
  scratch.release(frame);
}
