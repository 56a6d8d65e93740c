// What RSA verification must refuse: forgeries that need no private key, encodings that a careless
// parser takes, numbers out of range, and keys that nobody should have.

import assert from "node:assert/strict";
import { sign } from "node:crypto";
import { test } from "node:test";
import { engines, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { fromBig, mod, toBig } from "./numbers.ts";
import {
  type RsaKey,
  bytesOf,
  digestInfo,
  encodePss,
  makeRsaKey,
  openRaw,
  padPkcs1,
  signRaw,
} from "./rsa-keys.ts";
import { digestOf, publicOf, verifyPkcs1, verifyPss } from "./rsa-verify.ts";

const NULL = "0500";
const SALT = 32;

/** The least number whose cube is at least a. */
function cubeRoot(a: bigint): bigint {
  let [low, high] = [0n, 1n << BigInt(Math.ceil(a.toString(2).length / 3) + 1)];
  while (low < high) {
    const middle = (low + high) / 2n;
    if (middle ** 3n < a) low = middle + 1n;
    else high = middle;
  }
  return low;
}

/** The cube root of an odd number mod 2^bits, bit by bit. */
function cubeRootModulo(a: bigint, bits: number): bigint {
  let root = 1n;
  for (let i = 1n; i < BigInt(bits); i++) {
    if (((root ** 3n - a) >> i) & 1n) root += 1n << i;
  }
  return root;
}

/** A modulus that nobody knows the factors of: forgeries for e = 3 have no use for them. */
const publicKeyOf = (bits: number): { n: bigint; e: bigint; size: number } => ({
  n: (1n << BigInt(bits)) - 159n,
  e: 3n,
  size: bits / 8,
});

/** s whose cube begins and ends as given: as a number of `size` bytes it is below the modulus. */
function forge(size: number, start: Buffer, end: Buffer): Buffer {
  const s = cubeRoot(fromBig(Buffer.concat([start, Buffer.alloc(size - start.length)])));
  if (end.length === 0) return toBig(s, size);
  const step = 1n << BigInt(8 * end.length);
  return toBig(s + mod(cubeRootModulo(fromBig(end), 8 * end.length) - s, step), size);
}

const padding = (n: number): Buffer => Buffer.concat([Buffer.of(0, 1), Buffer.alloc(n, 0xff)]);
const ZERO = Buffer.of(0);

const seed = new Random(2006);
const key1025 = makeRsaKey(1025, 65537n, seed); // s + n fits into the bytes of n
const key2048 = makeRsaKey(2048, 65537n, seed);
const keyOf3 = makeRsaKey(2048, 3n, seed);
const shortest = makeRsaKey(1024, 65537n, seed);
const tooShort = makeRsaKey(1023, 65537n, seed);
const longExponent = makeRsaKey(1024, 2n ** 64n - 59n, seed); // the largest prime of 64 bits
const tooLongExponent = makeRsaKey(1024, 2n ** 64n + 13n, seed); // the least one of 65
const keys = [key1025, makeRsaKey(1033, 17n, seed), key2048, keyOf3];

for (const engine of engines) {
  const m = await loadEntry("crypto-public", engine);
  const thorough = engine === "v8" || engine === "native";

  test(`PKCS#1 v1.5: garbage behind the digest, for e = 3 (${engine})`, () => {
    // Bleichenbacher, 2006: right after the shortest padding, and after longer ones.
    let real = 0;
    for (const bits of [1024, 2048, 3072, 4096]) {
      const key = publicKeyOf(bits);
      for (const hash of ["sha256", "sha384", "sha512"]) {
        const digest = digestOf(hash, Buffer.from("forged"));
        for (const parameters of [NULL, ""]) {
          for (const ones of [8, 9, 16, 40, 80]) {
            const info = digestInfo(hash, digest, parameters);
            const start = Buffer.concat([padding(ones), ZERO, info]);
            if (start.length > key.size) continue;
            const s = forge(key.size, start, Buffer.alloc(0));
            const opened = openRaw(key as RsaKey, s);
            if (opened.subarray(0, start.length).equals(start)) real++;
            assert.ok(!verifyPkcs1(m, hash, digest, s, publicOf(key)), `${bits} ${hash} ${ones}`);
          }
        }
      }
    }
    assert.ok(real >= 60, `${real} are real forgeries`);
  });

  test(`PKCS#1 v1.5: garbage within the padding, for e = 3 (${engine})`, () => {
    // The digest is where it belongs; only the padding in front of it is not all there (as in
    // "BERserk", 2014, where the garbage passed for a long length).
    for (const bits of [2048, 3072, 4096]) {
      const key = publicKeyOf(bits);
      const hash = bits > 3000 ? "sha512" : "sha256";
      let digest = digestOf(hash, Buffer.from("forged 0"));
      for (let i = 1; digest.at(-1)! % 2 === 0; i++) digest = digestOf(hash, Buffer.of(i));
      const end = Buffer.concat([ZERO, digestInfo(hash, digest)]);
      for (const start of [padding(8), padding(20), Buffer.concat([padding(12), ZERO])]) {
        const s = forge(key.size, start, end);
        const opened = openRaw(key as RsaKey, s);
        assert.deepEqual(opened.subarray(0, start.length), start);
        assert.deepEqual(opened.subarray(-end.length), end);
        assert.ok(!verifyPkcs1(m, hash, digest, s, publicOf(key)), `${bits}`);
      }
    }
  });

  test(`PKCS#1 v1.5: room for garbage in the DigestInfo (${engine})`, () => {
    const { size } = key2048;
    const digest = digestOf("sha256", Buffer.from("parameters"));
    const garbage = (tag: string, n: number): string =>
      `${tag}81${n.toString(16).padStart(2, "0")}${"5a".repeat(n)}`;
    const wide = (tag: string, n: number): Buffer => {
      const oid = "0609608648016503040201";
      const inner = Buffer.from(oid + garbage(tag, n), "hex");
      const identifier = Buffer.concat([Buffer.of(0x30, 0x81, inner.length), inner]);
      const rest = Buffer.concat([identifier, Buffer.of(4, 32), digest]);
      return Buffer.concat([Buffer.of(0x30, 0x81, rest.length), rest]);
    };
    const info = digestInfo("sha256", digest);
    const longer = (extra: string): Buffer => {
      const rest = Buffer.concat([info.subarray(2), Buffer.from(extra, "hex")]);
      return Buffer.concat([Buffer.of(0x30, rest.length), rest]);
    };
    const wrong: Record<string, Buffer> = {
      "an OCTET STRING as parameters": wide("04", 140),
      "a long NULL": wide("05", 140),
      "an OID as parameters": wide("06", 140),
      "two NULLs": digestInfo("sha256", digest, "05000500"),
      "more behind the digest, inside": longer("0500"),
      "more behind the digest, an OCTET STRING": longer("0404deadbeef"),
      "more behind the digest, outside": Buffer.concat([info, Buffer.of(5, 0)]),
      "an indefinite length": Buffer.concat([Buffer.of(0x30, 0x80), info.subarray(2), ZERO, ZERO]),
      nothing: Buffer.alloc(0),
    };
    for (const [what, rest] of Object.entries(wrong)) {
      const s = signRaw(key2048, padPkcs1(size, rest));
      assert.ok(!verifyPkcs1(m, "sha256", digest, s, publicOf(key2048)), what);
    }
    const s = signRaw(key2048, padPkcs1(size, info));
    assert.ok(verifyPkcs1(m, "sha256", digest, s, publicOf(key2048)));
  });

  test(`RSA: every byte of an encoding counts (${engine})`, () => {
    const { size } = keyOf3;
    const digest = digestOf("sha256", Buffer.from("bytes"));
    const salt = new Random(3).bytes(SALT);
    const random = new Random(4);
    const pkcs1 = padPkcs1(size, digestInfo("sha256", digest));
    const pss = encodePss("sha256", digest, salt, 2048);
    for (let i = 0; i < size; i += thorough ? 1 : 19) {
      for (const [em, isPss] of [
        [pkcs1, false],
        [pss, true],
      ] as const) {
        const changed = Buffer.from(em);
        changed[i]! ^= 1 << random.below(8);
        if (fromBig(changed) >= keyOf3.n) continue;
        const s = signRaw(keyOf3, changed);
        const valid = isPss
          ? verifyPss(m, "sha256", SALT, digest, s, publicOf(keyOf3))
          : verifyPkcs1(m, "sha256", digest, s, publicOf(keyOf3));
        assert.ok(!valid, `byte ${i} of ${isPss ? "PSS" : "PKCS#1"}`);
      }
    }
  });

  test(`RSA: signatures out of range or of another length (${engine})`, () => {
    const message = Buffer.from("range");
    const digest = digestOf("sha256", message);
    const salt = new Random(5).bytes(SALT);
    for (const key of keys) {
      const both = [
        {
          s: sign("sha256", message, key.privateKey),
          open: (s: Uint8Array) => verifyPkcs1(m, "sha256", digest, s, publicOf(key)),
        },
        {
          s: signRaw(key, encodePss("sha256", digest, salt, key.bits)),
          open: (s: Uint8Array) => verifyPss(m, "sha256", SALT, digest, s, publicOf(key)),
        },
      ];
      for (const { s, open } of both) {
        assert.ok(open(s));
        const value = fromBig(s);
        const top = 2n ** BigInt(8 * key.size);
        const bad = [0n, 1n, 2n, key.n - 1n, key.n, key.n + 1n, key.n - value, top - 1n];
        for (let a = value + key.n; a < top; a += key.n) bad.push(a);
        for (const a of bad) assert.ok(!open(toBig(a, key.size)), a.toString(16));
        assert.ok(!open(s.subarray(1)));
        assert.ok(!open(s.subarray(0, -1)));
        assert.ok(!open(Buffer.concat([ZERO, s])));
        assert.ok(!open(Buffer.concat([s, ZERO])));
        assert.ok(!open(Buffer.alloc(0)));
      }
    }
  });

  test(`RSA: keys that are refused (${engine})`, () => {
    const digest = digestOf("sha256", Buffer.from("key"));
    // s = 1 opens to 1 under every key; an encoding of PKCS#1 it never is, and nothing may trap.
    const open = (n: Uint8Array, e: Uint8Array): boolean => {
      const one = toBig(1n, n.length);
      const pss = verifyPss(m, "sha256", 0, digest, one, { n, e });
      return verifyPkcs1(m, "sha256", digest, one, { n, e }) || pss;
    };
    const n = bytesOf(key2048.n);
    const e = bytesOf(65537n);
    const ones = (bits: number): Buffer => bytesOf((1n << BigInt(bits)) - 1n);
    for (const bad of [Buffer.alloc(0), Buffer.of(3), ones(1023), ones(4097), ones(65536)]) {
      assert.ok(!open(bad, e));
    }
    for (const length of [0, 1, 64, 513]) assert.ok(!open(Buffer.alloc(length), e));
    for (const bad of ["", "00", "01", "02", "010000", "000003", "01000000000000000f"]) {
      assert.ok(!open(n, Buffer.from(bad, "hex")), bad);
    }
    // The encoding is the modulus's length: a key that opens to it by e = 1 would sign anything.
    const em = padPkcs1(256, digestInfo("sha256", digest));
    assert.ok(!verifyPkcs1(m, "sha256", digest, em, { n, e: Buffer.of(1) }));
    const s = signRaw(key2048, em);
    assert.ok(verifyPkcs1(m, "sha256", digest, s, { n, e }));
    const padded = { n: Buffer.concat([ZERO, n]), e };
    assert.ok(!verifyPkcs1(m, "sha256", digest, s, padded));
    assert.ok(!verifyPkcs1(m, "sha256", digest, Buffer.concat([ZERO, s]), padded));
    const even = Buffer.from(n);
    even[255]! &= 0xfe;
    assert.ok(!verifyPkcs1(m, "sha256", digest, s, { n: even, e }));
    for (const id of ["md5", "sha1"]) assert.ok(!verifyPkcs1(m, id, digest, s, { n, e }));
    assert.equal(m.call("scratchUsed"), 0);
  });

  test(`RSA: true signatures of keys too short or with a long exponent (${engine})`, () => {
    const digest = digestOf("sha256", Buffer.from("size"));
    const isTaken = (key: RsaKey, e = bytesOf(key.e)): boolean => {
      const s = signRaw(key, padPkcs1(key.size, digestInfo("sha256", digest)));
      return verifyPkcs1(m, "sha256", digest, s, { n: bytesOf(key.n), e });
    };
    assert.ok(isTaken(shortest));
    assert.ok(!isTaken(tooShort), "1023 bits");
    assert.ok(isTaken(longExponent), "64 bits");
    assert.ok(!isTaken(tooLongExponent), "65 bits");
    assert.ok(!isTaken(shortest, Buffer.concat([ZERO, bytesOf(shortest.e)])), "a leading zero");
    // e + (p - 1) (q - 1) does what e does; it is as long as the modulus.
    const { p, q, e } = shortest.numbers;
    assert.ok(!isTaken(shortest, bytesOf(e + (p - 1n) * (q - 1n))));
  });

  test(`RSA: numbers of any kind neither pass nor trap (${engine})`, () => {
    const random = new Random(1024);
    for (let i = 0; i < (thorough ? 250 : 12); i++) {
      const n = random.bytes(random.pick([1, 127, 128, 129, 256, 257, 384, 511, 512, 513, 600]));
      const e = random.bytes(random.below(10));
      if (random.below(4) > 0) n[n.length - 1]! |= 1;
      if (e.length > 0 && random.below(4) > 0) e[e.length - 1]! |= 1;
      const s = random.bytes(random.below(4) > 0 ? n.length : random.below(600));
      const digest = random.bytes(64);
      const hash = random.pick(["sha256", "sha384", "sha512"]);
      assert.ok(!verifyPkcs1(m, hash, digest, s, { n, e }));
      assert.ok(!verifyPss(m, hash, random.below(500) - 2, digest, s, { n, e }));
    }
    assert.equal(m.call("scratchUsed"), 0);
  });
}
