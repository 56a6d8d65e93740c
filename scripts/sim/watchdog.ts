// The watchdog (datasheet, 4.7) and the tick that it makes of clk_ref, by which the timer counts
// too. A reset is the chip's to carry out; what survives it is in WatchdogMemory.

import { BasePeripheral } from "rp2040js";
import type { Alarm } from "./clock.ts";
import type { Chip } from "./chip.ts";

const CTRL = 0x00;
const LOAD = 0x04;
const REASON = 0x08;
const SCRATCH0 = 0x0c;
const SCRATCH7 = 0x28;
const TICK = 0x2c;
const TRIGGER = 1 << 31;
const ENABLE = 1 << 30;
const PAUSE = 7 << 24;
const TIME = 0xffffff;
const TICK_ENABLE = 1 << 9;
const TICK_RUNNING = 1 << 10;
const TICK_CYCLES = 0x1ff;
const DECREMENTS = 2; // a tick counts twice: erratum RP2040-E1
const PSM = 0x40010;
const PSM_WDSEL = 8;
const PSM_PROC0 = 1 << 15;

export enum Reason {
  None = 0,
  Timer = 1,
  Force = 2,
}

export interface WatchdogMemory {
  scratch: Uint32Array;
  reason: Reason;
}

export function freshWatchdog(): WatchdogMemory {
  return { scratch: new Uint32Array(8), reason: Reason.None };
}

export class Watchdog extends BasePeripheral {
  /** Called with what changes the tick, to carry that out. */
  onTickChange: (change: () => void) => void = (change) => change();
  /** The frequency of the tick: 0 while it does not run. */
  tickHertz = 0;
  private tick = TICK_ENABLE;
  private control = PAUSE;
  private left = 0; // of the counter, at the time `since`
  private since = 0;
  private readonly expiry: Alarm;

  constructor(
    private readonly chip: Chip,
    readonly memory: WatchdogMemory,
  ) {
    super(chip, "WATCHDOG");
    this.expiry = chip.clock.createAlarm(() => this.fire(Reason.Timer));
  }

  override readUint32(offset: number): number {
    if (offset === CTRL) return (this.control | this.count()) >>> 0;
    if (offset === LOAD) return 0;
    if (offset === REASON) return this.memory.reason;
    if (offset >= SCRATCH0 && offset <= SCRATCH7)
      return this.memory.scratch[(offset - SCRATCH0) / 4];
    if (offset === TICK) return this.tick | (this.tickHertz > 0 ? TICK_RUNNING : 0);
    return super.readUint32(offset);
  }

  override writeUint32(offset: number, value: number): void {
    if (offset === CTRL) this.writeControl(value);
    else if (offset === LOAD) this.restart(value & TIME);
    else if (offset >= SCRATCH0 && offset <= SCRATCH7)
      this.memory.scratch[(offset - SCRATCH0) / 4] = value;
    else if (offset === TICK) this.writeTick(value);
    else super.writeUint32(offset, value);
  }

  private writeControl(value: number): void {
    const left = this.count();
    this.control = value & (ENABLE | PAUSE);
    this.restart(left);
    if (value & TRIGGER) this.fire(Reason.Force);
  }

  private writeTick(value: number): void {
    const left = this.count();
    this.tick = value & (TICK_ENABLE | TICK_CYCLES);
    const cycles = this.tick & TICK_CYCLES;
    const isOn = (this.tick & TICK_ENABLE) !== 0 && cycles > 0;
    const hertz = isOn ? this.chip.clocks.refFreq / cycles : 0;
    this.onTickChange(() => (this.tickHertz = hertz));
    if (isOn && Math.abs(this.tickHertz - 1e6) > 1e4)
      this.chip.complain(`the watchdog's tick, hence the timer, runs at ${this.tickHertz} Hz`);
    this.restart(left);
  }

  private get running(): boolean {
    return (this.control & ENABLE) !== 0 && this.tickHertz > 0;
  }

  private count(): number {
    if (!this.running) return this.left;
    const ticks = ((this.chip.clock.nanos - this.since) * this.tickHertz) / 1e9;
    return Math.max(0, Math.floor(this.left - DECREMENTS * ticks));
  }

  private restart(left: number): void {
    this.left = left;
    this.since = this.chip.clock.nanos;
    this.expiry.cancel();
    if (this.running) this.expiry.schedule((left / DECREMENTS / this.tickHertz) * 1e9);
  }

  /** Resets what PSM's register selects: a firmware that selects nothing has a useless watchdog. */
  private fire(reason: Reason): void {
    const selected = this.chip.peripherals[PSM].readUint32(PSM_WDSEL);
    if ((selected & PSM_PROC0) === 0)
      return this.chip.complain("the watchdog fires, but PSM's WDSEL does not reset the core");
    this.memory.reason = reason;
    this.chip.requestReset();
  }
}
