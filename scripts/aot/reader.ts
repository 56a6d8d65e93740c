// Reads the primitive encodings of a WebAssembly binary (core specification, 5.2): LEB128 integers,
// names, vectors. Positions are byte offsets in the module, because traps are reported by them.

import { Refusal } from "./refusal.ts";

export class ByteReader {
  at: number;

  constructor(
    readonly bytes: Uint8Array,
    start = 0,
    readonly end = bytes.length,
  ) {
    this.at = start;
  }

  get more(): boolean {
    return this.at < this.end;
  }

  u8(): number {
    if (this.at >= this.end)
      throw new Refusal("module", "encoding", "ends in the middle of an item");
    return this.bytes[this.at++];
  }

  u32(): number {
    return Number(this.leb(32, false));
  }

  s32(): number {
    return Number(this.leb(32, true));
  }

  s64(): bigint {
    return this.leb(64, true);
  }

  /** The n bytes from here, and passes them. */
  take(n: number): Uint8Array {
    if (n > this.end - this.at)
      throw new Refusal("module", "encoding", "ends in the middle of an item");
    this.at += n;
    return this.bytes.subarray(this.at - n, this.at);
  }

  name(): string {
    return new TextDecoder().decode(this.take(this.u32()));
  }

  vector<T>(item: () => T): T[] {
    return Array.from({ length: this.u32() }, item);
  }

  private leb(bits: number, signed: boolean): bigint {
    let value = 0n;
    let shift = 0n;
    for (;;) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
      if ((byte & 0x80) === 0) {
        if (signed && (byte & 0x40) !== 0) value -= 1n << shift;
        return value;
      }
      if (shift > BigInt(bits)) throw new Refusal("module", "encoding", "an integer is too long");
    }
  }
}
