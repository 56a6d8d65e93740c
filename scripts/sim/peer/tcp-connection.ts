// One TCP connection between the device and the peer (RFC 9293), apart from where its bytes come
// from and go to. It answers every segment with data at once, and does without urgent data, window
// scaling, selective acknowledgements and simultaneous open.
//
//   Accepting    a SYN has come; the host is being asked         confirm() or refuse()
//   SynReceived  SYN-ACK is sent                                 ACK comes
//   SynSent      our SYN is sent                                 SYN-ACK comes
//   Established  and, as either side has sent FIN, the states from FIN-WAIT-1 to LAST-ACK
//   TimeWait     all is done; a FIN that is repeated is acknowledged
//   Closed

import type { Cancel, Clock } from "./clock.ts";
import { Receiver } from "./tcp-receiver.ts";
import {
  ACK,
  advance,
  DEFAULT_SIZE,
  distance,
  FIN,
  lengthOf,
  MAXIMUM_SIZE,
  PSH,
  RST,
  SYN,
  type Segment,
} from "./tcp-segment.ts";
import { Sender, type Chunk } from "./tcp-sender.ts";
import { RetransmissionTimeout } from "./tcp-timer.ts";

/** What a connection tells its owner. None of these may throw. */
export interface TcpOwner {
  transmit(segment: Omit<Segment, "sourcePort" | "destinationPort">): void;
  opened(): void;
  received(data: Buffer): void;
  /** The device has sent its last byte. */
  ended(): void;
  /** The device has acknowledged some of what waits. */
  drained(): void;
  /** The connection can be forgotten; comes once. Nothing more is sent or received. */
  closed(): void;
  /** It ended before both sides had sent all: reset, or given up. Comes after closed(). */
  failed(): void;
}

type State = "Accepting" | "SynReceived" | "SynSent" | "Established" | "TimeWait" | "Closed";

const SYN_TRIES = 6;
const TRIES = 15; // as Linux's tcp_retries2
const DUPLICATES = 3; // acknowledgements that say: one segment is missing. RFC 5681, 3.2
const TIME_WAIT_MS = 10_000;
const WORTH_TELLING = 2 * MAXIMUM_SIZE; // growth of the window: RFC 9293, 3.8.6.2.2

export class TcpConnection {
  private state: State;
  private readonly sender: Sender;
  private receiver = new Receiver(0);
  private size = DEFAULT_SIZE;

  private readonly timeout = new RetransmissionTimeout();
  private timer: Cancel | null = null;
  private tries = 0;
  private timed: { sequence: number; at: number } | null = null; // the segment being measured

  private lastWindowAt = { sequence: 0, acknowledgement: 0 }; // SND.WL1 and SND.WL2
  private duplicates = 0;
  private recovery: number | null = null; // until this is acknowledged, gaps are filled at once
  private closedFirst = false;

  /** `iss` is the initial sequence number. */
  constructor(
    private readonly clock: Clock,
    private readonly iss: number,
    private readonly owner: TcpOwner,
    opening: { syn: Segment } | "active",
  ) {
    this.sender = new Sender(advance(iss, 1));
    if (opening === "active") {
      this.state = "SynSent";
      this.sendSyn();
    } else {
      this.state = "Accepting";
      this.synchronize(opening.syn);
    }
  }

  /** Bytes that the device has not acknowledged. */
  get queued(): number {
    return this.sender.queued;
  }

  get isWaiting(): boolean {
    return this.state === "TimeWait";
  }

  /** Whether a SYN with this sequence number may open a new connection in the place of this one. */
  mayBeReplacedBy(sequence: number): boolean {
    return this.isWaiting && distance(this.receiver.next, sequence) > 0;
  }

  /** The host has accepted: answers the SYN. */
  confirm(): void {
    if (this.state !== "Accepting") return;
    this.state = "SynReceived";
    this.sendSyn();
  }

  /** The host has refused: resets, if `tell`, and ends. */
  refuse(tell: boolean): void {
    if (this.state !== "Accepting") return;
    if (tell) this.transmit(this.iss, RST | ACK);
    this.close();
  }

  write(data: Buffer): void {
    if (this.state === "TimeWait" || this.state === "Closed") return;
    this.sender.queue(data);
    this.push();
  }

  /** FIN follows what was written; receiving goes on. */
  end(): void {
    if (this.state === "TimeWait" || this.state === "Closed") return;
    this.sender.finish();
    this.push();
  }

  /** Resets the connection, and tells the owner that it failed. */
  abort(): void {
    if (this.state === "Closed") return;
    if (this.state !== "TimeWait") this.transmit(this.sender.next, RST | ACK);
    this.fail();
  }

