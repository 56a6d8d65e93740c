// Every computing instruction, with every pair of edge values, against V8. Written after the core
// specification, 4.3: the edges are where its definitions have cases - signs, widths, shifts beyond
// the width, halves, infinities, NaN, the limits of every conversion.

import assert from "node:assert/strict";
import test from "node:test";
import { type Operator, OPERATORS, PREFIXED_OPERATORS } from "../../scripts/aot/operators.ts";
import { type Instance, loadWasm, Trap } from "../harness/instance.ts";
import {
  fileOf,
  type FunctionSpec,
  leb,
  localGet,
  moduleOf,
  signedLeb,
  type Type,
} from "./wasm-builder.ts";

const I32 = [0, 1, 2, 7, 31, 32, 33, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0x7fffffff, 0x80000000];
const I32_EDGES = [...I32, 0xdeadbeef, 0xfffffffe, 0xffffffff].map(BigInt);
const I64_EDGES = [
  ...I32_EDGES,
  63n,
  64n,
  65n,
  0x1_0000_0000n,
  0x7fff_ffff_ffff_ffffn,
  0x8000_0000_0000_0000n,
  0xffff_ffff_0000_0000n,
  0xffff_ffff_ffff_ffffn,
];
const FLOATS = [0, 0.5, 1, 1.5, 2.5, 3.7, 127, 2 ** 23, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
const MORE_FLOATS = [2 ** 32, 2 ** 52, 2 ** 53, 2 ** 63, 2 ** 64, 1e-40, 5e-324, 1e38, 1e308];
const SPECIAL = [Infinity, NaN, 2 ** 31 + 1, 2 ** 63 - 1024, 0.9999999, 4294967040, 2147483520];
const NUMBERS = [...FLOATS, ...MORE_FLOATS, ...SPECIAL].flatMap((x) => [x, -x]);

function bits32(x: number): bigint {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, x);
  return BigInt(view.getUint32(0));
}

function bits64(x: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  return view.getBigUint64(0);
}

const EDGES: Record<Type, bigint[]> = {
  i32: I32_EDGES,
  i64: I64_EDGES,
  f32: [...NUMBERS.map(bits32), 0x7fa00000n, 0xffc00001n],
  f64: [...NUMBERS.map(bits64), 0x7ff4_0000_0000_0000n, 0xfff8_0000_0000_0001n],
};

/** Floats travel as their bits, so that nothing on the way changes a NaN. */
const CARRIER: Record<Type, "i32" | "i64"> = { i32: "i32", i64: "i64", f32: "i32", f64: "i64" };
const FROM_BITS: Record<Type, number[]> = { i32: [], i64: [], f32: [0xbe], f64: [0xbf] };
const TO_BITS: Record<Type, number[]> = { i32: [], i64: [], f32: [0xbc], f64: [0xbd] };

function functionFor(op: Operator, opcode: number[]): FunctionSpec {
  return {
    name: op.name,
    params: op.operands.map((t) => CARRIER[t]),
    result: CARRIER[op.result],
    code: [
      ...op.operands.flatMap((t, i) => [...localGet(i), ...FROM_BITS[t]]),
      ...opcode,
      ...TO_BITS[op.result],
    ],
  };
}

function isNaNBits(type: Type, bits: bigint): boolean {
  if (type === "f32") return (bits & 0x7fff_ffffn) > 0x7f80_0000n;
  return type === "f64" && (bits & 0x7fff_ffff_ffff_ffffn) > 0x7ff0_0000_0000_0000n;
}

/** The result's bits, "NaN" (whose payload the specification leaves open), or "trap". */
function outcome(m: Instance, op: Operator, args: bigint[]): bigint | string {
  const given = args.map((bits, i) =>
    CARRIER[op.operands[i]] === "i32" ? Number(BigInt.asIntN(32, bits)) : BigInt.asIntN(64, bits),
  );
  try {
    const width = CARRIER[op.result] === "i32" ? 32 : 64;
    const bits = BigInt.asUintN(width, m.callBig(op.name, ...given));
    const exact = /abs|neg|copysign|reinterpret/.test(op.name);
    return !exact && isNaNBits(op.result, bits) ? "NaN" : bits;
  } catch (error) {
    if (error instanceof Trap) return "trap";
    throw error;
  }
}

function combinations(op: Operator): bigint[][] {
  const [first, second] = op.operands.map((t) => EDGES[t]);
  if (second === undefined) return first.map((a) => [a]);
  return first.flatMap((a) => second.map((b) => [a, b]));
}

const all = [
  ...[...OPERATORS].map(([code, op]) => ({ op, opcode: [code] })),
  ...[...PREFIXED_OPERATORS].map(([code, op]) => ({ op, opcode: [0xfc, ...leb(code)] })),
];

test("every operator gives what V8 gives, for all edge values", async () => {
  const file = fileOf("operators", moduleOf(all.map(({ op, opcode }) => functionFor(op, opcode))));
  const native = await loadWasm(file, "native");
  const v8 = await loadWasm(file, "v8");
  let cases = 0;
  for (const { op } of all) {
    for (const args of combinations(op)) {
      cases++;
      const got = outcome(native, op, args);
      const want = outcome(v8, op, args);
      assert.equal(got, want, `${op.name}(${args.map((a) => `0x${a.toString(16)}`).join(", ")})`);
    }
  }
  assert.ok(all.length >= 130 && cases > 20_000);
  console.log(`aot: ${all.length} operators, ${cases} cases`);
});

test("a constant operand, translated in other ways, changes nothing", async () => {
  const integers = all.filter(({ op }) => op.operands.length === 2 && op.operands[1] === "i32");
  const constants = [0, 1, 31, 32, 33, -1, -2147483648];
  const specs = integers.flatMap(({ op, opcode }) =>
    constants.map((c, i) => ({
      name: `${op.name} ${i}`,
      params: ["i32"] as Type[],
      result: "i32" as Type,
      code: [...localGet(0), 0x41, ...signedLeb(c), ...opcode],
    })),
  );
  const file = fileOf("constants", moduleOf(specs));
  const native = await loadWasm(file, "native");
  const v8 = await loadWasm(file, "v8");
  const op = (name: string): Operator => ({ ...integers[0].op, name, operands: ["i32"] });
  for (const { name } of specs) {
    for (const a of I32_EDGES) {
      assert.equal(outcome(native, op(name), [a]), outcome(v8, op(name), [a]), `${name} of ${a}`);
    }
  }
});
