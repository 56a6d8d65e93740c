// A WebAssembly module as the translator sees it. Binaryen has validated the module before; it is
// decoded here once more, because Binaryen's expression tree knows neither the byte offsets by
// which traps are reported nor the bits of NaN constants.

import { ByteReader } from "./reader.ts";
import { Refusal } from "./refusal.ts";

export type ValueType = "i32" | "i64" | "f32" | "f64";

export interface FunctionType {
  params: ValueType[];
  results: ValueType[];
}

export interface Import {
  module: string;
  name: string;
}

export interface WasmFunction {
  index: number;
  name: string;
  type: FunctionType;
  import: Import | null;
  locals: ValueType[]; // parameters first
  declarations: number; // byte offset of the body's local declarations
  start: number; // byte offset of the first instruction
  end: number; // byte offset past the body's final `end`
}

export type Constant = { type: ValueType; bits: bigint } | { type: ValueType; global: number };

export interface Global {
  index: number;
  name: string;
  type: ValueType;
  mutable: boolean;
  init: Constant;
}

export interface WasmModule {
  bytes: Uint8Array;
  types: FunctionType[];
  functions: WasmFunction[];
  globals: Global[];
  memory: { initial: number; maximum: number | null } | null;
  tableSize: number;
  elements: { offset: Constant; functions: number[] }[];
  data: { offset: Constant; bytes: Uint8Array }[];
  exports: { name: string; kind: "function" | "table" | "memory" | "global"; index: number }[];
  start: number | null;
}

const VALUE_TYPES: Record<number, ValueType> = {
  0x7f: "i32",
  0x7e: "i64",
  0x7d: "f32",
  0x7c: "f64",
};
const EXPORT_KINDS = ["function", "table", "memory", "global"] as const;

export function valueType(code: number, where: string): ValueType {
  const type = VALUE_TYPES[code];
  if (type === undefined)
    throw new Refusal(where, `type 0x${code.toString(16)}`, "only i32, i64, f32, f64");
  return type;
}

export function decodeModule(bytes: Uint8Array): WasmModule {
  return new Decoder(bytes).decode();
}

class Decoder {
  private readonly module: WasmModule;

  constructor(bytes: Uint8Array) {
    this.module = {
      bytes,
      types: [],
      functions: [],
      globals: [],
      memory: null,
      tableSize: 0,
      elements: [],
      data: [],
      exports: [],
      start: null,
    };
  }

  decode(): WasmModule {
    const r = new ByteReader(this.module.bytes);
    const header = Buffer.from(r.take(8)).toString("hex");
    if (header !== "0061736d01000000")
      throw new Refusal("module", "header", "not WebAssembly version 1");
    while (r.more) {
      const id = r.u8();
      const size = r.u32();
      const end = r.at + size;
      this.section(id, new ByteReader(this.module.bytes, r.at, end));
      r.take(size);
    }
    this.nameTheNameless();
    this.refuseSeveralResults();
    return this.module;
  }

  private section(id: number, r: ByteReader): void {
    const m = this.module;
    if (id === 0) this.customSection(r);
    else if (id === 1) m.types = r.vector(() => this.functionType(r));
    else if (id === 2) r.vector(() => this.importEntry(r));
    else if (id === 3) r.vector(() => this.addFunction(r.u32(), null));
    else if (id === 4) r.vector(() => this.table(r));
    else if (id === 5) r.vector(() => this.memory(r));
    else if (id === 6) r.vector(() => this.global(r));
    else if (id === 7)
      m.exports = r.vector(() => ({ name: r.name(), kind: EXPORT_KINDS[r.u8()], index: r.u32() }));
    else if (id === 8) m.start = r.u32();
    else if (id === 9) m.elements = r.vector(() => this.elementSegment(r));
    else if (id === 10) this.code(r);
    else if (id === 11) m.data = r.vector(() => this.dataSegment(r));
    else if (id !== 12) throw new Refusal("module", `section ${id}`, "unknown");
  }

  private functionType(r: ByteReader): FunctionType {
    if (r.u8() !== 0x60) throw new Refusal("module", "type section", "only function types");
    const types = () => r.vector(() => valueType(r.u8(), "type section"));
    return { params: types(), results: types() };
  }

  private importEntry(r: ByteReader): void {
    const from = { module: r.name(), name: r.name() };
    const kind = r.u8();
    if (kind !== 0) {
      throw new Refusal(
        "module",
        `import ${from.module}.${from.name}`,
        "only functions can be imported",
      );
    }
    this.addFunction(r.u32(), from);
  }

