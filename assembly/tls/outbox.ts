// The buffer from which a connection sends: records are built and sealed in place, one behind the
// other, and the transport takes them from the front. It is small: an app's write is cut into
// records that fit.
//
//   buffer                                                  buffer + capacity
//   |  taken  |  sealed records  |  the next one is built here   | RESERVE |
//             start              end
//
// RESERVE is room that only an alert and a KeyUpdate may use, so that a connection can always say
// why it ends.

import { wipe } from "../base/bytes";
import * as heap from "../base/heap";
import { EXPANSION, HEADER } from "./record";

const CAPACITY: i32 = 2048;

const ALERT_RECORD: i32 = HEADER + 2 + EXPANSION;
const KEY_UPDATE_RECORD: i32 = HEADER + 5 + EXPANSION;

/** What each kind of record leaves free for those that are more urgent. */
export namespace Reserve {
  export const OF_ALERT: i32 = 0;
  export const OF_KEY_UPDATE: i32 = ALERT_RECORD;
  export const OF_OTHERS: i32 = ALERT_RECORD + KEY_UPDATE_RECORD;
}

// @ts-ignore: decorator
@unmanaged
export class Outbox {
  buffer: usize = 0;
  start: usize = 0;
  end: usize = 0;
  /** Bytes queued since the start. */
  total: u32 = 0;

  static create(): Outbox | null {
    const outbox = heap.create<Outbox>();
    if (outbox === null) return null;
    outbox.buffer = heap.allocate(CAPACITY);
    outbox.start = outbox.buffer;
    outbox.end = outbox.buffer;
    if (outbox.buffer != 0) return outbox;
    outbox.free();
    return null;
  }

  free(): void {
    heap.release(this.buffer);
    heap.release(changetype<usize>(this));
  }

  /** Bytes that wait for the transport, from `start` on. */
  get size(): i32 {
    return <i32>(this.end - this.start);
  }

  /** The transport has taken n bytes, at most `size`. */
  taken(n: i32): void {
    this.start += n;
    if (this.start == this.end) this.rewind();
  }

  /** Where the next record is to be built. */
  get recordAt(): usize {
    this.compact();
    return this.end;
  }

  /**
   * The most content that the next record may have if it leaves `reserve` free; negative: no record
   * fits.
   */
  room(reserve: i32): i32 {
    this.compact();
    return <i32>(this.buffer + CAPACITY - this.end) - HEADER - EXPANSION - reserve;
  }

  /** The record of n bytes at recordAt is complete. */
  push(n: i32): void {
    this.end += n;
    this.total += n;
  }

  private rewind(): void {
    wipe(this.buffer, <i32>(this.end - this.buffer));
    this.start = this.buffer;
    this.end = this.buffer;
  }

  private compact(): void {
    if (this.start == this.buffer) return;
    const n = this.size;
    memory.copy(this.buffer, this.start, n);
    this.start = this.buffer;
    this.end = this.buffer + n;
  }
}

/** The most content of one record in an empty outbox. */
export const MAX_WRITE: i32 = CAPACITY - HEADER - EXPANSION - Reserve.OF_OTHERS;
