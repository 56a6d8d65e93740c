// The other end of the cable: a whole network in user mode, without privileges, laid out as QEMU's
// slirp.
//
//   10.0.2.2    gateway, DHCP server: TCP and UDP to its ports reach 127.0.0.1 of this machine
//   10.0.2.3    DNS and SNTP
//   10.0.2.15   the device, as DHCP gives it; a device with a fixed address of 10.0.2.0/24 is fine
//
// Programs of this machine reach servers on the device through forwarded ports on 127.0.0.1. The
// device reaches nothing but loopback unless `allowOutside` is set. Whatever it sends, send() does
// not throw: what makes no sense is counted in `dropped`.

import {
  BROADCAST,
  formatAddress,
  GATEWAY,
  isBroadcast,
  isDevice,
  isOutside,
  isOwn,
  parseAddress,
  SERVICES,
} from "./address.ts";
import { Arp, ownMac } from "./arp.ts";
import { wallClock, type Clock } from "./clock.ts";
import type { Context } from "./context.ts";
import { Dhcp, DHCP_CLIENT_PORT, DHCP_SERVER_PORT } from "./dhcp.ts";
import { answerDns, DNS_PORT, type Answer } from "./dns.ts";
import {
  BROADCAST_MAC,
  decodeEthernet,
  encodeEthernet,
  isStation,
  TYPE_ARP,
  TYPE_IPV4,
  type EthernetFrame,
} from "./ethernet.ts";
import { realHost, type Host, type Listener } from "./host.ts";
import { answerIcmp, PORT_UNREACHABLE, unreachable } from "./icmp.ts";
import {
  decodeIpv4,
  encodeIpv4,
  PROTOCOL_ICMP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
  Reassembly,
  type Ipv4Packet,
  type ReceivedPacket,
} from "./ipv4.ts";
import type { Link } from "./link.ts";
import { PcapWriter } from "./pcap.ts";
import { Random } from "./random.ts";
import { answerSntp, SNTP_PORT } from "./sntp.ts";
import { Tcp } from "./tcp.ts";
import { UdpFlows } from "./udp-flows.ts";
import { decodeUdp, encodeUdp, type Datagram } from "./udp.ts";
import { Wire, type Impairments } from "./wire.ts";

/** A port of 127.0.0.1 that leads to one of the device's; 0 takes a free one. */
export interface Forward {
  hostPort: number;
  devicePort: number;
  udp?: boolean;
}

/** Impairments named directly hold for both directions. */
export interface PeerOptions extends Impairments {
  /** Addresses by name, besides those of "localhost" (10.0.2.2) and "pool.ntp.org" (10.0.2.3). */
  dns?: Record<string, readonly string[]> | ((name: string) => readonly string[] | null);
  forwards?: readonly Forward[];
  /** Where forwards lead, if not to 10.0.2.15. */
  device?: string;
  /** Lets the device reach other machines, and resolves names that `dns` does not know. */
  allowOutside?: boolean;
  /** What the SNTP server says, in seconds since 1970; null if it does not answer. */
  time?: () => number | null;
  /** 86,400 if absent. */
  leaseSeconds?: number;
  toDevice?: Impairments;
  fromDevice?: Impairments;
  /** Of impairments and of TCP's initial sequence numbers. */
  seed?: number;
  clock?: Clock;
  /** A file for all that the device sends and receives. */
  pcap?: string;
  host?: Host;
}

const DAY = 86_400;
const NAMES: Record<string, readonly string[]> = {
  localhost: [formatAddress(GATEWAY)],
  "pool.ntp.org": [formatAddress(SERVICES)],
};

export class Peer implements Link {
  onFrame: (frame: Uint8Array) => void = () => undefined;

  /** How often something was dropped, by reason. */
  readonly dropped: Record<string, number> = {};

  /** The ports of 127.0.0.1, in the order of `forwards`; rejected if one is taken. */
  readonly listening: Promise<number[]>;

  private readonly clock: Clock;
  private readonly host: Host;
  private readonly inbound: Wire;
  private readonly outbound: Wire;
  private readonly pcap: PcapWriter | null;
  private readonly arp: Arp;
  private readonly reassembly: Reassembly;
  private readonly dhcp: Dhcp;
  private readonly udp: UdpFlows;
  private readonly tcp: Tcp;
  private readonly listeners: Listener[] = [];
  private identification = 0;
  private closed = false;

