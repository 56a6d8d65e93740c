// What TLS needs of whatever carries it: a socket, another TLS connection, a modem of the app, a
// pipe in a test. Any class of an app that implements these four functions (itself: the compiler
// does not look for them in a class above it) can be given to wrap_socket.
//
// A function that fails returns -1 (false) after `OSError.fail(errno)`. A stream that never blocks,
// or that gave up waiting, fails with EAGAIN or ETIMEDOUT: neither harms the TLS connection, the
// call can be repeated.

export interface Stream {
  /**
   * Puts what has arrived into buf, at most nbytes; waits for the first byte. 0: the peer has
   * finished.
   */
  recv_into(buf: Uint8Array, nbytes: i32): i32;

  /** Sends what can be sent of buf, at least one byte; how many were taken. */
  send(buf: Uint8Array): i32;

  /** How long the two wait, in seconds: 0 never, negative for ever. */
  settimeout(seconds: f64): bool;

  close(): bool;
}
