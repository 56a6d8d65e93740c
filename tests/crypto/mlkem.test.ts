import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { ml_kem768 as noble } from "@noble/post-quantum/ml-kem.js";
import { engines, type EngineName, type Instance, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { spread } from "../vectors/cavp.ts";
import { readRsp } from "../vectors/rsp.ts";
import { Tally, wycheproof } from "../vectors/wycheproof.ts";
import { hex, putAt } from "./bytes.ts";

const SECRET = 32;
const PUBLIC = 1184;
const PUBLIC_AT = 1152;
const HASH_AT = PUBLIC_AT + PUBLIC;
const REJECTION_AT = HASH_AT + 32;
const PRIVATE = REJECTION_AT + 32;
const CIPHERTEXT = 1088;
const Q = 3329;

const LONG = process.env.WASSL_LONG === "1";

/**
 * SHAKE128 of n random runs (Go, crypto/mlkem, TestAccumulated; C2SP CCTV, ML-KEM/accumulated).
 */
const ACCUMULATED = {
  100: "1114b1b6699ed191734fa339376afa7e285c9e6acf6ff0177d346696ce564415",
  10000: "8a518cc63da366322a8e7a818c7a0d63483cb3528d34a4cf42f35d5ad73f22fc",
} as const;

function privateKeyOf(m: Instance, seed: Uint8Array): Buffer {
  const key = m.alloc(PRIVATE);
  m.call("mlkemKeyPair", key, m.put(seed));
  const bytes = Buffer.from(m.read(key, PRIVATE));
  m.reset();
  return bytes;
}

const publicOf = (privateKey: Buffer): Buffer => privateKey.subarray(PUBLIC_AT, HASH_AT);

/** Null where the key is refused; then nothing may have been written. */
function encapsulate(m: Instance, publicKey: Uint8Array, randomness: Uint8Array, at = 0) {
  const secret = putAt(m, new Uint8Array(SECRET).fill(0xaa), at);
  const ciphertext = putAt(m, new Uint8Array(CIPHERTEXT).fill(0xaa), at);
  const [p, r] = [putAt(m, publicKey, at), putAt(m, randomness, at)];
  const ok = m.call("mlkemEncapsulate", secret, ciphertext, p, publicKey.length, r);
  const K = Buffer.from(m.read(secret, SECRET));
  const c = Buffer.from(m.read(ciphertext, CIPHERTEXT));
  m.reset();
  if (ok === 1) return { K, c };
  assert.ok([...K, ...c].every((byte) => byte === 0xaa));
  return null;
}

/** Null where one of them is refused; then nothing may have been written. */
function decapsulate(m: Instance, privateKey: Uint8Array, c: Uint8Array, at = 0): Buffer | null {
  const secret = putAt(m, new Uint8Array(SECRET).fill(0xaa), at);
  const [k, p] = [putAt(m, privateKey, at), putAt(m, c, at)];
  const ok = m.call("mlkemDecapsulate", secret, k, privateKey.length, p, c.length);
  const K = Buffer.from(m.read(secret, SECRET));
  m.reset();
  if (ok === 1) return K;
  assert.ok(K.every((byte) => byte === 0xaa));
  return null;
}

/** What a wrong ciphertext must give: FIPS 203, algorithm 18, line 7. */
function rejection(privateKey: Buffer, c: Uint8Array): Buffer {
  const z = privateKey.subarray(REJECTION_AT);
  return createHash("shake256", { outputLength: SECRET }).update(z).update(c).digest();
}

interface KemCase {
  seed: string;
  ek: string;
  dk: string;
  m: string;
  c: string;
  K: string;
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** One case of any of the Wycheproof files; the fields say what it is about. */
type Check = (m: Instance, one: KemCase) => { K: Buffer; c?: Buffer } | null;

const FILES: [string, Check][] = [
  ["mlkem_768_keygen_seed", checkKeyPair],
  ["mlkem_768_encaps", (m, one) => encapsulate(m, hex(one.ek), hex(one.m))],
  ["mlkem_768", (m, one) => open(m, privateKeyOf(m, hex(one.seed)), one.c)],
  ["mlkem_768_semi_expanded_decaps", (m, one) => open(m, hex(one.dk), one.c)],
];

function checkKeyPair(m: Instance, one: KemCase): { K: Buffer } {
  const key = privateKeyOf(m, hex(one.seed));
  assert.equal(publicOf(key).toString("hex"), one.ek);
  assert.equal(key.toString("hex"), one.dk);
  return { K: Buffer.alloc(0) };
}

function open(m: Instance, privateKey: Buffer, c: string): { K: Buffer } | null {
  const K = decapsulate(m, privateKey, hex(c));
  return K && { K };
}

async function runWycheproof(m: Instance, engine: EngineName, file: string, check: Check) {
  const vectors = wycheproof<KemCase>(file);
  if (vectors === null) return null;
  const tally = new Tally(vectors.file);
  const all = vectors.groups.flatMap((group) => group.tests);
  for (const one of spread(all, all.length > 50 ? 5 : 1, engine, tally)) {
    if (one.seed !== undefined && hex(one.seed).length !== 64) {
      tally.skip("with a seed of another length, which our own callers make");
      continue;
    }
    const result = check(m, one);
    assert.equal(result !== null, one.result === "valid", `${file}, case ${one.tcId}`);
    if (result !== null && one.K) assert.equal(result.K.toString("hex"), one.K, `${one.tcId}`);
    if (result?.c) assert.equal(result.c.toString("hex"), one.c, `case ${one.tcId}`);
    tally.ran();
  }
  return { tally, expected: vectors.numberOfTests };
}

for (const engine of engines) {
  test(`ML-KEM-768: NIST ACVP (${engine})`, async (t) => {
    const m = await loadEntry("post-quantum", engine);
    let run = 0;
    for (const one of readRsp("acvp-mlkem768.rsp", "dkSHA256")) {
      const key = privateKeyOf(m, Buffer.concat([one.bytes("d"), one.bytes("z")]));
      assert.equal(sha256(publicOf(key)), one.text("ekSHA256"));
      assert.equal(sha256(key), one.text("dkSHA256"));
      run++;
    }
    for (const one of readRsp("acvp-mlkem768.rsp", "k")) {
      if (one.section === "encapsulation") {
        const result = encapsulate(m, one.bytes("ek"), one.bytes("m"))!;
        assert.equal(sha256(result.c), one.text("cSHA256"));
        assert.deepEqual(result.K, one.bytes("k"));
      } else {
        assert.deepEqual(decapsulate(m, one.bytes("dk"), one.bytes("c")), one.bytes("k"));
      }
      run++;
    }
    assert.equal(run, 40);
    t.diagnostic(`NIST ACVP, ML-KEM-768: ${run} run, 0 skipped`);
  });

  for (const [file, check] of FILES) {
    test(`ML-KEM-768: Wycheproof, ${file} (${engine})`, async (t) => {
      const m = await loadEntry("post-quantum", engine);
      const result = await runWycheproof(m, engine, file, check);
      if (result === null) return t.skip("no Wycheproof files here");
      result.tally.report(t, result.expected);
    });
  }

  test(`ML-KEM-768: the hash over random runs (${engine})`, async (t) => {
    const m = await loadEntry("post-quantum", engine);
    const n = LONG || engine === "native" ? 10000 : 100;
    const out = m.alloc(32);
    assert.equal(m.call("accumulate", n, out), 1);
    assert.equal(Buffer.from(m.read(out, 32)).toString("hex"), ACCUMULATED[n]);
    t.diagnostic(`random runs: ${n} run, 0 skipped`);
  });

  test(`ML-KEM-768: one bit turned in the ciphertext is rejected (${engine})`, async () => {
    const m = await loadEntry("post-quantum", engine);
    const random = new Random(52);
    const key = privateKeyOf(m, random.bytes(64));
    const { K, c } = encapsulate(m, publicOf(key), random.bytes(32))!;
    assert.deepEqual(decapsulate(m, key, c), K);
    for (let bit = 0; bit < 8 * CIPHERTEXT; bit += engine === "v8" ? 67 : 1009) {
      const wrong = flipped(c, bit);
      assert.deepEqual(decapsulate(m, key, wrong), rejection(key, wrong), `bit ${bit}`);
    }
    const last = flipped(c, 8 * CIPHERTEXT - 1);
    assert.deepEqual(decapsulate(m, key, last), rejection(key, last));
  });

  test(`ML-KEM-768: public keys with numbers from q on are refused (${engine})`, async () => {
    const m = await loadEntry("post-quantum", engine);
    const random = new Random(53);
    const good = publicOf(privateKeyOf(m, random.bytes(64)));
    const randomness = random.bytes(32);
    for (const i of [0, 1, 255, 256, 511, 766, 767]) {
      for (const value of [Q, Q + 1, 0xfff]) {
        assert.equal(encapsulate(m, withNumber(good, i, value), randomness), null, `${i}`);
      }
      const largest = withNumber(good, i, Q - 1);
      const expected = noble.encapsulate(largest, randomness);
      const ours = encapsulate(m, largest, randomness)!;
      assert.deepEqual(ours.c, Buffer.from(expected.cipherText));
    }
    for (const n of [0, PUBLIC - 1, PUBLIC + 1]) {
      assert.equal(encapsulate(m, Buffer.concat([good, good]).subarray(0, n), randomness), null);
    }
  });

  test(`ML-KEM-768: damaged private keys (${engine})`, async () => {
    const m = await loadEntry("post-quantum", engine);
    const random = new Random(54);
    const key = privateKeyOf(m, random.bytes(64));
    const { c } = encapsulate(m, publicOf(key), random.bytes(32))!;
    for (const at of [PUBLIC_AT, HASH_AT - 1, HASH_AT, REJECTION_AT - 1]) {
      assert.equal(decapsulate(m, flipped(key, 8 * at), c), null, `byte ${at}`);
    }
    // The hash does not cover s, not even its being below q.
    for (const byte of [0x00, 0xff]) {
      const wrong = Buffer.from(key).fill(byte, 0, PUBLIC_AT);
      assert.deepEqual(decapsulate(m, wrong, c), rejection(wrong, c));
    }
    for (const n of [0, PRIVATE - 1, PRIVATE + 1]) {
      assert.equal(decapsulate(m, Buffer.concat([key, key]).subarray(0, n), c), null);
    }
    for (const n of [0, CIPHERTEXT - 1, CIPHERTEXT + 1]) {
      assert.equal(decapsulate(m, key, Buffer.concat([c, c]).subarray(0, n)), null);
    }
    assert.equal(m.call("scratchMark"), 0);
  });
}

function flipped(bytes: Uint8Array, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

/** The public key with number i, 12 bits, replaced. */
function withNumber(key: Buffer, i: number, value: number): Buffer {
  const copy = Buffer.from(key);
  const at = (i >> 1) * 3;
  if (i % 2 === 0) {
    copy[at] = value & 0xff;
    copy[at + 1] = (copy[at + 1]! & 0xf0) | (value >> 8);
  } else {
    copy[at + 1] = (copy[at + 1]! & 0x0f) | ((value & 15) << 4);
    copy[at + 2] = value >> 4;
  }
  return copy;
}
