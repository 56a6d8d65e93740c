// The import graph of the sources: which files a file imports, directly or through others. The
// compiler's cache, the layer rule and the choice of test files need it. Only relative imports are
// followed; std.* has none.

import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The project's root folder. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

const statement = /^\s*(?:import|export)\b[^"';]*?\bfrom\s*"([^"]+)"|^\s*import\s*"([^"]+)"/gm;

/** The module names after `from` in a source text, as they are written. */
export function importNames(text: string): string[] {
  return [...text.matchAll(statement)].map((match) => (match[1] ?? match[2])!);
}

/** The files that `file` imports directly, as absolute paths. */
export function importsOf(file: string): string[] {
  return importNames(readFileSync(file, "utf8"))
    .filter((name) => name.startsWith("."))
    .map((name) => (/\.m?[jt]s$/.test(name) ? name : `${name}.ts`)) // AssemblyScript names none
    .map((name) => path.resolve(path.dirname(file), name));
}

/** `file` and everything it imports, directly or not, sorted. */
export function closureOf(file: string): string[] {
  const seen = new Set<string>();
  const queue = [path.resolve(file)];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    queue.push(...importsOf(next));
  }
  return [...seen].sort();
}
