// The text of a device's console for a terminal or a file: addresses in the reports of traps become
// lines of TypeScript, CR LF becomes LF.
//
// Text is shown as it comes, not by lines: it is also the echo of what somebody types. Only a line
// that may be a report's is held back until it is whole.

import { existsSync } from "node:fs";
import path from "node:path";
import { root } from "../exec.ts";
import { TraceDecoder } from "../source-map.ts";

const REPORT = /^ +(at|in) /;
const REPORT_MAYBE = /^ +([ai]|at|in|(at|in) .*)?$/;

export class ConsoleText {
  private held = "";
  /** A CR that may be a line end's. */
  private cr = "";
  private isLineStart = true;
  private decoder: TraceDecoder | null = null;
  private readonly utf8 = new TextDecoder();

  constructor(private readonly show: (text: string) => void) {}

  /** The app whose reports come, from now on: its module, with the source map beside it. */
  set app(wasmFile: string) {
    this.decoder = new TraceDecoder(wasmFile, builtSsl());
  }

  take(bytes: Uint8Array): void {
    const text = this.cr + this.utf8.decode(bytes, { stream: true });
    this.cr = text.endsWith("\r") ? "\r" : "";
    const whole = text.slice(0, text.length - this.cr.length).replaceAll("\r\n", "\n");
    for (const part of whole.split(/(?<=\n)/)) this.takePart(part);
  }

  /** A line, its start, or what follows its start. */
  private takePart(part: string): void {
    if (part === "") return;
    const line = this.held + part;
    const ends = part.endsWith("\n");
    const couldBe = (this.isLineStart || this.held !== "") && !ends && REPORT_MAYBE.test(line);
    this.held = couldBe ? line : "";
    this.isLineStart = ends;
    if (couldBe) return;
    this.show(REPORT.test(line) && this.decoder !== null ? this.decoder.decode(line) : line);
  }
}

/** ssl.wasm as it was built last, for frames in it. */
function builtSsl(): ConstructorParameters<typeof TraceDecoder>[1] {
  const remainder = path.join(root, "build/tier-hybrid/ssl.remainder.wasm");
  const module = existsSync(remainder) ? remainder : null;
  return { tier: "hybrid", wasm: path.join(root, "build/ssl.wasm"), c: "", module };
}
