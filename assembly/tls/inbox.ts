// The one buffer into which a connection receives. Ciphertext arrives in it, records are opened in
// place, handshake messages are parsed in place and plaintext is read in place: no byte is copied
// but to close a gap.
//
//   buffer                                                                  buffer + capacity
//   |  gap  |  text: opened, not yet consumed  |  gap  |  raw: as received  |  room  |
//           textAt                       textEnd       rawAt           rawEnd
//
// text is application data of one record, or the handshake bytes of several records gathered one
// behind the other until a message is complete. compact() closes the gaps; only receiving calls it,
// so that every pointer into the text is good until the next bytes come.
//
// The buffer holds one record of the length that we ask for. Two things are longer and no fault of
// the peer: a handshake message over several records, such as a chain of certificates, and, where
// our limit is below the protocol's, a record of the handshake from a server that knows of no
// limits. For them the buffer moves into a larger block, up to what a record may have at all; it
// moves back when they are consumed. The data of apps never makes it grow.

import { load24be, wipe } from "../base/bytes";
import { Errno, deviceError, localAlert } from "../base/err";
import * as heap from "../base/heap";
import { Alert, NOT_TLS, RECORD_TOO_LARGE, TOO_LARGE } from "./alert";
import { Half } from "./half";
import { ContentType } from "./numbers";
import { EXPANSION, HEADER, MAX_TEXT, checkHeader, openRecord } from "./record";

const MESSAGE_HEADER: i32 = 4;

/** No inbox becomes larger than one for the longest record of the protocol. */
const LARGEST: i32 = HEADER + MAX_TEXT + EXPANSION;

/** A handshake message inside the inbox: `start` counts its header, `body` does not. */
// @ts-ignore: decorator
@unmanaged
export class Message {
  type: i32 = 0;
  start: usize = 0;
  body: usize = 0;
  /** Of the body. */
  length: i32 = 0;

  get wholeLength(): i32 {
    return this.length + MESSAGE_HEADER;
  }
}

// @ts-ignore: decorator
@unmanaged
export class Inbox {
  buffer: usize = 0;
  capacity: i32 = 0;
  /** The block that is always ours, the buffer unless that has grown. */
  private home: usize = 0;
  /** The most content that we ask for in a record. */
  limit: i32 = 0;
  /** Longer records come through: the handshake goes on, and the peer has agreed to nothing. */
  takesLonger: bool = false;
  private isAgreed: bool = false;
  /** The most content and padding that a protected record had. */
  private longest: i32 = 0;
  textAt: usize = 0;
  textEnd: usize = 0;
  rawAt: usize = 0;
  rawEnd: usize = 0;
  /** ContentType of the text; of no meaning while there is none. */
  textType: i32 = 0;
  /** The record opened last. */
  type: i32 = 0;
  content: usize = 0;
  contentLength: i32 = 0;
  /** Bytes received since the start, of ciphertext. */
  total: u32 = 0;

  static create(limit: i32): Inbox | null {
    const inbox = heap.create<Inbox>();
    if (inbox === null) return null;
    inbox.limit = limit;
    inbox.takesLonger = limit < MAX_TEXT;
    inbox.home = heap.allocate(inbox.homeCapacity);
    inbox.clear();
    if (inbox.home != 0) return inbox;
    inbox.free();
    return null;
  }

  free(): void {
    if (this.hasGrown) heap.release(this.buffer);
    heap.release(this.home);
    heap.release(changetype<usize>(this));
  }

  private get homeCapacity(): i32 {
    return HEADER + this.limit + EXPANSION;
  }

  private get hasGrown(): bool {
    return this.buffer != this.home;
  }

  /** Whether what the buffer has grown for is still to come. */
  private get needsGrowth(): bool {
    return this.takesLonger || this.gathered > 0;
  }

  /** Where received bytes may be put, `room` of them. */
  get receiveAt(): usize {
    this.compact();
    return this.rawEnd;
  }

  get room(): i32 {
    this.compact();
    const capacity = this.needsGrowth ? this.capacity : this.homeCapacity;
    return max(capacity - <i32>(this.rawEnd - this.buffer), 0);
  }

  /** n bytes were put at receiveAt; false where there is no room for so many. */
  received(n: i32): bool {
    if (n < 0 || n > <i32>(this.buffer + this.capacity - this.rawEnd)) return false;
    this.rawEnd += n;
    this.total += n;
    return true;
  }

  /** Opened bytes not yet consumed. */
  get textLength(): i32 {
    return <i32>(this.textEnd - this.textAt);
  }

  /** Application data that waits for the app. */
  get pending(): i32 {
    return this.textType == ContentType.APPLICATION_DATA ? this.textLength : 0;
  }

  /** Handshake bytes of a message that is not complete. */
  get gathered(): i32 {
    return this.textType == ContentType.HANDSHAKE ? this.textLength : 0;
  }

  consume(n: i32): void {
    this.textAt += n;
  }

