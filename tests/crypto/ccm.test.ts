// CCM's own vectors, and the tag sizes that TLS does not use; aead.test.ts has the rest.

import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { test } from "node:test";
import { engines, type Instance, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { readCavp } from "../vectors/cavp.ts";
import { Tally, wycheproof } from "../vectors/wycheproof.ts";
import { hex, putAt, stateOf } from "./bytes.ts";

interface Message {
  key: Uint8Array;
  nonce: Uint8Array;
  aad: Uint8Array;
  tagSize: number;
}

/** Text and tag, one behind the other. */
function seal(m: Instance, { key, nonce, aad, tagSize }: Message, plain: Uint8Array, at = 0) {
  const state = begin(m, key);
  const n = plain.length;
  const p = putAt(m, Buffer.concat([plain, Buffer.alloc(tagSize + 1)]), at);
  const [np, ap] = [putAt(m, nonce, at), putAt(m, aad, at)];
  m.call("ccmSeal", state, np, ap, aad.length, p, n, p + n, tagSize);
  assert.equal(m.read(p + n + tagSize, 1)[0], 0, "not a byte behind the tag");
  const sealed = Buffer.from(m.read(p, n + tagSize));
  m.reset();
  return sealed;
}

/** The text, or null where it is refused; what was refused is cleared. */
function open(m: Instance, { key, nonce, aad, tagSize }: Message, sealed: Uint8Array, at = 0) {
  const state = begin(m, key);
  const n = sealed.length - tagSize;
  const p = putAt(m, sealed, at);
  const [np, ap] = [putAt(m, nonce, at), putAt(m, aad, at)];
  const ok = m.call("ccmOpen", state, np, ap, aad.length, p, n, p + n, tagSize);
  const plain = Buffer.from(m.read(p, n));
  m.reset();
  if (ok === 1) return plain;
  assert.ok(plain.every((byte) => byte === 0));
  return null;
}

function begin(m: Instance, key: Uint8Array): number {
  const state = stateOf(m, "aes");
  m.call("ccmBegin", state, m.put(key), key.length);
  return state;
}

function reference({ key, nonce, aad, tagSize }: Message, plain: Uint8Array): Buffer {
  const name = key.length === 16 ? "aes-128-ccm" : "aes-256-ccm";
  const cipher = createCipheriv(name, key, nonce, { authTagLength: tagSize });
  cipher.setAAD(aad, { plaintextLength: plain.length });
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

interface CcmCase {
  key: string;
  iv: string;
  aad: string;
  msg: string;
  ct: string;
  tag: string;
}
interface CcmGroup {
  ivSize: number;
  keySize: number;
  tagSize: number;
}

/** Why a group is not for ccm.ts, or null. */
function foreign({ ivSize, keySize, tagSize }: CcmGroup): string | null {
  if (keySize === 192) return "with AES-192, which TLS does not use";
  if (ivSize !== 96) return "with a nonce that is not 12 bytes, which TLS does not use";
  return tagSize % 16 === 0 && tagSize >= 32 ? null : "with a tag size that CCM does not have";
}

for (const engine of engines) {
  test(`AES-CCM: NIST CAVP (${engine})`, async (t) => {
    const m = await loadEntry("crypto-symmetric", engine);
    for (const bits of [128, 256]) {
      const tally = new Tally(`NIST CAVP, CCM VNT${bits}`);
      const cases = readCavp(`ciphers/AES/CCM/VNT${bits}.rsp`, "CT");
      for (const one of cases) {
        if (one.section !== "Nlen = 12") {
          tally.skip("with a nonce that is not 12 bytes, which TLS does not use");
          continue;
        }
        const [key, nonce, aad] = [one.bytes("Key"), one.bytes("Nonce"), one.bytes("Adata")];
        const message = { key, nonce, aad, tagSize: 16 };
        assert.deepEqual(seal(m, message, one.bytes("Payload")), one.bytes("CT"));
        assert.deepEqual(open(m, message, one.bytes("CT")), one.bytes("Payload"));
        tally.ran();
      }
      tally.report(t, 70);
    }
  });

  test(`AES-CCM: Wycheproof (${engine})`, async (t) => {
    const vectors = wycheproof<CcmCase, CcmGroup>("aes_ccm");
    if (vectors === null) return t.skip("no Wycheproof files here");
    const m = await loadEntry("crypto-symmetric", engine);
    const tally = new Tally(vectors.file);
    for (const group of vectors.groups) {
      const reason = foreign(group);
      for (const one of group.tests) {
        if (reason !== null) {
          tally.skip(reason);
          continue;
        }
        const [key, nonce, aad] = [hex(one.key), hex(one.iv), hex(one.aad)];
        const message = { key, nonce, aad, tagSize: group.tagSize / 8 };
        const sealed = hex(one.ct + one.tag);
        const plain = one.result === "valid" ? hex(one.msg) : null;
        assert.deepEqual(open(m, message, sealed), plain, `case ${one.tcId}`);
        if (plain !== null) assert.deepEqual(seal(m, message, plain), sealed, `case ${one.tcId}`);
        tally.ran();
      }
    }
    tally.report(t, vectors.numberOfTests);
  });

  test(`AES-CCM: additional data of all lengths, all tags, as Node (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const random = new Random(81);
    const lengths = [...Array(50).keys(), 0xfeff, 0xff00, 0xff01];
    for (const [i, n] of lengths.entries()) {
      const key = random.bytes(i % 2 === 0 ? 16 : 32);
      const [nonce, aad, plain] = [12, n, i].map((size) => random.bytes(size));
      const message = { key, nonce: nonce!, aad: aad!, tagSize: 4 + 2 * (i % 7) };
      const sealed = seal(m, message, plain!, i % 8);
      assert.deepEqual(sealed, reference(message, plain!), `${n} bytes`);
      assert.deepEqual(open(m, message, sealed, (i + 3) % 8), Buffer.from(plain!));
      sealed[sealed.length - 1]! ^= 1;
      assert.equal(open(m, message, sealed), null);
    }
    assert.equal(m.call("scratchMark"), 0);
  });

  test(`AES-CCM: a text whose length needs three bytes (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const random = new Random(82);
    const [key, nonce, aad] = [16, 12, 13].map((n) => random.bytes(n)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const plain = new Uint8Array(0x1_0001).fill(0x3c);
    const message = { key, nonce, aad, tagSize: 16 };
    const sealed = seal(m, message, plain);
    assert.ok(sealed.equals(reference(message, plain)));
    assert.ok(open(m, message, sealed)!.equals(plain));
  });

  test(`AES-CCM: a text whose length does not fit (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const state = begin(m, new Uint8Array(16));
    const sealTooLong = () => m.call("ccmSeal", state, state, 0, 0, 0, 1 << 24, state, 16);
    // Our own refusal, not the end of the memory, up to which something would have been written.
    assert.throws(sealTooLong, { name: "Trap", message: /unreachable/ });
  });
}
