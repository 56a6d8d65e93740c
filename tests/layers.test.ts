// The rules of the sources that no compiler checks: the layers, the sizes, the CT: lines, and what
// may be in ssl.wasm.
//
//   base <- crypto <- x509 <- tls <- { tls12, tls13, dtls } <- ssl     device: none of these
//
// Each rule is a function from text to complaints, tried first on text that breaks it: a rule that
// cannot fail is none.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import binaryen from "binaryen";
import { compileSsl } from "./harness/compile.ts";
import { importNames, root } from "./harness/imports.ts";

const RANK: Record<string, number> = {
  base: 0,
  crypto: 1,
  x509: 2,
  tls: 3,
  tls12: 4,
  tls13: 4,
  dtls: 4,
  ssl: 5,
};
const LINES = 500;
const COLUMNS = 100;
const IMPORTS = ["hal.clock_time", "hal.random_fill"];

/** Tables are longer than code may be: constants, and the one definition of the call surface. */
const isTable = (file: string): boolean => /-tables\.ts$|\.def$/.test(file);

function sources(folder: string, extensions: RegExp): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .map((name) => path.join(folder, name))
    .filter((name) => extensions.test(name) && !name.includes("node_modules"))
    .sort();
}

function text(file: string): string {
  return readFileSync(path.join(root, file), "utf8");
}

/** Imports of `file` (relative to assembly/) that go up, sideways, or out of assembly/. */
function wrongImports(file: string, source: string): string[] {
  const layer = file.split("/")[0]!;
  return importNames(source).filter((name) => {
    const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), name));
    const other = target.split("/")[0]!;
    if (other === layer) return false;
    if (layer === "device") return name.startsWith(".") || other in RANK;
    return !(other in RANK && layer in RANK && RANK[other]! < RANK[layer]!);
  });
}

/**
 * Exported functions that do not say what they leak: by a CT: line in their own comment or, for the
 * whole file, in its head; or by the name VarTime.
 */
function withoutCt(source: string): string[] {
  const head = /^(?:\/\/.*\n)+/.exec(source)?.[0] ?? "";
  if (/\bCT:\s/.test(head)) return [];
  const functions =
    /(\/\*\*(?:(?!\*\/)[^])*\*\/\n)?(?:\/\/ @ts-ignore.*\n)?(?:@\w+.*\n)*export function (\w+)/g;
  return [...source.matchAll(functions)]
    .filter((match) => !/\bCT:\s/.test(match[1] ?? ""))
    .map((match) => match[2]!)
    .filter((name) => !name.endsWith("VarTime"));
}

function tooLong(file: string, source: string): string[] {
  const lines = source.split("\n");
  const wide = isTable(file)
    ? []
    : lines.flatMap((line, i) => ([...line].length > COLUMNS ? [i + 1] : []));
  const complaints = wide.map((line) => `${file}:${line}: over ${COLUMNS} columns`);
  if (lines.length - 1 > LINES && !isTable(file)) complaints.push(`${file}: over ${LINES} lines`);
  return complaints;
}

test("the rules catch what breaks them", () => {
  assert.deepEqual(wrongImports("crypto/a.ts", 'import { x } from "../base/ct";'), []);
  assert.deepEqual(wrongImports("crypto/a.ts", 'import { x } from "./b";'), []);
  assert.deepEqual(wrongImports("crypto/a.ts", 'import {\n  x,\n} from "../x509/der";'), [
    "../x509/der",
  ]);
  assert.deepEqual(wrongImports("tls13/a.ts", 'export * from "../tls12/a";'), ["../tls12/a"]);
  assert.deepEqual(wrongImports("tls/a.ts", 'import "../../scripts/x";'), ["../../scripts/x"]);
  assert.deepEqual(wrongImports("device/a.ts", 'import { x } from "../base/ct";'), ["../base/ct"]);
  assert.deepEqual(wrongImports("ssl/a.ts", 'import { x } from "../device/ssl";'), [
    "../device/ssl",
  ]);
  assert.deepEqual(withoutCt("/** CT: n leaks. */\nexport function a(): void {}"), []);
  assert.deepEqual(withoutCt("// Head.\n// CT: all public.\n\nexport function a(): void {}"), []);
  assert.deepEqual(withoutCt("/** CT: x */\nconst b = 1;\nexport function a(): void {}"), ["a"]);
  assert.deepEqual(
    withoutCt("/** No. */\n// @ts-ignore: decorator\n@inline\nexport function a() {}"),
    ["a"],
  );
  assert.equal(tooLong("a.ts", "x\n".repeat(LINES)).length, 0);
  assert.equal(tooLong("a.ts", "x\n".repeat(LINES + 1)).length, 1);
  assert.equal(tooLong("a.ts", "x".repeat(COLUMNS + 1)).length, 1);
});

