// UF2 files (the format of Microsoft's uf2 repository) as the boot ROM takes them: a sector is
// erased at each block whose number is a multiple of 16. Whatever the ROM would skip in silence, or
// flash in part, is an error that says where.

import { UserError } from "../lib/exec.ts";
import { hex } from "./fault.ts";

const BLOCK = 512;
const PAYLOAD = 256;
const DATA = 32;
const SECTOR = 4096;
const BLOCKS = SECTOR / PAYLOAD;
const MAGIC_START = [0x0a324655, 0x9e5d5157];
const MAGIC_END = 0x0ab16f30;
const NOT_MAIN_FLASH = 1;
const FAMILY_PRESENT = 0x2000;
const RP2040 = 0xe48bff56;
const FLASH = 0x10000000;
const FLASH_SIZE = 2 * 1024 * 1024;

/** Writes the file into the flash, whose other sectors stay as they are. */
export function loadUf2(bytes: Uint8Array, name: string, flash: Uint8Array): void {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const fail = (block: number, what: string): never => {
    throw new UserError(`${name}: ${block < 0 ? "" : `block ${block}: `}${what}`);
  };
  if (file.length === 0) fail(-1, "is empty");
  if (file.length % BLOCK !== 0) fail(-1, `${file.length} bytes are no whole number of blocks`);
  const total = file.length / BLOCK;
  const written = new Set<number>();
  for (let i = 0; i < total; i++) {
    const block = file.subarray(i * BLOCK, (i + 1) * BLOCK);
    const address = checkBlock(block, i, total, (what) => fail(i, what));
    if (written.has(address)) fail(i, `${hex(address)} is written twice`);
    written.add(address);
    const offset = address - FLASH;
    if (offset % SECTOR === 0) flash.fill(0xff, offset, offset + SECTOR);
    flash.set(block.subarray(DATA, DATA + PAYLOAD), offset);
  }
}

/** The address that a good block is for. */
function checkBlock(
  block: Buffer,
  index: number,
  total: number,
  fail: (what: string) => never,
): number {
  const word = (i: number): number => block.readUInt32LE(4 * i);
  const [flags, address, size, number, count, family] = [2, 3, 4, 5, 6, 7].map(word);
  if (word(0) !== MAGIC_START[0] || word(1) !== MAGIC_START[1])
    fail("does not begin as a UF2 block does");
  if (block.readUInt32LE(BLOCK - 4) !== MAGIC_END) fail("does not end as a UF2 block does");
  if (flags & NOT_MAIN_FLASH) fail("is not meant for the flash");
  if ((flags & FAMILY_PRESENT) === 0) fail("does not say for which family of chips it is");
  if (family !== RP2040) fail(`is for family ${hex(family)}, RP2040 is ${hex(RP2040)}`);
  if (size !== PAYLOAD) fail(`has ${size} bytes, the boot ROM takes ${PAYLOAD} at a time`);
  if (number !== index) fail(`is numbered ${number}`);
  if (count !== total) fail(`says that there are ${count} blocks, there are ${total}`);
  if (address % PAYLOAD !== 0) fail(`${hex(address)} is not the start of a page`);
  if (address < FLASH || address >= FLASH + FLASH_SIZE) fail(`${hex(address)} is not in the flash`);
  if ((address / PAYLOAD) % BLOCKS !== index % BLOCKS)
    fail(`${hex(address)}: the boot ROM erases a sector at each multiple of ${BLOCKS} only`);
  return address;
}
