// One connection: a box with four ports and no I/O. Records are told apart here and go to whom they
// concern; the first error stays, with its alert queued for the transport.
//
//                   receive          ┌────────────┐   read
//   ciphertext  ──────────────────▶  │ Connection │ ─────────────▶  plaintext
//   ciphertext  ◀──────────────────  │            │ ◀─────────────  plaintext
//                   take             └────────────┘   write
//
// At most one record of plaintext is open at a time: what follows stays sealed in the inbox until
// the app has read it, which is all the flow control there is. RFC 8446, 5 and 6.

import { Errno, Misuse, deviceError, localAlert, misuse, peerAlert } from "../base/err";
import * as heap from "../base/heap";
import * as scratch from "../base/scratch";
import { Alert, TRUNCATED, alertToSend } from "../tls/alert";
import { Message } from "../tls/inbox";
import { Link } from "../tls/link";
import { ContentType } from "../tls/numbers";
import { Reserve } from "../tls/outbox";
import { Client } from "../tls13/client";
import { Context } from "./context";

/** Bits of wants(). */
export namespace Wants {
  export const READ: i32 = 1;
  export const WRITE: i32 = 2;
  export const CONNECTED: i32 = 4;
  export const CLOSED_BY_PEER: i32 = 8;
}

/** Records and messages in a row that bring nothing, each of which costs us work. */
const MAX_IDLE: i32 = 32;

/** Less room than this is not worth a record. */
const SMALLEST_WRITE: i32 = 256;

// @ts-ignore: decorator
@unmanaged
export class Connection {
  link: Link = changetype<Link>(0);
  client: Client = changetype<Client>(0);
  private context: Context = changetype<Context>(0);
  /** The first error; 0: none. */
  error: i32 = 0;
  private idle: i32 = 0;
  isClosed: bool = false;
  private isClosedByPeer: bool = false;
  private hasEnded: bool = false;

  /**
   * A client connection to a server of that name, or null where the memory is used up. The caller
   * fills the pool of randomness, then begins.
   */
  static create(context: Context, name: usize, nameLen: i32): Connection | null {
    const connection = heap.create<Connection>();
    if (connection === null) return null;
    const link = Link.create(context.config.recordLimit);
    if (link !== null) {
      const client = Client.create(link, context.config, name, nameLen);
      if (client !== null) {
        connection.link = link;
        connection.client = client;
        connection.context = context;
        context.share();
        return connection;
      }
      link.free();
    }
    heap.release(changetype<usize>(connection));
    return null;
  }

  free(): void {
    this.client.free();
    this.link.free();
    this.context.leave();
    heap.release(changetype<usize>(this));
  }

  get pool(): usize {
    return this.client.handshake.pool;
  }

  begin(): i32 {
    return this.client.begin();
  }

  /** What the connection needs next, bits of Wants; the error once its alert has been taken. */
  wants(): i32 {
    const out = this.link.outbox.size > 0 ? Wants.WRITE : 0;
    if (this.error < 0) return out != 0 ? out : this.error;
    let bits = out;
    if (this.client.isConnected) bits |= Wants.CONNECTED;
    if (this.isClosedByPeer) bits |= Wants.CLOSED_BY_PEER;
    const hears = !this.isClosed && !this.isClosedByPeer && !this.hasEnded;
    return hears && this.link.inbox.pending == 0 ? bits | Wants.READ : bits;
  }

  /** 0 while the connection works, else why it does not. */
  get failure(): i32 {
    if (this.error < 0) return this.error;
    return this.isClosed ? misuse(Misuse.CLOSED) : 0;
  }

  // --- receive: ciphertext in ------------------------------------------------------------------

  /** n bytes were put where the inbox receives. now: see Client.receive. */
  receive(n: i32, now: i64): i32 {
    const failure = this.failure;
    if (failure < 0) return failure;
    if (!this.link.inbox.received(n)) return misuse(Misuse.BAD_RANGE);
    this.advance(now);
    return this.error < 0 ? this.error : n;
  }

  /** The transport has reached its end: without close_notify something may be missing. */
  receiveEnd(): i32 {
    const failure = this.failure;
    if (failure < 0) return failure;
    this.hasEnded = true;
    this.advance(-1);
    return this.error;
  }

  /** Opens records until one has plaintext for the app, or no more are there. */
  private advance(now: i64): void {
    if (this.failure < 0) return;
    let e = 0;
    while (e >= 0 && !this.isClosedByPeer && this.link.inbox.pending == 0) {
      const got = this.link.inbox.nextRecord(this.link.reading);
      if (got == 0) break;
      e = got < 0 ? got : this.dispatch(now);
    }
    if (e >= 0) e = this.client.settleUpdate();
    if (this.isClosedByPeer) this.link.inbox.clear(); // nothing after close_notify counts (6.1)
    else if (e >= 0 && this.hasEnded && this.link.inbox.pending == 0) e = TRUNCATED;
    if (e < 0) this.fail(e);
  }

  private dispatch(now: i64): i32 {
    const inbox = this.link.inbox;
    if (inbox.type == ContentType.HANDSHAKE) return this.receiveHandshake(now);
    // A message that spans records has no other record between them (5.1).
    if (inbox.gathered > 0) return localAlert(Alert.UNEXPECTED_MESSAGE);
    if (inbox.type == ContentType.ALERT) return this.receiveAlert();
    if (inbox.type == ContentType.APPLICATION_DATA) return this.receiveApplicationData();
    return this.receiveChangeCipherSpec();
  }

