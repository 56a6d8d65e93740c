// Writes a byte range from front to back, never past its end. Sticky like the Reader: after an
// overflow nothing is written and `failed` says so once, at the end.
//
//   const block = w.begin(2);          // leaves room for a 16-bit length
//   ...
//   w.finish(block, 2);                // writes the length of what stands between

import { store16be, store24be, store32be } from "./bytes";
import * as scratch from "./scratch";

// @ts-ignore: decorator
@unmanaged
export class Writer {
  start: usize = 0;
  at: usize = 0;
  end: usize = 0;
  failed: bool = false;

  /** A writer into n bytes at p, in the caller's scratch frame. */
  static into(p: usize, n: i32): Writer {
    const w = changetype<Writer>(scratch.take(offsetof<Writer>()));
    w.start = p;
    w.at = p;
    w.end = p + n;
    w.failed = n < 0;
    return w;
  }

  /** Bytes written so far. */
  get length(): i32 {
    return <i32>(this.at - this.start);
  }

  u8(v: u32): void {
    const p = this.reserve(1);
    if (p != 0) store<u8>(p, v);
  }

  u16(v: u32): void {
    const p = this.reserve(2);
    if (p != 0) store16be(p, v);
  }

  u24(v: u32): void {
    const p = this.reserve(3);
    if (p != 0) store24be(p, v);
  }

  u32(v: u32): void {
    const p = this.reserve(4);
    if (p != 0) store32be(p, v);
  }

  bytes(from: usize, n: i32): void {
    const p = this.reserve(n);
    if (p != 0) memory.copy(p, from, n);
  }

  /** n bytes of room that the caller fills; 0 where there is not enough. */
  reserve(n: i32): usize {
    if (this.failed || n < 0 || n > <i32>(this.end - this.at)) {
      this.failed = true;
      return 0;
    }
    const p = this.at;
    this.at += n;
    return p;
  }

  /** Begins a block with a length of 1, 2 or 3 bytes; gives the position to hand to finish. */
  begin(lengthBytes: i32): usize {
    this.reserve(lengthBytes);
    return this.at;
  }

  /**
   * Ends the block that begin started: fills in its length. A block too long for its length is a
   * failure.
   */
  finish(block: usize, lengthBytes: i32): void {
    if (this.failed) return;
    const n = <u32>(this.at - block);
    if (n >>> (8 * lengthBytes) != 0) this.failed = true;
    else if (lengthBytes == 1) store<u8>(block - 1, n);
    else if (lengthBytes == 2) store16be(block - 2, n);
    else store24be(block - 3, n);
  }
}
