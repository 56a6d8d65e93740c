import assert from "node:assert/strict";
import { test } from "node:test";
import { engines, type Instance, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";

const N = 256;
const Q = 3329;
const R = 1 << 16;

const modulo = (x: number): number => ((x % Q) + Q) % Q;

function putPolynomial(m: Instance, values: number[]): number {
  return m.put(Buffer.from(Int16Array.from(values).buffer));
}

function polynomialAt(m: Instance, p: number, n = N): number[] {
  const bytes = Buffer.from(m.read(p, 2 * n));
  return Array.from({ length: n }, (_, i) => bytes.readInt16LE(2 * i));
}

/** The product modulo X^256 + 1 and q by the school's method. */
function product(a: number[], b: number[]): number[] {
  const sums = new Array<number>(N).fill(0);
  for (let i = 0; i < N; i++) {
    for (let j = 0; j < N; j++) {
      const sign = i + j < N ? 1 : -1;
      sums[(i + j) % N] += sign * a[i]! * b[j]!;
    }
  }
  return sums.map(modulo);
}

/** 17 to the power of the 7 bits of i backwards, modulo q. */
function zeta(i: number): number {
  const exponent = parseInt(i.toString(2).padStart(7, "0").split("").reverse().join(""), 2);
  let power = 1;
  for (let k = 0; k < exponent; k++) power = (power * 17) % Q;
  return power;
}

/** Zeros, the extremes of what a transform may be given, and random polynomials. */
function operands(random: Random): number[][] {
  const constant = (value: number): number[] => new Array<number>(N).fill(value);
  const one = (at: number): number[] => constant(0).fill(1, at, at + 1);
  const uniform = (): number[] => constant(0).map(() => random.below(Q));
  const small = (): number[] => constant(0).map(() => random.below(5) - 2);
  const extremes = constant(0).map((_, i) => (i % 2 === 0 ? Q - 1 : 1 - Q));
  const fixed = [constant(0), constant(Q - 1), constant(1 - Q), one(0), one(255), extremes];
  return [...fixed, uniform(), uniform(), small()];
}

for (const engine of engines) {
  test(`ML-KEM's ring: the powers of zeta (${engine})`, async () => {
    const m = await loadEntry("post-quantum", engine);
    const out = m.alloc(256);
    m.call("copyZetas", out);
    polynomialAt(m, out, 128).forEach((value, i) => {
      assert.equal(modulo(value), (zeta(i) * R) % Q, `entry ${i}`);
      assert.ok(Math.abs(value) < 2400);
    });
  });

  test(`ML-KEM's ring: there and back is times R (${engine})`, async () => {
    const m = await loadEntry("post-quantum", engine);
    for (const values of operands(new Random(61))) {
      const p = putPolynomial(m, values);
      m.call("nttBothWays", p);
      assert.deepEqual(
        polynomialAt(m, p),
        values.map((value) => modulo(value * R)),
      );
      m.reset();
    }
  });

  test(`ML-KEM's ring: products by the school's method (${engine})`, async () => {
    const m = await loadEntry("post-quantum", engine);
    const all = operands(new Random(62));
    for (const [i, a] of all.entries()) {
      const b = all[(3 * i + 5) % all.length]!;
      const [out, p, q] = [m.alloc(2 * N), putPolynomial(m, a), putPolynomial(m, b)];
      m.call("multiplyPolynomials", out, p, q);
      assert.deepEqual(polynomialAt(m, out), product(a, b));
      m.reset();
    }
  });

  test(`ML-KEM: all numbers compressed and decompressed (${engine})`, async () => {
    const m = await loadEntry("post-quantum", engine);
    const numbers = Array.from({ length: 14 * N }, (_, i) => i % Q);
    for (const bits of [1, 4, 10]) {
      for (let i = 0; i < numbers.length; i += N) {
        const part = numbers.slice(i, i + N);
        const p = putPolynomial(m, part);
        m.call("compress", p, bits);
        const rounded = part.map((x) => Math.floor((x * 2 ** bits) / Q + 0.5) % 2 ** bits);
        assert.deepEqual(polynomialAt(m, p), rounded, `${bits} bits`);
        m.call("decompress", p, bits);
        const back = rounded.map((y) => Math.floor((Q * y) / 2 ** bits + 0.5));
        assert.deepEqual(polynomialAt(m, p), back, `${bits} bits`);
        m.reset();
      }
    }
  });

  test(`ML-KEM: packed and unpacked, at any address (${engine})`, async () => {
    const m = await loadEntry("post-quantum", engine);
    const random = new Random(63);
    for (const bits of [1, 4, 10, 12]) {
      const values = Array.from({ length: N }, () => random.below(2 ** bits));
      const packed = Buffer.alloc(32 * bits);
      values.forEach((value, i) => {
        for (let k = 0; k < bits; k++) {
          const at = i * bits + k;
          packed[at >> 3]! |= ((value >> k) & 1) << (at & 7);
        }
      });
      const out = m.alloc(32 * bits + 8) + (bits % 8);
      m.call("pack", out, putPolynomial(m, values), bits);
      assert.deepEqual(Buffer.from(m.read(out, 32 * bits)), packed);
      assert.equal(m.read(out + 32 * bits, 1)[0], 0, "not a byte more");
      const p = m.alloc(2 * N);
      m.call("unpack", p, out, bits);
      assert.deepEqual(polynomialAt(m, p), values);
      m.reset();
    }
  });
}
