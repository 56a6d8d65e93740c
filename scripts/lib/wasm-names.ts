// The names of a module's functions, by number, from its name section.

import { readFileSync } from "node:fs";

const FUNCTION_NAMES = 1;

/** Empty where the module has no names. */
export function functionNames(wasmFile: string): Map<number, string> {
  const module = new WebAssembly.Module(readFileSync(wasmFile));
  const [section] = WebAssembly.Module.customSections(module, "name");
  const names = new Map<number, string>();
  if (section === undefined) return names;
  const reader = new Reader(new Uint8Array(section));
  while (!reader.isAtEnd) {
    const id = reader.number();
    const content = new Reader(reader.bytes(reader.number()));
    if (id !== FUNCTION_NAMES) continue;
    for (let left = content.number(); left > 0; left--) {
      const index = content.number();
      names.set(index, new TextDecoder().decode(content.bytes(content.number())));
    }
  }
  return names;
}

class Reader {
  private at = 0;

  constructor(private readonly source: Uint8Array) {}

  get isAtEnd(): boolean {
    return this.at >= this.source.length;
  }

  /** An unsigned LEB128; a module that compiles has no others here. */
  number(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.source[this.at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  bytes(length: number): Uint8Array {
    this.at += length;
    return this.source.subarray(this.at - length, this.at);
  }
}
