// The RP2040: rp2040js with models of its own where that is more lenient than silicon, or lacks
// what the firmware needs. A chip object lives from one reset to the next.
//
// Each access is checked: outside of what is mapped, unaligned, flash that cannot be read right
// now, a peripheral held in reset - a Fault, hence HardFault on the core. What silicon would accept
// in silence though it is surely a mistake goes to complain().

import { RP2040 } from "rp2040js";
import { nanosPerCycle, type Clock } from "./clock.ts";
import { correctCore, type Sleep } from "./core.ts";
import { Fault, hex } from "./fault.ts";
import { Markers } from "./markers.ts";
import { Access, Mpu } from "./mpu.ts";
import type { FlashChip } from "./flash-chip.ts";
import { Ssi } from "./ssi.ts";
import { IoQspi, XipControl } from "./qspi.ts";
import { ChipReset, Resets, type Cause } from "./resets.ts";
import { Rosc, type BitSource } from "./rosc.ts";
import { Rtc } from "./rtc.ts";
import { Spi } from "./spi.ts";
import { SysTick } from "./systick.ts";
import { Timer } from "./timer.ts";
import { Uart } from "./uart.ts";
import { Watchdog, type WatchdogMemory } from "./watchdog.ts";

export const ROM_SIZE = 16 * 1024;
export const FLASH_BASE = 0x10000000;
export const FLASH_SIZE = 2 * 1024 * 1024;
export const SRAM_BASE = 0x20000000;
export const SRAM_SIZE = 264 * 1024;
/** The part of SRAM in four interleaved banks; two banks of 4 KB follow. */
export const SRAM_STRIPED = 256 * 1024;
const SRAM_BANK = 4096;
const NMI = 2;
const HARD_FAULT = 3;
const SIO = 0xd0000000;
const SIO_SIZE = 0x180;
const PPB = 0xe000e000;
const PPB_SIZE = 0x1000;
const USB_RAM = 0x50100000;
const USB_RAM_SIZE = 0x1000;
const AIRCR = 0xe000ed0c;
const SCR = 0xe000ed10;
const SCR_SEVONPEND = 1 << 4;
const SCR_USED = SCR_SEVONPEND | (1 << 2); // SLEEPDEEP: all clocks stay on as the chip comes up
const AIRCR_KEY = 0x05fa;
const AIRCR_READ = 0xfa050000;
const ROSC_HERTZ = 6_500_000;
const ROM_WAITS_FOR_FLASH = 2; // rom/flash.c
const PAD_RESET = 0x56;

/** What a chip is made of and connected to. */
export interface ChipParts {
  clock: Clock;
  rom: Uint32Array;
  flash: FlashChip;
  rosc: BitSource;
  /** What SRAM holds at first; the chip keeps it. */
  sram: Uint8Array;
  /** What the watchdog has kept from before the reset. */
  watchdog: WatchdogMemory;
  cause: Cause;
  /** Seconds since 1970 that the real-time clock has been set to; null: it has not. */
  rtc: number | null;
  events: ChipEvents;
}

export interface ChipEvents {
  complaint(message: string): void;
  fault(message: string): void;
  lockedUp(): void;
  reset(): void;
  /** A BKPT: whether somebody has dealt with it. */
  breakpoint(code: number, address: number): boolean;
}

export class Chip extends RP2040 {
  declare readonly clock: Clock;
  /** False while the flash chip is busy or in command mode. */
  flashReadable = false;
  /** Counts the changes of the flash's bytes. */
  flashVersion = 0;
  /** Asks the engine to return. */
  stopRequested = false;
  nanosPerCycle = nanosPerCycle(ROSC_HERTZ);
  readonly markers = new Markers();
  readonly flashChip: FlashChip;
  readonly serial: [Uart, Uart];
  readonly spiBus: [Spi, Spi];
  readonly watchdog: Watchdog;
  private readonly sleep: Sleep;
  private readonly events: ChipEvents;
  private readonly resets = new Resets(this);
  private readonly mpu = new Mpu(() => this.updateProtection());
  private readonly sysTick = new SysTick(this);
  private plainSram = SRAM_SIZE;
  private controlRegister = 0;

