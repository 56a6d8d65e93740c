// What an error is to an app: MicroPython's number and text. An OSError from TLS has mbedTLS's
// number and name; a ValueError has number 0 and a sentence. Nothing else in the module knows these
// texts.
//
// Where MicroPython has no case of its own the error is the one that mbedTLS gives in its place, or
// a sentence that says what is wrong.

import { Errno, Misuse, Refusal } from "../base/err";
import { isLocalAlert, isMisuse, isPeerAlert, isRefusal, reasonOf } from "../base/err";
import { putText } from "../base/text";
import { Alert, NOT_TLS, RECORD_TOO_LARGE, TOO_LARGE, TRUNCATED } from "../tls/alert";

/** mbedTLS 3.6, include/mbedtls/ssl.h: MBEDTLS_ERR_SSL_<name>. */
namespace Mbedtls {
  export const BAD_CONFIG: i32 = -0x5e80;
  export const ILLEGAL_PARAMETER: i32 = -0x6600;
  export const BUFFER_TOO_SMALL: i32 = -0x6a00;
  export const INTERNAL_ERROR: i32 = -0x6c00;
  export const HANDSHAKE_FAILURE: i32 = -0x6e00;
  export const BAD_PROTOCOL_VERSION: i32 = -0x6e80;
  export const BAD_INPUT_DATA: i32 = -0x7100;
  export const INVALID_MAC: i32 = -0x7180;
  export const INVALID_RECORD: i32 = -0x7200;
  export const CONN_EOF: i32 = -0x7280;
  export const DECODE_ERROR: i32 = -0x7300;
  export const UNSUPPORTED_EXTENSION: i32 = -0x7500;
  export const CA_CHAIN_REQUIRED: i32 = -0x7680;
  export const UNEXPECTED_MESSAGE: i32 = -0x7700;
  export const FATAL_ALERT_MESSAGE: i32 = -0x7780;
}

const PREFIX: string = "MBEDTLS_ERR_SSL_";

const NO_AGREEMENT: string =
  ": the peer sends records longer than receive_buffer, and has not agreed to shorter ones";

const WEAK_KEY: string =
  "\nThe certificate is signed with an unacceptable key (eg bad curve, RSA too short).\n";

/** The errno that an app sees: the device's, mbedTLS's (negative), or 0 for a ValueError. */
export function errorNumber(e: i32): i32 {
  if (e == TRUNCATED) return Mbedtls.CONN_EOF;
  if (e == NOT_TLS) return Mbedtls.INVALID_RECORD;
  if (e == TOO_LARGE || e == RECORD_TOO_LARGE) return Mbedtls.BUFFER_TOO_SMALL;
  if (isLocalAlert(e)) return numberOfAlert(reasonOf(e));
  if (isPeerAlert(e)) return Mbedtls.FATAL_ALERT_MESSAGE;
  if (isMisuse(e)) return numberOfMisuse(reasonOf(e));
  return isRefusal(e) ? 0 : -e;
}

/** The error's text to out; gives its length, or -1 where cap is too small. */
export function putErrorText(e: i32, out: usize, cap: i32): i32 {
  const number = errorNumber(e);
  if (number > 0) return putText(textOfErrno(number), out, cap);
  if (number == 0) {
    return putText(isRefusal(e) ? textOfRefusal(reasonOf(e)) : textOfMisuse(reasonOf(e)), out, cap);
  }
  let n = append(PREFIX, out, 0, cap);
  n = append(nameOf(number), out, n, cap);
  return e == RECORD_TOO_LARGE ? append(NO_AGREEMENT, out, n, cap) : n;
}

/** Text behind the n bytes that are there: how many are there then; -1 for no room, then or now. */
function append(text: string, out: usize, n: i32, cap: i32): i32 {
  const added = n < 0 ? -1 : putText(text, out + n, cap - n);
  return added < 0 ? -1 : n + added;
}

function numberOfAlert(alert: i32): i32 {
  switch (alert) {
    case Alert.UNEXPECTED_MESSAGE:
      return Mbedtls.UNEXPECTED_MESSAGE;
    case Alert.BAD_RECORD_MAC:
      return Mbedtls.INVALID_MAC;
    case Alert.RECORD_OVERFLOW:
      return Mbedtls.INVALID_RECORD;
    case Alert.ILLEGAL_PARAMETER:
    case Alert.MISSING_EXTENSION:
      return Mbedtls.ILLEGAL_PARAMETER;
    case Alert.DECODE_ERROR:
      return Mbedtls.DECODE_ERROR;
    case Alert.PROTOCOL_VERSION:
      return Mbedtls.BAD_PROTOCOL_VERSION;
    case Alert.UNSUPPORTED_EXTENSION:
      return Mbedtls.UNSUPPORTED_EXTENSION;
    case Alert.INTERNAL_ERROR:
      return Mbedtls.INTERNAL_ERROR;
    default: // handshake_failure, and decrypt_error as mbedTLS reports it
      return Mbedtls.HANDSHAKE_FAILURE;
  }
}

