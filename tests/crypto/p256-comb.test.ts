// Every entry of P-256's precomputed table, computed again from the base point.

import assert from "node:assert/strict";
import { test } from "node:test";
import { loadEntry } from "../harness/instance.ts";
import { P256, mod, multiplyAffine } from "./numbers.ts";

const LIMBS = 20;
const R = 2n ** 260n;

test("P-256's comb table: entry d is the sum of 2^(64 t) G over the bits t of d", async () => {
  const m = await loadEntry("crypto-public", "v8");
  const table = Buffer.from(m.read(m.call("combTableAt"), 15 * 2 * LIMBS * 2));
  let at = 0;
  const coordinate = (): bigint => {
    let value = 0n;
    for (let i = 0; i < LIMBS; i++, at += 2) {
      const limb = table.readInt16LE(at);
      assert.ok(Math.abs(limb) <= 4096, "tight");
      value += BigInt(limb) << BigInt(13 * i);
    }
    assert.ok(value < P256.p && value > -P256.p);
    return value;
  };
  for (let d = 1; d < 16; d++) {
    let k = 0n;
    for (let t = 0; t < 4; t++) if ((d >> t) & 1) k += 1n << BigInt(64 * t);
    const point = multiplyAffine(P256, k, P256.G)!;
    assert.equal(mod(coordinate(), P256.p), mod(point.x * R, P256.p), `x of ${d}`);
    assert.equal(mod(coordinate(), P256.p), mod(point.y * R, P256.p), `y of ${d}`);
  }
});
