// What keeps an app off a device that could not run it: wasm3 does not validate, so check.mjs does.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { test } from "node:test";
import { root } from "../../scripts/lib/exec.ts";

/** What check.mjs says of a module; it runs without the TypeScript loader, which would slow it. */
function complaintOf(wasm: number[]): string | null {
  const script = `
    import { complaintOf } from ${JSON.stringify(path.join(root, "scripts/compiler/check.mjs"))};
    const wasm = Uint8Array.from(${JSON.stringify(wasm)});
    const surface = ${JSON.stringify(path.join(root, "hal/surface.def"))};
    process.stdout.write(JSON.stringify(complaintOf(wasm, surface)));`;
  const args = ["--input-type=module", "-e", script];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as string | null;
}

const section = (id: number, bytes: number[]): number[] => [id, bytes.length, ...bytes];
const name = (text: string): number[] => [text.length, ...Buffer.from(text)];

/** A module with a memory and _start, whose code is `body`; the code may need a data segment. */
function moduleOf(body: number[], start = "_start", imports: number[] = []): number[] {
  const data = body.includes(0xfc) && !body.includes(11);
  return [
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 0, 0]),
    ...imports,
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [1, ...name(start), 0, imports.length > 0 ? 1 : 0]),
    ...(data ? section(12, [1]) : []),
    ...section(10, [1, body.length + 2, 0, ...body, 0x0b]),
    ...(data ? section(11, [1, 1, 1, 0]) : []),
  ];
}

const zeros = [0x41, 0, 0x41, 0, 0x41, 0];

test("a module that wasm3 can run", () => {
  assert.equal(complaintOf(moduleOf([])), null);
  assert.equal(complaintOf(moduleOf([...zeros, 0xfc, 11, 0])), null, "memory.fill");
});

test("instructions that wasm3 does not know", () => {
  assert.match(complaintOf(moduleOf([0xfc, 9, 0]))!, /would not run on wasm3/, "data.drop");
  assert.match(complaintOf(moduleOf([...zeros, 0xfc, 8, 0, 0]))!, /would not run/, "memory.init");
  assert.match(complaintOf(moduleOf([0x12, 0]))!, /would not run/, "return_call");
});

test("no _start, an unknown import", () => {
  assert.equal(complaintOf(moduleOf([], "start")), "exports no _start");
  const imports = section(2, [1, ...name("hal"), ...name("format"), 0, 0]);
  const complaint = complaintOf(moduleOf([], "_start", imports));
  assert.equal(complaint, "imports what no board has: hal.format");
});
