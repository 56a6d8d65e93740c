// The symbols of a firmware's ELF file: name -> address, without the Thumb bit of functions.

import { readFileSync } from "node:fs";
import { UserError } from "../lib/exec.ts";

const SYMBOL_TABLE = 2;
const SECTION_HEADER_OFFSET = 0x20;
const SECTION_HEADER_SIZE = 0x2e;
const SECTIONS = 0x30;
const SYMBOL = 16;
const FUNCTION = 2;

export function readSymbols(file: string): Map<string, number> {
  const elf = readFileSync(file);
  if (elf.length < 52 || elf.readUInt32BE(0) !== 0x7f454c46 || elf[4] !== 1)
    throw new UserError(`${file} is not a 32-bit ELF file`);
  const start = elf.readUInt32LE(SECTION_HEADER_OFFSET);
  const size = elf.readUInt16LE(SECTION_HEADER_SIZE);
  const sections = Array.from({ length: elf.readUInt16LE(SECTIONS) }, (_, i) => {
    const at = start + i * size;
    const [type, offset, length, link] = [4, 16, 20, 24].map((o) => elf.readUInt32LE(at + o));
    return { type, offset, length, link };
  });
  const table = sections.find((section) => section.type === SYMBOL_TABLE);
  if (table === undefined) throw new UserError(`${file} has no symbols`);
  const symbols = new Map<string, number>();
  for (let at = table.offset; at < table.offset + table.length; at += SYMBOL) {
    const name = stringAt(elf, sections[table.link].offset + elf.readUInt32LE(at));
    const value = elf.readUInt32LE(at + 4);
    if (name !== "") symbols.set(name, (elf[at + 12] & 15) === FUNCTION ? value & ~1 : value);
  }
  return symbols;
}

function stringAt(elf: Buffer, at: number): string {
  return elf.toString("latin1", at, elf.indexOf(0, at));
}
