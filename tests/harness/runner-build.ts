// Builds the process that runs a program for the tests in a tier of the devices. wasm3: one runner
// for all programs. hybrid and native: one for each, with the program's functions translated to C
// in it.
//
// WASSL_SANITIZE=1 builds them with the address and undefined-behaviour sanitizers,
// WASSL_ALIGNMENT=1 with a check at every access that it is aligned as the module promises.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync } from "node:fs";
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { translateAll, translateSelfContained } from "../../scripts/aot/translate.ts";
import type { Options } from "../../scripts/aot/program.ts";
import { exec } from "../../scripts/lib/exec.ts";
import { hashOf, nameAndContent, once, output } from "./compile.ts";
import { root } from "./imports.ts";

export type Tier = "wasm3" | "hybrid" | "native";

const harness = path.join(root, "tests/harness");
const hal = path.join(root, "hal");
const sanitize = process.env.WASSL_SANITIZE === "1";
const checkAlignment = process.env.WASSL_ALIGNMENT === "1";
const OURS = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-I", hal, "-I", harness];
/** Quick to compile. */
const USUAL: readonly string[] = ["-O1"];
const WASM3_FLAGS = [
  "-O3",
  "-fno-strict-aliasing",
  "-Dd_m3HasFloat=0",
  "-Dd_m3RecordBacktraces=1",
  "-w",
];
const SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g"];

/** The runner's path, and that of the program it loads. */
export async function compileRunner(
  file: string,
  tier: Tier,
  flags = USUAL,
  options: Options = { checkAlignment },
): Promise<{ runner: string; program: string }> {
  if (tier === "wasm3") return { runner: await wasm3Runner(), program: file };
  const how = [...settings(), ...flags, JSON.stringify(options)];
  const hash = hashOf([...nameAndContent(file), ...sources(tier), ...how]);
  const stem = path.basename(file).replace(/\..*$/, "");
  const runner = await once(path.join(output, `${stem}-${tier}.${hash}`), (target) =>
    inFolder(target, (folder) => {
      const translated = translate(readFileSync(file), tier, options);
      return build(translated, flags, folder, target);
    }),
  );
  return { runner, program: tier === "native" ? file : `${runner}.remainder` };
}

function settings(): string[] {
  return [String(sanitize), String(checkAlignment), process.env.CC ?? "cc"];
}

/** Everything that a runner is made from besides the program. */
function sources(tier: Tier): (string | Buffer)[] {
  const aot = readdirSync(path.join(root, "scripts/aot")).map((f) => `scripts/aot/${f}`);
  const runtime = readdirSync(hal)
    .filter((f) => f.startsWith("aot"))
    .map((f) => `hal/${f}`);
  const engine = tier === "native" ? "program_native.c" : "program_wasm3.c";
  const own = ["runner.c", "program.h", engine].map((f) => `tests/harness/${f}`);
  return [...aot, ...runtime, ...own].flatMap((f) => nameAndContent(path.join(root, f)));
}

/** The C source and, in tier hybrid, the module that is left. */
function translate(wasm: Uint8Array, tier: Tier, options: Options): [string, Uint8Array | null] {
  if (tier === "native") return [translateAll(wasm, "program.wasm", options), null];
  const { c, remainder } = translateSelfContained(wasm, "program.wasm", options);
  return [c, remainder.wasm];
}

async function build(
  [text, remainder]: [string, Uint8Array | null],
  flags: readonly string[],
  folder: string,
  target: string,
): Promise<void> {
  const c = path.join(folder, "program.c");
  writeFileSync(c, text);
  const common = [path.join(harness, "runner.c"), path.join(hal, "aot.c"), c];
  if (remainder === null) {
    const own = [...OURS, ...flags, path.join(harness, "program_native.c")];
    await link([...own, ...common], target);
    return;
  }
  const interpreted = ["program_wasm3.c"].map((f) => path.join(harness, f));
  const parts = [...interpreted, path.join(hal, "aot_wasm3.c"), "-isystem", wasm3Folder()];
  const objects = await wasm3Objects();
  await link([...OURS, ...flags, "-DAOT_FUNCTIONS", ...parts, ...common, objects], target);
  writeFileSync(path.join(folder, "remainder.wasm"), remainder);
  renameSync(path.join(folder, "remainder.wasm"), `${target.replace(/\.\d+$/, "")}.remainder`);
}

function wasm3Runner(): Promise<string> {
  const own = ["runner.c", "program.h", "program_wasm3.c"].map((f) => path.join(harness, f));
  const hash = hashOf([...own.flatMap(nameAndContent), ...settings(), ...USUAL]);
  return once(path.join(output, `wasm3-runner.${hash}`), async (target) => {
    const files = own.filter((f) => f.endsWith(".c"));
    const flags = [...OURS, ...USUAL, "-isystem", wasm3Folder()];
    await link([...flags, ...files, await wasm3Objects()], target);
  });
}

/** wasm3 as one relocatable object, built once for all runners. */
function wasm3Objects(): Promise<string> {
  const folder = wasm3Folder();
  const files = readdirSync(folder)
    .filter((name) => /^m3_.*\.c$/.test(name) && !/^m3_api_/.test(name))
    .map((name) => path.join(folder, name));
  const hash = hashOf([...WASM3_FLAGS, ...files.flatMap(nameAndContent), ...settings().slice(2)]);
  return once(path.join(output, `wasm3.${hash}.o`), async (target) => {
    await compiler([...WASM3_FLAGS, "-I", folder, "-r", "-o", target, ...files]);
  });
}

function wasm3Folder(): string {
  const folder = process.env.WASM3_DIR ?? path.join(root, "third_party/wasm3");
  if (existsSync(path.join(folder, "wasm3.h"))) return folder;
  throw new Error(`${folder} holds no wasm3: run scripts/setup.sh, or set WASM3_DIR`);
}

async function link(inputs: string[], target: string): Promise<void> {
  await compiler([...(sanitize ? SANITIZERS : []), ...inputs, "-lm", "-o", target]);
}

function compiler(args: string[]): Promise<string> {
  return exec(process.env.CC ?? "cc", args);
}

async function inFolder(target: string, work: (folder: string) => Promise<void>): Promise<void> {
  mkdirSync(output, { recursive: true });
  const folder = mkdtempSync(`${target}-`);
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
