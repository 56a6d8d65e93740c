// The sum of all vectors, and the Wycheproof files that nothing ran.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { Vectors } from "../../scripts/lib/vectors.ts";
import { Tally } from "../vectors/wycheproof.ts";

const folder = mkdtempSync(path.join(tmpdir(), "wassl-vectors-"));
after(() => rmSync(folder, { recursive: true }));
for (const name of ["a_test.json", "b_test.json", "README.md"]) {
  writeFileSync(path.join(folder, name), "");
}

/** A report with the lines as Node's reporters print them, in pieces of n characters. */
function reported(lines: string[], n = 7, mark = "#"): Vectors {
  const vectors = new Vectors();
  const text = lines.map((line) => `    ${mark} ${line}\n`).join("");
  for (let i = 0; i < text.length; i += n) vectors.add(text.slice(i, i + n));
  return vectors;
}

function line(file: string, run: number, skipped: number): string {
  const tally = new Tally(file);
  for (let i = 0; i < run; i++) tally.ran();
  for (let i = 0; i < skipped; i++) tally.skip("for a reason");
  return tally.toString();
}

test("vector lines of both reporters are added up, however they are cut", () => {
  const lines = [line("a_test.json", 3, 1), "no vectors here", line("NIST, SHA: long", 4, 0)];
  for (const mark of ["#", "ℹ"]) {
    const vectors = reported(lines, 5, mark);
    assert.equal(vectors.toString(), "# vectors 7 run, 1 skipped, in 2 sets");
  }
});

test("a Wycheproof file that nothing ran is named", () => {
  assert.deepEqual(reported([]).notRun(folder), ["a_test.json", "b_test.json"]);
  assert.deepEqual(reported([line("a_test.json", 1, 0)]).notRun(folder), ["b_test.json"]);
  const onlySkipped = [line("a_test.json", 1, 0), line("b_test.json", 0, 9)];
  assert.deepEqual(reported(onlySkipped).notRun(folder), ["b_test.json"]);
  assert.deepEqual(reported([...onlySkipped, line("b_test.json", 2, 7)]).notRun(folder), []);
  assert.deepEqual(reported([]).notRun(path.join(folder, "none")), []);
});

test("of several engines the one that ran most of a file counts", () => {
  const vectors = reported([1, 9, 4].map((n) => line("a_test.json", n, 9 - n)));
  assert.deepEqual(vectors.table(folder), ["# a_test.json: all 9"]);
  const fewer = reported([line("b_test.json", 2, 7), line("b_test.json", 1, 8)]);
  assert.deepEqual(fewer.table(folder), ["# b_test.json: 2 of 9 (7 for a reason)"]);
});
