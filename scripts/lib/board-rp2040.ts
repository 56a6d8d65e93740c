// Builds the firmware of an RP2040 board, and the UF2 files with which it, an app and files get
// onto the board.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { slotImage } from "./app-slot.ts";
import { exec, root, UserError } from "./exec.ts";
import type { LimbBits } from "./limbs.ts";
import { boardConfig, type Rp2040Board } from "./rp2040-config.ts";
import { signBoot2 } from "./rp2040-image.ts";
import type { SslProgram } from "./ssl-program.ts";
import { stripWasm } from "./strip-wasm.ts";
import { writeUf2 } from "./uf2.ts";

/** Cortex-M0+ multiplies 32 x 32 -> 32 bits, nothing wider. */
export const RP2040_LIMBS: LimbBits = 13;

const FLASH = 0x10000000;
const SECTOR = 4096;
const CROSS = "arm-none-eabi-";

export interface Firmware {
  elf: string;
  map: string;
  uf2: string;
  /** What lies in flash from its start. */
  image: Uint8Array;
}

/** Bytes at an offset in flash. */
export interface Part {
  offset: number;
  bytes: Uint8Array;
}

/** build/<board>; for another tier than native, build/<board>-<tier>. */
export function firmwareFolder(board: Rp2040Board, ssl: SslProgram): string {
  return path.join(root, "build", ssl.tier === "native" ? board.id : `${board.id}-${ssl.tier}`);
}

/** Brings wassl.elf, .map and .uf2 up to date. The lock is for tests that run at once. */
export async function buildFirmware(board: Rp2040Board, ssl: SslProgram): Promise<Firmware> {
  const out = firmwareFolder(board, ssl);
  mkdirSync(out, { recursive: true });
  const lock = path.join(out, "lock");
  replace(path.join(out, "board_config.h"), boardConfig(board));
  const make = ["make", "-j2", "-C", "boards/rp2040", `OUT=${out}`, `TIER=${ssl.tier}`];
  if (ssl.c !== "") make.push(`PROGRAM=${path.resolve(ssl.c)}`);
  if (ssl.module !== null) make.push(`MODULE=${path.resolve(ssl.module)}`);
  if (process.env.WASM3_DIR) make.push(`WASM3_DIR=${path.resolve(process.env.WASM3_DIR)}`);
  await exec("flock", [lock, ...make]);
  const elf = path.join(out, "wassl.elf");
  const image = await complete(path.join(out, "linked.elf"), elf);
  const uf2 = path.join(out, "wassl.uf2");
  replace(uf2, writeUf2([{ address: FLASH, bytes: image }]));
  return { elf, map: path.join(out, "wassl.map"), uf2, image };
}

/** Puts the CRC of boot2 into the linked program, and gives what it is in flash. */
async function complete(linked: string, elf: string): Promise<Uint8Array> {
  const own = `${elf}.${process.pid}`;
  const boot2 = `${own}.boot2`;
  const binary = `${own}.bin`;
  await exec(`${CROSS}objcopy`, ["-O", "binary", "-j", ".boot2", linked, boot2]);
  writeFileSync(boot2, signBoot2(readFileSync(boot2)));
  await exec(`${CROSS}objcopy`, ["--update-section", `.boot2=${boot2}`, linked, own]);
  await exec(`${CROSS}objcopy`, ["-O", "binary", own, binary]);
  const image = readFileSync(binary);
  [boot2, binary].forEach((file) => rmSync(file));
  renameSync(own, elf);
  return image;
}

/**
 * An app for slot A. The other slot is emptied, because an app there with a higher number would
 * start instead.
 */
export function appParts(board: Rp2040Board, wasm: Uint8Array, name: string): Part[] {
  const { slotA, slotB } = board.flash;
  const bytes = slotImage(stripWasm(wasm), { name, version: "", sequence: 1 });
  if (bytes.length > slotA.size)
    throw new UserError(`${name}: ${bytes.length} bytes, a slot has ${slotA.size}`);
  const erased = new Uint8Array(SECTOR).fill(0xff);
  return [
    { offset: slotA.offset, bytes },
    { offset: slotB.offset, bytes: erased },
  ];
}

/** A UF2 file with the firmware and other parts. */
export function writeParts(file: string, firmware: Firmware, parts: readonly Part[]): void {
  const all = [{ offset: 0, bytes: firmware.image }, ...parts];
  const sorted = all.sort((a, b) => a.offset - b.offset);
  replace(file, writeUf2(sorted.map((part) => ({ ...part, address: FLASH + part.offset }))));
}

/** Writes beside and renames, and only what has changed. */
function replace(file: string, content: string | Uint8Array): void {
  const bytes = Buffer.from(content);
  if (existsSync(file) && readFileSync(file).equals(bytes)) return;
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, bytes);
  renameSync(fresh, file);
}
