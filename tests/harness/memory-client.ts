// ssl.wasm's client without a network: bytes in, bytes out, on the flat exports that hal/bridge.c
// calls. For tests that must repeat exactly; connection.ts is the same client over real TCP.
//
//   const outcome = meet(m, server, { anchors: pki.root.der });
//   outcome.error, outcome.server.alerts, outcome.read // what became of it, on both sides
//
// meet() moves bytes between client and server until neither has anything left to say, then checks
// what must hold after every case: the first error is sticky, the same from every call, and all
// memory has been given back.

import assert from "node:assert/strict";
import { type Instance } from "./instance.ts";
import { type ScriptedServer } from "./scripted-server.ts";
import { concat } from "./tls13-wire.ts";

const EMPTY: Uint8Array = new Uint8Array(0);

export const EAGAIN = 11;
export const CERT_NONE = 0;
export const CERT_REQUIRED = 2;

/** Bits of connection_wants. */
export const Wants = { read: 1, write: 2, connected: 4, closed: 8 };

/** What connection_text and connection_number tell (hal/surface.def). */
export const Text = { suite: 0, version: 1, group: 2, peerCertificate: 3, peerSubject: 4 };
export const Count = { bytesIn: 0, bytesOut: 1, messagesIn: 2, messagesOut: 3, secretBits: 4 };

export interface ClientOptions {
  /** DER or PEM of the trust anchors; without them nothing is verified. */
  anchors?: Uint8Array;
  /** Default "localhost". */
  name?: string;
  /** IANA names in place of the usual suites. */
  ciphers?: string[];
  /** The most plaintext that it takes in a record; default: 16 KB. */
  receiveBuffer?: number;
}

export class MemoryClient {
  readonly context: number;
  readonly handle: number;

  constructor(
    private readonly m: Instance,
    options: ClientOptions = {},
  ) {
    this.context = succeed(m.call("context_new", 0), "context_new");
    const mode = options.anchors ? CERT_REQUIRED : CERT_NONE;
    succeed(m.call("context_set_verify_mode", this.context, mode), "context_set_verify_mode");
    if (options.anchors) this.give("context_load_verify", options.anchors);
    if (options.ciphers) this.give("context_set_ciphers", Buffer.from(options.ciphers.join("\n")));
    if (options.receiveBuffer) {
      const size = options.receiveBuffer;
      const result = m.call("context_set_receive_buffer", this.context, size);
      succeed(result, "context_set_receive_buffer");
    }
    const name = Buffer.from(options.name ?? "localhost");
    const at = m.put(name);
    const handle = m.call("connection_new", this.context, 0, at, name.length);
    this.handle = succeed(handle, "connection_new");
    m.free(at);
  }

  /** Bits of Wants, or the sticky error. */
  wants(): number {
    return this.m.call("connection_wants", this.handle);
  }

  get isConnected(): boolean {
    const wants = this.wants();
    return wants > 0 && (wants & Wants.connected) !== 0;
  }

  /**
   * Hands over as much of this ciphertext as there is room for, `limit` bytes at a time; count or
   * error.
   */
  receive(bytes: Uint8Array, limit = Infinity): number {
    let at = 0;
    while (at < bytes.length) {
      const room = this.m.call("connection_receive_room", this.handle);
      if (room < 0) return room;
      if (room === 0) break; // what came before must be read first
      const piece = bytes.subarray(at, at + Math.min(room, limit));
      this.m.write(this.m.call("connection_receive_at", this.handle), piece);
      const taken = this.m.call("connection_receive", this.handle, piece.length);
      if (taken < 0) return taken;
      assert.equal(taken, piece.length);
      at += taken;
    }
    return at;
  }

  receiveEnd(): number {
    return this.m.call("connection_receive_end", this.handle);
  }

  /** Ciphertext out, all that is queued. */
  take(): Uint8Array {
    let out = EMPTY;
    for (;;) {
      const size = this.m.call("connection_take_size", this.handle);
      if (size <= 0) return out;
      out = concat(out, this.m.read(this.m.call("connection_take_at", this.handle), size));
      this.m.call("connection_taken", this.handle, size);
    }
  }

  /** Plaintext waiting; 0 at close_notify, -EAGAIN nothing yet, else the error. */
  readSize(): number {
    return this.m.call("connection_read_size", this.handle);
  }

  /** Plaintext in, all that is there. */
  read(): Uint8Array {
    let all = EMPTY;
    for (;;) {
      const size = this.readSize();
      if (size <= 0) return all;
      all = concat(all, this.m.read(this.m.call("connection_read_at", this.handle), size));
      this.m.call("connection_consumed", this.handle, size);
    }
  }

  writeRoom(): number {
    return this.m.call("connection_write_room", this.handle);
  }

