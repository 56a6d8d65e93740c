// A trap inside ssl.wasm is a fault of ours: in every tier the report must say in which line of
// TypeScript. A stand-in for ssl.wasm traps on demand (tests/entry/hal-ssl.ts), in a function that
// the tier hybrid translates, in one that stays interpreted, and in the first called by the second.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { compileApp } from "../../scripts/lib/app-compiler.ts";
import { buildHost } from "../../scripts/lib/board-host.ts";
import { root } from "../../scripts/lib/exec.ts";
import { runOnHost } from "../../scripts/lib/host-run.ts";
import { translateSsl } from "../../scripts/lib/ssl-program.ts";
import { tiers, type Tier } from "../../scripts/lib/tier.ts";
import { compile } from "../hal/host.ts";

const OUR_FAULT = 70;
const SOURCE = "tests/entry/hal-ssl.ts";
const APP = "tests/entry/apps/fault.ts";
const lines = readFileSync(path.join(root, SOURCE), "utf8").split("\n");

const build = path.join(root, "build/tests");
mkdirSync(build, { recursive: true });
const folder = mkdtempSync(path.join(build, "traps-"));
after(() => rmSync(folder, { recursive: true, force: true }));

let ssl = "";
let app = "";
before(async () => {
  const options = ["--runtime", "stub", "--use", "abort=", "--sourceMap"];
  ssl = await compile(SOURCE, path.join(folder, "ssl.wasm"), options);
  app = compileApp(path.join(root, APP), path.join(folder, "fault.wasm")).wasm;
});

/** "file:line" of the only line of the stand-in that has this text. */
function at(text: string): string {
  const found = lines.flatMap((line, i) => (line.includes(text) ? [i + 1] : []));
  assert.equal(found.length, 1, `one line with ${text}`);
  return `${SOURCE}:${found[0]}`;
}

const DEEPER = `trapDeeper (${at("  unreachable();")})`;
const WANTS = `connection_wants (${at("fault == Fault.TRAP) trapDeeper")})`;
const HERE = `context_new (${at("protocol == Fault.TRAP_HERE")})`;
const BELOW = `context_new (${at("protocol == Fault.TRAP_BELOW")})`;

const UNREACHABLE = "unreachable executed";
const OUTSIDE = "out of bounds memory access";

/**
 * The fault's number, what the report calls it, and the frames: C code knows the innermost only.
 */
const FAULTS: [name: string, number: number, what: string, frames: Record<Tier, string[]>][] = [
  [
    "in a translated function",
    100,
    UNREACHABLE,
    { wasm3: [DEEPER, WANTS], hybrid: [DEEPER], native: [DEEPER] },
  ],
  ["in an interpreted function", 107, OUTSIDE, { wasm3: [HERE], hybrid: [HERE], native: [HERE] }],
  [
    "in a translated function that an interpreted one has called",
    108,
    UNREACHABLE,
    { wasm3: [DEEPER, BELOW], hybrid: [DEEPER, BELOW], native: [DEEPER] },
  ],
];

/** The file system of an app that asks for that fault. */
function filesFor(fault: number): string {
  const files = mkdtempSync(path.join(folder, "files-"));
  writeFileSync(path.join(files, "fault"), String(fault));
  return files;
}

/** The frames of a report, without columns. */
function framesOf(report: string): string[] {
  return [...report.matchAll(/^ {4}at (.*)$/gm)].map(([, frame]) => frame!.replace(/:\d+\)$/, ")"));
}

for (const tier of tiers) {
  for (const [name, fault, what, frames] of FAULTS) {
    test(`${tier}: a trap ${name} is shown by file and line`, async () => {
      const program = await translateSsl(tier, ssl);
      const report: string[] = [];
      let output = "";
      const status = await runOnHost(await buildHost({ ssl: program }), {
        options: ["--root", filesFor(fault)],
        ssl: program,
        app,
        output: (text) => (output += Buffer.from(text).toString()),
        report: (line) => void report.push(line),
      });
      assert.equal(status, OUR_FAULT);
      assert.equal(output, "");
      assert.equal(report[0]!.replace(".remainder", ""), `ssl.wasm: trap: ${what}`);
      assert.deepEqual(framesOf(report.join("\n")), frames[tier]);
      assert.equal(report.at(-1), "this is a fault of the ssl module, not of the app");
    });
  }

  test(`${tier}: wassl run shows it too`, () => {
    const args = ["run", APP, "--tier", tier, "--ssl", ssl, "--", "--root", filesFor(100)];
    const bin = path.join(root, "scripts/wassl.mjs");
    const ended = spawnSync(process.execPath, [bin, ...args], { cwd: root, encoding: "utf8" });
    assert.equal(ended.status, OUR_FAULT, ended.stderr);
    assert.equal(ended.stdout, "");
    assert.equal(framesOf(ended.stderr)[0], DEEPER);
  });
}
