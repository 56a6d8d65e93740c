import assert from "node:assert/strict";
import { type CipherGCMTypes, createCipheriv } from "node:crypto";
import { test } from "node:test";
import { engines, type Instance, loadEntry, Trap } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { type RspCase, readRsp } from "../vectors/rsp.ts";
import { Tally, wycheproof } from "../vectors/wycheproof.ts";
import { hex, putAt, stateOf } from "./bytes.ts";

const AES_128_GCM = 1;
const AES_256_GCM = 2;
const CHACHA20_POLY1305 = 3;
const ids = [1, 2, 3, 4, 5, 6, 7];
/** By number: the key's size, the tag's, and how Node calls it. */
const kinds: Record<number, [number, number, string]> = {
  1: [16, 16, "aes-128-gcm"],
  2: [32, 16, "aes-256-gcm"],
  3: [32, 16, "chacha20-poly1305"],
  4: [16, 16, "aes-128-ccm"],
  5: [32, 16, "aes-256-ccm"],
  6: [16, 8, "aes-128-ccm"],
  7: [32, 8, "aes-256-ccm"],
};
const tagSizeOf = (id: number): number => kinds[id]![1];

/** Everything that goes into one record; `id` is a number of AeadId. */
interface Message {
  id: number;
  key: Uint8Array;
  nonce: Uint8Array;
  aad: Uint8Array;
}

interface Sealed {
  text: Buffer;
  tag: Buffer;
}

/** McGrew and Viega, "The Galois/Counter Mode of Operation", the cases with 96-bit nonces. */
function mcGrewViega(): (Message & Sealed & { plain: Buffer })[] {
  const plain = hex(
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72" +
      "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
  );
  const cipher = {
    [AES_128_GCM]: hex(
      "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e" +
        "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985",
    ),
    [AES_256_GCM]: hex(
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa" +
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
    ),
  };
  const key = "feffe9928665731c6d6a8f9467308308";
  const aad = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
  const zero = Buffer.alloc(12);
  const nonce = hex("cafebabefacedbaddecaf888");
  const none = Buffer.alloc(0);
  const empty = (id: number, tag: string) => ({
    ...{ id, key: Buffer.alloc(16 * id), nonce: zero, aad: none, plain: none },
    ...{ text: none, tag: hex(tag) },
  });
  const block = (id: number, text: string, tag: string) => ({
    ...{ id, key: Buffer.alloc(16 * id), nonce: zero, aad: none, plain: Buffer.alloc(16) },
    ...{ text: hex(text), tag: hex(tag) },
  });
  const long = (id: 1 | 2, n: number, data: string, tag: string) => ({
    ...{ id, key: hex(key.repeat(id)), nonce, aad: hex(data), plain: plain.subarray(0, n) },
    ...{ text: cipher[id].subarray(0, n), tag: hex(tag) },
  });
  return [
    empty(AES_128_GCM, "58e2fccefa7e3061367f1d57a4e7455a"),
    block(AES_128_GCM, "0388dace60b6a392f328c2b971b2fe78", "ab6e47d42cec13bdf53a67b21257bddf"),
    long(AES_128_GCM, 64, "", "4d5c2af327cd64a62cf35abd2ba6fab4"),
    long(AES_128_GCM, 60, aad, "5bc94fbc3221a5db94fae95ae7121a47"),
    empty(AES_256_GCM, "530f8afbc74536b9a963b4f1c4cb738b"),
    block(AES_256_GCM, "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"),
    long(AES_256_GCM, 64, "", "b094dac5d93471bdec1a502270e3cc6c"),
    long(AES_256_GCM, 60, aad, "76fc6ece0f4e1768cddf8853bb2d551b"),
  ];
}

function begin(m: Instance, { id, key }: Message, at: number): number {
  const state = stateOf(m, "aead");
  m.call("aeadBegin", state, id, putAt(m, key, at));
  return state;
}

/** Seals text at an address `at` above a multiple of 8, the tag right behind it as in a record. */
function seal(m: Instance, message: Message, plain: Uint8Array, at = 0): Sealed {
  const { nonce, aad } = message;
  const state = begin(m, message, at);
  const p = m.alloc(plain.length + 16 + 16) + at;
  m.write(p, plain);
  const n = plain.length;
  const tagSize = tagSizeOf(message.id);
  m.call("aeadSeal", state, putAt(m, nonce, at), putAt(m, aad, at), aad.length, p, n, p + n);
  assert.equal(m.read(p + n + tagSize, 1)[0], 0, "not a byte behind the tag");
  const sealed = { text: Buffer.from(m.read(p, n)), tag: Buffer.from(m.read(p + n, tagSize)) };
  m.reset();
  return sealed;
}

