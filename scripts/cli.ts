// The command line: finds the verb, shows help, and turns failures into messages and an exit
// status. Each verb is a file of its own; a new one is added to the list below.

import { build } from "./build.ts";
import { consoleVerb } from "./console.ts";
import { deploy } from "./deploy.ts";
import { fs } from "./fs.ts";
import { isUsage } from "./lib/args.ts";
import { UserError } from "./lib/exec.ts";
import { rtc } from "./rtc.ts";
import { run } from "./run.ts";
import { size } from "./size.ts";
import { translate } from "./translate.ts";

/** One verb: what `wassl --help` says of it, its own help, and what it does with its arguments. */
export interface Verb {
  name: string;
  summary: string;
  help: string;
  run(args: string[]): Promise<number>;
}

const verbs: readonly Verb[] = [build, run, deploy, consoleVerb, fs, rtc, size, translate];

const USAGE_STATUS = 2;

/** Runs `wassl ARGS`; gives its exit status: 0 fine, 1 failed, 2 wrong usage, or the app's own. */
export async function main(args: string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h") {
    console.log(overview());
    return name === undefined ? USAGE_STATUS : 0;
  }
  const verb = verbs.find((v) => v.name === name);
  if (!verb) return usage(`there is no verb ${name}`, "wassl --help");
  const own = rest.slice(0, rest.includes("--") ? rest.indexOf("--") : rest.length);
  if (own.includes("--help") || own.includes("-h")) {
    console.log(verb.help);
    return 0;
  }
  try {
    return await verb.run(rest);
  } catch (error) {
    if (isUsage(error)) return usage(error.message, `wassl ${verb.name} --help`);
    if (!(error instanceof UserError)) throw error;
    console.error(`wassl ${verb.name}: ${error.message}`);
    return 1;
  }
}

function overview(): string {
  const width = Math.max(...verbs.map((verb) => verb.name.length));
  return [
    "wassl: apps with TLS for microcontrollers, written in TypeScript",
    "",
    ...verbs.map((verb) => `  wassl ${verb.name.padEnd(width)}  ${verb.summary}`),
    "",
    "wassl VERB --help explains a verb.",
  ].join("\n");
}

function usage(message: string, more: string): number {
  console.error(`wassl: ${message}\nSee: ${more}`);
  return USAGE_STATUS;
}
