// fs_littlefs: a power cut at every page and sector that a workload writes, damaged images, and the
// cases that an app alone cannot bring about. What apps see is tested by files.test.ts, on
// wassl-host with littlefs.
//
//   WASSL_LONG=1 node --import tsx --test tests/hal/fs-littlefs.test.ts     many more of all

import assert from "node:assert/strict";
import { test } from "node:test";
import { linesOf } from "./host.ts";
import { runDriver } from "./littlefs-driver.ts";

const LONG = process.env.WASSL_LONG === "1";
const SEEDS = LONG ? 70 : 2;
const STEPS = LONG ? 200 : 60;
const DAMAGED = LONG ? 200_000 : 2_000;

/** Adds up the numbers of lines "name number, name number". */
function addUp(outputs: string[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [, name, number] of outputs.join("").matchAll(/([a-z ]+) (\d+)(?:,|\n) ?/g)) {
    sums.set(name!, (sums.get(name!) ?? 0) + Number(number));
  }
  return sums;
}

function report(sums: Map<string, number>): string {
  return [...sums].map(([name, number]) => `${name} ${number}`).join(", ");
}

test("after a power cut every file is old or new, and everything works", async (t) => {
  const outputs: string[] = [];
  for (let seed = 1; seed <= SEEDS; seed++) {
    outputs.push(await runDriver({ name: "cuts" }, [String(STEPS), String(seed)]));
  }
  const sums = addUp(outputs);
  assert.ok(sums.get("cuts")! >= 2000 && sums.get("old")! > 0 && sums.get("new")! > 0);
  t.diagnostic(report(sums));
});

test("without littlefs' checksums a power cut is noticed: the test can fail", async () => {
  const run = runDriver({ name: "cuts", withoutChecksums: true }, [String(STEPS), "1"]);
  await assert.rejects(run, /cuts .* ended with 1/);
});

test("damaged images give errors, never a crash or a hang", async (t) => {
  const sums = addUp([await runDriver({ name: "damage" }, ["all", String(DAMAGED), "1"])]);
  assert.equal(sums.get("damaged"), DAMAGED);
  assert.ok(sums.get("mounted")! > 0 && sums.get("refused")! > 0);
  t.diagnostic(report(sums));
});

test("nor do they where every checksum seems right, as long as nothing is written", async (t) => {
  const driver = { name: "damage", withoutChecksums: true } as const;
  const sums = addUp([await runDriver(driver, ["reading", String(DAMAGED), "1"])]);
  assert.ok(sums.get("mounted")! > 0 && sums.get("refused")! > 0);
  t.diagnostic(report(sums));
});

/** What each case must give, in the order of fs-littlefs-cases.c. */
const expected = {
  ...{ "not mounted: open": -5, "not mounted: list": -5, "not mounted: space": -5 },
  ...{ "erased region": 0, "sectors left": 22, "mounted again": 0, "file from before": 1000 },
  ...{ "another size": -5, "no whole sectors": -22, "odd start": -22, "two sectors": -22 },
  ...{ "outside the flash": -5, damaged: -5, "damaged: open": -5, "damaged: left alone": 1 },
  ...{ "damaged, with a small file": -5, "something else": -5, formatted: 0, usable: 0 },
  ...{ "first mount: wrong": 0, "format: refused": 1, "format: wrong": 0 },
  ...{ "secret is there": 1, "secret bytes left": 0 },
  ...{ "full: write": -28, "full: write after": -28, "full: seek after": -28, "full: close": -28 },
  ...{ "full: old content": 100, "full: beyond any file": -22, "full: position": 0 },
  ...{ "full: write there": -28, "full: close that": -28, "full: replace": -28 },
  ...{ "full: large": 9000, "full: remove": 0, "full: sectors left": 3, "full: again": 0 },
  ...{ reader: 100, writer: 1, "reader before the close": 100, "late writer": 1 },
  ...{ "writer closes": 0, "reader after the close": -9, "reader seeks": -9, "reader closes": 0 },
  ...{ "late write": -9, "late close": -9, content: 6001 },
  ...{ remove: 0, "removed: read": -9, "removed: write": -9, "removed: close": 0 },
  ...{ "removed: gone": -2, rename: 0, "replaced: read": -9, "moved: read": -9 },
  ...{ "replaced: close": 0, renamed: 300, "neighbours: wrong": 0 },
  ...{ folder: 0, "folder again": -17, "folder without parent": -2, "folder outside": -13 },
  ...{ "folder in use": -17, "remove a folder as a file": -21, "remove a file as a folder": -2 },
  ...{ "rename to a folder": -21, "rename outside": -13, "rename nothing": -2, root: -22 },
  ...{ "empty folder": 0, "sectors left afterwards": 22 },
  ...{ "put: while it goes on": 500, "put: forgotten": 0, "put: still there": 500 },
  ...{ "put: parents": 0, "put: content": 300, "put: ended": -9, "put: onto a folder": -21 },
  ...{ "put: below a file": -2, "put: outside": -13, "put: nothing left": -2 },
  ...{ "put: mounted meanwhile": 0, "put: old number": -9, "put: nothing left either": -2 },
  ...{ "put: new one": 0, "put: empty": 0, "wear: wrong": 0 },
  ...{ "worn out: wrong": 0, "worn out: kept": 5000, "worn out: root folder": -28 },
  "worn out: kept then": 5000,
};

test("mounting, formatting, a full flash, file numbers, folders, puts and wear", async () => {
  const said = linesOf(await runDriver({ name: "cases" }, []));
  for (const [name, value] of Object.entries(expected)) assert.equal(said.get(name), value, name);
  assert.ok(said.get("first mount: operations")! >= 2);
  const average = said.get("wear: in all")! / 24;
  assert.ok(said.get("wear: most")! < 2 * average, "some sectors wear out early");
});
