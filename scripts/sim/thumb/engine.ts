// An Engine that translates the code in flash and ROM to JavaScript and is indistinguishable from
// the interpreter, which executes all that is not translated: code elsewhere, code that has not
// run often enough, system instructions, accesses to peripherals, and what faults.
//
// A translated block runs only where more cycles are left than it can take until the next alarm of
// the clock and the end of the budget; up to these, instructions go one by one. Interrupts come
// from alarms and from the core's own accesses only, so that every one is taken before the same
// instruction as in the interpreter: the bound on its delay is 0 cycles.

import type { RP2040 } from "rp2040js";
import type { Engine } from "../engine.ts";
import type { Block, State } from "./block.ts";
import { Cache, type Versions } from "./cache.ts";
import { Memory, type Memories } from "./memory.ts";
import { INTERPRET, MAXIMUM_CYCLES } from "./trace.ts";

/** In cycles: numbers that V8 keeps as small integers. */
const LONGEST_RUN = 1 << 30;

/** What the engine asks of a chip; more of it in ../engine.ts. */
export interface Host extends Memories, Versions {
  readonly core: RP2040["core"];
  readonly clock: { readonly nanos: number; readonly due: number; tick(nanos: number): void };
  readonly nanosPerCycle: number;
  readonly stopRequested: boolean;
}

export class Translator implements Engine {
  private readonly state: State;
  private readonly cache: Cache;
  private translated = 0;

  constructor(
    private readonly chip: Host,
    private readonly interpreter: Engine,
  ) {
    const memory = new Memory(chip);
    const registers = new Int32Array(chip.core.registers.buffer);
    this.state = Object.assign(memory, { registers, f: 0, c: 0, v: 0, left: 0, count: 0 });
    this.cache = new Cache(memory, chip);
  }

  get instructions(): number {
    return this.interpreter.instructions + this.translated;
  }

  /** How much has been translated, for those who measure. */
  get blocks(): number {
    return this.cache.translated;
  }

  run(maximum: number): void {
    const { chip } = this;
    const { core } = chip;
    const end = this.instructions + maximum;
    while (this.instructions < end && !core.waiting && !chip.stopRequested) {
      const onlyOne = !core.interruptsUpdated && this.runBlocks(end - this.instructions);
      if (this.instructions < end) this.interpret(end, onlyOne);
    }
  }

  /** One instruction, or up to where a block may be: behind a jump. */
  private interpret(end: number, onlyOne: boolean): void {
    const { chip, cache, interpreter } = this;
    const { core } = chip;
    let distance;
    do {
      const { PC } = core;
      interpreter.run(1);
      distance = core.PC - PC;
    } while (
      !onlyOne &&
      (distance === 2 || distance === 4) &&
      cache.find(core.PC) === undefined &&
      this.instructions < end &&
      !core.waiting &&
      !chip.stopRequested
    );
  }

  /** Whether it ended before an instruction that a block leaves to the interpreter. */
  private runBlocks(maximum: number): boolean {
    const { chip, cache, state } = this;
    const { core, clock } = chip;
    cache.update();
    let pc = core.PC & ~1;
    const cycles = this.cyclesAtLeast(maximum);
    let block: Block | undefined = cache.find(pc) ?? cache.arrive(pc);
    if (block === undefined || cycles <= MAXIMUM_CYCLES || (core.N && core.Z)) return false;
    this.begin(cycles);
    do {
      pc = block(state);
      if (state.left <= MAXIMUM_CYCLES || (pc & INTERPRET) !== 0) break;
      block = cache.find(pc) ?? cache.arrive(pc);
    } while (block !== undefined);
    this.end(pc);
    const spent = cycles - state.left;
    core.cycles += spent;
    clock.tick(spent * chip.nanosPerCycle);
    return (pc & INTERPRET) !== 0;
  }

  /** Cycles until the next alarm, in which there are not too many instructions either. */
  private cyclesAtLeast(maximum: number): number {
    const { clock, nanosPerCycle } = this.chip;
    const untilAlarm = Math.ceil((clock.due - clock.nanos) / nanosPerCycle);
    return Math.min(untilAlarm, maximum, LONGEST_RUN);
  }

  /** N and Z together, which translated code cannot represent, come from MSR and the stack only. */
  private begin(cycles: number): void {
    const { state } = this;
    const { N, Z, C, V } = this.chip.core;
    state.f = Z ? 0 : N ? -1 : 1;
    state.c = C ? 1 : 0;
    state.v = V ? 1 : 0;
    state.left = cycles;
    state.count = 0;
  }

  private end(pc: number): void {
    const { state } = this;
    const { core } = this.chip;
    core.PC = pc & ~INTERPRET;
    core.N = state.f < 0;
    core.Z = state.f === 0;
    core.C = state.c !== 0;
    core.V = state.v !== 0;
    this.translated += state.count;
  }
}
