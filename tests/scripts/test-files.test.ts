// The choice of test files for a debug build: every one that runs programs on the engines must be
// in it, or it would pass without having been tried.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { root } from "../../scripts/lib/exec.ts";
import { affected, DEBUG_BUILDS, testFiles } from "../../scripts/lib/test-files.ts";

const all = testFiles([]);
const { alignment, sanitize } = DEBUG_BUILDS;

test("test files are found by a part of their path", () => {
  assert.ok(all.includes("tests/layers.test.ts"));
  assert.deepEqual(testFiles(["tests/x509/pem", "layers"]), [
    "tests/layers.test.ts",
    "tests/x509/pem.test.ts",
  ]);
  assert.deepEqual(testFiles(["no such file"]), []);
});

test("a debug build is for every test file that goes through the engines", () => {
  const chosen = affected(all, alignment);
  const loop = /^\s*for \(const engine of engines\)/m;
  const loops = all.filter((file) => loop.test(readFileSync(path.join(root, file), "utf8")));
  assert.ok(loops.length > 25, `${loops.length} files`);
  for (const file of loops) assert.ok(chosen.includes(file), file);
  // through another file, and on one engine only
  for (const name of ["tls13/negative-order", "interop/openssl", "ssl/memory"]) {
    assert.ok(chosen.includes(`tests/${name}.test.ts`), name);
  }
});

test("apps on wassl-host have sanitizers, and no check of alignment", () => {
  const name = "tests/device/socket.test.ts";
  assert.deepEqual(affected([name], sanitize), [name]);
  assert.deepEqual(affected([name], alignment), []);
});

test("what has a build of its own, or none, is left out", () => {
  const others = ["constant-time-native", "fuzz/fuzz", "layers", "scripts/cli", "hal/end"];
  const files = others.map((name) => `tests/${name}.test.ts`);
  assert.ok(files.every((file) => all.includes(file)));
  for (const build of [alignment, sanitize]) assert.deepEqual(affected(files, build), []);
});
