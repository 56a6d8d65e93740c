// Reads Wycheproof files (C2SP, testvectors_v1) and counts what was made of their cases.
//
// The files are not part of the project: they are read from ../shared/vectors/wycheproof, or from
// the folder that WYCHEPROOF_DIR names, and wycheproof() gives null where there are none. Every
// case of a file is either run or skipped for a stated reason, and the Tally prints both, so that
// a test which quietly runs nothing cannot look like one that passes.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export interface WycheproofCase {
  tcId: number;
  comment: string;
  flags: string[];
  result: "valid" | "invalid" | "acceptable";
}

/** A group: its cases, and beside them the parameters that they share (key size, public key). */
export type WycheproofGroup<Case, Shared = object> = Shared & {
  type: string;
  tests: (Case & WycheproofCase)[];
};

export interface WycheproofFile<Case, Shared = object> {
  file: string;
  algorithm: string;
  numberOfTests: number;
  groups: WycheproofGroup<Case, Shared>[];
}

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
/** Where the files are, if they are. */
export const wycheproofFolder =
  process.env.WYCHEPROOF_DIR ?? path.join(root, "../shared/vectors/wycheproof");

/** The file by its name (with or without "_test.json"), or null where it is not here. */
export function wycheproof<Case, Shared = object>(
  file: string,
): WycheproofFile<Case, Shared> | null {
  const name = file.endsWith(".json") ? file : `${file}_test.json`;
  const at = path.join(wycheproofFolder, name);
  if (!existsSync(at)) return null;
  const json = JSON.parse(readFileSync(at, "utf8")) as {
    algorithm: string;
    numberOfTests: number;
    testGroups: WycheproofGroup<Case, Shared>[];
  };
  const groups = json.testGroups;
  const found = groups.reduce((n, group) => n + group.tests.length, 0);
  if (found !== json.numberOfTests)
    throw new Error(`${name}: ${found} cases, not ${json.numberOfTests}`);
  return { file: name, algorithm: json.algorithm, numberOfTests: found, groups };
}

/**
 * A deterministic subset for slow engines: of each group, the first `perKind` cases of every kind,
 * a kind being a result together with one flag. All groups, flags and results stay covered.
 */
export function sample<Case, Shared>(
  groups: WycheproofGroup<Case, Shared>[],
  perKind: number,
): Set<WycheproofCase> {
  const chosen = new Set<WycheproofCase>();
  for (const group of groups) {
    const seen = new Map<string, number>();
    for (const test of group.tests) {
      const kinds = (test.flags.length > 0 ? test.flags : [""]).map(
        (flag) => `${test.result} ${flag}`,
      );
      if (!kinds.some((kind) => (seen.get(kind) ?? 0) < perKind)) continue;
      for (const kind of kinds) seen.set(kind, (seen.get(kind) ?? 0) + 1);
      chosen.add(test);
    }
  }
  return chosen;
}

/** Counts the cases of one file that were run, and those skipped by reason. */
export class Tally {
  run = 0;
  private readonly reasons = new Map<string, number>();

  constructor(private readonly what: string) {}

  ran(): void {
    this.run += 1;
  }

  skip(reason: string): void {
    this.reasons.set(reason, (this.reasons.get(reason) ?? 0) + 1);
  }

  get skipped(): number {
    return [...this.reasons.values()].reduce((sum, n) => sum + n, 0);
  }

  toString(): string {
    const reasons = [...this.reasons].map(([reason, n]) => `${n} ${reason}`);
    const skipped = reasons.length === 0 ? "" : ` (${reasons.join(", ")})`;
    return `${this.what}: ${this.run} run, ${this.skipped} skipped${skipped}`;
  }

  /** Prints the counts into the test's report; all `expected` cases must be among them. */
  report(t: { diagnostic(message: string): void }, expected?: number): void {
    t.diagnostic(this.toString());
    if (this.run === 0) throw new Error(`${this.what}: not one case was run`);
    if (expected !== undefined && this.run + this.skipped !== expected) {
      throw new Error(
        `${this.what}: ${expected} cases, but ${this.run + this.skipped} accounted for`,
      );
    }
  }
}
