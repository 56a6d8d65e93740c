// A W25Q16JV NOR flash: 2 MB on a SPI bus, seen from its pins (Winbond's datasheet, revision H).
// Programming only clears bits; erasing and programming need the write enable latch, which the
// operation takes back, and keep the chip busy - in virtual time - while it answers nothing but
// its status. The bytes change at the end of that time, so a power cut finds them half changed.

import type { Alarm, Clock } from "./clock.ts";
import { Random } from "./random.ts";

const SIZE = 2 * 1024 * 1024;
const PAGE = 256;
const ADDRESS_BYTES = 3;
const HEAD = 1 + ADDRESS_BYTES;
const PROGRAM = 0x02;
const JEDEC = [0xef, 0x40, 0x15];
const MANUFACTURER_AND_DEVICE = [0xef, 0x14];
const RELEASED_DEVICE = 0x14;
const BUSY = 1;
const WRITE_ENABLED = 2;
const QUAD_ENABLE = 2;
const STATUS_NANOS = 10e6;
const PROGRAM_NANOS = 0.4e6;

/** Opcode -> bytes erased, and the typical time. */
const ERASES: Record<number, { size: number; nanos: number }> = {
  0x20: { size: 4096, nanos: 45e6 },
  0x52: { size: 32 * 1024, nanos: 120e6 },
  0xd8: { size: 64 * 1024, nanos: 150e6 },
  0x60: { size: SIZE, nanos: 5e9 },
  0xc7: { size: SIZE, nanos: 5e9 },
};

/** Opcode -> bytes between it and the first byte of the answer. */
const READS: Record<number, number> = { 0x03: ADDRESS_BYTES, 0x0b: ADDRESS_BYTES + 1 };

/** What an erase or a program is about to do, as a test sees it. */
export interface FlashOperation {
  kind: "erase" | "program";
  offset: number;
  size: number;
}

interface Pending extends FlashOperation {
  /** Brings the bytes to where they are when a part of the time has gone by. */
  apply(part: number): void;
  begun: number;
  nanos: number;
}

export class FlashChip {
  readonly bytes: Uint8Array;
  /** Called when an erase or a program begins. */
  onOperation: (operation: FlashOperation) => void = () => undefined;
  private clock!: Clock;
  private done!: Alarm;
  private changed: () => void = () => undefined;
  private pending: Pending | null = null;
  /** Opcode and address of the command, the bytes to program, and how many came in all. */
  private readonly head = new Uint8Array(HEAD);
  private readonly page = new Uint8Array(PAGE);
  private count = 0;
  private selected = false;
  private writeEnabled = false;
  private volatileEnabled = false;
  private poweredDown = false;
  private status2 = QUAD_ENABLE;

  constructor(
    image: Uint8Array | null,
    private readonly uniqueId: Uint8Array,
    private readonly random: Random,
  ) {
    this.bytes = new Uint8Array(SIZE).fill(0xff);
    if (image !== null) this.bytes.set(image);
  }

  /** Joins a chip that has just come up, with a clock of its own. */
  attach(clock: Clock, changed: () => void): void {
    const { left } = this;
    this.clock = clock;
    this.changed = changed;
    this.done = clock.createAlarm(() => this.complete());
    this.selected = false;
    if (this.pending === null) return;
    this.pending.begun = clock.nanos + left - this.pending.nanos;
    this.done.schedule(left);
  }

  get busy(): boolean {
    return this.pending !== null;
  }

  /** Whether a read command would be answered. */
  get readable(): boolean {
    return !this.busy && !this.selected && !this.poweredDown;
  }

  /** Why the flash cannot be read. */
  get state(): string {
    if (this.pending) return `the flash is busy with ${this.pending.kind}`;
    if (this.poweredDown) return "the flash is powered down";
    return "the flash is not in XIP mode";
  }

  /** The power goes: what is under way remains half done, the latches are lost. */
  cutPower(part?: number): void {
    const { pending } = this;
    if (pending) pending.apply(part ?? 1 - this.left / pending.nanos);
    this.pending = null;
    this.done.cancel();
    this.writeEnabled = this.volatileEnabled = this.poweredDown = this.selected = false;
    this.changed();
  }

  select(): void {
    this.selected = true;
    this.count = 0;
    this.page.fill(0xff);
  }

  /** One byte each way. */
  transfer(out: number): number {
    if (!this.selected) return 0xff;
    const at = this.count++;
    if (at < this.head.length) this.head[at] = out;
    else if (this.head[0] === PROGRAM)
      this.page[(this.address + at - this.head.length) % PAGE] = out;
    return at === 0 ? 0xff : this.answer(this.head[0], at - 1);
  }

