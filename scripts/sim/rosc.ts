// The ring oscillator (datasheet, 2.17) as a source of random bits: pseudo-random ones here, so
// that a run repeats. A test breaks it at will, to see that the firmware notices.

import { BasePeripheral } from "rp2040js";
import type { Chip } from "./chip.ts";
import { Random } from "./random.ts";

export interface BitSource {
  bit(): number;
}

/** How an oscillator fails: always the same bit, or ones with another probability than 1/2. */
export type OscillatorFailure = { stuckAt: 0 | 1 } | { ones: number };

/** Outlives the chip's resets: each boot sees other bits. */
export class RingOscillator implements BitSource {
  failure: OscillatorFailure | null = null;
  private readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  bit(): number {
    const { failure } = this;
    if (failure === null) return this.random.next() >>> 31;
    if ("stuckAt" in failure) return failure.stuckAt;
    return this.random.fraction() < failure.ones ? 1 : 0;
  }
}

const CTRL = 0x00;
const STATUS = 0x18;
const RANDOMBIT = 0x1c;
const COUNT = 0x20;
const DISABLED = 0xd1e;
const STATUS_RUNNING = 0x80001000; // stable, enabled

export class Rosc extends BasePeripheral {
  private readonly registers = new Map<number, number>([[CTRL, 0xaa0]]);

  constructor(
    chip: Chip,
    private readonly source: BitSource,
  ) {
    super(chip, "ROSC");
  }

  override readUint32(offset: number): number {
    if (offset === STATUS) return this.running ? STATUS_RUNNING : 0;
    if (offset === RANDOMBIT) return this.running ? this.source.bit() : 1;
    if (offset > COUNT) return super.readUint32(offset);
    return this.registers.get(offset) ?? 0;
  }

  override writeUint32(offset: number, value: number): void {
    if (offset > COUNT) super.writeUint32(offset, value);
    else this.registers.set(offset, value);
  }

  private get running(): boolean {
    return ((this.registers.get(CTRL)! >>> 12) & 0xfff) !== DISABLED;
  }
}
