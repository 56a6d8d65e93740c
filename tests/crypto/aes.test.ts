import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { test } from "node:test";
import { engines, type Instance, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { readCavp, spread } from "../vectors/cavp.ts";
import { Tally } from "../vectors/wycheproof.ts";
import { hex, putAt, stateOf } from "./bytes.ts";

// FIPS 197, appendix B and C.1, C.3: key, plaintext, ciphertext.
const examples = [
  [
    "2b7e151628aed2a6abf7158809cf4f3c",
    "3243f6a8885a308d313198a2e0370734",
    "3925841d02dc09fbdc118597196a0b32",
  ],
  [
    "000102030405060708090a0b0c0d0e0f",
    "00112233445566778899aabbccddeeff",
    "69c4e0d86a7b0430d8cdb78070b4c55a",
  ],
  [
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    "00112233445566778899aabbccddeeff",
    "8ea2b7ca516745bfeafc49904b496089",
  ],
] as const;

/** Two blocks under a key at an address that is `misalignment` above a multiple of 8. */
function encrypt(m: Instance, key: Uint8Array, pair: Uint8Array, misalignment = 0): Buffer {
  const state = stateOf(m, "aes");
  const p = m.put(pair);
  m.call("aesBegin", state, putAt(m, key, misalignment), key.length);
  m.call("aesEncrypt", state, p);
  const result = Buffer.from(m.read(p, pair.length));
  m.reset();
  return result;
}

const other = hex("ffeeddccbbaa99887766554433221100");

function checkBoth(m: Instance, key: Buffer, plain: Buffer, cipher: Buffer): void {
  const [first, second] = [Buffer.concat([plain, other]), Buffer.concat([other, plain])];
  assert.deepEqual(encrypt(m, key, first).subarray(0, 16), cipher);
  assert.deepEqual(encrypt(m, key, second).subarray(16), cipher);
}

for (const engine of engines) {
  test(`AES: FIPS 197, in either place of the pair (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    for (const [key, plain, cipher] of examples) checkBoth(m, hex(key), hex(plain), hex(cipher));
  });

  test(`AES: NIST CAVP, in either place of the pair (${engine})`, async (t) => {
    const m = await loadEntry("crypto-symmetric", engine);
    for (const bits of [128, 256]) {
      for (const file of ["GFSbox", "KeySbox", "VarKey", "VarTxt"]) {
        const tally = new Tally(`NIST CAVP, ECB${file}${bits}`);
        const all = readCavp(`ciphers/AES/ECB/ECB${file}${bits}.rsp`, "CIPHERTEXT");
        const cases = all.filter(({ section }) => section === "ENCRYPT");
        for (const one of spread(cases, 8, engine, tally)) {
          const [key, plain] = [one.bytes("KEY"), one.bytes("PLAINTEXT")];
          checkBoth(m, key, plain, one.bytes("CIPHERTEXT"));
          tally.ran();
        }
        tally.report(t, cases.length);
      }
    }
  });

  test(`AES: random keys and pairs against Node (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const random = new Random(7);
    for (let i = 0; i < 200; i++) {
      const key = random.bytes(random.pick([16, 32]));
      const pair = random.bytes(32);
      const cipher = createCipheriv(`aes-${8 * key.length}-ecb`, key, null).setAutoPadding(false);
      assert.deepEqual(encrypt(m, key, pair, i % 8), cipher.update(pair));
    }
    assert.equal(m.call("scratchMark"), 0);
  });
}
