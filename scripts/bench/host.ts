// The table of this machine: instructions in the three tiers, what the bounds checks cost, and the
// native libraries beside them.

import { compileRunner } from "../../tests/harness/runner-build.ts";
import { HOST_LIMBS } from "../lib/board-host.ts";
import { RP2040_LIMBS } from "../lib/board-rp2040.ts";
import { tiers, type Tier } from "../lib/tier.ts";
import { openCounted } from "./callgrind.ts";
import type { Meter } from "./meter.ts";
import { measurePeers } from "./peers.ts";
import { libraries } from "./primitive.ts";
import { Column, type Subject } from "./subjects.ts";
import type { Saved } from "./saved.ts";
import { percent, ratio, Table } from "./table.ts";

const OPTIMISE = ["-O2"];
/** "narrow": the tier native with the limbs of small chips. */
const COLUMNS = [...tiers, "wasm3/native", "narrow", "unchecked", "checks", ...libraries];

type Costs = [wasm3: number, hybrid: number, native: number, narrow: number, unchecked: number];

export async function hostTable(wanted: Subject[], saved: Saved): Promise<void> {
  const primitives = wanted.flatMap(({ primitive }) => primitive ?? []);
  const peers = await measurePeers(primitives);
  const columns = [
    ...tiers.map((tier) => new Column(HOST_LIMBS, opener(tier))),
    new Column(RP2040_LIMBS, opener("native")),
    new Column(HOST_LIMBS, openUnchecked),
  ];
  const table = new Table("host", COLUMNS, saved);
  try {
    for (const subject of wanted) {
      const costs: number[] = [];
      for (const column of columns) costs.push(await column.measure(subject));
      const [wasm3, hybrid, native, narrow, unchecked] = costs as Costs;
      const others = libraries.map((library) => peers.get(library)!.get(subject.name) ?? "");
      const checks = percent(native, unchecked);
      const ratios = [ratio(wasm3, native), ratio(narrow, native), unchecked, checks];
      table.row(subject.name, [wasm3, hybrid, native, ...ratios, ...others]);
    }
  } finally {
    await Promise.all(columns.map((column) => column.close()));
  }
}

function opener(tier: Tier): (wasmFile: string) => Promise<Meter> {
  return async (wasmFile) => {
    const { runner, program } = await compileRunner(wasmFile, tier, OPTIMISE);
    return openCounted(runner, program, wasmFile);
  };
}

async function openUnchecked(wasmFile: string): Promise<Meter> {
  const flags = [...OPTIMISE, "-DAOT_FOR_MEASURING"];
  const options = { boundsChecks: false };
  const { runner, program } = await compileRunner(wasmFile, "native", flags, options);
  return openCounted(runner, program, wasmFile);
}