function numberOfMisuse(reason: i32): i32 {
  switch (reason) {
    case Misuse.BAD_HANDLE:
    case Misuse.BAD_HOSTNAME:
    case Misuse.CLOSED:
    case Misuse.BAD_RANGE:
      return Mbedtls.BAD_INPUT_DATA;
    case Misuse.NO_CA:
      return Mbedtls.CA_CHAIN_REQUIRED;
    case Misuse.BAD_CIPHERS:
      return Mbedtls.BAD_CONFIG;
    case Misuse.TOO_MANY:
      return Errno.ENFILE;
    default:
      return 0;
  }
}

function nameOf(number: i32): string {
  switch (number) {
    case Mbedtls.BAD_CONFIG:
      return "BAD_CONFIG";
    case Mbedtls.ILLEGAL_PARAMETER:
      return "ILLEGAL_PARAMETER";
    case Mbedtls.BUFFER_TOO_SMALL:
      return "BUFFER_TOO_SMALL";
    case Mbedtls.INTERNAL_ERROR:
      return "INTERNAL_ERROR";
    case Mbedtls.HANDSHAKE_FAILURE:
      return "HANDSHAKE_FAILURE";
    case Mbedtls.BAD_PROTOCOL_VERSION:
      return "BAD_PROTOCOL_VERSION";
    case Mbedtls.BAD_INPUT_DATA:
      return "BAD_INPUT_DATA";
    case Mbedtls.INVALID_MAC:
      return "INVALID_MAC";
    case Mbedtls.INVALID_RECORD:
      return "INVALID_RECORD";
    case Mbedtls.CONN_EOF:
      return "CONN_EOF";
    case Mbedtls.DECODE_ERROR:
      return "DECODE_ERROR";
    case Mbedtls.UNSUPPORTED_EXTENSION:
      return "UNSUPPORTED_EXTENSION";
    case Mbedtls.CA_CHAIN_REQUIRED:
      return "CA_CHAIN_REQUIRED";
    case Mbedtls.UNEXPECTED_MESSAGE:
      return "UNEXPECTED_MESSAGE";
    default:
      return "FATAL_ALERT_MESSAGE";
  }
}

function textOfRefusal(reason: i32): string {
  switch (reason) {
    case Refusal.UNTRUSTED:
      return "\nThe certificate is not correctly signed by the trusted CA\n";
    case Refusal.EXPIRED:
      return "\nThe certificate validity has expired\n";
    case Refusal.NOT_YET_VALID:
      return "\nThe certificate validity starts in the future\n";
    case Refusal.NAME_MISMATCH:
      return "\nThe certificate Common Name (CN) does not match with the expected CN\n";
    case Refusal.WEAK_HASH:
      return "\nThe certificate is signed with an unacceptable hash.\n";
    case Refusal.WEAK_KEY:
      return WEAK_KEY;
    case Refusal.KEY_USAGE:
      return "\nUsage does not match the keyUsage extension.\n";
    case Refusal.EXTENDED_KEY_USAGE:
      return "\nUsage does not match the extendedKeyUsage extension.\n";
    case Refusal.UNKNOWN_CRITICAL_EXTENSION:
      return "\nThe certificate has a critical extension that is not supported\n";
    case Refusal.CHAIN_TOO_LONG:
      return "\nThe certificate chain is too long\n";
    case Refusal.NAME_CONSTRAINTS:
      return "\nThe certificate's name is not one that its CA may vouch for\n";
    case Refusal.CLOCK_NOT_SET:
      return "the clock was never set: call ntptime.settime() before certificates are checked";
    default:
      return "invalid cert";
  }
}

function textOfMisuse(reason: i32): string {
  switch (reason) {
    case Misuse.BAD_PROTOCOL:
      return "unsupported protocol: only PROTOCOL_TLS_CLIENT works";
    case Misuse.BAD_VERIFY_MODE:
      return "invalid verify_mode";
    case Misuse.BAD_CERT:
      return "invalid cert";
    case Misuse.BAD_KEY:
      return "invalid key";
    case Misuse.NO_HOSTNAME:
      return "CERT_REQUIRED requires server_hostname";
    case Misuse.BAD_RECEIVE_BUFFER:
      return "receive_buffer is 1024 to 16384 bytes";
    case Misuse.BAD_ROLE:
      return "server_side does not agree with the context's protocol";
    default:
      return "unknown error";
  }
}

/** Only those that this module gives; the device knows the names of its own. */
function textOfErrno(errno: i32): string {
  switch (errno) {
    case Errno.EIO:
      return "EIO";
    case Errno.EAGAIN:
      return "EAGAIN";
    case Errno.ENOMEM:
      return "ENOMEM";
    case Errno.ENFILE:
      return "ENFILE";
    case Errno.ENOTCONN:
      return "ENOTCONN";
    default:
      return "";
  }
}
