// Which functions of a module run as C and which in wasm3 (tier `hybrid`), and why. A function is
// translated if everything that it can reach is self-contained: no import, no indirect call, no
// growth of memory. Then it needs nothing of the interpreter but the memory and some globals.

import { decodeBody, Op } from "./instructions.ts";
import type { WasmFunction } from "./module.ts";
import type { Program } from "./program.ts";

export interface Placement {
  f: WasmFunction;
  translated: boolean;
  /**
   * Translated, and exported or called from the interpreted side: an import of the remaining
   * module.
   */
  entry: boolean;
  reason: string;
}

export function partition(program: Program): Placement[] {
  const { module } = program;
  const obstacles = new Map(module.functions.map((f) => [f.index, obstacleOf(program, f)]));
  const placements = module.functions.map((f) => placementOf(program, f, obstacles));
  const byIndex = new Map(placements.map((p) => [p.f.index, p]));
  for (const p of placements) {
    if (p.translated) continue;
    for (const callee of program.calls[p.f.index].direct) {
      const target = byIndex.get(callee)!;
      target.entry ||= target.translated;
    }
  }
  return placements;
}

function placementOf(
  program: Program,
  f: WasmFunction,
  obstacles: Map<number, string | null>,
): Placement {
  const stay = (reason: string): Placement => ({ f, translated: false, entry: false, reason });
  if (f.import) return stay("import");
  if (program.module.start === f.index) return stay("start function");
  if (program.module.elements.some((e) => e.functions.includes(f.index)))
    return stay("in the table");
  const path = obstaclePath(program, f.index, obstacles);
  if (path !== null) return stay(path);
  const exported = program.module.exports.filter((e) => {
    return e.kind === "function" && e.index === f.index;
  });
  if (exported.length > 1) return stay("exported twice: wasm3 finds an import by one name only");
  return { f, translated: true, entry: exported.length === 1, reason: "self-contained" };
}

/** What the function itself does that needs the interpreter. */
function obstacleOf(program: Program, f: WasmFunction): string | null {
  if (f.import) return `calls ${f.import.module}.${f.import.name}`;
  if (program.calls[f.index].indirect) return "makes an indirect call";
  return program.calls[f.index].grows ? "grows the memory" : null;
}

/** Breadth first: the nearest obstacle, with the calls that lead to it. */
function obstaclePath(
  program: Program,
  from: number,
  obstacles: Map<number, string | null>,
): string | null {
  const seen = new Set([from]);
  let paths: { index: number; via: string[] }[] = [{ index: from, via: [] }];
  while (paths.length > 0) {
    const next: typeof paths = [];
    for (const { index, via } of paths) {
      const obstacle = obstacles.get(index);
      if (obstacle) return via.length > 0 ? `${obstacle}, through ${via.join(" > ")}` : obstacle;
      for (const callee of program.calls[index].direct) {
        if (seen.has(callee)) continue;
        seen.add(callee);
        const f = program.module.functions[callee];
        next.push({ index: callee, via: f.import ? via : [...via, program.functionName(f)] });
      }
    }
    paths = next;
  }
  return null;
}

/** The mutable globals that the translated functions use, by index. */
export function sharedGlobals(program: Program, translated: WasmFunction[]): number[] {
  const used = new Set<number>();
  for (const f of translated) {
    for (const i of decodeBody(program.module, f)) {
      const access = i.op === Op.globalGet || i.op === Op.globalSet;
      if (access && program.module.globals[i.index].mutable) used.add(i.index);
    }
  }
  return [...used].sort((a, b) => a - b);
}
