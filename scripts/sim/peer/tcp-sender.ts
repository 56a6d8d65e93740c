// The sending half of a TCP connection: the bytes that the device has not acknowledged yet, what of
// them may be sent, and what must be sent again. There is no congestion control: the cable has no
// queue that could overflow, and the device's window is the limit.
//
//   una ..... next ..... una + window ..... una + queued
//     on the way   may be sent      must wait

import { advance, distance } from "./tcp-segment.ts";

/** Part of the stream to send. */
export interface Chunk {
  sequence: number;
  data: Buffer;
  fin: boolean;
  /** Nothing more is queued behind it. */
  last: boolean;
}

export class Sender {
  /** The oldest sequence number that is not acknowledged. */
  una: number;
  /** The next one to send. */
  next: number;
  window = 0;

  private chunks: Buffer[] = [];
  private length = 0;
  private finQueued = false;
  private finAcknowledged = false;

  /** `first` is the sequence number after our SYN. */
  constructor(first: number) {
    this.una = first;
    this.next = first;
  }

  /** Bytes that are not acknowledged, sent or not. */
  get queued(): number {
    return this.length;
  }

  /** Sequence numbers that are sent and not acknowledged. */
  get inFlight(): number {
    return distance(this.una, this.next);
  }

  /** Sequence numbers that are still to be sent. */
  get unsent(): number {
    return this.length + (this.finIsOpen ? 1 : 0) - this.inFlight;
  }

  get finSent(): boolean {
    return this.finAcknowledged || this.inFlight > this.length;
  }

  get finished(): boolean {
    return this.finAcknowledged;
  }

  queue(data: Buffer): void {
    this.chunks.push(data);
    this.length += data.length;
  }

  /** FIN follows the last byte. */
  finish(): void {
    this.finQueued = true;
  }

  /**
   * The next part to send, of at most `size` bytes, as far as the window allows; null if nothing
   * may be sent now. A part that is small only because the window is nearly full waits for
   * more room (RFC 1122, 4.2.3.4).
   */
  take(size: number): Chunk | null {
    const room = this.window - this.inFlight;
    const count = Math.min(size, room, this.unsent);
    if (count <= 0) return null;
    if (count < Math.min(size, this.unsent) && this.inFlight > 0) return null;
    return this.sent(this.inFlight, count);
  }

  /** One sequence number beyond a closed window, to learn whether it has opened. */
  probe(): Chunk | null {
    return this.unsent > 0 ? this.sent(this.inFlight, 1) : null;
  }

  /** The oldest part again: at most `size` bytes, as many as the window allows, at least 1. */
  again(size: number): Chunk | null {
    const count = Math.min(size, this.inFlight, Math.max(1, this.window));
    return count > 0 ? this.chunk(0, count) : null;
  }

  /** Drops what the device has: `una` moves to `sequence`, which is in (una, next]. */
  acknowledge(sequence: number): void {
    const count = distance(this.una, sequence);
    if (count > this.length) this.finAcknowledged = true;
    this.discard(Math.min(count, this.length));
    this.una = sequence;
  }

  private get finIsOpen(): boolean {
    return this.finQueued && !this.finAcknowledged;
  }

  private sent(offset: number, count: number): Chunk {
    const chunk = this.chunk(offset, count);
    this.next = advance(this.una, offset + count);
    return chunk;
  }

  private chunk(offset: number, count: number): Chunk {
    const data = this.peek(offset, Math.min(count, this.length - offset));
    const end = offset + count;
    const last = end >= this.length;
    return { sequence: advance(this.una, offset), data, fin: end > this.length, last };
  }

  private peek(offset: number, count: number): Buffer {
    const parts: Buffer[] = [];
    let start = offset;
    let left = count;
    for (const chunk of this.chunks) {
      if (left <= 0) break;
      const part = chunk.subarray(start, start + left);
      start = Math.max(0, start - chunk.length);
      left -= part.length;
      if (part.length > 0) parts.push(part);
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  private discard(count: number): void {
    this.length -= count;
    let left = count;
    while (left > 0) {
      const first = this.chunks[0]!;
      if (first.length > left) {
        this.chunks[0] = first.subarray(left);
        return;
      }
      left -= first.length;
      this.chunks.shift();
    }
  }
}