  private addFunction(typeIndex: number, from: Import | null): void {
    const type = this.module.types[typeIndex];
    const index = this.module.functions.length;
    const locals = [...type.params];
    this.module.functions.push({
      index,
      name: "",
      type,
      import: from,
      locals,
      declarations: 0,
      start: 0,
      end: 0,
    });
  }

  private table(r: ByteReader): void {
    if (r.u8() !== 0x70) throw new Refusal("module", "table", "only function references");
    this.module.tableSize = this.limits(r).initial;
  }

  private memory(r: ByteReader): void {
    if (this.module.memory !== null) throw new Refusal("module", "memory", "only one memory");
    this.module.memory = this.limits(r);
  }

  private limits(r: ByteReader): { initial: number; maximum: number | null } {
    const flags = r.u8();
    if (flags > 1) throw new Refusal("module", "limits", "no shared and no 64-bit memories");
    return { initial: r.u32(), maximum: flags === 1 ? r.u32() : null };
  }

  private global(r: ByteReader): void {
    const type = valueType(r.u8(), "global section");
    const mutable = r.u8() === 1;
    const index = this.module.globals.length;
    this.module.globals.push({ index, name: "", type, mutable, init: this.constant(r) });
  }

  private constant(r: ByteReader): Constant {
    const op = r.u8();
    const value = this.constantValue(op, r);
    if (r.u8() !== 0x0b) throw new Refusal("module", "initialiser", "only a single constant");
    return value;
  }

  private constantValue(op: number, r: ByteReader): Constant {
    if (op === 0x41) return { type: "i32", bits: BigInt.asUintN(32, BigInt(r.s32())) };
    if (op === 0x42) return { type: "i64", bits: BigInt.asUintN(64, r.s64()) };
    if (op === 0x43) return { type: "f32", bits: littleEndian(r.take(4)) };
    if (op === 0x44) return { type: "f64", bits: littleEndian(r.take(8)) };
    if (op === 0x23) {
      const global = r.u32();
      return { type: this.module.globals[global].type, global };
    }
    throw new Refusal("module", `initialiser 0x${op.toString(16)}`, "only constants and globals");
  }

  private elementSegment(r: ByteReader): { offset: Constant; functions: number[] } {
    if (r.u32() !== 0)
      throw new Refusal("module", "element segment", "only active segments of functions");
    return { offset: this.constant(r), functions: r.vector(() => r.u32()) };
  }

  private dataSegment(r: ByteReader): { offset: Constant; bytes: Uint8Array } {
    if (r.u32() !== 0) throw new Refusal("module", "data segment", "only active segments");
    return { offset: this.constant(r), bytes: r.take(r.u32()) };
  }

  private code(r: ByteReader): void {
    const defined = this.module.functions.filter((f) => f.import === null);
    let next = 0;
    r.vector(() => {
      const f = defined[next++];
      const end = r.u32() + r.at;
      f.declarations = r.at;
      r.vector(() => {
        const count = r.u32();
        const type = valueType(r.u8(), `function ${f.index}`);
        for (let i = 0; i < count; i++) f.locals.push(type);
      });
      f.start = r.at;
      f.end = end;
      r.take(end - r.at);
    });
  }

  private customSection(r: ByteReader): void {
    if (r.name() !== "name") return;
    while (r.more) {
      const id = r.u8();
      const size = r.u32();
      const part = new ByteReader(this.module.bytes, r.at, r.at + size);
      r.take(size);
      const named: { name: string }[] | null =
        id === 1 ? this.module.functions : id === 7 ? this.module.globals : null;
      if (named === null) continue;
      part.vector(() => {
        const index = part.u32();
        const name = part.name();
        if (index < named.length) named[index].name = name;
      });
    }
  }

  private refuseSeveralResults(): void {
    const f = this.module.functions.find(({ type }) => type.results.length > 1);
    if (f !== undefined)
      throw new Refusal(f.name, "signature", "several results are not supported");
  }

  private nameTheNameless(): void {
    for (const f of this.module.functions) {
      if (f.name === "")
        f.name = f.import ? `${f.import.module}.${f.import.name}` : `function_${f.index}`;
    }
    for (const g of this.module.globals) if (g.name === "") g.name = `global_${g.index}`;
  }
}

/** The unsigned integer whose little-endian bytes these are. */
export function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
