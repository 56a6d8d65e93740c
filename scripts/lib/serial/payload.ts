// The payloads of requests and answers: little-endian numbers, texts behind their length in a byte.

import { UserError } from "../exec.ts";

/** Composes a payload. */
export class PayloadWriter {
  private readonly parts: Uint8Array[] = [];

  u8(value: number): this {
    return this.bytes(Uint8Array.of(value));
  }

  u32(value: number): this {
    const part = new Uint8Array(4);
    new DataView(part.buffer).setUint32(0, value, true);
    return this.bytes(part);
  }

  i64(value: bigint): this {
    const part = new Uint8Array(8);
    new DataView(part.buffer).setBigInt64(0, value, true);
    return this.bytes(part);
  }

  bytes(bytes: Uint8Array): this {
    this.parts.push(bytes);
    return this;
  }

  text(text: string): this {
    const bytes = new TextEncoder().encode(text);
    if (bytes.length > 255) throw new UserError(`over 255 bytes: ${text}`);
    if (bytes.includes(0)) throw new UserError(`a NUL character in ${JSON.stringify(text)}`);
    return this.u8(bytes.length).bytes(bytes);
  }

  done(): Uint8Array {
    return Uint8Array.from(Buffer.concat(this.parts));
  }
}

/** Reads an answer; one that is shorter than it must be is the device's fault. */
export class PayloadReader {
  private at = 0;
  private readonly view: DataView;

  constructor(private readonly data: Uint8Array) {
    this.view = new DataView(data.buffer, data.byteOffset, data.length);
  }

  u32(): number {
    return this.view.getUint32(this.skip(4), true);
  }

  i64(): bigint {
    return this.view.getBigInt64(this.skip(8), true);
  }

  rest(): Uint8Array {
    return this.data.subarray(this.skip(this.data.length - this.at));
  }

  text(): string {
    return new TextDecoder().decode(this.rest());
  }

  private skip(length: number): number {
    const at = this.at;
    if (at + length > this.data.length) throw new UserError("the device's answer is too short");
    this.at += length;
    return at;
  }
}
