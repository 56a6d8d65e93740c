// The profiler of calls, over small firmwares whose calls are known: nested, repeated, through
// pointers, tail calls, recursion, a longjmp over marked functions. Both engines count the same.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { Profile, type Rule, type Stage } from "../../scripts/bench/board/profile.ts";
import type { Piece } from "../../scripts/lib/link-map.ts";
import { interpreted, translated } from "../../scripts/sim/engines.ts";
import { linesOf, startBoard } from "../sim/firmware.ts";

type Phase = "outside" | "outer" | "inner" | "deep";

const NAMES = ["outer", "inner", "spin"];
const SOURCE = `
#define MARKED __attribute__((noinline, noipa))
static void *where[5];
MARKED static void spin(uint32_t n) { for (uint32_t i = 0; i < n; i++) __asm volatile("nop"); }
MARKED static void inner(uint32_t n) { spin(n); __asm volatile(""); }
MARKED static void tail(uint32_t n) { spin(10); inner(n); }
MARKED static void leap(uint32_t n) { inner(n); __builtin_longjmp(where, 1); }
MARKED static void outer(uint32_t n) {
    void (*volatile through)(uint32_t) = inner;
    spin(1000);
    if (n > 0) outer(n - 1);
    inner(100);
    through(100);
    tail(100);
    spin(1000);
}
MARKED static void jumping(void) {
    if (__builtin_setjmp(where) == 0) leap(50);
}
void main(void) {
    print("outer=", (uint32_t)outer);
    print("inner=", (uint32_t)inner);
    print("spin=", (uint32_t)spin);
    spin(5000);
    outer(2);
    jumping();
    spin(5000);
    inner(100);
}`;

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

test("each cycle belongs to the innermost phase", async (t) => {
  const pieces = await piecesOf(t);
  const spent = await profileOf(t, pieces, [rule("outer", "outer"), rule("inner", "inner")]);
  const phases = spent.get("start")!;
  // Three outer, each with three inner: directly, through a pointer, through a tail call; one
  // inner before the longjmp, one at the end.
  assert.equal(phases.get("outer")!.entries, 3);
  assert.equal(phases.get("inner")!.entries, 3 * 3 + 2);
  const loop = 4; // cycles of a turn of spin: nop, adds, cmp, bne without the jump's second cycle
  const inner = phases.get("inner")!.cycles / (10 * 100 + 50);
  assert.ok(inner >= loop && inner < loop + 2, `${inner} cycles a turn`);
  const outer = phases.get("outer")!.cycles / (3 * (2000 + 10));
  assert.ok(outer >= loop && outer < loop + 2, `${outer} cycles a turn`);
});

test("a rule within a phase goes before the next one for the function", async (t) => {
  const pieces = await piecesOf(t);
  const spent = await profileOf(t, pieces, [
    rule("outer", "outer"),
    rule("deep", "spin", "outer"),
    rule("inner", "inner"),
  ]);
  const phases = spent.get("start")!;
  // Of the eleven calls of inner, two are outside of outer: their spin stays theirs.
  assert.equal(phases.get("deep")!.entries, 3 * (2 + 1 + 3));
  assert.equal(phases.get("inner")!.entries, 3 * 3 + 2);
  assert.ok(phases.get("deep")!.cycles > 10 * phases.get("inner")!.cycles);
});

test("stages follow each other, each begun by its first call alone", async (t) => {
  const pieces = await piecesOf(t);
  const stages = [
    { name: "spinning", object: "test.o", function: "spin" },
    { name: "working", object: "test.o", function: "outer" },
  ];
  const spent = await profileOf(t, pieces, [rule("inner", "inner")], stages);
  assert.deepEqual([...spent.keys()], ["start", "spinning", "working"]);
  const spinning = spent.get("spinning")!.get("outside")!.cycles;
  assert.ok(spinning > 4 * 5000 && spinning < 6 * 5000 + 1000, `${spinning}`);
  assert.equal(spent.get("working")!.get("inner")!.entries, 3 * 3 + 2);
});

test("a function that is not in the firmware is an error", async (t) => {
  const pieces = await piecesOf(t);
  const board = await startBoard(t, SOURCE);
  assert.throws(
    () => new Profile(board, pieces, [rule("inner", "gone")], "outside", []),
    /the firmware has no function gone \(test\.o\)/,
  );
});
