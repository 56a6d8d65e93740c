// A PL011 UART as in the RP2040 (datasheet, 4.2): 32-byte FIFOs, a byte takes as long as its bits,
// interrupts at the chosen levels and when the line falls silent. A byte that arrives while the
// receiver is off or its FIFO full is lost, as on the wire; at the wrong speed it is garbled.

import { BasePeripheral } from "rp2040js";
import type { Alarm } from "./clock.ts";
import type { Chip } from "./chip.ts";

const DR = 0x00;
const RSR = 0x04;
const FR = 0x18;
const IBRD = 0x24;
const FBRD = 0x28;
const LCR_H = 0x2c;
const CR = 0x30;
const IFLS = 0x34;
const IMSC = 0x38;
const RIS = 0x3c;
const MIS = 0x40;
const ICR = 0x44;
const DMACR = 0x48;

const FR_BUSY = 1 << 3;
const FR_RX_EMPTY = 1 << 4;
const FR_TX_FULL = 1 << 5;
const FR_RX_FULL = 1 << 6;
const FR_TX_EMPTY = 1 << 7;
const FIFO_ENABLE = 1 << 4;
const UART_ENABLE = 1 << 0;
const TX_ENABLE = 1 << 8;
const RX_ENABLE = 1 << 9;
const INT_RX = 1 << 4;
const INT_TX = 1 << 5;
const INT_SILENCE = 1 << 6;
const INT_OVERRUN = 1 << 10;
const DMA_RX = 1 << 0;
const DMA_TX = 1 << 1;
const DR_OVERRUN = 1 << 11;
const FIFO = 32;
/** What IFLS selects as a level, in eighths of the FIFO. */
const EIGHTHS = [1, 2, 4, 6, 7];
const BITS_PER_BYTE = 10; // 8N1
const SILENCE_BITS = 32;
const SPEED_TOLERANCE = 0.03;
const UART0_IRQ = 20;
const UART0_TX_DREQ = 20;
const FUNCTION_UART = 2;
/** GPIO of TX and RX, of either UART, as this board uses them. */
const PINS: ReadonlyArray<{ tx: number; rx: number }> = [
  { tx: 0, rx: 1 },
  { tx: 4, rx: 5 },
];

export class Uart extends BasePeripheral {
  /** A byte that has left the chip. */
  onByte: (byte: number) => void = () => undefined;
  private readonly registers = new Map<number, number>([
    [CR, TX_ENABLE | RX_ENABLE],
    [IFLS, 0x12],
  ]);
  private readonly tx: number[] = [];
  private readonly rx: number[] = [];
  private shifting: number | null = null;
  private raw = 0;
  private readonly sent: Alarm;
  private readonly silence: Alarm;

  constructor(
    private readonly chip: Chip,
    private readonly index: number,
  ) {
    super(chip, `UART${index}`);
    this.sent = chip.clock.createAlarm(() => this.endByte());
    this.silence = chip.clock.createAlarm(() => this.raise(INT_SILENCE));
  }

  override readUint32(offset: number): number {
    if (offset === DR) return this.read();
    if (offset === FR) return this.flags();
    if (offset === RSR) return 0;
    if (offset === RIS) return this.raw;
    if (offset === MIS) return this.raw & this.value(IMSC);
    if (offset >= 0xfe0) return [0x11, 0x10, 0x34, 0, 0x0d, 0xf0, 0x05, 0xb1][(offset - 0xfe0) / 4];
    if (offset > DMACR) return super.readUint32(offset);
    return this.value(offset);
  }

  override writeUint32(offset: number, value: number): void {
    if (offset === DR) return this.write(value & 0xff);
    if (offset === ICR) this.raw &= ~this.rawWriteValue;
    else if (offset <= DMACR && offset >= IBRD) this.registers.set(offset, value);
    else if (offset !== RSR) return super.writeUint32(offset, value);
    this.update();
  }

  /** A byte from the other end of the line, which has taken `nanos` to come. */
  receive(byte: number, nanos: number): void {
    const isOn = (this.value(CR) & (UART_ENABLE | RX_ENABLE)) === (UART_ENABLE | RX_ENABLE);
    if (!isOn || !this.hasPin(PINS[this.index].rx)) return;
    const isGarbled = Math.abs(this.byteNanos() / nanos - 1) > SPEED_TOLERANCE;
    if (isGarbled) this.chip.complain("the serial line has another speed than this UART");
    if (this.rx.length < this.depth) this.rx.push(isGarbled ? byte ^ 0xff : byte);
    else this.overrun();
    if (this.rx.length >= this.level(this.value(IFLS) >>> 3)) this.raw |= INT_RX;
    this.silence.schedule((this.byteNanos() / BITS_PER_BYTE) * SILENCE_BITS);
    this.update();
  }

