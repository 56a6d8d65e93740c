// wassl run APP.ts: builds an app and whatever it needs that is out of date, and runs it on a
// board.

import { constants } from "node:os";
import { parseArgs } from "node:util";
import type { Verb } from "./cli.ts";
import { appOutput, compileApp } from "./lib/app-compiler.ts";
import { oneFile, UsageError } from "./lib/args.ts";
import { buildHost, HOST_LIMBS } from "./lib/board-host.ts";
import { emulatedHelp, runEmulated } from "./lib/emulated-run.ts";
import { runOnHost } from "./lib/host-run.ts";
import { rp2040Board } from "./lib/rp2040-config.ts";
import { translateSsl } from "./lib/ssl-program.ts";
import { sslHelp, tierHelp, tierOf } from "./lib/tier.ts";

const help = `wassl run APP.ts [--board host] [--tier NAME] [--ssl SSL.wasm] [-- BOARD OPTIONS]

Builds an app, and ssl.wasm and the board's runner where they are out of date, and runs it.
What the app prints goes to standard output. Where it stops with a trap, the app's own or one in
ssl.wasm, the addresses in the report are shown as file, line and column. The exit status is the
app's.

  --board NAME        host: a process on this machine (the default); w5500_evb_pico
${tierHelp}
${sslHelp}
  -h, --help          this text

Options of the board "host", after "--":

  --root DIR          the folder that the app sees as its file system (default: .)
  --clock WHEN        system (default), unset, or seconds since 1970-01-01 UTC
  --connect-to HOST:PORT:ADDRESS:PORT
                      who asks for HOST:PORT gets ADDRESS:PORT; may be given several times
  --memory-limit MODULE=BYTES
                      the most linear memory of ssl or app
  --receive-buffer BYTES
                      the most plaintext of a record to the app, 1024 to 16384 (default)
  --stats             at the end, on standard error, what it has cost

${emulatedHelp}

Example: wassl run examples/https-verified.ts -- --root build/demo --stats`;

export const run: Verb = {
  name: "run",
  summary: "builds APP.ts and runs it on a board",
  help,
  async run(args) {
    const emulated = rp2040Board(boardOf(args));
    if (emulated !== undefined) return runEmulated(emulated, args);
    const end = args.includes("--") ? args.indexOf("--") : args.length;
    const { values, positionals } = parseArgs({
      args: args.slice(0, end),
      allowPositionals: true,
      options: {
        board: { type: "string", default: "host" },
        tier: { type: "string", default: "wasm3" },
        ssl: { type: "string" },
      },
    });
    const source = oneFile(positionals, "APP.ts");
    if (values.board !== "host") throw new UsageError(`there is no board ${values.board}`);
    const tier = tierOf(values.tier);
    const app = compileApp(source, appOutput(source));
    if (app.notes !== "") console.error(app.notes);
    const ssl = await translateSsl(tier, values.ssl ?? HOST_LIMBS);
    const ended = await runOnHost(await buildHost({ ssl }), {
      options: args.slice(end + 1),
      ssl,
      app: app.wasm,
      output: (text) => void process.stdout.write(text),
      report: (line) => console.error(line),
    });
    return typeof ended === "number" ? ended : 128 + constants.signals[ended];
  },
};

/** What --board says, before anything is known of the other options. */
function boardOf(args: string[]): string {
  const { values } = parseArgs({ args, strict: false, options: { board: { type: "string" } } });
  return typeof values.board === "string" ? values.board : "host";
}
