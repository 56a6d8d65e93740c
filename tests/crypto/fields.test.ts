// The four prime fields, at the edges of their representation and at random, against BigInt.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { LimbBits } from "../../scripts/lib/limbs.ts";
import { type Instance, limbEngines, limbsOf, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { P256, P384, P521, fromBig, invert, mod, toBig } from "./numbers.ts";

interface Field {
  name: string;
  p: bigint;
  size: number;
  elementSize: number;
  /** An element in the program's memory, and its number. */
  put(a: bigint): number;
  read(element: number): bigint;
  call(name: string, out: number, ...args: number[]): void;
}

function nistField(m: Instance, curve: typeof P256): Field {
  const scratch = m.alloc(curve.size);
  const elementSize = m.call("feSize", curve.id);
  return {
    name: curve.name,
    p: curve.p,
    size: curve.size,
    elementSize,
    put(a) {
      const element = m.alloc(elementSize);
      m.write(scratch, toBig(a, curve.size));
      m.call("feFromBytes", curve.id, element, scratch);
      return element;
    },
    read(element) {
      m.call("feToBytes", curve.id, scratch, element);
      return fromBig(m.read(scratch, curve.size));
    },
    call: (name, ...args) => void m.call(`fe${name}`, curve.id, ...args),
  };
}

function field25519(m: Instance): Field {
  const scratch = m.alloc(32);
  const elementSize = 80;
  return {
    name: "2^255 - 19",
    p: 2n ** 255n - 19n,
    size: 32,
    elementSize,
    put(a) {
      const element = m.alloc(elementSize);
      m.write(scratch, toBig(a, 32).reverse());
      m.call("fe25519FromBytes", element, scratch);
      return element;
    },
    read(element) {
      m.call("fe25519ToBytes", scratch, element);
      return fromBig(m.read(scratch, 32).reverse());
    },
    call: (name, ...args) => void m.call(`fe25519${name}`, ...args),
  };
}

/** Where limbs and reductions have their seams: around 0, p, and the powers of 2 in between. */
function edges(field: Field, limbBits: number): bigint[] {
  const bits = BigInt(8 * field.size);
  const top = field.name === "2^255 - 19" ? 2n ** 255n : 2n ** bits;
  const powers = Array.from({ length: Number(bits) / 13 + 1 }, (_, i) => 2n ** BigInt(13 * i));
  const around = [0n, field.p, field.p / 2n, top, 2n ** 96n, 2n ** 128n, 2n ** 192n, 2n ** 224n];
  const all = [...around, ...powers].flatMap((a) => [a - 2n, a - 1n, a, a + 1n, a + 2n]);
  // Alternating limbs of all ones, and the digits (2^12, 2^25) at which rounding carries turn over.
  const limb = 1n << BigInt(limbBits);
  let high = 0n;
  let half = 0n;
  for (let power = 1n; power < top; power *= limb) half += (power * limb) / 2n;
  for (let power = 1n; power < top; power *= limb ** 2n) high += power * (limb - 1n);
  all.push(high, high * limb, half, half - 1n);
  return [...new Set(all.filter((a) => a >= 0n && a < top))];
}

/** Limbs as they lie in memory. */
function limbBytes(limbs: number[], limbBits: LimbBits): Uint8Array {
  const words =
    limbBits === 13 ? Int32Array.from(limbs) : BigInt64Array.from(limbs.map((v) => BigInt(v)));
  return new Uint8Array(words.buffer);
}

function binary(m: Instance, field: Field, a: bigint, b: bigint): void {
  const { p } = field;
  const x = field.put(a);
  const y = field.put(b);
  const out = m.alloc(field.elementSize);
  const check = (name: string, expected: bigint, ...args: number[]): void => {
    field.call(name, out, ...args);
    if (name === "Add" || name === "Subtract") {
      // Loose: squared, as every user does, before it may be read.
      field.call("Square", out, out);
      expected *= expected;
    }
    const text = `${field.name} ${name} ${a.toString(16)} ${b.toString(16)}`;
    assert.equal(field.read(out), mod(expected, p), text);
  };
  check("Multiply", a * b, x, y);
  check("Add", a + b, x, y);
  check("Subtract", a - b, x, y);
  check("Square", a * a, x);
  m.free(x);
  m.free(y);
  m.free(out);
}

for (const engine of limbEngines) {
  const m = await loadEntry("crypto-public", engine);
  const fields = [field25519(m), ...[P256, P384, P521].map((curve) => nistField(m, curve))];
  const few = engine === "wasm3";
  const limbBits = limbsOf(engine);

  for (const field of fields) {
    test(`${field.name}: the edges of the representation (${engine})`, () => {
      const values = edges(field, limbBits);
      for (const [i, a] of values.entries()) {
        const x = field.put(a);
        assert.equal(field.read(x), mod(a, field.p), `${field.name} ${a.toString(16)}`);
        m.free(x);
        const some = [1, 7, 31].map((step) => values[(i * step + 1) % values.length]!);
        const partners = few ? some.slice(1, 2) : field.size > 48 ? some : values;
        for (const b of partners) binary(m, field, a, b);
      }
    });

    test(`${field.name}: no column overflows at the loosest limbs (${engine})`, () => {
      const limbs = field.elementSize / limbBytes([0], limbBits).length;
      // P-521 has no room for sums, but a longer last limb.
      const isLong = field.size === P521.size;
      const tight = 2 ** (limbBits - 1) + 2 ** (limbBits - 7);
      const loosest = isLong ? tight : 2 * tight;
      const last = isLong ? 2 ** (limbBits - 1) + tight : loosest;
      const patterns = [() => 1, () => -1, (i: number) => (i % 2 === 0 ? 1 : -1)];
      const elements = patterns.map((sign) => {
        const raw = Array.from(
          { length: limbs },
          (_, i) => sign(i) * (i === limbs - 1 ? last : loosest),
        );
        let value = 0n;
        for (const [i, limb] of raw.entries()) value += BigInt(limb) << BigInt(limbBits * i);
        return { at: m.put(limbBytes(raw, limbBits)), value };
      });
      const out = m.alloc(field.elementSize);
      // Montgomery's factor: a product of raw limbs comes out divided by R, and is read as such
      // twice.
      const R = 2n ** BigInt(limbBits * limbs);
      const scale = field === fields[0] ? 1n : invert(R * R, field.p);
      const read = (): bigint => {
        // A product this loose is not below p, as reading wants it.
        if (field !== fields[0]) field.call("Combine", out, out, 1, out, 0);
        return field.read(out);
      };
      for (const a of elements) {
        field.call("Square", out, a.at);
        assert.equal(read(), mod(a.value * a.value * scale, field.p));
        for (const b of elements) {
          field.call("Multiply", out, a.at, b.at);
          assert.equal(read(), mod(a.value * b.value * scale, field.p));
        }
      }
    });

    test(`${field.name}: random numbers (${engine})`, () => {
      const random = new Random(field.size);
      for (let i = 0; i < (few ? 50 : 2000); i++) {
        const a = mod(fromBig(random.bytes(field.size)), field.p);
        binary(m, field, a, mod(fromBig(random.bytes(field.size)), field.p));
      }
    });

    test(`${field.name}: inverses, that of 0 being 0 (${engine})`, () => {
      const random = new Random(7);
      const { p } = field;
      const some = [0n, 1n, 2n, p - 1n, p - 2n, ...Array.from({ length: 8 }, () => 0n)];
      for (const one of some.map((a, i) => (i < 5 ? a : fromBig(random.bytes(field.size)) % p))) {
        const x = field.put(one);
        field.call("Invert", x, x);
        assert.equal(field.read(x), invert(one, p));
        m.free(x);
      }
    });
  }

  for (const [field, curve] of [
    [fields[1]!, P256],
    [fields[2]!, P384],
    [fields[3]!, P521],
  ] as const) {
    test(`${field.name}: linear combinations (${engine})`, () => {
      const random = new Random(13);
      const { p } = field;
      const values = [0n, 1n, p - 1n, p / 2n, (p - 1n) / 2n + 1n];
      for (let i = 0; i < 100; i++) values.push(mod(fromBig(random.bytes(field.size)), p));
      const out = m.alloc(field.elementSize);
      for (const [i, a] of values.entries()) {
        const b = values[(i + 3) % values.length]!;
        const [x, y] = [field.put(a), field.put(b)];
        for (const [j, k] of [
          [3, 0],
          [1, -8],
          [4, -1],
          [1, 2],
          [8, 8],
          [-8, -8],
        ] as const) {
          field.call("Combine", out, x, j, y, k);
          assert.equal(field.read(out), mod(BigInt(j) * a + BigInt(k) * b, p));
          assert.equal(m.call("feIsZero", curve.id, out), field.read(out) === 0n ? 1 : 0);
        }
        m.free(x);
        m.free(y);
      }
    });

    test(`${field.name}: numbers not below the prime are noticed (${engine})`, () => {
      const { p, size } = field;
      const out = m.alloc(field.elementSize);
      const top = 2n ** BigInt(8 * size);
      for (const a of [0n, 1n, p - 1n, p, p + 1n, top - 1n, top - p]) {
        const at = m.put(toBig(a, size));
        assert.equal(m.call("feFromBytesChecked", curve.id, out, at), a < p ? 1 : 0);
        m.free(at);
      }
    });

    test(`${field.name}: the curve's parameters are the standard's (${engine})`, () => {
      const read = (name: string, n: number): bigint => fromBig(m.read(m.call(name, curve.id), n));
      assert.equal(read("orderOf", curve.size), curve.n);
      assert.equal(read("coefficientOf", curve.size), curve.b);
      assert.equal(read("baseOf", curve.size), curve.G!.x);
      const { x, y } = curve.G!;
      assert.equal(read("baseOf", 2 * curve.size), (x << BigInt(8 * curve.size)) | y);
      assert.equal(mod(x ** 3n - 3n * x + curve.b - y * y, curve.p), 0n);
    });
  }
}
