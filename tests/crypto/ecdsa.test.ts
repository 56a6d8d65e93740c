import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { test } from "node:test";
import { type Instance, limbEngines, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { rfc6979 } from "../vectors/rfc6979.ts";
import { readRsp } from "../vectors/rsp.ts";
import { Tally, sample, wycheproof } from "../vectors/wycheproof.ts";
import {
  type Affine,
  type NistCurve,
  P256,
  P384,
  P521,
  addAffine,
  encodePoint,
  fromBig,
  invert,
  mod,
  multiplyAffine,
  power,
  toBig,
} from "./numbers.ts";

const hex = (text: string): Buffer => Buffer.from(text, "hex");

function verify(
  m: Instance,
  curve: NistCurve,
  key: Uint8Array,
  digest: Uint8Array,
  rs: Uint8Array,
): boolean {
  assert.equal(rs.length, 2 * curve.size);
  const args = [m.put(key), key.length, m.put(digest), digest.length, m.put(rs)];
  const valid = m.call("ecdsaVerify", curve.id, ...args);
  m.reset();
  return valid === 1;
}

const digestOf = (hash: string, message: Uint8Array | string): Buffer =>
  createHash(hash.toLowerCase().replace("-", "")).update(message).digest();

const joined = (curve: NistCurve, r: bigint, s: bigint): Buffer =>
  Buffer.concat([toBig(r, curve.size), toBig(s, curve.size)]);

const multiples = new Map<string, Affine>();

/** k times the point: computed once for all engines. */
function multiple(curve: NistCurve, k: bigint, point: Affine): Affine {
  const what = `${curve.name} ${k} ${point!.x}`;
  const found = multiples.get(what) ?? multiplyAffine(curve, k, point);
  multiples.set(what, found);
  return found;
}

for (const engine of limbEngines) {
  const m = await loadEntry("crypto-public", engine);
  const slow = engine === "wasm3";

  test(`ECDSA: RFC 6979, A.2.5 and A.2.6 (${engine})`, () => {
    for (const { name, key, signatures } of rfc6979) {
      const curve = name === "P-256" ? P256 : P384;
      for (const [message, hash, rs] of signatures) {
        assert.ok(verify(m, curve, hex(key), digestOf(hash, message), hex(rs)), message + hash);
        assert.ok(!verify(m, curve, hex(key), digestOf(hash, `${message}.`), hex(rs)));
      }
    }
  });

  test(`ECDSA: NIST CAVP (${engine})`, (t) => {
    const cases = readRsp("cavp-ecdsa-sigver.rsp");
    const tally = new Tally("cavp-ecdsa-sigver.rsp");
    for (const one of cases) {
      const [name, hash] = one.section.split(",") as [string, string];
      const curve = name === "P-256" ? P256 : P384;
      const number = (field: string): Buffer => one.number(field, curve.size);
      const key = Buffer.concat([Buffer.of(4), number("Qx"), number("Qy")]);
      const rs = Buffer.concat([number("R"), number("S")]);
      const valid = verify(m, curve, key, digestOf(hash, one.bytes("Msg")), rs);
      assert.equal(valid, one.passes, `${one.section} ${one.text("Result")}`);
      tally.ran();
    }
    tally.report(t, cases.length);
  });

  for (const curve of [P256, P384, P521]) {
    const { n, p, size, G } = curve;
    const digest = digestOf("SHA-256", "edge");
    const e = fromBig(digest);
    const d = 0x1d0c8f3aa5n;
    const Q = multiple(curve, d, G);
    const key = encodePoint(curve, Q);
    /** A signature with the nonce k. */
    const signWith = (k: bigint): { r: bigint; s: bigint } => {
      const r = mod(multiple(curve, k, G)!.x, n);
      return { r, s: mod(invert(k, n) * (e + r * d), n) };
    };

    test(`${curve.name}: r and s at the edges are refused (${engine})`, () => {
      const { r, s } = signWith(3n);
      assert.ok(verify(m, curve, key, digest, joined(curve, r, s)));
      assert.ok(verify(m, curve, key, digest, joined(curve, r, n - s)), "the other s");
      const top = 2n ** BigInt(8 * size) - 1n;
      for (const bad of [0n, n, n + 1n, p, top]) {
        assert.ok(!verify(m, curve, key, digest, joined(curve, bad, s)), `r = ${bad}`);
        assert.ok(!verify(m, curve, key, digest, joined(curve, r, bad)), `s = ${bad}`);
        assert.ok(!verify(m, curve, key, digest, joined(curve, bad, bad)));
      }
      for (const other of [1n, n - 1n, r + 1n, r - 1n]) {
        assert.ok(!verify(m, curve, key, digest, joined(curve, other, s)));
        assert.ok(!verify(m, curve, key, digest, joined(curve, r, other)));
      }
    });

    test(`${curve.name}: sums that pass through infinity and doublings (${engine})`, () => {
      // u G + v Q = infinity: e = -r d. No signature may pass, whatever r and s are.
      const { r } = signWith(5n);
      const opposite = toBig(mod(-r * d, n), size);
      assert.ok(!verify(m, curve, key, opposite, joined(curve, r, 7n)));
      // u G = v Q, so that the last addition is a doubling: e = r d, and k = 2 e / s.
      const k = 11n;
      const { r: r2 } = signWith(k);
      const e2 = mod(r2 * d, n);
      const s2 = mod(2n * e2 * invert(k, n), n);
      assert.ok(verify(m, curve, key, toBig(e2, size), joined(curve, r2, s2)));
      // e = 0: nothing of G is left; the digest of zeros is as good as any other.
      const zero = Buffer.alloc(size);
      const s3 = mod(r2 * d * invert(k, n), n);
      assert.ok(verify(m, curve, key, zero, joined(curve, r2, s3)));
      // Keys that are small multiples of G, or their opposites, meet G's own table.
      for (const small of [1n, 2n, 3n, 15n, 16n, n - 1n, n - 2n, n - 15n]) {
        const other = encodePoint(curve, multiple(curve, small, G));
        const s = mod(invert(k, n) * (e + r2 * small), n);
        assert.ok(verify(m, curve, other, digest, joined(curve, r2, s)), `d = ${small}`);
        assert.ok(!verify(m, curve, other, digest, joined(curve, r2, s ^ 1n)));
      }
    });

    test(`${curve.name}: x above the order counts modulo the order (${engine})`, () => {
      // A point with n <= x < p: R itself is chosen, and the key made to fit: Q = (s R - e G) / r.
      let x = n;
      while (squareRoot(curve, x) === null) x += 1n;
      const R = { x, y: squareRoot(curve, x)! };
      const r = x - n;
      if (r === 0n) return;
      const s = 77n;
      const inverse = invert(r, n);
      const a = multiple(curve, mod(s * inverse, n), R);
      const b = multiple(curve, mod(-e * inverse, n), G);
      const forged = encodePoint(curve, addAffine(curve, a, b));
      assert.ok(verify(m, curve, forged, digest, joined(curve, r, s)));
      // r + n does not count where it is not below p: there it would be another x.
      assert.ok(!verify(m, curve, forged, digest, joined(curve, r + 1n, s)));
      // Nor does r + n itself, the x as it is: one signature would have two forms.
      assert.ok(!verify(m, curve, forged, digest, joined(curve, x, s)));
      assert.ok(!verify(m, curve, forged, digest, joined(curve, r, s + n)), "s + n");
    });

    // P-521's order leaves bits of its bytes unused: there is nothing to overflow.
    if (n >> BigInt(8 * size - 1) === 1n) {
      test(`${curve.name}: r + n is not taken modulo 2^${8 * size} (${engine})`, () => {
        // Where r + n overflows, what is left would be the small x of a point that is R.
        let x = 1n;
        while (squareRoot(curve, x) === null) x += 1n;
        const R = { x, y: squareRoot(curve, x)! };
        const r = x + 2n ** BigInt(8 * size) - n;
        assert.ok(r < n, "only the overflow is wrong with it");
        const s = 77n;
        const inverse = invert(r, n);
        const a = multiplyAffine(curve, mod(s * inverse, n), R);
        const b = multiplyAffine(curve, mod(-e * inverse, n), G);
        const forged = encodePoint(curve, addAffine(curve, a, b));
        assert.ok(!verify(m, curve, forged, digest, joined(curve, r, s)));
      });
    }

    test(`${curve.name}: digests longer and shorter than the order (${engine})`, () => {
      const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: curve.nodeName });
      const { x, y } = publicKey.export({ format: "jwk" });
      const point = Buffer.concat([
        Buffer.of(4),
        ...[x!, y!].map((c) => Buffer.from(c, "base64url")),
      ]);
      for (const hash of ["sha1", "sha224", "sha256", "sha384", "sha512"]) {
        const message = Buffer.from(`message for ${hash}`);
        const rs = sign(hash, message, { key: privateKey, dsaEncoding: "ieee-p1363" });
        assert.ok(verify(m, curve, point, digestOf(hash, message), rs), hash);
      }
    });

    test(`${curve.name}: any flipped bit is noticed, the same as Node's (${engine})`, () => {
      const random = new Random(size);
      const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: curve.nodeName });
      const { x, y } = publicKey.export({ format: "jwk" });
      const point = Buffer.concat([
        Buffer.of(4),
        ...[x!, y!].map((c) => Buffer.from(c, "base64url")),
      ]);
      for (let i = 0; i < (slow ? 6 : 100); i++) {
        const message = random.bytes(40);
        const rs = sign("sha384", message, { key: privateKey, dsaEncoding: "ieee-p1363" });
        const hash = digestOf("SHA-384", message);
        assert.ok(verify(m, curve, point, hash, rs));
        const bits = 8 * (rs.length + point.length + Math.min(size, hash.length));
        const bit = random.below(bits);
        const all = Buffer.concat([rs, point, hash]);
        all[bit >> 3]! ^= 1 << (bit & 7);
        const [a, b] = [rs.length, rs.length + point.length];
        const forged = verify(m, curve, all.subarray(a, b), all.subarray(b), all.subarray(0, a));
        assert.ok(!forged, `bit ${bit}`);
      }
    });
  }

  test(`ECDSA: keys of the wrong curve or form are refused (${engine})`, () => {
    const key = encodePoint(P256, P256.G);
    const rs = joined(P256, 1n, 1n);
    const digest = Buffer.alloc(32, 1);
    for (const bad of [Buffer.alloc(0), Buffer.of(4), key.subarray(1), key.subarray(0, 33)]) {
      assert.ok(!verify(m, P256, bad, digest, rs));
    }
    assert.ok(!verify(m, P384, key, digest, Buffer.alloc(96, 1)));
    for (const id of [0, 26, 29]) {
      assert.equal(m.call("ecdsaVerify", id, m.put(key), 65, m.put(digest), 32, m.put(rs)), 0);
    }
    m.reset();
  });

  for (const [name, curve] of [
    ["ecdsa_secp256r1_sha256", P256],
    ["ecdsa_secp256r1_sha512", P256],
    ["ecdsa_secp384r1_sha384", P384],
    ["ecdsa_secp384r1_sha512", P384],
    ["ecdsa_secp521r1_sha512", P521],
  ] as const) {
    test(`ECDSA: Wycheproof ${name} (${engine})`, (t) => {
      const file = wycheproof<
        { msg: string; sig: string },
        { sha: string; publicKey: { uncompressed: string } }
      >(name);
      if (file === null) return t.skip("no Wycheproof files here");
      const chosen = sample(file.groups, 1);
      const tally = new Tally(file.file);
      for (const group of file.groups) {
        for (const one of group.tests) {
          const rs = decodeSignature(curve, hex(one.sig));
          if (rs === null) {
            assert.equal(one.result, "invalid", `case ${one.tcId}`);
            tally.skip("no DER of two numbers of the curve's width: tests/x509 has such refused");
          } else if (slow && curve !== P256 && !chosen.has(one)) {
            tally.skip("left out on the slow engine");
          } else {
            const key = hex(group.publicKey.uncompressed);
            const valid = verify(m, curve, key, digestOf(group.sha, hex(one.msg)), rs);
            assert.equal(valid, one.result === "valid", `case ${one.tcId} ${one.comment}`);
            tally.ran();
          }
        }
      }
      tally.report(t, file.numberOfTests);
    });
  }
}

