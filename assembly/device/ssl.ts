// MicroPython's `ssl`: what an app sees of TLS. The protocol itself runs in the ssl module
// (assembly/ssl), which has no sockets; this file holds its handles and pumps ciphertext between it
// and the stream that was wrapped:
//
//   stream.recv_into ──▶ connection_receive ┌────────────┐ connection_read  ──▶ read, recv
//   stream.send      ◀── connection_take    └────────────┘ connection_write ◀── write, send
//
// By default no certificate is checked (CERT_NONE), as MicroPython has it: such a connection can be
// read and changed by anybody on its path. Set verify_mode to CERT_REQUIRED, load the CA and give
// server_hostname.

import * as hal from "imports";
import { EINVAL, ENOMEM } from "errno";
import { collect, onFree } from "finalize";
import { Options } from "options";
import { checked, fail, succeeded } from "oserror";
import { SSLSocket } from "sslsocket";
import { Stream } from "stream";
import { bytes, textAt } from "text";

export { SSLSocket, Cipher } from "sslsocket";

export const PROTOCOL_TLS_CLIENT: i32 = 0;

export const CERT_NONE: i32 = 0;
export const CERT_OPTIONAL: i32 = 1;
export const CERT_REQUIRED: i32 = 2;

const CIPHERS_CAPACITY: i32 = 2048;

/** misuse(Misuse.TOO_MANY) of assembly/base/err.ts: all handles of a kind are in use. */
const TOO_MANY: i32 = -0x400 - 11;

/** Where the CA certificates are: one of the two. */
export class VerifyLocations {
  /** The path of a file with certificates, DER or PEM, one or several. */
  cafile: string | null = null;
  /** The certificates themselves. */
  cadata: Uint8Array | null = null;
}

/** Options of SSLContext.wrap_socket. */
export class ContextWrapOptions {
  /** The name (or IP address) that is asked for and that the certificate must carry. */
  server_hostname: string | null = null;
  /**
   * false: the handshake happens inside the first reads and writes, and blocks only where they may.
   */
  do_handshake_on_connect: bool = true;
}

/** Options of the function wrap_socket. */
export class WrapOptions {
  server_hostname: string | null = null;
  cert_reqs: i32 = CERT_NONE;
  /** The CA certificates, DER or PEM. */
  cadata: Uint8Array | null = null;
  do_handshake: bool = true;
  /** As SSLContext.receive_buffer; 0: as the device has it. */
  receive_buffer: i32 = 0;
}

/**
 * What connections have in common: whom to trust, which suites. A context that was given an
 * impossible protocol, verify mode or buffer keeps that failure, so that an app which overlooks it
 * does not go on with less security than it asked for.
 */
export class SSLContext {
  /** The ssl module's handle; negative: why the context cannot be used. */
  private handle: i32;
  private mode: i32 = CERT_NONE;

  constructor(protocol: i32) {
    this.handle = hal.context_new(protocol);
    if (isUsedUp(this.handle)) {
      collect();
      this.handle = hal.context_new(protocol);
    }
    checked(this.handle);
  }

  get verify_mode(): i32 {
    return this.mode;
  }

  set verify_mode(mode: i32) {
    const result = this.outcome(hal.context_set_verify_mode(this.handle, mode));
    if (result >= 0) this.mode = mode;
    else this.refuse(result);
  }

  /**
   * The most plaintext that a connection receives in one record, 1024 to 16384 bytes, and so much
   * RAM does each take for it; for connections made from now on. It is the device's setting before.
   * Servers are asked for records of that length. One that does not do so can still be talked to
   * where it sends no longer ones: else a read fails with MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL.
   * MicroPython has nothing like it.
   */
  get receive_buffer(): i32 {
    return this.outcome(hal.context_receive_buffer(this.handle));
  }

  set receive_buffer(size: i32) {
    const result = this.outcome(hal.context_set_receive_buffer(this.handle, size));
    if (result < 0) this.refuse(result);
  }

