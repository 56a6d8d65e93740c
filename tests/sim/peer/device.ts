// A device for the tests of the peer: frames built and taken apart by hand, with code of its own,
// so that a mistake in the peer's is not made twice. Time is virtual.

import assert from "node:assert/strict";
import { Peer, VirtualClock, type PeerOptions } from "../../../scripts/sim/peer/link.ts";

export const DEVICE = "10.0.2.15";
export const GATEWAY = "10.0.2.2";
export const SERVICES = "10.0.2.3";
export const MAC = "02:00:00:00:00:15";
export const BROADCAST = "ff:ff:ff:ff:ff:ff";
export const macOf = (address: string): string => "52:55:" + hex(ipBytes(address), ":");

export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;

export const be16 = (n: number): number[] => [(n >> 8) & 255, n & 255];
export const be32 = (n: number): number[] => [...be16(n >>> 16), ...be16(n & 0xffff)];
export const ipBytes = (address: string): number[] => address.split(".").map(Number);
const macBytes = (mac: string): number[] => mac.split(":").map((byte) => parseInt(byte, 16));
export const hex = (bytes: Iterable<number>, between = ""): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(between);

/** The bytes with one of them replaced. */
export function changed(bytes: number[], at: number, value: number): number[] {
  return bytes.map((byte, i) => (i === at ? value : byte));
}

