// wassl build: compiles an app for a device, and builds what a board runs it with.

import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Verb } from "./cli.ts";
import { appOutput, compileApp, type App } from "./lib/app-compiler.ts";
import { oneFile, UsageError } from "./lib/args.ts";
import { buildHost, HOST_LIMBS } from "./lib/board-host.ts";
import { appParts, buildFirmware, RP2040_LIMBS, writeParts } from "./lib/board-rp2040.ts";
import { imageOfFolder } from "./lib/littlefs-image.ts";
import { rp2040Board, type Rp2040Board } from "./lib/rp2040-config.ts";
import { translateSsl, type SslProgram } from "./lib/ssl-program.ts";
import { sslHelp, tierHelp, tierOf } from "./lib/tier.ts";

const help = `wassl build APP.ts [-o OUT.wasm] [--board NAME] [--fs DIR] [--tier NAME]
                         [--ssl SSL.wasm]

Compiles an app to WebAssembly and checks that wasm3 can run it. With one of the options below it
also builds what runs apps on the board, with ssl.wasm in that tier; then APP.ts may be left out.

  -o, --output FILE   where to write the app: build/apps/<name>.wasm
  --board NAME        host: a process on this machine (the default); w5500_evb_pico
  --fs DIR            a board's files: what is in this folder goes into the UF2 file
${tierHelp}
${sslHelp}
  -h, --help          this text

For a board in build/<board>/: wassl.elf, wassl.map and wassl.uf2, the firmware alone; with APP.ts
or --fs also <name>.uf2, the firmware with app and files, which replace what is on the board. Drag
a UF2 file onto the drive that the board shows when it is plugged in with BOOTSEL pressed.

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
        fs: { type: "string" },
      },
    });
    const { board = "host" } = values;
    const rp2040 = rp2040Board(board);
    if (board !== "host" && rp2040 === undefined)
      throw new UsageError(`there is no board ${board}`);
    if (values.fs !== undefined && rp2040 === undefined)
      throw new UsageError("--fs is for boards with a flash of their own");
    const tier = tierOf(values.tier ?? (rp2040 === undefined ? "wasm3" : "native"));
    const isForBoard = Boolean(values.board ?? values.tier ?? values.ssl);
    let app: App | undefined;
    if (positionals.length > 0 || !isForBoard)
      app = buildApp(oneFile(positionals, "APP.ts"), values.output);
    if (!isForBoard) return 0;
    const limbs = rp2040 === undefined ? HOST_LIMBS : RP2040_LIMBS;
    const ssl = await translateSsl(tier, values.ssl ?? limbs);
    if (rp2040 === undefined) await buildForHost(ssl);
    else await buildForRp2040(rp2040, ssl, app, values.fs);
    return 0;
  },
};

function buildApp(source: string, output = appOutput(source)): App {
  const app = compileApp(source, output);
  if (app.notes !== "") console.error(app.notes);
  say(app.wasm);
  return app;
}

async function buildForRp2040(
  board: Rp2040Board,
  ssl: SslProgram,
  app: App | undefined,
  folder: string | undefined,
): Promise<void> {
  const firmware = await buildFirmware(board, ssl);
  [firmware.elf, firmware.map, firmware.uf2].forEach(say);
  const name = app === undefined ? "files" : path.basename(app.wasm, ".wasm");
  const parts = app === undefined ? [] : appParts(board, readFileSync(app.wasm), name);
  if (folder !== undefined) {
    const { offset, size } = board.flash.files;
    parts.push({ offset, bytes: await imageOfFolder(folder, size) });
  }
  if (parts.length === 0) return;
  const file = path.join(path.dirname(firmware.uf2), `${name}.uf2`);
  writeParts(file, firmware, parts);
  say(file);
}

async function buildForHost(ssl: SslProgram): Promise<void> {
  say(await buildHost({ ssl }));
  if (ssl.module !== null) say(ssl.module);
}

function say(file: string): void {
  console.log(`${path.relative(process.cwd(), file)}: ${statSync(file).size} bytes`);
}