  private receiveHandshake(now: i64): i32 {
    const link = this.link;
    if (link.inbox.contentLength == 0) return localAlert(Alert.UNEXPECTED_MESSAGE);
    link.inbox.keepContent();
    const frame = scratch.mark();
    const m = changetype<Message>(scratch.take(offsetof<Message>()));
    let e = link.nextMessage(m);
    while (e > 0) {
      e = this.client.isConnected ? this.countIdle() : 0;
      if (e >= 0) e = this.client.receive(m, now);
      if (e >= 0) e = link.nextMessage(m);
    }
    scratch.release(frame);
    return e;
  }

  /** Every alert but two ends the connection, whatever its level byte says (6). */
  private receiveAlert(): i32 {
    const inbox = this.link.inbox;
    if (inbox.contentLength == 0) return localAlert(Alert.UNEXPECTED_MESSAGE);
    if (inbox.contentLength != 2) return localAlert(Alert.DECODE_ERROR);
    const alert = <i32>load<u8>(inbox.content, 1);
    if (alert == Alert.USER_CANCELED) return this.countIdle(); // close_notify follows
    if (alert != Alert.CLOSE_NOTIFY) return peerAlert(alert);
    if (!this.client.isConnected) return TRUNCATED; // the end of a handshake that has none
    this.isClosedByPeer = true;
    return 0;
  }

  private receiveApplicationData(): i32 {
    const inbox = this.link.inbox;
    if (!this.client.isConnected) return localAlert(Alert.UNEXPECTED_MESSAGE);
    if (inbox.contentLength == 0) return this.countIdle();
    inbox.keepContent();
    this.idle = 0;
    return 0;
  }

  /** The dummy of middlebox compatibility: one byte, 1, during the handshake; it means nothing. */
  private receiveChangeCipherSpec(): i32 {
    const inbox = this.link.inbox;
    const isDummy = inbox.contentLength == 1 && load<u8>(inbox.content) == 1;
    if (!isDummy || this.client.isConnected) return localAlert(Alert.UNEXPECTED_MESSAGE);
    return this.countIdle();
  }

  private countIdle(): i32 {
    this.idle++;
    return this.idle > MAX_IDLE ? localAlert(Alert.UNEXPECTED_MESSAGE) : 0;
  }

  // --- take: ciphertext out --------------------------------------------------------------------

  /** The transport has taken n bytes from the outbox. */
  taken(n: i32): i32 {
    if (n < 0 || n > this.link.outbox.size) return misuse(Misuse.BAD_RANGE);
    this.link.outbox.taken(n);
    if (this.failure < 0) return 0;
    const e = this.client.settleUpdate();
    if (e < 0) this.fail(e);
    return 0;
  }

  // --- read: plaintext out ---------------------------------------------------------------------

  /** Bytes to read; 0 after close_notify; -EAGAIN: not yet; else why there will be none. */
  readSize(): i32 {
    const pending = this.link.inbox.pending;
    if (pending > 0) return pending;
    const failure = this.failure;
    if (failure < 0) return failure;
    return this.isClosedByPeer ? 0 : deviceError(Errno.EAGAIN);
  }

  /** n bytes were read. A failure in the records behind them is told by the next call. */
  consumed(n: i32): i32 {
    const inbox = this.link.inbox;
    if (n < 0 || n > inbox.pending) return misuse(Misuse.BAD_RANGE);
    inbox.consume(n);
    if (inbox.pending == 0) this.advance(-1);
    return 0;
  }

  // --- write: plaintext in ---------------------------------------------------------------------

  /** How much one record may take now; -EAGAIN: nothing before something is taken. */
  writeRoom(): i32 {
    const failure = this.failure;
    if (failure < 0) return failure;
    const client = this.client;
    if (!client.isConnected) return deviceError(Errno.EAGAIN);
    const e = client.settleUpdate();
    if (e < 0) this.fail(e);
    if (e < 0) return e;
    const room = this.link.outbox.room(Reserve.OF_OTHERS);
    if (client.updateOwed || room < SMALLEST_WRITE) return deviceError(Errno.EAGAIN);
    return min(room, this.link.sendLimit);
  }

  /** n bytes, at most writeRoom, were put behind the header of the outbox's next record. */
  written(n: i32): i32 {
    const room = this.writeRoom();
    if (room < 0) return room;
    if (n < 0 || n > room) return misuse(Misuse.BAD_RANGE);
    if (n > 0) this.link.push(ContentType.APPLICATION_DATA, n);
    return n;
  }

  // --- the end ---------------------------------------------------------------------------------

  /** Queues close_notify; nothing is read or written any more. */
  close(): i32 {
    if (this.failure < 0) return 0;
    this.link.sendAlert(Alert.CLOSE_NOTIFY);
    this.isClosed = true;
    this.wipe();
    return 0;
  }

  private fail(e: i32): void {
    const alert = alertToSend(e);
    if (alert >= 0) this.link.sendAlert(alert);
    this.error = e;
    this.wipe();
  }

  /** Secrets and plaintext go at once; what is sealed still waits in the outbox. */
  private wipe(): void {
    this.client.endHandshake();
    this.link.reading.wipe();
    this.link.writing.wipe();
    this.link.inbox.clear();
  }
}
