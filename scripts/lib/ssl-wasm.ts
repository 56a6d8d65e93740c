// build/ssl.wasm, and build/limbs26/ssl.wasm with wide limbs, made when assembly/ has changed:
// a hash of everything it is made from stands beside it.

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
import { limbTarget, type LimbBits } from "./limbs.ts";

const compiler = path.join(root, "node_modules/assemblyscript/bin/asc.js");

/** The path of ssl.wasm, built from the sources as they are now. */
export async function buildSsl(limbs: LimbBits): Promise<string> {
  const output = path.join(root, limbs === 13 ? "build/ssl.wasm" : `build/limbs${limbs}/ssl.wasm`);
  const stamp = `${output}.made-from`;
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
    const options = ["--config", "asconfig.json", "--target", limbTarget(limbs), "--noColors"];
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
