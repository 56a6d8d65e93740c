// What a handshake sees of the record layer beneath it: messages in, messages out, keys that change
// in between. The handshakes know nothing of records, so that another record layer (DTLS) can stand
// beneath them.
//
//   beginMessage, endMessage     one handshake message out, added to the transcript
//   nextMessage                  one handshake message in
//   reading, writing             the two halves, whose keys the handshake changes
//   beforeReadKeys               may they change now?
//   sendChangeCipherSpec         the dummy for middleboxes
//   useLimit, sendLimit          what either side takes in one record
//   handshakeIsOver              records longer than agreed on are over, too
//   sendAlert                    the end

import { localAlert } from "../base/err";
import { store16be } from "../base/bytes";
import * as heap from "../base/heap";
import { Writer } from "../base/writer";
import { Alert, TOO_LARGE, levelOf } from "./alert";
import { Half } from "./half";
import { Inbox, Message } from "./inbox";
import { ContentType } from "./numbers";
import { Outbox, Reserve } from "./outbox";
import { HEADER, MAX_TEXT, sealRecord } from "./record";
import { RecordLimit } from "./record-limit";
import { Transcript } from "./transcript";

// @ts-ignore: decorator
@unmanaged
export class Link {
  inbox: Inbox = changetype<Inbox>(0);
  outbox: Outbox = changetype<Outbox>(0);
  reading: Half = changetype<Half>(0);
  writing: Half = changetype<Half>(0);
  messagesIn: i32 = 0;
  messagesOut: i32 = 0;
  /**
   * The most content that the peer takes in a record: 63 bytes at least, and no message of ours has
   * more once it may be below 2^14.
   */
  sendLimit: i32 = 0;

  /** A link with its buffers, or null where the memory is used up. recordLimit: see Config. */
  static create(recordLimit: i32): Link | null {
    const link = heap.create<Link>();
    if (link === null) return null;
    const inbox = Inbox.create(recordLimit);
    const outbox = Outbox.create();
    const reading = Half.create();
    const writing = Half.create();
    if (inbox !== null) link.inbox = inbox;
    if (outbox !== null) link.outbox = outbox;
    if (reading !== null) link.reading = reading;
    if (writing !== null) link.writing = writing;
    link.sendLimit = MAX_TEXT;
    if (inbox !== null && outbox !== null && reading !== null && writing !== null) return link;
    link.free();
    return null;
  }

  free(): void {
    if (changetype<usize>(this.inbox) != 0) this.inbox.free();
    if (changetype<usize>(this.outbox) != 0) this.outbox.free();
    heap.release(changetype<usize>(this.reading));
    heap.release(changetype<usize>(this.writing));
    heap.release(changetype<usize>(this));
  }

  /**
   * A writer behind the header of a handshake message, in the caller's scratch frame; end it with
   * endMessage.
   */
  beginMessage(type: i32, reserve: i32): Writer {
    const w = Writer.into(this.outbox.recordAt + HEADER, this.outbox.room(reserve));
    w.u8(type);
    w.begin(3);
    return w;
  }

  /** Whether a KeyUpdate fits into the outbox. */
  get hasRoomForUpdate(): bool {
    return this.outbox.room(Reserve.OF_KEY_UPDATE) >= 5;
  }

  /**
   * Completes the message, adds it to the transcript (null: after the handshake) and queues its
   * record.
   */
  endMessage(w: Writer, transcript: Transcript | null): i32 {
    w.finish(w.start + 4, 3);
    if (w.failed) return TOO_LARGE; // a cookie, or nobody takes what we send
    if (transcript !== null) transcript.add(w.start, w.length);
    this.push(ContentType.HANDSHAKE, w.length);
    this.messagesOut++;
    return 0;
  }

  /** The next complete message of the peer: 1 and m; 0: not yet; else an error. */
  nextMessage(m: Message): i32 {
    const got = this.inbox.nextMessage(m);
    if (got > 0) this.messagesIn++;
    return got;
  }

  /**
   * To be asked before `reading` gets new keys: the last message must have ended its record (RFC
   * 8446, 5.1), since bytes behind it would pass for protected by keys that never touched them.
   */
  beforeReadKeys(): i32 {
    return this.inbox.gathered > 0 ? localAlert(Alert.UNEXPECTED_MESSAGE) : 0;
  }

  /** What the server has said of the length of records counts from its first record under keys. */
  useLimit(limit: RecordLimit): i32 {
    this.sendLimit = limit.toPeer;
    return limit.isAgreed ? this.inbox.limitIsAgreed() : 0;
  }

  handshakeIsOver(): void {
    this.inbox.takesLonger = false;
  }

  /** The dummy of RFC 8446, D.4. */
  sendChangeCipherSpec(): i32 {
    const record = this.outbox.recordAt;
    if (this.outbox.room(Reserve.OF_OTHERS) < 1) return TOO_LARGE;
    store<u8>(record, ContentType.CHANGE_CIPHER_SPEC);
    store16be(record + 1, 0x0303);
    store16be(record + 3, 1);
    store<u8>(record + HEADER, 1);
    this.outbox.push(HEADER + 1);
    return 0;
  }

  sendAlert(alert: i32): void {
    const content = this.outbox.recordAt + HEADER;
    if (this.outbox.room(Reserve.OF_ALERT) < 2) return;
    store<u8>(content, levelOf(alert));
    store<u8>(content + 1, alert);
    this.push(ContentType.ALERT, 2);
  }

  /** Seals and queues n bytes of content that stand behind the header at the outbox's recordAt. */
  push(type: i32, n: i32): void {
    this.outbox.push(sealRecord(this.writing, type, this.outbox.recordAt, n));
  }
}
