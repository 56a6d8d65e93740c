// What the translator does not support it refuses, with the function, the instruction and the
// reason: nothing is translated by guess.

import assert from "node:assert/strict";
import test from "node:test";
import binaryen from "binaryen";
import { translateAll, translateSelfContained } from "../../scripts/aot/translate.ts";
import { Refusal } from "../../scripts/aot/refusal.ts";

const f = (body: string, signature = ""): string =>
  `(func $victim (export "f") ${signature} ${body})`;

/** A block with two results, which Binaryen does not write, in a function i32(). */
const BLOCK_WITH_TWO = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 10, 2, 0x60, 0, 1, 0x7f, 0x60, 0, 2, 0x7f, 0x7f],
  ...[3, 2, 1, 0],
  ...[7, 5, 1, 1, 0x66, 0, 0],
  ...[10, 12, 1, 10, 0, 0x02, 1, 0x41, 1, 0x41, 2, 0x0b, 0x6a, 0x0b],
);

const CASES: [what: string, module: string | Uint8Array, message: RegExp][] = [
  [
    "SIMD",
    f("(i32x4.extract_lane 0 (v128.const i32x4 1 2 3 4))", "(result i32)"),
    /^victim: instruction 0xfd at 0x[0-9a-f]+: SIMD is not supported$/,
  ],
  ["a SIMD local", f("(local $v v128)"), /^function 0: type 0x7b: only i32, i64, f32, f64$/],
  [
    "threads: an atomic access",
    `(memory 1) ${f("(i32.atomic.load (i32.const 0))", "(result i32)")}`,
    /^victim: instruction 0xfe at 0x[0-9a-f]+: threads are not supported$/,
  ],
  [
    "threads: a shared memory",
    `(memory 1 2 shared) ${f("")}`,
    /^module: limits: no shared and no 64-bit memories$/,
  ],
  ["a 64-bit memory", `(memory i64 1) ${f("")}`, /^module: limits: no shared and no 64-bit/],
  ["several memories", `(memory 1) (memory 1) ${f("")}`, /^module: memory: only one memory$/],
  ["several tables", `(table 1 funcref) (table 1 funcref) ${f("")}`, /^module: /],
  [
    "several results of a function",
    f("(i32.const 1) (i64.const 2)", "(result i32 i64)"),
    /^victim: signature: several results are not supported$/,
  ],
  [
    "several results of a block",
    BLOCK_WITH_TWO,
    /^function_0: block: parameters and several results are not supported$/,
  ],
  ["a tail call", f("(return_call $victim)"), /^victim: instruction 0x12 at .*: tail calls/],
  ["exceptions", `(tag $e) ${f("(throw $e)")}`, /^module: section 13: /],
  [
    "access to tables",
    `(table 1 funcref) ${f("(drop (table.size 0))")}`,
    /^victim: instruction 0xfc 16 at .*: access to tables is not supported$/,
  ],
  ["passive data", '(memory 1) (data $d "abc")' + f(""), /^module: data segment: only active/],
  ["references", f("(ref.null extern)", "(result externref)"), /type 0x6f: only i32/],
  ["an imported memory", `(import "a" "m" (memory 1)) ${f("")}`, /^module: import a\.m: only f/],
  ["an imported global", `(import "a" "g" (global i32)) ${f("")}`, /^module: import a\.g: only f/],
  [
    "data outside the memory",
    `(memory 1) (data (i32.const 65535) "ab") ${f("")}`,
    /^module: data segment: it lies outside the initial memory$/,
  ],
];

function assemble(text: string): Uint8Array {
  const module = binaryen.parseText(`(module ${text})`);
  module.setFeatures(binaryen.Features.All);
  binaryen.setDebugInfo(true); // function names
  const wasm = module.emitBinary();
  module.dispose();
  return wasm;
}

for (const [what, given, message] of CASES) {
  test(`refused: ${what}`, () => {
    const wasm = typeof given === "string" ? assemble(given) : given;
    const refused = (error: Error): boolean => {
      assert.ok(error instanceof Refusal, String(error.stack));
      assert.match(error.message, message);
      return true;
    };
    assert.throws(() => translateAll(wasm, "refused.wasm"), refused);
    if (what !== "data outside the memory") {
      assert.throws(() => translateSelfContained(wasm, "refused.wasm"), refused);
    }
  });
}

test("bytes that are no module are refused", () => {
  const good = assemble(f("(i32.const 1)", "(result i32)"));
  const damaged = good.slice();
  damaged[damaged.lastIndexOf(0x41)] = 0x20; // i32.const 1 becomes local.get 1, which is not there
  for (const bytes of [damaged, good.subarray(0, good.length - 3), Uint8Array.of(1, 2, 3)]) {
    assert.throws(() => translateAll(bytes, "refused.wasm"));
  }
});
