// The RP2040 of a Board: 512 KB of SRAM, a clock without alarms, a debugger that stops it at BKPT.
// Its code in flash is translated (scripts/sim/thumb) or interpreted; both count the same cycles,
// which tests/sim/thumb/images.test.ts tries.

import { RP2040 } from "rp2040js";
import { Clock } from "../../sim/clock.ts";
import { fixCore } from "../../sim/core-fixes.ts";
import type { Engine } from "../../sim/engine.ts";
import { Markers } from "../../sim/markers.ts";
import { Translator, type Host } from "../../sim/thumb/engine.ts";

const FLASH = 0x10000000;
const SRAM_SIZE = 512 * 1024;
const BKPT = 0xbe;

function refuse(component: string, message: string): void {
  throw new Error(`the program ran astray: ${component}: ${message}`);
}

/** What the emulator warns of is always a fault of the program. */
const strict = { debug: () => {}, info: () => {}, warn: refuse, error: refuse };

/** rp2040js's, for a chip without interrupts. */
class Interpreter implements Engine {
  instructions = 0;

  constructor(private readonly chip: BenchChip) {}

  run(maximum: number): void {
    const { chip } = this;
    const end = this.instructions + maximum;
    while (this.instructions < end && !chip.stopRequested) {
      chip.core.executeInstruction();
      this.instructions++;
    }
  }
}

export class BenchChip extends RP2040 implements Host {
  declare readonly clock: Clock;
  readonly nanosPerCycle = 8;
  readonly markers = new Markers();
  readonly flashVersion = 0;
  readonly flashReadable = true;
  stopRequested = false;
  readonly engine: Engine;
  /** The number of the BKPT that it has stopped at. */
  stoppedAt = -1;

  constructor(image: Uint8Array, kind: "translated" | "interpreted") {
    super(new Clock());
    const sram = new Uint8Array(SRAM_SIZE);
    Object.assign(this, { sram, sramView: new DataView(sram.buffer), logger: strict });
    this.flash.set(image);
    this.onBreak = (code) => {
      this.stoppedAt = code;
      this.stopRequested = true;
    };
    fixCore(this);
    this.core.SP = this.readUint32(FLASH);
    this.core.PC = this.readUint32(FLASH + 4) & ~1;
    const interpreter = new Interpreter(this);
    this.engine = kind === "interpreted" ? interpreter : new Translator(this, interpreter);
  }

  /** Leaves the BKPT that it has stopped at, and runs to the next one, or about so far. */
  run(maximum: number): void {
    if (this.stopRequested && this.readUint16(this.core.PC) >>> 8 === BKPT) this.core.PC += 2;
    this.stopRequested = false;
    this.engine.run(maximum);
  }
}
