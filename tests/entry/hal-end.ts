// Ends in the way that the file "how" of the root names.

import * as hal from "../../assembly/device/imports";
import { print, readText, say } from "./hal-app";

function forEver(): void {
  andEver();
}

function andEver(): void {
  forEver();
}

let again: bool = false;

/** Each loop takes native stack, none takes any of wasm3's: the native one is used up first. */
function loops(): void {
  do do do do do do do do do do do do do do do do do do do do do do do do do do do do do do
    loops();
  while (again); while (again); while (again); while (again); while (again); while (again);
  while (again); while (again); while (again); while (again); while (again); while (again);
  while (again); while (again); while (again); while (again); while (again); while (again);
  while (again); while (again); while (again); while (again); while (again); while (again);
  while (again); while (again); while (again); while (again); while (again); while (again);
}

function deepWithArguments(n: i64, m: i64): i64 {
  return deepWithArguments(n + 1, m * n) + m;
}

function outer(how: string): void {
  inner(how);
}

function inner(how: string): void {
  if (how == "unreachable") unreachable();
  if (how == "load") say("loaded", load<u8>(0xfffffff0));
  if (how == "divide") say("quotient", 1 / I32.parseInt("0"));
  if (how == "throw") throw new Error("text: é € 😀\nsecond line \x1b[31m");
  if (how == "assert") assert(how == "other", "this is why");
}

function abortAt(message: usize, file: usize): void {
  hal.app_abort(message, file, 12, 34);
}

function clock(): void {
  say("time", hal.clock_time());
  const before = hal.clock_ticks_ms();
  hal.clock_sleep_ms(30);
  hal.clock_sleep_ms(-5);
  const spent = hal.clock_ticks_ms() - before;
  say("slept", spent >= 30 || spent < 0 ? 1 : 0);
  say("set", hal.clock_set(1700000000));
  say("time", hal.clock_time());
  say("before 1970", hal.clock_set(-1));
  say("year 10000", hal.clock_set(253402300800));
  say("time", hal.clock_time());
  say("ticks", hal.clock_ticks_us() >>> 30);
}

function random(): void {
  const p = memory.data(64);
  say("filled", hal.random_fill(p, 64));
  let any = 0;
  for (let i = 0; i < 64; i++) any |= load<u8>(p + i);
  say("any", any != 0 ? 1 : 0);
}

const how = readText("how");
if (how == "clock") clock();
else if (how == "random") random();
else if (how == "exit") hal.app_exit(42);
else if (how == "recursion") forEver();
else if (how == "nested loops") loops();
else if (how == "deep recursion") say("sum", deepWithArguments(1, 2));
else if (how == "log outside") hal.log_write(0xfffffff0, 0x20);
else if (how == "abort nowhere") abortAt(0xfffffff0, 0x80000000);
else if (how == "abort inside") abortAt(2, 3);
else if (how == "grow") {
  let pages = 0;
  while (memory.grow(1) >= 0) pages++;
  say("pages", memory.size());
  const last = (<usize>memory.size() << 16) - 1;
  store<u8>(last, 1);
  say("last byte", load<u8>(last));
} else outer(how);
print("the end");
