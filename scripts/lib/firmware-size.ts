// Where the flash and the RAM of an RP2040 firmware go, by part, from the linker's map. The map
// must account for every byte of the ELF file's sections, or nothing is shown at all.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { readSections, type Section } from "../sim/elf.ts";
import { root, UserError } from "./exec.ts";
import { objectName, parseLinkMap, type Piece } from "./link-map.ts";
import type { Rp2040Board } from "./rp2040-config.ts";

const STRIPED_RAM = 256 * 1024;
const SMALL_BANK = 4 * 1024;
export const RAM_SIZE = STRIPED_RAM + 2 * SMALL_BANK;

const RAM_START = 0x20000000;

export const PARTS = [
  "ssl.wasm as C",
  "ssl.wasm, interpreted",
  "wasm3",
  "lwIP",
  "littlefs",
  "HAL",
  "board",
  "C library",
  "alignment",
] as const;
export type Part = (typeof PARTS)[number];

export interface Use {
  flash: number;
  /** Data and code that lie in RAM for ever. */
  ram: number;
}

/** What the parts use is all that the firmware's image and its static data are. */
export interface FirmwareSize {
  parts: Map<Part, Use>;
  /** The same by object file, each with its part. */
  objects: Map<string, Use & { part: Part }>;
  total: Use;
  flashSize: number;
  /** RAM that is not static: reserved for the two stacks, left to the heap, never used. */
  stack: number;
  handlerStack: number;
  heap: number;
  unused: number;
}

export function measureFirmware(board: Rp2040Board, elf: string, map: string): FirmwareSize {
  const sections = readSections(elf);
  const pieces = parseLinkMap(readFileSync(map, "utf8"));
  sections.forEach((section) => checkSection(section, pieces));
  const size = emptySize(board);
  for (const section of sections) {
    const own = pieces.filter(({ output }) => output === section.name);
    for (const piece of own) count(size, section, piece);
  }
  divideRam(size, sections);
  return size;
}

function checkSection({ name, size }: Section, pieces: readonly Piece[]): void {
  const own = pieces.filter(({ output }) => output === name);
  const sum = own.reduce((all, piece) => all + piece.size, 0);
  if (sum !== size)
    throw new UserError(`the map accounts for ${sum} bytes of ${name}, which has ${size}`);
}

function emptySize(board: Rp2040Board): FirmwareSize {
  return {
    parts: new Map(PARTS.map((part) => [part, { flash: 0, ram: 0 }])),
    objects: new Map(),
    total: { flash: 0, ram: 0 },
    flashSize: board.flash.firmware.size,
    stack: board.memory.stack,
    handlerStack: SMALL_BANK,
    heap: 0,
    unused: 0,
  };
}

/** What is in RAM with contents is in flash as well, from where the start-up copies it. */
function count(size: FirmwareSize, section: Section, piece: Piece): void {
  const part = partOf(piece.object);
  const name = piece.object === "" ? part : objectName(piece.object);
  const object = size.objects.get(name) ?? { flash: 0, ram: 0, part };
  size.objects.set(name, object);
  for (const use of [size.parts.get(part)!, object, size.total]) {
    if (section.hasContents) use.flash += piece.size;
    if (section.address >= RAM_START) use.ram += piece.size;
  }
}

/** The heap has what the striped RAM has left; the small banks have no heap. */
function divideRam(size: FirmwareSize, sections: readonly Section[]): void {
  const ends = sections.map(({ address, size: length }) => address + length);
  const striped = ends.filter((end) => end > RAM_START && end <= RAM_START + STRIPED_RAM);
  size.heap = RAM_START + STRIPED_RAM - Math.max(RAM_START + size.stack, ...striped);
  size.unused = RAM_SIZE - size.total.ram - size.stack - size.handlerStack - size.heap;
}

/** The part that an object file belongs to; the Makefile gives each library a folder. */
export function partOf(object: string): Part {
  if (object === "") return "alignment";
  if (/\.a\(/.test(object) || /\/crt\w*\.o$/.test(object)) return "C library";
  const [, folder = "", name] = /(?:obj\/)(?:(\w+)\/)?(\w+)\.o$/.exec(object) ?? [];
  const libraries: Record<string, Part> = { wasm3: "wasm3", lwip: "lwIP", littlefs: "littlefs" };
  const ours: Record<string, Part> = {
    program: "ssl.wasm as C",
    ssl_module: "ssl.wasm, interpreted",
  };
  const known = libraries[folder] ?? ours[name ?? ""];
  if (known !== undefined) return known;
  if (existsSync(path.join(root, "hal", `${name}.c`))) return "HAL";
  const sources = ["c", "S"].map((ending) => path.join(root, "boards/rp2040", `${name}.${ending}`));
  if (sources.some((file) => existsSync(file))) return "board";
  throw new UserError(`the map has ${object}, which belongs to no part`);
}
