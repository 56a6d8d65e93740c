// Builds the firmware of an RP2040 board: build/<board>/wassl.elf, .uf2 and .map.

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { exec, root } from "./exec.ts";
import { boardConfig, type Rp2040Board } from "./rp2040-config.ts";
import { signBoot2 } from "./rp2040-image.ts";
import { translateSsl } from "./ssl-program.ts";
import { writeUf2, type Segment } from "./uf2.ts";

const FLASH = 0x10000000;
const CROSS = "arm-none-eabi-";

export interface Firmware {
  elf: string;
  map: string;
  /** What lies in flash from address 0x10000000 on. */
  image: Uint8Array;
}

export function firmwareFolder(name: string): string {
  return path.join(root, "build", name);
}

/** Brings the firmware up to date. The lock is for tests that run at once. */
export async function buildFirmware(name: string, board: Rp2040Board): Promise<Firmware> {
  const out = firmwareFolder(name);
  mkdirSync(out, { recursive: true });
  replace(path.join(out, "board_config.h"), boardConfig(board));
  const { c } = await translateSsl("native");
  const make = ["make", "-j2", "-C", "boards/rp2040", `OUT=${out}`, `PROGRAM=${c}`];
  if (process.env.WASM3_DIR) make.push(`WASM3_DIR=${path.resolve(process.env.WASM3_DIR)}`);
  await exec("flock", [path.join(out, "lock"), ...make]);
  const elf = path.join(out, "wassl.elf");
  await signElf(path.join(out, "linked.elf"), elf, out);
  const binary = path.join(out, "wassl.bin");
  await exec(`${CROSS}objcopy`, ["-O", "binary", elf, binary]);
  return { elf, map: path.join(out, "wassl.map"), image: readFileSync(binary) };
}

/** Puts the CRC of boot2 into the linked program. */
async function signElf(linked: string, elf: string, folder: string): Promise<void> {
  const boot2 = path.join(folder, "boot2.bin");
  await exec(`${CROSS}objcopy`, ["-O", "binary", "-j", ".boot2", linked, boot2]);
  writeFileSync(boot2, signBoot2(readFileSync(boot2)));
  await exec(`${CROSS}objcopy`, ["--update-section", `.boot2=${boot2}`, linked, elf]);
}

/** Writes the UF2 file: the firmware, and other parts at their offsets in flash. */
export function writeFirmwareUf2(
  file: string,
  firmware: Firmware,
  others: readonly { offset: number; bytes: Uint8Array }[],
): void {
  const segments: Segment[] = [
    { address: FLASH, bytes: firmware.image },
    ...others.map(({ offset, bytes }) => ({ address: FLASH + offset, bytes })),
  ];
  replace(file, writeUf2(segments));
}

/** Writes beside and renames, and only what has changed. */
function replace(file: string, content: string | Uint8Array): void {
  const bytes = Buffer.from(content);
  if (existsSync(file) && readFileSync(file).equals(bytes)) return;
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, bytes);
  renameSync(fresh, file);
}
