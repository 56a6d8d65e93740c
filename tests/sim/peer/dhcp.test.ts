// DHCP against messages built by hand: the whole life of a lease, two devices, and messages that
// make no sense.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  be16,
  be32,
  BROADCAST,
  changed,
  Device,
  DEVICE,
  ethernet,
  GATEWAY,
  ipBytes,
  ipv4,
  MAC,
  UDP,
  udp,
  type Packet,
} from "./device.ts";

const DISCOVER = 1;
const OFFER = 2;
const REQUEST = 3;
const DECLINE = 4;
const ACK = 5;
const NAK = 6;
const RELEASE = 7;
const INFORM = 8;

const REQUESTED = 50;
const SERVER = 54;
const OTHER_MAC = "02:00:00:00:00:16";
const SECOND = "10.0.2.16";

interface Message {
  mac?: string;
  flags?: number;
  clientAddress?: string;
  options?: number[];
}

function bytesOf(type: number, message: Message): number[] {
  const { mac = MAC, flags = 0, clientAddress = "0.0.0.0", options = [] } = message;
  const macBytes = mac.split(":").map((byte) => parseInt(byte, 16));
  const head = [1, 1, 6, 0, ...be32(0xdeadbeef), 0, 0, ...be16(flags), ...ipBytes(clientAddress)];
  const zeros = Array<number>(12).fill(0);
  const names = Array<number>(10 + 192).fill(0);
  const magic = [0x63, 0x82, 0x53, 0x63];
  return [...head, ...zeros, ...macBytes, ...names, ...magic, 53, 1, type, ...options, 255];
}

const address = (code: number, text: string): number[] => [code, 4, ...ipBytes(text)];

function sendBytes(device: Device, bytes: number[], message: Message = {}): Packet[] {
  const source = message.clientAddress ?? "0.0.0.0";
  const fields = { source, destination: source === "0.0.0.0" ? "255.255.255.255" : GATEWAY };
  const packet = ipv4(UDP, udp(68, 67, bytes, fields), fields);
  device.peer.send(ethernet(packet, 0x0800, BROADCAST, message.mac ?? MAC));
  return device.take();
}

interface Reply {
  type: number;
  yours: string;
  options: Map<number, Buffer>;
  packet: Packet;
}

function send(device: Device, type: number, message: Message = {}): Reply | null {
  const [packet, ...others] = sendBytes(device, bytesOf(type, message), message);
  assert.deepEqual(others, []);
  if (!packet) return null;
  const data = packet.payload.subarray(8);
  assert.deepEqual([...packet.payload.subarray(0, 4)], [0, 67, 0, 68]);
  assert.equal(packet.source, GATEWAY);
  assert.equal(data.toString("hex", 0, 8), "02010600deadbeef");
  assert.equal(data.toString("hex", 28, 34), (message.mac ?? MAC).replaceAll(":", ""));
  assert.ok(data.length >= 300);
  const options = new Map<number, Buffer>();
  for (let at = 240; data[at] !== 255; at += 2 + data[at + 1]!) {
    options.set(data[at]!, data.subarray(at + 2, at + 2 + data[at + 1]!));
  }
  const yours = [...data.subarray(16, 20)].join(".");
  return { type: options.get(53)![0]!, yours, options, packet };
}

function lease(device: Device, mac = MAC): string {
  const offer = send(device, DISCOVER, { mac })!;
  assert.equal(offer.type, OFFER);
  const options = [...address(REQUESTED, offer.yours), ...address(SERVER, GATEWAY)];
  const ack = send(device, REQUEST, { mac, options })!;
  assert.deepEqual([ack.type, ack.yours], [ACK, offer.yours]);
  return offer.yours;
}

test("DISCOVER, OFFER, REQUEST, ACK: address, mask, router, servers, times", () => {
  const device = new Device({ leaseSeconds: 1000 });
  assert.equal(lease(device), DEVICE);
  const { options, packet } = send(device, REQUEST, { options: address(REQUESTED, DEVICE) })!;
  const hex = (code: number): string => options.get(code)!.toString("hex");
  assert.equal(hex(54), "0a000202");
  assert.equal(hex(1), "ffffff00");
  assert.equal(hex(3), "0a000202");
  assert.equal(hex(6), "0a000203");
  assert.equal(hex(42), "0a000203");
  assert.deepEqual(
    [51, 58, 59].map((code) => parseInt(hex(code), 16)),
    [1000, 500, 875],
  );
  assert.equal(packet.destination, DEVICE, "to the new address, as the client did not object");
  assert.equal(packet.destinationMac, MAC);
});

test("a client that asks for it is answered by broadcast", () => {
  const { packet } = send(new Device(), DISCOVER, { flags: 0x8000 })!;
  assert.deepEqual([packet.destination, packet.destinationMac], ["255.255.255.255", BROADCAST]);
});

test("renewing, rebinding, and asking again after a restart", () => {
  const device = new Device({ leaseSeconds: 1000 });
  lease(device);
  device.clock.advance(900_000);
  const renewed = send(device, REQUEST, { clientAddress: DEVICE })!;
  assert.deepEqual([renewed.type, renewed.yours], [ACK, DEVICE]);
  device.clock.advance(900_000); // beyond the first lease
  assert.equal(lease(device, OTHER_MAC), SECOND, "it is still taken");
  const restarted = send(device, REQUEST, { options: address(REQUESTED, DEVICE) })!;
  assert.deepEqual([restarted.type, restarted.yours], [ACK, DEVICE]);
});

