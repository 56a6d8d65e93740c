// Puts small WebAssembly modules together, byte by byte, for the translator's tests.

import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ByteWriter } from "../../scripts/aot/writer.ts";
import { output } from "../harness/compile.ts";

export type Type = "i32" | "i64" | "f32" | "f64";

export interface FunctionSpec {
  name: string;
  params: Type[];
  result: Type;
  /** Without the final `end`. */
  code: number[];
}

const CODES = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
const MEMORY_PAGES = 1;

/** A module with one page of memory, exported, and these functions, exported by their names. */
export function moduleOf(functions: FunctionSpec[]): Uint8Array {
  const w = new ByteWriter();
  w.bytes(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  section(w, 1, (s) =>
    s.vector(functions, (f) => {
      s.u8(0x60);
      s.vector(f.params, (p) => s.u8(CODES[p]));
      s.vector([f.result], (r) => s.u8(CODES[r]));
    }),
  );
  section(w, 3, (s) => s.vector(functions, (f) => s.u32(functions.indexOf(f))));
  section(w, 5, (s) => s.vector([MEMORY_PAGES], (pages) => (s.u8(0), s.u32(pages))));
  section(w, 7, (s) => {
    s.vector([...functions, null], (f) => {
      s.name(f === null ? "memory" : f.name);
      s.u8(f === null ? 2 : 0);
      s.u32(f === null ? 0 : functions.indexOf(f));
    });
  });
  section(w, 10, (s) => s.vector(functions, (f) => s.block(Uint8Array.from([0, ...f.code, 0x0b]))));
  return w.result();
}

function section(w: ByteWriter, id: number, write: (s: ByteWriter) => void): void {
  const content = new ByteWriter();
  write(content);
  w.u8(id);
  w.block(content.result());
}

export function localGet(index: number): number[] {
  return [0x20, index];
}

/** An unsigned LEB128. */
export function leb(value: number): number[] {
  const w = new ByteWriter();
  w.u32(value);
  return [...w.result()];
}

/** The module as a file, for the engines that load one. */
export function fileOf(name: string, wasm: Uint8Array): string {
  mkdirSync(output, { recursive: true });
  const file = path.join(output, `aot-${name}-${process.pid}.wasm`);
  writeFileSync(file, wasm);
  return file;
}

/** A signed LEB128 of a number of 32 bits. */
export function signedLeb(value: number): number[] {
  const last = value >= -64 && value < 64;
  return last ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signedLeb(value >> 7)];
}
