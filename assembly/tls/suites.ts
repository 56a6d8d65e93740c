// Cipher suites: what each number means, and the order in which we offer them.
//
// The order, rule by rule:
//   1. ChaCha20-Poly1305 before AES: on a core without AES instructions constant-time AES costs
//      three to four times as much for each byte, and both are beyond attack.
//   2. AES-128 before AES-256: fewer rounds, and its SHA-256 is half the work of SHA-384 on a
//      32-bit core; 128 bits are enough.
//
// An order is a value: sixteen nibbles, each an index into the table plus one, first choice lowest.
// Copying it needs no memory, so that a connection keeps the one it was made with.

import { isText } from "../base/text";
import { AeadId } from "../crypto/aead";
import { HashId } from "../crypto/hash";

export namespace Suite {
  export const AES_128_GCM_SHA256: i32 = 0x1301;
  export const AES_256_GCM_SHA384: i32 = 0x1302;
  export const CHACHA20_POLY1305_SHA256: i32 = 0x1303;
}

const COUNT: i32 = 3;
const NIBBLE: u64 = 15;

export const DEFAULT_SUITES: u64 = 0x321;

/** The suite at place i of the order, 0 past its end. */
export function suiteAt(order: u64, i: i32): i32 {
  switch (<i32>((order >> (<u64>i * 4)) & NIBBLE)) {
    case 1:
      return Suite.CHACHA20_POLY1305_SHA256;
    case 2:
      return Suite.AES_128_GCM_SHA256;
    case 3:
      return Suite.AES_256_GCM_SHA384;
    default:
      return 0;
  }
}

export function suiteCount(order: u64): i32 {
  let n = 0;
  while (n < COUNT && suiteAt(order, n) != 0) n++;
  return n;
}

export function hasSuite(order: u64, suite: i32): bool {
  for (let i = 0; i < COUNT; i++) {
    if (suite != 0 && suiteAt(order, i) == suite) return true;
  }
  return false;
}

/**
 * The order with the suite of that name appended; 0 where no suite has it. A suite named twice
 * counts once.
 */
export function appendByName(order: u64, name: usize, n: i32): u64 {
  for (let i = 0; i < COUNT; i++) {
    const suite = suiteAt(DEFAULT_SUITES, i);
    if (!isText(suiteName(suite), name, n) && !isText(hyphenName(suite), name, n)) continue;
    if (hasSuite(order, suite)) return order;
    return order | (<u64>(i + 1) << (<u64>suiteCount(order) * 4));
  }
  return 0;
}

export function suiteAead(suite: i32): i32 {
  if (suite == Suite.AES_128_GCM_SHA256) return AeadId.AES_128_GCM;
  if (suite == Suite.AES_256_GCM_SHA384) return AeadId.AES_256_GCM;
  return AeadId.CHACHA20_POLY1305;
}

export function suiteHash(suite: i32): i32 {
  return suite == Suite.AES_256_GCM_SHA384 ? HashId.SHA384 : HashId.SHA256;
}

export function suiteBits(suite: i32): i32 {
  return suite == Suite.AES_128_GCM_SHA256 ? 128 : 256;
}

/** IANA's name. */
export function suiteName(suite: i32): string {
  if (suite == Suite.AES_128_GCM_SHA256) return "TLS_AES_128_GCM_SHA256";
  if (suite == Suite.AES_256_GCM_SHA384) return "TLS_AES_256_GCM_SHA384";
  return "TLS_CHACHA20_POLY1305_SHA256";
}

/** mbedTLS's name, accepted because MicroPython's users have it in their programs. */
function hyphenName(suite: i32): string {
  if (suite == Suite.AES_128_GCM_SHA256) return "TLS1-3-AES-128-GCM-SHA256";
  if (suite == Suite.AES_256_GCM_SHA384) return "TLS1-3-AES-256-GCM-SHA384";
  return "TLS1-3-CHACHA20-POLY1305-SHA256";
}
