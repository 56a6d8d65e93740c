// Runs a WebAssembly program with one fault in it, for tests/crypto/faults.test.ts: what a glitch
// of the supply or a laser does to a chip.
//
// Of all writes that a call makes to memory, counted as they happen, one goes wrong:
//   - flipped: a store writes a value with one bit turned over;
//   - lost: a store, memory.copy or memory.fill is not done.
// Each run is a new instance: no fault outlives it. A fault may turn a length or a step of a loop
// in memory into anything, so writes and turns of loops are counted too, and a call that takes more
// than its limit is a trap: nothing can hang.

import binaryen from "binaryen";
import { type Operand, finish, instrument, read } from "./instrument.ts";

/**
 * One fault: which write it hits, from 1, of all or of those in one function; the bit that is
 * flipped, modulo those of the store.
 */
export type Fault = { at: number; in?: string } & (
  { kind: "flipped"; bit: number } | { kind: "lost" }
);

/** What became of a call. */
export interface Outcome {
  /** Null where it trapped. */
  result: number | null;
  /** The function that the fault was in; null where it had none. */
  site: string | null;
  /** Stores that a flipped bit can hit, and writes that can be lost; in the fault's function. */
  flippable: number;
  losable: number;
  /** Writes and turns of loops. */
  steps: number;
}

/** Where lost stores go: memory that nobody reads, for any constant offset of theirs. */
const NOWHERE = 2048;
const COUNTERS = ["flippable", "losable", "steps"] as const;
const SETTINGS = ["flippedAt", "lostAt", "bit", "limit", "nowhere", "first", "last"] as const;
const SITE = "site";
type Name = (typeof COUNTERS)[number] | (typeof SETTINGS)[number] | typeof SITE;

/**
 * Makes writes pass through functions that damage them. Gives the function of each site; those of
 * one function are neighbours.
 */
function prepare(m: binaryen.Module): string[] {
  const sites: string[] = [];
  instrument(m, (operand) => {
    const { expression, kind, property } = operand;
    if (kind === "Loop") {
      const type = binaryen.getExpressionType(expression);
      return m.block(null, [m.call("fault:step", [], binaryen.none), expression], type);
    }
    const f = damageOf(operand);
    if (f === null) return expression;
    const width = kind === "Store" ? 8 * read("Store", "Bytes", operand.parent) : 32;
    const type = property === "Value" ? binaryen.getExpressionType(expression) : binaryen.i32;
    sites.push(operand.function);
    return m.call(f, [expression, m.i32.const(width - 1), m.i32.const(sites.length - 1)], type);
  });
  addDamage(m);
  return sites;
}

/** The function that an operand passes through; null where it is none of a write. */
function damageOf({ kind, property, expression }: Operand): string | null {
  if (kind === "Store" && property === "Ptr") return "fault:pointer";
  if (kind === "Store") {
    return binaryen.getExpressionType(expression) === binaryen.i64 ? "fault:i64" : "fault:i32";
  }
  return /^Memory(Copy|Fill) Size$/.test(`${kind} ${property}`) ? "fault:size" : null;
}

/**
 * The functions: each takes the operand, the highest bit's number and the site, and gives the
 * operand back, or at the fault what stands in its place.
 */
function addDamage(m: binaryen.Module): void {
  const { i32, i64, none } = binaryen;
  m.setFeatures(binaryen.Features.All);
  for (const name of [...COUNTERS, ...SETTINGS, SITE]) {
    m.addGlobal(`fault:${name}`, i32, true, m.i32.const(name === "limit" ? -1 : 0));
    m.addGlobalExport(`fault:${name}`, `fault:${name}`);
  }
  const get = (name: Name): number => m.global.get(`fault:${name}`, i32);
  const set = (name: Name, value: number): number => m.global.set(`fault:${name}`, value);
  const next = (name: Name): number => set(name, m.i32.add(get(name), m.i32.const(1)));

  const tooLong = m.i32.gt_u(get("steps"), get("limit"));
  const step = m.block(null, [next("steps"), m.if(tooLong, m.unreachable())]);
  m.addFunction("fault:step", none, none, [], step);

  const add = (f: string, type: number, counter: Name, at: Name, instead: number): void => {
    const here = m.i32.eq(get(counter), get(at));
    const damage = m.block(null, [set(SITE, m.local.get(2, i32)), m.return(instead)]);
    const notBefore = m.i32.ge_s(m.local.get(2, i32), get("first"));
    const notBehind = m.i32.le_s(m.local.get(2, i32), get("last"));
    const count = m.block(null, [next(counter), m.if(here, damage)]);
    const steps = [m.call("fault:step", [], none), m.if(m.i32.and(notBefore, notBehind), count)];
    const body = m.block(null, [...steps, m.local.get(0, type)], type);
    m.addFunction(`fault:${f}`, binaryen.createType([type, i32, i32]), type, [], body);
  };
  const bit = (): number => m.i32.and(get("bit"), m.local.get(1, i32));
  const bit32 = m.i32.shl(m.i32.const(1), bit());
  const bit64 = m.i64.shl(m.i64.const(1n), m.i64.extend_u(bit()));
  add("i32", i32, "flippable", "flippedAt", m.i32.xor(m.local.get(0, i32), bit32));
  add("i64", i64, "flippable", "flippedAt", m.i64.xor(m.local.get(0, i64), bit64));
  add("pointer", i32, "losable", "lostAt", get("nowhere"));
  add("size", i32, "losable", "lostAt", m.i32.const(0));
}

