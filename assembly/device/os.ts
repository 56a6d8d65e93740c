// MicroPython's `os`, as far as the device's file system goes.

import * as hal from "imports";
import { checked, succeeded } from "oserror";
import { bytes, textAt } from "text";

const NAME_CAPACITY: i32 = 256;

/** Deletes a file. */
export function remove(path: string): bool {
  const name = bytes(path);
  return succeeded(hal.fs_remove(name.dataStart, name.length));
}

/** The names in a folder, in the file system's order. */
export function listdir(path: string = "/"): string[] | null {
  const folder = bytes(path);
  const room = new StaticArray<u8>(NAME_CAPACITY);
  const start = changetype<usize>(room);
  const names = new Array<string>();
  while (true) {
    const n = checked(
      hal.fs_list(folder.dataStart, folder.length, names.length, start, NAME_CAPACITY),
    );
    if (n < 0) return null;
    if (n == 0) return names;
    names.push(textAt(start, min(n, NAME_CAPACITY)));
  }
}
