// The C file: globals, prototypes, functions in the order of the module, table, data, and the
// description of the program that hal/aot.c works on. The same module always gives the same bytes.

import { FunctionTranslator } from "./body.ts";
import { C_TYPES } from "./ctypes.ts";
import type { WasmFunction } from "./module.ts";
import type { Program } from "./program.ts";
import { Refusal } from "./refusal.ts";
import { constant } from "./value.ts";

/** What the C offers to its caller: a name and the function behind it. */
export interface Entry {
  name: string;
  f: WasmFunction;
}

/** Keeps what has no bounds checks out of every firmware. */
const UNCHECKED = [
  "#ifndef AOT_FOR_MEASURING",
  '#error "translated without bounds checks: for measuring only"',
  "#endif",
];

const LETTERS = { i32: "i", i64: "I", f32: "f", f64: "F" };

/**
 * `shared`: tier hybrid, the mutable globals (by index) that live in wasm3's cells; null: tier
 * native.
 */
export function emitProgram(
  program: Program,
  name: string,
  functions: WasmFunction[],
  entries: Entry[],
  shared: number[] | null = null,
): string {
  const emitter = new Emitter(program, functions, entries, shared);
  return emitter.file(name).join("\n") + "\n";
}

/** The tier native: everything that an export or the start function can reach. */
export function reachable(program: Program): WasmFunction[] {
  const { module } = program;
  const roots = module.exports.filter((e) => e.kind === "function").map((e) => e.index);
  if (module.start !== null) roots.push(module.start);
  const seen = program.reachableFrom(roots);
  return module.functions.filter((f) => seen.has(f.index));
}

class Emitter {
  constructor(
    private readonly program: Program,
    private readonly functions: WasmFunction[],
    private readonly entries: Entry[],
    private readonly shared: number[] | null,
  ) {}

  file(name: string): string[] {
    const defined = this.functions.filter((f) => f.import === null);
    return [
      `/* ${name}, translated from WebAssembly. Do not edit: the source is TypeScript. */`,
      ...(this.program.checkAlignment ? ["#define AOT_CHECK_ALIGNMENT"] : []),
      ...(this.program.boundsChecks ? [] : UNCHECKED),
      '#include "aot.h"',
      "",
      ...this.globals(),
      ...this.functions.map((f) => `${this.program.prototype(f)};`),
      "",
      ...this.table(),
      ...defined.flatMap((f) => [...this.define(f), ""]),
      ...(this.shared ? [] : this.initialise()),
      ...this.entryPoints(),
      ...this.description(name),
    ];
  }

  private globals(): string[] {
    const star = this.shared ? "*" : "";
    const mutable = this.program.module.globals.filter(
      (g) => g.mutable && (this.shared?.includes(g.index) ?? true),
    );
    const lines = mutable.map(
      (g) => `static ${C_TYPES[g.type]} ${star}${this.program.globalName(g.index)};`,
    );
    return lines.length > 0 ? [...lines, ""] : [];
  }

  private define(f: WasmFunction): string[] {
    const body = new FunctionTranslator(this.program, f).translate();
    if (!this.program.isRecursive(f)) return body;
    return this.countDepth(f, body);
  }

  /** A function that can reach itself: its native stack is bounded by counting. */
  private countDepth(f: WasmFunction, body: string[]): string[] {
    const name = this.program.functionName(f);
    const inner = `${name}_body`;
    const args = f.type.params.map((_, i) => `l${i}`).join(", ");
    const result = f.type.results[0];
    const call =
      result === undefined
        ? `${inner}(${args});`
        : `const ${C_TYPES[result]} r = ${inner}(${args});`;
    return [
      `${this.program.prototype(f, inner)};`,
      this.program.prototype(f),
      "{",
      `    aot_enter(${f.start}u);`,
      `    ${call}`,
      "    aot.depth--;",
      ...(result === undefined ? [] : ["    return r;"]),
      "}",
      "",
      this.program.prototype(f, inner),
      ...body.slice(1),
    ];
  }

  private table(): string[] {
    const { module } = this.program;
    const used = this.functions.some((f) => this.program.calls[f.index].indirect);
    if (!used) return [];
    const slots: string[] = [];
    for (const e of module.elements) {
      if (!("bits" in e.offset))
        throw new Refusal("module", "element segment", "its offset must be a constant");
      const first = Number(e.offset.bits);
      e.functions.forEach((index, i) => {
        const f = module.functions[index];
        const type = this.program.typeId(f.type);
        const pointer = `(void (*)(void))${this.program.functionName(f)}`;
        slots.push(`    [${first + i}] = {${type}u, ${pointer}},`);
      });
    }
    const size = Math.max(module.tableSize, 1);
    return [
      `static const struct { uint32_t type; void (*f)(void); } table[${size}] = {`,
      ...slots,
      "};",
      "",
      "static void (*aot_indirect(uint32_t index, uint32_t type, uint32_t site))(void)",
      "{",
      `    if (index >= ${size}u || table[index].f == NULL) aot_trap(AOT_UNDEFINED_ELEMENT, site);`,
      "    if (table[index].type != type) aot_trap(AOT_INDIRECT_TYPE, site);",
      "    return table[index].f;",
      "}",
      "",
    ];
  }

