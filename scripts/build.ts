// wassl build APP.ts: compiles an app for a device.

import path from "node:path";
import { parseArgs } from "node:util";
import type { Verb } from "./cli.ts";
import { appOutput, compileApp } from "./lib/app-compiler.ts";
import { oneFile } from "./lib/args.ts";

const help = `wassl build APP.ts [-o OUT.wasm]

Compiles an app to WebAssembly and checks that wasm3 can run it.

  -o, --output FILE   where to write it: build/apps/<name>.wasm
  -h, --help          this text

The app imports MicroPython's modules by name ("ssl", "socket", "time", "ntptime",
"os", "sys", "errno", "stream"); print, open, bytes, str and OSError are there without an import.
Beside FILE stands FILE.map, which leads from an address in the app back to its source.`;

export const build: Verb = {
  name: "build",
  summary: "compiles APP.ts to app.wasm",
  help,
  async run(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { output: { type: "string", short: "o" } },
    });
    const source = oneFile(positionals, "APP.ts");
    const app = compileApp(source, values.output ?? appOutput(source));
    if (app.notes !== "") console.error(app.notes);
    console.log(`${path.relative(process.cwd(), app.wasm)}: ${app.size} bytes`);
    return 0;
  },
};
