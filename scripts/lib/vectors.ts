// What the test files say about their vectors: diagnostics `<what>: N run, M skipped (reasons)`.
// Their sum shows a suite that quietly ran less than yesterday. Of the Wycheproof files, each of
// which `<what>` names, no one may be missing: a file that nothing runs fails the whole run.

import { existsSync, readdirSync } from "node:fs";

/** One file of vectors on the engine that ran most of it. */
interface FileCount {
  run: number;
  skipped: number;
  reasons: string;
}

/** Adds up the vector lines of a report. */
export class Vectors {
  private sets = 0;
  private run = 0;
  private skipped = 0;
  private rest = "";
  private readonly files = new Map<string, FileCount>();

  /** Takes a piece of the report; a line may be cut anywhere. */
  add(text: string): void {
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop()!;
    for (const line of lines) this.addLine(line.trim());
  }

  /** Of the Wycheproof files in a folder, those of which not one case was run. */
  notRun(folder: string): string[] {
    const ran = (file: string): boolean => (this.files.get(file)?.run ?? 0) > 0;
    return wycheproofFiles(folder).filter((file) => !ran(file));
  }

  /** A line for each Wycheproof file: how many cases the best engine ran, and why not the rest. */
  table(folder: string): string[] {
    const counts = wycheproofFiles(folder).flatMap((file) => {
      const count = this.files.get(file);
      return count === undefined ? [] : [{ file, count }];
    });
    return counts.map(({ file, count: { run, skipped, reasons } }) =>
      skipped === 0 ? `# ${file}: all ${run}` : `# ${file}: ${run} of ${run + skipped}${reasons}`,
    );
  }

  toString(): string {
    return `# vectors ${this.run} run, ${this.skipped} skipped, in ${this.sets} sets`;
  }

  private addLine(line: string): void {
    const match = /^(?:#|ℹ) (.*): (\d+) run, (\d+) skipped\b(.*)$/.exec(line);
    if (match === null) return;
    const [, what, run, skipped, reasons] = match;
    const count = { run: Number(run), skipped: Number(skipped), reasons: reasons! };
    this.sets += 1;
    this.run += count.run;
    this.skipped += count.skipped;
    if (count.run >= (this.files.get(what!)?.run ?? 0)) this.files.set(what!, count);
  }
}

function wycheproofFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith("_test.json"))
    .sort();
}
