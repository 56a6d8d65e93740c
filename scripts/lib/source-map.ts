// From addresses in WebAssembly back to TypeScript. When a program stops, the runner prints a stack
// of lines such as
//
//     at main (app.wasm+0x1f3)                 which becomes    at main (examples/app.ts:12:5)
//     in function[57] (app.wasm+0x120-0x1f9)                    in main (examples/app.ts:10-14)
//
// A small device knows the functions only, and not their names.
// WebAssembly counts as one long line of a source map: its column is the byte offset in the file.
// Frames of the app, of ssl.wasm, and of what remains of ssl.wasm in tier hybrid, whose offsets
// lead to those of the whole.

import { existsSync, readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { offsetsOf, type SslProgram } from "./ssl-program.ts";
import { functionNames } from "./wasm-names.ts";

const FRAME = /at (\S+) \((app|ssl|ssl\.remainder)\.wasm\+0x([0-9a-f]+)\)/g;

const FUNCTION = /in (\S+) \(app\.wasm\+0x([0-9a-f]+)-0x([0-9a-f]+)\)/g;
const NUMBER = /^function\[(\d+)\]$/;

/** The compiler's name of a file in assembly/device, and where that is. */
const LIBRARY = /~lib\/([a-z]+)\/index\.ts/g;
const OWN = "assembly/device/$1.ts";

/** Bytes of code that are looked through for a line, and for a line of the app's own. */
const NEAR = 64;
const IN_FUNCTION = 1024;

/** Rewrites the stack lines of one run's output. */
export class TraceDecoder {
  private readonly app: Places;
  private readonly ssl: Places;
  private readonly remainder: Offsets;

  constructor(app: string, ssl: SslProgram) {
    this.app = new Places(app);
    this.ssl = new Places(ssl.wasm);
    this.remainder = new Offsets(ssl.module);
  }

  /** The text with each address it can place replaced by file, line and column. */
  decode(text: string): string {
    return text
      .replace(LIBRARY, OWN)
      .replace(FRAME, (whole, name: string, module: string, address: string) => {
        const place = this.placeIn(module, name, parseInt(address, 16));
        return place === null ? whole : `at ${shortName(name)} (${place.replace(LIBRARY, OWN)})`;
      })
      .replace(FUNCTION, (whole, name: string, start: string, end: string) => {
        const lines = this.app.linesOf(parseInt(start, 16), parseInt(end, 16));
        if (lines === null) return whole;
        return `in ${shortName(this.app.nameOf(name))} (${lines.replace(LIBRARY, OWN)})`;
      });
  }

  private placeIn(module: string, name: string, offset: number): string | null {
    if (module === "app") return this.placeInApp(name, offset);
    const whole = module === "ssl" ? offset : this.remainder.inWhole(offset);
    return whole === null ? null : this.ssl.find(whole, NEAR, () => true);
  }

  /**
   * The place of a frame. In a function of the app it is a line of the app, even where the
   * optimizer has put a library function in place of its call: then the line before it, and the
   * library's.
   */
  private placeInApp(name: string, offset: number): string | null {
    const place = this.app.find(offset, NEAR, () => true);
    const isOurs = (source: string): boolean => source.startsWith("~lib/");
    if (place === null || !isOurs(place) || isOurs(name)) return place;
    const caller = this.app.find(offset, IN_FUNCTION, (source) => !isOurs(source));
    if (caller === null) return name === "_start" ? null : place;
    return `${caller}, inlined ${place}`;
  }
}

/** The source map of one module; read when the first frame asks, for most runs never trap. */
class Places {
  private map: SourceMap | null | undefined;
  private names: Map<number, string> | undefined;

  constructor(private readonly wasmFile: string) {}

  /** The name of "function[57]"; any other name is its own. */
  nameOf(name: string): string {
    const number = NUMBER.exec(name);
    if (number === null) return name;
    this.names ??= functionNames(this.wasmFile);
    return this.names.get(Number(number[1])) ?? name;
  }

  /** "file.ts:first-last" of a function's code: of the app's own file, where some of it is. */
  linesOf(start: number, end: number): string | null {
    this.map ??= readMap(`${this.wasmFile}.map`);
    if (this.map === null) return null;
    const lines = new Map<string, { first: number; last: number }>();
    for (let at = start; at < end; at++) {
      const entry = this.map.findEntry(0, at);
      if (!("originalSource" in entry) || entry.originalSource === undefined) continue;
      if (entry.generatedColumn < start) continue; // of the function before
      const line = entry.originalLine + 1;
      const { first, last } = lines.get(entry.originalSource) ?? { first: line, last: line };
      const range = { first: Math.min(first, line), last: Math.max(last, line) };
      lines.set(entry.originalSource, range);
    }
    const files = [...lines.keys()];
    const file = files.find((name) => !name.startsWith("~lib/")) ?? files[0];
    if (file === undefined) return null;
    const { first, last } = lines.get(file)!;
    return `${file}:${first}${last === first ? "" : `-${last}`}`;
  }

  /**
   * "file.ts:line:column" of a byte offset, or of what is shortly before it: the code that the
   * compiler adds around a statement has no line of its own.
   */
  find(offset: number, reach: number, wanted: (source: string) => boolean): string | null {
    this.map ??= readMap(`${this.wasmFile}.map`);
    if (this.map === null) return null;
    for (let at = offset; at > offset - reach; at--) {
      const entry = this.map.findEntry(0, at);
      if (!("originalSource" in entry) || entry.originalSource === undefined) continue;
      if (!wanted(entry.originalSource)) continue;
      return `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    }
    return null;
  }
}

/** Null where there is none: then addresses stay what they are. */
function readMap(file: string): SourceMap | null {
  if (!existsSync(file)) return null;
  return new SourceMap(JSON.parse(readFileSync(file, "utf8")) as SourceMapPayload);
}

/** From byte offsets in a remaining module to those in the whole one. */
class Offsets {
  private pairs: [number, number][] | undefined;

  constructor(private readonly module: string | null) {}

  /** That of the instruction which holds the byte; null where none does. */
  inWhole(offset: number): number | null {
    if (this.module === null) return null;
    this.pairs ??= JSON.parse(readFileSync(offsetsOf(this.module), "utf8")) as [number, number][];
    let found: number | null = null;
    for (const [remaining, whole] of this.pairs) {
      if (remaining > offset) break;
      found = whole;
    }
    return found;
  }
}

/** The compiler puts the file before a function's name: "~lib/socket/index/socket#connect". */
function shortName(name: string): string {
  if (name === "_start" || name.startsWith("start:")) return "top level";
  const generic = name.indexOf("<");
  const end = generic < 0 ? name.length : generic;
  return name.slice(name.lastIndexOf("/", end) + 1, end);
}