test("imports go down the layers only", () => {
  const files = sources("assembly", /\.ts$/);
  assert.ok(files.length > 0);
  const wrong = files.flatMap((file) => {
    const names = wrongImports(path.posix.relative("assembly", file), text(file));
    return names.map((name) => `${file} imports ${name}`);
  });
  assert.deepEqual(wrong, []);
});

test("every folder of assembly/ is a layer", () => {
  const folders = sources("assembly", /(?<!\.d)\.ts$/).map((file) => file.split("/")[1]!);
  const unknown = folders.filter((name) => !(name in RANK) && name !== "device");
  assert.deepEqual(unknown, []);
});

test(`files have at most ${LINES} lines of ${COLUMNS} columns`, () => {
  const folders = ["assembly", "scripts", "tests", "hal", "boards", "examples"];
  const files = folders.flatMap((folder) => sources(folder, /\.(ts|mts|mjs|c|h|sh)$/));
  assert.deepEqual(
    files.flatMap((file) => tooLong(file, text(file))),
    [],
  );
});

test("every exported function of crypto/ says what it leaks", () => {
  const missing = sources("assembly/crypto", /\.ts$/).flatMap((file) =>
    withoutCt(text(file)).map((name) => `${file}: ${name} has no CT: line`),
  );
  assert.deepEqual(missing, []);
});

/** Everything of the module's that must not be there: complaints. */
function wrongContents(module: binaryen.Module, wasm: Uint8Array): string[] {
  const complaints: string[] = [];
  const runtime =
    /~lib\/(rt|array|string|typedarray|map|set|arraybuffer|staticarray)|__new\b|__alloc\b/;
  for (let i = 0; i < module.getNumFunctions(); i++) {
    const { name } = binaryen.getFunctionInfo(module.getFunctionByIndex(i));
    if (runtime.test(name)) complaints.push(`function ${name}: garbage collected objects`);
  }
  const compiled = new WebAssembly.Module(Uint8Array.from(wasm));
  const imports = WebAssembly.Module.imports(compiled).map((i) => `${i.module}.${i.name}`);
  for (const name of imports) if (!IMPORTS.includes(name)) complaints.push(`imports ${name}`);
  for (const name of IMPORTS)
    if (!imports.includes(name)) complaints.push(`does not import ${name}`);
  return complaints;
}

test("a module with a runtime, or with another import, is caught", () => {
  const module = binaryen.parseText(`(module
    (import "hal" "random_fill" (func $a (param i32 i32) (result i32)))
    (import "env" "abort" (func $b))
    (func $~lib/rt/stub/__new (export "f")))`);
  assert.deepEqual(wrongContents(module, module.emitBinary()), [
    "function ~lib/rt/stub/__new: garbage collected objects",
    "imports env.abort",
    "does not import hal.clock_time",
  ]);
});

test("ssl.wasm validates, allocates no objects and imports two functions", async () => {
  const wasm = readFileSync(await compileSsl());
  const module = binaryen.readBinary(wasm);
  const { Features } = binaryen;
  const bulk = Features.BulkMemory | Features.BulkMemoryOpt;
  module.setFeatures(Features.MutableGlobals | Features.SignExt | bulk);
  assert.ok(module.validate());
  assert.ok(module.getNumFunctions() > 0);
  assert.deepEqual(wrongContents(module, wasm), []);
});
