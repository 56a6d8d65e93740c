// The emulated Cortex-M0+ as an observer of subjects that must not depend on their secrets
// (constant-trace.ts): a program translated to C as in the firmware, on a bare RP2040 without
// caches, where every run must take the very same number of cycles. What that can see and what not:
// tests/constant-time-chip.test.ts.

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Board, OPTIMISE, buildImage, type Image } from "../../scripts/bench/m0plus/board.ts";
import { compileEntry, hashOf, nameAndContent, once, output } from "./compile.ts";
import type { Observer } from "./constant-trace.ts";
import { root } from "./imports.ts";

export class Cycles implements Observer {
  readonly unit = "cycles";
  readonly functions: string[];
  private cycles = 0;
  private readonly started: { sram: Uint8Array; registers: Uint32Array };

  constructor(
    private readonly board: Board,
    wasm: Uint8Array,
  ) {
    const exported = WebAssembly.Module.exports(new WebAssembly.Module(Uint8Array.from(wasm)));
    this.functions = exported.filter(({ kind }) => kind === "function").map(({ name }) => name);
    const { sram, core } = board.chip;
    this.started = { sram: sram.slice(), registers: core.registers.slice() };
  }

  /** As it was when it had started. */
  restart(): void {
    const { sram, core } = this.board.chip;
    sram.set(this.started.sram);
    core.registers.set(this.started.registers);
  }

  call(name: string, ...args: (number | bigint)[]): number {
    const { value, cycles } = this.board.call(name, ...args.map(Number));
    this.cycles += cycles;
    return Number(BigInt.asIntN(32, value));
  }

  bytes(p: number, n: number): Uint8Array {
    return this.board.view(p, n);
  }

  observe(run: () => void): { events: bigint; digest: string } {
    this.cycles = 0;
    run();
    return { events: BigInt(this.cycles), digest: "" };
  }

  difference(a: () => void, b: () => void): string | null {
    const [one, other] = [a, b].map((run) => this.observe(run).events);
    return one === other ? null : `${one} cycles, and ${other}`;
  }
}

const opened = new Map<string, Promise<Cycles>>();

/** tests/entry/<entry>.ts, just started. One chip for all of a file's tests of a program. */
export async function openCycles(entry: string): Promise<Cycles> {
  if (!opened.has(entry)) opened.set(entry, start(entry));
  const cycles = await opened.get(entry)!;
  cycles.restart();
  return cycles;
}

async function start(entry: string): Promise<Cycles> {
  const file = await compileEntry(entry);
  const wasm = readFileSync(file);
  return new Cycles(new Board(await imageOf(file), wasm), wasm);
}

/** Built once for all test files, as it takes the compiler a while. */
async function imageOf(file: string): Promise<Image> {
  const folders = ["scripts/aot", "scripts/bench/m0plus"];
  const sources = folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), "utf8").map((f) => `${folder}/${f}`),
  );
  const runtime = readdirSync(path.join(root, "hal")).filter((f) => f.startsWith("aot"));
  const all = [...sources, ...runtime.map((f) => `hal/${f}`)].map((f) => path.join(root, f));
  const hash = hashOf([file, OPTIMISE.slice(1), ...all].flatMap(nameAndContent));
  const stem = path.basename(file).replace(/\..*$/, "");
  const image = await once(path.join(output, `${stem}-chip.${hash}.json`), async (target) => {
    const { bytes, ...rest } = await buildImage(file, "native");
    writeFileSync(
      target,
      JSON.stringify({ ...rest, base64: Buffer.from(bytes).toString("base64") }),
    );
  });
  const { base64, ...rest } = JSON.parse(readFileSync(image, "utf8")) as Omit<Image, "bytes"> & {
    base64: string;
  };
  return { ...rest, bytes: Buffer.from(base64, "base64") };
}
