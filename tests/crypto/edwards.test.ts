// The Edwards curve of Ed25519 and X25519's key pairs: sums, multiples, encodings and every entry
// of the precomputed table, against exact numbers from the curve's definition.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Instance, limbEngines, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import {
  B,
  D,
  IDENTITY,
  L,
  ORDER_8,
  P,
  type Point,
  SMALL,
  addPoints,
  decode,
  encode,
  fromLittle,
  isOnCurve,
  multiply,
  negate,
  toLittle,
} from "./edwards-numbers.ts";
import { invert, mod, toBig } from "./numbers.ts";

const LIMBS = 20;
const HALF = invert(2n, P);

const random = new Random(25519);
const randomScalar = (): bigint => fromLittle(random.bytes(32)) % L;

test("the base point is one of the curve, of order L; the small ones have orders 1 to 8", () => {
  assert.ok(isOnCurve(B));
  assert.deepEqual(multiply(L), IDENTITY);
  assert.ok(SMALL.every(isOnCurve));
  assert.equal(new Set(SMALL.map(({ x, y }) => `${x} ${y}`)).size, 8);
  assert.deepEqual(multiply(8n, ORDER_8), IDENTITY);
});

test("the comb's table: entry j is P4 +- P3 +- P2 +- P1 +- P0 for Pt = 2^(51 t) B", async () => {
  const m = await loadEntry("edwards", "v8");
  const table = Buffer.from(m.read(m.call("combTableAt"), 16 * 3 * LIMBS * 2));
  let at = 0;
  const number = (): bigint => {
    let value = 0n;
    for (let i = 0; i < LIMBS; i++, at += 2) {
      const limb = table.readInt16LE(at);
      assert.ok(Math.abs(limb) <= 4096, "tight");
      value += BigInt(limb) << BigInt(13 * i);
    }
    return mod(value, P);
  };
  for (let j = 0; j < 16; j++) {
    let k = 2n ** 204n;
    for (let t = 0; t < 4; t++) k += ((j >> t) & 1 ? 1n : -1n) << BigInt(51 * t);
    const { x, y } = multiply(mod(k, L));
    assert.equal(number(), mod((y + x) * HALF, P), `(y + x) / 2 of ${j}`);
    assert.equal(number(), mod((y - x) * HALF, P), `(y - x) / 2 of ${j}`);
    assert.equal(number(), mod(D * x * y, P), `d x y of ${j}`);
  }
});

/** Around the ends of the comb's range, of L's multiples, and of its columns. */
const edges = [0n, 1n, 2n, 3n, 8n, L - 1n, L, L + 1n, 2n * L, 2n ** 254n, 2n ** 255n - 1n];
const combs = [50, 51, 203, 204, 254].flatMap((i) => [2n ** BigInt(i), 2n ** BigInt(i) + 1n]);
const others = Array.from({ length: 12 }, () => fromLittle(random.bytes(32)) >> 1n);
const multiples = [...edges, ...combs, ...others].map((k) => ({ k, point: multiply(k) }));

/** RFC 7748, 4.1; 0 for the neutral element. */
const montgomeryOf = ({ y }: Point): bigint => mod((1n + y) * invert(1n - y, P), P);

/** Points of every kind: small order, large order, and both together. */
const points = [
  ...SMALL,
  B,
  multiply(randomScalar()),
  addPoints(B, ORDER_8),
  addPoints(multiply(randomScalar()), multiply(4n, ORDER_8)),
];

/** Encodings of points and of none: each y next to 0, 1, p and 2^255, with both signs. */
const encodings = [0n, 1n, P - 8n, P, 2n ** 255n - 12n]
  .flatMap((from) => Array.from({ length: 12 }, (_, i) => from + BigInt(i)))
  .filter((y) => y < 2n ** 255n)
  .flatMap((y) => [toLittle(y), toLittle(y | (2n ** 255n))])
  .concat(points.map(encode));

function putPoint(m: Instance, point: Point): number {
  return m.put(encode(point));
}

