// Functions that leak, each in one way of its own, and two that do not: what
// tests/constant-time.test.ts must tell apart. Compiled like everything else, so that the optimiser
// has its say about them too.

import * as ct from "../../assembly/base/ct";

export { allocate as alloc, release as free } from "../../assembly/base/heap";

const table: usize = memory.data<u32>([7, 1, 4, 9, 2, 11, 5, 3, 8, 6, 0, 15, 12, 13, 10, 14]);

export function leakByEarlyExit(secret: usize, n: i32): u32 {
  for (let i = 0; i < n; i++) {
    if (load<u8>(secret + i) != 0x5a) return 0;
  }
  return 1;
}

export function leakByTable(secret: usize, n: i32): u32 {
  let sum: u32 = 0;
  for (let i = 0; i < n; i++) sum += load<u32>(table + ((load<u8>(secret + i) & 15) << 2));
  return sum;
}

/**
 * An S-box whose 16 entries share a cache line, and a single secret nibble: the least a table can
 * leak.
 */
export function leakByOneNibble(secret: usize, _n: i32): u32 {
  return load<u8>(table + (load<u8>(secret) & 15));
}

export function leakByBranch(secret: usize, n: i32): u32 {
  let sum: u32 = 1;
  for (let i = 0; i < n; i++) {
    sum *= 3;
    if (load<u8>(secret + i) & 1) sum = sum * sum + <u32>i;
  }
  return sum;
}

export function leakBySelect(secret: usize, _n: i32): u32 {
  return load<u8>(secret) & 1 ? 1234567 : 7654321;
}

export function leakByDivision(secret: usize, _n: i32): u32 {
  return 0xffffffff / (<u32>load<u8>(secret) | 1);
}

export function leakByRemainder(secret: usize, _n: i32): u32 {
  return load<u32>(secret) % 251;
}

export function leakByWideShift(secret: usize, _n: i32): u64 {
  return (<u64>0x123456789abcdef) << (load<u8>(secret) & 63);
}

export function leakByLeadingZeros(secret: usize, _n: i32): u32 {
  return clz(load<u32>(secret));
}

export function leakByLength(secret: usize, n: i32): void {
  memory.fill(secret + n, 0, load<u8>(secret) & 7);
}

export function leakBySwitch(secret: usize, n: i32): u32 {
  switch (load<u8>(secret) & 7) {
    case 0: return n;
    case 1: return n * 3;
    case 2: return n ^ 0x55;
    case 3: return n << 3;
    case 4: return n + 99;
    case 5: return n - 7;
    default: return 0;
  }
}

export function leakByLoopCount(secret: usize, _n: i32): u32 {
  let sum: u32 = 1;
  for (let left = load<u8>(secret); left != 0; left >>= 1) sum = sum * 5 + 1;
  return sum;
}

function twice(x: i32): i32 {
  return x * 2;
}

function thrice(x: i32): i32 {
  return x * 3;
}

const functions: usize = memory.data(8, 4);

export function leakByIndirectCall(secret: usize, n: i32): i32 {
  store<u32>(functions, changetype<usize>(twice));
  store<u32>(functions, changetype<usize>(thrice), 4);
  const even = load<u32>(functions);
  const odd = load<u32>(functions, 4);
  const f = ct.select(load<u8>(secret) & 1, odd, even);
  return call_indirect<i32>(load<u32>(f), n);
}

/** Not a leak: as long as the secret, whatever it is. */
export function keepsCompare(secret: usize, n: i32): u32 {
  let difference: u32 = 0;
  for (let i = 0; i < n; i++) difference |= load<u8>(secret + i) ^ 0x5a;
  return ct.isZero(difference);
}

/** Not a leak: reads the whole table and keeps one entry by masks. */
export function keepsLookup(secret: usize, n: i32): u32 {
  let sum: u32 = 0;
  for (let i = 0; i < n; i++) {
    const wanted: u32 = load<u8>(secret + i) & 15;
    for (let j: u32 = 0; j < 16; j++) {
      sum += ct.mask(ct.isEqual(j, wanted)) & load<u32>(table + (j << 2));
    }
  }
  return sum;
}
