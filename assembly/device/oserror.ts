// How a failure reaches the app. AssemblyScript has no exceptions to catch, so a call that fails
// returns null, -1 or false and leaves the reason here: `OSError.last()`, valid until the next
// failure. MicroPython's ValueError (a certificate that is refused, data that is no certificate)
// comes the same way, with `name == "ValueError"` and `errno == 0`.
//
// Inside the device library a reason is the i32 of assembly/base/err.ts: -1 ... -255 is -errno,
// everything below belongs to the ssl module, which knows its number and text. Texts are looked up
// only when an app asks: a loop that meets EAGAIN all the time pays for none.

import * as hal from "imports";
import { errorcode, EIO } from "errno";
import { bytes, textAt } from "text";

/** The lowest code that is the device's own errno; what is below comes from the ssl module. */
const LAST_ERRNO: i32 = -255;

const TEXT_CAPACITY: i32 = 256;

let lastCode: i32 = 0;

/** Why a call failed. */
// @ts-ignore: decorator
@global
export class OSError {
  /** "OSError" or "ValueError". */
  readonly name: string;
  /**
   * The number, as MicroPython's `e.errno`: positive from the device, negative from the ssl module;
   * 0 for a ValueError.
   */
  readonly errno: i32;
  /** The error's text without its number: "ECONNRESET", "MBEDTLS_ERR_SSL_CONN_EOF". */
  readonly message: string;
  /** The TLS alert that was sent or received (RFC 8446, 6), -1 where there was none. */
  readonly alert: i32;

  constructor(code: i32) {
    const own = code >= LAST_ERRNO;
    const errno = own ? -code : hal.error_number(code);
    this.name = code != 0 && errno == 0 ? "ValueError" : "OSError";
    this.errno = errno;
    this.message = own ? errorcode(-code) : textOf(code);
    this.alert = own ? -1 : hal.error_alert(code);
  }

  /** The reason of the latest failure; errno 0 and an empty text where nothing has failed yet. */
  static last(): OSError {
    return new OSError(lastCode);
  }

  /**
   * Records a failure with an error number of the device and gives -1: for apps that implement
   * Stream.
   */
  static fail(errno: i32): i32 {
    return fail(-errno);
  }

  /**
   * Ends the program as an exception that nobody catches would: the error, then the lines that led
   * here.
   */
  static raise_(): void {
    const message = OSError.last().toString();
    hal.app_abort(changetype<usize>(message), 0, 0, 0);
    unreachable();
  }

  /**
   * As MicroPython shows it: OSError(-29312, 'MBEDTLS_ERR_SSL_CONN_EOF'), OSError(104,
   * 'ECONNRESET').
   */
  toString(): string {
    const text = "'" + escaped(this.message) + "'";
    if (this.name == "ValueError") return "ValueError(" + text + ")";
    const number = this.errno.toString();
    return this.message == "" ? "OSError(" + number + ")" : "OSError(" + number + ", " + text + ")";
  }
}

/**
 * Records why a call failed; gives -1, so that `return fail(code)` is the whole error path of a
 * count.
 */
export function fail(code: i32): i32 {
  lastCode = code;
  return -1;
}

/** Records the failure where a result is one; passes the result on, -1 for every failure. */
export function checked(result: i32): i32 {
  return result < 0 ? fail(result) : result;
}

/** Whether a call succeeded; the failure is recorded. */
export function succeeded(result: i32): bool {
  return checked(result) >= 0;
}

/** The code of the latest failure. */
export function lastFailure(): i32 {
  return lastCode;
}

/**
 * Forgets the latest failure: before a call into the app's own Stream, which may fail without
 * saying why.
 */
export function clearFailure(): void {
  lastCode = 0;
}

/** After such a call failed: the reason it gave, else EIO. */
export function failureOfApp(): i32 {
  if (lastCode == 0) fail(-EIO);
  return lastCode;
}

/**
 * Where the compiler's own checks end an app (a null that was used, an index out of bounds): the
 * usual cause is a failed call whose result nobody looked at, so the latest failure is said first.
 * Linked by the option `--use abort=`.
 */
// @ts-ignore: decorator
@global
export function abortSayingWhy(message: usize, file: usize, line: i32, column: i32): void {
  if (lastCode != 0) {
    const cause = bytes("The latest call that failed: " + OSError.last().toString() + "\n");
    hal.log_write(cause.dataStart, cause.length);
  }
  hal.app_abort(message, file, line, column);
  unreachable();
}

/** Line ends as `\n`: the texts of ValueErrors begin and end with one. */
function escaped(text: string): string {
  let result = "";
  for (let i = 0; i < text.length; i++) result += text.charAt(i) == "\n" ? "\\n" : text.charAt(i);
  return result;
}

function textOf(code: i32): string {
  const room = new ArrayBuffer(TEXT_CAPACITY);
  const n = hal.error_text(code, changetype<usize>(room), TEXT_CAPACITY);
  return n <= 0 ? "" : textAt(changetype<usize>(room), min(n, TEXT_CAPACITY));
}
