// The device's end of a TCP connection, for tests: simple, and in nothing like the peer's. It sends
// as much as the window allows and goes back to the oldest byte when no acknowledgement comes for
// half a second; it takes data in order only.

import type { VirtualClock } from "../../../scripts/sim/peer/link.ts";
import {
  ACK,
  complaint,
  dissect,
  FIN,
  RST,
  SYN,
  tcp,
  TCP,
  tcpView,
  type Device,
  type TcpView,
} from "./device.ts";

const SIZE = 1000;
const AGAIN_MS = 500;

export class Station {
  state: "closed" | "syn-sent" | "syn-received" | "open" | "reset" = "closed";
  readonly received: Buffer[] = [];
  /** The peer has ended its side. */
  ended = false;
  /** What it says it can take. */
  window = 16_000;
  /** What the peer says it can take. */
  peerWindow = 0;
  peerMaximumSize = 0;

  next = 0; // expected from the peer
  private una: number;
  private sent: number;
  private pending = Buffer.alloc(0); // from una on
  private ending = false;
  private finAcknowledged = false;
  private readonly clock: VirtualClock;

  constructor(
    private readonly device: Device,
    private readonly sourcePort: number,
    private port: number, // 0: of the first SYN that comes
    private readonly iss = 0xffff_ff00, // wraps soon
  ) {
    this.una = iss;
    this.sent = iss;
    this.clock = device.clock;
    this.again();
  }

  connect(): void {
    this.state = "syn-sent";
    this.sendSyn();
  }

  write(data: Buffer): void {
    this.pending = Buffer.concat([this.pending, data]);
    this.push();
  }

  end(): void {
    this.ending = true;
    this.push();
  }

  /** All that was written has arrived, the end included. */
  get finished(): boolean {
    return this.finAcknowledged;
  }

  isOf(view: TcpView): boolean {
    return view.port === this.sourcePort && (this.port === 0 || view.sourcePort === this.port);
  }

  /** A segment of this connection's. */
  receive(view: TcpView): void {
    if (view.flags & RST) {
      if (this.state !== "syn-sent" || view.acknowledgement === this.iss + 1) this.state = "reset";
      return;
    }
    if (view.flags & SYN) return this.receiveSyn(view);
    if (this.state === "syn-received" && view.acknowledgement === this.sent) this.state = "open";
    if (this.state !== "open") return;
    this.receiveAck(view);
    if (view.data.length > 0 || view.flags & FIN) {
      if (view.sequence === this.next && !this.ended) this.receiveData(view);
      this.sendAck();
    }
    this.push();
  }

  sendAck(): void {
    this.transmit(this.sent, ACK);
  }

  transmit(sequence: number, flags: number, data: Buffer = Buffer.alloc(0)): void {
    const { sourcePort, port, window } = this;
    const options = flags & SYN ? [2, 4, SIZE >> 8, SIZE & 255] : [];
    const acknowledgement = flags & ACK ? this.next : 0;
    const fields = { sourcePort, port, sequence, acknowledgement, flags, window, options, data };
    this.device.send(TCP, tcp(fields));
  }

  private receiveSyn(view: TcpView): void {
    if (view.options[0] === 2) this.peerMaximumSize = view.options.readUInt16BE(2);
    if (this.state === "closed" || this.state === "syn-received") {
      this.port = view.sourcePort;
      this.state = "syn-received";
      this.next = (view.sequence + 1) >>> 0;
      this.sendSyn();
    } else if (this.state === "syn-sent" && view.acknowledgement === (this.iss + 1) >>> 0) {
      this.state = "open";
      this.next = (view.sequence + 1) >>> 0;
      this.una = view.acknowledgement;
      this.sent = this.una;
      this.peerWindow = view.window;
      this.sendAck();
      this.push();
    } else {
      this.sendAck();
    }
  }

  private sendSyn(): void {
    this.transmit(this.iss, this.state === "syn-sent" ? SYN : SYN | ACK);
    this.una = (this.iss + 1) >>> 0;
    this.sent = this.una;
  }

  private receiveAck(view: TcpView): void {
    const count = (view.acknowledgement - this.una) | 0;
    if (count < 0 || count > this.pending.length + 1) return;
    this.peerWindow = view.window;
    if (count > this.pending.length) this.finAcknowledged = true;
    this.pending = this.pending.subarray(Math.min(count, this.pending.length));
    this.una = view.acknowledgement;
    if (((this.sent - this.una) | 0) < 0) this.sent = this.una;
  }

  private receiveData(view: TcpView): void {
    if (view.data.length > 0) this.received.push(view.data);
    this.next = (this.next + view.data.length) >>> 0;
    if (view.flags & FIN) {
      this.ended = true;
      this.next = (this.next + 1) >>> 0;
    }
  }

  private push(): void {
    if (this.state !== "open") return;
    for (;;) {
      const at = (this.sent - this.una) >>> 0;
      const room = Math.min(SIZE, this.peerWindow - at);
      const data = this.pending.subarray(at, at + Math.max(0, room));
      const fin = this.ending && !this.finAcknowledged && at + data.length === this.pending.length;
      if (data.length === 0 && !(fin && at <= this.pending.length)) return;
      this.transmit(this.sent, ACK | (fin ? FIN : 0), data);
      this.sent = (this.sent + data.length + (fin ? 1 : 0)) >>> 0;
      if (fin) return;
    }
  }

  private again(): void {
    this.clock.after(AGAIN_MS, () => {
      if (this.state === "reset") return;
      if (this.state === "syn-sent" || this.state === "syn-received") this.sendSyn();
      if (this.state === "open") this.sent = this.una;
      this.push();
      this.again();
    });
  }
}

/** Gives arriving segments to these stations; damaged frames are dropped, ARP is answered. */
export function attach(device: Device, ...stations: Station[]): void {
  device.peer.onFrame = (frame) => {
    device.answerArp(frame);
    if (frame[12] !== 8 || frame[13] !== 0 || complaint(frame) !== null) return;
    const packet = dissect(frame);
    if (packet?.protocol !== TCP) return;
    const view = tcpView(packet);
    stations.find((station) => station.isOf(view))?.receive(view);
  };
}
