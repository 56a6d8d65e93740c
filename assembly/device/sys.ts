// MicroPython's `sys`, as far as ending the program goes.

import * as hal from "imports";

/** Ends the program; 0 means success to whoever started it. */
export function exit(status: i32 = 0): void {
  hal.app_exit(status);
  unreachable();
}
