// What the test apps of tests/hal share: printing a line, strings and addresses as the calls of
// hal/surface.def want them. Apps here use the raw calls, not the classes of assembly/device: it
// is the host that is tested.

import * as hal from "../../assembly/device/imports";

export const ADDRESS_SIZE: i32 = 20;
export const BAD_RANGE: i32 = -1037;

/** Prints "name value" on a line. */
export function say(name: string, value: i64): void {
  print(name + " " + value.toString());
}

export function print(text: string): void {
  const bytes = String.UTF8.encode(text + "\n");
  hal.log_write(changetype<usize>(bytes), bytes.byteLength);
}

export function bytesOf(text: string): ArrayBuffer {
  return String.UTF8.encode(text);
}

export function open(path: string, flags: i32): i32 {
  const p = bytesOf(path);
  return hal.fs_open(changetype<usize>(p), p.byteLength, flags);
}

/** The first address of a name, in `out`; the count or the error. */
export function resolve(host: string, port: i32, out: usize): i32 {
  const p = bytesOf(host);
  return hal.net_getaddrinfo(changetype<usize>(p), p.byteLength, port, out, ADDRESS_SIZE);
}

/** The whole of a small file of the root. */
export function readText(path: string): string {
  const buffer = new ArrayBuffer(8192);
  const file = open(path, 1);
  if (file < 0) return "";
  const n = hal.fs_read(file, changetype<usize>(buffer), buffer.byteLength);
  hal.fs_close(file);
  return String.UTF8.decode(buffer.slice(0, n));
}
