// Records: sealed ones against node:crypto, opened ones at every limit of RFC 8446, 5.

import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { before, describe, it } from "node:test";
import { engines, loadEntry, type Instance } from "../harness/instance.ts";
import { Alert, concat, record, u16, u8 } from "../harness/tls13-wire.ts";
import { localAlert } from "../tls13/refusal.ts";

const HEADER = 5;
const TAG = 16;
const MAX_TEXT = 16384;
const NOT_TLS = localAlert(255);
const AEADS = [
  { id: 1, name: "aes-128-gcm", keySize: 16 },
  { id: 2, name: "aes-256-gcm", keySize: 32 },
  { id: 3, name: "chacha20-poly1305", keySize: 32 },
] as const;
type Aead = (typeof AEADS)[number];

const filled = (n: number, seed = 7): Uint8Array =>
  Uint8Array.from({ length: n }, (_, i) => (i * seed + 3) & 255);
const IV = filled(12, 11);

/** The record of RFC 8446, 5.2, around an inner plaintext of the test's making. */
function seal({ name, keySize }: Aead, sequence: bigint, inner: Uint8Array): Uint8Array {
  const nonce = Buffer.from(IV);
  nonce.writeBigUInt64BE(nonce.readBigUInt64BE(4) ^ sequence, 4);
  const header = concat(Uint8Array.of(23, 3, 3), u16(inner.length + TAG));
  const options = { authTagLength: TAG } as const;
  const cipher = createCipheriv(name as "chacha20-poly1305", filled(keySize), nonce, options);
  cipher.setAAD(header, { plaintextLength: inner.length });
  const text = cipher.update(inner);
  cipher.final();
  return concat(header, text, cipher.getAuthTag());
}

for (const engine of engines) {
  describe(`records (${engine})`, () => {
    let m: Instance;
    before(async () => (m = await loadEntry("tls", engine)));

    const newHalf = (aead?: Aead, sequence = 0n): number => {
      const key = m.put(filled(aead?.keySize ?? 1));
      const half = m.call("half_new", aead?.id ?? 0, key, m.put(IV));
      m.call("half_set_sequence", half, sequence);
      return half;
    };

    /** What record_open gives: an error, or the type and the content. */
    const open = (half: number, bytes: Uint8Array, limit = MAX_TEXT): number | object => {
      const at = m.put(bytes);
      const result = m.call("record_open", half, at, limit);
      if (result < 0) return result;
      return { type: result >> 16, content: m.read(at + HEADER, result & 0xffff).slice() };
    };

    for (const aead of AEADS) {
      it(`${aead.name}: seals as node:crypto does, at every sequence number`, () => {
        for (const sequence of [0n, 1n, 255n, 256n, 0xffffffffn, 0x100000000n, 1n << 62n]) {
          const content = filled(100);
          const at = m.put(concat(new Uint8Array(HEADER), content, new Uint8Array(1 + TAG)));
          const n = m.call("record_seal", newHalf(aead, sequence), 22, at, content.length);
          const expected = seal(aead, sequence, concat(content, u8(22)));
          assert.deepEqual(m.read(at, n).slice(), expected);
        }
      });

      it(`${aead.name}: opens, padded or not, and counts`, () => {
        const half = newHalf(aead);
        const content = filled(333);
        for (let i = 0; i < 4; i++) {
          const inner = concat(content, u8(23), new Uint8Array(i * 50));
          assert.deepEqual(open(half, seal(aead, BigInt(i), inner)), { type: 23, content });
        }
        assert.equal(m.callBig("half_sequence", half), 4n);
      });

      it(`${aead.name}: refuses any byte changed, and another sequence number`, () => {
        const good = seal(aead, 0n, concat(filled(20), u8(23)));
        for (const i of [...good.keys()].filter((i) => i !== 0 && i !== 3 && i !== 4)) {
          const bad = good.slice();
          bad[i] ^= 0x40;
          assert.equal(open(newHalf(aead), bad), localAlert(Alert.badRecordMac), `byte ${i}`);
        }
        assert.equal(open(newHalf(aead, 1n), good), localAlert(Alert.badRecordMac));
      });
    }

    it("plaintext: the first record says TLS 1.0, those after it 1.2", () => {
      const half = newHalf();
      const content = filled(9);
      for (const version of [0x0301, 0x0303, 0x0303]) {
        const at = m.put(concat(new Uint8Array(HEADER), content, new Uint8Array(1 + TAG)));
        const n = m.call("record_seal", half, 22, at, content.length);
        assert.deepEqual(m.read(at, n).slice(), record(22, content, version));
      }
    });

    it("plaintext: the version is ignored, the type and the length are not", () => {
      const content = filled(3);
      const opened = { type: 22, content };
      for (const version of [0, 0x0300, 0x0303, 0xffff]) {
        assert.deepEqual(open(newHalf(), record(22, content, version)), opened);
      }
      for (const type of [0, 19, 24, 72, 255]) {
        assert.equal(open(newHalf(), record(type, content)), NOT_TLS);
      }
      const longest = filled(MAX_TEXT);
      assert.deepEqual(open(newHalf(), record(22, longest)), { type: 22, content: longest });
      const overflow = localAlert(Alert.recordOverflow);
      assert.equal(open(newHalf(), record(22, filled(MAX_TEXT + 1))), overflow);
    });

    it("ciphertext: the limits of 2^14 and 2^14 + 256", () => {
      const aead = AEADS[2];
      const inner = (content: number, padding: number): Uint8Array =>
        concat(filled(content), u8(23), new Uint8Array(padding));
      const overflow = localAlert(Alert.recordOverflow);
      const longest = open(newHalf(aead), seal(aead, 0n, inner(MAX_TEXT, 0)));
      assert.deepEqual(longest, { type: 23, content: filled(MAX_TEXT) });
      assert.equal(open(newHalf(aead), seal(aead, 0n, inner(MAX_TEXT, 1))), overflow);
      assert.equal(open(newHalf(aead), seal(aead, 0n, inner(0, MAX_TEXT + 1))), overflow);
      const tooLong = record(23, new Uint8Array(MAX_TEXT + 257));
      assert.equal(open(newHalf(aead), tooLong), overflow);
      const small = seal(aead, 0n, inner(513, 0));
      assert.equal(open(newHalf(aead), small, 512), overflow);
    });

    it("ciphertext: what may be inside, and outside", () => {
      const aead = AEADS[2];
      const unexpected = localAlert(Alert.unexpectedMessage);
      const opened = (inner: Uint8Array): number | object =>
        open(newHalf(aead), seal(aead, 0n, inner));
      assert.equal(opened(new Uint8Array(40)), unexpected, "nothing but padding");
      assert.equal(opened(new Uint8Array(0)), unexpected, "nothing");
      for (const type of [1, 20, 24, 255]) assert.equal(opened(u8(type)), unexpected, `${type}`);
      assert.deepEqual(opened(u8(23)), { type: 23, content: new Uint8Array(0) });
      for (let n = 0; n < TAG; n++) {
        const short = open(newHalf(aead), record(23, new Uint8Array(n)));
        assert.equal(short, localAlert(Alert.badRecordMac), `${n} bytes`);
      }
      for (const type of [21, 22]) {
        assert.equal(open(newHalf(aead), record(type, filled(40))), unexpected, `${type}`);
      }
    });

    it("keys are worn after 2^24 records", () => {
      assert.equal(m.call("half_is_worn", newHalf(AEADS[0], (1n << 24n) - 1n)), 0);
      assert.equal(m.call("half_is_worn", newHalf(AEADS[0], 1n << 24n)), 1);
    });
  });
}
