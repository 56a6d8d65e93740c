// MicroPython's stream methods, once for sockets, TLS connections and files, over two functions
// that a class supplies: receive (what is there) and transmit (what is taken).
//
//   read(n)   loops until n bytes or the end        readline   up to and with "\n"
//   read()    loops until the end                   write      loops until all is taken
//
// A stream that does not block returns what was done so far, and fails with EAGAIN only where that
// is nothing. Where reading fails half-way for another reason (a timeout, a stream cut short), what
// had arrived is kept and is the first thing that the next call reads: a failure loses no bytes. An
// empty result means the end.

import { EAGAIN, ETIMEDOUT } from "errno";
import { lastFailure } from "oserror";
import { bytes } from "text";

const FIRST_CAPACITY: i32 = 256;
const LINE_CHUNK: i32 = 128;
const LINE_FEED: u8 = 0x0a;

export abstract class ByteStream {
  /** Bytes that arrived and were not read yet: the rest after a line, or before a failure. */
  private kept: Uint8Array = new Uint8Array(0);
  private keptFrom: i32 = 0;

  /** Puts at most n bytes at p: how many, 0 at the end, -1 with the failure recorded. */
  protected abstract receive(p: usize, n: i32): i32;

  /** Takes at most n > 0 bytes at p: how many, -1 with the failure recorded. */
  protected abstract transmit(p: usize, n: i32): i32;

  /**
   * Up to n bytes, fewer only at the end (or where it would block); without n, all until the end.
   */
  read(n: i32 = -1): Uint8Array | null {
    if (n == 0) return new Uint8Array(0);
    let buffer = new Uint8Array(n > 0 ? n : FIRST_CAPACITY);
    let filled = 0;
    while (n < 0 || filled < n) {
      if (filled == buffer.length) buffer = copyOf(buffer, filled, filled * 2);
      const got = this.receiveAny(buffer.dataStart + filled, buffer.length - filled);
      if (got == 0) break;
      if (got < 0) {
        if (filled > 0 && lastFailure() == -EAGAIN) break;
        this.unread(buffer, filled);
        return null;
      }
      filled += got;
    }
    return filled == buffer.length ? buffer : copyOf(buffer, filled, filled);
  }

  /** Fills buf, or its first nbytes, as read(n) does; how many bytes. */
  readinto(buf: Uint8Array, nbytes: i32 = -1): i32 {
    const wanted = nbytes < 0 ? buf.length : min(nbytes, buf.length);
    let filled = 0;
    while (filled < wanted) {
      const got = this.receiveAny(buf.dataStart + filled, wanted - filled);
      if (got == 0) break;
      if (got < 0) {
        if (filled > 0 && lastFailure() == -EAGAIN) break;
        this.unread(buf, filled);
        return -1;
      }
      filled += got;
    }
    return filled;
  }

  /**
   * One line with its "\n", at most `limit` bytes of it; without "\n" only at the end of the
   * stream.
   */
  readline(limit: i32 = -1): Uint8Array | null {
    let scanned = 0;
    while (true) {
      const length = this.lineLength(scanned, limit);
      if (length >= 0) return this.takeKept(length);
      scanned = this.keptSize;
      const got = this.receiveMore();
      if (got == 0) return this.takeKept(scanned);
      if (got < 0) return scanned > 0 && lastFailure() == -EAGAIN ? this.takeKept(scanned) : null;
    }
  }

  /**
   * Sends all of the data (bytes, or a text as UTF-8): how many bytes. Fewer only where it would
   * block or timed out, -1 where it failed.
   */
  write<T>(data: T): i32 {
    const buf = bytesOf<T>(data);
    let done = 0;
    while (done < buf.length) {
      const taken = this.transmit(buf.dataStart + done, buf.length - done);
      if (taken < 0) {
        const code = lastFailure();
        return done > 0 && (code == -EAGAIN || code == -ETIMEDOUT) ? done : -1;
      }
      done += taken;
    }
    return done;
  }

  /** Bytes that the next read gives without asking the stream below. */
  protected get keptSize(): i32 {
    return this.kept.length - this.keptFrom;
  }

  /** Forgets them: the file position moves. */
  protected dropKept(): void {
    this.kept = new Uint8Array(0);
    this.keptFrom = 0;
  }

  /** receive, but what was kept comes first. */
  protected receiveAny(p: usize, n: i32): i32 {
    const size = this.keptSize;
    if (size == 0) return this.receive(p, n);
    const given = min(size, n);
    memory.copy(p, this.kept.dataStart + this.keptFrom, given);
    this.keptFrom += given;
    return given;
  }

  /** Puts bytes back in front of what is kept. */
  private unread(buffer: Uint8Array, n: i32): void {
    if (n == 0) return;
    const size = this.keptSize;
    const joined = copyOf(buffer, n, n + size);
    memory.copy(joined.dataStart + n, this.kept.dataStart + this.keptFrom, size);
    this.kept = joined;
    this.keptFrom = 0;
  }

  /** Appends a chunk from below to what is kept. */
  private receiveMore(): i32 {
    const size = this.keptSize;
    const grown = new Uint8Array(size + LINE_CHUNK);
    memory.copy(grown.dataStart, this.kept.dataStart + this.keptFrom, size);
    const got = this.receive(grown.dataStart + size, LINE_CHUNK);
    if (got <= 0) return got;
    this.kept = grown.subarray(0, size + got);
    this.keptFrom = 0;
    return got;
  }

  /** The length of the first line, looking from `scanned` on; -1 where its end is not there yet. */
  private lineLength(scanned: i32, limit: i32): i32 {
    const size = limit < 0 ? this.keptSize : min(limit, this.keptSize);
    const start = this.kept.dataStart + this.keptFrom;
    for (let i = scanned; i < size; i++) {
      if (load<u8>(start + i) == LINE_FEED) return i + 1;
    }
    return size == limit ? limit : -1;
  }

  private takeKept(n: i32): Uint8Array {
    const taken = new Uint8Array(n);
    memory.copy(taken.dataStart, this.kept.dataStart + this.keptFrom, n);
    this.keptFrom += n;
    if (this.keptSize == 0) this.dropKept();
    return taken;
  }
}

/** What may be written: bytes, or a text as UTF-8. */
export function bytesOf<T>(data: T): Uint8Array {
  if (isString<T>()) return bytes(<string>data);
  if (data instanceof Uint8Array) return data;
  ERROR("only a Uint8Array or a string can be written");
}

/** The first n bytes of a buffer in a new one of `capacity`. */
function copyOf(buffer: Uint8Array, n: i32, capacity: i32): Uint8Array {
  const copy = new Uint8Array(capacity);
  memory.copy(copy.dataStart, buffer.dataStart, n);
  return copy;
}