/** The plaintext, or null where it is refused; what was refused is cleared. */
function open(m: Instance, message: Message, { text, tag }: Sealed, at = 0): Buffer | null {
  const { nonce, aad } = message;
  const state = begin(m, message, at);
  const n = text.length;
  const p = putAt(m, Buffer.concat([text, tag]), at);
  const [np, ap] = [putAt(m, nonce, at), putAt(m, aad, at)];
  const ok = m.call("aeadOpen", state, np, ap, aad.length, p, n, p + n);
  const plain = Buffer.from(m.read(p, n));
  assert.deepEqual(Buffer.from(m.read(p + n, tag.length)), tag, "the tag stays as it was");
  m.reset();
  if (ok === 1) return plain;
  assert.ok(plain.every((byte) => byte === 0));
  return null;
}

function check(m: Instance, message: Message, plain: Buffer, sealed: Sealed, name: string) {
  const result = seal(m, message, plain);
  assert.deepEqual(result, { text: sealed.text, tag: sealed.tag }, name);
  assert.deepEqual(open(m, message, sealed), plain, name);
}

function reference({ id, key, nonce, aad }: Message, plain: Uint8Array): Sealed {
  const [, authTagLength, name] = kinds[id]!;
  const cipher = createCipheriv(name as CipherGCMTypes, key, nonce, { authTagLength });
  cipher.setAAD(aad, { plaintextLength: plain.length });
  const text = Buffer.concat([cipher.update(plain), cipher.final()]);
  return { text, tag: cipher.getAuthTag() };
}

function randomMessage(random: Random, id: number): Message {
  const key = random.bytes(kinds[id]![0]);
  return { id, key, nonce: random.bytes(12), aad: random.bytes(random.below(40)) };
}

/** The bytes with one bit turned. */
function flipped(bytes: Uint8Array, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[bit >> 3]! ^= 1 << (bit & 7);
  return copy;
}

function checkGcm(m: Instance, one: RspCase): void {
  const key = one.bytes("Key");
  const message = { id: key.length / 16, key, nonce: one.bytes("IV"), aad: one.bytes("AAD") };
  const sealed = { text: one.bytes("CT"), tag: one.bytes("Tag") };
  if (one.passes) check(m, message, one.bytes("PT"), sealed, one.section);
  else assert.equal(open(m, message, sealed), null);
}

interface AeadCase {
  key: string;
  iv: string;
  aad: string;
  msg: string;
  ct: string;
  tag: string;
}
interface AeadGroup {
  ivSize: number;
  keySize: number;
  tagSize: number;
}

/** Why TLS has no use for a group, or null. */
function foreign({ ivSize, keySize, tagSize }: AeadGroup): string | null {
  if (keySize === 192) return "with AES-192, which TLS does not use";
  if (ivSize !== 96) return "with a nonce that is not 12 bytes, which TLS does not use";
  return tagSize === 128 ? null : "with a tag that is not 16 bytes, which TLS does not use";
}

