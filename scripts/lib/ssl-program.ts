// ssl.wasm as a tier needs it: translated to C by scripts/aot where the module, the translator or
// Binaryen has changed since. What comes of a ssl.wasm stands in tier-<tier>/ beside it.

import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { root, UserError } from "./exec.ts";
import type { LimbBits } from "./limbs.ts";
import { buildSsl } from "./ssl-wasm.ts";
import type { Tier } from "./tier.ts";

export interface SslProgram {
  tier: Tier;
  /** All of ssl.wasm; its source map is beside it, with ".map" added. */
  wasm: string;
  /** The C source, "" in tier wasm3. */
  c: string;
  /** The module to load: ssl.wasm, what remains of it, or null. */
  module: string | null;
}

/**
 * The program of a tier, up to date: of our ssl.wasm with limbs of that many bits, or of another
 * build, a file. Files are only touched where their content changes.
 */
export async function translateSsl(tier: Tier, from: LimbBits | string): Promise<SslProgram> {
  const wasm = typeof from === "string" ? from : await buildSsl(from);
  if (!existsSync(wasm)) throw new UserError(`there is no file ${wasm}`);
  if (tier === "wasm3") return { tier, wasm, c: "", module: wasm };
  const folder = path.join(path.dirname(wasm), `tier-${tier}`);
  const c = path.join(folder, "ssl.c");
  const module = tier === "hybrid" ? path.join(folder, "ssl.remainder.wasm") : null;
  const stamp = path.join(folder, "made-from");
  const hash = sourcesHash(wasm);
  if (!isMade(stamp, hash, [c, ...(module === null ? [] : [module, offsetsOf(module)])])) {
    mkdirSync(folder, { recursive: true });
    rmSync(stamp, { force: true });
    await translate(wasm, c, module);
    replace(stamp, hash);
  }
  return { tier, wasm, c, module };
}

/** Where the byte offsets of a remaining module lead to those of the whole one. */
export function offsetsOf(module: string): string {
  return `${module}.offsets`;
}

/**
 * The least memory that ssl.wasm is given: its static data and little more. A board may have less
 * than a page for it.
 */
const MEMORY_FLOOR = 32 * 1024;

async function translate(file: string, c: string, module: string | null): Promise<void> {
  // Only here: the translator stands on Binaryen, 14 MB of JavaScript that take seconds to load.
  const { translateAll, translateSelfContained } = await import("../aot/translate.ts");
  const wasm = readFileSync(file);
  if (module === null) {
    replace(c, translateAll(wasm, "ssl.wasm", { memoryFloor: MEMORY_FLOOR }));
    return;
  }
  const hybrid = translateSelfContained(wasm, "ssl.wasm", { memoryFloor: MEMORY_FLOOR });
  replace(c, hybrid.c);
  replace(module, hybrid.remainder.wasm);
  replace(offsetsOf(module), JSON.stringify(hybrid.remainder.offsets));
}

function isMade(stamp: string, hash: string, files: string[]): boolean {
  if (![stamp, ...files].every((file) => existsSync(file))) return false;
  return readFileSync(stamp, "utf8") === hash;
}

function sourcesHash(wasm: string): string {
  const hash = createHash("sha256").update(readFileSync(wasm));
  const translator = readdirSync(path.join(root, "scripts/aot")).sort();
  const sources = translator.map((name) => path.join("scripts/aot", name));
  for (const name of ["node_modules/binaryen/package.json", ...sources]) {
    hash.update(name).update(readFileSync(path.join(root, name)));
  }
  return hash.digest("hex");
}

/** Writes beside and renames, so that a reader sees the old file or the new one. */
function replace(file: string, content: string | Uint8Array): void {
  const bytes = Buffer.from(content);
  if (existsSync(file) && readFileSync(file).equals(bytes)) return;
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, bytes);
  renameSync(fresh, file);
}
