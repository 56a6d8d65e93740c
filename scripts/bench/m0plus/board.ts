// A Cortex-M0+ at work: builds a bare image around a WebAssembly program - translated to C,
// interpreted by wasm3, or partly both - and runs its exports in the RP2040 emulator, which counts
// cycles. The counts repeat exactly. No flash wait states are modelled, so they compare with each
// other and with other figures of this emulator. It has 512 KB of SRAM here, twice as much as the
// chip: a connection that is interpreted would not fit otherwise, because wasm3 compiles into SRAM
// and nests a C call for each operation. The figures are about cycles, not memory.

import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { decodeModule } from "../../aot/module.ts";
import type { Options } from "../../aot/program.ts";
import { translateAll, translateSelfContained } from "../../aot/translate.ts";
import { exec, root } from "../../lib/exec.ts";
import type { Tier } from "../../lib/tier.ts";
import { BenchChip } from "./chip.ts";

const HERE = path.join(root, "scripts/bench/m0plus");
const HAL = path.join(root, "hal");
/** How gcc optimises translated C: what the firmware's Makefile says, too. */
export const OPTIMISE = `@${path.join(root, "boards/rp2040/program.flags")}`;
const RAM = 0x20000000;
const BREAK_READY = 0;
const BREAK_DONE = 1;
/** An RSA signature in the interpreter takes ten thousand million. */
const MAXIMUM_INSTRUCTIONS = 40_000_000_000;
const CANARY = 0x57ac4b0f;
const FLAGS = [
  "-mcpu=cortex-m0plus",
  "-mthumb",
  "-std=gnu11",
  "-ffunction-sections",
  "-fdata-sections",
];
/** The mailbox of server.c. */
const MAILBOX = {
  slots: 0,
  name: 136,
  results: 200,
  arguments: 204,
  error: 208,
  memory: 212,
  size: 216,
};

export interface CallResult {
  value: bigint;
  cycles: number;
}

/** Builds the image for a program and starts it. The options are the translator's. */
export async function startBoard(
  wasmFile: string,
  tier: Tier,
  options: Options = {},
): Promise<Board> {
  return new Board(await buildImage(wasmFile, tier, options), readFileSync(wasmFile));
}

/** What a Board runs, and where in it things are. */
export interface Image {
  bytes: Uint8Array;
  mailbox: number;
  stackBottom: number;
}

