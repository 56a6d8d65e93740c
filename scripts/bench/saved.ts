// The figures of an earlier run, build/bench/saved.json, and those of this one.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

export class Saved {
  private readonly before: Record<string, number>;
  private readonly now: Record<string, number> = {};

  constructor(private readonly file: string) {
    const text = existsSync(file) ? readFileSync(file, "utf8") : "{}";
    this.before = JSON.parse(text) as Record<string, number>;
  }

  get isEmpty(): boolean {
    return Object.keys(this.before).length === 0;
  }

  /** Keeps a figure; gives the one of the saved run. */
  record(key: string, value: number): number | undefined {
    this.now[key] = value;
    return this.before[key];
  }

  /** Saves this run's figures; those that it did not measure stay as they were. */
  save(): void {
    const all = Object.entries({ ...this.before, ...this.now }).sort(([a], [b]) =>
      a < b ? -1 : 1,
    );
    mkdirSync(path.dirname(this.file), { recursive: true });
    writeFileSync(this.file, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
  }
}
