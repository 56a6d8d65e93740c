// Tier `hybrid`: the module without the translated functions. Those that the rest calls become
// imports of module "aot", the globals that both sides use become exports. Functions are renumbered
// and nothing else is touched, so every byte offset has an exact counterpart, which keeps trap
// reports and the source map true.

import { sharedName } from "./emit.ts";
import { decodeBody, Op, type Instruction } from "./instructions.ts";
import type { WasmFunction, WasmModule } from "./module.ts";
import { ByteReader } from "./reader.ts";
import { ByteWriter } from "./writer.ts";

export const IMPORT_MODULE = "aot";

export interface Remainder {
  wasm: Uint8Array;
  /** Byte offsets of instructions: in the remainder -> in the whole module, ascending. */
  offsets: [number, number][];
}

export interface Cut {
  /** Become imports: name and function. */
  entries: { name: string; f: WasmFunction }[];
  /** Neither imported nor kept. */
  dropped: Set<WasmFunction>;
  sharedGlobals: number[];
}

export function remainderOf(module: WasmModule, cut: Cut): Remainder {
  return new Rewriter(module, cut).rewrite();
}

class Rewriter {
  private readonly out = new ByteWriter();
  private readonly newIndex = new Map<number, number>();
  private readonly kept: WasmFunction[];
  private readonly offsets: [number, number][] = [];

  constructor(
    private readonly module: WasmModule,
    private readonly cut: Cut,
  ) {
    const gone = new Set([...cut.dropped, ...cut.entries.map((e) => e.f)]);
    const imports = module.functions.filter((f) => f.import);
    this.kept = module.functions.filter((f) => !f.import && !gone.has(f));
    const order = [...imports, ...cut.entries.map((e) => e.f), ...this.kept];
    order.forEach((f, i) => this.newIndex.set(f.index, i));
  }

  rewrite(): Remainder {
    const r = new ByteReader(this.module.bytes);
    this.out.bytes(r.take(8));
    let importsWritten = false;
    while (r.more) {
      const id = r.u8();
      const size = r.u32();
      const section = new ByteReader(this.module.bytes, r.at, r.at + size);
      r.take(size);
      if (id > 1 && !importsWritten) this.section(2, this.imports());
      importsWritten ||= id > 1;
      if (id !== 2) this.rewriteSection(id, section);
    }
    return { wasm: this.out.result(), offsets: this.offsets };
  }

  private rewriteSection(id: number, r: ByteReader): void {
    if (id === 3) this.section(3, this.functionSection());
    else if (id === 7) this.section(7, this.exports());
    else if (id === 8) this.section(8, (w) => w.u32(this.index(r.u32())));
    else if (id === 9) this.section(9, (w) => this.elements(r, w));
    else if (id === 10) this.code();
    else if (id === 0) this.custom(r);
    else this.section(id, (w) => w.bytes(r.take(r.end - r.at)));
  }

  private section(id: number, write: (w: ByteWriter) => void): void {
    const content = new ByteWriter();
    write(content);
    this.out.u8(id);
    this.out.block(content.result());
  }

  private index(old: number): number {
    return this.newIndex.get(old)!;
  }

  private typeIndex(f: WasmFunction): number {
    const key = JSON.stringify(f.type);
    return this.module.types.findIndex((t) => JSON.stringify(t) === key);
  }

  private imports(): (w: ByteWriter) => void {
    const old = this.module.functions
      .filter((f) => f.import)
      .map((f) => ({ module: f.import!.module, name: f.import!.name, f }));
    const entries = this.cut.entries.map(({ name, f }) => ({ module: IMPORT_MODULE, name, f }));
    return (w) =>
      w.vector([...old, ...entries], ({ module, name, f }) => {
        w.name(module);
        w.name(name);
        w.u8(0);
        w.u32(this.typeIndex(f));
      });
  }

  private functionSection(): (w: ByteWriter) => void {
    return (w) => w.vector(this.kept, (f) => w.u32(this.typeIndex(f)));
  }

  private exports(): (w: ByteWriter) => void {
    const kinds = ["function", "table", "memory", "global"];
    const shared = this.cut.sharedGlobals.map((index) => ({
      name: sharedName(index),
      kind: "global" as const,
      index,
    }));
    return (w) =>
      w.vector([...this.module.exports, ...shared], (e) => {
        w.name(e.name);
        w.u8(kinds.indexOf(e.kind));
        w.u32(e.kind === "function" ? this.index(e.index) : e.index);
      });
  }

  private elements(r: ByteReader, w: ByteWriter): void {
    w.u32(r.u32());
    for (const segment of this.module.elements) {
      const flags = r.u32();
      const offset = r.at;
      while (r.u8() !== 0x0b);
      w.u32(flags);
      w.bytes(this.module.bytes.subarray(offset, r.at));
      r.vector(() => r.u32());
      w.vector(segment.functions, (f) => w.u32(this.index(f)));
    }
  }

  /** Offsets count from the module's start, so each body is placed before it is written. */
  private code(): void {
    const bodies = this.kept.map((f) => this.body(f));
    const content = new ByteWriter();
    const places: { f: (typeof bodies)[number]; at: number }[] = [];
    content.vector(bodies, (body) => {
      content.u32(body.bytes.length);
      places.push({ f: body, at: content.length });
      content.bytes(body.bytes);
    });
    this.out.u8(10);
    this.out.u32(content.length);
    const base = this.out.length;
    this.out.bytes(content.result());
    for (const { f, at } of places) {
      for (const [inBody, site] of f.offsets) this.offsets.push([base + at + inBody, site]);
    }
  }

  private body(f: WasmFunction): { bytes: Uint8Array; offsets: [number, number][] } {
    const w = new ByteWriter();
    const offsets: [number, number][] = [];
    w.bytes(this.localDeclarations(f));
    const instructions = decodeBody(this.module, f);
    instructions.forEach((i, n) => {
      offsets.push([w.length, i.site]);
      const end = instructions[n + 1]?.site ?? f.end;
      this.instruction(i, end, w);
    });
    return { bytes: w.result(), offsets };
  }

  private instruction(i: Instruction, end: number, w: ByteWriter): void {
    if (i.op !== Op.call) w.bytes(this.module.bytes.subarray(i.site, end));
    else {
      w.u8(Op.call);
      w.u32(this.index(i.index));
    }
  }

  private localDeclarations(f: WasmFunction): Uint8Array {
    return this.module.bytes.subarray(f.declarations, f.start);
  }

  private custom(r: ByteReader): void {
    const whole = this.module.bytes.subarray(r.at, r.end);
    if (r.name() === "name") this.section(0, (w) => this.nameSection(w));
    else this.section(0, (w) => w.bytes(whole));
  }

  /** Function names are all that trap reports need. */
  private nameSection(w: ByteWriter): void {
    const names = new ByteWriter();
    const named = [...this.newIndex].sort((a, b) => a[1] - b[1]);
    names.vector(named, ([old, index]) => {
      names.u32(index);
      names.name(this.module.functions[old].name);
    });
    w.name("name");
    w.u8(1);
    w.block(names.result());
  }
}
