// wassl translate: shows what the translator makes of a module, and why.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import type * as Translator from "./aot/translate.ts";
import type { Verb } from "./cli.ts";
import { UsageError } from "./lib/args.ts";
import { buildSsl } from "./lib/ssl-wasm.ts";
import { tierOf, type Tier } from "./lib/tier.ts";

const help = `wassl translate [MODULE.wasm] [--tier NAME] [-o FOLDER] [--explain]

Translates a WebAssembly module to C: ssl.wasm, unless another is named. Writes MODULE.c and, for
hybrid, MODULE.remainder.wasm. What is not supported is refused with function, instruction and
reason. "wassl run" does this by itself.

  --tier NAME         hybrid (default): all that is self-contained is translated; native: everything
  --explain           for each function: where it runs in that tier, the bytes of its WebAssembly
                      and of its C source, and why it stays interpreted
  -o, --output FOLDER where to write; without it nothing is written
  -h, --help          this text`;

export const translate: Verb = {
  name: "translate",
  summary: "translates ssl.wasm to C, and explains the tiers",
  help,
  async run(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        tier: { type: "string", default: "hybrid" },
        output: { type: "string", short: "o" },
        explain: { type: "boolean", default: false },
      },
    });
    const tier = tierOf(values.tier);
    if (tier === "wasm3") throw new UsageError("in tier wasm3 nothing is translated");
    if (positionals.length > 1) throw new UsageError("expected one module");
    const file = positionals[0] ?? (await buildSsl(13));
    const wasm = readFileSync(file);
    const name = path.basename(file, ".wasm");
    // Only here: the translator stands on Binaryen, which takes the other verbs' time to load.
    const translator = await import("./aot/translate.ts");
    if (values.explain) printTable(translator.explain(wasm, tier));
    write(values.output, name, filesOf(translator, wasm, tier));
    return 0;
  },
};

type Files = Record<string, string | Uint8Array>;

function filesOf(translator: typeof Translator, wasm: Uint8Array, tier: Tier): Files {
  if (tier === "native") return { c: translator.translateAll(wasm, "ssl.wasm") };
  const { c, remainder } = translator.translateSelfContained(wasm, "ssl.wasm");
  return { c, "remainder.wasm": remainder.wasm };
}

function write(folder: string | undefined, name: string, files: Files): void {
  for (const [extension, content] of Object.entries(files)) {
    if (folder === undefined) continue;
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, `${name}.${extension}`);
    writeFileSync(file, content);
    console.log(`${path.relative(process.cwd(), file)}: ${content.length} bytes`);
  }
}

function printTable(rows: Translator.Explanation[]): void {
  const width = Math.max(...rows.map((row) => row.name.length));
  const line = (name: string, tier: string, wasm: string, c: string, reason: string) =>
    console.log(
      `${name.padEnd(width)}  ${tier.padEnd(5)} ${wasm.padStart(6)} ${c.padStart(7)}  ${reason}`,
    );
  line("function", "runs", "wasm", "C", "");
  for (const row of rows) {
    const c = row.cBytes === null ? "-" : String(row.cBytes);
    line(row.name, row.translated ? "C" : "wasm3", String(row.wasmBytes), c, row.reason);
  }
  const translated = rows.filter((row) => row.translated);
  const sum = (some: typeof rows) => some.reduce((total, row) => total + row.wasmBytes, 0);
  console.log(
    `\n${translated.length} of ${rows.length} functions are translated: ` +
      `${sum(translated)} of ${sum(rows)} bytes of code`,
  );
}
