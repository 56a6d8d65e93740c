// node main.mjs REQUEST: compiles one app with AssemblyScript's compiler and the library in
// assembly/device.
//
// A process of its own, in plain JavaScript: the compiler and Binaryen are 28 MB of it, and the
// loader that runs TypeScript would look through all of that first, for eight seconds. REQUEST is
// JSON (Request in ../lib/app-compiler.ts). On success the two files are written and the compiler's
// notes are on standard output; else the reason is on standard error.
//
// An app imports by MicroPython's names: `import * as ssl from "ssl"`. The compiler looks such a
// name up as a package (node_modules/ssl/index.ts), and the hook here answers with
// assembly/device/ssl.ts, so nothing has to be installed beside the app. The library's files import
// each other the same way: one name, one copy of the module.

import asc from "assemblyscript/asc";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { complaintOf } from "./check.mjs";
import { startLocations } from "./locations.mjs";
import { useDeviceMemory } from "./memory.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
const device = path.join(root, "assembly/device");
const PACKAGE = /(?:^|\/)node_modules\/([a-z]+)\/index\.ts$/;
const PRELUDE = "node_modules/prelude/index.ts";

/**
 * Size before speed: an app moves bytes between calls. Assertions stay, so that a null that nobody
 * looked at stops the app with its file and line. The shadow stack, 4 KB, holds references only.
 */
const OPTIONS = [
  ...["--runtime", "incremental"],
  ...["--optimizeLevel", "3", "--shrinkLevel", "2", "--converge"],
  ...["--stackSize", "4096", "--initialMemory", "1"],
  ...["--exportStart", "_start"],
  ...["--use", "abort=abortSayingWhy"],
  ...["--debug", "--sourceMap", "--noColors"],
];

/** @param {string} name @param {string} baseDir @returns {string | null} */
function readSource(name, baseDir) {
  const library = PACKAGE.exec(name);
  const file = library ? path.join(device, `${library[1]}.ts`) : path.resolve(baseDir, name);
  return existsSync(file) ? readFileSync(file, "utf8") : null;
}

const { entry, baseDir, outFile } = JSON.parse(process.argv[2]);
useDeviceMemory();
const outputs = new Map();
const messages = asc.createMemoryStream();
const { error } = await asc.main(
  [entry, PRELUDE, "--config", "none", "--baseDir", baseDir, "-o", "app.wasm", ...OPTIONS],
  {
    stdout: messages,
    stderr: messages,
    readFile: readSource,
    listFiles: () => [],
    writeFile: (name, contents) => void outputs.set(name, contents),
    transforms: [startLocations],
  },
);
const said = messages.toString().trim();
const complaint = error
  ? `does not compile\n${said}`
  : complaintOf(outputs.get("app.wasm"), path.join(root, "hal/surface.def"));
if (complaint === null) {
  mkdirSync(path.dirname(outFile), { recursive: true });
  writeFileSync(outFile, outputs.get("app.wasm"));
  writeFileSync(`${outFile}.map`, outputs.get("app.wasm.map"));
  console.log(said);
} else {
  console.error(complaint);
  process.exitCode = 1;
}
