// The table of the chip: cycles on the emulated Cortex-M0+, interpreted against translated, what
// the bounds checks cost, and what it must be. wasm3 compiles a function when it is first called:
// the first call pays for it.

import type { Options } from "../aot/program.ts";
import { RP2040_LIMBS } from "../lib/board-rp2040.ts";
import { tiers, type Tier } from "../lib/tier.ts";
import { openChip } from "./chip.ts";
import { Column, type Subject } from "./subjects.ts";
import type { Saved } from "./saved.ts";
import { beside, percent, ratio, Table } from "./table.ts";
import { lineOf, verdictOf } from "./targets.ts";

const FIGURES = ["wasm3, first", "wasm3", "hybrid", "native", "wasm3/native", "checks"];
const COLUMNS = [...FIGURES, "must", "moonshot"];
/** Above that many cycles compilation, which takes less than two million, does not show. */
const AGAIN_BELOW = 50e6;

export async function chipTable(wanted: Subject[], saved: Saved): Promise<void> {
  const column = (tier: Tier, options: Options = {}): Column =>
    new Column(RP2040_LIMBS, (file) => openChip(file, tier, options));
  const [wasm3, hybrid, native] = tiers.map((tier) => column(tier));
  const unchecked = column("native", { boundsChecks: false });
  const table = new Table("chip", COLUMNS, saved);
  const figures = new Map<string, number>();
  for (const subject of wanted) {
    const first = await wasm3!.measure(subject);
    const repeated = first < AGAIN_BELOW;
    const again = repeated ? await wasm3!.measure(subject) : first;
    const partly = await hybrid!.measure(subject);
    const cycles = await native!.measure(subject);
    const checks = percent(cycles, await unchecked.measure(subject));
    const rest = [ratio(again, cycles), checks, ...targets(subject.name, cycles)];
    figures.set(subject.name, cycles);
    table.row(subject.name, [repeated ? first : "", again, partly, cycles, ...rest]);
  }
  console.log(verdictOf(figures));
}

function targets(name: string, cycles: number): string[] {
  const { target } = lineOf(name);
  return target === undefined ? [] : [beside(cycles, target.must), beside(cycles, target.moonshot)];
}