  private initialise(): string[] {
    const { module } = this.program;
    const lines: string[] = [];
    const copies: string[] = [];
    module.data.forEach((segment, i) => {
      if (!("bits" in segment.offset))
        throw new Refusal("module", "data segment", "its offset must be a constant");
      const at = Number(segment.offset.bits);
      if (at + segment.bytes.length > this.program.initialBytes) {
        throw new Refusal("module", "data segment", "it lies outside the initial memory");
      }
      if (segment.bytes.length === 0) return;
      lines.push(
        `static const uint8_t data_${i}[${segment.bytes.length}] = {`,
        ...byteRows(segment.bytes),
        "};",
        "",
      );
      copies.push(`    memcpy(aot.memory + ${at}, data_${i}, sizeof data_${i});`);
    });
    lines.push("static void initialise(void)", "{");
    for (const g of module.globals.filter((g) => g.mutable)) {
      const bits =
        "bits" in g.init ? g.init.bits : this.program.constantOf(module.globals[g.init.global]);
      if (bits === null)
        throw new Refusal("module", `global ${g.name}`, "its initial value must be a constant");
      lines.push(`    ${this.program.globalName(g.index)} = ${constant(g.type, bits).text};`);
    }
    lines.push(...copies);
    if (module.start !== null)
      lines.push(`    ${this.program.functionName(module.functions[module.start])}();`);
    return [...lines, "}", ""];
  }

  private entryPoints(): string[] {
    return [...new Set(this.entries.map(({ f }) => f))].flatMap((f) => this.entryPoint(f));
  }

  private entryPoint(f: WasmFunction): string[] {
    const result = f.type.results[0];
    const first = result === undefined ? 0 : 1;
    const args = f.type.params.map((type, i) => fromSlot(type, `s[${first + i}]`)).join(", ");
    const call = `${this.program.functionName(f)}(${args})`;
    const unused = result === undefined && f.type.params.length === 0 ? ["    (void)s;"] : [];
    return [
      `static void enter_${this.program.functionName(f)}(uint64_t *s)`,
      "{",
      ...unused,
      `    ${result === undefined ? call : `s[0] = ${toSlot(result, call)}`};`,
      "}",
      "",
    ];
  }

  /** For trap reports: the TypeScript names, by the byte offset at which the functions begin. */
  private places(): string[] {
    const defined = this.functions.filter((f) => f.import === null);
    if (defined.length === 0) return [];
    const rows = defined.map((f) => `    {${f.start}u, ${JSON.stringify(f.name)}},`);
    return ["static const struct aot_place places[] = {", ...rows, "};", ""];
  }

  private description(name: string): string[] {
    const { module } = this.program;
    const places = this.places();
    const entries = this.entries.map(({ name: entry, f }) => {
      const params = f.type.params.map((p) => LETTERS[p]).join("");
      const signature = `${LETTERS[f.type.results[0]] ?? "v"}(${params})`;
      return `    {"${entry}", "${signature}", enter_${this.program.functionName(f)}},`;
    });
    const globals = (this.shared ?? []).map((index) => {
      return `    {"${sharedName(index)}", (void **)&${this.program.globalName(index)}},`;
    });
    return [
      `static const struct aot_function functions[${Math.max(entries.length, 1)}] = {`,
      ...(entries.length > 0 ? entries : ["    {0}"]),
      "};",
      "",
      ...(globals.length > 0
        ? ["static const struct aot_shared_global globals[] = {", ...globals, "};", ""]
        : []),
      ...places,
      "const struct aot_program aot_program = {",
      `    .name = "${name}",`,
      ...(places.length > 0
        ? ["    .places = places,", `    .place_count = ${places.length - 3},`]
        : []),
      `    .memory_floor = ${this.program.initialBytes},`,
      `    .initial_pages = ${module.memory?.initial ?? 0},`,
      `    .maximum_pages = ${module.memory?.maximum ?? 65536},`,
      "    .functions = functions,",
      `    .function_count = ${entries.length},`,
      ...(globals.length > 0
        ? ["    .globals = globals,", `    .global_count = ${globals.length},`]
        : []),
      ...(this.shared ? [] : ["    .initialise = initialise,"]),
      "};",
    ];
  }
}

/** The name under which the remaining module exports a global that both sides use. */
export function sharedName(index: number): string {
  return `aot.global.${index}`;
}

function fromSlot(type: keyof typeof LETTERS, slot: string): string {
  if (type === "i32") return `(uint32_t)${slot}`;
  if (type === "i64") return slot;
  return type === "f32" ? `aot_f32((uint32_t)${slot})` : `aot_f64(${slot})`;
}

function toSlot(type: keyof typeof LETTERS, text: string): string {
  return type === "f32" || type === "f64" ? `aot_bits_${type}(${text})` : text;
}

function byteRows(bytes: Uint8Array): string[] {
  const rows: string[] = [];
  for (let i = 0; i < bytes.length; i += 16) {
    const row = [...bytes.subarray(i, i + 16)].map((b) => `0x${b.toString(16).padStart(2, "0")},`);
    rows.push(`    ${row.join(" ")}`);
  }
  return rows;
}
