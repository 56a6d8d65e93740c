// Ed25519: RFC 8032's own signatures and the 1024 of its authors, Wycheproof, what must be refused,
// and what a fault on the way must not give out.

import assert from "node:assert/strict";
import { createHash, createPublicKey, verify as nodeVerify } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { type Instance, limbEngines, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { packaged } from "../vectors/cryptography.ts";
import { Tally, wycheproof } from "../vectors/wycheproof.ts";
import { hex } from "./bytes.ts";
import {
  IDENTITY,
  L,
  P,
  SMALL,
  addPoints,
  encode,
  fromLittle,
  multiply,
  toLittle,
} from "./edwards-numbers.ts";
import { mod } from "./numbers.ts";

const EIO = -5;
const ED25519 = 0x0807;
const long = process.env.WASSL_LONG === "1";

interface Vector {
  name: string;
  seed: Buffer;
  key: Buffer;
  message: Buffer;
  signature: Buffer;
}

/**
 * The authors' file: seed and key, key, message, signature and message. Lines 1, 2, 3 and 1024 are
 * RFC 8032's TEST 1, 2, 3 and 1024.
 */
const lines: Vector[] = readFileSync(new URL(packaged("Ed25519/sign.input")), "utf8")
  .trim()
  .split("\n")
  .map((line, i) => {
    const [seed, key, message, signature] = line.split(":").map(hex);
    const vector = { seed: seed!.subarray(0, 32), key: key!, message: message! };
    return { name: `line ${i + 1}`, ...vector, signature: signature!.subarray(0, 64) };
  });

/** RFC 8032, 7.1, TEST SHA(abc). */
const shaAbc: Vector = {
  name: "SHA(abc)",
  seed: hex("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42"),
  key: hex("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf"),
  message: createHash("sha512").update("abc").digest(),
  signature: hex(
    "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589" +
      "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
  ),
};

const rfc8032 = [...[0, 1, 2, 1023].map((i) => lines[i]!), shaAbc];

function publicKeyOf(m: Instance, seed: Uint8Array): Buffer {
  const out = m.alloc(32);
  m.call("ed25519PublicKey", out, m.put(seed));
  const key = Buffer.from(m.read(out, 32));
  m.reset();
  return key;
}

/** The signature, or the error; nothing else may come out then. */
function sign(m: Instance, seed: Uint8Array, message: Uint8Array): Buffer | number {
  const out = m.put(Buffer.alloc(64, 0xee));
  const result = m.call("ed25519Sign", out, m.put(seed), m.put(message), message.length);
  const signature = Buffer.from(m.read(out, 64));
  m.reset();
  if (result < 0) assert.deepEqual(signature, Buffer.alloc(64), "nothing comes out");
  return result < 0 ? result : signature;
}

function verify(m: Instance, key: Uint8Array, message: Uint8Array, signature: Uint8Array): number {
  const args = [m.put(key), key.length, m.put(message), message.length, m.put(signature)];
  const valid = m.call("ed25519Verify", ...args, signature.length);
  m.reset();
  return valid;
}

function opensslAccepts(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const der = Buffer.concat([hex("302a300506032b6570032100"), key]); // RFC 8410, 4
  const publicKey = createPublicKey({ key: der, format: "der", type: "spki" });
  return nodeVerify(null, message, publicKey, signature);
}

/** SHA-512(R, A, message) mod L. */
function challenge(R: Uint8Array, A: Uint8Array, message: Uint8Array): bigint {
  return fromLittle(createHash("sha512").update(R).update(A).update(message).digest()) % L;
}

/** R and S by which S B = R + k a B, for an A that may be more than a B, or another encoding. */
function forge(R: Uint8Array, r: bigint, a: bigint, A: Uint8Array, message: Uint8Array): Buffer {
  return Buffer.concat([R, toLittle(mod(r + challenge(R, A, message) * a, L))]);
}

/** What lenient decoders take for the neutral point, and should not: x = -0, and y above p. */
const otherEncodings = [1n | (1n << 255n), P + 1n, (P + 1n) | (1n << 255n)];

for (const engine of limbEngines) {
  const m = await loadEntry("edwards", engine);
  const slow = engine === "wasm3";
  const { seed, key, message, signature } = shaAbc;

  test(`Ed25519: RFC 8032, 7.1, and its authors' signatures (${engine})`, (t) => {
    const tally = new Tally("sign.input and RFC 8032");
    const step = slow ? 256 : long ? 1 : 16;
    for (const [i, one] of [...rfc8032, ...lines].entries()) {
      if (i >= rfc8032.length && i % step !== 0) {
        tally.skip("left out to be quick");
        continue;
      }
      assert.deepEqual(publicKeyOf(m, one.seed), one.key, one.name);
      assert.deepEqual(sign(m, one.seed, one.message), one.signature, one.name);
      assert.equal(verify(m, one.key, one.message, one.signature), 1, one.name);
      tally.ran();
    }
    assert.equal(m.call("scratchUsed"), 0);
    tally.report(t, 1029);
  });

  test(`Ed25519: Wycheproof (${engine})`, (t) => {
    type Case = { msg: string; sig: string };
    const file = wycheproof<Case, { publicKey: { pk: string } }>("ed25519");
    if (file === null) return t.skip("no Wycheproof files here");
    const tally = new Tally(file.file);
    for (const group of file.groups) {
      for (const { tcId, msg, sig, result, comment } of group.tests) {
        const valid = verify(m, hex(group.publicKey.pk), hex(msg), hex(sig));
        assert.equal(valid, result === "valid" ? 1 : 0, `case ${tcId} ${comment}`);
        tally.ran();
      }
    }
    tally.report(t, file.numberOfTests);
  });

  test(`Ed25519: each bit counts, and each length (${engine})`, () => {
    const flipped = (bytes: Buffer, bit: number): Buffer => {
      const copy = Buffer.from(bytes);
      copy[bit >> 3]! ^= 1 << (bit & 7);
      return copy;
    };
    const step = slow ? 101 : 7;
    for (let bit = 0; bit < 512; bit += step) {
      assert.equal(verify(m, key, message, flipped(signature, bit)), 0, `signature, bit ${bit}`);
      assert.equal(verify(m, key, flipped(message, bit), signature), 0, `message, bit ${bit}`);
    }
    for (let bit = 0; bit < 256; bit += step) {
      assert.equal(verify(m, flipped(key, bit), message, signature), 0, `key, bit ${bit}`);
    }
    const longer = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc(1)]);
    assert.equal(verify(m, key, longer(message), signature), 0);
    for (const other of [longer(signature), signature.subarray(0, 63), signature.subarray(0, 0)]) {
      assert.equal(verify(m, key, message, other), 0);
    }
    for (const other of [longer(key), key.subarray(0, 31), key.subarray(0, 0)]) {
      assert.equal(verify(m, other, message, signature), 0);
    }
    assert.equal(verify(m, key, message, signature), 1);
  });

  test(`Ed25519: S is below L (${engine})`, () => {
    const R = signature.subarray(0, 32);
    const S = fromLittle(signature.subarray(32));
    for (let other = S + L; other < 2n ** 256n; other += slow ? 5n * L : L) {
      assert.equal(verify(m, key, message, Buffer.concat([R, toLittle(other)])), 0);
    }
  });

  test(`Ed25519: R and A have one encoding each (${engine})`, () => {
    // With r = 0, R is the neutral point: right by the equation, and OpenSSL takes it.
    const a = fromLittle(new Random(8032).bytes(32)) % L;
    const A = encode(multiply(a));
    const neutral = forge(encode(IDENTITY), 0n, a, A, message);
    assert.ok(opensslAccepts(A, message, neutral));
    assert.equal(verify(m, A, message, neutral), 1);
    for (const R of otherEncodings.map(toLittle)) {
      const forged = forge(R, 0n, a, A, message);
      assert.equal(verify(m, A, message, forged), 0, R.toString("hex"));
    }
    for (const other of otherEncodings.map(toLittle)) {
      const forged = forge(encode(multiply(5n)), 5n, 0n, other, message);
      assert.equal(verify(m, other, message, forged), 0, other.toString("hex"));
    }
  });

  test(`Ed25519: keys of small order, for which anybody signs, are refused (${engine})`, () => {
    let lenient = 0;
    for (const A of SMALL.map(encode)) {
      for (let r = 1n; r < (slow ? 3n : 12n); r++) {
        const forged = forge(encode(multiply(r)), r, 0n, A, message);
        if (opensslAccepts(A, message, forged)) lenient++;
        assert.equal(verify(m, A, message, forged), 0);
      }
    }
    assert.ok(lenient > 1, "the equation holds for some");
  });

  test(`Ed25519: keys that are partly of small order, as in OpenSSL (${engine})`, () => {
    // The equation without the cofactor holds where the challenge makes the small part vanish.
    const random = new Random(8);
    const seen = [0, 0];
    for (let i = 0; i < (slow ? 4 : 24); i++) {
      const a = fromLittle(random.bytes(32)) % L;
      const A = encode(addPoints(multiply(a), SMALL[4]!));
      const text = random.bytes(i);
      const forged = forge(encode(multiply(7n)), 7n, a, A, text);
      const expected = opensslAccepts(A, text, forged) ? 1 : 0;
      assert.equal(verify(m, A, text, forged), expected);
      assert.ok(ed25519.verify(forged, text, A, { zip215: true }), "with the cofactor");
      seen[expected]!++;
    }
    assert.ok(seen[0]! > 0 && seen[1]! > 0, "both answers");
  });

  test(`Ed25519: a fault in the multiples gives no signature (${engine})`, () => {
    const table = m.call("combTableAt");
    for (let i = 0; i < (slow ? 1 : 16); i++) {
      const at = table + 120 * i + 2 * i;
      const byte = m.read(at, 1)[0]!;
      m.write(at, Uint8Array.of(byte ^ (1 << (i & 7))));
      assert.equal(sign(m, seed, message), EIO, `table at ${at - table}`);
      m.write(at, Uint8Array.of(byte));
    }
    assert.deepEqual(sign(m, seed, message), signature);
  });

  test(`Ed25519: leaves no trace in its working memory (${engine})`, () => {
    sign(m, seed, message);
    assert.equal(m.call("scratchUsed"), 0);
    assert.ok(m.read(m.call("columnsAt"), 240).every((byte) => byte === 0));
    publicKeyOf(m, seed);
    assert.ok(m.read(m.call("columnsAt"), 240).every((byte) => byte === 0));
  });

  test(`key pairs from the DRBG: Ed25519 (${engine})`, () => {
    const drbg = m.alloc(m.call("drbgStateSize"));
    const again = m.alloc(m.call("drbgStateSize"));
    const entropy = m.put(new Random(48).bytes(48));
    m.call("drbgBegin", drbg, entropy, 48);
    m.call("drbgBegin", again, entropy, 48);
    const [drawn, out, bytes] = [m.alloc(32), m.alloc(32), m.alloc(32)];
    assert.equal(m.call("generateKeyPair", ED25519, drawn, out, drbg), 1);
    m.call("drbgFill", again, bytes, 32);
    assert.deepEqual(m.read(drawn, 32), m.read(bytes, 32), "one draw");
    assert.deepEqual(m.read(out, 32), ed25519.getPublicKey(m.read(drawn, 32)));
    m.reset();
  });
}
