// A short run of every fuzz target from its seeds: no input may trap, read too far, keep memory or
// make the C around it misbehave. `npm run fuzz` runs them for as long as one likes.
//
// libFuzzer's own random numbers start at the same point each time, but the seeds (certificates,
// signatures) are fresh. The planted bug shows that the whole chain finds and reports something.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { CONTROL, execute, fuzz, summaryOf, TARGETS, writeSeeds } from "./targets.ts";

const LONG = process.env.WASSL_LONG === "1" ? 50 : 1;

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "wassl-fuzz-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a planted bug is found, and its report names the function", () =>
  inFolder(async (folder) => {
    const { status, report } = await fuzz(CONTROL, folder, ["-seed=1", `-runs=${CONTROL.runs}`]);
    assert.notEqual(status, 0, "the bug was not found");
    assert.match(report, /out of bounds memory access in .*fuzz-control\/parse/);
  }));

test("recorded conversations end in a finished handshake", () =>
  inFolder(async (folder) => {
    const receive = TARGETS.find((target) => target.name === "receive")!;
    const files = await writeSeeds(receive, folder);
    const { status, report } = await execute(receive, files, { FUZZ_CONNECTED: "1" });
    assert.equal(status, 0, report);
  }));

for (const target of TARGETS) {
  test(`no input breaks ${target.name}`, (t) =>
    inFolder(async (folder) => {
      const runs = target.runs * LONG;
      const { status, report } = await fuzz(target, folder, ["-seed=1", `-runs=${runs}`]);
      assert.equal(status, 0, report.split("\n").slice(-40).join("\n"));
      const { inputs, edges } = summaryOf(report);
      assert.ok(inputs >= runs);
      t.diagnostic(`${inputs} inputs, ${edges} edges of code`);
    }));
}
