// Builds the boot ROM of rom/ with the cross compiler that the firmware is built with, once for
// each state of its sources.

import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import path from "node:path";
import { exec, root } from "../lib/exec.ts";

const FOLDER = path.join(root, "scripts/sim/rom");
const FLAGS = [
  ...["-mcpu=cortex-m0plus", "-mthumb", "-std=c11", "-Os", "-ffreestanding", "-nostdlib"],
  ...["-fno-tree-loop-distribute-patterns", "-Wall", "-Wextra", "-Werror", "-Wshadow"],
  ...["-Wmissing-prototypes", "-Wstrict-prototypes"],
];

/** The ROM's words, from address 0. */
export async function bootRom(): Promise<Uint32Array> {
  const names = readdirSync(FOLDER).sort();
  const hash = createHash("sha256").update(FLAGS.join(" "));
  for (const name of names) hash.update(name).update(readFileSync(path.join(FOLDER, name)));
  const file = path.join(root, "build/sim", `rom-${hash.digest("hex").slice(0, 16)}.bin`);
  if (!existsSync(file)) await build(file, names);
  const bytes = Buffer.from(readFileSync(file));
  const words = new Uint32Array(bytes.length / 4);
  return words.map((_, i) => bytes.readUInt32LE(4 * i));
}

/** Written beside its place first: other processes may want it, or build it too. */
async function build(file: string, names: string[]): Promise<void> {
  mkdirSync(path.dirname(file), { recursive: true });
  const folder = mkdtempSync(`${file}.`);
  const elf = path.join(folder, "rom.elf");
  const binary = path.join(folder, "rom.bin");
  const sources = names.filter((name) => /\.[cS]$/.test(name)).map((n) => path.join(FOLDER, n));
  const script = path.join(FOLDER, "rom.ld");
  await exec("arm-none-eabi-gcc", [...FLAGS, "-T", script, ...sources, "-o", elf, "-lgcc"]);
  await exec("arm-none-eabi-objcopy", ["-O", "binary", "--pad-to=0x4000", elf, binary]);
  renameSync(binary, file);
  rmSync(folder, { recursive: true });
}
