// build/ssl.wasm, made when assembly/ has changed since: a hash of everything it is made from stands beside it.

import asc from "assemblyscript/asc";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root, UserError } from "./exec.ts";

const output = path.join(root, "build/ssl.wasm");
const stamp = `${output}.made-from`;

/** The path of ssl.wasm, built from the sources as they are now. */
export async function buildSsl(): Promise<string> {
  const hash = sourcesHash();
  if (existsSync(output) && existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return output;
  const messages = asc.createMemoryStream();
  const outputs = new Map<string, Uint8Array | string>();
  const { error } = await asc.main(
    ["--config", "asconfig.json", "--target", "release", "--baseDir", root, "--noColors"],
    {
      stdout: messages,
      stderr: messages,
      writeFile: (name, contents) => void outputs.set(name, contents),
    },
  );
  if (error) throw new UserError(`ssl.wasm does not compile\n${messages.toString().trim()}`);
  for (const [name, contents] of outputs) replaceFile(path.join(root, name), contents);
  replaceFile(stamp, hash);
  return output;
}

/** Renamed into place, so that a program just starting reads the old file or the new one. */
function replaceFile(file: string, contents: Uint8Array | string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, contents);
  renameSync(temporary, file);
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
