// The fuzz targets: what each is, its seeds, how it is built and run. libFuzzer with the address
// and undefined-behaviour sanitizers over the tier `native`, so that coverage guides it through the
// very functions that a device runs.
//
// Linear memory is one block for ASan: reads past an object inside it are not its business. What is
// tried are the translated bounds checks, with inputs at the memory's very end; ASan watches that
// they let nothing past it, UBSan the C around them.

import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { decodeModule } from "../../scripts/aot/module.ts";
import { Program } from "../../scripts/aot/program.ts";
import { translateAll } from "../../scripts/aot/translate.ts";
import { exec, root } from "../../scripts/lib/exec.ts";
import { compileEntry, hashOf, nameAndContent, once, output } from "../harness/compile.ts";
import * as seeds from "./seeds.ts";

export interface Target {
  name: string;
  /** Of tests/entry. */
  entry: string;
  seeds(): Uint8Array[] | Promise<Uint8Array[]>;
  /** The longest input. */
  length: number;
  /** Inputs of a short run. */
  runs: number;
}

export const TARGETS: readonly Target[] = [
  { name: "certificate", entry: "x509", seeds: seeds.certificates, length: 4096, runs: 60_000 },
  { name: "pem", entry: "x509", seeds: seeds.files, length: 4096, runs: 60_000 },
  { name: "names", entry: "x509", seeds: seeds.names, length: 256, runs: 200_000 },
  { name: "message", entry: "fuzz", seeds: seeds.messages, length: 4096, runs: 200_000 },
  { name: "receive", entry: "fuzz", seeds: seeds.conversations, length: 16384, runs: 500 },
];

/** Reads too far on purpose. */
export const CONTROL: Target = {
  name: "control",
  entry: "fuzz-control",
  seeds: () => [Uint8Array.of(0)],
  length: 64,
  runs: 2_000_000,
};

const here = path.join(root, "tests/fuzz");
const hal = path.join(root, "hal");
const COMPILER = "clang";
const FLAGS = ["-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-I", hal, "-I", here];
const SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
const COVERED = ["-fsanitize=fuzzer-no-link"];

/** The program of libFuzzer that runs a target. */
export async function buildTarget({ name, entry }: Target): Promise<string> {
  const program = await compileProgram(entry);
  const own = [`${name}.c`, "program.c", "program.h"].map((file) => path.join(here, file));
  const sources = [...own.filter((file) => file.endsWith(".c")), path.join(hal, "aot.c")];
  const hash = hashOf([
    program,
    ...FLAGS,
    ...SANITIZERS,
    ...[...own, ...sources].flatMap(nameAndContent),
  ]);
  return once(path.join(output, `fuzz-${name}.${hash}`), async (target) => {
    const link = ["-fsanitize=fuzzer", program, ...sources, "-lm", "-o", target];
    await exec(COMPILER, [...FLAGS, ...SANITIZERS, ...link]);
  });
}

/** The translated module as an object file, which targets share. */
async function compileProgram(entry: string): Promise<string> {
  const wasm = await compileEntry(entry);
  const aot = path.join(root, "scripts/aot");
  const translator = readdirSync(aot).map((file) => path.join(aot, file));
  const headers = ["aot.h", "aot_api.h"].map((file) => path.join(hal, file));
  const own = path.join(here, "targets.ts");
  const parts = [wasm, ...translator, ...headers, own].flatMap(nameAndContent);
  const hash = hashOf([...parts, ...FLAGS, ...SANITIZERS]);
  return once(path.join(output, `fuzz-program-${entry}.${hash}.o`), async (target) => {
    const c = `${target}.c`;
    const module = readFileSync(wasm);
    writeFileSync(c, translateAll(module, `${entry}.wasm`) + globalsOf(module));
    await exec(COMPILER, [...FLAGS, ...SANITIZERS, ...COVERED, "-c", c, "-o", target]);
    rmSync(c);
  });
}

/** C that copies the mutable globals out of the program and back, for tests/fuzz/program.c. */
function globalsOf(wasm: Uint8Array): string {
  const program = new Program(decodeModule(wasm));
  const names = program.module.globals
    .filter((g) => g.mutable)
    .map((g) => program.globalName(g.index));
  return [
    "uint32_t program_globals_to(uint64_t *to);",
    "uint32_t program_globals_to(uint64_t *to) {",
    "    (void)to;",
    ...names.map((name, i) => `    to[${i}] = ${name};`),
    `    return ${names.length}u;`,
    "}",
    "void program_globals_from(const uint64_t *from);",
    "void program_globals_from(const uint64_t *from) {",
    "    (void)from;",
    ...names.map((name, i) => `    ${name} = from[${i}];`),
    "}",
    "",
  ].join("\n");
}

/** The seeds as files of a new folder. */
export async function writeSeeds(target: Target, folder: string): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  const all = await target.seeds();
  return all.map((bytes, i) => {
    const file = path.join(folder, `seed-${i}`);
    writeFileSync(file, bytes);
    return file;
  });
}

export interface Run {
  status: number;
  report: string;
}

/**
 * Fuzzes from the seeds and from what earlier runs in this folder have found; `limits` are options
 * of libFuzzer. A failing input stays in the folder.
 */
export async function fuzz(
  target: Target,
  folder: string,
  limits: string[],
  onReport: (text: string) => void = () => undefined,
): Promise<Run> {
  const [seeds, corpus] = ["seeds", "corpus"].map((name) => path.join(folder, target.name, name));
  await writeSeeds(target, seeds!);
  mkdirSync(corpus!, { recursive: true });
  const artifacts = `-artifact_prefix=${path.join(folder, target.name)}/`;
  const options = [`-max_len=${target.length}`, "-print_final_stats=1", artifacts, ...limits];
  return execute(target, [...options, corpus!, seeds!], {}, onReport);
}

/** Runs the target's program, whose report goes to its standard error. */
export async function execute(
  target: Target,
  args: string[],
  environment: NodeJS.ProcessEnv = {},
  onReport: (text: string) => void = () => undefined,
): Promise<Run> {
  const env = { ...process.env, ...environment };
  const child = spawn(await buildTarget(target), args, {
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let report = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    report += text;
    onReport(text);
  });
  const status = await new Promise<number>((resolve) =>
    child.on("close", (code) => resolve(code ?? 1)),
  );
  return { status, report };
}

export interface Summary {
  inputs: number;
  /** Of the control flow of the translated program and of what feeds it. */
  edges: number;
}

/** What libFuzzer says at its end. */
export function summaryOf(report: string): Summary {
  const last = (pattern: RegExp) => Number([...report.matchAll(pattern)].at(-1)?.[1] ?? 0);
  return {
    inputs: last(/stat::number_of_executed_units:\s+(\d+)/g),
    edges: last(/ cov: (\d+)/g),
  };
}
