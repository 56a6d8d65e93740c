// Each encoding in a block of its own, from random states, against the interpreter; and all values
// of a halfword, of which none may be translated that should not be.

import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../../scripts/sim/random.ts";
import { INTERPRETED, TRANSLATED, TRANSLATED_WIDE, encode } from "./encodings.ts";
import { FLASH, Pair } from "./pair.ts";

const ENOUGH = 60;
const ATTEMPTS = 100 * ENOUGH;
const PLACES = 1024;
const UNDEFINED = 0xde00; // is never part of a block
const MANY_CYCLES = 1000;

const random = new Random(1);
const pair = new Pair(random);

/** Executes it once; whether it was translated. */
function tryOne(code: number[], name: string): boolean {
  const address = FLASH + 0x4000 + 2 * (random.next() % PLACES);
  pair.prepare(address, [...code, UNDEFINED]);
  const halfwords = code.map((halfword) => halfword.toString(16)).join(" ");
  return pair.run(address, MANY_CYCLES, `${name} (${halfwords})`) > 0;
}

for (const [name, pattern] of Object.entries({ ...TRANSLATED, ...TRANSLATED_WIDE })) {
  test(`${name} does what the interpreter does`, () => {
    let translated = 0;
    for (let i = 0; i < ATTEMPTS && translated < ENOUGH; i++) {
      translated += Number(tryOne(encode(pattern, random), name));
    }
    assert.equal(translated, ENOUGH, "too few were executed: the others had wrong addresses");
  });
}

test("the rest is left to the interpreter", () => {
  for (const [name, pattern] of Object.entries(INTERPRETED)) {
    for (let i = 0; i < ENOUGH; i++) assert.ok(!tryOne(encode(pattern, random), name), name);
  }
});

test("all halfwords, with any second one", () => {
  let translated = 0;
  for (let halfword = 0; halfword < 0x10000; halfword += 1 + (random.next() % 7)) {
    translated += Number(tryOne([halfword, random.next() & 0xffff], "any"));
  }
  assert.ok(translated > 5000, `only ${translated}`);
});
