import assert from "node:assert/strict";
import { test } from "node:test";
import { engines, type Instance, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { readRsp } from "../vectors/rsp.ts";
import { output, putAt, stateOf } from "./bytes.ts";

const P = 2n ** 130n - 5n;
const CLAMP = 0x0ffffffc_0ffffffc_0ffffffc_0fffffffn;

const fromLittle = (bytes: Uint8Array): bigint =>
  BigInt(`0x0${Buffer.from(bytes).reverse().toString("hex")}`);

/** RFC 8439, 2.5, as it stands there. */
function reference(key: Uint8Array, text: Uint8Array): string {
  const r = fromLittle(key.subarray(0, 16)) & CLAMP;
  let a = 0n;
  for (let i = 0; i < text.length; i += 16) {
    const block = text.subarray(i, i + 16);
    a = ((a + fromLittle(block) + (1n << BigInt(8 * block.length))) * r) % P;
  }
  const tag = (a + fromLittle(key.subarray(16))) % 2n ** 128n;
  return Buffer.from(tag.toString(16).padStart(32, "0"), "hex").reverse().toString("hex");
}

/** The tag of the pieces, of which all but the last are whole blocks. */
function mac(m: Instance, key: Uint8Array, pieces: Uint8Array[], at = 0): string {
  const state = stateOf(m, "poly1305");
  m.call("poly1305Begin", state, putAt(m, key, at));
  for (const piece of pieces) m.call("poly1305Update", state, putAt(m, piece, at), piece.length);
  const tag = output(m, 16, "poly1305End", state).toString("hex");
  assert.ok(m.read(state, m.call("poly1305StateSize")).every((byte) => byte === 0));
  m.reset();
  return tag;
}

/** Keys and blocks whose limbs are all ones, so that columns and carries are as large as can be. */
function* extremes(random: Random): Generator<[Uint8Array, Uint8Array]> {
  for (const fill of [0xff, 0xfe, 0xfb, 0xfa, 0x00, 0x01]) {
    for (const r of [0xff, 0x01, 0x80]) {
      const key = Buffer.concat([Buffer.alloc(16, r), Buffer.alloc(16, random.pick([0, 0xff]))]);
      for (const blocks of [1, 2, 3, 20]) yield [key, Buffer.alloc(16 * blocks, fill)];
      yield [key, Buffer.alloc(33, fill)];
    }
  }
}

/** With r = 1, three blocks that add up to p - 3 ... p + 4: around the last subtraction. */
function* aroundPrime(): Generator<[Uint8Array, Uint8Array]> {
  const key = Buffer.alloc(32);
  key[0] = 1;
  for (let low = 0; low < 8; low++) {
    // 0, 0 and 2^128 - 8 + low, and each of them brings 2^128 of its own.
    const text = Buffer.alloc(48);
    text.fill(0xff, 32);
    text[32] = 0xf8 + low;
    yield [key, text];
  }
}

for (const engine of engines) {
  test(`Poly1305: RFC 8439, A.3 (${engine})`, async (t) => {
    const m = await loadEntry("crypto-symmetric", engine);
    const cases = readRsp("rfc8439.rsp", "TAG").filter(({ section }) => section === "Poly1305");
    for (const one of cases) {
      assert.equal(mac(m, one.bytes("KEY"), [one.bytes("MSG")]), one.text("TAG"));
    }
    t.diagnostic(`RFC 8439: ${cases.length} run, 0 skipped`);
  });

  test(`Poly1305: the largest carries, and numbers around p (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    for (const [key, text] of [...extremes(new Random(11)), ...aroundPrime()]) {
      assert.equal(mac(m, key, [text]), reference(key, text));
    }
  });

  test(`Poly1305: every length, alignment and split (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const random = new Random(12);
    for (let n = 0; n <= 80; n++) {
      const key = random.bytes(32);
      const text = random.bytes(n);
      const expected = reference(key, text);
      for (let i = 0; i <= n; i += 16) {
        assert.equal(mac(m, key, [text.subarray(0, i), text.subarray(i)], n % 8), expected);
      }
    }
    assert.equal(m.call("scratchMark"), 0);
  });
}
