// A TLS connection over a stream: the pump between the two.
//
// The ssl module's connection is a box with four ports and no I/O. Every call here asks it for what
// the app wants and, while it cannot give that, moves ciphertext: first out (flush), then in
// (fill). Whether that waits is the stream's affair: EAGAIN and ETIMEDOUT pass through and harm
// nothing, the same call goes on where it stopped. The box's own errors are final: the alert that
// it has queued is sent, and every later call fails with the same error. A stream of the app that
// counts wrong (more bytes than there were, or none sent) fails with EIO.

import * as hal from "imports";
import { EAGAIN, EINVAL, EIO, ETIMEDOUT } from "errno";
import { onFree } from "finalize";
import { checked, clearFailure, fail, failureOfApp, lastFailure } from "oserror";
import { SocketStream } from "socketstream";
import { Stream } from "stream";
import { sleep_ms } from "time";
import { textAt } from "text";

/** Bits of connection_wants (hal/surface.def). */
const WANTS_WRITE: i32 = 2;
const CONNECTED: i32 = 4;

/** What connection_text and connection_number tell (hal/surface.def). */
const TEXT_SUITE: i32 = 0;
const TEXT_VERSION: i32 = 1;
const TEXT_GROUP: i32 = 2;
const TEXT_CERTIFICATE: i32 = 3;
const TEXT_SUBJECT: i32 = 4;
const NUMBER_SECRET_BITS: i32 = 4;

/** misuse(Misuse.CLOSED) of assembly/base/err.ts. */
const CLOSED: i32 = -0x400 - 12;

/**
 * Bytes of ciphertext on their way, in each direction; any size works, larger ones need fewer
 * calls.
 */
const CHUNK: i32 = 1024;

const TEXT_CAPACITY: i32 = 256;
const CERTIFICATE_CAPACITY: i32 = 16384;

/** What cipher() tells: CPython's triple. */
export class Cipher {
  constructor(
    /** IANA name: "TLS_AES_128_GCM_SHA256". */
    readonly name: string,
    /** "TLSv1.3". */
    readonly protocol: string,
    readonly secret_bits: i32,
  ) {}

  toString(): string {
    return `('${this.name}', '${this.protocol}', ${this.secret_bits})`;
  }
}

/** Made by SSLContext.wrap_socket. */
export class SSLSocket extends SocketStream {
  private incoming: Uint8Array = new Uint8Array(CHUNK);
  private incomingFrom: i32 = 0;
  private incomingTo: i32 = 0;
  private outgoing: Uint8Array = new Uint8Array(CHUNK);
  private outgoingFrom: i32 = 0;
  private outgoingTo: i32 = 0;
  private connected: bool = false;
  /** The connection's own error while its alert still waits for the stream. */
  private reason: i32 = 0;

  constructor(
    /** The ssl module's handle; negative: why there is none any more. */
    private handle: i32,
    private readonly stream: Stream,
  ) {
    super();
  }

  /**
   * The suite, the version and the key's bits; null before the handshake is done.
   */
  cipher(): Cipher | null {
    const name = this.text(TEXT_SUITE);
    const version = this.text(TEXT_VERSION);
    if (name == null || version == null) return null;
    return new Cipher(name, version, hal.connection_number(this.handle, NUMBER_SECRET_BITS));
  }

  /** The peer's certificate in DER. MicroPython has no other form: the argument must be true. */
  getpeercert(binary_form: bool = false): Uint8Array | null {
    if (!binary_form) {
      fail(-EINVAL);
      return null;
    }
    return this.bytesOf(TEXT_CERTIFICATE, CERTIFICATE_CAPACITY);
  }

  /** Not in MicroPython: "TLSv1.3". */
  version(): string | null {
    return this.text(TEXT_VERSION);
  }

  /** Not in MicroPython: the group of the key exchange, "x25519" or "secp256r1". */
  group(): string | null {
    return this.text(TEXT_GROUP);
  }

  /** Not in MicroPython: the subject of the peer's certificate, "CN=example.com,O=...". */
  peer_subject(): string | null {
    return this.text(TEXT_SUBJECT);
  }

  settimeout(seconds: f64): bool {
    if (this.handle < 0) return fail(this.handle) >= 0;
    return this.stream.settimeout(seconds);
  }

  /** Sends close_notify as far as the stream takes it at once, and closes the stream. */
  close(): bool {
    if (this.handle < 0) return true;
    hal.connection_close(this.handle);
    this.flush();
    return this.end(CLOSED);
  }

  /**
   * The whole handshake, also over a stream that does not block: then it polls, as MicroPython
   * does. False closes the stream.
   */
  handshakeNow(): bool {
    while (this.handshake() < 0) {
      const code = lastFailure();
      if (code != -EAGAIN) {
        if (this.handle >= 0) this.endWith(code);
        return false;
      }
      sleep_ms(1);
    }
    return true;
  }