  /** Seals as much as one record takes; gives the count, -EAGAIN or the error. */
  write(bytes: Uint8Array): number {
    const room = this.writeRoom();
    if (room <= 0) return room;
    const n = Math.min(room, bytes.length);
    this.m.write(this.m.call("connection_write_at", this.handle), bytes.subarray(0, n));
    const result = this.m.call("connection_written", this.handle, n);
    return result < 0 ? result : n;
  }

  close(): number {
    return this.m.call("connection_close", this.handle);
  }

  text(what: number): string {
    return Buffer.from(this.bytes("connection_text", this.handle, what)).toString();
  }

  peerCertificate(): Uint8Array {
    return this.bytes("connection_text", this.handle, Text.peerCertificate);
  }

  count(what: number): number {
    return this.m.call("connection_number", this.handle, what);
  }

  free(): void {
    this.m.call("connection_free", this.handle);
    this.m.call("context_free", this.context);
  }

  private bytes(name: string, ...args: number[]): Uint8Array {
    const capacity = 4096;
    const at = this.m.alloc(capacity);
    const n = succeed(this.m.call(name, ...args, at, capacity), name);
    const found = Uint8Array.from(this.m.read(at, n));
    this.m.free(at);
    return found;
  }

  private give(name: string, bytes: Uint8Array): void {
    const at = this.m.put(bytes);
    const result = this.m.call(name, this.context, at, bytes.length);
    this.m.free(at);
    succeed(result, name);
  }
}

/** An error as apps see it. */
export interface ErrorText {
  /** Errno, 0 for a ValueError. */
  number: number;
  text: string;
  /** -1: none. */
  alert: number;
}

export function describeError(m: Instance, error: number): ErrorText {
  const capacity = 256;
  const at = m.alloc(capacity);
  const n = succeed(m.call("error_text", error, at, capacity), "error_text");
  const text = Buffer.from(m.read(at, n)).toString();
  m.free(at);
  return { number: m.call("error_number", error), text, alert: m.call("error_alert", error) };
}

export interface MeetOptions extends ClientOptions {
  /** Plaintext that the client writes once connected. */
  say?: Uint8Array;
  /** Hands over at most this many bytes at a time: 1 splits everything everywhere. */
  drip?: number;
  /** The transport ends when the server has said everything. */
  end?: boolean;
  /** Looks at the client before it is freed. */
  inspect?: (client: MemoryClient) => void;
}

export interface Outcome {
  server: ScriptedServer;
  /** 0: none. */
  error: number;
  errorText: ErrorText | null;
  connected: boolean;
  /** close_notify came: reads give the end. */
  closed: boolean;
  read: Uint8Array;
  /** Every byte that the client sent. */
  sent: Uint8Array;
}

/** A whole conversation; see the head of the file. */
export function meet(m: Instance, server: ScriptedServer, options: MeetOptions = {}): Outcome {
  const memoryBefore = m.call("memory_used");
  const client = new MemoryClient(m, options);
  const outcome = converse(m, client, server, options);
  checkSticky(client, outcome.error);
  options.inspect?.(client);
  client.free();
  assert.equal(m.call("memory_used"), memoryBefore, "memory was not given back");
  return outcome;
}

function converse(
  m: Instance,
  client: MemoryClient,
  server: ScriptedServer,
  options: MeetOptions,
): Outcome {
  let [sent, read, incoming]: Uint8Array[] = [EMPTY, EMPTY, EMPTY];
  let say = options.say ?? EMPTY;
  let connected = false;
  let ended = !options.end;
  for (;;) {
    const out = client.take();
    sent = concat(sent, out);
    server.receive(out);
    incoming = concat(incoming, server.take());
    const taken = client.receive(incoming, options.drip);
    incoming = incoming.subarray(taken < 0 ? incoming.length : taken);
    const heard = client.read();
    read = concat(read, heard);
    connected ||= client.isConnected;
    const written = connected && say.length > 0 ? client.write(say) : 0;
    say = say.subarray(Math.max(written, 0));
    if (out.length + heard.length > 0 || taken > 0 || written > 0) continue;
    if (ended) break;
    client.receiveEnd();
    ended = true;
  }
  const error = Math.min(client.wants(), 0);
  const errorText = error < 0 ? describeError(m, error) : null;
  const closed = error === 0 && client.readSize() === 0;
  return { server, error, errorText, connected, closed, read, sent };
}

/** After a failure every call gives the first error, whatever is tried. */
function checkSticky(client: MemoryClient, error: number): void {
  if (error === 0) return;
  const record = Uint8Array.of(23, 3, 3, 0, 17, ...new Uint8Array(17));
  client.receive(record);
  client.receiveEnd();
  client.close();
  assert.equal(client.write(Uint8Array.of(1)), error, "write gives the first error");
  assert.equal(client.readSize(), error, "read gives the first error");
  assert.equal(client.wants(), error, "wants gives the first error");
  assert.equal(client.take().length, 0, "nothing is sent after the alert");
}

function succeed(result: number, what: string): number {
  if (result < 0) throw new Error(`${what} gave ${result}`);
  return result;
}
