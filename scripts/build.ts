// wassl build: compiles an app for a device, and builds what a board runs it with.

import { statSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Verb } from "./cli.ts";
import { appOutput, compileApp } from "./lib/app-compiler.ts";
import { oneFile, UsageError } from "./lib/args.ts";
import { buildHost } from "./lib/board-host.ts";
import { translateSsl, type SslProgram } from "./lib/ssl-program.ts";
import { sslHelp, tierHelp, tierOf } from "./lib/tier.ts";

const help = `wassl build APP.ts [-o OUT.wasm] [--board host] [--tier NAME] [--ssl SSL.wasm]

Compiles an app to WebAssembly and checks that wasm3 can run it. With one of the options below it
also builds what runs apps on the board, with ssl.wasm in that tier; then APP.ts may be left out.

  -o, --output FILE   where to write the app: build/apps/<name>.wasm
  --board NAME        host: a process on this machine (the default, and so far the only one)
${tierHelp}
${sslHelp}
  -h, --help          this text

The app imports MicroPython's modules by name ("ssl", "socket", "time", "ntptime",
"os", "sys", "errno", "stream"); print, open, bytes, str and OSError are there without an import.
Beside FILE stands FILE.map, which leads from an address in the app back to its source. An app is
the same in every tier.`;

export const build: Verb = {
  name: "build",
  summary: "compiles APP.ts to app.wasm, and builds a board's runner",
  help,
  async run(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        output: { type: "string", short: "o" },
        board: { type: "string" },
        tier: { type: "string" },
        ssl: { type: "string" },
      },
    });
    const { board = "host", tier = "wasm3" } = values;
    const isForBoard = Boolean(values.board ?? values.tier ?? values.ssl);
    if (board !== "host") throw new UsageError(`there is no board ${board}`);
    const wanted = tierOf(tier);
    if (positionals.length > 0 || !isForBoard) {
      buildApp(oneFile(positionals, "APP.ts"), values.output);
    }
    if (isForBoard) await buildBoard(await translateSsl(wanted, values.ssl));
    return 0;
  },
};

function buildApp(source: string, output = appOutput(source)): void {
  const app = compileApp(source, output);
  if (app.notes !== "") console.error(app.notes);
  say(app.wasm);
}

async function buildBoard(ssl: SslProgram): Promise<void> {
  say(await buildHost({ ssl }));
  if (ssl.module !== null) say(ssl.module);
}

function say(file: string): void {
  console.log(`${path.relative(process.cwd(), file)}: ${statSync(file).size} bytes`);
}
