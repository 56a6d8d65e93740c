import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { test } from "node:test";
import { engines, type Instance, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { readRsp } from "../vectors/rsp.ts";
import { putAt } from "./bytes.ts";

interface Stream {
  key: Uint8Array;
  nonce: Uint8Array;
  counter: number;
}

function apply(m: Instance, { key, nonce, counter }: Stream, text: Uint8Array, at = 0): Buffer {
  const p = putAt(m, text, at);
  const [k, n] = [putAt(m, key, (at + 1) % 8), putAt(m, nonce, (at + 3) % 8)];
  m.call("chacha20Apply", k, n, counter, p, text.length);
  const result = Buffer.from(m.read(p, text.length));
  assert.equal(m.read(p + text.length, 1)[0], 0, "not a byte behind the text");
  m.reset();
  return result;
}

/** OpenSSL's ChaCha20: its IV is the counter, little-endian, and the nonce. */
function reference({ key, nonce, counter }: Stream, text: Uint8Array): Buffer {
  const iv = Buffer.alloc(16);
  iv.writeUInt32LE(counter);
  iv.set(nonce, 4);
  return createCipheriv("chacha20", key, iv).update(text);
}

for (const engine of engines) {
  test(`ChaCha20: RFC 8439, A.2 (${engine})`, async (t) => {
    const m = await loadEntry("crypto-symmetric", engine);
    const cases = readRsp("rfc8439.rsp", "CIPHERTEXT");
    for (const one of cases) {
      const counter = Number(one.text("INITIAL_BLOCK_COUNTER"));
      const stream = { key: one.bytes("KEY"), nonce: one.bytes("NONCE"), counter };
      const result = apply(m, stream, one.bytes("PLAINTEXT"));
      assert.equal(result.toString("hex"), one.text("CIPHERTEXT"));
    }
    t.diagnostic(`RFC 8439: ${cases.length} run, 0 skipped`);
  });

  test(`ChaCha20: the counter has 32 bits (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const stream = { key: new Uint8Array(32).fill(7), nonce: new Uint8Array(12).fill(9) };
    const zeros = new Uint8Array(192);
    const wrapped = apply(m, { ...stream, counter: 0xffff_ffff }, zeros);
    const last = reference({ ...stream, counter: 0xffff_ffff }, zeros.subarray(0, 64));
    // Behind the last block comes the first: the nonce stays what it is.
    const begin = reference({ ...stream, counter: 0 }, zeros.subarray(0, 128));
    assert.deepEqual(wrapped, Buffer.concat([last, begin]));
  });

  test(`ChaCha20: lengths to two blocks, all alignments, as Node (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const random = new Random(10);
    for (let n = 0; n <= 130; n++) {
      const counter = random.below(0x1_0000);
      const stream = { key: random.bytes(32), nonce: random.bytes(12), counter };
      const text = random.bytes(n);
      assert.deepEqual(apply(m, stream, text, n % 8), reference(stream, text));
    }
    assert.equal(m.call("scratchMark"), 0);
  });
}
