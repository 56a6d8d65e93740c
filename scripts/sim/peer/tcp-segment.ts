// TCP segments (RFC 9293, 3.1) and arithmetic on sequence numbers, which wrap. Of the options the
// maximum segment size is understood and sent; the others are neither offered nor accepted.
//
//   0: source port   2: destination port   4: sequence   8: acknowledgement
//   12: header length   13: flags   14: window   16: checksum   18: urgent   20: options

import { checksum, pseudoHeaderSum } from "./checksum.ts";
import { MTU } from "./ethernet.ts";
import { PROTOCOL_TCP, type Ipv4Packet } from "./ipv4.ts";

export interface Segment {
  sourcePort: number;
  destinationPort: number;
  sequence: number;
  acknowledgement: number;
  flags: number;
  window: number;
  /** The option, if there is one. */
  maximumSize: number | null;
  payload: Buffer;
}

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;

const HEADER = 20;
const OPTION_END = 0;
const OPTION_NONE = 1;
const OPTION_MAXIMUM_SIZE = 2;

/** What fits into a frame. */
export const MAXIMUM_SIZE = MTU - 20 - HEADER;
/** What may be sent to a station that does not say what it takes: RFC 9293, 3.7.1. */
export const DEFAULT_SIZE = 536;

/** null if the segment is malformed or damaged. */
export function decodeTcp(packet: Ipv4Packet): Segment | null {
  const { source, destination, payload: bytes } = packet;
  if (bytes.length < HEADER) return null;
  const header = (bytes[12]! >> 4) * 4;
  if (header < HEADER || header > bytes.length) return null;
  const pseudo = pseudoHeaderSum(source, destination, PROTOCOL_TCP, bytes.length);
  if (checksum(bytes, pseudo) !== 0) return null;
  return {
    sourcePort: bytes.readUInt16BE(0),
    destinationPort: bytes.readUInt16BE(2),
    sequence: bytes.readUInt32BE(4),
    acknowledgement: bytes.readUInt32BE(8),
    flags: bytes[13]!,
    window: bytes.readUInt16BE(14),
    maximumSize: maximumSizeIn(bytes.subarray(HEADER, header)),
    payload: bytes.subarray(header),
  };
}

/** The packet that carries the segment from one address to another. */
export function encodeTcp(source: number, destination: number, segment: Segment): Ipv4Packet {
  const options = segment.maximumSize === null ? 0 : 4;
  const header = HEADER + options;
  const payload = Buffer.alloc(header + segment.payload.length);
  payload.writeUInt16BE(segment.sourcePort, 0);
  payload.writeUInt16BE(segment.destinationPort, 2);
  payload.writeUInt32BE(segment.sequence, 4);
  payload.writeUInt32BE(segment.acknowledgement, 8);
  payload[12] = (header / 4) << 4;
  payload[13] = segment.flags;
  payload.writeUInt16BE(segment.window, 14);
  if (segment.maximumSize !== null) {
    payload.set([OPTION_MAXIMUM_SIZE, 4], HEADER);
    payload.writeUInt16BE(segment.maximumSize, HEADER + 2);
  }
  segment.payload.copy(payload, header);
  const pseudo = pseudoHeaderSum(source, destination, PROTOCOL_TCP, payload.length);
  payload.writeUInt16BE(checksum(payload, pseudo), 16);
  return { protocol: PROTOCOL_TCP, source, destination, payload };
}

/** How many sequence numbers the segment takes: its data, SYN and FIN. */
export function lengthOf(segment: Segment): number {
  return segment.payload.length + (segment.flags & SYN ? 1 : 0) + (segment.flags & FIN ? 1 : 0);
}

function maximumSizeIn(options: Buffer): number | null {
  let at = 0;
  while (at < options.length && options[at] !== OPTION_END) {
    if (options[at] === OPTION_NONE) {
      at++;
      continue;
    }
    const length = options[at + 1] ?? 0;
    if (length < 2 || at + length > options.length) return null;
    if (options[at] === OPTION_MAXIMUM_SIZE && length === 4) return options.readUInt16BE(at + 2);
    at += length;
  }
  return null;
}

/** The sequence number `n` after `sequence`. */
export function advance(sequence: number, n: number): number {
  return (sequence + n) >>> 0;
}

/** How far `to` is after `from`: negative if it is before. */
export function distance(from: number, to: number): number {
  return (to - from) | 0;
}
