// MicroPython's `time`: seconds of the clock, ticks for measuring, sleeping.
//
// time() counts from 1970-01-01 UTC and is -1 until the clock was set (by ntptime or a
// battery-backed clock). Ticks wrap at 2^30: only their differences, by ticks_diff, mean something.

import * as hal from "imports";

const TICKS_PERIOD: i32 = 1 << 30;

/** Seconds since 1970-01-01 UTC, -1 where the clock was never set. */
export function time(): i64 {
  return hal.clock_time();
}

/** Milliseconds of a counter that wraps at 2^30. */
export function ticks_ms(): i32 {
  return hal.clock_ticks_ms();
}

/** Microseconds of a counter that wraps at 2^30. */
export function ticks_us(): i32 {
  return hal.clock_ticks_us();
}

/** A tick value moved by delta, wrapped as the counters are. */
export function ticks_add(ticks: i32, delta: i32): i32 {
  return (ticks + delta) & (TICKS_PERIOD - 1);
}

/** How far `later` is after `earlier`; right while they are less than 2^29 apart. */
export function ticks_diff(later: i32, earlier: i32): i32 {
  const half = TICKS_PERIOD >> 1;
  return ((later - earlier + half) & (TICKS_PERIOD - 1)) - half;
}

/** Sleeps for a number of seconds, which may be a fraction. */
export function sleep(seconds: f64): void {
  sleep_ms(<i32>(seconds * 1000));
}

/** Sleeps for a number of milliseconds; none for a negative one. */
export function sleep_ms(ms: i32): void {
  hal.clock_sleep_ms(max(ms, 0));
}
