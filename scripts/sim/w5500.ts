// WIZnet's W5500 as its host sees it on SPI (datasheet 1.1.0), with socket 0 in MACRAW mode: whole
// Ethernet frames in a ring of up to 16 KB each way. The chip's own TCP/IP is not emulated. Where
// the datasheet leaves a choice, the one that is harder on a driver was taken: RECV is signalled
// once for what arrives, never again for what has been left in the ring.
//
//   address (2 bytes) | block (5 bits), write, mode (2 bits) | data, to auto-incremented addresses

import type { Alarm, Clock } from "./clock.ts";
import type { SpiDevice } from "./spi.ts";

const MR = 0x00;
const SHAR = 0x09;
const IR = 0x15;
const IMR = 0x16;
const SIR = 0x17;
const SIMR = 0x18;
const PHYCFGR = 0x2e;
const VERSIONR = 0x39;
const COMMON_SIZE = 0x40;
const COMMON_DEFAULTS: ReadonlyArray<[offset: number, value: number]> = [
  [0x19, 0x07], // RTR: 200 ms
  [0x1a, 0xd0],
  [0x1b, 8], // RCR
  [0x1c, 0x28], // PTIMER
  [0x26, 0xff], // PMRU
  [0x27, 0xff],
  [PHYCFGR, 0xb8],
  [VERSIONR, 4],
];
const MR_RESET = 0x80;
const PHY_LINKED = 0x07; // link, 100 Mbit/s, full duplex
const SOCKETS = 8;
const SN_MR = 0x00;
const SN_CR = 0x01;
const SN_IR = 0x02;
const SN_SR = 0x03;
const SN_RXBUF_SIZE = 0x1e;
const SN_TXBUF_SIZE = 0x1f;
const SN_TX_FSR = 0x20;
const SN_TX_RD = 0x22;
const SN_TX_WR = 0x24;
const SN_RX_RSR = 0x26;
const SN_RX_RD = 0x28;
const SN_RX_WR = 0x2a;
const SN_IMR = 0x2c;
const SOCKET_SIZE = 0x30;
const SOCKET_DEFAULTS: ReadonlyArray<[offset: number, value: number]> = [
  ...[6, 7, 8, 9, 10, 11].map((offset): [number, number] => [offset, 0xff]), // DHAR
  [0x16, 0x80], // TTL
  [SN_RXBUF_SIZE, 2],
  [SN_TXBUF_SIZE, 2],
  [SN_IMR, 0xff],
  [0x2d, 0x40], // FRAG
];
const MACRAW = 4;
const FILTER_OWN = 0x80;
const BLOCK_BROADCAST = 0x40;
const BLOCK_MULTICAST = 0x20;
const OPEN = 0x01;
const CLOSE = 0x10;
const SEND = 0x20;
const RECV = 0x40;
const STATUS_MACRAW = 0x42;
const IR_RECV = 0x04;
const IR_SENT = 0x10;
const MEMORY = 16 * 1024;
const MAXIMUM_FRAME = 1514;
const HEADER = 2;
const START_NANOS = 1e6; // PLL lock after a reset
const BYTE_NANOS = 80; // at 100 Mbit/s
const FRAMING = 24; // preamble, checksum, gap
const HELD_FRAMES = 1024;

export interface W5500Options {
  /** A frame that finds the ring full is lost, or waits on the wire. Default: lost. */
  whenFull?: "drop" | "hold";
  /** From a reset to a link, in milliseconds of the board; silicon takes one to three seconds. */
  linkDelay?: number;
}

export class W5500 implements SpiDevice {
  /** A frame for the wire. */
  onFrame: (frame: Uint8Array) => void = () => undefined;
  readonly statistics = { received: 0, sent: 0, dropped: 0, filtered: 0, spiBytes: 0 };
  private readonly common = new Uint8Array(COMMON_SIZE);
  private readonly sockets = Array.from({ length: SOCKETS }, () => new Uint8Array(SOCKET_SIZE));
  private readonly tx = new Uint8Array(MEMORY);
  private readonly rx = new Uint8Array(MEMORY);
  private readonly held: Uint8Array[] = [];
  private clock!: Clock;
  private sent!: Alarm;
  private readyAt = 0;
  private linkedAt = 0;
  private onInterrupt: (active: boolean) => void = () => undefined;
  private complain: (message: string) => void = () => undefined;
  private inReset = false;
  private isPlugged = true;
  private selected = false;
  private phase = 0;
  private address = 0;
  private control = 0;

  constructor(private readonly options: W5500Options = {}) {}

  /** Joins a board whose microcontroller has just come up, with a clock of its own. */
  attach(
    clock: Clock,
    onInterrupt: (active: boolean) => void,
    complain: (message: string) => void,
  ): void {
    const past = this.clock?.nanos ?? 0;
    this.readyAt -= past;
    this.linkedAt -= past;
    this.clock = clock;
    this.onInterrupt = onInterrupt;
    this.complain = complain;
    this.selected = false;
    this.sent = clock.createAlarm(() => this.raise(IR_SENT));
    this.update();
  }

