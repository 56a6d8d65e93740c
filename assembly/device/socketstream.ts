// What sockets and TLS connections have besides the methods of every stream: recv and send, which
// do what can be done at once, and a time limit. This is the class that satisfies Stream, so that
// each can carry the other.

import { ByteStream, bytesOf } from "bytestream";
import { EINVAL } from "errno";
import { fail } from "oserror";
import { Stream } from "stream";

export abstract class SocketStream extends ByteStream implements Stream {
  /**
   * Seconds that a call waits before it fails with ETIMEDOUT; 0 never waits (EAGAIN), negative
   * waits for ever.
   */
  abstract settimeout(seconds: f64): bool;

  /** Closing twice is allowed. */
  abstract close(): bool;

  setblocking(flag: bool): bool {
    return this.settimeout(flag ? -1 : 0);
  }

  /** What is there, at most n bytes; empty at the end. */
  recv(n: i32): Uint8Array | null {
    if (n < 0) {
      fail(-EINVAL);
      return null;
    }
    const buffer = new Uint8Array(n);
    const got = this.recv_into(buffer);
    if (got < 0) return null;
    return got == n ? buffer : buffer.slice(0, got);
  }

  /** Puts what is there into buf, at most nbytes of it; how many, 0 at the end. */
  recv_into(buf: Uint8Array, nbytes: i32 = -1): i32 {
    const room = nbytes < 0 ? buf.length : min(nbytes, buf.length);
    return room == 0 ? 0 : this.receiveAny(buf.dataStart, room);
  }

  /** Sends what can be sent now; how many bytes. */
  send(buf: Uint8Array): i32 {
    return buf.length == 0 ? 0 : this.transmit(buf.dataStart, buf.length);
  }

  /** Sends all of the data; false where that failed, also half-way. */
  sendall<T>(data: T): bool {
    const buf = bytesOf<T>(data);
    return this.write(buf) == buf.length;
  }
}