export async function buildImage(
  wasmFile: string,
  tier: Tier,
  options: Options = {},
): Promise<Image> {
  const parent = path.join(root, "build/bench");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(path.join(parent, "image-"));
  try {
    return await buildIn(folder, wasmFile, tier, options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function buildIn(
  folder: string,
  wasmFile: string,
  tier: Tier,
  options: Options,
): Promise<Image> {
  const wasm = readFileSync(wasmFile);
  const elf = path.join(folder, "image.elf");
  if (tier === "native") await buildNative(wasm, folder, elf, options);
  else if (tier === "hybrid") await buildHybrid(wasm, folder, elf, options);
  else await link(interpreter(wasmFile, folder), elf);
  const binary = path.join(folder, "image.bin");
  await exec("arm-none-eabi-objcopy", ["-O", "binary", elf, binary]);
  const symbols = await exec("arm-none-eabi-nm", [elf]);
  return {
    bytes: readFileSync(binary),
    mailbox: addressOf("mailbox", symbols),
    stackBottom: addressOf("stack_bottom", symbols),
  };
}

function addressOf(name: string, symbols: string): number {
  const found = new RegExp(`^([0-9a-f]+) . ${name}$`, "m").exec(symbols);
  if (found === null) throw new Error(`the image has no ${name}`);
  return parseInt(found[1], 16);
}

async function buildNative(
  wasm: Uint8Array,
  folder: string,
  elf: string,
  options: Options,
): Promise<void> {
  const object = await compileC(translateAll(wasm, "program.wasm", options), folder);
  const sources = ["server.c", "engine_aot.c"].map((f) => path.join(HERE, f));
  await link([...sources, path.join(HAL, "aot.c"), object, "-I", HAL], elf);
}

/** The interpreter runs what remains, and calls the translated functions as imports. */
async function buildHybrid(
  wasm: Uint8Array,
  folder: string,
  elf: string,
  options: Options,
): Promise<void> {
  const { c, remainder } = translateSelfContained(wasm, "program.wasm", options);
  const rest = path.join(folder, "remainder.wasm");
  writeFileSync(rest, remainder.wasm);
  const object = await compileC(c, folder);
  const translated = ["aot.c", "aot_wasm3.c"].map((f) => path.join(HAL, f));
  const inputs = interpreter(rest, folder);
  await link([...inputs, "-DAOT_FUNCTIONS", "-I", HAL, ...translated, object], elf);
}

async function compileC(c: string, folder: string): Promise<string> {
  const source = path.join(folder, "program.c");
  const object = path.join(folder, "program.o");
  writeFileSync(source, c);
  const flags = [...FLAGS, OPTIMISE, "-Wall", "-Wextra", "-Werror", "-DAOT_FOR_MEASURING"];
  await exec("arm-none-eabi-gcc", [...flags, "-I", HAL, "-c", source, "-o", object]);
  return object;
}

/** wasm3 with a module inside. */
function interpreter(wasmFile: string, folder: string): string[] {
  const wasm3 = process.env.WASM3_DIR ?? path.join(root, "third_party/wasm3");
  const program = path.join(folder, "program.S");
  writeFileSync(
    program,
    `.section .rodata\n.balign 4\n.global program_start\nprogram_start:\n.incbin "${wasmFile}"\n` +
      ".global program_end\nprogram_end:\n",
  );
  const core = readdirSync(wasm3).filter((f) => /^m3_(?!api_).*\.c$/.test(f));
  const settings = [
    "-Dd_m3HasFloat=0",
    "-Dd_m3CodePageAlignSize=1024",
    "-Dd_m3MaxFunctionStackHeight=512",
    "-Dd_m3VerboseErrorMessages=0",
  ];
  const sources = ["server.c", "engine_wasm3.c"].map((f) => path.join(HERE, f));
  const files = core.map((f) => path.join(wasm3, f));
  return ["-O3", "-w", ...settings, "-I", wasm3, ...sources, program, ...files];
}

async function link(inputs: string[], elf: string): Promise<void> {
  const linker = [
    "-nostartfiles",
    "--specs=nano.specs",
    "--specs=nosys.specs",
    "-Wl,--gc-sections",
    "-Wl,--no-warnings",
  ];
  const script = ["-T", path.join(HERE, "image.ld")];
  await exec("arm-none-eabi-gcc", [
    ...FLAGS,
    "-O2",
    ...linker,
    ...script,
    ...inputs,
    "-lm",
    "-o",
    elf,
  ]);
}

export class Board {
  readonly chip: BenchChip;
  private readonly results: Map<string, number>;
  private readonly mailbox: number;
  private readonly stackBottom: number;

  constructor(image: Image, wasm: Uint8Array, kind: "translated" | "interpreted" = "translated") {
    this.results = resultCounts(wasm);
    this.chip = new BenchChip(image.bytes, kind);
    this.mailbox = image.mailbox;
    this.stackBottom = image.stackBottom;
    this.chip.writeUint32(this.stackBottom, CANARY);
    this.runTo(BREAK_READY);
    this.checkError("start");
  }

  /**
   * Calls an export with i32 arguments; cycles are those of the call and of finding the function.
   */
  call(name: string, ...args: number[]): CallResult {
    const results = this.prepare(name, ...args);
    const { core, sramView } = this.chip;
    const before = core.cycles;
    this.runTo(BREAK_DONE);
    const cycles = core.cycles - before;
    this.checkError(name);
    const slots = this.mailbox - RAM + MAILBOX.slots;
    const value = results === 0 ? 0n : sramView.getBigUint64(slots, true);
    this.runTo(BREAK_READY);
    return { value, cycles };
  }

  /** Fills the mailbox for a call: the chip makes it when it runs on. The number of results. */
  prepare(name: string, ...args: number[]): number {
    const results = this.results.get(name);
    if (results === undefined) throw new Error(`the program exports no function ${name}`);
    const at = this.mailbox - RAM;
    const view = this.chip.sramView;
    args.forEach((arg, i) =>
      view.setBigUint64(at + 8 * (results + i), BigInt.asUintN(32, BigInt(arg)), true),
    );
    const bytes = new TextEncoder().encode(`${name}\0`);
    this.chip.sram.set(bytes, at + MAILBOX.name);
    view.setUint32(at + MAILBOX.results, results, true);
    view.setUint32(at + MAILBOX.arguments, args.length, true);
    return results;
  }

  get memorySize(): number {
    return this.chip.sramView.getUint32(this.mailbox - RAM + MAILBOX.size, true);
  }

  read(offset: number, length: number): Uint8Array {
    return this.view(offset, length).slice();
  }

  write(offset: number, bytes: Uint8Array): void {
    this.view(offset, bytes.length).set(bytes);
  }

  /** The memory itself, until it grows. */
  view(offset: number, length: number): Uint8Array {
    const at = this.memoryAt(offset, length);
    return this.chip.sram.subarray(at, at + length);
  }

  private memoryAt(offset: number, length: number): number {
    const at = this.mailbox - RAM;
    const memory = this.chip.sramView.getUint32(at + MAILBOX.memory, true);
    if (offset + length > this.memorySize)
      throw new RangeError(`${offset}+${length} is outside the memory`);
    return memory - RAM + offset;
  }

  private runTo(code: number): void {
    const { chip } = this;
    chip.run(MAXIMUM_INSTRUCTIONS);
    if (!chip.stopRequested) throw new Error("the program does not end");
    if (chip.stoppedAt !== code) this.checkError(`breakpoint ${chip.stoppedAt} instead of ${code}`);
  }

  private checkError(where: string): void {
    if (this.chip.readUint32(this.stackBottom) !== CANARY)
      throw new Error(`${where}: stack overflow`);
    let at = this.chip.sramView.getUint32(this.mailbox - RAM + MAILBOX.error, true);
    if (at === 0) return;
    let text = "";
    for (let c; (c = this.chip.readUint8(at++)) !== 0;) text += String.fromCharCode(c);
    throw new Error(`${where}: ${text}`);
  }
}

function resultCounts(wasm: Uint8Array): Map<string, number> {
  const counts = new Map<string, number>();
  const module = decodeModule(wasm);
  for (const e of module.exports) {
    if (e.kind === "function") counts.set(e.name, module.functions[e.index].type.results.length);
  }
  return counts;
}
