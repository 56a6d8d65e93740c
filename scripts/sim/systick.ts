// SysTick (ARMv6-M, B3.3), counting the core's clock down: it becomes pending when it reaches zero
// by counting, not when it is set to zero.

import { nanosPerCycle, type Alarm } from "./clock.ts";
import type { Chip } from "./chip.ts";

const CSR = 0xe000e010;
const RVR = 0xe000e014;
const CVR = 0xe000e018;
const CALIB = 0xe000e01c;
const ENABLE = 1;
const INTERRUPT = 2;
const CORE_CLOCK = 4;
const COUNTED = 1 << 16;
const MASK = 0xffffff;

export class SysTick {
  private control = 0;
  private reload = 0;
  private value = 0; // of the counter at the time `since`
  private since = 0;
  private counted = false;
  private period: number; // of a cycle, in nanoseconds
  private readonly zero: Alarm;

  constructor(private readonly chip: Chip) {
    this.zero = chip.clock.createAlarm(() => this.reach());
    this.period = chip.nanosPerCycle;
    chip.addClockListener((hertz) => {
      const count = this.count();
      this.period = nanosPerCycle(hertz);
      this.restart(count);
    });
  }

  isRegister(address: number): boolean {
    return address >= CSR && address <= CALIB;
  }

  read(address: number): number {
    if (address === RVR) return this.reload;
    if (address === CVR) return this.count();
    if (address === CALIB) return 0xc0000000; // no reference clock to calibrate
    const { counted } = this;
    this.counted = false;
    return this.control | (counted ? COUNTED : 0);
  }

  write(address: number, value: number): void {
    const count = this.count();
    if (address === RVR) this.reload = value & MASK;
    if (address === CSR) this.control = value & (ENABLE | INTERRUPT | CORE_CLOCK);
    if (address === CVR) this.counted = false;
    if (address === CSR && value & ENABLE && (value & CORE_CLOCK) === 0)
      this.chip.complain("SysTick counts the core's clock here, not the reference");
    this.restart(address === CVR ? 0 : count);
  }

  private count(): number {
    if ((this.control & ENABLE) === 0) return this.value;
    const cycles = Math.floor((this.chip.clock.nanos - this.since) / this.period);
    if (cycles <= this.value) return this.value - cycles;
    return this.reload - ((cycles - this.value - 1) % (this.reload + 1));
  }

  private restart(value: number): void {
    this.value = value;
    this.since = this.chip.clock.nanos;
    this.zero.cancel();
    if ((this.control & ENABLE) === 0 || this.reload === 0) return;
    const cycles = value === 0 ? this.reload + 1 : value;
    this.zero.schedule(cycles * this.period);
  }

  private reach(): void {
    const { core } = this.chip;
    this.counted = true;
    this.restart(0);
    if ((this.control & INTERRUPT) === 0) return;
    core.pendingSystick = true;
    core.interruptsUpdated = true;
  }
}