  constructor(private readonly options: PeerOptions = {}) {
    const { clock = wallClock, host = realHost, seed = 1, leaseSeconds = DAY } = options;
    this.clock = clock;
    this.host = host;
    const { fromDevice = options, toDevice = options } = options;
    const receive = (frame: Buffer): void => this.receive(frame);
    this.inbound = new Wire(clock, new Random(seed), receive, fromDevice);
    const deliver = (frame: Buffer): void => this.deliver(frame);
    this.outbound = new Wire(clock, new Random(seed ^ 0x55555555), deliver, toDevice);
    this.pcap = options.pcap === undefined ? null : new PcapWriter(options.pcap);
    this.arp = new Arp(clock, (frame) => this.transmit(frame));
    this.reassembly = new Reassembly(clock);
    this.dhcp = new Dhcp(clock, leaseSeconds);
    const context = this.context(new Random(seed ^ 0x33333333));
    this.udp = new UdpFlows(context);
    this.tcp = new Tcp(context);
    this.listening = this.listen(options.forwards ?? []);
    this.listening.catch(() => undefined); // for those who do not wait for it
  }

  send(frame: Uint8Array): void {
    if (this.closed) return;
    const copy = Buffer.from(frame);
    this.pcap?.write(this.clock.now(), copy);
    this.inbound.send(copy);
  }

  /** Changes what happens on the cable from now on. */
  impair(impairments: { toDevice?: Impairments; fromDevice?: Impairments }): void {
    this.inbound.impairments = impairments.fromDevice ?? {};
    this.outbound.impairments = impairments.toDevice ?? {};
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.tcp.close();
    this.udp.close();
    this.reassembly.close();
    this.arp.close();
    for (const listener of this.listeners) listener.close();
    this.inbound.close();
    this.outbound.close();
    this.pcap?.close();
  }

  private context(random: Random): Context {
    return {
      clock: this.clock,
      random,
      host: this.host,
      route: (destination) => this.route(destination),
      send: (packet) => this.sendIpv4(packet),
      refuse: (packet, code) => this.refuse(packet, code),
      drop: (reason) => this.drop(reason),
    };
  }

  private async listen(forwards: readonly Forward[]): Promise<number[]> {
    const device = parseAddress(this.options.device ?? "10.0.2.15");
    if (device === null || !isDevice(device)) {
      throw new Error(`no address for a device of 10.0.2.0/24: ${this.options.device}`);
    }
    const ports: number[] = [];
    for (const { hostPort, devicePort, udp } of forwards) {
      const listener = udp
        ? await this.udp.forward(hostPort, device, devicePort)
        : await this.host.listenTcp(hostPort, (s) => this.tcp.forward(s, device, devicePort));
      if (this.closed) listener.close();
      this.listeners.push(listener);
      ports.push(listener.port);
    }
    return ports;
  }

  // From the device.

  private receive(bytes: Buffer): void {
    const frame = decodeEthernet(bytes);
    if (!frame || !isStation(frame.source)) return this.drop("malformed frame");
    const { destination } = frame;
    const isForUs = [ownMac(GATEWAY), ownMac(SERVICES), BROADCAST_MAC].includes(destination);
    if (!isForUs) return this.drop("frame for somebody else");
    if (frame.type === TYPE_IPV4) this.receiveIpv4(frame);
    else if (frame.type !== TYPE_ARP) this.drop("frame of another protocol");
    else if (!this.arp.receive(frame.payload)) this.drop("malformed ARP packet");
  }

  private receiveIpv4(frame: EthernetFrame): void {
    const part = decodeIpv4(frame.payload);
    if (!part) return this.drop("malformed or damaged IPv4 packet");
    if (part.source !== 0 && !isDevice(part.source)) return this.drop("wrong source address");
    this.arp.learn(part.source, frame.source);
    const packet = this.reassembly.add(part);
    if (!packet) return;
    if (packet.protocol === PROTOCOL_UDP) return this.receiveUdp(packet);
    if (packet.source === 0 || !this.isRoutable(packet.destination)) {
      return this.drop("no such destination");
    }
    if (packet.protocol === PROTOCOL_TCP) this.tcp.receive(packet);
    else if (packet.protocol === PROTOCOL_ICMP) this.receiveIcmp(packet);
    else this.drop("packet of another protocol");
  }

  private isRoutable(destination: number): boolean {
    return isOwn(destination) || isOutside(destination);
  }

