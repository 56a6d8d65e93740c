// On what tests run WebAssembly.

import type { LimbBits } from "../../scripts/lib/limbs.ts";

export type EngineName = "v8" | "wasm3" | "hybrid" | "native";
/** An engine, and a program whose big numbers have wide limbs; elsewhere they have a chip's. */
export type WideEngineName = "v8-limbs26" | "native-limbs26";

const all = ["v8", "wasm3", "hybrid", "native"] as const;
const wide = ["v8-limbs26", "native-limbs26"] as const;

/**
 * The engines that every test of WebAssembly runs on; WASSL_ENGINE=v8 leaves out the slow ones
 * while developing, WASSL_ENGINE=hybrid,native those that are not translated.
 */
export const engines: readonly EngineName[] = all.filter(isWanted);
if (engines.length === 0) throw new Error(`WASSL_ENGINE names none of ${all.join(", ")}`);

/** Those of tests that compute with big numbers: limbs of both widths. */
export const limbEngines: readonly (EngineName | WideEngineName)[] = [
  ...engines,
  ...wide.filter((name) => isWanted(engineOf(name))),
];

export function engineOf(name: EngineName | WideEngineName): EngineName {
  return name.replace(/-limbs26$/, "") as EngineName;
}

export function limbsOf(name: EngineName | WideEngineName): LimbBits {
  return name.endsWith("-limbs26") ? 26 : 13;
}

function isWanted(name: EngineName): boolean {
  return process.env.WASSL_ENGINE?.split(",").includes(name) ?? true;
}
