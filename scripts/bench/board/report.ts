// Everything that is measured of a board, for the terminal (print.ts) and the page (page.ts).

import { readFileSync } from "node:fs";
import { exec, root } from "../../lib/exec.ts";
import { buildFirmware, RP2040_LIMBS } from "../../lib/board-rp2040.ts";
import { measureFirmware, type FirmwareSize } from "../../lib/firmware-size.ts";
import { sysHz, type Rp2040Board } from "../../lib/rp2040-config.ts";
import { translateSsl } from "../../lib/ssl-program.ts";
import { openChip } from "../chip.ts";
import type { Saved } from "../saved.ts";
import { Column, type Subject } from "../subjects.ts";
import { lineOf, type Line } from "../targets.ts";
import { CHAINS, measureConnection, type ConnectionReport } from "./connection.ts";

/** A figure of this run and, where there is one, of the saved one. */
export interface Figure {
  value: number;
  before: number | undefined;
}

export interface PrimitiveRow {
  name: string;
  line: Line;
  cycles: Figure;
}

export interface Report {
  hardware: Rp2040Board;
  hertz: number;
  version: string;
  compiler: string;
  flags: string;
  primitives: PrimitiveRow[];
  connections: ConnectionReport[];
  size: FirmwareSize;
  /** Keeps a figure under a name, and finds the saved one. */
  figure(name: string, value: number): Figure;
}

export const milliseconds = ({ hertz }: Report, cycles: number): number => (1000 * cycles) / hertz;

/** `wanted`: what of the primitives; connections are measured where `connects`. */
export async function measureBoard(
  hardware: Rp2040Board,
  wanted: readonly Subject[],
  connects: boolean,
  saved: Saved,
): Promise<Report> {
  const figure = (name: string, value: number): Figure => {
    return { value, before: saved.record(`${hardware.id}/${name}`, value) };
  };
  const firmware = await buildFirmware(hardware, await translateSsl("native", RP2040_LIMBS));
  const primitives = await measurePrimitives(wanted, figure);
  const connections: ConnectionReport[] = [];
  for (const chain of connects ? CHAINS : []) {
    connections.push(await measureConnection(hardware, firmware, chain));
  }
  return {
    hardware,
    hertz: sysHz(hardware),
    ...(await environment()),
    primitives,
    connections,
    size: measureFirmware(hardware, firmware.elf, firmware.map),
    figure,
  };
}

/** In a bare image for the chip: sources, translator, compiler's flags are the firmware's. */
async function measurePrimitives(
  wanted: readonly Subject[],
  figure: Report["figure"],
): Promise<PrimitiveRow[]> {
  const native = new Column(RP2040_LIMBS, (file) => openChip(file, "native"));
  const rows: PrimitiveRow[] = [];
  for (const subject of wanted) {
    const { name } = subject;
    const cycles = figure(name, await native.measure(subject));
    rows.push({ name, line: lineOf(name), cycles });
  }
  return rows;
}

async function environment() {
  const read = (file: string): string => readFileSync(`${root}/${file}`, "utf8");
  const [compiler] = (await exec("arm-none-eabi-gcc", ["--version"])).split("\n");
  const { version } = JSON.parse(read("package.json")) as { version: string };
  return { version, compiler, flags: read("boards/rp2040/program.flags").trim() };
}
