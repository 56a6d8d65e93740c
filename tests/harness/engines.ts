// On what tests run WebAssembly.

export type EngineName = "v8" | "wasm3" | "hybrid" | "native";

const all = ["v8", "wasm3", "hybrid", "native"] as const;

/**
 * The engines that every test of WebAssembly runs on; WASSL_ENGINE=v8 leaves out the slow ones
 * while developing, WASSL_ENGINE=hybrid,native those that are not translated.
 */
export const engines: readonly EngineName[] = all.filter(
  (name) => process.env.WASSL_ENGINE?.split(",").includes(name) ?? true,
);
if (engines.length === 0) throw new Error(`WASSL_ENGINE names none of ${all.join(", ")}`);
