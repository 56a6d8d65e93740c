// The whole program that is being translated: names, call graph, and what the functions share.

import { decodeBody, Op } from "./instructions.ts";
import type { FunctionType, Global, WasmFunction, WasmModule } from "./module.ts";
import { Names } from "./names.ts";
import { C_TYPES } from "./ctypes.ts";

export interface Options {
  /**
   * Bytes of linear memory that always exist; accesses below need no check. Default: the initial
   * pages.
   */
  memoryFloor?: number;
  /** Traps where an access is less aligned than the module promises (debug builds). */
  checkAlignment?: boolean;
  /**
   * False leaves the bounds checks out, to measure what they cost. Such C only compiles where
   * AOT_FOR_MEASURING is defined: it is no sandbox.
   */
  boundsChecks?: boolean;
  /** The globals live in wasm3's cells and are reached through pointers. */
  sharedGlobals?: boolean;
}

interface Calls {
  direct: Set<number>;
  indirect: boolean;
  grows: boolean;
}

export class Program {
  readonly initialBytes: number;
  readonly checkAlignment: boolean;
  readonly boundsChecks: boolean;
  readonly calls: Calls[];
  private readonly names = new Names();
  private readonly functionNames = new Map<number, string>();
  private readonly globalNames = new Map<number, string>();
  private readonly growers: Set<number>;
  private readonly typeIds = new Map<string, number>();

  constructor(
    readonly module: WasmModule,
    readonly options: Options = {},
  ) {
    this.initialBytes = options.memoryFloor ?? (module.memory?.initial ?? 0) * 65536;
    this.checkAlignment = options.checkAlignment ?? false;
    this.boundsChecks = options.boundsChecks ?? true;
    this.calls = module.functions.map((f) => this.callsOf(f));
    this.growers = this.findGrowers();
    for (const f of module.functions) this.functionNames.set(f.index, this.nameOf(f));
    for (const g of module.globals)
      this.globalNames.set(g.index, this.names.unique(`global_${g.name}`));
    for (const t of module.types) this.typeId(t);
  }

  functionName(f: WasmFunction): string {
    return this.functionNames.get(f.index)!;
  }

  prototype(f: WasmFunction, name = this.functionName(f)): string {
    const params = f.type.params.map((t, i) => `${C_TYPES[t]} l${i}`).join(", ") || "void";
    return `${f.import ? "" : "static "}${C_TYPES[f.type.results[0] ?? "none"]} ${name}(${params})`;
  }

  globalText(index: number): string {
    const name = this.globalNames.get(index)!;
    return this.options.sharedGlobals ? `(*${name})` : name;
  }

  globalName(index: number): string {
    return this.globalNames.get(index)!;
  }

  /** The value of a global that never changes. */
  constantOf(global: Global): bigint | null {
    if (global.mutable) return null;
    if ("bits" in global.init) return global.init.bits;
    return this.constantOf(this.module.globals[global.init.global]);
  }

  mutableGlobals(): string[] {
    return this.module.globals.filter((g) => g.mutable).map((g) => `G${g.index}`);
  }

  /** A number that is the same for structurally equal types. */
  typeId(type: FunctionType): number {
    const key = JSON.stringify(type);
    if (!this.typeIds.has(key)) this.typeIds.set(key, this.typeIds.size + 1);
    return this.typeIds.get(key)!;
  }

  mayGrow(f: WasmFunction): boolean {
    return this.growers.has(f.index);
  }

  tableMayGrow(): boolean {
    return this.module.elements.some((e) => e.functions.some((f) => this.growers.has(f)));
  }

  /** Functions that can reach themselves: their depth is counted. */
  isRecursive(f: WasmFunction): boolean {
    return this.reachableFrom(this.callees(f.index)).has(f.index);
  }

  /** These functions and all that they can call. */
  reachableFrom(roots: Iterable<number>): Set<number> {
    const seen = new Set<number>();
    const open = [...roots];
    while (open.length > 0) {
      const next = open.pop()!;
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(...this.callees(next));
    }
    return seen;
  }

  callees(index: number): Set<number> {
    const { direct, indirect } = this.calls[index];
    if (!indirect) return direct;
    return new Set([...direct, ...this.module.elements.flatMap((e) => e.functions)]);
  }

  private nameOf(f: WasmFunction): string {
    if (f.import) return this.names.unique(`import_${f.import.module}_${f.import.name}`);
    return this.names.unique(f.name);
  }

  private callsOf(f: WasmFunction): Calls {
    const calls: Calls = { direct: new Set(), indirect: false, grows: f.import !== null };
    if (f.import) return calls;
    for (const i of decodeBody(this.module, f)) {
      if (i.op === Op.call) calls.direct.add(i.index);
      else if (i.op === Op.callIndirect) calls.indirect = true;
      else if (i.op === Op.memoryGrow) calls.grows = true;
    }
    return calls;
  }

  /**
   * Who may return with a larger memory. An import may call back, but only matters where anything
   * grows at all.
   */
  private findGrowers(): Set<number> {
    const defined = this.calls.some((c, i) => c.grows && !this.module.functions[i].import);
    const growers = new Set<number>();
    if (!defined) return growers;
    this.calls.forEach((c, i) => c.grows && growers.add(i));
    for (let before = -1; before !== growers.size;) {
      before = growers.size;
      this.calls.forEach((_, i) => {
        if ([...this.callees(i)].some((callee) => growers.has(callee))) growers.add(i);
      });
    }
    return growers;
  }
}
