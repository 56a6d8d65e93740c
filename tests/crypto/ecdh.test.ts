import assert from "node:assert/strict";
import { createECDH } from "node:crypto";
import { test } from "node:test";
import { type Instance, limbEngines, loadEntry } from "../harness/instance.ts";
import { readRsp } from "../vectors/rsp.ts";
import { Tally, sample, wycheproof } from "../vectors/wycheproof.ts";
import { type NistCurve, P256, P384, encodePoint, liftY, pointOfSpki, toBig } from "./numbers.ts";

const hex = (text: string): Buffer => Buffer.from(text, "hex");

function publicKey(m: Instance, curve: NistCurve, scalar: Uint8Array): { ok: number; key: Buffer } {
  const out = m.alloc(1 + 2 * curve.size);
  const ok = m.call("ecdhPublicKey", curve.id, out, m.put(scalar));
  const key = Buffer.from(m.read(out, 1 + 2 * curve.size));
  m.reset();
  return { ok, key };
}

/** The shared secret in hexadecimal, or null where it is refused; then the output must be zeros. */
function sharedSecret(
  m: Instance,
  curve: NistCurve,
  scalar: Uint8Array,
  peer: Uint8Array,
): string | null {
  const out = m.put(Buffer.alloc(curve.size, 0xaa));
  const ok = m.call("ecdhSharedSecret", curve.id, out, m.put(scalar), m.put(peer), peer.length);
  const secret = Buffer.from(m.read(out, curve.size)).toString("hex");
  m.reset();
  if (ok === 0) assert.match(secret, /^0+$/);
  return ok === 0 ? null : secret;
}

// RFC 5903, 8.1 and 8.2: private and public values of both sides, and the shared x.
const rfc5903 = [
  {
    curve: P256,
    i: "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
    gi:
      "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180" +
      "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3",
    r: "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53",
    gr:
      "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63" +
      "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab",
    shared: "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de",
  },
  {
    curve: P384,
    i:
      "099f3c7034d4a2c699884d73a375a67f7624ef7c6b3c0f160647b67414dce655" +
      "e35b538041e649ee3faef896783ab194",
    gi:
      "667842d7d180ac2cde6f74f37551f55755c7645c20ef73e31634fe72b4c55ee6" +
      "de3ac808acb4bdb4c88732aee95f41aa9482ed1fc0eeb9cafc4984625ccfc23f" +
      "65032149e0e144ada024181535a0f38eeb9fcff3c2c947dae69b4c634573a81c",
    r:
      "41cb0779b4bdb85d47846725fbec3c9430fab46cc8dc5060855cc9bda0aa2942" +
      "e0308312916b8ed2960e4bd55a7448fc",
    gr:
      "e558dbef53eecde3d3fccfc1aea08a89a987475d12fd950d83cfa41732bc509d" +
      "0d1ac43a0336def96fda41d0774a3571dcfbec7aacf3196472169e838430367f" +
      "66eebe3c6e70c416dd5f0c68759dd1fff83fa40142209dff5eaad96db9e6386c",
    shared:
      "11187331c279962d93d604243fd592cb9d0a926f422e47187521287e7156c5c4" +
      "d603135569b9e9d09cf5d4a270f59746",
  },
];

