// From addresses in app.wasm back to TypeScript. When an app stops, the runner prints a stack of
// lines such as
//
//     at main (app.wasm+0x1f3)        which becomes        at main (examples/app.ts:12:5)
//
// WebAssembly counts as one long line of a source map: its column is the byte offset in the file.

import { readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";

const FRAME = /at (\S+) \(app\.wasm\+0x([0-9a-f]+)\)/g;

/** The compiler's name of a file in assembly/device, and where that is. */
const LIBRARY = /~lib\/([a-z]+)\/index\.ts/g;
const OWN = "assembly/device/$1.ts";

/** Bytes of code that are looked through for a line, and for a line of the app's own. */
const NEAR = 64;
const IN_FUNCTION = 1024;

/** Rewrites the stack lines of one program's output. */
export class TraceDecoder {
  private readonly map: SourceMap;

  constructor(wasmFile: string) {
    const payload = JSON.parse(readFileSync(`${wasmFile}.map`, "utf8")) as SourceMapPayload;
    this.map = new SourceMap(payload);
  }

  /** The text with each address it can place replaced by file, line and column. */
  decode(text: string): string {
    return text.replace(LIBRARY, OWN).replace(FRAME, (whole, name: string, address: string) => {
      const place = this.placeIn(name, parseInt(address, 16));
      return place === null ? whole : `at ${shortName(name)} (${place.replace(LIBRARY, OWN)})`;
    });
  }

  /**
   * The place of a frame. In a function of the app it is a line of the app, even where the
   * optimizer has put a library function in place of its call: then the line before it, and the
   * library's.
   */
  private placeIn(name: string, offset: number): string | null {
    const place = this.find(offset, NEAR, () => true);
    const isOurs = (source: string): boolean => source.startsWith("~lib/");
    if (place === null || !isOurs(place) || isOurs(name)) return place;
    const caller = this.find(offset, IN_FUNCTION, (source) => !isOurs(source));
    if (caller === null) return name === "_start" ? null : place;
    return `${caller}, inlined ${place}`;
  }

  /**
   * "file.ts:line:column" of a byte offset, or of what is shortly before it: the code that the
   * compiler adds around a statement has no line of its own.
   */
  private find(offset: number, reach: number, wanted: (source: string) => boolean): string | null {
    for (let at = offset; at > offset - reach; at--) {
      const entry = this.map.findEntry(0, at);
      if (!("originalSource" in entry) || entry.originalSource === undefined) continue;
      if (!wanted(entry.originalSource)) continue;
      return `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    }
    return null;
  }
}

/** The compiler puts the file before a function's name: "~lib/socket/index/socket#connect". */
function shortName(name: string): string {
  if (name === "_start" || name.startsWith("start:")) return "top level";
  const generic = name.indexOf("<");
  const end = generic < 0 ? name.length : generic;
  return name.slice(name.lastIndexOf("/", end) + 1, end);
}