  protected receive(p: usize, n: i32): i32 {
    if (this.handshake() < 0) return -1;
    while (true) {
      const got = hal.connection_read(this.handle, p, n);
      if (got >= 0) return got;
      if (got != -EAGAIN) return this.refused(got);
      // An answer that the stream does not take now must not keep us from reading.
      if (this.flush() < 0 && !mayRepeat()) return -1;
      if (this.fill() < 0) return -1;
    }
  }

  /**
   * One record. What it became may still wait here for the stream: it goes out before anything else
   * does.
   */
  protected transmit(p: usize, n: i32): i32 {
    if (this.handshake() < 0 || this.flush() < 0) return -1;
    const taken = hal.connection_write(this.handle, p, n);
    if (taken < 0) return taken == -EAGAIN ? fail(taken) : this.refused(taken);
    return this.flush() < 0 && !mayRepeat() ? -1 : taken;
  }

  /**
   * Goes on with the handshake as far as the stream allows: 0 once it is done, else -1. A failed
   * one closes the stream.
   */
  private handshake(): i32 {
    if (this.connected) return 0;
    if (this.handle < 0) return fail(this.handle);
    while (true) {
      // What was taken from the connection but not by the stream is not the connection's any more.
      const wants = this.hasOutgoing ? WANTS_WRITE : hal.connection_wants(this.handle);
      if (wants < 0) return this.endWith(wants);
      if ((wants & (CONNECTED | WANTS_WRITE)) == CONNECTED) {
        this.connected = true;
        return 0;
      }
      if ((wants & WANTS_WRITE ? this.flush() : this.fill()) >= 0) continue;
      // A peer that hung up does not hide why we refused it.
      return this.reason < 0 && !mayRepeat() ? this.endWith(this.reason) : -1;
    }
  }

  /** A final error of the connection: its alert goes out if the stream takes it. */
  private refused(code: i32): i32 {
    this.flush();
    return fail(code);
  }

  private get hasOutgoing(): bool {
    return this.outgoingFrom < this.outgoingTo;
  }

  /** Hands the stream all ciphertext that waits: 0, or -1 where it does not take it. */
  private flush(): i32 {
    while (true) {
      if (!this.hasOutgoing) {
        const n = hal.connection_take(this.handle, this.outgoing.dataStart, CHUNK);
        if (n <= 0) return 0;
        this.outgoingFrom = 0;
        this.outgoingTo = n;
      }
      clearFailure();
      const sent = this.stream.send(this.outgoing.subarray(this.outgoingFrom, this.outgoingTo));
      if (sent < 0) return fail(failureOfApp());
      if (sent == 0 || sent > this.outgoingTo - this.outgoingFrom) return fail(-EIO);
      this.outgoingFrom += sent;
    }
  }

  /**
   * Hands the connection ciphertext, waiting for some to arrive: 0, or -1. Its own errors show at
   * the next question.
   */
  private fill(): i32 {
    if (this.incomingFrom == this.incomingTo) {
      clearFailure();
      const n = this.stream.recv_into(this.incoming, CHUNK);
      if (n < 0) return fail(failureOfApp());
      if (n > CHUNK) return fail(-EIO);
      if (n == 0) {
        hal.connection_receive_end(this.handle);
        return 0;
      }
      this.incomingFrom = 0;
      this.incomingTo = n;
    }
    const from = this.incoming.dataStart + this.incomingFrom;
    const taken = hal.connection_receive(this.handle, from, this.incomingTo - this.incomingFrom);
    if (taken < 0) this.reason = taken;
    else this.incomingFrom += taken;
    return 0;
  }

  /** Frees the connection and closes the stream; from now on every call fails with `code`. */
  private end(code: i32): bool {
    hal.connection_free(this.handle);
    this.handle = code;
    this.connected = false;
    this.dropKept();
    return this.stream.close();
  }

  private endWith(code: i32): i32 {
    this.end(code);
    return fail(code);
  }

  private text(what: i32): string | null {
    const found = this.bytesOf(what, TEXT_CAPACITY);
    return found == null ? null : textAt(found.dataStart, found.length);
  }

  private bytesOf(what: i32, capacity: i32): Uint8Array | null {
    if (this.handle < 0) {
      fail(this.handle);
      return null;
    }
    const room = new Uint8Array(capacity);
    const n = checked(hal.connection_text(this.handle, what, room.dataStart, capacity));
    return n < 0 ? null : room.slice(0, min(n, capacity));
  }

  /** For the collector. */
  static free(object: usize): void {
    const handle = changetype<SSLSocket>(object).handle;
    if (handle >= 0) hal.connection_free(handle);
  }
}

/** Whether the latest failure leaves everything as it was. */
function mayRepeat(): bool {
  const code = lastFailure();
  return code == -EAGAIN || code == -ETIMEDOUT;
}

onFree(idof<SSLSocket>(), SSLSocket.free);
