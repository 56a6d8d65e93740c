// A table that is printed row by row, as its figures are found; each figure with its difference to
// the saved run.

import type { Saved } from "./saved.ts";

const NAME_WIDTH = 25;
const WIDTH = 15;
/** Where each figure has a difference beside it. */
const WIDTH_COMPARED = 17;

export class Table {
  private readonly width: number;

  constructor(
    /** The table's name in the saved run. */
    private readonly name: string,
    private readonly columns: readonly string[],
    private readonly saved: Saved,
  ) {
    this.width = saved.isEmpty ? WIDTH : WIDTH_COMPARED;
    this.print("", columns);
  }

  /** One row: a number is a figure, a text stands as it is. */
  row(name: string, cells: readonly (number | string)[]): void {
    const texts = cells.map((cell, i) =>
      typeof cell === "string"
        ? cell
        : this.figure(`${this.name}/${name}/${this.columns[i]}`, cell),
    );
    this.print(name, texts);
  }

  private print(name: string, texts: readonly string[]): void {
    const cells = texts.map((text) => text.padStart(this.width));
    console.log((name.padEnd(NAME_WIDTH) + cells.join("")).trimEnd());
  }

  private figure(key: string, value: number): string {
    const before = this.saved.record(key, value);
    return before === undefined ? short(value) : `${short(value)} ${percent(value, before)}`;
  }
}

/** Exact below a million, but for fractions; else in millions. */
export function short(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  return value.toLocaleString("en", { maximumFractionDigits: 1 });
}

/** +1.5%; 0% says that it is the very same. */
export function percent(value: number, before: number): string {
  if (value === before) return "0%";
  const change = (100 * (value - before)) / before;
  return `${change > 0 ? "+" : ""}${change.toFixed(Math.abs(change) < 0.095 ? 2 : 1)}%`;
}

/** 12.3x */
export function ratio(value: number, other: number): string {
  return `${(value / other).toFixed(1)}x`;
}

/** A figure to keep or of others, and ours as a multiple of it: 9.00 M 0.77x */
export function beside(ours: number, theirs: number): string {
  return `${short(theirs)} ${(ours / theirs).toFixed(2)}x`;
}
