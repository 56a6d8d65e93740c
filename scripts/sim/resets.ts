// Resets of the peripherals, and why the chip was reset last (datasheet, 2.12 and 2.14). All
// peripherals come up held in reset; the chip refuses to access one before it is released. A
// peripheral that is put into reset later keeps its state: only the refusal is emulated.

import { BasePeripheral } from "rp2040js";
import type { Chip } from "./chip.ts";

const RESET = 0;
const WDSEL = 4;
const RESET_DONE = 8;

/** In the order of the bits: the name, and where the peripheral is (its address >> 12). */
const BLOCKS: ReadonlyArray<[name: string, ...addresses: number[]]> = [
  ["ADC", 0x4004c],
  ["BUSCTRL", 0x40030],
  ["DMA", 0x50000],
  ["I2C0", 0x40044],
  ["I2C1", 0x40048],
  ["IO_BANK0", 0x40014],
  ["IO_QSPI", 0x40018],
  ["JTAG"],
  ["PADS_BANK0", 0x4001c],
  ["PADS_QSPI", 0x40020],
  ["PIO0", 0x50200],
  ["PIO1", 0x50300],
  ["PLL_SYS", 0x40028],
  ["PLL_USB", 0x4002c],
  ["PWM", 0x40050],
  ["RTC", 0x4005c],
  ["SPI0", 0x4003c],
  ["SPI1", 0x40040],
  ["SYSCFG", 0x40004],
  ["SYSINFO", 0x40000],
  ["TBMAN", 0x4006c],
  ["TIMER", 0x40054],
  ["UART0", 0x40034],
  ["UART1", 0x40038],
  ["USBCTRL", 0x50100, 0x50110],
];
const ALL = (1 << BLOCKS.length) - 1;
const BIT = new Map(BLOCKS.flatMap(([, ...at], bit) => at.map((address) => [address, bit])));

export class Resets extends BasePeripheral {
  private held = ALL;
  private watchdogSelect = 0;

  constructor(chip: Chip) {
    super(chip, "RESETS");
  }

  /** The name of what is at the address, where that is held in reset. */
  holding(address: number): string | null {
    const bit = BIT.get((address >>> 14) << 2);
    return bit !== undefined && (this.held >>> bit) & 1 ? BLOCKS[bit][0] : null;
  }

  override readUint32(offset: number): number {
    if (offset === RESET) return this.held;
    if (offset === WDSEL) return this.watchdogSelect;
    if (offset === RESET_DONE) return ~this.held & ALL;
    return super.readUint32(offset);
  }

  override writeUint32(offset: number, value: number): void {
    if (offset === RESET) this.held = value & ALL;
    else if (offset === WDSEL) this.watchdogSelect = value & ALL;
    else super.writeUint32(offset, value);
  }
}

/** Why the chip has come up, for CHIP_RESET; the watchdog has a register of its own. */
export enum Cause {
  PowerOn = 0x100,
  RunPin = 0x10000,
  Watchdog = 0,
}

const VREG = 0x00;
const BOD = 0x04;
const CHIP_RESET = 0x08;
const VREG_RESET = 0x10b1; // 1.10 V, in regulation
const BOD_RESET = 0x91;

/** VREG_AND_CHIP_RESET; the voltage has no effect. */
export class ChipReset extends BasePeripheral {
  private vreg = VREG_RESET;
  private bod = BOD_RESET;

  constructor(
    chip: Chip,
    private readonly cause: Cause,
  ) {
    super(chip, "VREG_AND_CHIP_RESET");
  }

  override readUint32(offset: number): number {
    if (offset === VREG) return this.vreg;
    if (offset === BOD) return this.bod;
    if (offset === CHIP_RESET) return this.cause;
    return super.readUint32(offset);
  }

  override writeUint32(offset: number, value: number): void {
    if (offset === VREG) this.vreg = (value & 0xf3) | 0x1000;
    else if (offset === BOD) this.bod = value & 0xf1;
    else if (offset !== CHIP_RESET) super.writeUint32(offset, value);
  }
}