for (const engine of limbEngines) {
  const m = await loadEntry("edwards", engine);
  const slow = engine === "wasm3";
  const few = <T>(all: T[], step: number): T[] => all.filter((_, i) => !slow || i % step === 0);

  test(`multiples of the base point (${engine})`, () => {
    for (const { k, point } of few(multiples, 3)) {
      const out = m.alloc(128);
      m.call("multipleOfBase", out, m.put(toLittle(k)));
      const bytes = m.read(out, 128);
      const [x, y, xy, u] = [0, 32, 64, 96].map((i) => fromLittle(bytes.subarray(i, i + 32)));
      assert.deepEqual({ x, y }, point, `${k} B`);
      assert.equal(xy, mod(point.x * point.y, P), `T of ${k} B`);
      assert.equal(u, montgomeryOf(point), `u of ${k} B`);
      m.reset();
    }
  });

  test(`s B + k P (${engine})`, () => {
    const scalars = [0n, 1n, 2n, 31n, L - 1n, randomScalar()];
    const pairs = scalars.flatMap((s) => scalars.map((k) => [s, k] as const));
    for (const [i, [s, k]] of few([...pairs.entries()], 5)) {
      const p = points[i % points.length]!;
      const out = m.alloc(32);
      const args = [m.put(toLittle(s)), m.put(toBig(k, 32)), putPoint(m, p)];
      assert.equal(m.call("multiplyTwo", out, ...args), 1);
      const expected = encode(addPoints(multiply(s), multiply(k, p)));
      assert.deepEqual(Buffer.from(m.read(out, 32)), expected, `${s} B + ${k} (${p.x}, ${p.y})`);
      m.reset();
    }
  });

  test(`sums and doubles have no special cases (${engine})`, () => {
    const pairs = points.flatMap((p) => [...points, negate(p)].map((q) => [p, q] as const));
    for (const [p, q] of few(pairs, 7)) {
      const out = m.alloc(96);
      assert.equal(m.call("sums", out, putPoint(m, p), putPoint(m, q)), 1);
      const sum = encode(addPoints(p, q));
      const expected = Buffer.concat([sum, sum, encode(addPoints(p, p))]);
      assert.deepEqual(Buffer.from(m.read(out, 96)), expected);
      m.reset();
    }
  });

  test(`equality, whatever Z is (${engine})`, () => {
    for (const p of points) {
      const twice = addPoints(p, p);
      const mirrored = { x: twice.x, y: mod(-twice.y, P) };
      const all = [twice, negate(twice), mirrored, addPoints(twice, ORDER_8), addPoints(twice, B)];
      for (const q of all) {
        const same = encode(q).equals(encode(twice)) ? 1 : 0;
        assert.equal(m.call("isDoubleOf", putPoint(m, q), putPoint(m, p)), same);
      }
      m.reset();
    }
  });

  test(`what is a point's encoding, and which have small orders (${engine})`, () => {
    let found = 0;
    for (const bytes of encodings) {
      const point = decode(bytes);
      const small = point !== null && SMALL.some(({ x, y }) => x === point.x && y === point.y);
      const expected = (point === null ? 0 : 1) | (small ? 2 : 0);
      assert.equal(m.call("decode", m.put(bytes)), expected, bytes.toString("hex"));
      found += expected & 1;
      m.reset();
    }
    assert.ok(found > 30 && found < encodings.length - 30, "both kinds");
  });

  test(`X25519 key pairs: the comb and the ladder agree (${engine})`, () => {
    const scalars: Buffer[] = [0, 0xff, 0x5a].map((byte) => Buffer.alloc(32, byte));
    for (let i = 0; i < 256; i += slow ? 37 : 5) scalars.push(toLittle(2n ** BigInt(i)));
    for (let i = 0; i < (slow ? 2 : 40); i++) scalars.push(Buffer.from(random.bytes(32)));
    const nine = m.put(toLittle(9n));
    const [own, climbed] = [m.alloc(32), m.alloc(32)];
    for (const bytes of scalars) {
      const scalar = m.put(bytes);
      m.call("x25519PublicKey", own, scalar);
      assert.equal(m.call("x25519", climbed, scalar, nine), 1);
      assert.deepEqual(m.read(own, 32), m.read(climbed, 32), bytes.toString("hex"));
      m.free(scalar);
    }
    assert.equal(m.call("scratchUsed"), 0);
    assert.ok(m.read(m.call("columnsAt"), 240).every((byte) => byte === 0));
    m.reset();
  });
}