  /**
   * Adds CA certificates; false (ValueError 'invalid cert', or the file's error) where that is not
   * what was given.
   */
  load_verify_locations(from: Options<VerifyLocations>): bool {
    const cafile = from.cafile;
    const cadata = from.cadata;
    if (cafile != null && cadata != null) return succeeded(-EINVAL);
    if (cafile != null) {
      const path = bytes(cafile);
      return this.accepted(hal.context_load_verify_file(this.handle, path.dataStart, path.length));
    }
    const data = cadata != null ? cadata : new Uint8Array(0);
    return this.accepted(hal.context_load_verify_data(this.handle, data.dataStart, data.length));
  }

  /** The names of the suites that are offered, in the order of preference (IANA names). */
  get_ciphers(): string[] | null {
    const room = new ArrayBuffer(CIPHERS_CAPACITY);
    const start = changetype<usize>(room);
    const n = this.outcome(hal.context_ciphers(this.handle, start, CIPHERS_CAPACITY));
    return n < 0 ? null : textAt(start, n).trimEnd().split("\n");
  }

  /**
   * Offers only these suites; false (OSError MBEDTLS_ERR_SSL_BAD_CONFIG) for an unknown name or
   * none at all.
   */
  set_ciphers(ciphers: string[]): bool {
    const list = bytes(ciphers.join("\n"));
    return this.accepted(hal.context_set_ciphers(this.handle, list.dataStart, list.length));
  }

  /**
   * Begins TLS on a stream; null where that is refused, or where the handshake fails, which closes
   * the stream.
   */
  wrap_socket(
    sock: Stream,
    options: Options<ContextWrapOptions> = new ContextWrapOptions(),
  ): SSLSocket | null {
    const handle = this.connect(<string | null>options.server_hostname);
    if (this.outcome(handle) < 0) return null;
    const wrapped = new SSLSocket(handle, sock);
    return !options.do_handshake_on_connect || wrapped.handshakeNow() ? wrapped : null;
  }

  /** A connection's handle; where all are used up, those that nobody refers to are freed first. */
  private connect(hostname: string | null): i32 {
    const name = hostname != null ? bytes(hostname) : new Uint8Array(0);
    const handle = hal.connection_new(this.handle, 0, name.dataStart, name.length);
    if (!isUsedUp(handle)) return handle;
    collect();
    return hal.connection_new(this.handle, 0, name.dataStart, name.length);
  }

  /** Records a failure: where there is no handle, the reason for that. */
  private outcome(result: i32): i32 {
    if (this.handle >= 0 && result >= 0) return result;
    const code = this.handle < 0 ? this.handle : result;
    fail(code);
    return code;
  }

  private accepted(result: i32): bool {
    return this.outcome(result) >= 0;
  }

  private refuse(code: i32): void {
    if (this.handle >= 0) hal.context_free(this.handle);
    this.handle = code;
  }

  /** For the collector. */
  static free(object: usize): void {
    const handle = changetype<SSLContext>(object).handle;
    if (handle >= 0) hal.context_free(handle);
  }
}

/**
 * Wraps a stream with a context of its own. Without cert_reqs: CERT_REQUIRED nothing is checked.
 */
export function wrap_socket(
  sock: Stream,
  options: Options<WrapOptions> = new WrapOptions(),
): SSLSocket | null {
  const context = new SSLContext(PROTOCOL_TLS_CLIENT);
  context.verify_mode = <i32>options.cert_reqs;
  const size = <i32>options.receive_buffer;
  if (size != 0) context.receive_buffer = size;
  const cadata = options.cadata;
  if (cadata != null && !context.load_verify_locations({ cadata })) return null;
  return context.wrap_socket(sock, {
    server_hostname: options.server_hostname,
    do_handshake_on_connect: options.do_handshake,
  });
}

/** Whether freeing what nobody refers to may help. */
function isUsedUp(result: i32): bool {
  return result == TOO_MANY || result == -ENOMEM;
}

onFree(idof<SSLContext>(), SSLContext.free);
