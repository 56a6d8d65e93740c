// Does what the first byte of its file "behaviour" says.

import * as hal from "imports";

function first(): i32 {
  const path = String.UTF8.encode("behaviour");
  const byte = new Uint8Array(1);
  const file = hal.fs_open(changetype<usize>(path), path.byteLength, 1);
  return file > 0 && hal.fs_read(file, byte.dataStart, 1) == 1 ? byte[0] : 0;
}

function deeper(n: i32): i32 {
  return deeper(n + 1) + n;
}

function waitForEver(): void {
  while (true) hal.clock_sleep_ms(100);
}

function computeForEver(): void {
  let n: i32 = 0;
  while (n >= 0) n = (n + 1) & 0xffff;
}

function takeAllMemory(): void {
  const all = new Array<Uint8Array>();
  while (true) {
    all.push(new Uint8Array(1024));
    print(`${all.length} KB`);
  }
}

const what = first();
print("app");
if (what == 0x77) waitForEver();
if (what == 0x63) computeForEver();
if (what == 0x64) print(deeper(0));
if (what == 0x6d) takeAllMemory();
