// ssl.wasm as a tier needs it: translated to C by scripts/aot, in build/tier-<tier>/.

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "./exec.ts";
import { buildSsl } from "./ssl-wasm.ts";
import type { Tier } from "./tier.ts";

export interface SslProgram {
  /** The C source, "" in tier wasm3. */
  c: string;
  /** The module to load: ssl.wasm, what remains of it, or null. */
  module: string | null;
}

/** Brings the translation up to date. Files are only touched where their content changes. */
export async function translateSsl(tier: Tier): Promise<SslProgram> {
  const ssl = await buildSsl();
  if (tier === "wasm3") return { c: "", module: ssl };
  // Only here: the translator stands on Binaryen, 14 MB of JavaScript that take seconds to load.
  const { translateAll, translateSelfContained } = await import("../aot/translate.ts");
  const folder = path.join(root, `build/tier-${tier}`);
  mkdirSync(folder, { recursive: true });
  const c = path.join(folder, "ssl.c");
  const wasm = readFileSync(ssl);
  if (tier === "native") {
    replace(c, translateAll(wasm, "ssl.wasm"));
    return { c, module: null };
  }
  const hybrid = translateSelfContained(wasm, "ssl.wasm");
  const module = path.join(folder, "ssl.remainder.wasm");
  replace(c, hybrid.c);
  replace(module, hybrid.remainder.wasm);
  replace(`${module}.offsets`, JSON.stringify(hybrid.remainder.offsets));
  return { c, module };
}

/** Writes beside and renames, so that a reader sees the old file or the new one. */
function replace(file: string, content: string | Uint8Array): void {
  const bytes = Buffer.from(content);
  if (existsSync(file) && readFileSync(file).equals(bytes)) return;
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, bytes);
  renameSync(fresh, file);
}