/** A program that can be run with faults; it imports nothing but the tests' two of the device. */
export class FaultyProgram {
  private readonly sites: string[];
  private readonly compiled: WebAssembly.Module;

  constructor(wasm: Uint8Array) {
    const module = binaryen.readBinary(wasm);
    this.sites = prepare(module);
    this.compiled = new WebAssembly.Module(finish(module));
  }

  start(): FaultyInstance {
    const hal = { random_fill: () => 0, clock_time: () => 0n };
    return new FaultyInstance(new WebAssembly.Instance(this.compiled, { hal }).exports, this.sites);
  }
}

export class FaultyInstance {
  private nowhere = 0;

  constructor(
    private readonly exports: WebAssembly.Exports,
    private readonly sites: readonly string[],
  ) {
    this.nowhere = this.put(new Uint8Array(NOWHERE));
  }

  /** A copy of bytes in the program's heap. */
  put(bytes: Uint8Array): number {
    const p = this.call("alloc", [bytes.length]).result;
    if (p === null || p === 0) throw new Error(`alloc(${bytes.length}): the heap is used up`);
    new Uint8Array(this.memory, p, bytes.length).set(bytes);
    return p;
  }

  /** A copy of n bytes at p. */
  read(p: number, n: number): Buffer {
    return Buffer.from(new Uint8Array(this.memory, p, n));
  }

  /** Calls an export with a fault; more than `limit` steps are a trap. */
  call(name: string, args: number[], fault: Fault | null = null, limit = 2 ** 31): Outcome {
    this.set(fault, limit);
    const result = this.tryCall(name, args);
    const [flippable, losable, steps] = COUNTERS.map((counter) => this.global(counter).value);
    const site = this.sites[this.global(SITE).value] ?? null;
    return { result, site, flippable: flippable!, losable: losable!, steps: steps! };
  }

  private set(fault: Fault | null, limit: number): void {
    const at = (kind: Fault["kind"]): number => (fault?.kind === kind ? fault.at : 0);
    const bit = fault?.kind === "flipped" ? fault.bit : 0;
    const all = fault?.in === undefined;
    const first = all ? 0 : this.sites.indexOf(fault.in!);
    const last = all ? this.sites.length : this.sites.lastIndexOf(fault.in!);
    if (first < 0) throw new Error(`the program has no writes in ${fault?.in}`);
    const settings = [at("flipped"), at("lost"), bit, limit, this.nowhere, first, last];
    for (const [i, name] of SETTINGS.entries()) this.global(name).value = settings[i]!;
    for (const counter of COUNTERS) this.global(counter).value = 0;
    this.global(SITE).value = -1;
  }

  private tryCall(name: string, args: number[]): number | null {
    const f = this.exports[name];
    if (typeof f !== "function") throw new Error(`the program exports no function ${name}`);
    try {
      return ((f as (...args: number[]) => number | undefined)(...args) ?? 0) | 0;
    } catch (error) {
      const trapped = error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
      if (!trapped) throw error;
      return null;
    }
  }

  private get memory(): ArrayBuffer {
    return (this.exports.memory as WebAssembly.Memory).buffer;
  }

  private global(name: Name): WebAssembly.Global<"i32"> {
    return this.exports[`fault:${name}`] as WebAssembly.Global<"i32">;
  }
}
