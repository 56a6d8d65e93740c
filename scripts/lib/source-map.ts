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

/** Bytes of code that are looked through for a line. */
const NEAR = 64;

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
      const place = this.place(parseInt(address, 16));
      return place === null ? whole : `at ${shortName(name)} (${place})`;
    });
  }

  /** "file.ts:line:column" of a byte offset, null where the map has nothing near it. */
  place(offset: number): string | null {
    // What the compiler adds around a statement has no line of its own: it belongs to what is
    // before it.
    for (let at = offset; at > offset - NEAR; at--) {
      const entry = this.map.findEntry(0, at);
      if (!("originalSource" in entry) || entry.originalSource === undefined) continue;
      const file = entry.originalSource.replace(LIBRARY, OWN);
      return `${file}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    }
    return null;
  }
}

/** The compiler puts the file before a function's name: "~lib/socket/index/socket#connect". */
function shortName(name: string): string {
  if (name.startsWith("start:")) return "top level";
  const generic = name.indexOf("<");
  const end = generic < 0 ? name.length : generic;
  return name.slice(name.lastIndexOf("/", end) + 1, end);
}
