// A WebAssembly program loaded for a test, in V8 or in one of the devices' three tiers - wasm3,
// hybrid, native - behind one synchronous interface.
//
//   for (const engine of engines) {
//     const m = await loadEntry("crypto", engine);     // tests/entry/crypto.ts
//     const p = m.put(bytes);                          // alloc + write
//     m.call("sha256", p, bytes.length, out);
//     m.reset();                                       // frees what alloc and put gave
//   }
//
// A trap is the exception Trap in all of them. The two imports of ssl.wasm are deterministic:
// `random` is a pool that is used up from the front (used up: -EIO, as a device without entropy
// says), null a fixed endless stream; `time` is the clock, -1 where it was never set.

import { readFileSync } from "node:fs";
import { compileEntry, compileSsl } from "./compile.ts";
import {
  engineOf,
  engines,
  limbEngines,
  limbsOf,
  type EngineName,
  type WideEngineName,
} from "./engines.ts";
import { openV8 } from "./v8.ts";
import { openRunner } from "./runner.ts";
import { compileRunner } from "./runner-build.ts";

export { engines, limbEngines, limbsOf, type EngineName };

/** unreachable, an access outside the memory, a division by zero: always a bug of ours. */
export class Trap extends Error {
  override name = "Trap";
}

/** What an engine does; Instance is what tests see. */
export interface Engine {
  call(name: string, args: (number | bigint)[]): number | bigint;
  read(p: number, n: number): Uint8Array;
  write(p: number, from: Uint8Array): void;
  memorySize(): number;
  setRandom(pool: Uint8Array | null): void;
  setTime(seconds: bigint): void;
  close(): void;
}

export interface HalState {
  random: Uint8Array | null;
  time: bigint;
  stream: number;
}

const EIO = 5;
const DEFAULT_TIME = 1_767_225_600; // 2026-01-01T00:00:00Z

/** hal.random_fill of the tests; runner.c has the same in C. */
export function fillRandom(state: HalState, into: Uint8Array): number {
  if (state.random === null) {
    for (let i = 0; i < into.length; i++) {
      state.stream = (Math.imul(state.stream, 1664525) + 1013904223) >>> 0;
      into[i] = state.stream >>> 24;
    }
    return 0;
  }
  if (state.random.length < into.length) return -EIO;
  into.set(state.random.subarray(0, into.length));
  state.random = state.random.subarray(into.length);
  return 0;
}

export class Instance {
  /** The functions that the program exports. */
  readonly functions: ReadonlySet<string>;
  private readonly blocks = new Set<number>();
  private pool: Uint8Array | null = null;
  private now = DEFAULT_TIME;

  constructor(
    readonly engine: EngineName,
    readonly wasm: Uint8Array,
    module: WebAssembly.Module,
    private readonly backend: Engine,
  ) {
    const exports = WebAssembly.Module.exports(module);
    this.functions = new Set(exports.filter((e) => e.kind === "function").map((e) => e.name));
    this.time = DEFAULT_TIME;
  }

  /** Calls an export whose result is an i32, or nothing (0). Arguments of type i64 are bigints. */
  call(name: string, ...args: (number | bigint)[]): number {
    const result = this.invoke(name, args);
    if (typeof result === "bigint") throw new TypeError(`${name} gives an i64: use callBig`);
    return result;
  }

  /** Calls an export whose result is an i64. */
  callBig(name: string, ...args: (number | bigint)[]): bigint {
    return BigInt(this.invoke(name, args));
  }

  read(p: number, n: number): Uint8Array {
    return this.backend.read(p, n);
  }

  write(p: number, from: Uint8Array): void {
    this.backend.write(p, from);
  }

  /** n zeroed bytes of the program's own heap, 8-aligned. */
  alloc(n: number): number {
    const p = this.call("alloc", n);
    if (p === 0) throw new Error(`alloc(${n}): the heap is used up`);
    this.blocks.add(p);
    return p;
  }

  /** A copy of bytes in the program's heap. */
  put(bytes: Uint8Array): number {
    const p = this.alloc(Math.max(bytes.length, 1));
    this.write(p, bytes);
    return p;
  }

  free(p: number): void {
    this.blocks.delete(p);
    this.call(this.functions.has("free") ? "free" : "release", p);
  }

  /** Frees everything that alloc and put gave and that is not freed yet. */
  reset(): void {
    for (const p of [...this.blocks]) this.free(p);
  }

  get memorySize(): number {
    return this.backend.memorySize();
  }

  get random(): Uint8Array | null {
    return this.pool;
  }

  set random(pool: Uint8Array | null) {
    this.pool = pool;
    this.backend.setRandom(pool);
  }

  get time(): number {
    return this.now;
  }

  set time(seconds: number) {
    this.now = seconds;
    this.backend.setTime(BigInt(seconds));
  }

  /** Ends the runner early; otherwise it ends with the test process. */
  close(): void {
    this.backend.close();
  }

  private invoke(name: string, args: (number | bigint)[]): number | bigint {
    if (!this.functions.has(name)) throw new Error(`the program exports no function ${name}`);
    return this.backend.call(name, args);
  }
}

/** tests/entry/<name>.ts, compiled with the options of asconfig.json. */
export async function loadEntry(
  name: string,
  engine: EngineName | WideEngineName,
): Promise<Instance> {
  return loadWasm(await compileEntry(name, limbsOf(engine)), engineOf(engine));
}

/** ssl.wasm as it ships, compiled from the sources as they are now. */
export async function loadSsl(engine: EngineName): Promise<Instance> {
  return loadWasm(await compileSsl(), engine);
}

export async function loadWasm(file: string, engine: EngineName): Promise<Instance> {
  const wasm = readFileSync(file);
  const module = new WebAssembly.Module(wasm);
  const backend = engine === "v8" ? openV8(module) : await openTier(file, engine);
  return new Instance(engine, wasm, module, backend);
}

async function openTier(file: string, tier: "wasm3" | "hybrid" | "native"): Promise<Engine> {
  const { runner, program } = await compileRunner(file, tier);
  return openRunner(runner, program);
}
