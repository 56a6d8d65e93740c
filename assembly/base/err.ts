// Errors of ssl.wasm: one i32 line, so that a result and a failure travel in the same return value.
//
//   >= 0              success, often a count
//   -1 ... -255       the device said no: -errno, with the fixed numbers below (hosts differ)
//   -0x100 - alert    we end the connection with this alert
//   -0x200 - alert    the peer ended it
//   -0x300 - reason   the certificate was refused
//   -0x400 - reason   the caller's mistake
//
// The only propagation is `const e = f(); if (e < 0) return e;`. ssl/errors.ts turns these numbers
// into the errors that apps see; nothing else knows their texts.

/** Errno numbers, MicroPython's (they are Linux's); the same numbers stand in hal/hal.h. */
export namespace Errno {
  export const ENOENT: i32 = 2;
  export const EIO: i32 = 5;
  export const EBADF: i32 = 9;
  export const EAGAIN: i32 = 11;
  export const ENOMEM: i32 = 12;
  export const EACCES: i32 = 13;
  export const EEXIST: i32 = 17;
  export const EISDIR: i32 = 21;
  export const EINVAL: i32 = 22;
  export const ENFILE: i32 = 23;
  export const ENOSPC: i32 = 28;
  export const EADDRINUSE: i32 = 98;
  export const ENETUNREACH: i32 = 101;
  export const ECONNABORTED: i32 = 103;
  export const ECONNRESET: i32 = 104;
  export const ENOTCONN: i32 = 107;
  export const ETIMEDOUT: i32 = 110;
  export const ECONNREFUSED: i32 = 111;
  export const EHOSTUNREACH: i32 = 113;
  export const EINPROGRESS: i32 = 115;
}

/** Why a certificate, or the chain above it, was refused. */
export namespace Refusal {
  export const MALFORMED: i32 = 1;
  export const UNTRUSTED: i32 = 2;
  export const EXPIRED: i32 = 3;
  export const NOT_YET_VALID: i32 = 4;
  export const NAME_MISMATCH: i32 = 5;
  export const WEAK_HASH: i32 = 6;
  export const WEAK_KEY: i32 = 7;
  export const KEY_USAGE: i32 = 8;
  export const EXTENDED_KEY_USAGE: i32 = 9;
  export const UNKNOWN_CRITICAL_EXTENSION: i32 = 10;
  export const CHAIN_TOO_LONG: i32 = 11;
  export const CLOCK_NOT_SET: i32 = 12;
  export const NAME_CONSTRAINTS: i32 = 13;
}

/** What the caller asked for and cannot have. */
export namespace Misuse {
  export const BAD_HANDLE: i32 = 1;
  export const BAD_PROTOCOL: i32 = 2;
  export const BAD_VERIFY_MODE: i32 = 3;
  export const BAD_CERT: i32 = 4;
  export const BAD_KEY: i32 = 5;
  export const NO_CA: i32 = 6;
  export const NO_HOSTNAME: i32 = 7;
  export const BAD_HOSTNAME: i32 = 8;
  export const BAD_CIPHERS: i32 = 9;
  export const BAD_ROLE: i32 = 10;
  export const TOO_MANY: i32 = 11;
  export const CLOSED: i32 = 12;
  export const BAD_RANGE: i32 = 13;
  export const BAD_RECEIVE_BUFFER: i32 = 14;
}

const LOCAL_ALERT: i32 = -0x100;
const PEER_ALERT: i32 = -0x200;
const REFUSED: i32 = -0x300;
const MISUSE: i32 = -0x400;

/** We end the connection with `alert` (RFC 8446, 6). */
export function localAlert(alert: i32): i32 {
  return LOCAL_ALERT - alert;
}

/** The peer ended the connection with `alert`. */
export function peerAlert(alert: i32): i32 {
  return PEER_ALERT - alert;
}

/** The certificate was refused for `reason`, one of Refusal. */
export function refused(reason: i32): i32 {
  return REFUSED - reason;
}

/** The caller asked for something impossible, one of Misuse. */
export function misuse(reason: i32): i32 {
  return MISUSE - reason;
}

/** The device's own error, from one of Errno. */
export function deviceError(errno: i32): i32 {
  return -errno;
}

export function isLocalAlert(e: i32): bool {
  return e <= LOCAL_ALERT && e > PEER_ALERT;
}

export function isPeerAlert(e: i32): bool {
  return e <= PEER_ALERT && e > REFUSED;
}

export function isRefusal(e: i32): bool {
  return e <= REFUSED && e > MISUSE;
}

export function isMisuse(e: i32): bool {
  return e <= MISUSE && e > MISUSE - 0x100;
}

/** The alert or reason inside `e`: the distance from the start of its group. */
export function reasonOf(e: i32): i32 {
  return -e & 0xff;
}
