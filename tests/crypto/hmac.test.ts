import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { engines, type Instance, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { readCavp } from "../vectors/cavp.ts";
import { readRsp } from "../vectors/rsp.ts";
import { Tally, wycheproof } from "../vectors/wycheproof.ts";
import { hex, output, putAt, stateOf } from "./bytes.ts";

const hashes = [
  { id: 2, name: "sha1", section: "SHA-1", size: 20 },
  { id: 3, name: "sha224", section: "SHA-224", size: 28 },
  { id: 4, name: "sha256", section: "SHA-256", size: 32 },
  { id: 5, name: "sha384", section: "SHA-384", size: 48 },
  { id: 6, name: "sha512", section: "SHA-512", size: 64 },
] as const;

interface MacCase {
  key: string;
  msg: string;
  tag: string;
}

function mac(m: Instance, id: number, size: number, key: Uint8Array, text: Uint8Array): string {
  const result = output(m, size, "hmac", id, m.put(key), key.length, m.put(text), text.length);
  m.reset();
  return result.toString("hex");
}

for (const engine of engines) {
  test(`HMAC: RFC 2202 and RFC 4231 (${engine})`, async (t) => {
    const m = await loadEntry("crypto-symmetric", engine);
    const cases = readRsp("rfc4231-hmac.rsp", "MD");
    for (const one of cases) {
      const { id, size } = hashes.find(({ section }) => section === one.section)!;
      assert.equal(mac(m, id, size, one.bytes("Key"), one.bytes("Msg")), one.text("MD"));
    }
    t.diagnostic(`RFC 4231: ${cases.length} run, 0 skipped`);
    for (const [file, { id, size }] of [
      ["rfc-2202-sha1", hashes[0]],
      ["rfc-4231-sha224", hashes[1]],
    ] as const) {
      const others = readCavp(`HMAC/${file}.txt`, "MD");
      for (const one of others) {
        assert.equal(mac(m, id, size, one.bytes("Key"), one.bytes("Msg")), one.text("MD"));
      }
      t.diagnostic(`${file}: ${others.length} run, 0 skipped`);
    }
  });

  for (const { id, name, size } of hashes.filter(({ name }) => name !== "sha224")) {
    test(`HMAC: Wycheproof, ${name} (${engine})`, async (t) => {
      const vectors = wycheproof<MacCase, { tagSize: number }>(`hmac_${name}`);
      if (vectors === null) return t.skip("no Wycheproof files here");
      const m = await loadEntry("crypto-symmetric", engine);
      const tally = new Tally(vectors.file);
      for (const group of vectors.groups) {
        for (const one of group.tests) {
          // A shorter tag is the beginning of the whole one.
          const tag = mac(m, id, size, hex(one.key), hex(one.msg)).slice(0, group.tagSize / 4);
          assert.equal(tag === one.tag, one.result === "valid", `case ${one.tcId}`);
          tally.ran();
        }
      }
      tally.report(t, vectors.numberOfTests);
    });
  }

  test(`HMAC: keys of every length across a block, against Node (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const random = new Random(3);
    for (const { id, name, size } of hashes) {
      for (let n = 0; n <= 132; n++) {
        const key = random.bytes(n);
        const text = random.bytes(random.below(200));
        const expected = createHmac(name, key).update(text).digest("hex");
        assert.equal(mac(m, id, size, key, text), expected, `${name}, key of ${n} bytes`);
      }
    }
  });

  test(`HMAC: updates split at every position, any alignment, wiped (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const random = new Random(4);
    const key = random.bytes(32);
    const text = random.bytes(150);
    const expected = createHmac("sha384", key).update(text).digest("hex");
    for (let i = 0; i <= text.length; i++) {
      const state = stateOf(m, "hmac");
      const p = putAt(m, text, i % 8);
      m.call("hmacBegin", state, 5, putAt(m, key, i % 3), key.length);
      m.call("hmacUpdate", state, p, i);
      m.call("hmacUpdate", state, p + i, text.length - i);
      assert.equal(output(m, 48, "hmacEnd", state).toString("hex"), expected, `split at ${i}`);
      const left = m.read(state, m.call("hmacStateSize"));
      assert.ok(left.every((byte) => byte === 0));
      assert.equal(m.call("scratchMark"), 0);
      m.reset();
    }
  });
}
