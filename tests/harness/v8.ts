// The engine inside Node: fast, and its traps carry the names of the functions they came through.

import { type Engine, type HalState, Trap, fillRandom } from "./instance.ts";

export function openV8(module: WebAssembly.Module): Engine {
  const state: HalState = { random: null, time: 0n, stream: 0 };
  const memory = (): WebAssembly.Memory => exports.memory as WebAssembly.Memory;
  const bytes = (p: number, n: number): Uint8Array => new Uint8Array(memory().buffer, p, n);
  const hal = {
    random_fill: (p: number, n: number): number => fillRandom(state, bytes(p >>> 0, n)),
    clock_time: (): bigint => state.time,
  };
  const exports = trapping("start", () => new WebAssembly.Instance(module, { hal })).exports;

  return {
    call(name, args) {
      const f = exports[name] as (...args: (number | bigint)[]) => number | bigint | undefined;
      return trapping(name, () => f(...args) ?? 0);
    },
    read: (p, n) => bytes(p, n).slice(),
    write: (p, from) => bytes(p, from.length).set(from),
    memorySize: () => memory().buffer.byteLength,
    setRandom(pool) {
      state.random = pool;
      state.stream = 0;
    },
    setTime: (seconds) => void (state.time = seconds),
    close: () => undefined,
  };
}

/** Runs f; a trap of WebAssembly, and an endless recursion, becomes a Trap. */
function trapping<T>(name: string, f: () => T): T {
  try {
    return f();
  } catch (error) {
    const trapped = error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
    if (!trapped) throw error;
    const frames = [...(error.stack ?? "").matchAll(/at (\S+) \(wasm:/g)].map((match) => match[1]);
    throw new Trap(`${name}: ${error.message} in ${frames.slice(0, 8).join(" < ")}`);
  }
}
