// How a program ends: normally, by hal.exit, by a trap, by abort - each with its exit status and a
// report that names functions and offsets - and what wassl-host says when it cannot start one.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { before, test } from "node:test";
import { buildHost } from "../../scripts/lib/board-host.ts";
import {
  compile,
  compileApp,
  compileStandIn,
  folderWith,
  hosts,
  linesOf,
  runHost,
  temporaryFolder,
  type Ended,
} from "./host.ts";

const folder = temporaryFolder();
let ssl = "";
let app = "";

before(async () => {
  ssl = await compileStandIn(folder);
  app = await compileApp("hal-end", folder);
});

async function end(host: string, how: string, options: string[] = [], env = {}): Promise<Ended> {
  return runHost(host, { root: folderWith(folder, { how }), options, ssl, app, env });
}

/** The functions of a report's stack, innermost first. */
function stackOf(report: string): string[] {
  return [...report.matchAll(/^ {4}at (.*) \(app\.wasm\+0x[0-9a-f]+\)$/gm)].map((m) => m[1]);
}

const top = ["start:tests/entry/hal-end", "_start"];
const nested = ["tests/entry/hal-end/inner", "tests/entry/hal-end/outer", ...top];

/** How it ends, the first line of the report, the stack. */
const traps: [string, string, string[]][] = [
  ["unreachable", "app.wasm: trap: unreachable executed", nested],
  ["load", "app.wasm: trap: out of bounds memory access", nested],
  ["divide", "app.wasm: trap: integer divide by zero", nested],
  ["log outside", "app.wasm: trap: log_write of a range outside the memory", top],
];

for (const host of hosts) {
  for (const [how, line, stack] of traps) {
    test(`${host.name}: ${how} is reported with the functions' names`, async () => {
      const ended = await end(await host.build(), how);
      assert.equal(ended.status, 1);
      assert.equal(ended.stdout, "");
      assert.equal(ended.stderr.split("\n")[0], line);
      assert.deepEqual(stackOf(ended.stderr), stack);
    });
  }

  test(`${host.name}: an exception is reported with message, file, line and column`, async () => {
    const ended = await end(await host.build(), "throw");
    assert.equal(ended.status, 1);
    const head = ended.stderr.split("\napp.wasm: trap: abort\n")[0];
    const source = readFileSync("tests/entry/hal-end.ts", "utf8").split("\n");
    const line = source.findIndex((text) => text.includes('how == "throw"')) + 1;
    const place = `tests/entry/hal-end\\.ts:${line}:\\d+`;
    assert.match(head, new RegExp(`^abort: text: é € 😀\nsecond line \\?\\[31m\n {4}in ${place}$`));
    assert.deepEqual(stackOf(ended.stderr), nested);
  });

  test(`${host.name}: abort with pointers to nowhere`, async () => {
    for (const how of ["abort nowhere", "abort inside"]) {
      const ended = await end(await host.build(), how);
      assert.equal(ended.status, 1);
      assert.match(ended.stderr, /^abort: \(no message\)\napp\.wasm: trap: abort\n/);
    }
  });

  test(`${host.name}: recursion without end is a trap, on either stack`, async () => {
    for (const how of ["recursion", "deep recursion", "nested loops"]) {
      const ended = await end(await host.build(), how);
      assert.equal(ended.status, 1, how);
      assert.equal(ended.stderr.split("\n")[0], "app.wasm: trap: stack overflow", how);
      assert.match(ended.stderr, /\n {4}\.\.\. and \d+ more\n$/);
      assert.equal(stackOf(ended.stderr).length, 24);
    }
  });

  test(`${host.name}: exit status, clock, randomness, memory`, async () => {
    const program = await host.build();
    assert.equal((await end(program, "exit")).status, 42);
    assert.equal(linesOf((await end(program, "random")).stdout).get("any"), 1);
    const grown = await end(program, "grow", ["--memory-limit", "app=200000"]);
    assert.equal(linesOf(grown.stdout).get("pages"), 4); // whole pages, the last one cut short
    assert.equal(grown.stderr.split("\n")[0], "app.wasm: trap: out of bounds memory access");
    const whole = await end(program, "grow", ["--memory-limit", "app=262144"]);
    assert.equal(whole.status, 0);
    assert.equal(linesOf(whole.stdout).get("last byte"), 1);
  });

  test(`${host.name}: the clock is unset, set, or the system's`, async () => {
    const program = await host.build();
    const unset = await end(program, "clock", ["--clock", "unset"]);
    assert.equal(unset.status, 0, unset.stderr);
    assert.match(unset.stdout, /^time -1\nslept 1\nset 0\ntime 1700000000\nbefore 1970 -22\n/);
    assert.match(unset.stdout, /\nyear 10000 -22\ntime 1700000000\nticks 0\nthe end\n$/);
    const fixed = await end(program, "clock", ["--clock", "1600000000"]);
    assert.match(fixed.stdout, /^time 16000000[0-5]\d\n/); // within a minute of its start
    const system = linesOf((await end(program, "clock")).stdout.replace(/\n[^]*/, ""));
    assert.ok(Math.abs(system.get("time")! - Date.now() / 1000) < 300);
  });
}

