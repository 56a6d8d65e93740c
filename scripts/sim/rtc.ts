// The real-time clock (datasheet, 4.8), in the calendar of UTC. It runs where clk_rtc does and is
// divided to 1 Hz, from when it has been loaded; alarms are not emulated. Like everything but the
// watchdog's scratch registers it is lost at a reset.

import { BasePeripheral } from "rp2040js";
import type { Chip } from "./chip.ts";

const CLKDIV_M1 = 0x00;
const SETUP_0 = 0x04;
const SETUP_1 = 0x08;
const CTRL = 0x0c;
const IRQ_SETUP_0 = 0x10;
const IRQ_SETUP_1 = 0x14;
const RTC_1 = 0x18;
const RTC_0 = 0x1c;
const INTR = 0x20;
const INTS = 0x2c;
const ENABLE = 1;
const ACTIVE = 2;
const LOAD = 16;
const CLK_RTC_ENABLE = 1 << 11;

export class Rtc extends BasePeripheral {
  private readonly registers = new Map<number, number>();
  private enabled = false;
  private start = 0; // milliseconds since 1970 at the time `since`
  private since = 0;
  private latched = 0;

  /** `preset`, seconds since 1970: as if somebody had set it already. */
  constructor(
    private readonly chip: Chip,
    preset: number | null,
  ) {
    super(chip, "RTC");
    if (preset === null) return;
    this.start = preset * 1000;
    this.enabled = true;
  }

  override readUint32(offset: number): number {
    if (offset === CTRL) return this.enabled && this.hertz > 0 ? ENABLE | ACTIVE : 0;
    if (offset === RTC_1) return this.latched;
    if (offset === RTC_0) return this.read();
    if (offset >= INTR && offset <= INTS) return 0;
    if (offset > INTS) return super.readUint32(offset);
    return this.registers.get(offset) ?? 0;
  }

  override writeUint32(offset: number, value: number): void {
    if (offset === CTRL) this.control(value);
    else if (offset === IRQ_SETUP_0 || offset === IRQ_SETUP_1 || offset >= INTR)
      this.noAlarm(value);
    else this.registers.set(offset, value);
  }

  private noAlarm(value: number): void {
    if (value !== 0) this.chip.complain("the RTC's alarm is not emulated");
  }

  private control(value: number): void {
    if (value & LOAD) this.load();
    const enabled = (value & ENABLE) !== 0;
    if (enabled === this.enabled) return;
    this.start = this.milliseconds();
    this.since = this.chip.clock.nanos;
    this.enabled = enabled;
    if (enabled && Math.abs(this.hertz - 1) > 0.01)
      this.chip.complain(`the RTC counts ${this.hertz} seconds a second`);
  }

  private load(): void {
    const date = this.registers.get(SETUP_0) ?? 0;
    const time = this.registers.get(SETUP_1) ?? 0;
    const day = [date >>> 12, ((date >>> 8) & 15) - 1, date & 31] as const;
    this.start = Date.UTC(...day, (time >>> 16) & 31, (time >>> 8) & 63, time & 63);
    this.since = this.chip.clock.nanos;
  }

  /** Of the counter of seconds. */
  private get hertz(): number {
    const { rtcCtrl, rtcDiv } = this.chip.clocks;
    if ((rtcCtrl & CLK_RTC_ENABLE) === 0) return 0;
    const { pllUsb, pllSys, roscFreq, xoscFreq } = this.chip;
    const sources = [pllUsb.frequency, pllSys.frequency, roscFreq, xoscFreq];
    const source = sources[(rtcCtrl >>> 5) & 7] ?? 0;
    const divisor = rtcDiv >>> 8 ? rtcDiv / 256 : 65536;
    return source / divisor / ((this.registers.get(CLKDIV_M1) ?? 0) + 1);
  }

  private milliseconds(): number {
    if (!this.enabled) return this.start;
    return this.start + ((this.chip.clock.nanos - this.since) / 1e6) * this.hertz;
  }

  private read(): number {
    const now = new Date(this.milliseconds());
    this.latched = (now.getUTCFullYear() << 12) | ((now.getUTCMonth() + 1) << 8) | now.getUTCDate();
    const clock = (now.getUTCHours() << 16) | (now.getUTCMinutes() << 8) | now.getUTCSeconds();
    return (now.getUTCDay() << 24) | clock;
  }
}
