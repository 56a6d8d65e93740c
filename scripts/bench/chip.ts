// The emulated RP2040 as a meter: cycles of a program translated to C, or interpreted by wasm3.

import { readFileSync } from "node:fs";
import { Instance, type Engine } from "../../tests/harness/instance.ts";
import { startBoard, type Board, type Tier } from "./m0plus/board.ts";
import type { Meter } from "./meter.ts";

/** The last call counts; the chip's clock and its random bytes are fixed. */
export async function openChip(wasmFile: string, tier: Tier): Promise<Meter & { board: Board }> {
  const board = await startBoard(wasmFile, tier);
  let cycles = 0;
  const backend: Engine = {
    call(name, args) {
      const { value, cycles: spent } = board.call(name, ...args.map(Number));
      cycles += spent;
      return Number(BigInt.asIntN(32, value));
    },
    read: (p, n) => board.read(p, n),
    write: (p, from) => board.write(p, from),
    memorySize: () => board.memorySize,
    setRandom: () => {},
    setTime: () => {},
    close: () => {},
  };
  const wasm = readFileSync(wasmFile);
  const program = new Instance(tier, wasm, new WebAssembly.Module(wasm), backend);
  const take = (): number => {
    const spent = cycles;
    cycles = 0;
    return spent;
  };
  return { board, program, take, close: () => {} };
}
