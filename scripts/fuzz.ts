// npm run fuzz: the fuzz targets of tests/fuzz for as long as one likes.
//
// What they find is kept in build/fuzz/<target>/: the corpus, from which the next run goes on, and
// the input of a failure, which `--input FILE` runs again.

import path from "node:path";
import { parseArgs } from "node:util";
import { execute, fuzz, summaryOf, TARGETS, type Target } from "../tests/fuzz/targets.ts";
import { root } from "./lib/exec.ts";

const names = TARGETS.map((target) => target.name).join(" ");

const HELP = `Usage: npm run fuzz -- [--target NAME] [--seconds N] [--input FILE]

  --target NAME  one of: ${names}; may be repeated; default: all in turn
  --seconds N    for each target; default 60
  --input FILE   runs one target with this input only
  --help         this text
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      target: { type: "string", multiple: true, default: [] },
      seconds: { type: "string", default: "60" },
      input: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const targets = values.target.length === 0 ? TARGETS : values.target.map(targetNamed);
  const seconds = Number(values.seconds);
  if (!Number.isInteger(seconds) || seconds < 1) throw new Error("--seconds wants a whole number");
  for (const target of targets) {
    const status = await run(target, seconds, values.input);
    if (status !== 0) return status;
  }
  return 0;
}

async function run(target: Target, seconds: number, input: string | undefined): Promise<number> {
  const show = (text: string) => void process.stderr.write(text);
  if (input !== undefined) return (await execute(target, [input], {}, show)).status;
  const folder = path.join(root, "build/fuzz");
  const { status, report } = await fuzz(target, folder, [`-max_total_time=${seconds}`], show);
  const { inputs, edges } = summaryOf(report);
  console.log(`${target.name}: ${inputs} inputs, ${edges} edges${status === 0 ? "" : ", FAILED"}`);
  return status;
}

function targetNamed(name: string): Target {
  const target = TARGETS.find((one) => one.name === name);
  if (target === undefined) throw new Error(`there is no target ${name}; there are: ${names}`);
  return target;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`fuzz: ${(error as Error).message}`);
  process.exitCode = 2;
}
