// The emulated RP2040 as a meter: cycles of a program in any tier.

import { readFileSync } from "node:fs";
import { Instance, type Engine } from "../../tests/harness/instance.ts";
import type { Options } from "../aot/program.ts";
import type { Tier } from "../lib/tier.ts";
import { startBoard } from "./m0plus/board.ts";
import type { Meter } from "./meter.ts";

/** The chip's clock and its random bytes are fixed. */
export async function openChip(
  wasmFile: string,
  tier: Tier,
  options: Options = {},
): Promise<Meter> {
  const board = await startBoard(wasmFile, tier, options);
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
  const take = (): number => {
    const spent = cycles;
    cycles = 0;
    return spent;
  };
  const program = new Instance(tier, wasm, new WebAssembly.Module(wasm), backend);
  return { program, take, close: () => Promise.resolve() };
}
