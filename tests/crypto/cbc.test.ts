// AES decryption and CBC, and the parts of the constant-time MAC check; records are in
// cbc-hmac.test.ts.

import assert from "node:assert/strict";
import { createCipheriv, createHash } from "node:crypto";
import { test } from "node:test";
import { engines, type Instance, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { readCavp, spread } from "../vectors/cavp.ts";
import { Tally, wycheproof } from "../vectors/wycheproof.ts";
import { hex, putAt, stateOf } from "./bytes.ts";

const BLOCK = 16;
const FILES = ["GFSbox", "KeySbox", "VarKey", "VarTxt", "MMT"];

type Direction = "cbcEncrypt" | "cbcDecrypt";

function cbc(
  m: Instance,
  name: Direction,
  key: Uint8Array,
  iv: Uint8Array,
  text: Uint8Array,
  at = 0,
) {
  const state = stateOf(m, "aes");
  m.call("aesBegin", state, m.put(key), key.length);
  const p = putAt(m, text, at);
  m.call(name, state, putAt(m, iv, at), p, text.length);
  const result = Buffer.from(m.read(p, text.length));
  m.reset();
  return result;
}

interface CbcCase {
  key: string;
  iv: string;
  msg: string;
  ct: string;
}

function padded(text: Buffer): Buffer {
  const n = BLOCK - (text.length % BLOCK);
  return Buffer.concat([text, Buffer.alloc(n, n)]);
}

/** PKCS #5, which Wycheproof's cases have around CBC; TLS counts one less. */
function isPadded(text: Buffer): boolean {
  const n = text.at(-1) ?? 0;
  return n >= 1 && n <= BLOCK && text.subarray(-n).every((byte) => byte === n);
}

function checkPkcs5(m: Instance, one: CbcCase & { result: string }, name: string): void {
  const [key, iv, ct] = [hex(one.key), hex(one.iv), hex(one.ct)];
  const plain = cbc(m, "cbcDecrypt", key, iv, ct);
  if (one.result === "valid") {
    assert.deepEqual(plain, padded(hex(one.msg)), name);
    assert.deepEqual(cbc(m, "cbcEncrypt", key, iv, plain), ct, name);
  } else {
    assert.ok(!isPadded(plain), name);
  }
}

for (const engine of engines) {
  test(`AES-CBC: NIST CAVP (${engine})`, async (t) => {
    const m = await loadEntry("crypto-symmetric", engine);
    for (const bits of [128, 256]) {
      for (const file of FILES) {
        const tally = new Tally(`NIST CAVP, CBC${file}${bits}`);
        const path = `ciphers/AES/CBC/CBC${file}${bits}.rsp`;
        const ends = ["CIPHERTEXT", "PLAINTEXT"] as const;
        const cases = ends.flatMap((last, i) =>
          readCavp(path, last).filter(({ section }) => section === ["ENCRYPT", "DECRYPT"][i]),
        );
        for (const one of spread(cases, 8, engine, tally)) {
          const [from, to] = one.section === "ENCRYPT" ? [ends[1], ends[0]] : ends;
          const name = one.section === "ENCRYPT" ? "cbcEncrypt" : "cbcDecrypt";
          const result = cbc(m, name, one.bytes("KEY"), one.bytes("IV"), one.bytes(from));
          assert.deepEqual(result, one.bytes(to));
          tally.ran();
        }
        tally.report(t, cases.length);
      }
    }
  });

  test(`AES-CBC: Wycheproof (${engine})`, async (t) => {
    const vectors = wycheproof<CbcCase, { keySize: number }>("aes_cbc_pkcs5");
    if (vectors === null) return t.skip("no Wycheproof files here");
    const m = await loadEntry("crypto-symmetric", engine);
    const tally = new Tally(vectors.file);
    for (const { keySize, tests } of vectors.groups) {
      for (const one of tests) {
        if (keySize === 192) tally.skip("with AES-192, which TLS does not use");
        else if (hex(one.ct).length % BLOCK !== 0) tally.skip("not whole blocks, which CBC takes");
        else {
          checkPkcs5(m, one, `case ${one.tcId}`);
          tally.ran();
        }
      }
    }
    tally.report(t, vectors.numberOfTests);
  });

  test(`AES-CBC: all numbers of blocks, all alignments, as Node (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const random = new Random(91);
    for (let blocks = 0; blocks < 20; blocks++) {
      for (const size of [16, 32]) {
        const [key, iv, text] = [size, BLOCK, BLOCK * blocks].map((n) => random.bytes(n));
        const cipher = createCipheriv(`aes-${8 * size}-cbc`, key!, iv!).setAutoPadding(false);
        const expected = Buffer.concat([cipher.update(text!), cipher.final()]);
        assert.deepEqual(cbc(m, "cbcEncrypt", key!, iv!, text!, blocks % 8), expected);
        assert.deepEqual(cbc(m, "cbcDecrypt", key!, iv!, expected, blocks % 5), Buffer.from(text!));
      }
    }
    assert.equal(m.call("scratchMark"), 0);
  });

  test(`hashes of texts of secret length, as Node (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const random = new Random(92);
    for (const [id, name, size] of [
      [2, "sha1", 20],
      [4, "sha256", 32],
      [5, "sha384", 48],
    ] as const) {
      const state = stateOf(m, "hash");
      const bytes = random.bytes(400);
      const [p, out] = [m.put(bytes), m.alloc(size)];
      for (let n = 0; n <= 260; n += engine === "v8" ? 1 : 5) {
        const before = random.below(140);
        m.call("hashBegin", state, id);
        m.call("hashUpdate", state, p, before);
        m.call("hashEndSecretLength", state, out, p + before, n, n + random.below(261 - n));
        const result = Buffer.from(m.read(out, size));
        const expected = createHash(name)
          .update(bytes.subarray(0, before + n))
          .digest();
        assert.deepEqual(result, expected, `${name}: ${before} + ${n}`);
      }
      m.reset();
    }
    assert.equal(m.call("scratchMark"), 0);
  });

  test(`bytes out of a secret place (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const bytes = new Random(93).bytes(400);
    const p = m.put(bytes);
    for (const size of [20, 32, 48]) {
      const out = m.alloc(size);
      for (let place = 0; place <= 255; place += engine === "v8" ? 1 : 7) {
        for (const most of [place, 255]) {
          m.call("extractSecretPlace", out, p, place, most, size);
          assert.deepEqual(m.read(out, size), bytes.slice(place, place + size), `${place}`);
        }
      }
    }
    m.reset();
  });
}