for (const engine of engines) {
  test(`AES-GCM: McGrew and Viega, NIST CAVP (${engine})`, async (t) => {
    const m = await loadEntry("crypto-symmetric", engine);
    const published = mcGrewViega();
    for (const one of published) check(m, one, one.plain, one, "McGrew and Viega");
    const cases = readRsp("cavp-gcm.rsp");
    for (const one of cases) checkGcm(m, one);
    t.diagnostic(`McGrew and Viega: ${published.length} run; CAVP: ${cases.length} run, 0 skipped`);
  });

  test(`ChaCha20-Poly1305: RFC 8439, 2.8.2 (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const cases = readRsp("rfc8439.rsp", "TAG").filter(({ section }) => section === "AEAD");
    assert.equal(cases.length, 1);
    for (const one of cases) {
      const [key, nonce, aad] = [one.bytes("KEY"), one.bytes("NONCE"), one.bytes("AD")];
      const message = { id: CHACHA20_POLY1305, key, nonce, aad };
      check(m, message, one.bytes("IN"), { text: one.bytes("CT"), tag: one.bytes("TAG") }, "2.8.2");
    }
  });

  for (const file of ["aes_gcm", "chacha20_poly1305"]) {
    test(`AEAD: Wycheproof, ${file} (${engine})`, async (t) => {
      const vectors = wycheproof<AeadCase, AeadGroup>(file);
      if (vectors === null) return t.skip("no Wycheproof files here");
      const m = await loadEntry("crypto-symmetric", engine);
      const tally = new Tally(vectors.file);
      for (const group of vectors.groups) {
        const id = file === "aes_gcm" ? group.keySize / 128 : CHACHA20_POLY1305;
        const reason = foreign(group);
        for (const one of group.tests) {
          if (reason !== null) {
            tally.skip(reason);
            continue;
          }
          const message = { id, key: hex(one.key), nonce: hex(one.iv), aad: hex(one.aad) };
          const sealed = { text: hex(one.ct), tag: hex(one.tag) };
          if (one.result === "valid") check(m, message, hex(one.msg), sealed, `case ${one.tcId}`);
          else assert.equal(open(m, message, sealed), null, `case ${one.tcId}`);
          tally.ran();
        }
      }
      tally.report(t, vectors.numberOfTests);
    });
  }

  test(`AEAD: all lengths across blocks, all alignments, as Node (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const random = new Random(15);
    for (const id of ids) {
      for (const n of [...Array(70).keys(), 127, 128, 129, 1000, 4099]) {
        const message = randomMessage(random, id);
        const plain = random.bytes(n);
        const expected = reference(message, plain);
        const sealed = seal(m, message, plain, n % 8);
        // Not deepEqual: what it prints of thousands of bytes that differ takes it minutes.
        const same = sealed.text.equals(expected.text) && sealed.tag.equals(expected.tag);
        assert.ok(same, `AEAD ${id}, ${n} bytes`);
        assert.ok(open(m, message, sealed, (n + 3) % 8)?.equals(plain), `AEAD ${id}, ${n} bytes`);
      }
    }
    assert.equal(m.call("scratchMark"), 0);
  });

  test(`AEAD: a whole record of 16 KB, and several under one key (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const random = new Random(16);
    for (const id of ids) {
      const message = randomMessage(random, id);
      const plain = random.bytes(16_384);
      const state = begin(m, message, 0);
      const [p, tag] = [m.alloc(plain.length), m.alloc(16)];
      for (const last of [0, 1, 2]) {
        const nonce = Uint8Array.from([...message.nonce.subarray(0, 11), last]);
        const expected = reference({ ...message, nonce }, plain);
        const [np, ap] = [m.put(nonce), m.put(message.aad)];
        m.write(p, plain);
        m.call("aeadSeal", state, np, ap, message.aad.length, p, plain.length, tag);
        assert.ok(expected.text.equals(m.read(p, plain.length)), "text");
        assert.ok(expected.tag.equals(m.read(tag, tagSizeOf(id))), "tag");
        assert.equal(
          m.call("aeadOpen", state, np, ap, message.aad.length, p, plain.length, tag),
          1,
        );
        assert.ok(Buffer.from(plain).equals(m.read(p, plain.length)));
      }
      m.reset();
    }
  });

  test(`AEAD: one bit turned anywhere is refused (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const random = new Random(17);
    for (const id of ids) {
      const message = { ...randomMessage(random, id), aad: random.bytes(5) };
      const sealed = seal(m, message, random.bytes(33));
      const { text, tag } = sealed;
      const refused = (what: Message, which: Sealed, where: string): void =>
        assert.equal(open(m, what, which), null, `AEAD ${id}, ${where}`);
      for (let i = 0; i < 8 * tag.length; i++) {
        refused(message, { text, tag: flipped(tag, i) }, `tag ${i}`);
      }
      for (let i = 0; i < 8 * 33; i += 3) {
        refused(message, { text: flipped(text, i), tag }, `text ${i}`);
      }
      for (let i = 0; i < 40; i++) {
        refused({ ...message, aad: flipped(message.aad, i) }, sealed, `additional data ${i}`);
      }
      refused({ ...message, nonce: flipped(message.nonce, 95) }, sealed, "nonce");
      refused({ ...message, key: flipped(message.key, 7) }, sealed, "key");
      refused(message, { text: text.subarray(0, 32), tag }, "a byte less");
      assert.notEqual(open(m, message, sealed), null);
    }
  });

  test(`AEAD: what does not exist (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    assert.deepEqual(
      [0, ...ids, 8].map((id) => m.call("aeadKeySize", id)),
      [0, ...ids.map((id) => kinds[id]![0]), 0],
    );
    assert.deepEqual(
      ids.map((id) => m.call("aeadTagSize", id)),
      ids.map(tagSizeOf),
    );
    const state = stateOf(m, "aead");
    assert.throws(() => m.call("aeadBegin", state, 8, state), Trap);
  });
}