  constructor(parts: ChipParts) {
    super(parts.clock);
    this.events = parts.events;
    this.flashChip = parts.flash;
    this.connectMemory(parts);
    this.logger = {
      debug: () => undefined,
      info: () => undefined,
      warn: (component, message) => this.complain(`${component}: ${message}`),
      error: (component, message) => this.complain(`${component}: ${message}`),
    };
    this.serial = [new Uart(this, 0), new Uart(this, 1)];
    this.spiBus = [new Spi(this, 0), new Spi(this, 1)];
    this.watchdog = new Watchdog(this, parts.watchdog);
    this.connectPeripherals(parts);
    this.sleep = correctCore(this);
    this.addClockListener((hertz) => (this.nanosPerCycle = nanosPerCycle(hertz)));
    this.clkSys = ROSC_HERTZ;
    this.clkPeri = 0;
    this.start();
  }

  private connectMemory({ rom, sram, flash }: ChipParts): void {
    const { buffer } = flash.bytes;
    this.bootrom.set(rom);
    Object.assign(this, {
      sram,
      sramView: new DataView(sram.buffer),
      flash: flash.bytes,
      flash16: new Uint16Array(buffer),
      flashView: new DataView(buffer),
    });
  }

  private connectPeripherals({ rosc, flash, cause, rtc }: ChipParts): void {
    const ssi = new Ssi(this, flash);
    flash.attach(this.clock, () => {
      this.flashVersion++;
      ssi.update();
    });
    const timer = new Timer(this, this.watchdog);
    Object.assign(this.peripherals, {
      0x14000: new XipControl(this),
      0x18000: ssi,
      0x4000c: this.resets,
      0x40018: new IoQspi(this, ssi),
      0x40034: this.serial[0],
      0x40038: this.serial[1],
      0x4003c: this.spiBus[0],
      0x40040: this.spiBus[1],
      0x40054: timer,
      0x40058: this.watchdog,
      0x4005c: new Rtc(this, rtc),
      0x40060: new Rosc(this, rosc),
      0x40064: new ChipReset(this, cause),
    });
    for (const pin of this.gpio) pin.padValue = PAD_RESET;
  }

  /** The reset exception: the vector table of the boot ROM. */
  private start(): void {
    this.pwm.reset();
    this.core.VTOR = 0;
    this.core.SP = this.bootrom[0];
    this.core.PC = (this.bootrom[1] & ~1) >>> 0;
  }

  /** RP2040's constructor calls it too early; a chip is reset by making another. */
  override reset(): void {}

  // Memory. SRAM and flash come first: they are nearly everything.

  override readUint32(address: number): number {
    address >>>= 0;
    if ((address & 3) !== 0) throw misaligned("read", 4, address);
    const ram = address - SRAM_BASE;
    if (ram >= 0 && ram < SRAM_SIZE) return this.sramView.getUint32(ram, true);
    if (address >>> 26 === 4) return this.flashView.getUint32(this.flashOffset(address), true);
    if (address < ROM_SIZE) return this.bootrom[address >>> 2];
    return this.readDevice(address);
  }

  override readUint16(address: number): number {
    address >>>= 0;
    if ((address & 1) !== 0) throw misaligned("read", 2, address);
    const ram = address - SRAM_BASE;
    if (ram >= 0 && ram < SRAM_SIZE) return this.sramView.getUint16(ram, true);
    if (address >>> 26 === 4) return this.flashView.getUint16(this.flashOffset(address), true);
    return (this.readUint32(address & ~3) >>> ((address & 2) * 8)) & 0xffff;
  }

  override readUint8(address: number): number {
    address >>>= 0;
    const ram = address - SRAM_BASE;
    if (ram >= 0 && ram < SRAM_SIZE) return this.sram[ram];
    if (address >>> 26 === 4) return this.flash[this.flashOffset(address)];
    return (this.readUint32(address & ~3) >>> ((address & 3) * 8)) & 0xff;
  }

