// Every load and store at every place where a bounds check decides, with true and with weaker
// alignment hints, against V8. And sequences of accesses, whose checks the translator merges: they
// must trap exactly when V8 traps.

import assert from "node:assert/strict";
import test from "node:test";
import { translateAll } from "../../scripts/aot/translate.ts";
import { type Instance, loadWasm } from "../harness/instance.ts";
import {
  fileOf,
  type FunctionSpec,
  leb,
  localGet,
  moduleOf,
  signedLeb,
  type Type,
} from "./wasm-builder.ts";
import { outcome } from "./outcome.ts";
import { Random } from "../harness/random.ts";

const SIZE = 65536;
const FIRST_LOAD = 0x28;
const LOADS: [Type, number][] = [
  ["i32", 4],
  ["i64", 8],
  ["f32", 4],
  ["f64", 8],
  ["i32", 1],
  ["i32", 1],
  ["i32", 2],
  ["i32", 2],
  ["i64", 1],
  ["i64", 1],
  ["i64", 2],
  ["i64", 2],
  ["i64", 4],
  ["i64", 4],
];
const STORES: [Type, number][] = [
  ["i32", 4],
  ["i64", 8],
  ["f32", 4],
  ["f64", 8],
  ["i32", 1],
  ["i32", 2],
  ["i64", 1],
  ["i64", 2],
  ["i64", 4],
];
const OFFSETS = [0, 1, 4, 65535, 65536, 0x7fffffff, 0xffffffff];

const memoryArgument = (align: number, offset: number) => [align, ...leb(offset)];

/**
 * f(address) and f(address, value), floats as their bits; hints of one byte: any address is right.
 */
function accessFunctions(offset: number): FunctionSpec[] {
  const integer = (t: Type): Type => (t === "f32" ? "i32" : t === "f64" ? "i64" : t);
  const loads = LOADS.map(([type, bytes], i) => ({
    name: `load ${i}`,
    params: ["i32"] as Type[],
    result: integer(type),
    bytes,
    code: [
      ...localGet(0),
      FIRST_LOAD + i,
      ...memoryArgument(0, offset),
      ...(type === "f32" ? [0xbc] : type === "f64" ? [0xbd] : []),
    ],
  }));
  const stores = STORES.map(([type], i) => ({
    name: `store ${i}`,
    params: ["i32", integer(type)] as Type[],
    result: "i32" as Type,
    code: [
      ...localGet(0),
      ...localGet(1),
      ...(type === "f32" ? [0xbe] : type === "f64" ? [0xbf] : []),
      FIRST_LOAD + LOADS.length + i,
      ...memoryArgument(0, offset),
      0x41,
      1,
    ],
  }));
  return [...loads, ...stores];
}

function fill(m: Instance): void {
  const bytes = Uint8Array.from({ length: SIZE }, (_, i) => (i * 37) ^ (i >> 8));
  m.write(0, bytes);
}

for (const offset of OFFSETS) {
  test(`loads and stores with offset ${offset} trap and succeed where V8's do`, async () => {
    const specs = accessFunctions(offset);
    const file = fileOf(`memory-${offset}`, moduleOf(specs));
    const native = await loadWasm(file, "native");
    const v8 = await loadWasm(file, "v8");
    const edges = [SIZE - offset, SIZE, 0, -offset].flatMap((x) =>
      [-9, -8, -7, -4, -3, -2, -1, 0, 1, 3].map((d) => (x + d) | 0),
    );
    [native, v8].forEach(fill);
    for (const { name, params } of specs) {
      for (const address of edges) {
        const value = params[1] === "i64" ? 0x0123_4567_89ab_cdefn : 0x89abcdef | 0;
        const args = params.length === 2 ? [address, value] : [address];
        assert.equal(
          outcome(native, name, ...args),
          outcome(v8, name, ...args),
          `${name} at ${address}`,
        );
      }
    }
    assert.deepEqual(native.read(0, SIZE), v8.read(0, SIZE));
  });
}

