// A PL022 SPI controller as in the RP2040 (datasheet, 4.4), as a master: 8-deep FIFOs, each frame
// takes its bits' time, DMA requests where they are switched on. What is connected has to be on
// the pins that SPI is the function of.

import { BasePeripheral } from "rp2040js";
import type { Alarm } from "./clock.ts";
import type { Chip } from "./chip.ts";
import { setRequest } from "./uart.ts";

const CR0 = 0x00;
const CR1 = 0x04;
const DR = 0x08;
const SR = 0x0c;
const CPSR = 0x10;
const IMSC = 0x14;
const RIS = 0x18;
const MIS = 0x1c;
const ICR = 0x20;
const DMACR = 0x24;

const SR_TX_EMPTY = 1;
const SR_TX_NOT_FULL = 2;
const SR_RX_NOT_EMPTY = 4;
const SR_RX_FULL = 8;
const SR_BUSY = 16;
const CR1_ENABLE = 2;
const CR1_SLAVE = 4;
const CR0_POLARITY = 1 << 6;
const CR0_PHASE = 1 << 7;
const INT_OVERRUN = 1;
const INT_SILENCE = 2;
const INT_RX = 4;
const INT_TX = 8;
const DMA_RX = 1;
const DMA_TX = 2;
const FIFO = 8;
const SILENCE_BITS = 32;
const SPI0_IRQ = 18;
const SPI0_TX_DREQ = 16;

/** A device that listens while its chip select is low. */
export interface SpiDevice {
  /** One byte each way. */
  transfer(out: number): number;
}

export class Spi extends BasePeripheral {
  /** What is on the bus; null where nothing is connected right now. */
  device: () => SpiDevice | null = () => null;
  private readonly registers = new Map<number, number>();
  private readonly tx: number[] = [];
  private readonly rx: number[] = [];
  private raw = 0;
  private shifting = false;
  private readonly frameEnd: Alarm;
  private readonly silence: Alarm;

  constructor(
    private readonly chip: Chip,
    private readonly index: number,
  ) {
    super(chip, `SPI${index}`);
    this.frameEnd = chip.clock.createAlarm(() => this.endFrame());
    this.silence = chip.clock.createAlarm(() => {
      this.raw |= INT_SILENCE;
      this.update();
    });
  }

  override readUint32(offset: number): number {
    if (offset === DR) return this.read();
    if (offset === SR) return this.status();
    if (offset === RIS) return this.interrupts();
    if (offset === MIS) return this.interrupts() & this.value(IMSC);
    if (offset >= 0xfe0) return [0x22, 0x10, 0x34, 0, 0x0d, 0xf0, 0x05, 0xb1][(offset - 0xfe0) / 4];
    if (offset > DMACR) return super.readUint32(offset);
    return this.value(offset);
  }

  override writeUint32(offset: number, value: number): void {
    if (offset === DR) return this.write(value & 0xffff);
    if (offset === ICR) this.raw &= ~this.rawWriteValue;
    else if (offset <= DMACR && offset !== SR) this.registers.set(offset, value);
    else return super.writeUint32(offset, value);
    if (offset === CR1 && value & CR1_SLAVE) this.chip.complain("an SPI slave is not emulated");
    this.update();
  }

  private value(offset: number): number {
    return this.registers.get(offset) ?? 0;
  }

  private status(): number {
    const { tx, rx } = this;
    const transmit = (tx.length === 0 ? SR_TX_EMPTY : 0) | (tx.length < FIFO ? SR_TX_NOT_FULL : 0);
    const receive = (rx.length > 0 ? SR_RX_NOT_EMPTY : 0) | (rx.length === FIFO ? SR_RX_FULL : 0);
    return transmit | receive | (this.shifting || tx.length > 0 ? SR_BUSY : 0);
  }

  private interrupts(): number {
    const receive = this.rx.length >= FIFO / 2 ? INT_RX : 0;
    return this.raw | receive | (this.tx.length <= FIFO / 2 ? INT_TX : 0);
  }

  private read(): number {
    const value = this.rx.shift() ?? 0;
    if (this.rx.length === 0) this.silence.cancel();
    this.update();
    return value;
  }

  private write(value: number): void {
    if (this.tx.length === FIFO) return this.chip.complain(`${this.name}: the TX FIFO overflows`);
    this.tx.push(value);
    this.update();
  }

  private get bits(): number {
    return (this.value(CR0) & 15) + 1;
  }

  private bitNanos(): number {
    const divisor = (this.value(CPSR) & 0xfe) * (1 + ((this.value(CR0) >>> 8) & 0xff));
    const { periFreq } = this.chip.clocks;
    return divisor > 0 && periFreq > 0 ? (divisor * 1e9) / periFreq : Infinity;
  }

  private beginFrame(): void {
    const nanos = this.bitNanos();
    const isOn = (this.value(CR1) & CR1_ENABLE) !== 0 && nanos !== Infinity;
    if (!isOn || this.shifting || this.tx.length === 0) return;
    this.shifting = true;
    this.frameEnd.schedule(this.bits * nanos);
  }

  private endFrame(): void {
    this.shifting = false;
    const received = this.exchange(this.tx.shift()!);
    if (this.rx.length < FIFO) this.rx.push(received);
    else this.raw |= INT_OVERRUN;
    this.silence.schedule(SILENCE_BITS * this.bitNanos());
    this.update();
  }

  /** What is connected here speaks bytes in the modes 0 and 3. */
  private exchange(out: number): number {
    const device = this.device();
    if (device === null) return (1 << this.bits) - 1;
    const mode = this.value(CR0) & (CR0_POLARITY | CR0_PHASE);
    const isByte = this.bits === 8 && (mode === 0 || mode === (CR0_POLARITY | CR0_PHASE));
    if (isByte) return device.transfer(out & 0xff);
    this.chip.complain(`${this.name}: neither mode 0 nor 3 with 8 bits`);
    return (1 << this.bits) - 1;
  }

  private update(): void {
    const { chip, index } = this;
    this.beginFrame();
    chip.setInterrupt(SPI0_IRQ + index, (this.interrupts() & this.value(IMSC)) !== 0);
    const dma = this.value(DMACR);
    const request = SPI0_TX_DREQ + 2 * index;
    setRequest(chip, request, (dma & DMA_TX) !== 0 && this.tx.length < FIFO);
    setRequest(chip, request + 1, (dma & DMA_RX) !== 0 && this.rx.length > 0);
  }
}
