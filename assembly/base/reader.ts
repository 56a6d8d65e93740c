// Reads a byte range from front to back, never past its end. Sticky: after the first failure every
// read gives 0 and one check of `failed` at the end decides, so that parsers read like the format
// they parse.
//
// Length-prefixed blocks narrow the range and widen it again:
//
//   const outer = r.enter(r.u16());    // the block's bytes only
//   while (r.more()) ...
//   r.leave(outer);                    // fails unless the block was read to its end
//
// A Reader is a plain record in scratch memory.

import { load16be, load24be, load32be } from "./bytes";
import * as scratch from "./scratch";

// @ts-ignore: decorator
@unmanaged
export class Reader {
  at: usize = 0;
  end: usize = 0;
  failed: bool = false;

  /** A reader over n bytes at p, in the caller's scratch frame. */
  static over(p: usize, n: i32): Reader {
    const r = changetype<Reader>(scratch.take(offsetof<Reader>()));
    r.at = p;
    r.end = p + n;
    r.failed = n < 0;
    return r;
  }

  /** Bytes not yet read. */
  get left(): i32 {
    return <i32>(this.end - this.at);
  }

  more(): bool {
    return !this.failed && this.at < this.end;
  }

  /** Read to the end without a failure. */
  done(): bool {
    return !this.failed && this.at == this.end;
  }

  fail(): void {
    this.failed = true;
    this.at = this.end;
  }

  u8(): u32 {
    const p = this.skip(1);
    return p == 0 ? 0 : load<u8>(p);
  }

  u16(): u32 {
    const p = this.skip(2);
    return p == 0 ? 0 : load16be(p);
  }

  u24(): u32 {
    const p = this.skip(3);
    return p == 0 ? 0 : load24be(p);
  }

  u32(): u32 {
    const p = this.skip(4);
    return p == 0 ? 0 : load32be(p);
  }

  /** Passes n bytes and gives their address, 0 where there are fewer. */
  skip(n: i32): usize {
    if (this.failed || n < 0 || n > this.left) {
      this.fail();
      return 0;
    }
    const p = this.at;
    this.at += n;
    return p;
  }

  /** Narrows the range to the next n bytes; gives the end to restore with leave. */
  enter(n: u32): usize {
    const outer = this.end;
    if (this.failed || n > <u32>this.left) this.fail();
    else this.end = this.at + n;
    return outer;
  }

  /** Leaves a block: its bytes must all have been read. */
  leave(outer: usize): void {
    if (this.at != this.end) this.failed = true;
    this.end = outer;
    if (this.failed) this.at = outer;
  }
}