  /** The power has come, or the reset pin went low. */
  reset(): void {
    this.common.fill(0);
    for (const [offset, value] of COMMON_DEFAULTS) this.common[offset] = value;
    for (const socket of this.sockets) {
      socket.fill(0);
      for (const [offset, value] of SOCKET_DEFAULTS) socket[offset] = value;
    }
    this.held.length = 0;
    this.sent.cancel();
    this.phase = 0;
    this.start();
    this.update();
  }

  private start(): void {
    this.readyAt = this.clock.nanos + START_NANOS;
    this.linkedAt = this.clock.nanos + (this.options.linkDelay ?? 20) * 1e6;
  }

  /** The reset pin: nothing happens while it is low, and the chip starts when it rises. */
  holdReset(low: boolean): void {
    if (low && !this.inReset) this.reset();
    if (!low && this.inReset) this.start();
    this.inReset = low;
  }

  /** Pulls the plug, or puts it in again. */
  plug(plugged: boolean): void {
    this.isPlugged = plugged;
    this.linkedAt = this.clock.nanos + (this.options.linkDelay ?? 20) * 1e6;
  }

  get linked(): boolean {
    return this.isPlugged && !this.inReset && this.clock.nanos >= this.linkedAt;
  }

  select(selected: boolean): void {
    this.selected = selected;
    this.phase = 0;
  }

  transfer(out: number): number {
    if (!this.selected || this.inReset || this.clock.nanos < this.readyAt) return 0;
    this.statistics.spiBytes++;
    this.phase++;
    if (this.phase === 1) this.address = out << 8;
    else if (this.phase === 2) this.address |= out;
    else if (this.phase === 3) this.setControl(out);
    else return this.data(out);
    return this.phase;
  }

  private setControl(control: number): void {
    this.control = control;
    if (control & 3) this.complain("W5500: only the variable length mode of SPI is emulated");
  }

  private data(out: number): number {
    const { address, control } = this;
    const block = control >>> 3;
    this.address = (address + 1) & 0xffff;
    if ((control & 4) === 0) return this.read(block, address);
    this.write(block, address, out);
    return 0;
  }

  private read(block: number, address: number): number {
    if (block === 0) return this.readCommon(address);
    const [socket, kind] = [block >>> 2, block & 3];
    if (kind === 1) return this.readSocket(socket, address);
    if (socket !== 0 || kind === 0) return 0;
    return kind === 2 ? this.tx[address & (this.txSize - 1)] : this.rx[address & (this.rxSize - 1)];
  }

  private readCommon(address: number): number {
    if (address === SIR) return this.socketInterrupts();
    if (address === PHYCFGR) return this.common[PHYCFGR] | (this.linked ? PHY_LINKED : 0);
    return address < COMMON_SIZE ? this.common[address] : 0;
  }

  private readSocket(index: number, address: number): number {
    const free = this.txSize - ((this.word(SN_TX_WR) - this.word(SN_TX_RD)) & 0xffff);
    if (index === 0 && address >>> 1 === SN_TX_FSR >>> 1) return half(free, address);
    if (index === 0 && address >>> 1 === SN_RX_RSR >>> 1) return half(this.used, address);
    return address < SOCKET_SIZE ? this.sockets[index][address] : 0;
  }

  private write(block: number, address: number, value: number): void {
    const [socket, kind] = [block >>> 2, block & 3];
    if (block === 0) this.writeCommon(address, value);
    else if (kind === 1 && address < SOCKET_SIZE) this.writeSocket(socket, address, value);
    else if (kind === 2 && socket === 0) this.tx[address & (this.txSize - 1)] = value;
  }

  private writeCommon(address: number, value: number): void {
    if (address === MR && value & MR_RESET) return this.reset();
    if (address === IR) this.common[IR] &= ~value;
    else if (address < VERSIONR && address !== SIR) this.common[address] = value;
    this.update();
  }

  private writeSocket(index: number, address: number, value: number): void {
    const socket = this.sockets[index];
    const isReadOnly = address === SN_SR || (address >= SN_TX_FSR && address < SN_TX_WR);
    const isPointer = address >>> 1 === SN_RX_RSR >>> 1 || address >>> 1 === SN_RX_WR >>> 1;
    if (address === SN_CR) return this.command(index, value);
    if (address === SN_IR) socket[SN_IR] &= ~value;
    else if (!isReadOnly && !isPointer) socket[address] = value;
    this.update();
  }

  /** The command register reads 0 again once the command is accepted, which is at once. */
  private command(index: number, command: number): void {
    const socket = this.sockets[index];
    if (index !== 0 || (command === OPEN && (socket[SN_MR] & 15) !== MACRAW))
      return this.complain(`W5500: socket ${index} can only be MACRAW of socket 0 here`);
    if (command === OPEN) this.open();
    else if (command === CLOSE) socket[SN_SR] = 0;
    else if (command === SEND) this.send();
    else if (command === RECV) this.commit();
    else this.complain(`W5500: command 0x${command.toString(16)} makes no sense in MACRAW mode`);
  }

