// What must be true of app.wasm before it goes to a device: it is valid with exactly the features
// that wasm3 executes, and every import is one that boards have.

import { readFileSync } from "node:fs";
import { isValid } from "./validate.mjs";

/**
 * Why no board could run this module; null where one can.
 * @param {Uint8Array} wasm
 * @param {string} surfaceFile hal/surface.def
 * @returns {string | null}
 */
export function complaintOf(wasm, surfaceFile) {
  if (!isValid(wasm)) return "would not run on wasm3";
  const module = new WebAssembly.Module(wasm);
  const surface = callSurface(surfaceFile);
  const calls = WebAssembly.Module.imports(module).map((i) => `${i.module}.${i.name}`);
  const unknown = calls.filter((call) => !surface.has(call));
  if (unknown.length > 0) return `imports what no board has: ${unknown.join(", ")}`;
  const starts = WebAssembly.Module.exports(module).some((e) => e.name === "_start");
  return starts ? null : "exports no _start";
}

/**
 * "module.name" of every call that an app may import.
 * @param {string} surfaceFile
 * @returns {Set<string>}
 */
function callSurface(surfaceFile) {
  const table = readFileSync(surfaceFile, "utf8");
  return new Set([...table.matchAll(/^CALL\("(\w+)",\s*"(\w+)"/gm)].map((m) => `${m[1]}.${m[2]}`));
}
