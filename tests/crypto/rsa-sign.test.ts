// RSA signatures that are made: NIST's, the same as Node's for keys of odd sizes, and none at all
// from a key that was damaged.

import assert from "node:assert/strict";
import { constants, createHash, createPublicKey, sign, verify } from "node:crypto";
import { test } from "node:test";
import { type Instance, limbEngines, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { packaged } from "../vectors/cryptography.ts";
import { type RspCase, readRsp } from "../vectors/rsp.ts";
import { Tally } from "../vectors/wycheproof.ts";
import { fromBig } from "./numbers.ts";
import { type RsaKey, type RsaNumbers, bytesOf, factor, makeRsaKey } from "./rsa-keys.ts";

const hashIds = { sha256: 4, sha384: 5, sha512: 6 } as const;
type Hash = keyof typeof hashIds;
const HASHES = ["sha256", "sha384", "sha512"] as const;

const BAD_KEY = -0x405;
const EIO = -5;
const long = process.env.WASSL_LONG === "1";

/** n, e, d, p, q, dp, dq, qInv; those that a key does not have are empty. */
type Parts = Buffer[];

const partsOf = (numbers: RsaNumbers): Parts => Object.values(numbers).map(bytesOf);
const withoutPrimes = (parts: Parts): Parts => [
  ...parts.slice(0, 3),
  ...Array.from({ length: 5 }, () => Buffer.alloc(0)),
];

const digestOf = (hash: Hash, message: Uint8Array | string): Buffer =>
  createHash(hash).update(message).digest();

/** The signature, or the error: PKCS#1 v1.5 without a salt, PSS with one. */
function signWith(
  m: Instance,
  parts: Parts,
  hashId: number,
  digest: Uint8Array,
  salt: Uint8Array | null,
  seed = 1,
): Buffer | number {
  const n = parts[0]!.length;
  const words = parts.flatMap((bytes) => [m.put(bytes), bytes.length]);
  const key = m.put(new Uint8Array(Uint32Array.from(words).buffer));
  const drbg = m.alloc(m.call("drbgStateSize"));
  m.call("drbgBegin", drbg, m.put(new Random(seed).bytes(48)), 48);
  const out = m.put(new Uint8Array(n).fill(0xee));
  const h = m.put(digest);
  const result =
    salt === null
      ? m.call("signPkcs1", out, key, hashId, h, drbg)
      : m.call("signPss", out, key, hashId, h, m.put(salt), salt.length, drbg);
  const bytes = Buffer.from(m.read(out, n));
  assert.equal(m.call("scratchUsed"), 0);
  m.reset();
  if (result === EIO) assert.deepEqual(bytes, Buffer.alloc(n), "nothing comes out");
  return result < 0 ? result : bytes;
}

function isGood(key: RsaKey, hash: Hash, message: Uint8Array, saltLength: number, s: Uint8Array) {
  const publicKey = createPublicKey(key.privateKey);
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return verify(hash, message, { key: publicKey, padding, saltLength }, s);
}

const seed = new Random(3447);
// Odd sizes: PSS encodings a byte shorter than the modulus, primes of unequal lengths.
const keys = [
  makeRsaKey(1024, 3n, seed),
  makeRsaKey(1025, 65537n, seed),
  makeRsaKey(1031, 17n, seed),
  makeRsaKey(1536, 65537n, seed),
  makeRsaKey(2048, 65537n, seed),
  makeRsaKey(2049, 65537n, seed),
  makeRsaKey(2047, 65537n, seed),
  makeRsaKey(2056, 65537n, seed),
  makeRsaKey(2065, 65537n, seed), // primes that need different numbers of limbs
  makeRsaKey(3071, 0xffff_ffff_ffff_ffc5n, seed), // the largest prime of 64 bits
  makeRsaKey(3073, 65537n, seed),
  makeRsaKey(4096, 65537n, seed),
];
const key2048 = keys[4]!;

/** NIST's keys have no primes: found once for all engines. */
const completed = new Map<string, RsaNumbers>();
function complete(one: RspCase): RsaNumbers {
  const [n, e, d] = ["n", "e", "d"].map((name) => fromBig(one.bytes(name)));
  const numbers = completed.get(one.text("n")) ?? factor(n!, e!, d!);
  completed.set(one.text("n"), numbers);
  return numbers;
}

for (const engine of limbEngines) {
  const m = await loadEntry("crypto-sign", engine);
  const fast = engine === "native";
  const slow = engine === "wasm3";

  for (const [file, isPss] of [
    ["SigGen15_186-2.txt", false],
    ["SigGenPSS_186-2.txt", true],
  ] as const) {
    test(`RSA: signs as NIST CAVP ${file} (${engine})`, (t) => {
      const cases = readRsp(packaged(`RSA/FIPS_186-2/${file}`), "S");
      const tally = new Tally(`CAVP ${file}`);
      const seen = new Set<string>();
      for (const one of cases) {
        const hash = one.text("SHAAlg").toLowerCase() as Hash;
        const kind = `${isPss ? "PSS" : "PKCS#1"} ${one.section} ${hash}`;
        const n = one.bytes("n").length;
        if (!(hash in hashIds)) {
          tally.skip("over a hash that RSA does not sign here");
        } else if (seen.has(kind) && !(fast && long)) {
          tally.skip("another of the same size and hash");
        } else if (slow && (hash !== "sha256" || n > 256)) {
          tally.skip("left out on the slow engine");
        } else {
          seen.add(kind);
          const digest = digestOf(hash, one.bytes("Msg"));
          const salt = isPss ? one.bytes("SaltVal") : null;
          const id = hashIds[hash];
          const parts = partsOf(complete(one));
          assert.deepEqual(signWith(m, parts, id, digest, salt), one.bytes("S"), kind);
          if (hash === "sha256" && n <= (slow ? 128 : 384)) {
            const alone = signWith(m, withoutPrimes(parts), id, digest, salt);
            assert.deepEqual(alone, one.bytes("S"), `${kind}, without primes`);
          }
          tally.ran();
        }
      }
      tally.report(t, cases.length);
    });
  }

  test(`RSA: keys of many sizes, the same as Node's (${engine})`, () => {
    for (const key of slow ? keys.slice(0, 6) : keys) {
      const random = new Random(key.bits);
      const parts = partsOf(key.numbers);
      for (const hash of fast ? HASHES : [random.pick(HASHES)]) {
        const message = random.bytes(40);
        const digest = digestOf(hash, message);
        const s = signWith(m, parts, hashIds[hash], digest, null, 5);
        assert.deepEqual(s, sign(hash, message, key.privateKey), `${key.bits} ${hash}`);
        if (key.size <= 384 && (fast ? hash === "sha256" : key.bits < 1100)) {
          const alone = signWith(m, withoutPrimes(parts), hashIds[hash], digest, null, 6);
          assert.deepEqual(alone, s, `${key.bits} ${hash}, without primes`);
        }
        const room = Math.ceil((key.bits - 1) / 8) - digest.length - 2;
        for (const length of fast ? [0, digest.length, room] : [Math.min(digest.length, room)]) {
          if (length > room) continue;
          const pss = signWith(m, parts, hashIds[hash], digest, random.bytes(length), 6);
          assert.ok(isGood(key, hash, message, length, pss as Buffer), `${key.bits} ${length}`);
        }
        const tooLong = random.bytes(room + 1);
        assert.equal(signWith(m, parts, hashIds[hash], digest, tooLong), BAD_KEY);
      }
    }
  });

  test(`RSA: the blinding does not show, nor do leading zeros (${engine})`, () => {
    const digest = digestOf("sha256", "blinding");
    const parts = partsOf(key2048.numbers);
    const expected = signWith(m, parts, 4, digest, null, 1);
    const padded = parts.map((bytes, i) =>
      i === 2 || i >= 5
        ? Buffer.concat([Buffer.alloc((i === 2 ? 256 : 128) - bytes.length), bytes])
        : bytes,
    );
    assert.deepEqual(signWith(m, padded, 4, digest, null, 2), expected);
    // q and p exchanged, which makes s_p - s_q wrap the other way round
    const { n, e, d, p, q, dp, dq } = key2048.numbers;
    const exchanged = factor(n, e, d);
    assert.ok(exchanged.p > exchanged.q);
    const other = { n, e, d, p: q, q: p, dp: dq, dq: dp, qi: inverse(p, q) };
    assert.deepEqual(signWith(m, partsOf(other), 4, digest, null, 3), expected);
  });

  test(`RSA: a fault in any part gives an error and no signature (${engine})`, () => {
    const digest = digestOf("sha256", "fault");
    const parts = partsOf(key2048.numbers);
    const random = new Random(1997);
    const flipped = (part: number, bit: number): Parts =>
      parts.map((bytes, i) => {
        const copy = Buffer.from(bytes);
        if (i === part) copy[bit >> 3]! ^= 0x80 >> (bit & 7);
        return copy;
      });
    for (const [part, name] of ["p", "q", "dp", "dq", "qInv"].entries()) {
      const bits = 8 * parts[3 + part]!.length;
      for (const bit of slow ? [random.below(bits)] : [0, bits - 1, random.below(bits)]) {
        const result = signWith(m, flipped(3 + part, bit), 4, digest, null);
        assert.equal(result, EIO, `${name} bit ${bit}`);
      }
    }
    const small = withoutPrimes(partsOf(keys[0]!.numbers));
    small[2]![small[2]!.length - 1]! ^= 1;
    assert.equal(signWith(m, small, 4, digest, null), EIO, "d");
    assert.equal(signWith(m, flipped(0, 1000), 4, digest, digest), EIO, "n");
    const zeros = parts.map((bytes, i) => (i > 2 ? Buffer.alloc(bytes.length) : bytes));
    assert.equal(signWith(m, zeros, 4, digest, null), EIO);
  });

  test(`RSA: keys, hashes and lengths that cannot be (${engine})`, () => {
    const digest = digestOf("sha256", "refused");
    const parts = partsOf(key2048.numbers);
    const withPart = (i: number, bytes: Uint8Array): Parts =>
      parts.map((part, j) => (i === j ? Buffer.from(bytes) : part));
    for (const id of [0, 1, 2, 3, 7, 99]) {
      assert.equal(signWith(m, parts, id, digest, null), BAD_KEY);
      assert.equal(signWith(m, parts, id, digest, digest), BAD_KEY);
    }
    const bad: Record<string, Parts> = {
      "an even modulus": withPart(0, Buffer.alloc(256, 0xfe)),
      "a short one": withPart(0, Buffer.alloc(127, 0xff)),
      "a leading zero": withPart(0, Buffer.concat([Buffer.of(0), parts[0]!])),
      "an even exponent": withPart(1, Buffer.of(2)),
      "exponent 1": withPart(1, Buffer.of(1)),
      "no d, no primes": withoutPrimes(withPart(2, Buffer.alloc(0))),
      "a long d, no primes": withoutPrimes(withPart(2, Buffer.alloc(257, 1))),
      "4096 bits, no primes": withoutPrimes(partsOf(keys.at(-1)!.numbers)),
    };
    for (const [what, key] of Object.entries(bad)) {
      assert.equal(signWith(m, key, 4, digest, null), BAD_KEY, what);
    }
    // Parts that do not fit together by their lengths count as not there: d alone is used.
    const expected = signWith(m, parts, 4, digest, null);
    for (const i of slow ? [4] : [3, 4, 5, 6, 7]) {
      const bytes = i < 5 ? parts[i]!.subarray(2) : Buffer.alloc(129, 1);
      assert.deepEqual(signWith(m, withPart(i, bytes), 4, digest, null), expected);
    }
  });

  test(`RSA: scratch memory for the largest keys (${engine})`, (t) => {
    const peak = m.call("scratchPeak");
    t.diagnostic(`${peak} bytes`);
    assert.ok(peak < 9600);
  });
}

/** 1 / a mod p, a prime. */
function inverse(a: bigint, p: bigint): bigint {
  let [r, next, x, y] = [p, a % p, 0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next, x, y] = [next, r - quotient * next, y, x - quotient * y];
  }
  return ((x % p) + p) % p;
}
