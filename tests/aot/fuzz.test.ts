// Random well-typed programs from Binaryen's own fuzzer (wasm-opt --translate-to-fuzz), translated,
// compiled with the undefined-behaviour sanitizer, and compared with V8: every export, three sets
// of arguments, everything that they log, return or trap on. WASSL_LONG=1 runs thirty times as
// many.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { decodeModule, type FunctionType } from "../../scripts/aot/module.ts";
import { translateAll } from "../../scripts/aot/translate.ts";
import { exec, root } from "../../scripts/lib/exec.ts";

const MODULES = process.env.WASSL_LONG === "1" ? 1200 : 40;
const INPUT_BYTES = 20_000;
const ROUNDS = [0n, 0x40490fdbn, 0xfffffff7n];
/** A NaN's bits are left open by the specification, and a program that stores one can see them. */
const DETERMINISTIC = ["--no-fuzz-oob", "--denan"];
const FEATURES = [
  "--mvp-features",
  "--enable-sign-ext",
  "--enable-nontrapping-float-to-int",
  "--enable-bulk-memory-opt",
  "--enable-mutable-globals",
];
const SANITIZER = ["-fsanitize=undefined", "-fno-sanitize-recover=all"];
/** Both are defined by IEC 60559, which WebAssembly demands and gcc and clang implement. */
const DEFINED = ["-fno-sanitize=float-divide-by-zero,float-cast-overflow", "-ffp-contract=off"];

/** Random programs compare things with themselves and with what they cannot be. */
const SENSELESS = ["tautological-compare", "bool-compare", "unused-function", "type-limits"].map(
  (w) => `-Wno-${w}`,
);

function randomBytes(seed: number): Buffer {
  const blocks = Array.from({ length: INPUT_BYTES / 32 }, (_, i) =>
    createHash("sha256").update(`${seed}:${i}`).digest(),
  );
  return Buffer.concat(blocks);
}

async function randomModule(seed: number, folder: string): Promise<Uint8Array> {
  const input = path.join(folder, "random");
  const output = path.join(folder, "random.wasm");
  writeFileSync(input, randomBytes(seed));
  const tool = path.join(root, "node_modules/binaryen/bin/wasm-opt");
  const optimise = seed % 2 === 0 ? [] : ["-O2"];
  const args = ["--translate-to-fuzz", input, ...DETERMINISTIC, ...FEATURES, ...optimise];
  await exec(process.execPath, [tool, ...args, "-o", output]);
  return readFileSync(output);
}

async function runNative(wasm: Uint8Array, folder: string): Promise<string[]> {
  const c = path.join(folder, "program.c");
  const program = path.join(folder, "program");
  writeFileSync(c, translateAll(wasm, "random.wasm"));
  const sources = [c, path.join(root, "tests/aot/fuzz-driver.c"), path.join(root, "hal/aot.c")];
  const flags = ["-std=c11", "-O1", "-Wall", "-Wextra", ...SENSELESS, "-Werror"];
  const include = ["-I", path.join(root, "hal")];
  const all = [...flags, ...SANITIZER, ...DEFINED, ...include, ...sources, "-lm", "-o", program];
  await exec(process.env.CC ?? "cc", all);
  const output = await exec(program, []);
  return output.split("\n").filter((line) => line !== "");
}

// --- the same in V8 ------------------------------------------------------------------------------

const buffer = new DataView(new ArrayBuffer(8));

function text(type: string, value: number | bigint): string {
  if (type === "i64") return BigInt.asUintN(64, BigInt(value)).toString();
  if (type === "i32") return (Number(value) >>> 0).toString();
  if (Number.isNaN(value)) return "nan";
  if (type === "f32") {
    buffer.setFloat32(0, Number(value));
    return buffer.getUint32(0).toString();
  }
  buffer.setFloat64(0, Number(value));
  return buffer.getBigUint64(0).toString();
}

function argument(type: string, pattern: bigint): number | bigint {
  if (type === "i64") return BigInt.asIntN(64, pattern * 0x9e3779b97f4a7c15n);
  if (type !== "f32") return Number(pattern);
  buffer.setUint32(0, Number(pattern & 0xff7fffffn)); // finite; the driver says why
  return buffer.getFloat32(0);
}

const LETTERS: Record<string, string> = { i32: "i", i64: "I", f32: "f", f64: "F" };

function refuse(): never {
  throw new WebAssembly.RuntimeError("refused");
}

function runV8(wasm: Uint8Array): string[] {
  const lines: string[] = [];
  const log = (type: string) => (value: number | bigint) =>
    void lines.push(`log ${LETTERS[type]} ${text(type, value)}`);
  const support = {
    "log-i32": log("i32"),
    "log-i64": log("i64"),
    "log-f32": log("f32"),
    "log-f64": log("f64"),
    "call-export": refuse,
    "call-export-catch": refuse,
    sleep: (_: number, id: number) => id,
  };
  const module = new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>);
  const exports = start(module, { "fuzzing-support": support });
  if (exports === null) return [...lines, "start trap"];
  const decoded = decodeModule(wasm);
  for (const e of decoded.exports.filter((e) => e.kind === "function")) {
    const f = exports[e.name] as (...args: (number | bigint)[]) => number | bigint;
    const { type } = decoded.functions[e.index];
    for (const pattern of ROUNDS) lines.push(`${e.name}${outcome(f, type, pattern)}`);
  }
  return lines;
}

/** The exports; null where the start function traps. */
function start(
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
): WebAssembly.Exports | null {
  try {
    return new WebAssembly.Instance(module, imports).exports;
  } catch (error) {
    if (isTrap(error)) return null;
    throw error;
  }
}

/** Also a stack that is used up. */
function isTrap(error: unknown): boolean {
  return error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
}

type Callable = (...args: (number | bigint)[]) => number | bigint;

function outcome(f: Callable, type: FunctionType, pattern: bigint): string {
  try {
    const value = f(...type.params.map((p) => argument(p, pattern)));
    return type.results.length === 0 ? "" : ` ${text(type.results[0], value)}`;
  } catch (error) {
    if (isTrap(error)) return " trap";
    throw error;
  }
}

test("random programs do what they do in V8", async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "wassl-fuzz-"));
  let functions = 0;
  let calls = 0;
  try {
    for (let seed = 0; seed < MODULES; seed++) {
      const wasm = await randomModule(seed, folder);
      const want = runV8(wasm);
      assert.deepEqual(await runNative(wasm, folder), want, `program ${seed}`);
      functions += decodeModule(wasm).functions.length;
      calls += want.length;
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  assert.ok(functions > 10 * MODULES);
  console.log(`aot: ${MODULES} random modules, ${functions} functions, ${calls} results compared`);
});
