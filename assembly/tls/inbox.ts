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
// so that every pointer into the text is good until the next bytes come. The size is fixed: one
// record of the longest kind.

import { load24be, wipe } from "../base/bytes";
import * as heap from "../base/heap";
import { NOT_TLS, TOO_LARGE } from "./alert";
import { Half } from "./half";
import { ContentType } from "./numbers";
import { HEADER, MAX_EXPANSION, checkHeader, openRecord } from "./record";

const MESSAGE_HEADER: i32 = 4;

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
  /** The most content we take in a record. */
  limit: i32 = 0;
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
    inbox.capacity = HEADER + limit + MAX_EXPANSION;
    inbox.buffer = heap.allocate(inbox.capacity);
    inbox.clear();
    if (inbox.buffer != 0) return inbox;
    inbox.free();
    return null;
  }

  free(): void {
    heap.release(this.buffer);
    heap.release(changetype<usize>(this));
  }

  /** Where received bytes may be put, `room` of them. */
  get receiveAt(): usize {
    this.compact();
    return this.rawEnd;
  }

  get room(): i32 {
    this.compact();
    return <i32>(this.buffer + this.capacity - this.rawEnd);
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
    const record = this.rawAt;
    const n = checkHeader(half, record, this.limit);
    if (n < 0) return n;
    // What a message began with must stay; where both do not fit, the flight is more than we can
    // take.
    if (this.gathered + HEADER + n > this.capacity) return TOO_LARGE;
    if (have < HEADER + n) return 0;
    const opened = openRecord(half, record, this.limit);
    if (opened < 0) return opened;
    this.rawAt += HEADER + n;
    this.type = opened >> 16;
    this.content = record + HEADER;
    this.contentLength = opened & 0xffff;
    return 1;
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
    if (n + MESSAGE_HEADER > this.capacity - HEADER) return TOO_LARGE;
    if (have < n + MESSAGE_HEADER) return 0;
    m.type = <i32>load<u8>(this.textAt);
    m.start = this.textAt;
    m.body = this.textAt + MESSAGE_HEADER;
    m.length = n;
    this.textAt += n + MESSAGE_HEADER;
    return 1;
  }

  /** Forgets everything received. */
  clear(): void {
    if (this.buffer != 0) wipe(this.buffer, this.capacity);
    this.textAt = this.buffer;
    this.textEnd = this.buffer;
    this.rawAt = this.buffer;
    this.rawEnd = this.buffer;
  }

  private compact(): void {
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