  private overrun(): void {
    this.chip.complain("a byte on the serial line was lost: the receiver's FIFO is full");
    this.rx[this.rx.length - 1] |= DR_OVERRUN;
    this.raw |= INT_OVERRUN;
  }

  private value(offset: number): number {
    return this.registers.get(offset) ?? 0;
  }

  private get depth(): number {
    return this.value(LCR_H) & FIFO_ENABLE ? FIFO : 1;
  }

  private level(code: number): number {
    return Math.max(1, (this.depth * (EIGHTHS[code & 7] ?? 4)) >>> 3);
  }

  private hasPin(pin: number): boolean {
    return this.chip.gpio[pin].functionSelect === FUNCTION_UART;
  }

  private flags(): number {
    const receive = this.rx.length === 0 ? FR_RX_EMPTY : 0;
    const full = this.rx.length >= this.depth ? FR_RX_FULL : 0;
    const transmit = this.tx.length === 0 ? FR_TX_EMPTY : 0;
    const blocked = this.tx.length >= this.depth ? FR_TX_FULL : 0;
    return receive | full | transmit | blocked | (this.shifting === null ? 0 : FR_BUSY);
  }

  private read(): number {
    const value = this.rx.shift() ?? 0;
    if (this.rx.length < this.level(this.value(IFLS) >>> 3)) this.raw &= ~INT_RX;
    if (this.rx.length === 0) {
      this.silence.cancel();
      this.raw &= ~INT_SILENCE;
    }
    this.update();
    return value;
  }

  private write(byte: number): void {
    if (this.tx.length >= this.depth)
      return this.chip.complain("a byte for the serial line was lost: the FIFO is full");
    this.tx.push(byte);
    if (this.shifting === null) this.beginByte();
    if (this.tx.length > this.level(this.value(IFLS))) this.raw &= ~INT_TX;
    this.update();
  }

  private byteNanos(): number {
    const divisor = this.value(IBRD) + this.value(FBRD) / 64;
    const { periFreq } = this.chip.clocks;
    return divisor > 0 && periFreq > 0 ? (BITS_PER_BYTE * 16 * divisor * 1e9) / periFreq : Infinity;
  }

  private beginByte(): void {
    const isOn = (this.value(CR) & (UART_ENABLE | TX_ENABLE)) === (UART_ENABLE | TX_ENABLE);
    const nanos = this.byteNanos();
    if (!isOn || nanos === Infinity || this.tx.length === 0) return;
    const before = this.tx.length;
    this.shifting = this.tx.shift()!;
    if (before > this.level(this.value(IFLS)) || this.depth === 1) this.passLevel();
    this.sent.schedule(nanos);
  }

  /** The transmit interrupt comes when the level is passed downwards. */
  private passLevel(): void {
    if (this.tx.length <= this.level(this.value(IFLS))) this.raw |= INT_TX;
  }

  private endByte(): void {
    const byte = this.shifting!;
    this.shifting = null;
    if (this.hasPin(PINS[this.index].tx)) this.onByte(byte);
    this.beginByte();
    this.update();
  }

  private raise(interrupt: number): void {
    this.raw |= interrupt;
    this.update();
  }

  private update(): void {
    const { chip } = this;
    if (this.shifting === null) this.beginByte();
    chip.setInterrupt(UART0_IRQ + this.index, (this.raw & this.value(IMSC)) !== 0);
    const dma = this.value(DMACR);
    const request = UART0_TX_DREQ + 2 * this.index;
    setRequest(chip, request, (dma & DMA_TX) !== 0 && this.tx.length < this.depth);
    setRequest(chip, request + 1, (dma & DMA_RX) !== 0 && this.rx.length > 0);
  }
}

/** Says to the DMA whether a peripheral has room, or data. */
export function setRequest(chip: Chip, request: number, isReady: boolean): void {
  if (isReady) chip.dma.setDREQ(request);
  else chip.dma.clearDREQ(request);
}
