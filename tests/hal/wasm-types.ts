// The imported and exported functions of a module with their types, in wasm3's notation: "i(ii)".

import binaryen from "binaryen";

export interface FunctionTypes {
  /** "module.name" -> signature. */
  imports: Map<string, string>;
  /** Exported name -> signature. */
  exports: Map<string, string>;
}

export function functionTypes(wasm: Uint8Array): FunctionTypes {
  const module = binaryen.readBinary(wasm);
  const imports = new Map<string, string>();
  for (let i = 0; i < module.getNumFunctions(); i++) {
    const f = binaryen.getFunctionInfo(module.getFunctionByIndex(i));
    if (f.module) imports.set(`${f.module}.${f.base}`, signature(f.params, f.results));
  }
  const exports = new Map<string, string>();
  for (let i = 0; i < module.getNumExports(); i++) {
    const e = binaryen.getExportInfo(module.getExportByIndex(i));
    if (e.kind !== binaryen.ExternalFunction) continue;
    const f = binaryen.getFunctionInfo(module.getFunction(e.value));
    exports.set(e.name, signature(f.params, f.results));
  }
  module.dispose();
  return { imports, exports };
}

function signature(params: binaryen.Type, results: binaryen.Type): string {
  const letters = (types: binaryen.Type) => binaryen.expandType(types).map(letter).join("");
  return `${letters(results) || "v"}(${letters(params)})`;
}

function letter(type: binaryen.Type): string {
  const letters = new Map([
    [binaryen.i32, "i"],
    [binaryen.i64, "I"],
    [binaryen.f32, "f"],
    [binaryen.f64, "F"],
  ]);
  return letters.get(type) ?? "?";
}
