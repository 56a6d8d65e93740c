// RSA keys of any size from a fixed seed, and signatures over encodings of the test's own making.

import {
  type KeyObject,
  checkPrimeSync,
  constants,
  createHash,
  createPrivateKey,
  privateEncrypt,
} from "node:crypto";
import type { Random } from "../harness/random.ts";
import { fromBig, mod, power, toBig } from "./numbers.ts";

export interface RsaKey {
  bits: number;
  /** Bytes of the modulus. */
  size: number;
  n: bigint;
  e: bigint;
  numbers: RsaNumbers;
  privateKey: KeyObject;
}

/** A private key in the order of RSAPrivateKey (RFC 8017, A.1.2). */
export interface RsaNumbers {
  n: bigint;
  e: bigint;
  d: bigint;
  p: bigint;
  q: bigint;
  dp: bigint;
  dq: bigint;
  qi: bigint;
}

/** A prime of exactly `bits` bits with its two top bits set and p - 1 prime to e (a prime). */
function prime(bits: number, e: bigint, random: Random): bigint {
  for (;;) {
    const size = Math.ceil(bits / 8);
    const cut = fromBig(random.bytes(size)) >> BigInt(8 * size - bits);
    const p = cut | (3n << BigInt(bits - 2)) | 1n;
    if (p % e !== 1n && checkPrimeSync(p)) return p;
  }
}

/** Inverse by the extended Euclidean algorithm. */
function inverse(a: bigint, n: bigint): bigint {
  let [r, next, x, y] = [n, mod(a, n), 0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next] = [next, r - quotient * next];
    [x, y] = [y, x - quotient * y];
  }
  return mod(x, n);
}

const base64 = (a: bigint): string => bytesOf(a).toString("base64url");

/** A key with a modulus of exactly `bits` bits and the prime exponent e. */
export function makeRsaKey(bits: number, e: bigint, random: Random): RsaKey {
  const p = prime(Math.ceil(bits / 2), e, random);
  const q = prime(Math.floor(bits / 2), e, random);
  const numbers = numbersOf(p, q, e, inverse(e, (p - 1n) * (q - 1n)));
  const { n } = numbers;
  const fields = Object.entries(numbers).map(([name, a]) => [name, base64(a)] as const);
  const key = { kty: "RSA", ...Object.fromEntries(fields) };
  const privateKey = createPrivateKey({ key, format: "jwk" });
  return { bits, size: Math.ceil(bits / 8), n, e, numbers, privateKey };
}

/** Another key whose modulus begins with the same bytes, so that only its secrets differ. */
export function makeSimilarKey({ n, e, p }: RsaNumbers, random: Random): RsaNumbers {
  const other = prime(p.toString(2).length, e, random);
  let q = (n / other) | 1n;
  while (q % e === 1n || !checkPrimeSync(q)) q += 2n;
  return numbersOf(other, q, e, inverse(e, (other - 1n) * (q - 1n)));
}

function numbersOf(p: bigint, q: bigint, e: bigint, d: bigint): RsaNumbers {
  return { n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
}

/**
 * The primes of a key that has none: e d - 1 is a multiple of both p - 1 and q - 1, so that some
 * root of a^(e d - 1) = 1 is neither 1 nor -1, and shares a factor with n.
 */
export function factor(n: bigint, e: bigint, d: bigint): RsaNumbers {
  let odd = e * d - 1n;
  while (odd % 2n === 0n) odd /= 2n;
  for (let a = 2n; ; a++) {
    let root = power(a, odd, n);
    for (let square = root; square !== 1n && square !== n - 1n;) {
      root = square;
      square = mod(root * root, n);
      if (square !== 1n) continue;
      const [x, y] = [gcd(root - 1n, n), gcd(root + 1n, n)];
      return x > y ? numbersOf(x, y, e, d) : numbersOf(y, x, e, d);
    }
  }
}

function gcd(a: bigint, b: bigint): bigint {
  while (a !== 0n) [a, b] = [b % a, a];
  return b;
}

/** Big-endian without leading zeros. */
export function bytesOf(a: bigint): Buffer {
  return toBig(a, Math.ceil(a.toString(16).length / 2));
}

/** The number em^d mod n, for an encoded message as long as the modulus and below it. */
export function signRaw(key: RsaKey, em: Uint8Array): Buffer {
  return privateEncrypt({ key: key.privateKey, padding: constants.RSA_NO_PADDING }, em);
}

/** What a signature opens to: s^e mod n, as long as the modulus. */
export function openRaw(key: RsaKey, signature: Uint8Array): Buffer {
  return toBig(power(fromBig(signature), key.e, key.n), key.size);
}

/** The DigestInfo of RFC 8017, 9.2, note 1, with the parameters given in hexadecimal. */
export function digestInfo(hash: string, digest: Uint8Array, parameters = "0500"): Buffer {
  const last = { sha256: "01", sha384: "02", sha512: "03", sha1: "1a" }[hash]!;
  const oid = hash === "sha1" ? "06052b0e0302" : "06096086480165030402";
  const identifier = tlv(0x30, Buffer.from(oid + last + parameters, "hex"));
  return tlv(0x30, Buffer.concat([identifier, tlv(0x04, digest)]));
}

function tlv(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(tag, content.length), content]);
}

/** 00 01 FF ... FF 00 and the rest, as long as the modulus. */
export function padPkcs1(size: number, rest: Uint8Array): Buffer {
  const em = Buffer.alloc(size, 0xff);
  em.set([0, 1]);
  em[size - rest.length - 1] = 0;
  em.set(rest, size - rest.length);
  return em;
}

export function mgf1(hash: string, seed: Uint8Array, n: number): Buffer {
  const blocks: Buffer[] = [];
  for (let i = 0; blocks.length * createHash(hash).digest().length < n; i++) {
    blocks.push(
      createHash(hash)
        .update(seed)
        .update(toBig(BigInt(i), 4))
        .digest(),
    );
  }
  return Buffer.concat(blocks).subarray(0, n);
}

/** How an EMSA-PSS encoding (RFC 8017, 9.1.1) departs from the standard. */
export interface PssFaults {
  trailer?: number;
  separator?: number;
  /** Ored into the padding's first and last byte. */
  padding?: number;
  /** Ored into the bits above emBits. */
  top?: number;
  /** Flips a bit of H after the mask was made of it. */
  hash?: number;
  /** MGF1's hash, where it is not the message's. */
  maskHash?: string;
}

/** EMSA-PSS of a digest for a modulus of `bits` bits, as long as the modulus. */
export function encodePss(
  hash: string,
  digest: Uint8Array,
  salt: Uint8Array,
  bits: number,
  faults: PssFaults = {},
): Buffer {
  const emLen = Math.ceil((bits - 1) / 8);
  const h = createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest();
  const db = Buffer.alloc(emLen - h.length - 1);
  const separator = db.length - salt.length - 1;
  db[separator] = faults.separator ?? 1;
  db.set(salt, separator + 1);
  if (separator > 0) {
    db[0]! |= faults.padding ?? 0;
    db[separator - 1]! |= faults.padding ?? 0;
  }
  for (const [i, byte] of mgf1(faults.maskHash ?? hash, h, db.length).entries()) db[i]! ^= byte;
  const unused = 8 * emLen - (bits - 1);
  db[0] = (db[0]! & (0xff >> unused)) | (faults.top ?? 0);
  h[0]! ^= faults.hash ?? 0;
  const em = Buffer.concat([db, h, Buffer.of(faults.trailer ?? 0xbc)]);
  return Buffer.concat([Buffer.alloc(Math.ceil(bits / 8) - emLen), em]);
}
