// The SSI, the SPI controller between the RP2040 and its flash (datasheet, 4.10): frames through
// DR0 as the boot ROM and a second-stage boot send commands, each taking its time; and whether it
// is set up so that the flash can be read in place. Quad modes are not emulated, and said so.

import { BasePeripheral } from "rp2040js";
import type { Alarm } from "./clock.ts";
import type { Chip } from "./chip.ts";
import type { FlashChip } from "./flash-chip.ts";

const CTRLR0 = 0x00;
const SSIENR = 0x08;
const SER = 0x10;
const BAUDR = 0x14;
const TXFLR = 0x20;
const RXFLR = 0x24;
const SR = 0x28;
const IDR = 0x58;
const VERSION = 0x5c;
const DR0 = 0x60;
const DR_END = 0xf0;
const SPI_CTRLR0 = 0xf4;

const SR_BUSY = 1;
const SR_TX_NOT_FULL = 2;
const SR_TX_EMPTY = 4;
const SR_RX_NOT_EMPTY = 8;
const SR_RX_FULL = 16;

const FIFO = 16;
const EEPROM_READ = 3;
const FRAME_32 = 31;
const INSTRUCTION_8_BITS = 2;
const ADDRESS_24_BITS = 6;
/** Read instruction -> cycles of waiting after the address, and the flash's limit. */
const READS: Record<number, { wait: number; hertz: number }> = {
  0x03: { wait: 0, hertz: 50e6 },
  0x0b: { wait: 8, hertz: 133e6 },
};

/** How chip select is driven: IO_QSPI's output override. */
export enum ChipSelect {
  Automatic,
  Inverted,
  Low,
  High,
}

export class Ssi extends BasePeripheral {
  private readonly registers = new Map<number, number>();
  private readonly tx: number[] = [];
  private readonly rx: number[] = [];
  private readonly frameEnd: Alarm;
  private shifting = false;
  private select = ChipSelect.Automatic;
  private connected = false;

  constructor(
    private readonly chip: Chip,
    private readonly flash: FlashChip,
  ) {
    super(chip, "SSI");
    this.registers.set(SSIENR, 0);
    this.frameEnd = chip.clock.createAlarm(() => this.endFrame());
    chip.addClockListener(() => this.update());
  }

  override readUint32(offset: number): number {
    if (offset >= DR0 && offset < DR_END) return this.rx.shift() ?? 0;
    if (offset === SR) return this.status();
    if (offset === TXFLR) return this.tx.length;
    if (offset === RXFLR) return this.rx.length;
    if (offset === IDR) return 0x51535049;
    if (offset === VERSION) return 0x3430312a;
    return this.value(offset);
  }

  override writeUint32(offset: number, value: number): void {
    if (offset >= DR0 && offset < DR_END) return this.send(value);
    if (offset !== SSIENR && offset !== SER && this.enabled && offset !== CTRLR0)
      this.chip.complain(`SSI register 0x${offset.toString(16)} is written while SSI is enabled`);
    this.registers.set(offset, value >>> 0);
    if (offset === SSIENR && !this.enabled) this.stop();
    this.update();
  }

  /** IO_QSPI: whether the pins lead to the SSI, and how chip select is driven. */
  drive(connected: boolean, select: ChipSelect): void {
    const before = this.select;
    this.connected = connected;
    this.select = select;
    if (select !== before && before === ChipSelect.Low) this.flash.deselect();
    if (select !== before && select === ChipSelect.Low) this.flash.select();
    this.update();
  }

  /** Brings flashReadable up to date. */
  update(): void {
    const read = READS[this.value(SPI_CTRLR0) >>> 24];
    const isReadable = read !== undefined && this.isSetUp(read.wait) && this.flash.readable;
    this.chip.flashReadable = isReadable;
    const hertz = this.chip.clkSys / (this.value(BAUDR) || 1);
    if (isReadable && hertz > read.hertz)
      this.chip.complain(
        `the flash is read at ${hertz / 1e6} MHz, its limit is ${read.hertz / 1e6}`,
      );
  }

  private isSetUp(wait: number): boolean {
    const control = this.value(CTRLR0);
    const spi = this.value(SPI_CTRLR0);
    const isRead = ((control >>> 8) & 3) === EEPROM_READ && ((control >>> 16) & 31) === FRAME_32;
    const isStandard = ((control >>> 21) & 3) === 0 && (spi & 3) === 0;
    const hasInstruction = ((spi >>> 8) & 3) === INSTRUCTION_8_BITS;
    const hasAddress = ((spi >>> 2) & 15) === ADDRESS_24_BITS && ((spi >>> 11) & 31) === wait;
    const isOn = this.enabled && this.connected && this.value(BAUDR) >= 2;
    const isFree = this.select === ChipSelect.Automatic && !this.shifting;
    return isRead && isStandard && hasInstruction && hasAddress && isOn && isFree;
  }

  private value(offset: number): number {
    return this.registers.get(offset) ?? 0;
  }

  private get enabled(): boolean {
    return (this.value(SSIENR) & 1) === 1;
  }

  private status(): number {
    const busy = this.shifting || this.tx.length > 0 ? SR_BUSY : 0;
    const notFull = this.tx.length < FIFO ? SR_TX_NOT_FULL : 0;
    const empty = this.tx.length === 0 ? SR_TX_EMPTY : 0;
    const received = this.rx.length > 0 ? SR_RX_NOT_EMPTY : 0;
    return busy | notFull | empty | received | (this.rx.length === FIFO ? SR_RX_FULL : 0);
  }

  private send(value: number): void {
    if (!this.enabled) return;
    if ((this.value(CTRLR0) >>> 21) & 3)
      return this.chip.complain("the SSI's dual and quad transfers are not emulated");
    if (this.tx.length === FIFO)
      return this.chip.complain("a byte for the flash overflows the FIFO");
    this.tx.push(value);
    if (!this.shifting && this.value(SER) & 1) this.beginFrame();
    this.update();
  }

  private beginFrame(): void {
    if (this.select === ChipSelect.Automatic && !this.shifting) this.flash.select();
    this.shifting = true;
    const bits = ((this.value(CTRLR0) >>> 16) & 31) + 1;
    this.frameEnd.schedule((bits * Math.max(2, this.value(BAUDR)) * 1e9) / this.chip.clkSys);
  }

  private endFrame(): void {
    const received = this.exchange(this.tx.shift()!);
    if (this.rx.length < FIFO) this.rx.push(received);
    else this.chip.complain("a byte of the flash was not read in time");
    if (this.tx.length > 0) return this.beginFrame();
    this.shifting = false;
    if (this.select === ChipSelect.Automatic) this.flash.deselect();
    this.update();
  }

  /** One frame of 8, 16, 24 or 32 bits, the most significant byte first. */
  private exchange(frame: number): number {
    let received = 0;
    const bytes = (((this.value(CTRLR0) >>> 16) & 31) + 1) >>> 3;
    for (let i = bytes - 1; i >= 0; i--) {
      const out = (frame >>> (8 * i)) & 0xff;
      received = (received << 8) | (this.connected ? this.flash.transfer(out) : 0xff);
    }
    return received >>> 0;
  }

  private stop(): void {
    if (this.shifting && this.select === ChipSelect.Automatic) this.flash.deselect();
    this.frameEnd.cancel();
    this.shifting = false;
    this.tx.length = this.rx.length = 0;
  }
}
