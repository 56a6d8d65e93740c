// ARP (RFC 826): answers for the peer's own addresses, and finds the device's MAC address, keeping
// a few packets while it asks. What devices say of themselves in ARP or IPv4 is believed: there is
// nobody else on this cable.
//
//   0: hardware 1, protocol 0x0800   4: lengths 6, 4   6: operation
//   8: sender's MAC, IP   18: target's MAC, IP

import { isDevice, isOwn } from "./address.ts";
import type { Cancel, Clock } from "./clock.ts";
import { BROADCAST_MAC, isStation, TYPE_ARP, type EthernetFrame } from "./ethernet.ts";

const LENGTH = 28;
const PREAMBLE = "000108000604"; // Ethernet, IPv4, and the lengths of their addresses
const REQUEST = 1;
const REPLY = 2;
const NOBODY = "000000000000";

const WAITING_PACKETS = 8;
const ASK_AGAIN_MS = 1000;
const TRIES = 3;

interface Question {
  packets: ((mac: string) => void)[];
  triesLeft: number;
  wait: Cancel;
}

export class Arp {
  private readonly stations = new Map<number, string>(); // at most those of a /24
  private readonly questions = new Map<number, Question>();

  constructor(
    private readonly clock: Clock,
    private readonly sendFrame: (frame: EthernetFrame) => void,
  ) {}

  /** false if the packet is none. */
  receive(packet: Buffer): boolean {
    if (packet.length < LENGTH || packet.toString("hex", 0, 6) !== PREAMBLE) return false;
    const senderMac = packet.toString("hex", 8, 14);
    const sender = packet.readUInt32BE(14);
    const target = packet.readUInt32BE(24);
    this.learn(sender, senderMac);
    if (packet.readUInt16BE(6) === REQUEST && isOwn(target) && isStation(senderMac)) {
      this.transmit(REPLY, target, sender, senderMac);
    }
    return true;
  }

  /** Remembers where a device is, and sends it what waits for it. */
  learn(address: number, mac: string): void {
    if (!isDevice(address) || !isStation(mac)) return;
    this.stations.set(address, mac);
    const question = this.questions.get(address);
    this.forget(address);
    for (const send of question?.packets ?? []) send(mac);
  }

  /** Calls `send` with the MAC address of the device, now or when it has answered; else never. */
  resolve(address: number, from: number, send: (mac: string) => void): void {
    const mac = this.stations.get(address);
    if (mac !== undefined) {
      send(mac);
      return;
    }
    if (!isDevice(address)) return;
    const question = this.questions.get(address);
    if (question) {
      if (question.packets.length < WAITING_PACKETS) question.packets.push(send);
      return;
    }
    this.questions.set(address, { packets: [send], triesLeft: TRIES, wait: () => undefined });
    this.ask(address, from);
  }

  close(): void {
    for (const address of [...this.questions.keys()]) this.forget(address);
  }

  private forget(address: number): void {
    this.questions.get(address)?.wait();
    this.questions.delete(address);
  }

  private ask(address: number, from: number): void {
    const question = this.questions.get(address);
    if (!question) return;
    if (question.triesLeft-- === 0) return this.forget(address);
    this.transmit(REQUEST, from, address, NOBODY);
    question.wait = this.clock.after(ASK_AGAIN_MS, () => this.ask(address, from));
  }

  private transmit(operation: number, from: number, target: number, targetMac: string): void {
    const payload = Buffer.alloc(LENGTH);
    payload.write(PREAMBLE, 0, "hex");
    payload.writeUInt16BE(operation, 6);
    payload.write(ownMac(from), 8, "hex");
    payload.writeUInt32BE(from, 14);
    payload.write(targetMac, 18, "hex");
    payload.writeUInt32BE(target, 24);
    const destination = operation === REQUEST ? BROADCAST_MAC : targetMac;
    this.sendFrame({ destination, source: ownMac(from), type: TYPE_ARP, payload });
  }
}

/** The MAC address of one of the peer's own addresses: 52:55 and the address, as slirp's. */
export function ownMac(address: number): string {
  return "5255" + address.toString(16).padStart(8, "0");
}
