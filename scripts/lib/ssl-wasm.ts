// build/ssl.wasm, made when assembly/ has changed since: a hash of everything it is made from
// stands beside it.

import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { exec, root } from "./exec.ts";

const compiler = path.join(root, "node_modules/assemblyscript/bin/asc.js");
const output = path.join(root, "build/ssl.wasm");
const stamp = `${output}.made-from`;

/** The path of ssl.wasm, built from the sources as they are now. */
export async function buildSsl(): Promise<string> {
  const hash = sourcesHash();
  if (existsSync(output) && existsSync(stamp) && readFileSync(stamp, "utf8") === hash)
    return output;
  mkdirSync(path.dirname(output), { recursive: true });
  const fresh = mkdtempSync(path.join(path.dirname(output), "ssl-"));
  try {
    const files = [
      "--outFile",
      path.join(fresh, "ssl.wasm"),
      "--textFile",
      path.join(fresh, "ssl.wat"),
    ];
    const options = ["--config", "asconfig.json", "--target", "release", "--noColors"];
    await exec(process.execPath, [compiler, ...options, ...files.map(fromRoot)]);
    // Renamed into place, so that a program just starting reads the old file or the new one.
    for (const name of readdirSync(fresh)) {
      renameSync(path.join(fresh, name), path.join(path.dirname(output), name));
    }
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  writeFileSync(stamp, hash);
  return output;
}

/** The compiler takes its output's path from the folder it runs in. */
function fromRoot(word: string): string {
  return path.isAbsolute(word) ? path.relative(root, word) : word;
}

function sourcesHash(): string {
  const hash = createHash("sha256");
  const sources = readdirSync(path.join(root, "assembly"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.startsWith("device"))
    .map((name) => path.join("assembly", name));
  const compiler = "node_modules/assemblyscript/package.json";
  for (const name of [compiler, "asconfig.json", ...sources.sort()]) {
    hash.update(name).update(readFileSync(path.join(root, name)));
  }
  return hash.digest("hex");
}
