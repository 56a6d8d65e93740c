// Writes the primitive encodings of a WebAssembly binary; the counterpart of reader.ts.

export class ByteWriter {
  private readonly parts: number[] = [];

  get length(): number {
    return this.parts.length;
  }

  u8(value: number): void {
    this.parts.push(value);
  }

  u32(value: number): void {
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.parts.push((rest & 0x7f) | 0x80);
    this.parts.push(rest);
  }

  bytes(bytes: Uint8Array): void {
    for (const byte of bytes) this.parts.push(byte);
  }

  /** Bytes behind their length. */
  block(bytes: Uint8Array): void {
    this.u32(bytes.length);
    this.bytes(bytes);
  }

  name(text: string): void {
    this.block(new TextEncoder().encode(text));
  }

  vector<T>(items: T[], write: (item: T) => void): void {
    this.u32(items.length);
    for (const item of items) write(item);
  }

  result(): Uint8Array {
    return Uint8Array.from(this.parts);
  }
}
