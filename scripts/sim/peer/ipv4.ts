// IPv4 packets (RFC 791): the header, its checksum, and fragments, whose reassembly is bounded in
// time and memory. Options are skipped. Overlapping fragments lose the whole packet, as RFC 5722
// orders for IPv6: nothing honest sends them.
//
//   0: version, header length   2: total length   4: identification   6: flags, fragment offset
//   8: time to live   9: protocol   10: checksum   12: source   16: destination   20: options

import { checksum } from "./checksum.ts";
import type { Cancel, Clock } from "./clock.ts";
import { MTU } from "./ethernet.ts";

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;

export interface Ipv4Packet {
  protocol: number;
  source: number;
  destination: number;
  payload: Buffer;
}

/** A packet that came in, with the start of it that an ICMP error quotes. */
export interface ReceivedPacket extends Ipv4Packet {
  quote: Buffer;
}

/** Part of a packet, or all of it: offset 0 and `more` false. */
export interface Fragment extends ReceivedPacket {
  identification: number;
  offset: number;
  more: boolean;
}

const HEADER = 20;
const QUOTED = 8; // bytes of the payload in an ICMP error
const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS = 0x2000;
const TIME_TO_LIVE = 64;
const LARGEST_PAYLOAD = 0xffff - HEADER;

/** null if the header is malformed or damaged. */
export function decodeIpv4(bytes: Buffer): Fragment | null {
  if (bytes.length < HEADER || bytes[0]! >> 4 !== 4) return null;
  const header = (bytes[0]! & 0x0f) * 4;
  const total = bytes.readUInt16BE(2);
  if (header < HEADER || total < header || total > bytes.length) return null;
  if (checksum(bytes.subarray(0, header)) !== 0) return null;
  const place = bytes.readUInt16BE(6);
  return {
    identification: bytes.readUInt16BE(4),
    offset: (place & 0x1fff) * 8,
    more: (place & MORE_FRAGMENTS) !== 0,
    protocol: bytes[9]!,
    source: bytes.readUInt32BE(12),
    destination: bytes.readUInt32BE(16),
    payload: bytes.subarray(header, total),
    quote: bytes.subarray(0, Math.min(total, header + QUOTED)),
  };
}

/** The packet as it goes over the cable: one piece, or fragments if it is too large for one. */
export function encodeIpv4(packet: Ipv4Packet, identification: number): Buffer[] {
  const { payload } = packet;
  if (payload.length <= MTU - HEADER)
    return [piece(packet, identification, payload, DONT_FRAGMENT)];
  const step = Math.floor((MTU - HEADER) / 8) * 8;
  const pieces: Buffer[] = [];
  for (let offset = 0; offset < payload.length; offset += step) {
    const more = offset + step < payload.length ? MORE_FRAGMENTS : 0;
    const part = payload.subarray(offset, offset + step);
    pieces.push(piece(packet, identification, part, more | (offset / 8)));
  }
  return pieces;
}

function piece(packet: Ipv4Packet, identification: number, payload: Buffer, place: number): Buffer {
  const bytes = Buffer.alloc(HEADER + payload.length);
  bytes[0] = 0x45;
  bytes.writeUInt16BE(bytes.length, 2);
  bytes.writeUInt16BE(identification, 4);
  bytes.writeUInt16BE(place, 6);
  bytes[8] = TIME_TO_LIVE;
  bytes[9] = packet.protocol;
  bytes.writeUInt32BE(packet.source, 12);
  bytes.writeUInt32BE(packet.destination, 16);
  bytes.writeUInt16BE(checksum(bytes.subarray(0, HEADER)), 10);
  payload.copy(bytes, HEADER);
  return bytes;
}

const INCOMPLETE_PACKETS = 8;
const REASSEMBLY_MS = 30_000;

interface Incomplete {
  parts: Fragment[]; // by offset, without overlap
  forget: Cancel;
}

/** Puts fragments together again; keeps at most 8 incomplete packets, each for at most 30 s. */
export class Reassembly {
  private readonly incomplete = new Map<string, Incomplete>();

  constructor(private readonly clock: Clock) {}

  /** The whole packet, if this was all of it or its last missing part. */
  add(part: Fragment): ReceivedPacket | null {
    if (part.offset === 0 && !part.more) return part;
    const { source, destination, protocol, identification } = part;
    const key = [source, destination, protocol, identification].join();
    const packet = this.incomplete.get(key) ?? this.begin(key);
    if (isAcceptable(packet.parts, part)) {
      packet.parts.push(part);
      packet.parts.sort((a, b) => a.offset - b.offset);
      if (!isComplete(packet.parts)) return null;
      this.end(key);
      return { ...packet.parts[0]!, payload: Buffer.concat(packet.parts.map((p) => p.payload)) };
    }
    this.end(key);
    return null;
  }

  close(): void {
    for (const key of [...this.incomplete.keys()]) this.end(key);
  }

  private begin(key: string): Incomplete {
    const [oldest] = this.incomplete.keys();
    if (oldest !== undefined && this.incomplete.size >= INCOMPLETE_PACKETS) this.end(oldest);
    const forget = this.clock.after(REASSEMBLY_MS, () => this.incomplete.delete(key));
    const packet = { parts: [], forget };
    this.incomplete.set(key, packet);
    return packet;
  }

  private end(key: string): void {
    this.incomplete.get(key)?.forget();
    this.incomplete.delete(key);
  }
}

function isAcceptable(parts: Fragment[], part: Fragment): boolean {
  const end = part.offset + part.payload.length;
  if (part.payload.length === 0 || end > LARGEST_PAYLOAD) return false;
  if (part.more && part.payload.length % 8 !== 0) return false;
  return parts.every((p) => end <= p.offset || part.offset >= p.offset + p.payload.length);
}

function isComplete(parts: Fragment[]): boolean {
  let end = 0;
  for (const part of parts) {
    if (part.offset !== end) return false;
    end += part.payload.length;
  }
  return !parts.at(-1)!.more;
}
