// Whole programs: the images of `npm run bench -- --chip`, wasm3 with the primitives and their
// translation to C, in both engines, from the start. The states are compared at many points on the
// way, so that a difference is found close to where it arises.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { Board, buildImage } from "../../../scripts/bench/m0plus/board.ts";
import type { Tier } from "../../../scripts/lib/tier.ts";
import { Random } from "../../../scripts/sim/random.ts";
import { compileEntry } from "../../harness/compile.ts";
import { assertSame } from "./pair.ts";

const LONGEST_STEP = 40_000;
const DATA = 60_000; // in the programs' memory, where their heap is not yet
const OUTPUT = 61_100;
const SHA256 = 4;
const P256 = 23;
const AES_128_GCM = 1;

interface Call {
  tier: Tier;
  name: string;
  args: number[];
  /** At least. */
  instructions: number;
}

const KEY = DATA + 600;
const seal = [AES_128_GCM, KEY, KEY + 32, KEY + 64, 13, DATA, 512];
const calls: Call[] = [
  { tier: "native", name: "ecdhPublicKey", args: [P256, OUTPUT, DATA], instructions: 2e6 },
  { tier: "native", name: "seal", args: seal, instructions: 1e5 },
  { tier: "wasm3", name: "hash", args: [SHA256, DATA, 1000, OUTPUT], instructions: 2e6 },
  { tier: "wasm3", name: "seal", args: seal, instructions: 1e6 },
];

for (const tier of ["native", "wasm3"] as const) {
  test(`${tier}: both engines agree all the way`, async () => {
    const random = new Random(1);
    const file = await compileEntry("bench");
    const [image, wasm] = [await buildImage(file, tier), readFileSync(file)];
    const translated = new Board(image, wasm);
    const interpreted = new Board(image, wasm, "interpreted");
    const boards = [translated, interpreted];
    assertSame(translated.chip, interpreted.chip, "started");
    for (const { name, args, instructions } of calls.filter((call) => call.tier === tier)) {
      for (const board of boards) board.prepare(name, ...args);
      const before = translated.chip.engine.instructions;
      do {
        const step = 1 + (random.next() % LONGEST_STEP);
        for (const { chip } of boards) chip.run(step);
        const at = `${name}, after ${interpreted.chip.engine.instructions} instructions`;
        assertSame(translated.chip, interpreted.chip, at);
      } while (!interpreted.chip.stopRequested);
      assert.ok(translated.chip.stopRequested);
      assert.ok(translated.chip.engine.instructions - before > instructions, name);
      for (const { chip } of boards) chip.run(LONGEST_STEP);
    }
  });
}
