// Draws random bytes as ssl.wasm does; sets the board's clock to dates where calendars go wrong,
// and reads it back.

import * as hal from "imports";

function show(seconds: i64): void {
  const e = hal.clock_set(seconds);
  print(`set ${seconds} ${e} ${hal.clock_time()}`);
}

const bytes = new Uint8Array(64);
print(`random ${hal.random_fill(bytes.dataStart, 64)} ${bytes.join(" ")}`);
print(`at first ${hal.clock_time()}`);
show(0);
show(951782399); // 2000-02-28, the day before a leap day
hal.clock_sleep_ms(1500);
print(`later ${hal.clock_time()}`);
show(4107542399); // 2100-02-28, the last day of a February without one
hal.clock_sleep_ms(1500);
print(`later ${hal.clock_time()}`);
show(67090118399); // the last second of 4095
show(67090118400);
show(-1);
show(1767225600);
