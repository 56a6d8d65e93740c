// TypeScript app -> app.wasm, with AssemblyScript's compiler and the library in assembly/device.
//
// An app imports by MicroPython's names: `import * as ssl from "ssl"`. The compiler looks such a name up as a package
// (node_modules/ssl/index.ts), and the hook here answers with assembly/device/ssl.ts, so nothing has to be installed beside
// the app. The library's files import each other the same way: one name, one copy of the module.

import asc from "assemblyscript/asc";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { checkApp } from "./app-check.ts";
import { root, UserError } from "./exec.ts";
import { startLocations } from "./start-locations.ts";

const device = path.join(root, "assembly/device");
const PACKAGE = /(?:^|\/)node_modules\/([a-z]+)\/index\.ts$/;
const PRELUDE = "node_modules/prelude/index.ts";

/**
 * Size before speed: an app moves bytes between calls. Assertions stay, so that a null that was not looked at stops the app
 * with its file and line. The shadow stack of 4 KB holds references only.
 */
const OPTIONS = [
  ...["--runtime", "incremental"],
  ...["--optimizeLevel", "3", "--shrinkLevel", "2", "--converge"],
  ...["--stackSize", "4096", "--initialMemory", "1"],
  ...["--exportStart", "_start"],
  ...["--use", "abort=abortSayingWhy"],
  ...["--debug", "--sourceMap", "--noColors"],
];

export interface App {
  /** The path of app.wasm; its source map is beside it, with ".map" added. */
  wasm: string;
  size: number;
  /** What the compiler said besides: warnings. */
  notes: string;
}

/** Where an app goes unless somebody says otherwise. */
export function appOutput(source: string): string {
  return path.join(root, "build/apps", `${path.basename(source, ".ts")}.wasm`);
}

/** Compiles an app into `outFile`, checked; throws UserError with the compiler's messages where it has mistakes. */
export async function compileApp(source: string, outFile: string): Promise<App> {
  if (!existsSync(source)) throw new UserError(`there is no file ${source}`);
  const baseDir = baseOf(source);
  const entry = path.relative(baseDir, path.resolve(source)).replaceAll(path.sep, "/");
  const outputs = new Map<string, Uint8Array | string>();
  const messages = asc.createMemoryStream();
  const { error } = await asc.main(
    [entry, PRELUDE, "--config", "none", "--baseDir", baseDir, "-o", "app.wasm", ...OPTIONS],
    {
      stdout: messages,
      stderr: messages,
      readFile: readSource,
      listFiles: () => [],
      writeFile: (name, contents) => void outputs.set(name, contents),
      transforms: startLocations,
    },
  );
  if (error) throw new UserError(`${source} does not compile\n${messages.toString().trim()}`);
  const wasm = outputs.get("app.wasm") as Uint8Array;
  checkApp(wasm, source);
  mkdirSync(path.dirname(outFile), { recursive: true });
  writeFileSync(outFile, wasm);
  writeFileSync(`${outFile}.map`, outputs.get("app.wasm.map") as string);
  return { wasm: outFile, size: wasm.length, notes: messages.toString().trim() };
}

/** Where messages' paths start: the current folder, or the app's own where it lies outside. */
function baseOf(source: string): string {
  const inside = !path.relative(process.cwd(), source).startsWith("..");
  return inside ? process.cwd() : path.dirname(path.resolve(source));
}

function readSource(name: string, baseDir: string): string | null {
  const library = PACKAGE.exec(name);
  const file = library ? path.join(device, `${library[1]}.ts`) : path.resolve(baseDir, name);
  return existsSync(file) ? readFileSync(file, "utf8") : null;
}
