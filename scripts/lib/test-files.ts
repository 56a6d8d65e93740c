// Which test files there are, and which of them a debug build of the translated tiers concerns.

import { readdirSync } from "node:fs";
import path from "node:path";
import { closureOf } from "../../tests/harness/imports.ts";
import { root } from "./exec.ts";

/** A build of the translated tiers for debugging, and the test files that run programs in it. */
export interface DebugBuild {
  variable: string;
  /** A test file is concerned that imports any of these, itself or through others. */
  through: readonly string[];
}

const ENGINES = "tests/harness/instance.ts";
const APPS = "tests/device/app.ts";

export const DEBUG_BUILDS: Record<"alignment" | "sanitize", DebugBuild> = {
  alignment: { variable: "WASSL_ALIGNMENT", through: [ENGINES] },
  sanitize: { variable: "WASSL_SANITIZE", through: [ENGINES, APPS] },
};

/** Whose programs are built in a way of their own: under valgrind, and for libFuzzer. */
const OWN_BUILDS = ["tests/harness/memcheck.ts", "tests/fuzz/targets.ts"];

/** The test files whose path contains one of the filters; without any, all. */
export function testFiles(filters: readonly string[]): string[] {
  const names = readdirSync(path.join(root, "tests"), { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => path.join("tests", name))
    .filter((name) => filters.length === 0 || filters.some((part) => name.includes(part)))
    .sort();
}

/** Those that a debug build changes anything for. */
export function affected(files: readonly string[], { through }: DebugBuild): string[] {
  return files.filter((file) => {
    const imported = closureOf(path.join(root, file)).map((name) => path.relative(root, name));
    const has = (names: readonly string[]): boolean => names.some((n) => imported.includes(n));
    return has(through) && !has(OWN_BUILDS);
  });
}
