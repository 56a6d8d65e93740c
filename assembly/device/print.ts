// `print` as MicroPython's: one value and a line end to the console. Bytes are written as they are,
// without b'...', because what an app prints of a reply is its text.

import * as hal from "imports";
import { bytes } from "text";

const LINE_END: u8 = 0x0a;

/**
 * Writes a value (a text, bytes, a number, a bool, an object with toString, null) and a line end.
 */
// @ts-ignore: decorator
@global
export function print<T>(value: T): void {
  if (isReference<T>()) {
    if (changetype<usize>(value) == 0) return printLine(bytes("None"));
  }
  if (value instanceof Uint8Array) printLine(value);
  else if (isString<T>()) printLine(bytes(<string>value));
  // @ts-ignore: every remaining type has toString, or the compiler says so at the app's line
  else printLine(bytes(value.toString()));
}

/** One write for the text and its line end, so that nothing of another task comes between. */
function printLine(line: Uint8Array): void {
  const whole = new Uint8Array(line.length + 1);
  whole.set(line);
  whole[line.length] = LINE_END;
  hal.log_write(whole.dataStart, whole.length);
}
