// imports.c: no offset and length from an app reaches memory that is not the app's, and no number
// from an app brings the host down.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { before, test } from "node:test";
import { root } from "../../scripts/lib/exec.ts";
import {
  compileApp,
  compileStandIn,
  folderWith,
  hosts,
  linesOf,
  runHost,
  temporaryFolder,
} from "./host.ts";

const folder = temporaryFolder();
const RANGES = 9; // ranges outside the memory that the app tries
const ADDRESSES = 4;
let ssl = "";
let app = "";

before(async () => {
  ssl = await compileStandIn(folder);
  app = await compileApp("hal-ranges", folder);
});

/** The calls of surface.def that take a range or an address, by their comments. */
function callsWithRanges(): string[] {
  const table = readFileSync(path.join(root, "hal/surface.def"), "utf8");
  const rows = [...table.matchAll(/^CALL\("(?:hal|ssl)", "(\w+)",.*\/\*(.*)\*\//gm)];
  const takers = rows.filter((m) => /range|socket, address/.test(m[2])).map((m) => m[1]);
  return [...takers, "net_bind"].filter((name) => name !== "log_write"); // tested in end.test.ts
}

test("the app tries every call that takes a range", () => {
  const source = readFileSync(path.join(root, "tests/entry/hal-ranges.ts"), "utf8");
  const calls = callsWithRanges();
  assert.ok(calls.length >= 24, String(calls.length));
  for (const name of calls) assert.ok(source.includes(`expect("${name}`), `${name} is not tried`);
});

for (const host of hosts) {
  test(`${host.name} refuses ranges outside the memory and survives odd numbers`, async () => {
    const source = readFileSync(path.join(root, "tests/entry/hal-ranges.ts"), "utf8");
    const tries = source.split("function addresses")[0].match(/expect\("/g)!.length;
    const more = source
      .split("function addresses")[1]
      .split("\n}")[0]
      .match(/expect\("/g)!.length;
    const tls = source
      .split("function tls")[1]
      .split("\n}")[0]
      .match(/expect\("/g)!.length;
    const run = { root: folderWith(folder, { file: "x" }), ssl, app };
    const ended = await runHost(await host.build(), run);
    assert.equal(ended.stderr, "");
    assert.equal(ended.status, 0);
    const refused = RANGES * (tries + tls) + ADDRESSES * more;
    assert.equal(ended.stdout, `refused ${refused}\ndone\n`);
    assert.ok(linesOf(ended.stdout).get("refused")! > 200);
  });
}