  /** The host has not taken `unread` bytes yet; tells the device of room that matters. */
  unreadIs(unread: number): void {
    if (this.state !== "Established" || this.receiver.finished) return;
    const before = this.receiver.window;
    const wasSmall = before < WORTH_TELLING;
    if (this.receiver.open(unread) > 0 && wasSmall && this.receiver.window >= WORTH_TELLING) {
      this.sendAck();
    }
  }

  receive(segment: Segment): void {
    switch (this.state) {
      case "Accepting":
        if (segment.flags & RST) this.fail();
        return;
      case "SynSent":
        return this.receiveSynAck(segment);
      case "Closed":
        return;
      default:
        return this.receiveSynchronized(segment);
    }
  }

  private receiveSynAck(segment: Segment): void {
    const acknowledges = (segment.flags & ACK) !== 0;
    if (acknowledges && segment.acknowledgement !== this.sender.next) {
      if (!(segment.flags & RST)) this.transmit(segment.acknowledgement, RST);
      return;
    }
    if (segment.flags & RST) {
      if (acknowledges) this.fail();
      return;
    }
    if (!acknowledges || !(segment.flags & SYN)) return;
    this.synchronize(segment);
    this.establish(segment);
    this.sendAck();
    this.push();
  }

  /** RFC 9293, 3.10.7.4, in its order. */
  private receiveSynchronized(segment: Segment): void {
    if (!this.receiver.isAcceptable(segment)) return this.receiveUnacceptable(segment);
    if (segment.flags & RST) {
      // Only the exact number ends the connection; others may be forged: RFC 5961, 3.2.
      if (segment.sequence === this.receiver.next) this.fail();
      else this.sendAck();
      return;
    }
    if (segment.flags & SYN) return this.sendAck();
    if (!(segment.flags & ACK) || !this.receiveAck(segment)) return;
    const taken = this.receiveData(segment);
    this.finishIfDone();
    if (this.state === "Closed") return;
    if (!this.push() && taken) this.sendAck();
  }

  private receiveUnacceptable(segment: Segment): void {
    if (segment.flags & RST) return;
    const repeated = advance(segment.sequence, 1) === this.receiver.next;
    if (this.state === "SynReceived" && segment.flags & SYN && repeated) {
      this.transmitSyn();
      return;
    }
    this.sendAck();
    // A probe of our closed window still says what the device has: RFC 9293, 3.10.7.4.
    const isProbe = this.receiver.window === 0 && segment.sequence === this.receiver.next;
    if (isProbe && segment.flags & ACK && this.receiveAck(segment)) this.push();
  }

  /** false if the segment must not be looked at any further. */
  private receiveAck(segment: Segment): boolean {
    const { acknowledgement } = segment;
    if (this.state === "SynReceived") {
      if (acknowledgement !== this.sender.next) {
        this.transmit(acknowledgement, RST);
        return false;
      }
      this.establish(segment);
      return true;
    }
    if (distance(this.sender.next, acknowledgement) > 0) {
      this.sendAck();
      return false;
    }
    const isNew = distance(this.sender.una, acknowledgement) > 0;
    const hadWindow = this.sender.window;
    this.updateWindow(segment);
    if (isNew) this.acknowledge(acknowledgement);
    else if (acknowledgement === this.sender.una) this.receiveRepeated(segment, hadWindow);
    return true;
  }

  private acknowledge(acknowledgement: number): void {
    if (this.timed && distance(this.timed.sequence, acknowledgement) >= 0) {
      this.timeout.measured(this.clock.now() - this.timed.at);
      this.timed = null;
    }
    this.sender.acknowledge(acknowledgement);
    this.timeout.progress();
    this.tries = 0;
    this.duplicates = 0;
    this.rearm();
    if (this.recovery !== null && distance(acknowledgement, this.recovery) > 0) this.sendAgain();
    else this.recovery = null;
    this.owner.drained();
  }

  /** The same acknowledgement again: a window that opens, or a sign of a lost segment. */
  private receiveRepeated(segment: Segment, hadWindow: number): void {
    const { inFlight, window } = this.sender;
    if (window === 0) this.tries = 0; // closed, but there
    if (inFlight === 0) return;
    if (hadWindow === 0 && window > 0) {
      this.sendAgain(); // the probe, which was refused
      return;
    }
    if (lengthOf(segment) > 0 || window !== hadWindow || window === 0) return;
    this.duplicates++;
    if (this.duplicates !== DUPLICATES || this.recovery !== null) return;
    this.recovery = this.sender.next;
    this.sendAgain();
  }

