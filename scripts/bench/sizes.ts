// The size of ssl.wasm as C: the text (code and constants) that a tier adds to a firmware, and what
// the interpreter still has to load.

import { mkdirSync, statSync } from "node:fs";
import path from "node:path";
import { exec, root } from "../lib/exec.ts";
import { RP2040_LIMBS } from "../lib/board-rp2040.ts";
import { translateSsl } from "../lib/ssl-program.ts";
import { tiers, type Tier } from "../lib/tier.ts";
import { OPTIMISE } from "./m0plus/board.ts";
import type { Saved } from "./saved.ts";
import { Table } from "./table.ts";

const CHIP = ["-mcpu=cortex-m0plus", "-mthumb"];

export async function sizeTable(saved: Saved): Promise<void> {
  const table = new Table("size", ["module", "host -O2", "M0+", "M0+ -Os"], saved);
  for (const tier of tiers) table.row(tier, await sizes(tier));
}

async function sizes(tier: Tier): Promise<number[]> {
  const { c, module } = await translateSsl(tier, RP2040_LIMBS);
  const left = module === null ? 0 : statSync(module).size;
  if (c === "") return [left, 0, 0, 0];
  const chip = "arm-none-eabi-";
  return [
    left,
    await textSize(c, "", ["-O2"]),
    await textSize(c, chip, [...CHIP, OPTIMISE]),
    await textSize(c, chip, [...CHIP, "-Os"]),
  ];
}

async function textSize(c: string, prefix: string, flags: string[]): Promise<number> {
  const object = path.join(root, "build/bench/size.o");
  mkdirSync(path.dirname(object), { recursive: true });
  const hal = path.join(root, "hal");
  await exec(`${prefix}gcc`, [...flags, "-std=gnu11", "-I", hal, "-c", c, "-o", object]);
  const [, figures] = (await exec(`${prefix}size`, [object])).split("\n");
  return Number(figures!.trim().split(/\s+/)[0]);
}
