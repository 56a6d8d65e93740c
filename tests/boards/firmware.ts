// The firmware with an app, on the emulated board.

import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import type { TestContext } from "node:test";
import { compileApp } from "../../scripts/lib/app-compiler.ts";
import {
  appParts,
  buildFirmware,
  RP2040_LIMBS,
  type Firmware,
  type Part,
} from "../../scripts/lib/board-rp2040.ts";
import { root } from "../../scripts/lib/exec.ts";
import { imageOfFiles, type ImageFiles } from "../../scripts/lib/littlefs-image.ts";
import { rp2040Board } from "../../scripts/lib/rp2040-config.ts";
import { translateSsl } from "../../scripts/lib/ssl-program.ts";
import { Board, type BoardOptions } from "../../scripts/sim/board.ts";
import { output } from "../harness/compile.ts";

export const hardware = rp2040Board("w5500_evb_pico")!;

const apps = new Map<string, Part[]>();

let built: Promise<Firmware> | undefined;

/** The firmware of the product, brought up to date once. */
export function firmware(): Promise<Firmware> {
  built ??= translateSsl("native", RP2040_LIMBS).then((ssl) => buildFirmware(hardware, ssl));
  return built;
}

/** What tests/entry/boards/<name>.ts is in flash. */
export function appInFlash(name: string): Part[] {
  const known = apps.get(name);
  if (known !== undefined) return known;
  const file = path.join(output, `boards-${name}.${process.pid}.wasm`);
  const { wasm } = compileApp(path.join(root, "tests/entry/boards", `${name}.ts`), file);
  const parts = appParts(hardware, readFileSync(wasm), name);
  rmSync(wasm);
  rmSync(`${wasm}.map`);
  apps.set(name, parts);
  return parts;
}

/** A file system with these files. */
export async function filesInFlash(files: ImageFiles): Promise<Part> {
  const { offset, size } = hardware.flash.files;
  return { offset, bytes: await imageOfFiles(files, size) };
}

/**
 * A board that is switched off at the end of the test; `app` null: none in its flash but what
 * `options.flash` may bring.
 */
export async function boardWith(
  t: TestContext,
  app: string | null,
  files: ImageFiles = {},
  options: Partial<BoardOptions> = {},
): Promise<Board> {
  const { uf2, elf } = await firmware();
  const flash = [await filesInFlash(files), ...(app === null ? [] : appInFlash(app))];
  const more = options.flash ?? [];
  const board = await Board.start({ uf2, elf, ...options, flash: [...flash, ...more] });
  t.after(() => board.stop());
  return board;
}
