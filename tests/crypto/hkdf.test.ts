import assert from "node:assert/strict";
import { hkdfSync } from "node:crypto";
import { test } from "node:test";
import { engines, type Instance, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { readRsp } from "../vectors/rsp.ts";
import { Tally, wycheproof } from "../vectors/wycheproof.ts";
import { hex, output } from "./bytes.ts";

const BAD_RANGE = -0x400 - 13;

const hashes = [
  { id: 4, name: "sha256", size: 32 },
  { id: 5, name: "sha384", size: 48 },
  { id: 6, name: "sha512", size: 64 },
] as const;
type Hash = (typeof hashes)[number];

interface HkdfCase {
  ikm: string;
  salt: string;
  info: string;
  size: number;
  okm: string;
}

function extract(m: Instance, { id, size }: Hash, salt: Uint8Array, ikm: Uint8Array): Buffer {
  return output(m, size, "hkdfExtract", id, m.put(salt), salt.length, m.put(ikm), ikm.length);
}

/** The output, or null and the error where it is refused. */
function expand(m: Instance, hash: Hash, prk: Uint8Array, info: Uint8Array, n: number) {
  const [key, text] = [m.put(prk), m.put(info)];
  const out = m.alloc(Math.max(n, 0) + 1);
  const e = m.call("hkdfExpand", hash.id, key, prk.length, text, info.length, out, n);
  const okm = e === 0 ? Buffer.from(m.read(out, n)) : null;
  assert.equal(m.read(out + Math.max(n, 0), 1)[0], 0, "not a byte more than asked for");
  m.reset();
  return { e, okm };
}

for (const engine of engines) {
  test(`HKDF: RFC 5869 (${engine})`, async (t) => {
    const m = await loadEntry("crypto-symmetric", engine);
    const cases = readRsp("rfc5869-hkdf.rsp", "OKM");
    for (const one of cases) {
      const prk = extract(m, hashes[0], one.bytes("salt"), one.bytes("IKM"));
      assert.equal(prk.toString("hex"), one.text("PRK"));
      const { okm } = expand(m, hashes[0], prk, one.bytes("info"), Number(one.text("L")));
      assert.equal(okm?.toString("hex"), one.text("OKM"));
    }
    t.diagnostic(`RFC 5869: ${cases.length} run, 0 skipped`);
  });

  for (const hash of hashes.slice(0, 2)) {
    test(`HKDF: Wycheproof, ${hash.name} (${engine})`, async (t) => {
      const vectors = wycheproof<HkdfCase>(`hkdf_${hash.name}`);
      if (vectors === null) return t.skip("no Wycheproof files here");
      const m = await loadEntry("crypto-symmetric", engine);
      const tally = new Tally(vectors.file);
      for (const one of vectors.groups.flatMap((group) => group.tests)) {
        const prk = extract(m, hash, hex(one.salt), hex(one.ikm));
        const { e, okm } = expand(m, hash, prk, hex(one.info), one.size);
        assert.equal(e === 0, one.result === "valid", `case ${one.tcId}`);
        if (okm !== null) assert.equal(okm.toString("hex"), one.okm, `case ${one.tcId}`);
        tally.ran();
      }
      tally.report(t, vectors.numberOfTests);
    });
  }

  test(`HKDF: against Node (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const random = new Random(5);
    for (const hash of hashes) {
      for (const n of [1, 16, hash.size - 1, hash.size, hash.size + 1, 200]) {
        const [ikm, salt, info] = [40, 70, 90].map((most) => random.bytes(random.below(most)));
        const { okm } = expand(m, hash, extract(m, hash, salt!, ikm!), info!, n);
        const expected = Buffer.from(hkdfSync(hash.name, ikm!, salt!, info!, n));
        assert.deepEqual(okm, expected);
      }
    }
  });

  test(`HKDF: 255 digests are the most (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const prk = new Random(6).bytes(32);
    const empty = Buffer.alloc(0);
    for (const hash of hashes) {
      assert.equal(expand(m, hash, prk, empty, 255 * hash.size).e, 0);
      assert.equal(expand(m, hash, prk, empty, 255 * hash.size + 1).e, BAD_RANGE);
      assert.equal(expand(m, hash, prk, empty, -1).e, BAD_RANGE);
      assert.equal(expand(m, hash, prk, empty, 0).e, 0);
    }
    assert.equal(m.call("scratchMark"), 0);
  });
}
