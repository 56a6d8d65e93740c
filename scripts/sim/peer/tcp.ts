// All TCP connections of the device: finds the one that a segment belongs to, opens new ones to
// hosts when a SYN comes and to the device when a host's program connects to a forwarded port, and
// resets what belongs to none. A 257th connection takes the place of the one that has been silent
// for longest.

import { GATEWAY, isOwn } from "./address.ts";
import type { Context } from "./context.ts";
import type { HostStream } from "./host.ts";
import { HOST_UNREACHABLE, PROHIBITED } from "./icmp.ts";
import type { ReceivedPacket } from "./ipv4.ts";
import { Bridge, breakStream } from "./tcp-bridge.ts";
import { TcpConnection, type TcpOwner } from "./tcp-connection.ts";
import {
  ACK,
  advance,
  decodeTcp,
  encodeTcp,
  lengthOf,
  RST,
  SYN,
  type Segment,
} from "./tcp-segment.ts";

const CONNECTIONS = 256;
const FIRST_EPHEMERAL = 49152;
const EPHEMERALS = 65536 - FIRST_EPHEMERAL;

/** Both ends, as the device sees them. */
interface Ends {
  device: number;
  devicePort: number;
  address: number;
  port: number;
}

export class Tcp {
  private readonly connections = new Map<string, TcpConnection>(); // the longest silent one first
  private readonly streams = new Set<HostStream>();
  private lastPort = 0;

  constructor(private readonly context: Context) {}

  /** Takes a packet of the device's. */
  receive(packet: ReceivedPacket): void {
    const segment = decodeTcp(packet);
    if (!segment) {
      this.context.drop("malformed or damaged TCP segment");
      return;
    }
    const ends = {
      device: packet.source,
      devicePort: segment.sourcePort,
      address: packet.destination,
      port: segment.destinationPort,
    };
    const opens = (segment.flags & (SYN | ACK | RST)) === SYN;
    const connection = this.connections.get(keyOf(ends));
    if (connection && !(opens && connection.mayBeReplacedBy(segment.sequence))) {
      this.touch(keyOf(ends), connection);
      connection.receive(segment);
    } else if (opens) {
      connection?.abort();
      this.open(ends, segment, packet);
    } else {
      this.reset(ends, segment);
    }
  }

  /** Connects a host's program with a port of the device's. */
  forward(stream: HostStream, device: number, devicePort: number): void {
    const ends = this.freeEnds(device, devicePort);
    this.keep(stream);
    stream.pause();
    const iss = this.context.random.uint32();
    let bridge: Bridge | null = null;
    const owner = this.ownerOf(ends, () => bridge);
    owner.opened = () => {
      bridge = new Bridge(connection, stream);
      stream.resume();
    };
    owner.failed = () => (bridge ? bridge.failed() : breakStream(stream));
    const connection = new TcpConnection(this.context.clock, iss, owner, "active");
    stream.once("close", () => {
      if (!bridge) connection.abort(); // the program did not wait for the device
    });
    this.touch(keyOf(ends), connection);
  }

  close(): void {
    for (const connection of [...this.connections.values()]) connection.abort();
    for (const stream of [...this.streams]) stream.destroy();
  }

  private open(ends: Ends, syn: Segment, packet: ReceivedPacket): void {
    const address = this.context.route(ends.address);
    if (address === null) {
      if (isOwn(ends.address)) this.reset(ends, syn);
      else this.context.refuse(packet, PROHIBITED);
      return;
    }
    if (ends.port === 0 || ends.devicePort === 0) return this.reset(ends, syn);
    const stream = this.context.host.connect(address, ends.port);
    this.keep(stream);
    let bridge: Bridge | null = null;
    const owner = this.ownerOf(ends, () => bridge);
    owner.failed = () => (bridge ? bridge.failed() : stream.destroy());
    const iss = this.context.random.uint32();
    const connection = new TcpConnection(this.context.clock, iss, owner, { syn });
    stream.once("connect", () => {
      bridge = new Bridge(connection, stream);
      connection.confirm();
    });
    stream.once("error", (error: NodeJS.ErrnoException) => {
      if (bridge) return;
      connection.refuse(error.code === "ECONNREFUSED");
      if (error.code !== "ECONNREFUSED") this.context.refuse(packet, HOST_UNREACHABLE);
    });
    this.touch(keyOf(ends), connection);
  }

  private ownerOf(ends: Ends, bridge: () => Bridge | null): TcpOwner {
    return {
      transmit: (segment) => this.transmit(ends, segment),
      opened: () => undefined,
      received: (data) => bridge()?.received(data),
      ended: () => bridge()?.ended(),
      drained: () => bridge()?.drained(),
      closed: () => this.connections.delete(keyOf(ends)),
      failed: () => bridge()?.failed(),
    };
  }

  /** Answers a segment that belongs to no connection: RFC 9293, 3.10.7.1. */
  private reset(ends: Ends, segment: Segment): void {
    if (segment.flags & RST) return;
    const acknowledges = (segment.flags & ACK) !== 0;
    const next = advance(segment.sequence, lengthOf(segment));
    this.transmit(ends, {
      sequence: acknowledges ? segment.acknowledgement : 0,
      acknowledgement: acknowledges ? 0 : next,
      flags: acknowledges ? RST : RST | ACK,
      window: 0,
      maximumSize: null,
      payload: Buffer.alloc(0),
    });
  }

  private transmit(ends: Ends, segment: Omit<Segment, "sourcePort" | "destinationPort">): void {
    const ports = { sourcePort: ends.port, destinationPort: ends.devicePort };
    this.context.send(encodeTcp(ends.address, ends.device, { ...segment, ...ports }));
  }

  private freeEnds(device: number, devicePort: number): Ends {
    for (;;) {
      this.lastPort = (this.lastPort + 1) % EPHEMERALS;
      const port = FIRST_EPHEMERAL + this.lastPort;
      const ends = { device, devicePort, address: GATEWAY, port };
      if (!this.connections.has(keyOf(ends))) return ends;
    }
  }

  /** Makes the connection the most recently used one; beyond the limit, drops the least recent. */
  private touch(key: string, connection: TcpConnection): void {
    this.connections.delete(key);
    const [oldest] = this.connections.values();
    if (oldest && this.connections.size >= CONNECTIONS) {
      oldest.abort();
      this.context.drop("too many TCP connections");
    }
    this.connections.set(key, connection);
  }

  private keep(stream: HostStream): void {
    this.streams.add(stream);
    stream.on("error", () => undefined); // "close" follows
    stream.once("close", () => this.streams.delete(stream));
  }
}

function keyOf(ends: Ends): string {
  return [ends.device, ends.devicePort, ends.address, ends.port].join();
}
