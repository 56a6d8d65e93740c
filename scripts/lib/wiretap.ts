// Counts what passes over the cable of an emulated board: frames, their bytes, and the bytes of
// TCP's streams, each once however often it was sent.

import type { Link } from "../sim/peer/link.ts";

const ETHERNET = 14;
const TYPE_IPV4 = 0x0800;
const PROTOCOL_TCP = 6;
const SYN = 2;

export interface Traffic {
  frames: number;
  /** Of whole frames, without preamble and check sequence. */
  bytes: number;
  /** New bytes of TCP streams. */
  stream: number;
}

/** One direction of the cable. */
export interface Direction {
  now: Traffic;
  /** Where the next new byte of each connection is. */
  next: Map<string, number>;
}

export class Wiretap implements Link {
  onFrame: (frame: Uint8Array) => void = () => undefined;
  private readonly sent = direction();
  private readonly received = direction();

  constructor(readonly peer: Link) {
    peer.onFrame = (frame) => {
      count(this.received, frame);
      this.onFrame(frame);
    };
  }

  send(frame: Uint8Array): void {
    count(this.sent, frame);
    this.peer.send(frame);
  }

  close(): void {
    this.peer.close();
  }

  /** What the device has sent and received so far. */
  get traffic(): { sent: Traffic; received: Traffic } {
    return { sent: { ...this.sent.now }, received: { ...this.received.now } };
  }
}

function direction(): Direction {
  return { now: { frames: 0, bytes: 0, stream: 0 }, next: new Map() };
}

function count({ now, next }: Direction, frame: Uint8Array): void {
  now.frames++;
  now.bytes += frame.length;
  const segment = tcpSegment(Buffer.from(frame));
  if (segment === null) return;
  const { connection, start, length } = segment;
  const from = segment.isFirst ? start + 1 : (next.get(connection) ?? start);
  const fresh = Math.max(0, (start + length - from) | 0);
  now.stream += segment.isFirst ? 0 : fresh;
  next.set(connection, segment.isFirst ? from : from + fresh);
}

function tcpSegment(frame: Buffer) {
  if (frame.length < ETHERNET + 20 || frame.readUInt16BE(12) !== TYPE_IPV4) return null;
  const ip = frame.subarray(ETHERNET);
  const [headerLength, total] = [4 * (ip[0] & 15), ip.readUInt16BE(2)];
  if (ip[9] !== PROTOCOL_TCP || total < headerLength + 20 || total > ip.length) return null;
  const tcp = ip.subarray(headerLength, total);
  return {
    connection: `${ip.readUInt32BE(12)} ${ip.readUInt32BE(16)} ${tcp.readUInt32BE(0)}`,
    isFirst: (tcp[13] & SYN) !== 0,
    start: tcp.readUInt32BE(4),
    length: tcp.length - 4 * (tcp[12] >> 4),
  };
}
