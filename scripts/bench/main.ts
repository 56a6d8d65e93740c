// npm run bench: what the primitives and a handshake cost, by tier. Instructions under callgrind
// and cycles of an emulated chip repeat where times do not, so two runs can be compared.

import path from "node:path";
import { parseArgs } from "node:util";
import { root, UserError } from "../lib/exec.ts";
import { rp2040Board } from "../lib/rp2040-config.ts";
import { writePage } from "./board/page.ts";
import { printReport } from "./board/print.ts";
import { measureBoard } from "./board/report.ts";
import { chipTable } from "./chip-table.ts";
import { hostTable } from "./host.ts";
import { Saved } from "./saved.ts";
import { sizeTable } from "./sizes.ts";
import { subjects, type Subject } from "./subjects.ts";

const HELP = `Usage: npm run bench -- [--chip | --board NAME] [--filter NAME] [--save]

Instructions on this machine of each primitive and of a TLS 1.3 client's connection, in the tiers
wasm3, hybrid and native, without bounds checks, and in native OpenSSL and mbedTLS; the size of
ssl.wasm as C. Every result is checked. The libraries run with the machine's AES and vector
instructions, as far as valgrind knows them.

  --chip         cycles on an emulated RP2040 (Cortex-M0+) instead
  --board NAME   a board's firmware in the emulator (w5500_evb_pico): the primitives beside those of
                 others, a TLS handshake with OpenSSL by phase, memory, bytes on the wire; also as
                 a page with charts, build/bench/NAME.html
  --filter NAME  only what has NAME in its name
  --save         keeps the figures in build/bench/saved.json; later runs show the difference
  --help         this text
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      chip: { type: "boolean", default: false },
      board: { type: "string" },
      filter: { type: "string", default: "" },
      save: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const wanted = subjects(values.filter);
  if (wanted.length === 0) throw new Error(`nothing has ${values.filter} in its name`);
  const saved = new Saved(path.join(root, "build/bench/saved.json"));
  if (values.board !== undefined) {
    await benchBoard(values.board, wanted, values.filter === "", saved);
  } else if (values.chip) {
    console.log("Cycles on Cortex-M0+ (emulated RP2040, boards/rp2040/program.flags)\n");
    await chipTable(wanted, saved);
  } else {
    console.log("Instructions on this machine (callgrind, -O2)\n");
    await hostTable(wanted, saved);
    console.log("\nBytes of ssl.wasm: what is interpreted, and the C's text\n");
    await sizeTable(saved);
  }
  if (values.save) saved.save();
  return 0;
}

/** The page shows everything, so that it is written only where nothing was left out. */
async function benchBoard(
  name: string,
  wanted: Subject[],
  isWhole: boolean,
  saved: Saved,
): Promise<void> {
  const hardware = rp2040Board(name);
  if (hardware === undefined) throw new UserError(`there is no RP2040 board ${name}`);
  const report = await measureBoard(hardware, wanted, isWhole, saved);
  printReport(report);
  if (!isWhole) return;
  const page = path.join(root, `build/bench/${name}.html`);
  writePage(report, page);
  console.log(`\n${path.relative(process.cwd(), page)}`);
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`bench: ${(error as Error).message}`);
  process.exitCode = 1;
}
