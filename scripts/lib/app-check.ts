// What must be true of app.wasm before it goes to a device. wasm3 0.5 has no validator: it runs what it is given. So
// Binaryen validates here, with exactly the features that wasm3 executes, and every import must be one that boards have.

import binaryen from "binaryen";
import { readFileSync } from "node:fs";
import path from "node:path";
import { root, UserError } from "./exec.ts";

/**
 * wasm3 0.5: WebAssembly 1.0, sign extension, saturating conversions, and of bulk memory only memory.copy and memory.fill
 * (m3_compile.c, Compile_ExtendedOpcode). Mutable globals may be exported.
 */
const FEATURES =
  binaryen.Features.MutableGlobals |
  binaryen.Features.SignExt |
  binaryen.Features.NontrappingFPToInt |
  binaryen.Features.BulkMemoryOpt;

/** Throws UserError unless a board could run this module. */
export function checkApp(wasm: Uint8Array, name: string): void {
  const module = binaryen.readBinary(wasm);
  try {
    module.setFeatures(FEATURES);
    const complaints = said(() => module.validate() || undefined);
    if (complaints !== null) throw new UserError(`${name}: wasm3 could not run this\n${complaints}`);
  } finally {
    module.dispose();
  }
  const surface = callSurface();
  const compiled = new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>);
  for (const { module: from, name: call } of WebAssembly.Module.imports(compiled)) {
    if (!surface.has(`${from}.${call}`)) {
      throw new UserError(`${name} imports ${from}.${call}, which no board has (hal/surface.def)`);
    }
  }
  if (!WebAssembly.Module.exports(compiled).some((e) => e.name === "_start")) {
    throw new UserError(`${name} has no _start`);
  }
}

/** "module.name" of every call that an app may import. */
function callSurface(): Set<string> {
  const table = readFileSync(path.join(root, "hal/surface.def"), "utf8");
  return new Set([...table.matchAll(/^CALL\("(\w+)",\s*"(\w+)"/gm)].map((m) => `${m[1]}.${m[2]}`));
}

/** Binaryen prints why a module is invalid. Null where `check` gave true, else what was printed. */
function said(check: () => true | number | undefined): string | null {
  const lines: unknown[] = [];
  const { log, error, warn } = console;
  console.log = console.error = console.warn = (...words: unknown[]) => void lines.push(words.join(" "));
  try {
    return check() ? null : lines.join("\n");
  } finally {
    Object.assign(console, { log, error, warn });
  }
}
