// MicroPython's `socket`: names and addresses, TCP and UDP.
//
//   const sock = new socket.socket();
//   sock.connect(socket.getaddrinfo("example.com", 443)![0].addr)
//
// A socket whose creation failed keeps that failure: every call on it fails with it. A socket that
// nobody refers to any more is closed when the garbage collector finds it.

import * as hal from "imports";
import { EBADF, EINVAL, ENFILE } from "errno";
import { collect, onFree } from "finalize";
import { checked, fail, succeeded } from "oserror";
import { SocketStream } from "socketstream";
import { bytes } from "text";

export const AF_INET: i32 = 2;
export const AF_INET6: i32 = 10;
export const SOCK_STREAM: i32 = 1;
export const SOCK_DGRAM: i32 = 2;
export const SOL_SOCKET: i32 = 1;
export const SO_REUSEADDR: i32 = 2;
export const MSG_PEEK: i32 = 2;

/**
 * An address between the app and the device (hal/surface.def): u16 family 4 or 6, u16 port, 16
 * bytes.
 */
const ADDRESS_SIZE: i32 = 20;
const MAX_ADDRESSES: i32 = 4;

/** An IP address and a port. */
export class Address {
  private raw: StaticArray<u8> = new StaticArray<u8>(ADDRESS_SIZE);

  /** Where the device reads or writes it. */
  get at(): usize {
    return changetype<usize>(this.raw);
  }

  get family(): i32 {
    return load<u16>(this.at) == 4 ? AF_INET : AF_INET6;
  }

  get port(): i32 {
    return load<u16>(this.at, 2);
  }

  /**
   * The address as text: "192.0.2.1", or eight groups of hexadecimal digits (RFC 5952 without
   * shortening).
   */
  get host(): string {
    let text = "";
    if (this.family == AF_INET) {
      for (let i = 0; i < 4; i++) {
        text += (i == 0 ? "" : ".") + load<u8>(this.at + 4 + i).toString();
      }
      return text;
    }
    for (let i = 0; i < 16; i += 2) {
      text += (i == 0 ? "" : ":") + (<u32>bswap(load<u16>(this.at + 4 + i))).toString(16);
    }
    return text;
  }

  /** The same address and port. */
  equals(other: Address): bool {
    return memory.compare(this.at, other.at, ADDRESS_SIZE) == 0;
  }

  toString(): string {
    return "('" + this.host + "', " + this.port.toString() + ")";
  }
}

/** One answer of getaddrinfo; `addr` is what MicroPython's `[0][-1]` gives. */
export class AddrInfo {
  constructor(
    readonly family: i32,
    readonly type: i32,
    readonly addr: Address,
  ) {}
}

/** The addresses of a host name or of an address written as text. */
export function getaddrinfo(
  host: string,
  port: i32,
  family: i32 = 0,
  type: i32 = SOCK_STREAM,
): AddrInfo[] | null {
  const name = bytes(host);
  const room = new StaticArray<u8>(ADDRESS_SIZE * MAX_ADDRESSES);
  const start = changetype<usize>(room);
  const count = checked(
    hal.net_getaddrinfo(name.dataStart, name.length, port, start, room.length),
  );
  if (count < 0) return null;
  const found = new Array<AddrInfo>();
  for (let i = 0; i < min(count, MAX_ADDRESSES); i++) {
    const address = new Address();
    memory.copy(address.at, start + i * ADDRESS_SIZE, ADDRESS_SIZE);
    if (family == 0 || family == address.family) {
      found.push(new AddrInfo(address.family, type, address));
    }
  }
  return found;
}

/** What accept gives: MicroPython's pair. */
export class Accepted {
  constructor(
    readonly conn: socket,
    readonly addr: Address,
  ) {}
}

/** What recvfrom gives: MicroPython's pair. */
export class Datagram {
  constructor(
    readonly data: Uint8Array,
    readonly addr: Address,
  ) {}
}

export class socket extends SocketStream {
  /** The device's handle; negative: why there is none. */
  private handle: i32;

  /** A new socket; `fileno` is the library's own way to hold one that accept gave. */
  constructor(family: i32 = AF_INET, type: i32 = SOCK_STREAM, proto: i32 = 0, fileno: i32 = -1) {
    super();
    this.handle = fileno >= 0 ? fileno : openSocket(family, type);
  }

  connect(address: Address): bool {
    return this.outcome(hal.net_connect(this.handle, address.at)) >= 0;
  }

  bind(address: Address): bool {
    return this.outcome(hal.net_bind(this.handle, address.at)) >= 0;
  }

  listen(backlog: i32 = 2): bool {
    return this.outcome(hal.net_listen(this.handle, backlog)) >= 0;
  }

  accept(): Accepted | null {
    const peer = new Address();
    const handle = this.outcome(hal.net_accept(this.handle, peer.at));
    if (handle < 0) return null;
    return new Accepted(new socket(peer.family, SOCK_STREAM, 0, handle), peer);
  }

  sendto(buf: Uint8Array, address: Address): i32 {
    return this.outcome(hal.net_sendto(this.handle, buf.dataStart, buf.length, address.at));
  }

  /** One datagram, cut to n bytes, and who sent it; MSG_PEEK leaves it for the next call. */
  recvfrom(n: i32, flags: i32 = 0): Datagram | null {
    if (n < 0) {
      fail(-EINVAL);
      return null;
    }
    const buffer = new Uint8Array(n);
    const peer = new Address();
    const got = this.outcome(hal.net_recvfrom(this.handle, buffer.dataStart, n, flags, peer.at));
    return got < 0 ? null : new Datagram(buffer.slice(0, got), peer);
  }

  setsockopt(level: i32, option: i32, value: i32): bool {
    return this.outcome(hal.net_setsockopt(this.handle, level, option, value)) >= 0;
  }

  settimeout(seconds: f64): bool {
    const ms = seconds < 0 ? -1 : seconds == 0 ? 0 : <i32>max(1.0, seconds * 1000);
    return this.outcome(hal.net_settimeout(this.handle, ms)) >= 0;
  }

  close(): bool {
    if (this.handle == -EBADF) return true;
    const result = this.handle < 0 ? 0 : hal.net_close(this.handle);
    this.handle = -EBADF;
    return succeeded(result);
  }

  protected receive(p: usize, n: i32): i32 {
    return this.outcome(hal.net_recv(this.handle, p, n, 0));
  }

  protected transmit(p: usize, n: i32): i32 {
    return this.outcome(hal.net_send(this.handle, p, n));
  }

  /** Records a failure: where there is no handle, the reason for that. */
  private outcome(result: i32): i32 {
    return checked(this.handle < 0 ? this.handle : result);
  }

  /** For the collector: gives the handle back. */
  static free(object: usize): void {
    const handle = changetype<socket>(object).handle;
    if (handle >= 0) hal.net_close(handle);
  }
}

/** A handle; where all are used up, unreachable sockets are closed first. */
function openSocket(family: i32, type: i32): i32 {
  let handle = hal.net_socket(family, type);
  if (handle == -ENFILE) {
    collect();
    handle = hal.net_socket(family, type);
  }
  checked(handle);
  return handle;
}

onFree(idof<socket>(), socket.free);
