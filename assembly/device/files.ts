// Files as MicroPython's builtin `open` gives them. Everything is bytes: `str(file.read()!)` is the
// text. Paths are those of the device's file system; on a computer they cannot leave the folder
// given to the runner.

import * as hal from "imports";
import { ByteStream } from "bytestream";
import { EBADF, EINVAL, ENFILE } from "errno";
import { collect, onFree } from "finalize";
import { checked, fail, succeeded } from "oserror";
import { bytes } from "text";

export const SEEK_SET: i32 = 0;
export const SEEK_CUR: i32 = 1;
export const SEEK_END: i32 = 2;

/** Flags of fs_open (hal/surface.def). */
const READ: i32 = 1;
const WRITE: i32 = 2;
const CREATE: i32 = 4;
const TRUNCATE: i32 = 8;
const APPEND: i32 = 16;

/** Opens a file; mode is "r", "w" or "a", with "+" for both ways; "b" and "t" change nothing. */
// @ts-ignore: decorator
@global
export function open(path: string, mode: string = "r"): File | null {
  const flags = flagsOf(mode);
  if (flags < 0) {
    fail(-EINVAL);
    return null;
  }
  const name = bytes(path);
  let handle = hal.fs_open(name.dataStart, name.length, flags);
  if (handle == -ENFILE) {
    collect();
    handle = hal.fs_open(name.dataStart, name.length, flags);
  }
  return checked(handle) < 0 ? null : new File(handle);
}

/** An open file: read, readinto, readline, write as of every stream, and a position. */
export class File extends ByteStream {
  constructor(private handle: i32) {
    super();
  }

  /** Moves the position; the new one, counted from the start. */
  seek(offset: i32, whence: i32 = SEEK_SET): i32 {
    const unread = whence == SEEK_CUR ? this.keptSize : 0;
    this.dropKept();
    return checked(hal.fs_seek(this.handle, offset - unread, whence));
  }

  tell(): i32 {
    return this.seek(0, SEEK_CUR);
  }

  /** False where the last bytes could not be stored. Closing twice is allowed. */
  close(): bool {
    if (this.handle < 0) return true;
    const result = hal.fs_close(this.handle);
    this.handle = -EBADF;
    return succeeded(result);
  }

  protected receive(p: usize, n: i32): i32 {
    return this.handle < 0 ? fail(this.handle) : checked(hal.fs_read(this.handle, p, n));
  }

  /**
   * Bytes read ahead for a line are given back first, so that writing starts where reading ended.
   */
  protected transmit(p: usize, n: i32): i32 {
    if (this.handle < 0) return fail(this.handle);
    if (this.keptSize > 0 && this.tell() < 0) return -1;
    return checked(hal.fs_write(this.handle, p, n));
  }

  /** For the collector: gives the handle back. */
  static free(object: usize): void {
    const handle = changetype<File>(object).handle;
    if (handle >= 0) hal.fs_close(handle);
  }
}

/** The flags of a mode, -1 for one that Python does not know. */
function flagsOf(mode: string): i32 {
  let flags = 0;
  let both = false;
  for (let i = 0; i < mode.length; i++) {
    const letter = mode.charAt(i);
    if (letter == "+") both = true;
    else if (letter == "b" || letter == "t") continue;
    else if (flags != 0) return -1;
    else if (letter == "r") flags = READ;
    else if (letter == "w") flags = WRITE | CREATE | TRUNCATE;
    else if (letter == "a") flags = WRITE | CREATE | APPEND;
    else return -1;
  }
  if (flags == 0) return -1;
  return both ? flags | READ | WRITE : flags;
}

onFree(idof<File>(), File.free);
