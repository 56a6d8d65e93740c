// The profiler of calls, over a small firmware whose calls are known: nested, repeated, recursive,
// through a pointer, a longjmp out of marked functions. Both engines count the same.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { Profile, type Rule, type Stage } from "../../scripts/bench/board/profile.ts";
import type { Piece } from "../../scripts/lib/link-map.ts";
import { interpreted, translated } from "../../scripts/sim/engines.ts";
import { linesOf, startBoard } from "../sim/firmware.ts";

type Phase = "outside" | "outer" | "inner" | "deep";

const NAMES = ["outer", "inner", "spin", "leap", "again"];
const SOURCE = `
#define MARKED __attribute__((noinline, noipa))
static void *where[5];
MARKED static void spin(uint32_t n) { for (uint32_t i = 0; i < n; i++) __asm volatile("nop"); }
MARKED static void inner(uint32_t n) { spin(n); __asm volatile(""); }
MARKED static void leap(uint32_t n) { inner(n); __builtin_longjmp(where, 1); }
MARKED static void outer(uint32_t n) {
    void (*volatile through)(uint32_t) = inner;
    spin(1000);
    if (n > 0) outer(n - 1);
    inner(100);
    through(100);
    spin(1000);
}
MARKED static void jumping(void) {
    if (__builtin_setjmp(where) != 0) return;
    leap(50);
    spin(1); // leap does not come back here
}
// The jump leads to where the call returns to.
__attribute__((naked, noinline)) static void again(uint32_t n) {
    (void)n;
    __asm volatile("push {r4, lr}\\n mov r4, r0\\n ldr r0, =1000\\n bl spin\\n"
                   "cmp r4, #0\\n beq 1f\\n sub r0, r4, #1\\n bl again\\n"
                   "1: ldr r0, =1000\\n bl spin\\n pop {r4, pc}\\n .pool");
}
void main(void) {
    print("outer=", (uint32_t)outer);
    print("inner=", (uint32_t)inner);
    print("spin=", (uint32_t)spin);
    print("leap=", (uint32_t)leap);
    print("again=", (uint32_t)again);
    spin(5000);
    outer(2);
    jumping();
    inner(100);
    spin(9000);
    again(2);
}`;
/** Calls of inner: by each of three outer directly and through a pointer, by leap, by main. */
const INNER = 3 * 2 + 2;
/** Cycles of a turn of spin: nop, adds, cmp, a branch of one or two. */
const TURN = 4;

const rule = (phase: Phase, name: string, within?: Phase): Rule<Phase> => {
  return { phase, object: "test.o", functions: [name], within };
};

/** What the linker's map would say: the functions, and that code lies around them. */
async function piecesOf(t: TestContext): Promise<Piece[]> {
  const lines = await linesOf(await startBoard(t, SOURCE));
  const functions = NAMES.map((name): Piece => {
    const text = lines.find((line) => line.startsWith(`${name}=`))!;
    const address = parseInt(text.slice(name.length + 1), 16) & ~1;
    return { output: ".text", input: `.text.${name}.isra.0`, address, size: 0, object: "a/test.o" };
  });
  const code = { input: "*fill*", address: 0x10000100, size: 0x800, object: "" };
  return [...functions, { output: ".text", ...code }];
}

async function profileOf(
  t: TestContext,
  pieces: readonly Piece[],
  rules: readonly Rule<Phase>[],
  stages: readonly Stage[] = [],
) {
  const results = [];
  for (const engine of [translated, interpreted]) {
    const board = await startBoard(t, SOURCE, { engine });
    const profile = new Profile(board, pieces, rules, "outside", stages);
    await linesOf(board);
    profile.settle();
    const all = [...profile.spent.values()].flatMap((phases) => [...phases.values()]);
    assert.equal(
      all.reduce((sum, { cycles }) => sum + cycles, 0),
      board.cycles,
      "every cycle belongs to a phase",
    );
    results.push(profile.spent);
  }
  assert.deepEqual(results[0], results[1]);
  return results[0];
}

/** That cycles are those of so many turns of spin, and a little. */
function assertTurns(cycles: number, turns: number): void {
  assert.ok(cycles >= TURN * turns && cycles < (TURN + 2) * turns, `${cycles} for ${turns} turns`);
}

test("each cycle belongs to the innermost phase", async (t) => {
  const pieces = await piecesOf(t);
  const spent = await profileOf(t, pieces, [rule("outer", "outer"), rule("inner", "inner")]);
  const phases = spent.get("start")!;
  assert.equal(phases.get("outer")!.entries, 3);
  assert.equal(phases.get("inner")!.entries, INNER);
  assertTurns(phases.get("inner")!.cycles, 7 * 100 + 50);
  assertTurns(phases.get("outer")!.cycles, 3 * 2000);
});

test("a recursive function that jumps to its own return address has not returned", async (t) => {
  const pieces = await piecesOf(t);
  const rules = [rule("deep", "again", "outer"), rule("outer", "again")];
  const phases = (await profileOf(t, pieces, rules)).get("start")!;
  assert.equal(phases.get("outer")!.entries, 1);
  assert.equal(phases.get("deep")!.entries, 2);
  assertTurns(phases.get("outer")!.cycles, 2000);
  assertTurns(phases.get("deep")!.cycles, 2 * 2000);
});

test("what a longjmp has left is forgotten at the next mark", async (t) => {
  const pieces = await piecesOf(t);
  const rules = [rule("deep", "leap"), rule("inner", "inner")];
  const phases = (await profileOf(t, pieces, rules)).get("start")!;
  assert.equal(phases.get("deep")!.entries, 1);
  assert.ok(phases.get("deep")!.cycles < 500);
});

test("a rule within a phase goes before the next one for the function", async (t) => {
  const pieces = await piecesOf(t);
  const spent = await profileOf(t, pieces, [
    rule("outer", "outer"),
    rule("deep", "spin", "outer"),
    rule("inner", "inner"),
  ]);
  const phases = spent.get("start")!;
  // Of the calls of inner, two are outside of outer: their spin stays theirs.
  assert.equal(phases.get("deep")!.entries, 3 * (2 + 2));
  assert.equal(phases.get("inner")!.entries, INNER);
  assertTurns(phases.get("deep")!.cycles, 3 * (2000 + 200));
});

test("only what is called through a pointer needs a mark during the run", async (t) => {
  const pieces = await piecesOf(t);
  const board = await startBoard(t, SOURCE);
  const rules = [rule("outer", "outer"), rule("inner", "inner")];
  const profile = new Profile(board, pieces, rules, "outside", []);
  const { markers } = board.machine.chip;
  const before = markers.size;
  await linesOf(board);
  profile.settle();
  assert.equal(markers.size - before, 1);
});

test("stages follow each other, each begun by its first call alone", async (t) => {
  const pieces = await piecesOf(t);
  const stages = [
    { name: "spinning", object: "test.o", function: "spin" },
    { name: "working", object: "test.o", function: "outer" },
  ];
  const spent = await profileOf(t, pieces, [rule("inner", "inner")], stages);
  assert.deepEqual([...spent.keys()], ["start", "spinning", "working"]);
  assertTurns(spent.get("spinning")!.get("outside")!.cycles, 5000);
  assert.equal(spent.get("working")!.get("inner")!.entries, INNER);
});

test("a function that is not in the firmware is an error", async (t) => {
  const pieces = await piecesOf(t);
  const board = await startBoard(t, SOURCE);
  assert.throws(
    () => new Profile(board, pieces, [rule("inner", "gone")], "outside", []),
    /the firmware has no function gone \(test\.o\)/,
  );
});
