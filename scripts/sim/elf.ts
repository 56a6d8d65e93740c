// What is in a firmware's ELF file: its sections, and its symbols by name.

import { readFileSync } from "node:fs";
import { UserError } from "../lib/exec.ts";

const SYMBOL_TABLE = 2;
const NO_BITS = 8;
const FLAG_ALLOCATED = 2;
const SECTION_HEADER_OFFSET = 0x20;
const SECTION_HEADER_SIZE = 0x2e;
const SECTIONS = 0x30;
const NAMES = 0x32;
const SYMBOL = 16;
const FUNCTION = 2;

/** A section that is in memory when the program runs. */
export interface Section {
  name: string;
  address: number;
  size: number;
  /** Whether the file has its contents: .bss has none. */
  hasContents: boolean;
}

interface Header {
  name: number;
  type: number;
  flags: number;
  address: number;
  offset: number;
  length: number;
  link: number;
}

/** Name -> address, without the Thumb bit of functions. */
export function readSymbols(file: string): Map<string, number> {
  const elf = open(file);
  const sections = headersOf(elf);
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

/** Those in memory that are not empty. */
export function readSections(file: string): Section[] {
  const elf = open(file);
  const headers = headersOf(elf);
  const names = headers[elf.readUInt16LE(NAMES)].offset;
  return headers
    .filter(({ flags, length }) => (flags & FLAG_ALLOCATED) !== 0 && length > 0)
    .map(({ name, type, address, length }) => ({
      name: stringAt(elf, names + name),
      address,
      size: length,
      hasContents: type !== NO_BITS,
    }));
}

function open(file: string): Buffer {
  const elf = readFileSync(file);
  if (elf.length < 52 || elf.readUInt32BE(0) !== 0x7f454c46 || elf[4] !== 1)
    throw new UserError(`${file} is not a 32-bit ELF file`);
  return elf;
}

function headersOf(elf: Buffer): Header[] {
  const start = elf.readUInt32LE(SECTION_HEADER_OFFSET);
  const size = elf.readUInt16LE(SECTION_HEADER_SIZE);
  return Array.from({ length: elf.readUInt16LE(SECTIONS) }, (_, i) => {
    const field = (offset: number): number => elf.readUInt32LE(start + i * size + offset);
    const [name, type, flags, address] = [0, 4, 8, 12].map(field);
    const [offset, length, link] = [16, 20, 24].map(field);
    return { name, type, flags, address, offset, length, link };
  });
}

function stringAt(elf: Buffer, at: number): string {
  return elf.toString("latin1", at, elf.indexOf(0, at));
}
