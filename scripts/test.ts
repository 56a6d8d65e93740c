// npm test: runs tests/**/*.test.ts with Node's own runner and adds up the vectors they report.
//
//   node --import tsx scripts/test.ts [--filter PATH] [--long] [--alignment | --sanitize]
//
// Two files at a time; each is a process of its own. A test file states its vectors in diagnostics
// of the form `<what>: N run, M skipped (reasons)`; their sum is printed at the end, so that a
// suite that quietly ran less than yesterday shows it. A run of everything fails where a Wycheproof
// file lies there that no test ran. The last lines name the slowest files and every failure.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { root } from "./lib/exec.ts";
import { wycheproofFolder } from "../tests/vectors/wycheproof.ts";
import { affected, DEBUG_BUILDS, testFiles, type DebugBuild } from "./lib/test-files.ts";
import { Vectors } from "./lib/vectors.ts";

const HELP = `Usage: npm test -- [--filter PATH] [--long] [--alignment | --sanitize]

  --filter PATH  only the test files whose path contains PATH; may be repeated
  --long         more random input (WASSL_LONG=1), and every vector on every engine
  --alignment    what is tested in the translated tiers, in the build that checks every
                 access's alignment (npm run test:alignment)
  --sanitize     the same in the build with the address and undefined-behaviour sanitizers, and
                 the apps on such a board (npm run test:sanitize)
  --help         this text

WASSL_ENGINE=NAME,... names the engines: v8, wasm3, hybrid, native. Default: all, and with the
last two options hybrid,native.
`;

const CONCURRENCY = 2;
/** For one file, in ms: endless loops in WebAssembly can only be ended from outside. */
const LIMIT = 15 * 60_000;
const LONG_LIMIT = 6 * 3600_000;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      filter: { type: "string", multiple: true, default: [] },
      long: { type: "boolean", default: false },
      alignment: { type: "boolean", default: false },
      sanitize: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (values.alignment && values.sanitize) throw new Error("--alignment or --sanitize, not both");
  const all = testFiles(values.filter.map((part) => part.replace(/^\.\//, "")));
  const debug = values.alignment || values.sanitize;
  const build = debug ? DEBUG_BUILDS[values.alignment ? "alignment" : "sanitize"] : null;
  const files = build === null ? all : affected(all, build);
  if (files.length === 0) throw new Error(`no test file matches ${values.filter.join(", ")}`);
  const isWhole = build === null && values.filter.length === 0;
  return report(files, values.long, environment(values.long, build), isWhole);
}

/** Runs the files, then says what the runner's own report buries: vectors, time, failures. */
async function report(
  files: readonly string[],
  long: boolean,
  env: NodeJS.ProcessEnv,
  isWhole: boolean,
): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), "wassl-test-"));
  try {
    const summary = path.join(folder, "summary");
    const vectors = new Vectors();
    const status = await runNode(runnerOptions(files, long, summary), env, vectors);
    console.log(String(vectors));
    const missing = isWhole ? checkWycheproof(vectors) : 0;
    process.stdout.write(readFileSync(summary, "utf8"));
    return Math.max(status, missing);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Prints what was run of each file; 1 where there is one that nothing ran. */
function checkWycheproof(vectors: Vectors): number {
  for (const line of vectors.table(wycheproofFolder)) console.log(line);
  const missing = vectors.notRun(wycheproofFolder);
  for (const file of missing) console.error(`test: not one case of ${file} was run`);
  return missing.length === 0 ? 0 : 1;
}

function environment(long: boolean, build: DebugBuild | null): NodeJS.ProcessEnv {
  const env = { ...process.env };
  if (long) env.WASSL_LONG = "1";
  if (build !== null) {
    env[build.variable] = "1";
    env.WASSL_ENGINE ??= "hybrid,native";
  }
  return env;
}

/** The arguments of Node: the report to standard output, what failed to a file. */
function runnerOptions(files: readonly string[], long: boolean, summary: string): string[] {
  return [
    "--import",
    "tsx",
    "--test",
    `--test-concurrency=${CONCURRENCY}`,
    `--test-timeout=${long ? LONG_LIMIT : LIMIT}`,
    `--test-reporter=${process.stdout.isTTY ? "spec" : "tap"}`,
    "--test-reporter-destination=stdout",
    `--test-reporter=${path.join(root, "scripts/lib/failure-reporter.mjs")}`,
    `--test-reporter-destination=${summary}`,
    ...files,
  ];
}

/** Node's exit status; the report goes through while its vector lines are counted. */
function runNode(options: string[], env: NodeJS.ProcessEnv, vectors: Vectors): Promise<number> {
  const child = spawn(process.execPath, options, {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    process.stdout.write(text);
    vectors.add(text);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve(status ?? 1));
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`test: ${(error as Error).message}`);
  process.exitCode = 2;
}