  /**
   * Opens the next record: 1 and type, content, contentLength; 0: not all there yet; else an error.
   */
  nextRecord(half: Half): i32 {
    const have = <i32>(this.rawEnd - this.rawAt);
    if (have == 0) return 0;
    if (have < HEADER) return this.recognise();
    const n = this.checkLength(half);
    if (n < 0) return n;
    const e = this.reserve(this.gathered + HEADER + n); // what a message began with must stay
    if (e < 0) return e;
    if (have < HEADER + n) return 0;
    const record = this.rawAt;
    const opened = openRecord(half, record);
    if (opened < 0) return opened;
    if (half.isProtected) this.longest = max(this.longest, n - EXPANSION);
    this.rawAt += HEADER + n;
    this.type = opened >> 16;
    this.content = record + HEADER;
    this.contentLength = opened & 0xffff;
    return 1;
  }

  /** The length in the next record's header, where we take so much. */
  private checkLength(half: Half): i32 {
    const n = checkHeader(half, this.rawAt, this.takesLonger ? MAX_TEXT : this.limit);
    if (n >= 0 || this.isAgreed) return n;
    const isLegal = checkHeader(half, this.rawAt, MAX_TEXT) >= 0;
    return isLegal ? RECORD_TOO_LARGE : n;
  }

  /**
   * The peer has said that it keeps to our limit. RFC 8449, 4: whoever said so and sends longer
   * records under keys hears record_overflow.
   */
  limitIsAgreed(): i32 {
    this.isAgreed = true;
    this.takesLonger = false;
    return this.longest > this.limit ? localAlert(Alert.RECORD_OVERFLOW) : 0;
  }

  /** A few bytes of a header: enough to tell what is not TLS. */
  private recognise(): i32 {
    const type = <i32>load<u8>(this.rawAt);
    const known = type >= ContentType.CHANGE_CIPHER_SPEC && type <= ContentType.APPLICATION_DATA;
    return known ? 0 : NOT_TLS;
  }

  /**
   * Makes the content of the record opened last the text, behind the handshake bytes gathered so
   * far.
   */
  keepContent(): void {
    if (this.gathered > 0) {
      memory.copy(this.textEnd, this.content, this.contentLength);
      this.textEnd += this.contentLength;
      return;
    }
    this.textType = this.type;
    this.textAt = this.content;
    this.textEnd = this.content + this.contentLength;
  }

  /**
   * Takes the next complete message out of the gathered bytes: 1 and m; 0: not all there yet; else
   * an error.
   */
  nextMessage(m: Message): i32 {
    const have = this.gathered;
    if (have < MESSAGE_HEADER) return 0;
    const n = <i32>load24be(this.textAt + 1);
    if (have < n + MESSAGE_HEADER) return this.awaitMessage(n + MESSAGE_HEADER);
    m.type = <i32>load<u8>(this.textAt);
    m.start = this.textAt;
    m.body = this.textAt + MESSAGE_HEADER;
    m.length = n;
    this.textAt += n + MESSAGE_HEADER;
    return 1;
  }

  /**
   * Room for a message of n bytes in all, with what is around the last part of it. Where that comes
   * in one record with the next message, nextRecord finds more.
   */
  private awaitMessage(n: i32): i32 {
    return n + HEADER <= this.capacity ? 0 : this.reserve(HEADER + n + EXPANSION);
  }

  /** Grows the buffer to n bytes, where it has not so many: the content moves. */
  private reserve(n: i32): i32 {
    if (n <= this.capacity) return 0;
    if (n > LARGEST) return TOO_LARGE;
    const block = heap.allocate(n);
    if (block == 0) return deviceError(Errno.ENOMEM);
    this.moveTo(block, n);
    return 0;
  }

  private moveTo(block: usize, capacity: i32): void {
    const old = this.buffer;
    this.closeGaps();
    const used = <i32>(this.rawEnd - old);
    memory.copy(block, old, used);
    if (this.hasGrown) heap.release(old);
    else wipe(old, used);
    this.textEnd = block + this.textLength;
    this.textAt = block;
    this.rawAt = this.textEnd;
    this.rawEnd = block + used;
    this.buffer = block;
    this.capacity = capacity;
  }

  /** Forgets everything received. */
  clear(): void {
    if (this.hasGrown) heap.release(this.buffer);
    this.buffer = this.home;
    this.capacity = this.homeCapacity;
    if (this.home != 0) wipe(this.home, this.capacity);
    this.textAt = this.home;
    this.textEnd = this.home;
    this.rawAt = this.home;
    this.rawEnd = this.home;
  }

  private compact(): void {
    this.closeGaps();
    const fits = <i32>(this.rawEnd - this.buffer) <= this.homeCapacity;
    if (this.hasGrown && !this.needsGrowth && fits) this.moveTo(this.home, this.homeCapacity);
  }

  private closeGaps(): void {
    const text = this.textLength;
    if (text > 0 && this.textAt != this.buffer) memory.copy(this.buffer, this.textAt, text);
    this.textAt = this.buffer;
    this.textEnd = this.buffer + text;
    const raw = <i32>(this.rawEnd - this.rawAt);
    if (raw > 0 && this.rawAt != this.textEnd) memory.copy(this.textEnd, this.rawAt, raw);
    this.rawAt = this.textEnd;
    this.rawEnd = this.rawAt + raw;
  }
}
