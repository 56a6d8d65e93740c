// Points of the NIST curves: sums of any two against BigInt, and what is taken for a point.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Instance, limbEngines, loadEntry } from "../harness/instance.ts";
import { packaged } from "../vectors/cryptography.ts";
import { readRsp } from "../vectors/rsp.ts";
import { Tally } from "../vectors/wycheproof.ts";
import {
  type Affine,
  type NistCurve,
  P256,
  P384,
  P521,
  addAffine,
  encodePoint,
  mod,
  multiplyAffine,
  power,
  toBig,
} from "./numbers.ts";

const CURVES = [P256, P384, P521];

/** Small and large multiples of the base point, and their sums; infinity is one of the summands. */
const points = new Map(
  CURVES.map((curve) => {
    const factors = [1n, 2n, 3n, curve.n - 1n, curve.n - 2n, curve.n / 2n, 12345678901234567890n];
    return [curve, factors.map((k) => multiplyAffine(curve, k, curve.G))];
  }),
);

/** The point's address, or 0 where it is refused. */
function decode(m: Instance, curve: NistCurve, encoded: Uint8Array): number {
  const at = m.alloc(m.call("pointSize", curve.id));
  const taken = m.call("decodePoint", curve.id, at, m.put(encoded), encoded.length);
  return taken === 1 ? at : 0;
}

for (const engine of limbEngines) {
  const m = await loadEntry("crypto-public", engine);

  for (const curve of CURVES) {
    const { p, size } = curve;

    test(`${curve.name}: sums of any two points, equal, opposite and infinite (${engine})`, () => {
      const xy = m.alloc(2 * size);
      const load = (point: Affine): number => {
        if (point === null) return m.alloc(m.call("pointSize", curve.id)); // zeros: infinity
        const at = decode(m, curve, encodePoint(curve, point));
        assert.notEqual(at, 0);
        return at;
      };
      for (const a of [null, ...points.get(curve)!]) {
        for (const b of [null, ...points.get(curve)!]) {
          const sum = addAffine(curve, a, b);
          const infinite = m.call("addPoints", curve.id, xy, load(a), load(b));
          assert.equal(infinite, sum === null ? 1 : 0);
          assert.deepEqual(Buffer.from(m.read(xy, 2 * size)), encodePoint(curve, sum).subarray(1));
        }
      }
      m.reset();
    });

    test(`${curve.name}: what is no point of the curve is refused (${engine})`, () => {
      const { x, y } = curve.G!;
      const good = encodePoint(curve, curve.G);
      const encode = (a: bigint, b: bigint): Buffer =>
        Buffer.concat([Buffer.of(4), toBig(a, size), toBig(b, size)]);
      const ones = 2n ** BigInt(8 * size) - 1n;
      const bad = [
        Buffer.alloc(0),
        Buffer.of(0),
        good.subarray(0, -1),
        Buffer.concat([good, Buffer.of(0)]),
        Buffer.concat([Buffer.of(6 + Number(y & 1n)), good.subarray(1)]),
        Buffer.concat([Buffer.of(2 + Number(y & 1n)), toBig(x, size)]),
        ...[encode(x + 1n, y), encode(x, y + 1n), encode(0n, 0n), encode(y, x)],
        ...[encode(p, y), encode(x, p), encode(ones, ones), encode(x, ones)],
      ];
      for (const one of bad) assert.equal(decode(m, curve, one), 0, one.toString("hex"));
      assert.notEqual(decode(m, curve, good), 0);
      assert.notEqual(decode(m, curve, encode(x, p - y)), 0, "the opposite");
      m.reset();
    });

    test(`${curve.name}: coordinates next to the prime and above it (${engine})`, () => {
      const room = 2n ** BigInt(8 * size) - p;
      let found = 0;
      for (let x = 0n; found < 3; x++) {
        const y = rootAt(curve, x);
        if (y === null) continue;
        found++;
        assert.notEqual(decode(m, curve, encodePoint(curve, { x, y })), 0);
        if (x >= room) continue;
        // On P-521 the bytes have room for many multiples of p.
        for (const k of [1n, room / p, (room + p) / p - 1n]) {
          if (k < 1n) continue;
          const shifted = Buffer.concat([Buffer.of(4), toBig(x + k * p, size), toBig(y, size)]);
          assert.equal(decode(m, curve, shifted), 0, `${x} + ${k} p`);
        }
      }
      for (let x = p - 1n; found < 6; x--) {
        const y = rootAt(curve, x);
        if (y === null) continue;
        found++;
        assert.notEqual(decode(m, curve, encodePoint(curve, { x, y })), 0);
      }
      m.reset();
    });

    test(`${curve.name}: NIST CAVP, public keys (${engine})`, (t) => {
      const cases = readRsp(packaged("ECDSA/FIPS_186-3/PKV.rsp"));
      const own = cases.filter((one) => one.section === curve.name);
      const tally = new Tally(`CAVP PKV.rsp, ${curve.name}`);
      for (const one of own) {
        const coordinates = [one.number("Qx", size), one.number("Qy", size)];
        const taken = decode(m, curve, Buffer.concat([Buffer.of(4), ...coordinates])) !== 0;
        assert.equal(taken, one.passes, one.text("Result"));
        tally.ran();
      }
      tally.report(t, 12);
      m.reset();
    });
  }
}

/** y of a point with this x (p = 3 mod 4), or null. */
function rootAt({ p, b }: NistCurve, x: bigint): bigint | null {
  const square = mod(x ** 3n - 3n * x + b, p);
  const y = power(square, (p + 1n) / 4n, p);
  return mod(y * y, p) === square ? y : null;
}