  private updateWindow(segment: Segment): void {
    const { sequence, acknowledgement, window } = segment;
    const order =
      distance(this.lastWindowAt.sequence, sequence) ||
      distance(this.lastWindowAt.acknowledgement, acknowledgement);
    if (order < 0 || distance(this.sender.una, acknowledgement) < 0) return;
    this.sender.window = window;
    this.lastWindowAt = { sequence, acknowledgement };
  }

  /** Whether the segment had anything that must be acknowledged. */
  private receiveData(segment: Segment): boolean {
    if (this.state !== "Established" || lengthOf(segment) === 0) return lengthOf(segment) > 0;
    const hadFinished = this.receiver.finished;
    for (const data of this.receiver.accept(segment)) this.owner.received(data);
    if (this.receiver.finished && !hadFinished && this.state === "Established") {
      this.closedFirst = this.sender.finSent;
      this.owner.ended();
    }
    return true;
  }

  /** Ends the connection if both sides have sent FIN and know it. */
  private finishIfDone(): void {
    if (this.state !== "Established") return;
    if (!this.sender.finished || !this.receiver.finished) return;
    if (!this.closedFirst) return this.close();
    this.state = "TimeWait";
    this.timer?.();
    this.timer = this.clock.after(TIME_WAIT_MS, () => this.close());
  }

  private synchronize(syn: Segment): void {
    this.receiver = new Receiver(advance(syn.sequence, 1));
    const size = syn.maximumSize ?? DEFAULT_SIZE;
    this.size = Math.max(1, Math.min(size, MAXIMUM_SIZE));
  }

  private establish(segment: Segment): void {
    const { sequence, acknowledgement, window } = segment;
    this.state = "Established";
    this.sender.window = window;
    this.lastWindowAt = { sequence, acknowledgement };
    this.tries = 0;
    this.timeout.progress();
    this.rearm();
    this.owner.opened();
  }

  /** Sends what may be sent; true if that was anything. */
  private push(): boolean {
    if (this.state !== "Established") return false;
    let sent = false;
    for (let chunk = this.sender.take(this.size); chunk; chunk = this.sender.take(this.size)) {
      this.timed ??= { sequence: this.sender.next, at: this.clock.now() };
      this.transmitChunk(chunk);
      sent = true;
    }
    if (!this.timer) this.rearm();
    return sent;
  }

  private sendAgain(): void {
    this.timed = null;
    const chunk = this.sender.again(this.size);
    if (chunk) this.transmitChunk(chunk);
  }

  private sendSyn(): void {
    this.transmitSyn();
    this.rearm();
  }

  private transmitSyn(): void {
    this.transmit(this.iss, this.state === "SynSent" ? SYN : SYN | ACK);
  }

  private sendAck(): void {
    this.transmit(this.sender.next, ACK);
  }

  private transmitChunk(chunk: Chunk): void {
    const push = chunk.last && chunk.data.length > 0 ? PSH : 0;
    this.transmit(chunk.sequence, ACK | push | (chunk.fin ? FIN : 0), chunk.data);
  }

  private transmit(sequence: number, flags: number, payload: Buffer = Buffer.alloc(0)): void {
    this.owner.transmit({
      sequence,
      acknowledgement: flags & ACK ? this.receiver.next : 0,
      flags,
      window: flags & RST || this.state === "SynSent" ? 0xffff : this.receiver.window,
      maximumSize: flags & SYN ? MAXIMUM_SIZE : null,
      payload,
    });
  }

  /** Starts the timer anew, if anything is to be waited for. */
  private rearm(): void {
    this.timer?.();
    this.timer = null;
    const opening = this.state === "SynSent" || this.state === "SynReceived";
    if (!opening && this.sender.inFlight === 0 && this.sender.unsent === 0) return;
    this.timer = this.clock.after(this.timeout.milliseconds, () => this.expire());
  }

  /** Nothing came in time: sends the oldest segment again, or a probe of a closed window. */
  private expire(): void {
    this.timer = null;
    this.timeout.expired();
    this.tries++;
    const opening = this.state !== "Established";
    if (this.tries >= (opening ? SYN_TRIES : TRIES)) {
      this.abort();
      return;
    }
    if (opening) this.transmitSyn();
    else if (this.sender.inFlight > 0) this.sendLost();
    else this.sendProbe();
    this.rearm();
  }

  /** What was sent after the lost segment is likely lost too. */
  private sendLost(): void {
    this.duplicates = 0;
    this.recovery = this.sender.next;
    this.sendAgain();
  }

  private sendProbe(): void {
    const chunk = this.sender.probe();
    if (chunk) this.transmitChunk(chunk);
  }

  private fail(): void {
    if (this.state === "Closed") return;
    this.close();
    this.owner.failed();
  }

  private close(): void {
    if (this.state === "Closed") return;
    this.timer?.();
    this.timer = null;
    this.state = "Closed";
    this.owner.closed();
  }
}
