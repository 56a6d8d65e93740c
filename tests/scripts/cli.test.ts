// The command line: help, wrong usage, what a compile error and a trap look like, exit status.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { buildHost } from "../../scripts/lib/board-host.ts";
import { root } from "../../scripts/lib/exec.ts";

const bin = path.join(root, "scripts/wassl.mjs");
const build = path.join(root, "build");
mkdirSync(path.join(build, "tests"), { recursive: true });
const folder = mkdtempSync(path.join(build, "tests/cli-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function wassl(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [bin, ...args], { cwd: root, encoding: "utf8" });
}

test("help names every verb, and every verb has its own", () => {
  const { status, stdout } = wassl("--help");
  assert.equal(status, 0);
  for (const verb of ["build", "run"]) {
    assert.match(stdout, new RegExp(`wassl ${verb} `));
    const help = wassl(verb, "--help");
    assert.equal(help.status, 0);
    assert.match(help.stdout, new RegExp(`^wassl ${verb} APP\\.ts`));
    assert.equal(help.stderr, "");
  }
});

test("run's help names every option of the board", async () => {
  const board = spawnSync(await buildHost(), ["--help"], { encoding: "utf8" });
  const options = [...board.stdout.matchAll(/^ {2}(--[a-z-]+) /gm)].map((match) => match[1]!);
  const { stdout } = wassl("run", "--help");
  assert.ok(options.length > 3);
  const others = ["--help", "--frames"]; // --frames is for a build with lwIP, which tests make
  for (const option of options.filter((o) => !others.includes(o))) {
    assert.ok(stdout.includes(option), `${option} is missing`);
  }
});

const usage: [string[], RegExp][] = [
  [[], /wassl --help|VERB/],
  [["fly"], /there is no verb fly/],
  [["build"], /APP\.ts is missing/],
  [["build", "--fast", "a.ts"], /--fast/],
  [["build", "a.ts", "b.ts"], /one APP\.ts at a time/],
  [["build", "--board", "moon"], /there is no board moon/],
  [["build", "a.ts", "--tier", "fast"], /--tier is one of wasm3, hybrid, native/],
  [["run", "a.ts", "--board", "moon"], /there is no board moon/],
  [["run", "a.ts", "--tier", "fast"], /--tier is one of/],
  [["run", "a.ts", "--root", "."], /--root/],
];

for (const [args, message] of usage) {
  test(`wrong usage: wassl ${args.join(" ")}`, () => {
    const { status, stdout, stderr } = wassl(...args);
    assert.equal(status, 2);
    assert.match(stdout + stderr, message);
  });
}

test("a missing file, a folder that is none", () => {
  const { status, stderr } = wassl("build", "nowhere.ts");
  assert.equal(status, 1);
  assert.equal(stderr, "wassl build: there is no file nowhere.ts\n");
});

test("compile errors name file and line", () => {
  const out = path.join(folder, "syntax.wasm");
  const { status, stderr } = wassl("build", "tests/entry/apps/mistakes/syntax.ts", "-o", out);
  assert.equal(status, 1);
  assert.match(stderr, /tests\/entry\/apps\/mistakes\/syntax\.ts does not compile/);
  assert.match(stderr, /in tests\/entry\/apps\/mistakes\/syntax\.ts\(5,20\)/);
  assert.match(stderr, /in tests\/entry\/apps\/mistakes\/syntax\.ts\(6,8\)/);
});

test("an import that no board has", () => {
  const out = path.join(folder, "foreign.wasm");
  const { status, stderr } = wassl("build", "tests/entry/apps/mistakes/foreign.ts", "-o", out);
  assert.equal(status, 1);
  assert.match(stderr, /imports what no board has: env\.launch/);
});

test("build writes app.wasm and its map", () => {
  const out = path.join(folder, "nested/insecure.wasm");
  const { status, stdout } = wassl("build", "examples/https-insecure.ts", "-o", out);
  assert.equal(status, 0);
  assert.match(stdout, /nested\/insecure\.wasm: \d+ bytes/);
  assert.ok(WebAssembly.validate(readFileSync(out)));
  const map = JSON.parse(readFileSync(`${out}.map`, "utf8")) as { sources: string[] };
  assert.ok(map.sources.includes("examples/https-insecure.ts"));
});

test("build with a tier builds what the board runs apps with", () => {
  const native = wassl("build", "--tier", "native");
  assert.equal(native.status, 0, native.stderr);
  assert.match(native.stdout, /^build\/limbs26\/host-native\/wassl-host: \d+ bytes\n$/);
  const hybrid = wassl("build", "--board", "host", "--tier", "hybrid");
  assert.match(hybrid.stdout, /^build\/limbs26\/host-hybrid\/wassl-host: \d+ bytes\n/);
  assert.match(hybrid.stdout, /^build\/limbs26\/tier-hybrid\/ssl\.remainder\.wasm: \d+ bytes$/m);
  const version = spawnSync(path.join(build, "limbs26/host-native/wassl-host"), ["--version"]);
  assert.match(version.stdout.toString(), / \(native\)\n$/);
});

function run(name: string): { status: number | null; stdout: string; stderr: string } {
  return wassl("run", `tests/entry/apps/mistakes/${name}.ts`, "--", "--root", folder);
}

test("a null that was used: the reason, the file, the line and who called", () => {
  const { status, stdout, stderr } = run("unchecked");
  assert.equal(status, 1);
  assert.equal(stdout, "before\nThe latest call that failed: OSError(2, 'ENOENT')\n");
  assert.match(stderr, /abort: Unexpected 'null'/);
  assert.match(stderr, /in tests\/entry\/apps\/mistakes\/unchecked\.ts:6:10/);
  assert.match(stderr, /at .* \(tests\/entry\/apps\/mistakes\/unchecked\.ts:(6|9):\d+\)/);
});

test("OSError.raise_ ends the app with the error and the line", () => {
  const { status, stderr } = run("raised");
  assert.equal(status, 1);
  assert.match(stderr, /abort: OSError\(2, 'ENOENT'\)/);
  assert.match(stderr, /at top level \(tests\/entry\/apps\/mistakes\/raised\.ts:3:\d+/);
});

test("a trap is shown by file and line", () => {
  const { status, stderr } = run("range");
  assert.equal(status, 1);
  assert.match(stderr, /integer divide by zero/);
  assert.match(stderr, /\(tests\/entry\/apps\/mistakes\/range\.ts:4:\d+\)/);
});