  override writeUint32(address: number, value: number): void {
    address >>>= 0;
    if ((address & 3) !== 0) throw misaligned("write", 4, address);
    const ram = address - SRAM_BASE;
    if (ram >= 0 && ram < this.plainSram) this.sramView.setUint32(ram, value, true);
    else if (ram >= 0 && ram < SRAM_SIZE) this.writeProtected(address, value, 4);
    else this.writeDevice(address, value);
  }

  override writeUint16(address: number, value: number): void {
    address >>>= 0;
    if ((address & 1) !== 0) throw misaligned("write", 2, address);
    const ram = address - SRAM_BASE;
    if (ram >= 0 && ram < this.plainSram) this.sramView.setUint16(ram, value, true);
    else if (ram >= 0 && ram < SRAM_SIZE) this.writeProtected(address, value, 2);
    else this.writeNarrow(address, (value & 0xffff) * 0x10001);
  }

  override writeUint8(address: number, value: number): void {
    address >>>= 0;
    const ram = address - SRAM_BASE;
    if (ram >= 0 && ram < this.plainSram) this.sram[ram] = value;
    else if (ram >= 0 && ram < SRAM_SIZE) this.writeProtected(address, value, 1);
    else this.writeNarrow(address, (value & 0xff) * 0x1010101);
  }

  /** The instruction at an address; bit 0 does not count. */
  fetch(address: number): number {
    const at = (address & ~1) >>> 0;
    if (at >>> 26 === 4) return this.flashView.getUint16(this.flashOffset(at), true);
    if (this.protects(at, Access.Execute)) throw forbidden("code", at);
    const ram = at - SRAM_BASE;
    if (ram >= 0 && ram < SRAM_SIZE) return this.sramView.getUint16(ram, true);
    if (at >= ROM_SIZE) throw new Fault(`no code can be at ${hex(at)}`);
    return (this.bootrom[at >>> 2] >>> ((at & 2) * 8)) & 0xffff;
  }

  /** SRAM beyond what the memory protection leaves alone. */
  private writeProtected(address: number, value: number, size: 1 | 2 | 4): void {
    if (this.protects(address, Access.Write)) throw forbidden("write", address);
    const ram = address - SRAM_BASE;
    if (size === 4) this.sramView.setUint32(ram, value, true);
    else if (size === 2) this.sramView.setUint16(ram, value, true);
    else this.sram[ram] = value;
  }

  private protects(address: number, access: Access): boolean {
    const { IPSR } = this.core;
    const inFaultHandler = IPSR === NMI || IPSR === HARD_FAULT;
    return this.mpu.isOn(inFaultHandler) && !this.mpu.allows(address, access);
  }

  /** How much of SRAM, from its start, can be written without a look at the protection. */
  private updateProtection(): void {
    const { mpu } = this;
    let plain = mpu.isOn(false) ? 0 : SRAM_SIZE;
    while (plain < SRAM_SIZE && mpu.allows(SRAM_BASE + plain, Access.Write)) plain += SRAM_BANK;
    this.plainSram = plain;
    if (plain < SRAM_STRIPED)
      this.complain("the memory protection of the striped SRAM is emulated for its start alone");
  }

  /** The four views of the flash differ in caching alone. */
  private flashOffset(address: number): number {
    const offset = address & 0xffffff;
    if (offset >= FLASH_SIZE) throw new Fault(`read of ${hex(address)}, beyond the flash`);
    if (!this.flashReadable) throw new Fault(`read of ${hex(address)}: ${this.flashChip.state}`);
    return offset;
  }

  private readDevice(address: number): number {
    this.checkDevice("read", address);
    if (this.mpu.isRegister(address)) return this.mpu.read(address);
    if (this.sysTick.isRegister(address)) return this.sysTick.read(address);
    if (address === SCR) return this.controlRegister;
    if (address === AIRCR) return AIRCR_READ;
    return super.readUint32(address);
  }