/** One's complement sum, the slow and obvious way: with the carry added at once. */
export function sum16(bytes: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) {
    sum += bytes[i]! * 256 + (bytes[i + 1] ?? 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return sum;
}

export const complement = (bytes: ArrayLike<number>): number[] => be16(0xffff - sum16(bytes));

export function ethernet(
  payload: number[],
  type = 0x0800,
  destination = macOf(GATEWAY),
  source = MAC,
): Uint8Array {
  return Uint8Array.from([
    ...macBytes(destination),
    ...macBytes(source),
    ...be16(type),
    ...payload,
  ]);
}

export interface IpFields {
  source?: string;
  destination?: string;
  identification?: number;
  /** Flags and fragment offset. */
  place?: number;
  options?: number[];
}

export function ipv4(protocol: number, payload: number[], fields: IpFields = {}): number[] {
  const { source = DEVICE, destination = GATEWAY, identification = 7, place = 0 } = fields;
  const { options = [] } = fields;
  const head = [0x45 + options.length / 4, 0, ...be16(20 + options.length + payload.length)];
  const middle = [...be16(identification), ...be16(place), 64, protocol];
  const tail = [...ipBytes(source), ...ipBytes(destination), ...options];
  return [...head, ...middle, ...complement([...head, ...middle, ...tail]), ...tail, ...payload];
}

function pseudo(protocol: number, length: number, fields: IpFields): number[] {
  const { source = DEVICE, destination = GATEWAY } = fields;
  return [...ipBytes(source), ...ipBytes(destination), 0, protocol, ...be16(length)];
}

export function udp(
  sourcePort: number,
  port: number,
  data: ArrayLike<number>,
  fields: IpFields = {},
): number[] {
  const bytes = Array.from(data);
  const head = [...be16(sourcePort), ...be16(port), ...be16(8 + bytes.length)];
  const all = [...pseudo(UDP, 8 + bytes.length, fields), ...head, ...bytes];
  return [...head, ...complement(all), ...bytes];
}

export interface TcpFields {
  sourcePort: number;
  port: number;
  sequence: number;
  acknowledgement?: number;
  flags: number;
  window?: number;
  options?: number[];
  data?: ArrayLike<number>;
}

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const ACK = 16;

export function tcp(fields: TcpFields, ip: IpFields = {}): number[] {
  const { options = [], window = 65535, acknowledgement = 0 } = fields;
  const data = Array.from(fields.data ?? []);
  const head = [...be16(fields.sourcePort), ...be16(fields.port), ...be32(fields.sequence)];
  head.push(...be32(acknowledgement), ((20 + options.length) / 4) << 4, fields.flags);
  head.push(...be16(window));
  const rest = [0, 0, ...options, ...data];
  const length = head.length + 2 + rest.length;
  const all = [...pseudo(TCP, length, ip), ...head, ...rest];
  return [...head, ...complement(all), ...rest];
}

/** A packet from the peer. */
export interface Packet {
  destinationMac: string;
  sourceMac: string;
  source: string;
  destination: string;
  protocol: number;
  payload: Buffer;
}

const ip = (bytes: Buffer): string => [...bytes].join(".");

/** What is wrong with an IPv4 frame: null if nothing is. */
export function complaint(frame: Uint8Array): string | null {
  const bytes = Buffer.from(frame);
  if (bytes.length < 60 || bytes.length > 1514) return `${bytes.length} bytes in a frame`;
  if (bytes[14] !== 0x45 || sum16(bytes.subarray(14, 34)) !== 0xffff) return "the IPv4 header";
  const total = bytes.readUInt16BE(16);
  const isFragment = (bytes.readUInt16BE(20) & 0x3fff) !== 0;
  const payload = bytes.subarray(34, 14 + total);
  const ends = { source: ip(bytes.subarray(26, 30)), destination: ip(bytes.subarray(30, 34)) };
  const before = bytes[23] === ICMP ? [] : pseudo(bytes[23]!, payload.length, ends);
  if (isFragment || sum16([...before, ...payload]) === 0xffff) return null;
  return `the checksum in a packet of protocol ${bytes[23]}`;
}

/** Takes a frame apart; null if it is no IPv4. */
export function dissect(frame: Uint8Array): Packet | null {
  const bytes = Buffer.from(frame);
  if (bytes.readUInt16BE(12) !== 0x0800) return null;
  assert.equal(complaint(frame), null);
  const total = bytes.readUInt16BE(16);
  return {
    destinationMac: hex(bytes.subarray(0, 6), ":"),
    sourceMac: hex(bytes.subarray(6, 12), ":"),
    source: ip(bytes.subarray(26, 30)),
    destination: ip(bytes.subarray(30, 34)),
    protocol: bytes[23]!,
    payload: bytes.subarray(34, 14 + total),
  };
}

export interface TcpView {
  source: string;
  sourcePort: number;
  port: number;
  sequence: number;
  acknowledgement: number;
  flags: number;
  window: number;
  options: Buffer;
  data: Buffer;
}

export function tcpView(packet: Packet): TcpView {
  const { payload: bytes, source } = packet;
  assert.equal(packet.protocol, TCP);
  const header = (bytes[12]! >> 4) * 4;
  return {
    source,
    sourcePort: bytes.readUInt16BE(0),
    port: bytes.readUInt16BE(2),
    sequence: bytes.readUInt32BE(4),
    acknowledgement: bytes.readUInt32BE(8),
    flags: bytes[13]!,
    window: bytes.readUInt16BE(14),
    options: bytes.subarray(20, header),
    data: bytes.subarray(header),
  };
}

/** A peer, its clock, and what it has sent. */
export class Device {
  readonly clock = new VirtualClock();
  readonly peer: Peer;
  readonly frames: Uint8Array[] = [];

  constructor(options: PeerOptions = {}) {
    this.peer = new Peer({ clock: this.clock, ...options });
    this.peer.onFrame = (frame) => void this.frames.push(frame);
  }

  send(protocol: number, payload: number[], fields: IpFields = {}): void {
    const services = fields.destination === SERVICES ? SERVICES : GATEWAY;
    this.peer.send(ethernet(ipv4(protocol, payload, fields), 0x0800, macOf(services)));
  }

  sendUdp(sourcePort: number, port: number, data: ArrayLike<number>, fields: IpFields = {}): void {
    this.send(UDP, udp(sourcePort, port, data, fields), fields);
  }

  /** The IPv4 packets that have come until now, and what comes at once. */
  take(): Packet[] {
    this.clock.advance(0);
    return this.frames.splice(0).flatMap((frame) => dissect(frame) ?? []);
  }

  /** The only one. */
  takeOne(): Packet {
    const packets = this.take();
    assert.equal(packets.length, 1, `${packets.length} packets instead of one`);
    return packets[0]!;
  }

  /** Answers an ARP request for the device's address. */
  answerArp(frame: Uint8Array): void {
    const bytes = Buffer.from(frame);
    const isRequest = bytes.readUInt16BE(12) === 0x0806 && bytes.readUInt16BE(20) === 1;
    if (!isRequest || ip(bytes.subarray(38, 42)) !== DEVICE) return;
    const sender = [...bytes.subarray(22, 32)];
    const start = [0, 1, 8, 0, 6, 4, 0, 2];
    const reply = [...start, ...macBytes(MAC), ...ipBytes(DEVICE), ...sender];
    this.peer.send(ethernet(reply, 0x0806, hex(bytes.subarray(6, 12), ":")));
  }

  /** Moves virtual time from event to event, with the host's events between, until `done`. */
  async until(done: () => boolean, limitMs = 600_000): Promise<void> {
    const end = this.clock.now() + limitMs;
    for (;;) {
      for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
      if (done()) return;
      assert.ok(this.clock.now() < end, "it did not happen in time");
      const next = this.clock.next() ?? Infinity;
      this.clock.advance(Math.min(next - this.clock.now(), 10));
    }
  }
}
