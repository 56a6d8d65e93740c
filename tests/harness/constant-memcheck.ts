// What the tests under valgrind share: the ways to build a program, and the assertion that it runs
// its subjects without a branch or an address that depends on a secret. What that means and what it
// cannot see: tests/constant-time-native.test.ts.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { decodeBody } from "../../scripts/aot/instructions.ts";
import { decodeModule } from "../../scripts/aot/module.ts";
import { OPERATORS } from "../../scripts/aot/operators.ts";
import type { LimbBits } from "../../scripts/lib/limbs.ts";
import { compileEntry } from "./compile.ts";
import { Memcheck } from "./memcheck.ts";
import type { Tier } from "./runner-build.ts";

interface Variant {
  name: string;
  tier: Tier;
  flags: string[];
  limbs?: LimbBits;
}

export const VARIANTS: Variant[] = [
  { name: "native, -O2", tier: "native", flags: ["-O2"] },
  { name: "native, -Os", tier: "native", flags: ["-Os"] },
  { name: "wasm3", tier: "wasm3", flags: [] },
];
const WIDE: Variant[] = [
  { name: "native, -O2, limbs of 26 bits", tier: "native", flags: ["-O2"], limbs: 26 },
];

export interface Declassified {
  /** Branches taken on what is public, in one run: interpreted, and at most when compiled. */
  branches: number;
  /** The C functions in which they are. */
  where: RegExp;
}

const NOTHING: Declassified = { branches: 0, where: /^$/ };
export interface Subject {
  name: string;
  declassified?: Declassified;
  run(m: Memcheck): void;
}

/** Otherwise nothing was tested: the secrets have got as far as the output. */
export function assertDerived(m: Memcheck, p: number, n: number): void {
  assert.equal(m.tainted(p, n), n, "the output does not depend on the secret");
}

/** A test for each variant: the subjects in the program tests/entry/<entry>.ts. */
export function testSubjects(entry: string, subjects: Subject[]): void {
  testVariants(entry, subjects, VARIANTS);
}

/** The same for what computes with big numbers, with wide limbs. */
export function testWideSubjects(entry: string, subjects: Subject[]): void {
  testVariants(entry, subjects, WIDE);
}

function testVariants(entry: string, subjects: Subject[], variants: Variant[]): void {
  for (const { name, tier, flags, limbs } of variants) {
    test(`no branch and no address depends on a secret: ${name}`, async (t) => {
      const m = await Memcheck.open(entry, tier, flags, limbs);
      for (const { name: what, declassified = NOTHING, run } of subjects) {
        run(m);
        const { count, places } = m.finish();
        // what is interpreted has no places of its own
        const public_ = tier === "wasm3" ? /^Conditional jump/ : declassified.where;
        const secret = places.filter((place) => !public_.test(place));
        assert.deepEqual(secret, [], what);
        assert.ok(count <= declassified.branches, `${what}: ${count} reports`);
        if (count > 0) t.diagnostic(`${what}: ${count} branches on what is public`);
      }
      m.close();
      t.diagnostic(`${subjects.length} subjects`);
    });
  }
}

/** The divisions in a module: `function: instruction`. */
export async function divisionsIn(entry: string): Promise<string[]> {
  const module = decodeModule(readFileSync(await compileEntry(entry)));
  const defined = module.functions.filter((f) => f.import === null);
  return defined.flatMap((f) =>
    decodeBody(module, f)
      .map((i) => OPERATORS.get(i.op)?.name ?? "")
      .filter((name) => /\.(div|rem)_/.test(name))
      .map((name) => `${f.name.split("/").at(-1)}: ${name}`),
  );
}
