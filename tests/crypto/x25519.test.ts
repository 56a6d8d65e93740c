import assert from "node:assert/strict";
import { test } from "node:test";
import { type Instance, limbEngines, loadEntry } from "../harness/instance.ts";
import { Tally, wycheproof } from "../vectors/wycheproof.ts";

const hex = (text: string): Buffer => Buffer.from(text, "hex");

function x25519(m: Instance, scalar: Uint8Array, point: Uint8Array): { ok: number; out: string } {
  const out = m.alloc(32);
  const ok = m.call("x25519", out, m.put(scalar), m.put(point));
  const result = { ok, out: Buffer.from(m.read(out, 32)).toString("hex") };
  m.reset();
  return result;
}

// RFC 7748, 5.2: scalar, u coordinate, result. The first u has its unused top bit set.
const vectors = [
  [
    "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
    "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
    "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
  ],
  [
    "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
    "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
    "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
  ],
] as const;

// RFC 7748, 6.1.
const alice = {
  scalar: "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
  key: "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
};
const bob = {
  scalar: "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
  key: "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
};
const shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";

// RFC 7748, 5.2: k after 1 and after 1,000 rounds of k, u = X25519(k, u), k.
const afterOne = "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079";
const afterThousand = "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51";

// Points of small order on the curve and its twist: 0, 1, p - 1, and the two of order 8, and
// those that are congruent to them: p, p + 1. All of them give zero.
const lowOrder = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

for (const engine of limbEngines) {
  const m = await loadEntry("crypto-public", engine);

  test(`X25519: RFC 7748, 5.2 and 6.1 (${engine})`, () => {
    for (const [k, u, out] of vectors) {
      assert.deepEqual(x25519(m, hex(k), hex(u)), { ok: 1, out });
    }
    for (const { scalar, key } of [alice, bob]) {
      const out = m.alloc(32);
      m.call("x25519PublicKey", out, m.put(hex(scalar)));
      assert.equal(Buffer.from(m.read(out, 32)).toString("hex"), key);
      m.reset();
    }
    assert.deepEqual(x25519(m, hex(alice.scalar), hex(bob.key)), { ok: 1, out: shared });
    assert.deepEqual(x25519(m, hex(bob.scalar), hex(alice.key)), { ok: 1, out: shared });
  });

  // A thousand rounds take too long in wasm3.
  const rounds = engine === "v8" ? 1000 : 1;
  test(`X25519: RFC 7748, 5.2, ${rounds} iterations (${engine})`, () => {
    let k = hex(`09${"00".repeat(31)}`);
    let u = k;
    for (let i = 0; i < rounds; i++) [k, u] = [hex(x25519(m, k, u).out), k];
    assert.equal(k.toString("hex"), engine === "v8" ? afterThousand : afterOne);
  });

  test(`X25519: points of low order give zero, and say so (${engine})`, () => {
    for (const point of lowOrder) {
      const expected = { ok: 0, out: "00".repeat(32) };
      assert.deepEqual(x25519(m, hex(alice.scalar), hex(point)), expected, point);
      const topBit = hex(point);
      topBit[31]! |= 0x80; // which counts for nothing
      assert.deepEqual(x25519(m, hex(alice.scalar), topBit), expected, `${point} and its top bit`);
    }
  });

  test(`X25519: the out block may be an argument (${engine})`, () => {
    const p = m.put(hex(alice.scalar));
    const point = m.put(hex(bob.key));
    m.call("x25519", p, p, point);
    assert.equal(Buffer.from(m.read(p, 32)).toString("hex"), shared);
    m.write(p, hex(alice.scalar));
    m.call("x25519", point, p, point);
    assert.equal(Buffer.from(m.read(point, 32)).toString("hex"), shared);
    m.reset();
  });

  test(`X25519: leaves no trace in its working memory (${engine})`, () => {
    x25519(m, hex(alice.scalar), hex(bob.key));
    assert.equal(m.call("scratchUsed"), 0);
    const columns = m.call("columnsAt");
    assert.ok(m.read(columns, 240).every((byte) => byte === 0));
  });

  test(`X25519: Wycheproof (${engine})`, (t) => {
    const file = wycheproof<{ public: string; private: string; shared: string }>("x25519");
    if (file === null) return t.skip("no Wycheproof files here");
    const tally = new Tally(file.file);
    for (const one of file.groups.flatMap((group) => group.tests)) {
      // Acceptable: twists, low orders, non-canonical u. The value is as given; zero is refused.
      const ok = /^0*$/.test(one.shared) ? 0 : 1;
      const result = x25519(m, hex(one.private), hex(one.public));
      assert.deepEqual(result, { ok, out: one.shared }, `case ${one.tcId} ${one.comment}`);
      assert.notEqual(one.result, "invalid");
      tally.ran();
    }
    tally.report(t, file.numberOfTests);
  });
}
