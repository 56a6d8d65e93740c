// Makes a WebAssembly program keep a running hash of everything that its timing may depend on, for
// tests/constant-time.test.ts.
//
// Every watched operand x becomes trace(x, site): the value goes through unchanged and (site,
// value) into the hash. Watched are
//   - what decides where execution goes: conditions of if, br_if and select (as zero or not zero),
//     the index of br_table and the target of call_indirect;
//   - which memory is touched: the address of each load and store, the ranges of memory.copy and
//     memory.fill;
//   - operands of instructions that take their time: division and remainder, and where a small core
//     has none of its own and a loop or a table in software instead: 64-bit shifts by a variable
//     amount, clz, ctz, popcnt.
// The hash is a bijection of its state for each event, so a single differing event always shows.

import binaryen from "binaryen";
import type { Observer } from "./constant-trace.ts";
import { type Operand, finish, instrument, read } from "./instrument.ts";

/** One operand that timing may depend on. */
interface Site {
  function: string;
  what: string;
}

/** Conditions: all that counts is whether they are zero. */
const conditions = new Set(["If Condition", "Break Condition", "Select Condition"]);

const watched = new Set([
  ...conditions,
  ...["Switch Condition", "CallIndirect Target", "Load Ptr", "Store Ptr", "MemoryGrow Delta"],
  ...["MemoryCopy Dest", "MemoryCopy Source", "MemoryCopy Size"],
  ...["MemoryFill Dest", "MemoryFill Size"],
]);

const slowUnary = new Set([
  binaryen.ClzInt32,
  binaryen.CtzInt32,
  binaryen.PopcntInt32,
  binaryen.ClzInt64,
  binaryen.CtzInt64,
  binaryen.PopcntInt64,
]);
const divisions = new Set([
  binaryen.DivSInt32,
  binaryen.DivUInt32,
  binaryen.RemSInt32,
  binaryen.RemUInt32,
  binaryen.DivSInt64,
  binaryen.DivUInt64,
  binaryen.RemSInt64,
  binaryen.RemUInt64,
]);
const wideShifts = new Set([
  binaryen.ShlInt64,
  binaryen.ShrSInt64,
  binaryen.ShrUInt64,
  binaryen.RotLInt64,
  binaryen.RotRInt64,
]);

/** True where timing may depend on the operand; of a unary or binary operator, some do. */
function isWatched({ kind, property, parent }: Operand): boolean {
  if (kind !== "Unary" && kind !== "Binary") return watched.has(`${kind} ${property}`);
  const op = read(kind, "Op", parent);
  if (kind === "Unary") return slowUnary.has(op);
  return divisions.has(op) || (wideShifts.has(op) && property === "Right");
}

/** Makes the program trace what is watched; gives the sites, which events are numbered by. */
function watchAll(module: binaryen.Module): Site[] {
  const sites: Site[] = [];
  instrument(module, (operand) => {
    const { expression, kind, property } = operand;
    if (!isWatched(operand) || binaryen.getExpressionId(expression) === binaryen.ConstId) {
      return expression;
    }
    const type = binaryen.getExpressionType(expression);
    if (type === binaryen.unreachable) return expression;
    const what = `${kind} ${property}`;
    const asValue = type === binaryen.i64 ? "trace:i64" : "trace:i32";
    const f = conditions.has(what) ? "trace:condition" : asValue;
    sites.push({ function: operand.function, what });
    return module.call(f, [expression, module.i32.const(sites.length - 1)], type);
  });
  addTracing(module);
  return sites;
}