for (const engine of limbEngines) {
  const m = await loadEntry("crypto-public", engine);
  const slow = engine === "wasm3";

  test(`ECDH: RFC 5903, 8.1 and 8.2 (${engine})`, () => {
    for (const { curve, i, gi, r, gr, shared } of rfc5903) {
      assert.deepEqual(publicKey(m, curve, hex(i)), { ok: 1, key: hex(`04${gi}`) });
      assert.deepEqual(publicKey(m, curve, hex(r)), { ok: 1, key: hex(`04${gr}`) });
      assert.equal(sharedSecret(m, curve, hex(i), hex(`04${gr}`)), shared);
      assert.equal(sharedSecret(m, curve, hex(r), hex(`04${gi}`)), shared);
    }
  });

  test(`ECDH: NIST CAVP (${engine})`, (t) => {
    const tally = new Tally("cavp-ecdh.rsp");
    const cases = readRsp("cavp-ecdh.rsp");
    for (const one of cases) {
      const curve = one.section.startsWith("EC") ? P256 : P384;
      const peer = Buffer.concat([
        Buffer.of(4),
        one.number("QsCAVSx", curve.size),
        one.number("QsCAVSy", curve.size),
      ]);
      const own = Buffer.concat([
        Buffer.of(4),
        one.number("QsIUTx", curve.size),
        one.number("QsIUTy", curve.size),
      ]);
      const scalar = one.number("dsIUT", curve.size);
      const secret = sharedSecret(m, curve, scalar, peer);
      const ownKey = publicKey(m, curve, scalar).key;
      const right = secret === one.number("Z", curve.size).toString("hex") && ownKey.equals(own);
      assert.equal(right, one.passes, one.text("Result"));
      if (/CAVS's Static public key/.test(one.text("Result"))) assert.equal(secret, null);
      tally.ran();
    }
    tally.report(t, cases.length);
  });

  test(`public keys: NIST CAVP (${engine})`, (t) => {
    const tally = new Tally("cavp-ecdsa-pkv.rsp");
    const cases = readRsp("cavp-ecdsa-pkv.rsp");
    for (const one of cases) {
      const curve = one.section === "P-256" ? P256 : P384;
      const coordinates = [one.number("Qx", curve.size), one.number("Qy", curve.size)];
      const scalar = toBig(1n, curve.size);
      const secret = sharedSecret(m, curve, scalar, Buffer.concat([Buffer.of(4), ...coordinates]));
      assert.equal(secret !== null, one.passes, one.text("Result"));
      tally.ran();
    }
    tally.report(t, cases.length);
  });

  for (const curve of [P256, P384]) {
    const { n, p, size } = curve;

    test(`${curve.name}: scalars at the edges (${engine})`, () => {
      const top = 2n ** BigInt(8 * size);
      for (const k of [0n, n, n + 1n, top - 1n]) {
        const { ok, key } = publicKey(m, curve, toBig(k, size));
        assert.equal(ok, 0);
        assert.ok(key.every((byte) => byte === 0));
        assert.equal(sharedSecret(m, curve, toBig(k, size), encodePoint(curve, curve.G)), null);
      }
      // Signed windows meet themselves near n: every scalar there and around n / 2 must be right.
      const near = Array.from({ length: slow ? 8 : 70 }, (_, i) => BigInt(i));
      const small = near.slice(1);
      const large = small.map((i) => n - i);
      const middle = near.flatMap((i) => [n / 2n - i, n / 2n + 1n + i]);
      const powers = near.map((i) => 2n ** ((i * 37n) % BigInt(8 * size - 1)));
      const peer = createECDH(curve.nodeName);
      peer.setPrivateKey(toBig(0x1234567890abcdefn, size));
      for (const k of [...small, ...large, ...middle, ...powers]) {
        const scalar = toBig(k, size);
        const own = createECDH(curve.nodeName);
        own.setPrivateKey(scalar);
        const expected = { ok: 1, key: own.getPublicKey() };
        assert.deepEqual(publicKey(m, curve, scalar), expected, k.toString(16));
        const shared = own.computeSecret(peer.getPublicKey()).toString("hex");
        const secret = sharedSecret(m, curve, scalar, peer.getPublicKey());
        assert.equal(secret, shared, k.toString(16));
      }
    });

    test(`${curve.name}: what is no point of the curve is refused (${engine})`, () => {
      const scalar = toBig(5n, size);
      const good = encodePoint(curve, curve.G);
      const { x, y } = curve.G!;
      const encode = (a: bigint, b: bigint): Buffer =>
        Buffer.concat([Buffer.of(4), toBig(a, size), toBig(b, size)]);
      const compressed = Buffer.concat([Buffer.of(2 + Number(y & 1n)), toBig(x, size)]);
      const bad: Record<string, Buffer> = {
        empty: Buffer.alloc(0),
        infinity: Buffer.of(0),
        "04 alone": Buffer.of(4),
        "one byte short": good.subarray(0, -1),
        "one byte long": Buffer.concat([good, Buffer.of(0)]),
        compressed,
        hybrid: Buffer.concat([Buffer.of(6 + Number(y & 1n)), good.subarray(1)]),
        "form 5": Buffer.concat([Buffer.of(5), good.subarray(1)]),
        // Of order 2 on a curve with another b, and x of the twist: no y belongs to it.
        "y = 0": encode(x, 0n),
        "the twist": encode(xOfTwist(curve), 2n),
        "x + 1": encode(x + 1n, y),
        "y + 1": encode(x, y + 1n),
        "0, 0": encode(0n, 0n),
        "p, y": encode(p, y),
        "x, p": encode(x, p),
        "all ones": encode(2n ** BigInt(8 * size) - 1n, 2n ** BigInt(8 * size) - 1n),
      };
      for (const [what, peer] of Object.entries(bad)) {
        assert.equal(sharedSecret(m, curve, scalar, peer), null, what);
      }
      assert.notEqual(sharedSecret(m, curve, scalar, good), null);
    });

    test(`${curve.name}: coordinates congruent but not reduced are refused (${engine})`, () => {
      // Points with a small x or y, so that adding p still fits the encoding.
      let found = 0;
      for (let x = 0n; found < 3; x++) {
        const point = liftX(curve, x);
        if (point === null) continue;
        found += 1;
        const y = toBig(point.y, size);
        const [honest, shifted] = [x, x + p].map((a) =>
          Buffer.concat([Buffer.of(4), toBig(a, size), y]),
        );
        assert.notEqual(sharedSecret(m, curve, toBig(1n, size), honest!), null);
        assert.equal(sharedSecret(m, curve, toBig(1n, size), shifted!), null);
      }
      for (let y = 1n; found < 5; y++) {
        const point = liftY(curve, y);
        if (point === null) continue;
        found += 1;
        const x = toBig(point.x, size);
        const [honest, shifted] = [y, y + p].map((b) =>
          Buffer.concat([Buffer.of(4), x, toBig(b, size)]),
        );
        assert.notEqual(sharedSecret(m, curve, toBig(1n, size), honest!), null);
        assert.equal(sharedSecret(m, curve, toBig(1n, size), shifted!), null);
      }
    });
  }

  test(`ECDH: other groups are refused (${engine})`, () => {
    for (const id of [0, 25, 29, -1]) {
      const out = m.alloc(200);
      assert.equal(m.call("ecdhPublicKey", id, out, out), 0);
      assert.equal(m.call("ecdhSharedSecret", id, out, out, out, 65), 0);
    }
    m.reset();
  });

  test(`ECDH: leaves nothing in scratch memory or the product's columns (${engine})`, () => {
    sharedSecret(m, P256, toBig(77n, 32), encodePoint(P256, P256.G));
    sharedSecret(m, P384, toBig(77n, 48), Buffer.alloc(97));
    publicKey(m, P384, toBig(77n, 48));
    assert.equal(m.call("scratchUsed"), 0);
    assert.ok(m.read(m.call("columnsAt"), 240).every((byte) => byte === 0));
  });

  for (const [name, curve] of [
    ["ecdh_secp256r1_ecpoint", P256],
    ["ecdh_secp384r1_ecpoint", P384],
    ["ecdh_secp256r1", P256],
    ["ecdh_secp384r1", P384],
  ] as const) {
    test(`ECDH: Wycheproof ${name} (${engine})`, (t) => {
      const file = wycheproof<{ public: string; private: string; shared: string }>(name);
      if (file === null) return t.skip("no Wycheproof files here");
      const chosen = sample(file.groups, 8);
      const tally = new Tally(file.file);
      for (const one of file.groups.flatMap((group) => group.tests)) {
        const what = `case ${one.tcId} ${one.comment}`;
        const peer = name.endsWith("ecpoint") ? hex(one.public) : pointOfSpki(curve, one.public);
        if (peer === null) {
          tally.skip("another form of SubjectPublicKeyInfo: tests/x509 has them refused");
        } else if (slow && curve === P384 && !chosen.has(one)) {
          tally.skip("left out on the slow engine");
        } else {
          const secret = sharedSecret(
            m,
            curve,
            toBig(BigInt(`0x${one.private}`), curve.size),
            peer,
          );
          // Acceptable are other encodings of a key: compressed, or in sloppy DER.
          const refused = one.result === "invalid" || one.flags.includes("CompressedPoint");
          if (refused || secret !== null) assert.equal(secret, refused ? null : one.shared, what);
          assert.ok(secret !== null || one.result !== "valid" || refused, what);
          tally.ran();
        }
      }
      tally.report(t, file.numberOfTests);
    });
  }
}

/** The least x to which the curve has no point. */
function xOfTwist(curve: NistCurve): bigint {
  let x = 1n;
  while (liftX(curve, x) !== null) x += 1n;
  return x;
}

/** A point with this x, by a square root (p = 3 mod 4), or null. */
function liftX(curve: NistCurve, x: bigint): { x: bigint; y: bigint } | null {
  const { p, b } = curve;
  const square = (((x ** 3n - 3n * x + b) % p) + p) % p;
  let y = 1n;
  for (let e = (p + 1n) / 4n, base = square; e > 0n; e >>= 1n, base = (base * base) % p) {
    if (e & 1n) y = (y * base) % p;
  }
  return (y * y) % p === square ? { x, y } : null;
}
