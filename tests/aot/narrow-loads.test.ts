// What is loaded from fewer bytes than its type has is as wide as its type in whatever follows:
// C would compute with 8 and 16 bits as a signed int. Every load that widens, each integer operator
// on two of them, and what looks at the upper bits of that, against V8.

import assert from "node:assert/strict";
import test from "node:test";
import { OPERATORS } from "../../scripts/aot/operators.ts";
import { type Instance, loadWasm, Trap } from "../harness/instance.ts";
import { fileOf, type FunctionSpec, localGet, moduleOf, signedLeb } from "./wasm-builder.ts";

type Integer = "i32" | "i64";

const LOADS: Record<Integer, number[]> = {
  i32: [0x2c, 0x2d, 0x2e, 0x2f],
  i64: [0x30, 0x31, 0x32, 0x33, 0x34, 0x35],
};
const STORE: Record<Integer, number> = { i32: 0x36, i64: 0x37 };
/** With a constant behind the operator's result: nothing, x >> 1 and x % 7, both unsigned. */
const THEN: Record<Integer, Record<string, number[]>> = {
  i32: { "": [], ">> 1": [0x41, 1, 0x76], "% 7": [0x41, 7, 0x70] },
  i64: { "": [], ">> 1": [0x42, 1, 0x88], "% 7": [0x42, 7, 0x82] },
};
const EDGES = [0n, 1n, 0x80n, 0xffn, 0x8000n, 0xffffn, 0x80000000n, 0xffffffffn];

const address = (at: number) => [0x41, ...signedLeb(at)];
const stored = (type: Integer, i: number) => [
  ...address(8 * i),
  ...localGet(i),
  ...[STORE[type], 0, 0],
];

function specs(type: Integer): FunctionSpec[] {
  const binary = [...OPERATORS].filter(
    ([, { operands, result }]) =>
      operands.length === 2 &&
      operands.every((t) => t === type) &&
      (result === "i32" || result === "i64"),
  );
  return binary.flatMap(([opcode, { name, result }]) =>
    LOADS[type].flatMap((load) =>
      Object.entries(THEN[result as Integer]).map(([then, after]) => ({
        name: `${type} ${name} of load 0x${load.toString(16)} ${then}`,
        params: [type, type],
        result,
        code: [
          ...[0, 1].flatMap((i) => stored(type, i)),
          ...[0, 1].flatMap((i) => [...address(8 * i), load, 0, 0]),
          opcode,
          ...after,
        ],
      })),
    ),
  );
}

function outcome(m: Instance, { name, params, result }: FunctionSpec, args: bigint[]) {
  const given = args.map((a) =>
    params[0] === "i32" ? Number(BigInt.asIntN(32, a)) : BigInt.asIntN(64, a),
  );
  try {
    return BigInt.asUintN(result === "i32" ? 32 : 64, m.callBig(name, ...given));
  } catch (error) {
    if (error instanceof Trap) return "trap";
    throw error;
  }
}

for (const type of ["i32", "i64"] as const) {
  test(`${type}: operators on what narrow loads give`, async (t) => {
    const all = specs(type);
    const file = fileOf(`narrow-${type}`, moduleOf(all));
    const native = await loadWasm(file, "native");
    const v8 = await loadWasm(file, "v8");
    for (const spec of all) {
      for (const a of EDGES) {
        for (const b of EDGES) {
          const args = [a, b];
          assert.equal(
            outcome(native, spec, args),
            outcome(v8, spec, args),
            `${spec.name}: ${args}`,
          );
        }
      }
    }
    assert.ok(all.length >= 25 * LOADS[type].length * 3);
    t.diagnostic(`${all.length} functions, ${all.length * EDGES.length ** 2} cases`);
  });
}
