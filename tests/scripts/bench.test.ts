// The bench itself, and the one figure that it must not lose: SHA-256 on Cortex-M0+. Cycles
// of the emulated chip repeat exactly, so this is no test of time.

import assert from "node:assert/strict";
import path from "node:path";
import test from "node:test";
import { exec, root } from "../../scripts/lib/exec.ts";
import { Saved } from "../../scripts/bench/saved.ts";
import { percent, short } from "../../scripts/bench/table.ts";

/** A byte. */
const MOST_CYCLES = 160;

async function bench(...args: string[]): Promise<string> {
  const script = path.join(root, "scripts/bench/main.ts");
  return exec(process.execPath, ["--import", "tsx", script, ...args]);
}

/** The cells of a row; columns are at least two spaces apart. */
function cellsOf(output: string, name: string): string[] {
  const line = output.split("\n").find((row) => row.startsWith(name));
  assert.ok(line, output);
  return line.trim().split(/ {2,}/);
}

test("translated SHA-256 costs at most 160 cycles a byte on Cortex-M0+", async (t) => {
  const output = await bench("--chip", "--filter", "sha256-byte");
  const columns = output.split("\n").find((row) => row.includes("hybrid"))!;
  const native = columns.trim().split(/ {2,}/).indexOf("native");
  const cell = cellsOf(output, "sha256-byte")[native + 1]!;
  const cycles = Number(cell.split(" ")[0]!.replaceAll(",", ""));
  t.diagnostic(`${cycles} cycles`);
  assert.ok(cycles > 20 && cycles <= MOST_CYCLES, output);
});

test("on this machine: three tiers and two libraries beside each other", async () => {
  const output = await bench("--filter", "sha256-byte");
  const cells = cellsOf(output, "sha256-byte");
  assert.equal(cells.length, 10, output);
  assert.match(output, /^native .*\d/m); // the sizes
});

test("a filter that matches nothing is an error, not an empty table", async () => {
  await assert.rejects(bench("--filter", "sha257"), /nothing has sha257 in its name/);
});

test("differences to a saved run", () => {
  const saved = new Saved(path.join(root, "build/bench/no-such-file.json"));
  assert.ok(saved.isEmpty);
  assert.equal(saved.record("chip/x/native", 5), undefined);
  assert.equal(percent(110, 100), "+10.0%");
  assert.equal(percent(100, 100), "0%");
  assert.equal(percent(99_990, 100_000), "-0.01%");
  assert.equal(short(7_444), "7,444");
  assert.equal(short(100.39), "100.4");
  assert.equal(short(12_387_389), "12.39 M");
});