  deselect(): void {
    if (!this.selected) return;
    this.selected = false;
    if (this.count > 0 && !this.busy) this.execute(this.head[0]);
  }

  /** The byte that goes out together with byte `at` after the opcode. */
  private answer(opcode: number, at: number): number {
    if (opcode === 0x05) return (this.busy ? BUSY : 0) | (this.writeEnabled ? WRITE_ENABLED : 0);
    if (opcode === 0x35) return this.status2;
    if (this.busy || (this.poweredDown && opcode !== 0xab)) return 0xff;
    if (opcode in READS && at >= READS[opcode]) return this.readAt(at - READS[opcode]);
    if (opcode === 0x15) return 0;
    if (opcode === 0x9f) return JEDEC[at % JEDEC.length];
    if (opcode === 0x90 && at >= 3) return MANUFACTURER_AND_DEVICE[(at - 3) % 2];
    if (opcode === 0xab && at >= 3) return RELEASED_DEVICE;
    if (opcode === 0x4b && at >= 4) return this.uniqueId[(at - 4) % this.uniqueId.length];
    return 0xff;
  }

  private readAt(index: number): number {
    return this.bytes[(this.address + index) % SIZE];
  }

  private get address(): number {
    return ((this.head[1] << 16) | (this.head[2] << 8) | this.head[3]) % SIZE;
  }

  /** What a command does when chip select rises. */
  private execute(opcode: number): void {
    if (this.poweredDown && opcode !== 0xab) return;
    if (opcode === 0x06) this.writeEnabled = true;
    else if (opcode === 0x04) this.writeEnabled = false;
    else if (opcode === 0x50) this.volatileEnabled = true;
    else if (opcode === 0xb9) this.poweredDown = true;
    else if (opcode === 0xab) this.poweredDown = false;
    else if (opcode === 0x31 && this.count === 2) this.writeStatus(this.head[1]);
    else if (opcode === 0x01 && this.count === 3) this.writeStatus(this.head[2]);
    else if (opcode === PROGRAM && this.count > HEAD) this.program();
    else if (opcode in ERASES) this.erase(ERASES[opcode]);
  }

  private writeStatus(value: number): void {
    const isVolatile = this.volatileEnabled;
    this.volatileEnabled = false;
    if (isVolatile) this.status2 = value;
    else if (this.writeEnabled)
      this.begin({ kind: "program", offset: 0, size: 0 }, STATUS_NANOS, (part) => {
        if (part >= 1) this.status2 = value;
      });
  }

  /** Bytes beyond the end of the page go to its start; of more than a page, the last 256 count. */
  private program(): void {
    if (!this.writeEnabled) return;
    const { address } = this;
    const start = address - (address % PAGE);
    const data = this.page.slice();
    const size = Math.min(this.count - HEAD, PAGE);
    this.begin({ kind: "program", offset: address, size }, PROGRAM_NANOS, (part) => {
      const whole = Math.floor(size * part);
      for (let i = 0; i < whole; i++) {
        const at = (address + i) % PAGE;
        this.bytes[start + at] &= data[at];
      }
      const at = (address + whole) % PAGE;
      if (part > 0 && whole < size) this.bytes[start + at] &= data[at] | this.random.next();
    });
  }

  private erase({ size, nanos }: { size: number; nanos: number }): void {
    const isWhole = size === SIZE;
    if (!this.writeEnabled || this.count !== (isWhole ? 1 : HEAD)) return;
    const offset = isWhole ? 0 : this.address & -size;
    this.begin({ kind: "erase", offset, size }, nanos, (part) => {
      const end = offset + Math.floor(size * part);
      this.bytes.fill(0xff, offset, end);
      if (part > 0 && end < offset + size) this.bytes[end] |= this.random.next();
    });
  }

  private begin(operation: FlashOperation, nanos: number, apply: (part: number) => void): void {
    this.pending = { ...operation, apply, begun: this.clock.nanos, nanos };
    this.done.schedule(nanos);
    this.onOperation(operation);
  }

  private complete(): void {
    this.pending?.apply(1);
    this.pending = null;
    this.writeEnabled = false;
    this.changed();
  }

  /** Nanoseconds until what is under way is done. */
  get left(): number {
    const { pending } = this;
    return pending ? Math.max(0, pending.begun + pending.nanos - this.clock.nanos) : 0;
  }
}
