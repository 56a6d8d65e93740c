// Modular arithmetic of any size against BigInt.

import assert from "node:assert/strict";
import { test } from "node:test";
import { engines, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { P256, P384, fromBig, invert, mod, toBig } from "./numbers.ts";

/** Odd moduli of n bits: of all ones, just above the power of 2, and random. */
function moduliOf(bits: number, random: Random): bigint[] {
  const top = 1n << BigInt(bits - 1);
  const rest = fromBig(random.bytes(Math.ceil(bits / 8))) % top;
  return [2n * top - 1n, top + 1n, top | rest | 1n];
}

for (const engine of engines) {
  const m = await loadEntry("crypto-public", engine);

  test(`products modulo numbers of 64 to 4096 bits (${engine})`, () => {
    const random = new Random(4096);
    // Around multiples of the word's 15 and of the 60 bits that loops take at once.
    const sizes = [64, 75, 76, 255, 256, 384, 450, 451, 1024, 1025, 2048, 2049, 3071, 4096];
    for (const bits of sizes) {
      const size = Math.ceil(bits / 8);
      for (const n of moduliOf(bits, random)) {
        const some = Array.from({ length: 4 }, () => mod(fromBig(random.bytes(size)), n));
        const values = [0n, 1n, n - 1n, n >> 1n, (n >> 1n) + 1n, ...some];
        for (const [i, a] of values.entries()) {
          const b = values[(i * 5 + 2) % values.length]!;
          const out = m.alloc(size);
          const args = [a, b, n].map((value) => m.put(toBig(value, size)));
          m.call("modulusMultiply", out, ...args, size);
          const text = `${a.toString(16)} * ${b.toString(16)} mod ${n.toString(16)}`;
          assert.equal(fromBig(m.read(out, size)), (a * b) % n, text);
          m.reset();
        }
      }
    }
  });

  test(`inverses modulo the orders of the curves (${engine})`, () => {
    const random = new Random(15);
    for (const { n, size } of [P256, P384]) {
      const some = Array.from({ length: 20 }, () => 1n + (fromBig(random.bytes(size)) % (n - 1n)));
      for (const a of [1n, 2n, 3n, n - 1n, n - 2n, n >> 1n, 1n << 200n, ...some]) {
        const out = m.alloc(size);
        m.call("modulusInvert", out, m.put(toBig(a, size)), m.put(toBig(n, size)), size);
        assert.equal(fromBig(m.read(out, size)), invert(a, n), a.toString(16));
        m.reset();
      }
    }
  });
}
