// RSA signature verification: RSASSA-PKCS1-v1_5 and RSASSA-PSS (RFC 8017, 8.2.2 and 8.1.2), moduli
// of 1024 to 4096 bits, odd exponents from 3 to 64 bits. How long a key must be is x509's policy.
//
// PKCS#1 v1.5 is checked by building the one right encoding and comparing all of it: parsing what
// the signature holds is how Bleichenbacher's forgeries for e = 3 (2006) and later ones got in.
// CT: everything leaks: keys, digests and signatures are public here.

import { equalVarTime } from "../base/bytes";
import * as scratch from "../base/scratch";
import { Modulus, elementFromBytes, elementToBytes } from "./modulus";
import { isLessNat, limbsFor } from "./nat";
import { powerVarTime } from "./power";
import { isPssEncoding, isSigningHash, writePkcs1 } from "./rsa-encoding";

export const RSA_MAX_BYTES: i32 = 512;
const SMALLEST_BITS: i32 = 1024;
const LARGEST_EXPONENT_BYTES: i32 = 8;

/**
 * True where the signature is RSASSA-PKCS1-v1_5 of the digest under the key (n, e), numbers
 * big-endian without leading zeros. CT: everything leaks: all of it is public.
 */
export function rsaVerifyPkcs1(
  hashId: i32, digest: usize, signature: usize, signatureLen: i32,
  n: usize, nLen: i32, e: usize, eLen: i32,
): bool {
  if (!isSigningHash(hashId) || signatureLen != nLen) return false;
  if (!isUsableKey(n, nLen, e, eLen)) return false;
  const frame = scratch.mark();
  const found = scratch.take(nLen);
  const expected = scratch.take(nLen);
  writePkcs1(expected, nLen, hashId, digest);
  const valid = recoverVarTime(found, signature, n, nLen, e, eLen)
    && equalVarTime(found, expected, nLen);
  scratch.release(frame);
  return valid;
}

/**
 * True where the signature is RSASSA-PSS of the digest under the key (n, e), with MGF1 over the
 * same hash and a salt of exactly saltLen bytes. CT: everything leaks: all of it is public.
 */
export function rsaVerifyPss(
  hashId: i32, saltLen: i32, digest: usize, signature: usize, signatureLen: i32,
  n: usize, nLen: i32, e: usize, eLen: i32,
): bool {
  if (!isSigningHash(hashId) || signatureLen != nLen) return false;
  if (!isUsableKey(n, nLen, e, eLen)) return false;
  const frame = scratch.mark();
  const found = scratch.take(nLen);
  const valid = recoverVarTime(found, signature, n, nLen, e, eLen)
    && isPssEncoding(hashId, saltLen, digest, found, nLen, bitLength(n, nLen) - 1);
  scratch.release(frame);
  return valid;
}

/** An odd modulus and exponent of supported sizes, minimally encoded. CT: all of it leaks. */
export function isUsableKey(n: usize, nLen: i32, e: usize, eLen: i32): bool {
  if (nLen < 1 || nLen > RSA_MAX_BYTES || load<u8>(n) == 0) return false;
  if (bitLength(n, nLen) < SMALLEST_BITS || (load<u8>(n + nLen - 1) & 1) == 0) return false;
  if (eLen < 1 || eLen > LARGEST_EXPONENT_BYTES || load<u8>(e) == 0) return false;
  if ((load<u8>(e + eLen - 1) & 1) == 0) return false;
  return eLen > 1 || load<u8>(e) != 1;
}

/** Bits of a number whose first byte is not zero. CT: the first byte leaks. */
export function bitLength(n: usize, nLen: i32): i32 {
  return 8 * nLen - clz<i32>(load<u8>(n)) + 24;
}

/** out = signature^e mod n, nLen bytes (RSAVP1); false where the signature is not below n. */
function recoverVarTime(
  out: usize, signature: usize, n: usize, nLen: i32, e: usize, eLen: i32,
): bool {
  const frame = scratch.mark();
  const m = Modulus.over(n, nLen, limbsFor(8 * nLen));
  const s = scratch.take(m.size);
  elementFromBytes(m, s, signature, nLen);
  const below = isLessNat(s, m.n, m.limbs) != 0;
  if (below) {
    powerVarTime(m, s, e, eLen);
    elementToBytes(m, out, nLen, s);
  }
  scratch.release(frame);
  return below;
}
