// What executes the instructions of an emulated chip, and the plain one: rp2040js's interpreter,
// instruction by instruction. Another engine (thumb/) must be indistinguishable from it.
//
// An engine advances the clock by `cycles * chip.nanosPerCycle`, calls the chip's markers before
// the instruction they stand at, turns a Fault that an instruction throws into chip.hardFault(),
// and returns soon after chip.stopRequested is set. Code in flash may change: chip.flashVersion
// counts that. While chip.flashReadable is false, neither code nor data can be read from it.

import type { Chip } from "./chip.ts";
import { Fault } from "./fault.ts";

export interface Engine {
  /** Runs until the core waits, a stop is requested, or about so many instructions are done. */
  run(maximum: number): void;
  /** Instructions executed since the chip was powered up. */
  readonly instructions: number;
}

export type EngineFactory = (chip: Chip) => Engine;

export class Interpreter implements Engine {
  instructions = 0;
  private at = 0;

  constructor(private readonly chip: Chip) {}

  run(maximum: number): void {
    const { chip } = this;
    const end = this.instructions + maximum;
    while (this.instructions < end && !chip.core.waiting && !chip.stopRequested) {
      try {
        this.burst(end);
      } catch (error) {
        if (!(error instanceof Fault) || error.byDma) throw error;
        chip.hardFault(error, this.at);
      }
    }
  }

  private burst(end: number): void {
    const { chip } = this;
    const { core, clock, markers } = chip;
    while (this.instructions < end && !core.waiting && !chip.stopRequested) {
      if (core.interruptsUpdated) core.checkForInterrupts();
      this.at = (core.PC & ~1) >>> 0;
      if (markers.size > 0) markers.reach(this.at);
      this.instructions++;
      clock.tick(core.executeInstruction() * chip.nanosPerCycle);
    }
  }
}