/** Square root of x^3 - 3 x + b (p = 3 mod 4), or null. */
function squareRoot({ p, b }: NistCurve, x: bigint): bigint | null {
  const square = mod(x ** 3n - 3n * x + b, p);
  const y = power(square, (p + 1n) / 4n, p);
  return mod(y * y, p) === square ? y : null;
}

/** r and s of a strictly encoded ECDSA-Sig-Value (RFC 3279, 2.2.3), or null. */
function decodeSignature(curve: NistCurve, der: Buffer): Buffer | null {
  const long = der[1] === 0x81 && der[2]! > 0x7f;
  let at = long ? 3 : 2;
  const length = long ? der[2]! : der[1]!;
  if (der.length < 8 || der[0] !== 0x30 || der.length !== at + length) return null;
  const numbers: Buffer[] = [];
  while (at < der.length) {
    const end = at + 2 + (der[at + 1] ?? 0xff);
    const value = der.subarray(at + 2, end);
    if (der[at] !== 2 || der[at + 1]! > 0x7f || end > der.length || value.length < 1) return null;
    if (value[0]! > 0x7f || (value[0] === 0 && value.length > 1 && value[1]! < 0x80)) return null;
    const number = fromBig(value);
    if (number >> BigInt(8 * curve.size)) return null;
    numbers.push(toBig(number, curve.size));
    at = end;
  }
  return numbers.length === 2 ? Buffer.concat(numbers) : null;
}