/** The hash and its functions. Events after the first `limit` change nothing. */
function addTracing(m: binaryen.Module): void {
  const { i32, i64, none } = binaryen;
  m.setFeatures(binaryen.Features.All);
  for (const name of ["hash", "count", "limit"]) {
    m.addGlobal(`trace:${name}`, i64, true, m.i64.const(0n));
    m.addGlobalExport(`trace:${name}`, `trace:${name}`);
  }
  m.addGlobal("trace:site", i32, true, m.i32.const(0));
  m.addGlobalExport("trace:site", "trace:site");
  const get = (name: string): number => m.global.get(`trace:${name}`, i64);
  const value = m.local.get(0, i64);
  const site = m.local.get(1, i32);
  const tagged = m.i64.xor(value, m.i64.shl(m.i64.extend_u(site), m.i64.const(40n)));
  const mixed = m.i64.rotl(m.i64.xor(get("hash"), tagged), m.i64.const(23n));
  const event = m.block(null, [
    m.global.set("trace:hash", m.i64.mul(mixed, m.i64.const(0x9e3779b97f4a7c15n))),
    m.global.set("trace:count", m.i64.add(get("count"), m.i64.const(1n))),
    m.global.set("trace:site", m.local.get(1, i32)),
  ]);
  const record = m.if(m.i64.lt_u(get("count"), get("limit")), event);
  m.addFunction("trace:event", binaryen.createType([i64, i32]), none, [], record);

  const through = (name: string, type: number, asI64: number): void => {
    const call = m.call("trace:event", [asI64, m.local.get(1, i32)], none);
    const body = m.block(null, [call, m.local.get(0, type)], type);
    m.addFunction(`trace:${name}`, binaryen.createType([type, i32]), type, [], body);
  };
  through("i32", i32, m.i64.extend_u(m.local.get(0, i32)));
  through("i64", i64, m.local.get(0, i64));
  through("condition", i32, m.i64.extend_u(m.i32.ne(m.local.get(0, i32), m.i32.const(0))));
}

/** A program whose runs can be compared. */
export class Tracer implements Observer {
  readonly unit = "events";
  private readonly sites: Site[];
  private readonly exports: WebAssembly.Exports;

  constructor(wasm: Uint8Array) {
    const module = binaryen.readBinary(wasm);
    this.sites = watchAll(module);
    const hal = { random_fill: () => 0, clock_time: () => 0n };
    const compiled = new WebAssembly.Module(finish(module));
    this.exports = new WebAssembly.Instance(compiled, { hal }).exports;
  }

  /** The names of the functions that the program exports. */
  get functions(): string[] {
    return Object.keys(this.exports).filter((name) => typeof this.exports[name] === "function");
  }

  call(name: string, ...args: (number | bigint)[]): number | bigint {
    const f = this.exports[name];
    if (typeof f !== "function") throw new Error(`the program exports no function ${name}`);
    return (f(...args) ?? 0) as number | bigint;
  }

  bytes(p: number, n: number): Uint8Array {
    return new Uint8Array((this.exports.memory as WebAssembly.Memory).buffer, p, n);
  }

  observe(call: () => void): { events: bigint; digest: string } {
    const { count, hash } = this.run(call);
    return { events: count, digest: String(hash) };
  }

  /** The hash of the first `limit` events of a run, and their number. */
  run(call: () => void, limit = 1n << 62n): { hash: bigint; count: bigint; site: Site } {
    this.global("limit").value = 0n;
    this.global("hash").value = 0n;
    this.global("count").value = 0n;
    this.global("limit").value = limit;
    call();
    const site = this.global("site").value as unknown as number;
    const [hash, count] = [this.global("hash").value, this.global("count").value];
    return { hash, count, site: this.sites[site]! };
  }

  /** Where two runs part: null where they are the same. By bisection of their common length. */
  difference(a: () => void, b: () => void): string | null {
    const [whole, other] = [this.run(a), this.run(b)];
    if (whole.hash === other.hash && whole.count === other.count) return null;
    let same = 0n;
    let different = whole.count > other.count ? whole.count : other.count;
    while (different - same > 1n) {
      const middle = (same + different) / 2n;
      if (this.run(a, middle).hash === this.run(b, middle).hash) same = middle;
      else different = middle;
    }
    const { site } = this.run(a, different);
    return `${site.what} in ${site.function}, event ${different} of ${whole.count}`;
  }

  private global(name: string): { value: bigint } {
    return this.exports[`trace:${name}`] as WebAssembly.Global<"i64">;
  }
}
