// Modular arithmetic of any size against BigInt.

import assert from "node:assert/strict";
import { test } from "node:test";
import { limbEngines, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { P256, P384, fromBig, invert, mod, toBig } from "./numbers.ts";

/** Odd moduli of n bits: of all ones, just above the power of 2, and random. */
function moduliOf(bits: number, random: Random): bigint[] {
  const top = 1n << BigInt(bits - 1);
  const rest = fromBig(random.bytes(Math.ceil(bits / 8))) % top;
  return [2n * top - 1n, top + 1n, top | rest | 1n];
}

function gcd(a: bigint, b: bigint): bigint {
  return a === 0n ? b : gcd(b % a, a);
}

/** The smallest odd factor below 1,000, or n itself. */
function smallestFactor(n: bigint): bigint {
  for (let f = 3n; f < 1000n; f += 2n) if (n % f === 0n) return f;
  return n;
}

for (const engine of limbEngines) {
  const m = await loadEntry("crypto-public", engine);

  test(`products modulo numbers of 64 to 4096 bits (${engine})`, () => {
    const random = new Random(4096);
    // Around the bits of a block of limbs (260, 390, 520 ...), and where columns carry in between.
    const sizes = [64, 256, 257, 264, 384, 389, 521, 1024, 1025, 1038, 1040, 1552, 2048, 2049];
    sizes.push(3071, 4096);
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
          m.call("modulusSquare", out, args[0]!, args[2]!, size);
          assert.equal(fromBig(m.read(out, size)), (a * a) % n, text);
          m.reset();
        }
      }
    }
  });

  const invertWith = (a: bigint, n: bigint, size: number): bigint | null => {
    const out = m.alloc(size);
    const args = [a, n].map((value) => m.put(toBig(value, size)));
    const found = m.call("modulusInvert", out, ...args, size);
    const result = fromBig(m.read(out, size));
    m.reset();
    return found === 1 ? result : null;
  };

  test(`inverses modulo the orders of the curves (${engine})`, () => {
    const random = new Random(15);
    for (const { n, size } of [P256, P384]) {
      const some = Array.from({ length: 20 }, () => 1n + (fromBig(random.bytes(size)) % (n - 1n)));
      for (const a of [1n, 2n, 3n, n - 1n, n - 2n, n >> 1n, 1n << 200n, ...some]) {
        assert.equal(invertWith(a, n, size), invert(a, n), a.toString(16));
      }
      assert.equal(invertWith(0n, n, size), null);
    }
  });

  test(`inverses modulo composite numbers, where there are any (${engine})`, () => {
    const random = new Random(16);
    for (const bits of engine === "wasm3" ? [64, 1024] : [64, 255, 1024, 1031, 2048, 4096]) {
      const size = Math.ceil(bits / 8);
      for (const n of moduliOf(bits, random)) {
        const some = Array.from({ length: 3 }, () => mod(fromBig(random.bytes(size)), n));
        for (const a of [0n, 1n, 2n, n - 1n, n - 2n, n >> 1n, n / 3n, 15n, ...some]) {
          const found = invertWith(a, n, size);
          const text = `1 / ${a.toString(16)} mod ${n.toString(16)}`;
          if (found === null) assert.notEqual(gcd(a, n), 1n, text);
          else assert.ok((found * a) % n === 1n && found < n, text);
        }
        const common = n / smallestFactor(n); // 1 where no factor was found
        if (common > 1n) assert.equal(invertWith(common, n, size), null);
      }
    }
  });
}
