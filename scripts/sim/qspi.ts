// What is around the flash's controller: the pins (IO_QSPI; chip select can be forced there) and
// the cache in front of it (XIP_CTRL; caching itself is not emulated, so nothing is ever stale).

import { BasePeripheral } from "rp2040js";
import type { Chip } from "./chip.ts";
import { ChipSelect, type Ssi } from "./ssi.ts";

const PINS = 6;
const SS = 1;
const FUNCTION_XIP = 0;
const FUNCTION_NONE = 0x1f;

export class IoQspi extends BasePeripheral {
  private readonly controls: number[] = new Array<number>(PINS).fill(FUNCTION_NONE);

  constructor(
    chip: Chip,
    private readonly ssi: Ssi,
  ) {
    super(chip, "IO_QSPI");
  }

  override readUint32(offset: number): number {
    if (offset >= PINS * 8) return super.readUint32(offset);
    return offset & 4 ? this.controls[offset >>> 3] : 0;
  }

  override writeUint32(offset: number, value: number): void {
    if (offset >= PINS * 8) return super.writeUint32(offset, value);
    if ((offset & 4) === 0) return;
    this.controls[offset >>> 3] = value;
    const connected = this.controls.every((control) => (control & 0x1f) === FUNCTION_XIP);
    this.ssi.drive(connected, ((this.controls[SS] >>> 8) & 3) as ChipSelect);
  }
}

const XIP_CTRL = 0x00;
const XIP_FLUSH = 0x04;
const XIP_STAT = 0x08;
const XIP_HITS = 0x0c;
const XIP_ACCESSES = 0x10;
const ENABLED = 1;
const BAD_WRITE_ERROR = 2;
const FLUSHED_AND_STREAM_EMPTY = 3;

export class XipControl extends BasePeripheral {
  private control = ENABLED | BAD_WRITE_ERROR;

  constructor(chip: Chip) {
    super(chip, "XIP_CTRL");
  }

  override readUint32(offset: number): number {
    if (offset === XIP_CTRL) return this.control;
    if (offset === XIP_STAT) return FLUSHED_AND_STREAM_EMPTY;
    if (offset === XIP_FLUSH || offset === XIP_HITS || offset === XIP_ACCESSES) return 0;
    return super.readUint32(offset);
  }

  override writeUint32(offset: number, value: number): void {
    if (offset === XIP_CTRL) this.control = value & 0xb;
    else if (offset > XIP_ACCESSES) super.writeUint32(offset, value);
  }
}
