// The 64-bit microsecond timer and its four alarms (datasheet, 4.6). It counts the watchdog's
// tick: without that it stands still. An alarm fires at the microsecond that it names, not before.

import { BasePeripheral } from "rp2040js";
import type { Alarm } from "./clock.ts";
import type { Chip } from "./chip.ts";
import type { Watchdog } from "./watchdog.ts";

const TIMEHW = 0x00;
const TIMELW = 0x04;
const TIMEHR = 0x08;
const TIMELR = 0x0c;
const ALARM0 = 0x10;
const ALARM3 = 0x1c;
const ARMED = 0x20;
const TIMERAWH = 0x24;
const TIMERAWL = 0x28;
const DBGPAUSE = 0x2c;
const PAUSE = 0x30;
const INTR = 0x34;
const INTE = 0x38;
const INTF = 0x3c;
const INTS = 0x40;
const ALARMS = 4;
const WORD = 2 ** 32;

export class Timer extends BasePeripheral {
  private base = 0; // ticks at the time `since`
  private since = 0;
  private paused = false;
  private latchedHigh = 0;
  private lowToWrite = 0;
  private armed = 0;
  private raw = 0;
  private enabled = 0;
  private forced = 0;
  private readonly targets = [0, 0, 0, 0];
  private readonly alarms: Alarm[];

  constructor(
    private readonly chip: Chip,
    private readonly watchdog: Watchdog,
  ) {
    super(chip, "TIMER");
    this.alarms = this.targets.map((_, i) => chip.clock.createAlarm(() => this.fire(i)));
    watchdog.onTickChange = (change) => {
      this.rebase(this.ticks());
      change();
      this.schedule();
    };
  }

  override readUint32(offset: number): number {
    const ticks = Math.floor(this.ticks());
    if (offset === TIMERAWL) return ticks % WORD;
    if (offset === TIMERAWH) return Math.floor(ticks / WORD);
    if (offset === TIMELR) {
      this.latchedHigh = Math.floor(ticks / WORD);
      return ticks % WORD;
    }
    if (offset === TIMEHR) return this.latchedHigh;
    if (offset >= ALARM0 && offset <= ALARM3) return this.targets[(offset - ALARM0) / 4];
    if (offset === ARMED) return this.armed;
    if (offset === DBGPAUSE) return 7;
    if (offset === PAUSE) return this.paused ? 1 : 0;
    if (offset === INTR) return this.raw;
    if (offset === INTE) return this.enabled;
    if (offset === INTF) return this.forced;
    if (offset === INTS) return (this.raw & this.enabled) | this.forced;
    return super.readUint32(offset);
  }

  override writeUint32(offset: number, value: number): void {
    const bits = value & ((1 << ALARMS) - 1);
    if (offset === TIMELW) this.lowToWrite = value >>> 0;
    else if (offset === TIMEHW) this.rebase((value >>> 0) * WORD + this.lowToWrite);
    else if (offset >= ALARM0 && offset <= ALARM3) this.arm((offset - ALARM0) / 4, value >>> 0);
    else if (offset === ARMED) this.armed &= ~this.rawWriteValue;
    else if (offset === PAUSE) this.pause((value & 1) === 1);
    else if (offset === INTR) this.raw &= ~this.rawWriteValue;
    else if (offset === INTE) this.enabled = bits;
    else if (offset === INTF) this.forced = bits;
    else if (offset !== DBGPAUSE) super.writeUint32(offset, value);
    this.schedule();
    this.updateInterrupts();
  }

  private get hertz(): number {
    return this.paused ? 0 : this.watchdog.tickHertz;
  }

  private ticks(): number {
    return this.base + ((this.chip.clock.nanos - this.since) * this.hertz) / 1e9;
  }

  private rebase(ticks: number): void {
    this.base = ticks;
    this.since = this.chip.clock.nanos;
  }

  private pause(paused: boolean): void {
    this.rebase(this.ticks());
    this.paused = paused;
  }

  private arm(index: number, target: number): void {
    this.targets[index] = target;
    this.armed |= 1 << index;
  }

  private schedule(): void {
    this.alarms.forEach((alarm, i) => {
      alarm.cancel();
      if (this.hertz === 0 || (this.armed & (1 << i)) === 0) return;
      const ticks = this.ticks();
      const whole = Math.floor(ticks);
      const left = (this.targets[i] - whole) >>> 0;
      const nanos = ((whole + left - ticks) * 1e9) / this.hertz;
      alarm.schedule(left === 0 ? 0 : Math.ceil(nanos) + 1); // never early by rounding
    });
  }

  private fire(index: number): void {
    this.armed &= ~(1 << index);
    this.raw |= 1 << index;
    this.updateInterrupts();
  }

  private updateInterrupts(): void {
    const status = (this.raw & this.enabled) | this.forced;
    for (let i = 0; i < ALARMS; i++) this.chip.setInterrupt(i, ((status >>> i) & 1) === 1);
  }
}
