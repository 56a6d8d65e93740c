// Random code of many instructions as one block: straight ahead, with branches out of it, with
// loops, against the interpreter.

import assert from "node:assert/strict";
import test from "node:test";
import { Random } from "../../../scripts/sim/random.ts";
import { MAXIMUM_CYCLES } from "../../../scripts/sim/thumb/trace.ts";
import { TRANSLATED, TRANSLATED_WIDE, encode } from "./encodings.ts";
import { FLASH, FLASH_SIZE, Pair } from "./pair.ts";

const BLOCKS = 400;
const LONGEST = 200;
const MANY_CYCLES = 4000;

const random = new Random(2);
const pair = new Pair(random);
const JUMP = /^(B|POP PC|ADD PC|MOV PC|ADD high|MOV high)/;
const MEMORY = /^(LD|ST|PUSH|POP)/;
const all = Object.entries({ ...TRANSLATED, ...TRANSLATED_WIDE });
const withoutJumps = all.filter(([name]) => !JUMP.test(name) || name === "BICS");
const withoutMemory = withoutJumps.filter(([name]) => !MEMORY.test(name));
const branches = all.filter(([name]) => /^B [EHG]/.test(name));

function some(from: [string, string][]): number[] {
  return encode(from[random.next() % from.length][1], random);
}

/** At least so many halfwords. */
function sequence(from: [string, string][], length: number): number[] {
  const code: number[] = [];
  while (code.length < length) code.push(...some(from));
  return code;
}

/** A conditional branch that stands behind `length` halfwords, to the first of them. */
function back(length: number): number {
  const offset = -(length + 2) & 0xff;
  return (encode(branches[random.next() % branches.length][1], random)[0] & 0xff00) | offset;
}

/** Runs it, at a random place; how many instructions were translated code. */
function run(code: number[], cycles: number): number {
  const address = FLASH + ((random.next() % (FLASH_SIZE / 2)) & ~1);
  pair.prepare(address, code);
  const halfwords = code.map((halfword) => halfword.toString(16)).join(" ");
  return pair.run(address, cycles, halfwords);
}

function cycles(): number {
  return MAXIMUM_CYCLES + 1 + (random.next() % MANY_CYCLES);
}

test("straight code up to what ends a block", () => {
  let longest = 0;
  for (let i = 0; i < BLOCKS; i++) {
    const code = sequence(i & 1 ? all : withoutMemory, random.next() % LONGEST);
    longest = Math.max(longest, run([...code, ...some(all), 0xde00], cycles()));
  }
  assert.ok(longest > 50, `the longest had ${longest} instructions`);
});

test("code with branches out of it", () => {
  for (let i = 0; i < BLOCKS; i++) {
    const code: number[] = [];
    while (code.length < 40) code.push(...sequence(withoutMemory, 4), ...some(branches));
    run([...code, 0xde00], cycles());
  }
});

test("loops, until the cycles are used", () => {
  let instructions = 0;
  for (let i = 0; i < BLOCKS; i++) {
    const body = sequence(i % 4 ? withoutMemory : withoutJumps, 1 + (random.next() % 20));
    instructions += run([...body, back(body.length), 0xde00], cycles());
  }
  assert.ok(instructions > 100 * BLOCKS, `${instructions} in ${BLOCKS} loops`);
});

test("a block takes no more cycles than there are", () => {
  const loop = [0x3001, 0xe7fd]; // ADDS r0, #1; B back
  for (let limit = MAXIMUM_CYCLES + 1; limit < MAXIMUM_CYCLES + 20; limit++) {
    const instructions = run(loop, limit);
    assert.ok(instructions > 0 && (instructions / 2) * 3 <= limit, `${instructions} of ${limit}`);
  }
});
