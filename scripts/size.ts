// wassl size: where a board's flash and RAM go.

import path from "node:path";
import { parseArgs } from "node:util";
import { Saved } from "./bench/saved.ts";
import { percent } from "./bench/table.ts";
import type { Verb } from "./cli.ts";
import { UsageError } from "./lib/args.ts";
import { buildFirmware, RP2040_LIMBS } from "./lib/board-rp2040.ts";
import type { DeviceStatus } from "./lib/device-status.ts";
import { visitOpenssl } from "./lib/emulated-visit.ts";
import { root } from "./lib/exec.ts";
import { measureFirmware, RAM_SIZE, type FirmwareSize } from "./lib/firmware-size.ts";
import { rp2040Board } from "./lib/rp2040-config.ts";
import { translateSsl } from "./lib/ssl-program.ts";
import { tierOf } from "./lib/tier.ts";

const DEFAULT_BOARD = "w5500_evb_pico";

const help = `wassl size [--board ${DEFAULT_BOARD}] [--tier native] [--objects] [--run] [--save]

Builds a board's firmware and shows where its flash and RAM go, by part, from the linker's map. The
parts add up to what the ELF file has.

  --board NAME        an RP2040 board: ${DEFAULT_BOARD}
  --tier NAME         how ssl.wasm is executed: native (default), hybrid or wasm3
  --objects           each part by object file
  --run               lets the emulated board fetch a page over TLS 1.3 from OpenSSL, and shows what
                      of stacks, heap and linear memories was used at most
  --save              keeps the figures in build/size.json; later runs show the difference
  -h, --help          this text`;

export const size: Verb = {
  name: "size",
  summary: "shows where a board's flash and RAM go",
  help,
  async run(args) {
    const { values } = parseArgs({
      args,
      options: {
        board: { type: "string", default: DEFAULT_BOARD },
        tier: { type: "string", default: "native" },
        objects: { type: "boolean", default: false },
        run: { type: "boolean", default: false },
        save: { type: "boolean", default: false },
      },
    });
    const hardware = rp2040Board(values.board);
    if (hardware === undefined) throw new UsageError(`there is no RP2040 board ${values.board}`);
    const tier = tierOf(values.tier);
    const firmware = await buildFirmware(hardware, await translateSsl(tier, RP2040_LIMBS));
    const measured = measureFirmware(hardware, firmware.elf, firmware.map);
    const saved = new Saved(path.join(root, "build/size.json"));
    const print = new Lines(saved, `${hardware.id}/${tier}`);
    console.log(`${hardware.name}, ssl.wasm in tier ${tier}; bytes\n`);
    print.parts(measured, values.objects);
    print.ram(measured);
    if (values.run) print.run((await visitOpenssl({ hardware, firmware })).status);
    if (values.save) saved.save();
    return 0;
  },
};

const NAME_WIDTH = 30;
const WIDTH = 12;
const CHANGE_WIDTH = 9;

/** What is printed, each figure with its difference to the saved one. */
class Lines {
  constructor(
    private readonly saved: Saved,
    private readonly key: string,
  ) {}

  parts({ parts, objects, total, flashSize }: FirmwareSize, byObject: boolean): void {
    this.line("", "flash", "RAM, static");
    for (const [part, use] of parts) {
      this.line(part, this.figure(`${part}/flash`, use.flash), this.figure(`${part}/ram`, use.ram));
      if (!byObject) continue;
      const own = [...objects].filter(([, object]) => object.part === part);
      for (const [name, object] of own.sort(([, a], [, b]) => b.flash - a.flash)) {
        this.line(`    ${name}`, count(object.flash), count(object.ram));
      }
    }
    const [flash, ram] = [this.figure("flash", total.flash), this.figure("ram", total.ram)];
    this.line("total", flash, ram);
    this.line("of", count(flashSize), count(RAM_SIZE));
    this.line("free", count(flashSize - total.flash), "");
  }

  ram({ total, stack, handlerStack, heap, unused }: FirmwareSize): void {
    this.line("\nRAM", "", "");
    this.line("static", count(total.ram));
    this.line("stack of the program", this.figure("stack", stack));
    this.line("stack of interrupts", this.figure("handlerStack", handlerStack));
    this.line("heap: app, ssl.wasm, wasm3", this.figure("heap", heap));
    this.line("rest of a small bank", count(unused));
    this.line("total", count(total.ram + stack + handlerStack + heap + unused));
  }

  run({ stack, handlerStack, heap, app, ssl }: DeviceStatus): void {
    this.line("\nPeaks of a TLS connection", "used", "of");
    this.peak("stack of the program", stack.peak, stack.size);
    this.peak("stack of interrupts", handlerStack.peak, handlerStack.size);
    this.peak("heap", heap.peak, heap.size);
    this.peak("  linear memory of the app", app.memory);
    this.peak("  its code in wasm3", app.code, app.codePages);
    this.peak("  its stack in wasm3", app.stack);
    this.peak("  linear memory of ssl.wasm", ssl.memory);
    this.peak("    heap in it", ssl.heapPeak);
    this.peak("    scratch memory in it", ssl.scratchPeak);
  }

  private peak(name: string, used: number, of?: number): void {
    this.line(name, this.figure(`run/${name.trim()}`, used), of === undefined ? "" : count(of));
  }

  private figure(name: string, value: number): string {
    const before = this.saved.record(`${this.key}/${name}`, value);
    if (before === undefined) return count(value);
    const change = before === 0 && value > 0 ? "new" : percent(value, before);
    return count(value) + change.padStart(CHANGE_WIDTH);
  }

  private line(name: string, ...cells: string[]): void {
    const width = this.saved.isEmpty ? WIDTH : WIDTH + CHANGE_WIDTH;
    console.log((name.padEnd(NAME_WIDTH) + cells.map((c) => c.padStart(width)).join("")).trimEnd());
  }
}

function count(bytes: number): string {
  return bytes.toLocaleString("en");
}