  private writeDevice(address: number, value: number): void {
    this.checkDevice("write", address);
    if (this.mpu.isRegister(address)) this.mpu.write(address, value);
    else if (this.sysTick.isRegister(address)) this.sysTick.write(address, value);
    else if (address === SCR) this.writeControl(value);
    else if (address === AIRCR) this.writeApplicationInterrupt(value);
    else super.writeUint32(address, value);
  }

  /** The buses of the peripherals repeat a narrow value over the word (datasheet, 2.1.4). */
  private writeNarrow(address: number, repeated: number): void {
    if (address >>> 12 !== USB_RAM >>> 12) this.writeDevice((address & ~3) >>> 0, repeated >>> 0);
    else throw new Fault(`write of ${hex(address)}: USB is not emulated`);
  }

  private checkDevice(access: "read" | "write", address: number): void {
    const kind = access === "read" ? Access.Read : Access.Write;
    if (address >>> 28 !== 14 && this.protects(address, kind)) throw forbidden(access, address);
    if (address >= SIO && address < SIO + SIO_SIZE) return;
    if (address >= PPB && address < PPB + PPB_SIZE) return;
    if (address >= USB_RAM && address < USB_RAM + USB_RAM_SIZE) return;
    const isBus = address >>> 24 === 0x14 || address >>> 24 === 0x18 || address >>> 28 === 4;
    if (!isBus && address >>> 28 !== 5) throw unmapped(access, address);
    if (this.findPeripheral(address) === undefined) throw unmapped(access, address);
    const held = this.resets.holding(address);
    if (held !== null) throw new Fault(`${access} of ${hex(address)}: ${held} is held in reset`);
  }

  private writeControl(value: number): void {
    this.controlRegister = value & SCR_USED;
    this.sleep.eventOnPending = (value & SCR_SEVONPEND) !== 0;
    if (value & ~SCR_USED) this.complain(`SCR ${hex(value)}: sleep-on-exit is not emulated`);
  }

  private writeApplicationInterrupt(value: number): void {
    if (value >>> 16 === AIRCR_KEY && value & 4)
      this.complain("AIRCR.SYSRESETREQ resets the cores alone: use the watchdog");
  }

  // What the core and the peripherals report.

  /** Ends WFI or WFE where an interrupt has arrived. */
  wake(): void {
    this.sleep.wake();
  }

  /** An instruction at pc has failed. */
  hardFault(fault: Fault, pc: number): void {
    const { LR } = this.core;
    this.events.fault(`${fault.message} (pc ${hex(fault.pc ?? pc)}, lr ${hex(LR)})`);
    this.sleep.hardFault(fault, pc);
  }

  complain(message: string): void {
    this.events.complaint(message);
  }

  lockedUp(): void {
    this.stopRequested = true;
    this.events.lockedUp();
  }

  /** The watchdog resets everything that PSM selects. */
  requestReset(): void {
    this.stopRequested = true;
    this.events.reset();
  }

  breakpoint(code: number): boolean {
    const address = (this.core.PC & ~1) >>> 0;
    const isSkip = address < ROM_SIZE && code === ROM_WAITS_FOR_FLASH;
    if (isSkip) this.skip(this.flashChip.left);
    return isSkip || this.events.breakpoint(code, address);
  }

  /** What a loop that only asks again and again would take. */
  private skip(nanos: number): void {
    const cycles = Math.ceil(nanos / this.nanosPerCycle);
    this.core.cycles += cycles;
    this.clock.tick(cycles * this.nanosPerCycle);
  }
}

function misaligned(access: string, size: number, address: number): Fault {
  return new Fault(`unaligned ${access} of ${size} bytes at ${hex(address)}`);
}

function forbidden(access: string, address: number): Fault {
  return new Fault(`${access} at ${hex(address)}, which the memory protection forbids`);
}

function unmapped(access: string, address: number): Fault {
  return new Fault(`${access} of ${hex(address)}, where nothing is`);
}
