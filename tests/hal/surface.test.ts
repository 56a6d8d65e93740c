// hal/surface.def against everything that must agree with it: what assembly/device declares, what
// hal/ssl_wasm.h calls and assembly/ssl exports, and the numbers that C and TypeScript share. Names
// and signatures are read from compiled modules, so that it is the compilers' view that counts.

import asc from "assemblyscript/asc";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { root } from "../../scripts/lib/exec.ts";
import { compileSsl } from "../harness/compile.ts";
import { functionTypes } from "./wasm-types.ts";

const read = (name: string) => readFileSync(path.join(root, name), "utf8");

/** "module.name" -> signature, from the table. */
function surface(): Map<string, string> {
  const calls = read("hal/surface.def").matchAll(
    /^CALL\("(\w+)",\s*"(\w+)",\s*"([^"]+)",\s*\w+\)/gm,
  );
  return new Map([...calls].map((m) => [`${m[1]}.${m[2]}`, m[3]]));
}

/** Compiles one AssemblyScript source that lies nowhere. */
async function compileText(source: string): Promise<Uint8Array> {
  let wasm = new Uint8Array();
  const { error, stderr } = await asc.main(
    ["surface.ts", "--config", "none", "--baseDir", root, "--outFile", "surface.wasm"],
    {
      readFile: (name) => (name === "surface.ts" ? source : readIfThere(name)),
      writeFile: (_name, contents) => void (wasm = contents as Uint8Array<ArrayBuffer>),
      listFiles: () => [],
    },
  );
  if (error) throw new Error(stderr.toString());
  return wasm;
}

function readIfThere(name: string): string | null {
  try {
    return read(name);
  } catch {
    return null;
  }
}

test("assembly/device/imports.ts declares the calls of surface.def and no others", async () => {
  const wasm = await compileText('export * from "./assembly/device/imports";');
  const declared = functionTypes(wasm).imports;
  assert.deepEqual(
    Object.fromEntries([...declared].sort()),
    Object.fromEntries([...surface()].sort()),
  );
});

test("every call has a handler, and every handler a row", () => {
  const handlers = [...read("hal/surface.def").matchAll(/"[^"]+",\s*(\w+)\)/g)].map((m) => m[1]);
  const sources = read("hal/imports.c") + read("hal/bridge.c");
  const defined = [...sources.matchAll(/^int64_t (\w+)\(struct vm_call \*call\) \{/gm)];
  assert.equal(new Set(handlers).size, handlers.length);
  assert.deepEqual(defined.map((m) => m[1]).sort(), handlers.sort());
});

test("ssl.wasm exports what the bridge calls, and imports what it is given", async () => {
  const { imports, exports } = functionTypes(readFileSync(await compileSsl()));
  const called = [...read("hal/ssl_wasm.h").matchAll(/X\((\w+), (\d)\)/g)];
  assert.ok(called.length > 30);
  for (const [, name, count] of called) {
    const signature = exports.get(name);
    assert.ok(signature !== undefined, `ssl.wasm lacks ${name}`);
    assert.match(signature, new RegExp(`^[iv]\\(i{${count}}\\)$`), `${name} is ${signature}`);
  }
  const names = new Set(called.map(([, name]) => name));
  names.add("memory_used"); // for tests: that nothing is left allocated
  for (const name of exports.keys()) assert.ok(names.has(name), `${name}: nobody calls it`);
  const calls = surface();
  for (const [name, signature] of imports) {
    assert.ok(["hal.random_fill", "hal.clock_time"].includes(name), `ssl.wasm imports ${name}`);
    assert.equal(signature, calls.get(name));
  }
});

test("the receive buffer has the same limits in ssl_limits.h and record-limit.ts", () => {
  const header = read("hal/ssl_limits.h");
  const module = read("assembly/tls/record-limit.ts");
  const [smallest] = [...module.matchAll(/SMALLEST_RECEIVE: i32 = (\d+);/g)].map((m) => m[1]);
  assert.match(module, /LARGEST_RECEIVE: i32 = MAX_TEXT;/);
  assert.match(header, new RegExp(`SSL_RECEIVE_BUFFER_MIN = ${smallest},`));
  assert.match(header, new RegExp(`SSL_RECEIVE_BUFFER_MAX = ${1 << 14},`));
});

test("error numbers are the same in hal.h and err.ts", () => {
  const numbers = (text: string, pattern: RegExp) =>
    Object.fromEntries([...text.matchAll(pattern)].map((m) => [m[1], Number(m[2])]));
  const errors = read("assembly/base/err.ts");
  const errno = errors.split("export namespace Errno")[1].split("}")[0];
  const ours = numbers(errno, /export const (E[A-Z]+): i32 = (\d+);/g);
  assert.ok(Object.keys(ours).length >= 20);
  assert.deepEqual(numbers(read("hal/hal.h"), /HAL_(E[A-Z]+) = (\d+),/g), ours);

  const misuse = numbers(errors, /export const ([A-Z_]+): i32 = (\d+);/g);
  const inC = read("hal/hal.h") + read("hal/bridge.c");
  const used = [...inC.matchAll(/(BAD_[A-Z]+)\s*[=(]+\s*-0x400 - (\d+)/g)];
  assert.equal(used.length, 3);
  for (const [, name, reason] of used) assert.equal(misuse[name], Number(reason), name);
});