  private receiveIcmp(packet: ReceivedPacket): void {
    const { source, destination, payload } = packet;
    const reply = isOwn(destination) ? answerIcmp(payload) : null;
    if (!reply) return this.drop("ICMP message that is not answered");
    const back = { source: destination, destination: source };
    this.sendIpv4({ protocol: PROTOCOL_ICMP, ...back, payload: reply });
  }

  private receiveUdp(packet: ReceivedPacket): void {
    const datagram = decodeUdp(packet);
    if (!datagram) return this.drop("malformed or damaged UDP datagram");
    const { destination, destinationPort } = datagram;
    const isForGateway = destination === GATEWAY || isBroadcast(destination);
    if (isForGateway && destinationPort === DHCP_SERVER_PORT) this.answerDhcp(datagram);
    else if (packet.source === 0 || !this.isRoutable(destination)) this.drop("no such destination");
    else if (destination === SERVICES) this.receiveService(datagram, packet);
    else this.udp.receive(datagram, packet);
  }

  private receiveService(datagram: Datagram, packet: ReceivedPacket): void {
    const answer = (data: Buffer): void => this.answer(datagram, data);
    if (datagram.destinationPort === DNS_PORT) {
      const isQuery = answerDns(datagram.data, (name) => this.resolve(name), answer);
      if (!isQuery) this.drop("DNS message that is no query");
    } else if (datagram.destinationPort === SNTP_PORT) {
      const seconds = this.options.time ? this.options.time() : Date.now() / 1000;
      const reply = seconds === null ? null : answerSntp(datagram.data, seconds);
      if (reply) answer(reply);
      else this.drop("SNTP request that is not answered");
    } else {
      this.refuse(packet, PORT_UNREACHABLE);
    }
  }

  private answerDhcp(datagram: Datagram): void {
    const reply = this.dhcp.receive(datagram.data);
    if (!reply) return this.drop("DHCP message that is not answered");
    this.arp.learn(reply.destination, reply.clientMac);
    const from = { source: GATEWAY, sourcePort: DHCP_SERVER_PORT };
    const to = { destination: reply.destination, destinationPort: DHCP_CLIENT_PORT };
    this.sendIpv4(encodeUdp({ ...from, ...to, data: reply.data }));
  }

  private resolve(name: string): Answer | Promise<Answer> {
    const { dns = {}, allowOutside } = this.options;
    const known = typeof dns === "function" ? dns(name) : lookIn(dns, name);
    const answer = known ?? lookIn(NAMES, name);
    return answer === null && allowOutside ? this.host.lookup(name) : answer;
  }

  private route(destination: number): string | null {
    if (destination === GATEWAY) return "127.0.0.1";
    return this.options.allowOutside && isOutside(destination) ? formatAddress(destination) : null;
  }

  // To the device.

  private answer(datagram: Datagram, data: Buffer): void {
    const { source, sourcePort, destination, destinationPort } = datagram;
    const from = { source: destination, sourcePort: destinationPort };
    this.sendIpv4(encodeUdp({ ...from, destination: source, destinationPort: sourcePort, data }));
  }

  private refuse(packet: ReceivedPacket, code: number): void {
    const payload = unreachable(code, packet.quote);
    const source = isOwn(packet.destination) ? packet.destination : GATEWAY;
    this.sendIpv4({ protocol: PROTOCOL_ICMP, source, destination: packet.source, payload });
  }

  private sendIpv4(packet: Ipv4Packet): void {
    this.identification = (this.identification + 1) & 0xffff;
    const pieces = encodeIpv4(packet, this.identification);
    const source = ownMac(isOwn(packet.source) ? packet.source : GATEWAY);
    const send = (destination: string): void => {
      for (const payload of pieces)
        this.transmit({ destination, source, type: TYPE_IPV4, payload });
    };
    if (packet.destination === BROADCAST) send(BROADCAST_MAC);
    else this.arp.resolve(packet.destination, GATEWAY, send);
  }

  private transmit(frame: EthernetFrame): void {
    if (!this.closed) this.outbound.send(encodeEthernet(frame));
  }

  private deliver(frame: Buffer): void {
    this.pcap?.write(this.clock.now(), frame);
    this.onFrame(Buffer.from(frame)); // a duplicate must not be the same memory
  }

  private drop(reason: string): void {
    this.dropped[reason] = (this.dropped[reason] ?? 0) + 1;
  }
}

function lookIn(names: Record<string, readonly string[]>, name: string): readonly string[] | null {
  return Object.hasOwn(names, name) ? names[name]! : null;
}
