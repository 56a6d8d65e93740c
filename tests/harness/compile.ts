// Compiles what the tests load: AssemblyScript through asc with the very options of asconfig.json,
// so that a test runs the code that ships. once() serves runner-build.ts as well.
//
// Outputs are named by a hash of everything they are made from (build/tests/<name>.<hash>.wasm),
// therefore a stale one is never loaded and several test processes may build at once: each writes
// under a name of its own and renames. The lock only spares them from doing the same work twice.

import { createHash } from "node:crypto";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { limbTarget, type LimbBits } from "../../scripts/lib/limbs.ts";
import { closureOf, root } from "./imports.ts";

export const output = path.join(root, "build/tests");
const HOUR = 3600_000;
const NO_CONFIG = "none"; // no such file: asconfig.json would add its entries to ours

type Options = Record<string, unknown>;

/** asconfig.json's options, common and of a target, without its output files: a command line's. */
function compilerOptions(target: string): string[] {
  const config = JSON.parse(readFileSync(path.join(root, "asconfig.json"), "utf8")) as {
    targets: Record<string, Options>;
    options: Options;
  };
  const own = Object.entries(config.targets[target]!).filter(
    ([name]) => !/^(outFile|textFile|sourceMap)$/.test(name),
  );
  return [...toArguments(config.options), ...toArguments(Object.fromEntries(own))];
}

function toArguments(options: Options): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    if (value === true) return [`--${name}`];
    if (value === false) return [];
    return [value].flat().flatMap((one) => [`--${name}`, String(one)]);
  });
}

/** The path of tests/entry/<name>.ts, compiled; `name` may have slashes. */
export function compileEntry(name: string, limbs: LimbBits = 13): Promise<string> {
  const file = path.join(root, "tests/entry", `${name}.ts`);
  return compileSource(file, name.replaceAll("/", "-"), limbs);
}

/** The path of ssl.wasm as it ships, compiled from the sources as they are now. */
export function compileSsl(limbs: LimbBits = 13): Promise<string> {
  return compileSource(path.join(root, "assembly/ssl/exports.ts"), "ssl", limbs);
}

async function compileSource(entry: string, source: string, limbs: LimbBits): Promise<string> {
  const name = limbs === 13 ? source : `${source}-${limbTarget(limbs)}`;
  const options = compilerOptions(limbTarget(limbs));
  const version = readFileSync(path.join(root, "node_modules/assemblyscript/package.json"));
  const hash = hashOf([...options, version, ...closureOf(entry).flatMap(nameAndContent)]);
  return once(path.join(output, `${name}.${hash}.wasm`), async (target) => {
    const asc = (await import("assemblyscript/asc")).default;
    const relative = path.relative(root, target);
    const files = [path.relative(root, entry), "--baseDir", root, "--outFile", relative];
    const result = await asc.main([...files, "--config", NO_CONFIG, ...options]);
    if (result.error) throw new Error(`asc ${entry}: ${result.error}\n${result.stderr.toString()}`);
  });
}

export function nameAndContent(file: string): (string | Buffer)[] {
  return [path.relative(root, file), readFileSync(file)];
}

export function hashOf(parts: (string | Buffer)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest("hex").slice(0, 16);
}

/**
 * Makes `file` with `make(temporary path)` unless it is there or another process is just making it.
 */
export async function once(file: string, make: (target: string) => Promise<void>): Promise<string> {
  if (existsSync(file)) return file;
  mkdirSync(output, { recursive: true });
  const unlock = await lock(`${file}.lock`);
  try {
    if (existsSync(file)) return file;
    const extension = path.extname(file) === ".wasm" ? ".wasm" : "";
    const temporary = `${file}.${process.pid}${extension}`;
    await make(temporary);
    renameSync(temporary, file);
    removeOld(path.basename(file));
    return file;
  } finally {
    unlock();
  }
}

let lockNumber = 0;

/**
 * A lock file with the owner's process id; a lock whose owner is gone is taken over. Linked into
 * place with its content, so that nobody ever sees one without an owner.
 */
async function lock(file: string): Promise<() => void> {
  const own = `${file}.${process.pid}.${lockNumber++}`;
  writeFileSync(own, String(process.pid));
  try {
    for (;;) {
      if (linked(own, file)) return () => rmSync(file, { force: true });
      if (!ownerAlive(file)) rmSync(file, { force: true });
      await sleep(50);
    }
  } finally {
    rmSync(own, { force: true });
  }
}

function linked(own: string, file: string): boolean {
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  }
}

function ownerAlive(file: string): boolean {
  try {
    process.kill(Number(readFileSync(file, "utf8")), 0);
    return true;
  } catch {
    return false; // gone, or just given back
  }
}

/** Removes earlier builds of the same thing; an hour's grace for processes that have one open. */
function removeOld(kept: string): void {
  const stem = kept.slice(0, kept.indexOf(".") + 1);
  for (const name of readdirSync(output)) {
    const file = path.join(output, name);
    if (name === kept || !name.startsWith(stem)) continue;
    if (existsSync(file) && Date.now() - statSync(file).mtimeMs > HOUR)
      rmSync(file, { recursive: true, force: true }); // folders: of builds that were killed
  }
}
