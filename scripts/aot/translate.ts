// The translator's front: a validated module in, C out.

import binaryen from "binaryen";
import { emitProgram, reachable } from "./emit.ts";
import { decodeModule } from "./module.ts";
import { Program, type Options } from "./program.ts";
import { Refusal } from "./refusal.ts";

/** Tier native: the whole module as C. Throws a Refusal for what is not supported, and for an invalid module. */
export function translateAll(wasm: Uint8Array, name: string, options: Options = {}): string {
  validate(wasm);
  const module = decodeModule(wasm);
  const program = new Program(module, options);
  const entries = module.exports
    .filter((e) => e.kind === "function")
    .map((e) => ({ name: e.name, f: module.functions[e.index] }));
  return emitProgram(program, name, reachable(program), entries);
}

const FEATURES =
  binaryen.Features.MutableGlobals |
  binaryen.Features.SignExt |
  binaryen.Features.NontrappingFPToInt |
  binaryen.Features.BulkMemoryOpt;

export function validate(wasm: Uint8Array): void {
  const parsed = binaryen.readBinary(wasm);
  parsed.setFeatures(FEATURES);
  try {
    if (!parsed.validate()) throw new Refusal("module", "validation", "Binaryen says that it is not valid");
  } finally {
    parsed.dispose();
  }
}
