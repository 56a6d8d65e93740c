// Alerts (RFC 8446, 6) and what an error of ours tells the peer. An alert is sent from one place,
// when a connection fails; the place that finds the fault only returns localAlert(...).
//
// Four ends of a connection are no alerts of their own, but take numbers of the same line that no
// alert has, so that the app hears the difference.

import { Refusal, isLocalAlert, isPeerAlert, isRefusal, localAlert, reasonOf } from "../base/err";

export namespace Alert {
  export const CLOSE_NOTIFY: i32 = 0;
  export const UNEXPECTED_MESSAGE: i32 = 10;
  export const BAD_RECORD_MAC: i32 = 20;
  export const RECORD_OVERFLOW: i32 = 22;
  export const HANDSHAKE_FAILURE: i32 = 40;
  export const BAD_CERTIFICATE: i32 = 42;
  export const UNSUPPORTED_CERTIFICATE: i32 = 43;
  export const CERTIFICATE_EXPIRED: i32 = 45;
  export const CERTIFICATE_UNKNOWN: i32 = 46;
  export const ILLEGAL_PARAMETER: i32 = 47;
  export const UNKNOWN_CA: i32 = 48;
  export const DECODE_ERROR: i32 = 50;
  export const DECRYPT_ERROR: i32 = 51;
  export const PROTOCOL_VERSION: i32 = 70;
  export const INTERNAL_ERROR: i32 = 80;
  export const USER_CANCELED: i32 = 90;
  export const MISSING_EXTENSION: i32 = 109;
  export const UNSUPPORTED_EXTENSION: i32 = 110;
}

/**
 * A record of the peer is legal and longer than our buffer, since the peer has not agreed to a
 * limit. The alert on the wire is record_overflow.
 */
export const RECORD_TOO_LARGE: i32 = localAlert(252);

/**
 * A message of the peer is legal and more than we take. The alert on the wire is internal_error.
 */
export const TOO_LARGE: i32 = localAlert(253);

/**
 * The transport ended without close_notify: whatever was read may be cut short. Nothing is sent.
 */
export const TRUNCATED: i32 = localAlert(254);

/**
 * The peer speaks something else, such as plain HTTP. The alert on the wire is unexpected_message.
 */
export const NOT_TLS: i32 = localAlert(255);

const LEVEL_WARNING: u32 = 1;
const LEVEL_FATAL: u32 = 2;

/** The level that goes with an alert: RFC 8446 keeps the byte, and only these two are warnings. */
export function levelOf(alert: i32): u32 {
  const warning = alert == Alert.CLOSE_NOTIFY || alert == Alert.USER_CANCELED;
  return warning ? LEVEL_WARNING : LEVEL_FATAL;
}

/** The alert that tells the peer of error e; -1 where there is nothing to tell. */
export function alertToSend(e: i32): i32 {
  if (e == TRUNCATED || isPeerAlert(e)) return -1;
  if (e == NOT_TLS) return Alert.UNEXPECTED_MESSAGE;
  if (e == RECORD_TOO_LARGE) return Alert.RECORD_OVERFLOW;
  if (e == TOO_LARGE) return Alert.INTERNAL_ERROR;
  if (isLocalAlert(e)) return reasonOf(e);
  if (isRefusal(e)) return alertOfRefusal(reasonOf(e));
  return Alert.INTERNAL_ERROR;
}

/** The alert that ended the connection with error e, whoever sent it; -1 where none did. */
export function alertInside(e: i32): i32 {
  if (isPeerAlert(e)) return reasonOf(e);
  return isLocalAlert(e) || isRefusal(e) ? alertToSend(e) : -1;
}

function alertOfRefusal(reason: i32): i32 {
  switch (reason) {
    case Refusal.UNTRUSTED:
    case Refusal.CHAIN_TOO_LONG:
      return Alert.UNKNOWN_CA;
    case Refusal.EXPIRED:
    case Refusal.NOT_YET_VALID:
      return Alert.CERTIFICATE_EXPIRED;
    case Refusal.WEAK_HASH:
    case Refusal.WEAK_KEY:
    case Refusal.KEY_USAGE:
    case Refusal.EXTENDED_KEY_USAGE:
    case Refusal.UNKNOWN_CRITICAL_EXTENSION:
      return Alert.UNSUPPORTED_CERTIFICATE;
    case Refusal.CLOCK_NOT_SET: // our own trouble, which is no business of the peer's
      return Alert.CERTIFICATE_UNKNOWN;
    default:
      return Alert.BAD_CERTIFICATE;
  }
}