/** f(p, q): some loads and stores around both, with assignments and branches between them. */
function sequence(random: (n: number) => number, name: string): FunctionSpec {
  const code: number[] = [];
  const access = () => {
    const base = random(2);
    const offset = random(4) === 0 ? random(64) : 4 * random(8);
    if (random(2) === 0)
      code.push(...localGet(base), ...localGet(1 - base), 0x36, 0, ...leb(offset));
    else code.push(...localGet(base), 0x28, 0, ...leb(offset), 0x21, 2);
  };
  const step = () => {
    const kind = random(8);
    if (kind < 5) access();
    else if (kind === 5) code.push(...localGet(0), 0x41, 4, 0x6a, 0x21, 0);
    else if (kind === 6) {
      code.push(...localGet(2), 0x04, 0x40);
      access();
      code.push(0x05);
      access();
      code.push(0x0b);
    } else {
      code.push(0x02, 0x40, ...localGet(2), 0x0d, 0);
      access();
      code.push(0x0b);
    }
  };
  for (let i = 0; i < 12; i++) step();
  return { name, params: ["i32", "i32", "i32"], result: "i32", code: [...code, ...localGet(2)] };
}

test("merged bounds checks trap exactly when single ones would", async () => {
  const random = new Random(7);
  const specs = Array.from({ length: 300 }, (_, i) => sequence((n) => random.below(n), `f${i}`));
  const file = fileOf("sequences", moduleOf(specs));
  const native = await loadWasm(file, "native");
  const v8 = await loadWasm(file, "v8");
  const places = [0, 100, SIZE - 100, SIZE - 64, SIZE - 37, SIZE - 32, SIZE - 20, SIZE - 4, SIZE];
  let traps = 0;
  for (const { name } of specs) {
    for (const p of places) {
      const q = places[random.below(places.length)];
      const want = outcome(v8, name, p, q, p & 1);
      assert.equal(outcome(native, name, p, q, p & 1), want, `${name}(${p}, ${q})`);
      if (want === "trap") traps++;
      else assert.deepEqual(native.read(0, SIZE), v8.read(0, SIZE), `memory after ${name}`);
      [native, v8].forEach(fill); // a trap may come earlier in a straight line: other stores
    }
  }
  assert.ok(traps > 100 && traps < specs.length * places.length - 100);
});

/** f(p): words moved between constant addresses, many of them close together, and p stored. */
function constantAddresses(random: (n: number) => number, name: string): FunctionSpec {
  const code: number[] = [];
  const address = (): number => 4 * random(random(3) === 0 ? SIZE / 8 : 90);
  const constant = (n: number): number[] => [0x41, ...signedLeb(n)];
  for (let i = 0; i < 24; i++) {
    const value = random(4) === 0 ? localGet(0) : [...constant(address()), 0x28, 2, ...leb(0)];
    code.push(...constant(address()), ...value, 0x36, 2, ...leb(4 * random(8)));
  }
  return { name, params: ["i32"], result: "i32", code: [...code, ...localGet(0)] };
}

test("constant addresses that share a pointer are the right ones", async () => {
  const random = new Random(11);
  const specs = Array.from({ length: 100 }, (_, i) =>
    constantAddresses((n) => random.below(n), `f${i}`),
  );
  const wasm = moduleOf(specs);
  assert.ok(translateAll(wasm, "near.wasm").split("AOT_NEAR").length > specs.length);
  const file = fileOf("near", wasm);
  const native = await loadWasm(file, "native");
  const v8 = await loadWasm(file, "v8");
  [native, v8].forEach(fill);
  for (const { name } of specs) {
    for (const m of [native, v8]) m.call(name, 0x12345678);
    assert.deepEqual(native.read(0, SIZE), v8.read(0, SIZE), `memory after ${name}`);
  }
});
