// The error numbers stand three times, because the programs share no source: in
// assembly/base/err.ts, hal/hal.h (tests/hal/surface.test.ts compares those two) and
// assembly/device/errno.ts.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { root } from "../../scripts/lib/exec.ts";

function constants(file: string, pattern: RegExp): string[] {
  const text = readFileSync(path.join(root, file), "utf8");
  return [...text.matchAll(pattern)].map((match) => `${match[1]} ${match[2]}`).sort();
}

test("errno.ts has the numbers of err.ts, and a name for each", () => {
  const file = "assembly/device/errno.ts";
  const own = constants(file, /^export const (E\w+): i32 = (\d+);/gm);
  const all = constants("assembly/base/err.ts", /^ {2}export const (E[A-Z]+): i32 = (\d+);/gm);
  const base = all.filter((line) => !line.startsWith("EXPIRED")); // of another namespace
  assert.ok(base.length > 10);
  assert.deepEqual(own, base);
  const names = constants(file, /case (E\w+):\s*return "(\w+)";/g);
  assert.deepEqual(
    names,
    own.map((line) => `${line.split(" ")[0]} ${line.split(" ")[0]}`),
  );
});

test("the misuses that the library itself gives have err.ts's numbers", () => {
  const misuses = constants("assembly/base/err.ts", /export const (\w+): i32 = (\d+);/g);
  const ssl = constants("assembly/device/ssl.ts", /const (TOO_MANY): i32 = -0x400 - (\d+);/g);
  const closed = constants("assembly/device/sslsocket.ts", /(CLOSED): i32 = -0x400 - (\d+);/g);
  for (const line of [...ssl, ...closed]) assert.ok(misuses.includes(line), line);
  assert.equal(ssl.length + closed.length, 2);
});
