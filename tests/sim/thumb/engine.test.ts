// The translator as an Engine, against the interpreter: a program with interrupts (program.c) is
// run in steps of random length, and after each of them both chips are in the same state, down to
// the cycle and the instruction that an interrupt has come in at.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import test, { before } from "node:test";
import type { Chip } from "../../../scripts/sim/chip.ts";
import { exec, root } from "../../../scripts/lib/exec.ts";
import { Clock } from "../../../scripts/sim/clock.ts";
import { Interpreter, type Engine } from "../../../scripts/sim/engine.ts";
import { Markers } from "../../../scripts/sim/markers.ts";
import { Random } from "../../../scripts/sim/random.ts";
import { Translator } from "../../../scripts/sim/thumb/engine.ts";
import { FLASH, assertSame, makeChip } from "./pair.ts";

const NANOS_PER_CYCLE = 8;
const SRAM_SIZE = 512 * 1024;
const DONE = 0;
const ADD = 0x30; // the high byte of ADDS r0, #1
const WAIT_NANOS = 500;
const LONGEST_STEP = 5000;

let image: Uint8Array;
let symbols: string;

before(async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "wassl-thumb-"));
  try {
    const elf = path.join(folder, "program.elf");
    const binary = path.join(folder, "program.bin");
    const flags = ["-mcpu=cortex-m0plus", "-mthumb", "-std=gnu11", "-O2", "-Wall", "-Wextra"];
    const script = ["-T", path.join(root, "scripts/bench/m0plus/image.ld")];
    const link = ["-nostartfiles", "-Wl,--no-warnings", ...script];
    const source = path.join(root, "tests/sim/thumb/program.c");
    await exec("arm-none-eabi-gcc", [...flags, "-Werror", ...link, source, "-o", elf]);
    await exec("arm-none-eabi-objcopy", ["-O", "binary", elf, binary]);
    symbols = await exec("arm-none-eabi-nm", [elf]);
    image = readFileSync(binary);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function addressOf(name: string): number {
  const found = new RegExp(`^([0-9a-f]+) . ${name}$`, "m").exec(symbols);
  assert.ok(found, `the program has no ${name}`);
  return parseInt(found[1], 16);
}

/** A chip with the program, and what runs it. */
class Run {
  readonly clock = new Clock();
  readonly chip;
  readonly engine: Engine;
  /** What the markers have seen. */
  readonly seen: number[] = [];
  done = false;

  constructor(makeEngine: (chip: Chip) => Engine) {
    this.chip = Object.assign(makeChip(this.clock, SRAM_SIZE), {
      markers: new Markers(),
      nanosPerCycle: NANOS_PER_CYCLE,
      flashVersion: 0,
      flashReadable: true,
      stopRequested: false,
    });
    const { chip } = this;
    chip.onBreak = (code) => {
      assert.equal(code, DONE);
      this.done = chip.stopRequested = true;
    };
    chip.flash.set(image);
    chip.core.VTOR = FLASH;
    chip.core.SP = chip.readUint32(FLASH);
    chip.core.PC = chip.readUint32(FLASH + 4) & ~1;
    this.engine = makeEngine(chip as unknown as Chip);
  }

  /** Sleeping takes no instructions. */
  step(instructions: number): void {
    if (this.chip.core.waiting) this.clock.tick(WAIT_NANOS);
    else this.engine.run(instructions);
  }

  mark(address: number): void {
    const { core } = this.chip;
    this.chip.markers.add(address, () => this.seen.push(core.registers[0], core.cycles));
  }

  /** In one instruction of changing(), another constant. */
  patch(constant: number): void {
    const { chip } = this;
    let at = addressOf("changing") - FLASH;
    while (chip.flash[at + 1] !== ADD) at += 2;
    chip.flash[at] = constant;
    chip.flashVersion++;
  }
}

/** Both, in step. */
class Race {
  /** Executes what the translator does not. */
  remainder!: Interpreter;
  translator!: Translator;
  readonly translated = new Run((chip) => {
    this.remainder = new Interpreter(chip);
    this.translator = new Translator(chip, this.remainder);
    return this.translator;
  });
  readonly interpreted = new Run((chip) => new Interpreter(chip));
  steps = 0;

  constructor(private readonly random: Random) {}

  step(longest: number): void {
    const instructions = 1 + (this.random.next() % longest);
    for (const run of [this.translated, this.interpreted]) run.step(instructions);
    this.steps++;
    this.compare();
  }

  toTheEnd(longest: number): void {
    while (!this.translated.done) this.step(longest);
    assert.ok(this.interpreted.done);
  }

  private compare(): void {
    const [a, b] = [this.translated, this.interpreted];
    const what = `after step ${this.steps}, ${b.engine.instructions} instructions`;
    assertSame(a.chip, b.chip, what);
    assert.equal(a.engine.instructions, b.engine.instructions, what);
    assert.equal(a.clock.nanos, b.clock.nanos, what);
    assert.equal(a.chip.core.waiting, b.chip.core.waiting, what);
    assert.deepEqual(a.seen, b.seen, what);
  }
}

function wordAt(run: Run, name: string): number {
  return run.chip.readUint32(addressOf(name));
}

test("interrupts come at the same instruction: the bound on their delay is 0 cycles", () => {
  const race = new Race(new Random(1));
  race.toTheEnd(LONGEST_STEP);
  const { translated, remainder, translator } = race;
  assert.ok(wordAt(translated, "alarms") > 300 && wordAt(translated, "ticks") > 300);
  assert.ok(race.steps > 300, `${race.steps} comparisons`);
  const share = 1 - remainder.instructions / translator.instructions;
  assert.ok(share > 0.5, `only ${share} of the instructions were translated`);
});

test("however short the runs are", () => {
  const race = new Race(new Random(2));
  for (let i = 0; i < 2000; i++) race.step(200);
  assert.ok(race.translator.blocks > 20, `${race.translator.blocks} blocks`);
});

test("code that changes in flash is translated again", () => {
  const race = new Race(new Random(3));
  const runs = [race.translated, race.interpreted];
  for (let constant = 2; constant < 6; constant++) {
    for (let i = 0; i < 60; i++) race.step(LONGEST_STEP);
    for (const run of runs) run.patch(constant);
  }
  race.toTheEnd(LONGEST_STEP);
});

test("markers are called before their instruction, also those that are added later", () => {
  const race = new Race(new Random(4));
  const runs = [race.translated, race.interpreted];
  for (const name of ["marked", "on_alarm"]) {
    for (let i = 0; i < 60; i++) race.step(LONGEST_STEP);
    for (const run of runs) run.mark(addressOf(name));
  }
  const first = addressOf("marked") + 2; // in the middle of a block
  for (const run of runs) run.mark(first);
  race.toTheEnd(LONGEST_STEP);
  assert.ok(race.translated.seen.length > 500);
});

test("nothing translated runs while the flash cannot be read", () => {
  const race = new Race(new Random(5));
  for (let i = 0; i < 60; i++) race.step(LONGEST_STEP);
  race.translated.chip.flashReadable = false;
  const before = race.translator.instructions - race.remainder.instructions;
  for (let i = 0; i < 20; i++) race.step(LONGEST_STEP);
  assert.equal(race.translator.instructions - race.remainder.instructions, before);
});