  private open(): void {
    const [socket] = this.sockets;
    const total = (size: number): number => this.sockets.reduce((sum, s) => sum + s[size], 0);
    if (total(SN_RXBUF_SIZE) > 16 || total(SN_TXBUF_SIZE) > 16)
      this.complain("W5500: the sockets' buffers are larger than the chip's 16 KB");
    socket.fill(0, SN_TX_RD, SN_IMR);
    this.consumed = 0;
    socket[SN_SR] = STATUS_MACRAW;
  }

  /** What lies between TX_RD and TX_WR is one frame. */
  private send(): void {
    const [socket] = this.sockets;
    const from = this.word(SN_TX_RD);
    const length = (this.word(SN_TX_WR) - from) & 0xffff;
    if (socket[SN_SR] !== STATUS_MACRAW) return this.complain("W5500: SEND on a closed socket");
    if (this.sent.scheduled) this.complain("W5500: SEND while a frame is being sent");
    if (length > Math.min(MAXIMUM_FRAME, this.txSize))
      this.complain(`W5500: a frame of ${length} bytes is too long`);
    const frame = new Uint8Array(Math.min(length, MAXIMUM_FRAME));
    for (let i = 0; i < frame.length; i++) frame[i] = this.tx[(from + i) & (this.txSize - 1)];
    this.setWord(SN_TX_RD, this.word(SN_TX_WR));
    this.sent.schedule((length + FRAMING) * BYTE_NANOS);
    this.statistics.sent++;
    if (this.linked) this.onFrame(frame);
  }

  /** The RX_RD that the last RECV has made known to the chip. */
  private consumed = 0;

  private commit(): void {
    this.consumed = this.word(SN_RX_RD);
    while (this.held.length > 0 && this.fits(this.held[0])) this.store(this.held.shift()!);
    this.update();
  }

  /** A frame from the wire. */
  receive(frame: Uint8Array): void {
    if (this.sockets[0][SN_SR] !== STATUS_MACRAW || !this.linked) return;
    if (frame.length > MAXIMUM_FRAME || !this.passesFilter(frame)) this.statistics.filtered++;
    else if (this.held.length === 0 && this.fits(frame)) this.store(frame);
    else if (this.options.whenFull === "hold" && this.held.length < HELD_FRAMES)
      this.held.push(frame);
    else this.statistics.dropped++;
    this.update();
  }

  private passesFilter(frame: Uint8Array): boolean {
    const mode = this.sockets[0][SN_MR];
    const isBroadcast = frame.subarray(0, 6).every((byte) => byte === 0xff);
    if (isBroadcast) return (mode & BLOCK_BROADCAST) === 0;
    if (frame[0] & 1) return (mode & BLOCK_MULTICAST) === 0;
    const isOwn = frame.subarray(0, 6).every((byte, i) => byte === this.common[SHAR + i]);
    return isOwn || (mode & FILTER_OWN) === 0;
  }

  private fits(frame: Uint8Array): boolean {
    return this.used + HEADER + frame.length <= this.rxSize;
  }

  /** In the ring a frame follows its length, which counts itself. */
  private store(frame: Uint8Array): void {
    const length = frame.length + HEADER;
    const at = this.word(SN_RX_WR);
    const mask = this.rxSize - 1;
    this.rx[at & mask] = length >>> 8;
    this.rx[(at + 1) & mask] = length;
    frame.forEach((byte, i) => (this.rx[(at + HEADER + i) & mask] = byte));
    this.setWord(SN_RX_WR, at + length);
    this.statistics.received++;
    this.raise(IR_RECV);
  }

  private get used(): number {
    return (this.word(SN_RX_WR) - this.consumed) & 0xffff;
  }

  private get rxSize(): number {
    return this.sockets[0][SN_RXBUF_SIZE] * 1024;
  }

  private get txSize(): number {
    return this.sockets[0][SN_TXBUF_SIZE] * 1024;
  }

  private word(offset: number): number {
    return (this.sockets[0][offset] << 8) | this.sockets[0][offset + 1];
  }

  private setWord(offset: number, value: number): void {
    this.sockets[0][offset] = value >>> 8;
    this.sockets[0][offset + 1] = value;
  }

  private socketInterrupts(): number {
    return this.sockets.reduce((bits, s, i) => bits | ((s[SN_IR] & s[SN_IMR] ? 1 : 0) << i), 0);
  }

  private raise(interrupt: number): void {
    this.sockets[0][SN_IR] |= interrupt;
    this.update();
  }

  /** INTn is low as long as something is signalled that is not masked. */
  private update(): void {
    const sockets = this.socketInterrupts() & this.common[SIMR];
    this.onInterrupt(sockets !== 0 || (this.common[IR] & this.common[IMR]) !== 0);
  }
}

/** The byte of a 16-bit register that an address selects: the high one comes first. */
function half(value: number, address: number): number {
  return address & 1 ? value & 0xff : (value >>> 8) & 0xff;
}
