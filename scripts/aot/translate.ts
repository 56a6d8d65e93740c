// The translator's front: a validated module in, C out.

import binaryen from "binaryen";
import { isValid } from "../compiler/validate.mjs";
import { FunctionTranslator } from "./body.ts";
import { emitProgram, reachable } from "./emit.ts";
import { decodeBody } from "./instructions.ts";
import { decodeModule, type WasmModule } from "./module.ts";
import { partition, sharedGlobals, type Placement } from "./partition.ts";
import { Program, type Options } from "./program.ts";
import { Refusal } from "./refusal.ts";
import { remainderOf, type Remainder } from "./remainder.ts";

/**
 * Tier native: the whole module as C. Throws a Refusal for what is not supported, and for an
 * invalid module.
 */
export function translateAll(wasm: Uint8Array, name: string, options: Options = {}): string {
  const module = decoded(wasm);
  const program = new Program(module, options);
  const entries = module.exports
    .filter((e) => e.kind === "function")
    .map((e) => ({ name: e.name, f: module.functions[e.index] }));
  return emitProgram(program, name, reachable(program), entries);
}

export interface Hybrid {
  c: string;
  remainder: Remainder;
  placements: Placement[];
}

/**
 * Tier hybrid: the self-contained functions as C, and the module that remains for the interpreter.
 */
export function translateSelfContained(
  wasm: Uint8Array,
  name: string,
  options: Options = {},
): Hybrid {
  const module = decoded(wasm);
  const program = new Program(module, { ...options, sharedGlobals: true });
  const placements = partition(program);
  const wanted = program.reachableFrom(placements.filter((p) => p.entry).map((p) => p.f.index));
  const translated = placements.filter((p) => wanted.has(p.f.index)).map((p) => p.f);
  const entries = placements
    .filter((p) => p.entry)
    .map(({ f }) => ({ name: program.functionName(f), f }));
  const shared = sharedGlobals(program, translated);
  const dropped = new Set(placements.filter((p) => p.translated && !p.entry).map((p) => p.f));
  const remainder = remainderOf(module, { entries, dropped, sharedGlobals: shared });
  validate(remainder.wasm);
  return { c: emitProgram(program, name, translated, entries, shared), remainder, placements };
}

/** Where a function runs, and what it costs. */
export interface Explanation {
  name: string;
  translated: boolean;
  wasmBytes: number;
  /** Of the C source; null where there is none. */
  cBytes: number | null;
  reason: string;
}

/** One row for each function that the module defines, in its order. */
export function explain(wasm: Uint8Array, tier: "hybrid" | "native"): Explanation[] {
  const program = new Program(decoded(wasm), { sharedGlobals: tier === "hybrid" });
  const reached = new Set(reachable(program));
  return partition(program)
    .filter((p) => p.f.import === null)
    .map((p) => {
      const native = tier === "native" && reached.has(p.f);
      const translated = native || (tier === "hybrid" && p.translated);
      return {
        name: p.f.name,
        translated,
        wasmBytes: p.f.end - p.f.declarations,
        cBytes: translated
          ? new FunctionTranslator(program, p.f).translate().join("\n").length
          : null,
        reason: native ? "everything is" : tier === "native" ? "nothing calls it" : p.reason,
      };
    });
}

/**
 * Decoding is what finds the unsupported and says where; it relies on a module that is valid by
 * some version of WebAssembly. Binaryen's opinion about the version that we support comes last:
 * nothing that decoding has missed gets through.
 */
function decoded(wasm: Uint8Array): WasmModule {
  validate(wasm, binaryen.Features.All);
  const module = decodeModule(wasm);
  for (const f of module.functions) if (f.import === null) decodeBody(module, f);
  validate(wasm);
  return module;
}

function validate(wasm: Uint8Array, features?: number): void {
  if (isValid(wasm, features)) return;
  throw new Refusal("module", "validation", "Binaryen says that it is not valid");
}