test("a lease ends, and then another device gets the address", () => {
  const device = new Device({ leaseSeconds: 1000 });
  lease(device);
  device.clock.advance(1_000_000);
  assert.equal(lease(device, OTHER_MAC), DEVICE);
  const late = send(device, REQUEST, { clientAddress: DEVICE })!;
  assert.equal(late.type, NAK);
});

test("NAK: an address of another network, or of another client; by broadcast", () => {
  const device = new Device();
  lease(device);
  for (const wrong of ["192.168.1.2", DEVICE, GATEWAY, "10.0.2.255"]) {
    const options = address(REQUESTED, wrong);
    const nak = send(device, REQUEST, { mac: OTHER_MAC, options })!;
    assert.deepEqual([nak.type, nak.yours], [NAK, "0.0.0.0"], wrong);
    assert.equal(nak.packet.destinationMac, BROADCAST);
  }
});

test("a declined address is not offered again for some time", () => {
  const device = new Device();
  lease(device);
  const options = [...address(REQUESTED, DEVICE), ...address(SERVER, GATEWAY)];
  assert.equal(send(device, DECLINE, { options, mac: OTHER_MAC }), null); // not its own
  assert.equal(send(device, DISCOVER)!.yours, DEVICE);
  assert.equal(send(device, DECLINE, { options }), null);
  assert.equal(send(device, DISCOVER)!.yours, SECOND);
  device.clock.advance(700_000);
  assert.equal(lease(device, OTHER_MAC), DEVICE);
});

test("a released address is free at once", () => {
  const device = new Device();
  lease(device);
  assert.equal(send(device, RELEASE, { clientAddress: DEVICE }), null);
  assert.equal(lease(device, OTHER_MAC), DEVICE);
});

test("an offer that is not taken, or another server's that is, leaves the address free", () => {
  const device = new Device();
  send(device, DISCOVER);
  assert.equal(send(device, DISCOVER, { mac: OTHER_MAC })!.yours, SECOND);
  const options = [...address(REQUESTED, "192.168.1.2"), ...address(SERVER, "192.168.1.1")];
  assert.equal(send(device, REQUEST, { options }), null);
  assert.equal(send(device, DISCOVER, { mac: "02:00:00:00:00:17" })!.yours, DEVICE);
  device.clock.advance(31_000);
  const wish = address(REQUESTED, SECOND);
  assert.equal(send(device, DISCOVER, { options: wish })!.yours, SECOND);
});

test("a client that changes its address gives the old one back", () => {
  const device = new Device();
  lease(device);
  const options = address(REQUESTED, "10.0.2.20");
  assert.equal(send(device, REQUEST, { options })!.yours, "10.0.2.20");
  assert.equal(lease(device, OTHER_MAC), DEVICE);
});

test("clients are told apart by their identifier, if they have one", () => {
  const device = new Device();
  const identifier = (n: number): number[] => [61, 2, 0, n];
  assert.equal(send(device, DISCOVER, { options: identifier(1) })!.yours, DEVICE);
  assert.equal(send(device, DISCOVER, { options: identifier(2) })!.yours, SECOND);
  const again = send(device, DISCOVER, { options: identifier(1), mac: OTHER_MAC })!;
  assert.equal(again.yours, DEVICE);
});

test("when all addresses are taken, no more is offered", () => {
  const device = new Device();
  const macs = Array.from({ length: 18 }, (_, i) => `02:00:00:00:01:${String(10 + i)}`);
  const offers = macs.map((mac) => send(device, DISCOVER, { mac })?.yours);
  assert.equal(new Set(offers.slice(0, 17)).size, 17);
  assert.deepEqual(offers.slice(16), ["10.0.2.31", undefined]);
});

test("INFORM: the settings without an address", () => {
  const device = new Device();
  const fixed = "10.0.2.77";
  const reply = send(device, INFORM, { clientAddress: fixed })!;
  assert.deepEqual([reply.type, reply.yours, reply.options.has(51)], [ACK, "0.0.0.0", false]);
  assert.equal(reply.packet.destination, fixed);
  const elsewhere = bytesOf(INFORM, { clientAddress: "192.0.2.1" });
  assert.deepEqual(sendBytes(device, elsewhere), [], "no address of this network");
});

test("messages that make no sense are not answered", () => {
  const device = new Device();
  const good = bytesOf(DISCOVER, {});
  const messages = [
    changed(good, 0, 2), // a reply
    changed(good, 1, 6), // another hardware
    changed(good, 2, 8),
    changed(good, 28, 3), // a group's MAC address
    changed(good, 236, 0), // no magic
    changed(good, 241, 200), // an option past the end
    changed(good, 242, 99), // an unknown type
    good.slice(0, 239),
    good.slice(0, 240), // no type
    [...good.slice(0, 240), 53, 0, 255],
    [...good.slice(0, 240), 53],
  ];
  for (const message of messages) assert.deepEqual(sendBytes(device, message), []);
  assert.equal(sendBytes(device, good).length, 1);
});
