// Small firmwares for tests of the emulated board: a body in C, with firmware/ around it, as a UF2.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { exec, root } from "../../scripts/lib/exec.ts";
import { signBoot2 } from "../../scripts/lib/rp2040-image.ts";
import { writeUf2 } from "../../scripts/lib/uf2.ts";
import { Board, type BoardOptions } from "../../scripts/sim/board.ts";

const FOLDER = path.join(root, "tests/sim/firmware");
const FLASH = 0x10000000;
const FLAGS = [
  ...["-mcpu=cortex-m0plus", "-mthumb", "-std=gnu11", "-O2", "-ffreestanding", "-nostdlib"],
  ...["-fno-delete-null-pointer-checks", "-Wall", "-Wextra", "-Werror", "-I", FOLDER],
];

/** What follows `#include "firmware.h"` in a C file, with a main(), as bytes of the flash. */
export async function buildImage(source: string): Promise<Uint8Array> {
  const folder = mkdtempSync(path.join(tmpdir(), "wassl-sim-"));
  const file = (name: string): string => path.join(folder, name);
  try {
    writeFileSync(file("test.c"), `#include "firmware.h"\n${source}`);
    const sources = [path.join(FOLDER, "start.S"), path.join(FOLDER, "firmware.c"), file("test.c")];
    const script = ["-T", path.join(FOLDER, "image.ld")];
    await exec("arm-none-eabi-gcc", [...FLAGS, ...script, ...sources, "-lgcc", "-o", file("elf")]);
    await exec("arm-none-eabi-objcopy", ["-O", "binary", file("elf"), file("bin")]);
    const image = Uint8Array.from(readFileSync(file("bin")));
    image.set(signBoot2(image.slice(0, 256)));
    return image;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export async function buildUf2(source: string): Promise<Uint8Array> {
  return writeUf2([{ address: FLASH, bytes: await buildImage(source) }]);
}

/** A board with such a firmware, stopped at the end of the test. */
export async function startBoard(
  t: { after(action: () => void): void },
  source: string,
  options: Partial<BoardOptions> = {},
): Promise<Board> {
  const board = await Board.start({ uf2: await buildUf2(source), ...options });
  t.after(() => board.stop());
  return board;
}

/** Runs such a firmware to its end, and gives the lines that it prints. */
export async function linesOf(board: Board, seconds = 2): Promise<string[]> {
  await board.waitFor(/^end\n/m, seconds);
  return board.console.trimEnd().split("\n").slice(0, -1);
}
