// Binaryen's validator, for what wasm3 executes: wasm3 0.5 has none of its own and runs what it is
// given. Apps (check.mjs) and what is translated (scripts/aot) are measured by the same features.

import binaryen from "binaryen";

/**
 * wasm3 0.5: WebAssembly 1.0, sign extension, saturating conversions, and of bulk memory only
 * memory.copy and memory.fill (m3_compile.c, Compile_ExtendedOpcode). Mutable globals may be
 * exported.
 */
export const WASM3_FEATURES =
  binaryen.Features.MutableGlobals |
  binaryen.Features.SignExt |
  binaryen.Features.NontrappingFPToInt |
  binaryen.Features.BulkMemoryOpt;

/**
 * Whether a module is valid with these features. Binaryen itself prints what is wrong.
 * @param {Uint8Array} wasm
 * @param {number} features
 * @returns {boolean}
 */
export function isValid(wasm, features = WASM3_FEATURES) {
  const module = binaryen.readBinary(wasm);
  try {
    module.setFeatures(features);
    return module.validate() !== 0;
  } finally {
    module.dispose();
  }
}