test("no entropy is an error, not weaker bytes", async () => {
  const source = path.join(folder, "no-entropy.c");
  const library = path.join(folder, "no-entropy.so");
  writeFileSync(
    source,
    "int getentropy(void *p, unsigned long n) { (void)p; (void)n; return -1; }\n",
  );
  execFileSync("cc", ["-shared", "-fPIC", "-o", library, source]);
  const ended = await end(await buildHost(), "random", [], { LD_PRELOAD: library });
  assert.equal(ended.stdout, "filled -5\nany 0\nthe end\n");
});

test("what cannot start is explained", async () => {
  const host = await buildHost();
  const root = folderWith(folder, { "broken.wasm": "\0asm\x01\0\0\0\xff", empty: "" });
  const start = (...args: string[]) =>
    runHost(host, { options: args.slice(0, -2), ssl: args.at(-2)!, app: args.at(-1)! });
  const cases: [string[], number, RegExp][] = [
    [[ssl, "missing.wasm"], 66, /^wassl-host: cannot read missing\.wasm: No such file/],
    [[ssl, root], 66, /^wassl-host: cannot read .*: Is a directory\n$/],
    [[ssl, path.join(root, "empty")], 66, /^wassl-host: .*empty: /],
    [[ssl, path.join(root, "broken.wasm")], 66, /^wassl-host: .*broken\.wasm: /],
    [[app, app], 66, /^ssl\.wasm: imports \w+\.\w+, which is not offered here\n/],
    [[ssl, ssl], 66, /: no fitting export _start\n$/],
    [["--memory-limit", "app=0", ssl, app], 66, /: needs more memory than it may have\n$/],
    [["--clock", "yesterday", ssl, app], 64, /^wassl-host: bad --clock: yesterday\n/],
    [["--clock", "-1", ssl, app], 64, /^wassl-host: bad --clock/],
    [["--memory-limit", "tls=1", ssl, app], 64, /^wassl-host: bad --memory-limit/],
    [["--connect-to", "a:1:b:2", ssl, app], 64, /^wassl-host: bad --connect-to/],
    [["--connect-to", "a:1:127.0.0.1", ssl, app], 64, /^wassl-host: bad --connect-to/],
    [["--connect-to", "[::1:1:127.0.0.1:2", ssl, app], 64, /^wassl-host: bad --connect-to/],
    [["--connect-to", "a:70000:127.0.0.1:2", ssl, app], 64, /^wassl-host: bad --connect-to/],
    [["--root", "/no/such/folder", ssl, app], 64, /^wassl-host: cannot open --root/],
    [["--unknown", ssl, app], 64, /unrecognized option '--unknown'/],
    [["extra", ssl, app], 64, /^wassl-host: expected \[SSL\.wasm\] APP\.wasm\n/],
  ];
  for (const [args, status, message] of cases) {
    const ended = await start(...args);
    assert.match(ended.stderr, message, args.join(" "));
    assert.equal(ended.status, status, args.join(" "));
    assert.equal(ended.stdout, "");
  }
});

test("an import of another signature, and one that nobody offers, are named", async () => {
  const host = await buildHost();
  const declare = (module: string, name: string, type: string) =>
    `@external("${module}", "${name}") declare function f(${type}): i32;\nf(0);\n`;
  const cases: [string, RegExp][] = [
    [
      declare("hal", "fs_close", "x: i64"),
      /^app\.wasm: import hal\.fs_close: function signature mismatch\n$/,
    ],
    [
      declare("hal", "fs_format", "x: i32"),
      /^app\.wasm: imports hal\.fs_format, which is not offered here\n$/,
    ],
  ];
  for (const [i, [source, message]] of cases.entries()) {
    const entry = path.join(folder, `import${i}.ts`);
    writeFileSync(entry, source);
    const options = ["--exportStart", "_start", "--runtime", "stub", "--initialMemory", "1"];
    const wasm = await compile(entry, path.join(folder, `import${i}.wasm`), options);
    const ended = await runHost(host, { ssl, app: wasm });
    assert.match(ended.stderr, message);
    assert.equal(ended.status, 66);
  }
});

test("--help and --version", async () => {
  const host = await buildHost();
  const help = execFileSync(host, ["--help"], { encoding: "utf8" });
  for (const option of ["--root", "--clock", "--connect-to", "--memory-limit", "--stats"]) {
    assert.ok(help.includes(`  ${option} `), option);
  }
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  const said = execFileSync(host, ["--version"], { encoding: "utf8" });
  assert.equal(said, `wassl-host ${version} (wasm3)\n`);
});

test("clang compiles it too, without a warning", async () => {
  assert.match(await buildHost({ compiler: "clang" }), /host-clang\/wassl-host$/);
});
