// The peer's small protocols, each against frames built by hand: ARP, ICMP, DNS, SNTP.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BROADCAST,
  DEVICE,
  Device,
  ethernet,
  GATEWAY,
  hex,
  ICMP,
  ipBytes,
  ipv4,
  MAC,
  macOf,
  SERVICES,
  UDP,
  be16,
  complement,
  type Packet,
} from "./device.ts";
import { FakeHost } from "./host.ts";

const mac = (text: string): number[] => text.split(":").map((byte) => parseInt(byte, 16));

function arp(operation: number, senderIp: string, targetIp: string, sender = MAC): Uint8Array {
  const start = [0, 1, 8, 0, 6, 4, ...be16(operation)];
  const body = [...mac(sender), ...ipBytes(senderIp), 0, 0, 0, 0, 0, 0, ...ipBytes(targetIp)];
  return ethernet([...start, ...body], 0x0806, BROADCAST, sender);
}

test("ARP: the gateway and the services say where they are, nobody else does", () => {
  const device = new Device();
  for (const address of [GATEWAY, SERVICES, "10.0.2.4", DEVICE, "192.0.2.1"]) {
    device.peer.send(arp(1, DEVICE, address));
  }
  device.peer.send(arp(1, "0.0.0.0", GATEWAY)); // a probe: RFC 5227
  device.clock.advance(0);
  const replies = device.frames.map((frame) => hex(frame.subarray(0, 42)));
  const reply = (address: string, to: string): string =>
    hex([...mac(MAC), ...mac(macOf(address)), 8, 6, 0, 1, 8, 0, 6, 4, 0, 2]) +
    hex([...mac(macOf(address)), ...ipBytes(address), ...mac(MAC), ...ipBytes(to)]);
  const expected = [reply(GATEWAY, DEVICE), reply(SERVICES, DEVICE), reply(GATEWAY, "0.0.0.0")];
  assert.deepEqual(replies, expected);
});

function echo(type: number, data: number[]): number[] {
  const rest = [0x12, 0x34, 0, 1, ...data];
  return [type, 0, ...complement([type, 0, 0, 0, ...rest]), ...rest];
}

test("ICMP: an echo comes back with its data, from whom it was sent to", () => {
  const device = new Device();
  for (const destination of [GATEWAY, SERVICES]) {
    device.send(ICMP, echo(8, [1, 2, 3]), { destination });
    const reply = device.takeOne();
    assert.equal(reply.source, destination);
    assert.equal(reply.destinationMac, MAC);
    assert.deepEqual([...reply.payload], echo(0, [1, 2, 3]));
  }
});

test("ICMP: damaged requests, replies and requests to others are not answered", () => {
  const device = new Device();
  const damaged = echo(8, [1, 2, 3]);
  damaged[9]! ^= 1;
  device.send(ICMP, damaged);
  device.send(ICMP, echo(0, [1]));
  device.send(ICMP, echo(8, [1]), { destination: "192.0.2.1" });
  device.send(ICMP, echo(8, [1]), { destination: "10.0.2.255" });
  device.send(ICMP, echo(8, [1]), { source: "192.0.2.1" });
  device.send(ICMP, [8, 0, 0xf7]);
  assert.deepEqual(device.take(), []);
});

test("IPv4: options are skipped, damaged headers dropped, fragments put together", () => {
  const device = new Device();
  device.send(ICMP, echo(8, [5]), { options: [1, 1, 1, 0] });
  assert.deepEqual([...device.takeOne().payload], echo(0, [5]));
  const damaged = ipv4(ICMP, echo(8, [5]));
  damaged[8]! ^= 4;
  device.peer.send(ethernet(damaged));
  assert.deepEqual(device.take(), []);
  const whole = echo(
    8,
    Array.from({ length: 40 }, (_, i) => i),
  );
  const more = 0x2000;
  device.send(ICMP, whole.slice(16, 32), { place: more | 2 });
  device.send(ICMP, whole.slice(32), { place: 4 });
  device.send(ICMP, whole.slice(0, 16), { place: more, identification: 8 }); // another packet's
  assert.deepEqual(device.take(), []);
  device.send(ICMP, whole.slice(0, 16), { place: more });
  assert.deepEqual([...device.takeOne().payload.subarray(8)], whole.slice(8));
});

test("IPv4: fragments that overlap, or come too late, make no packet", () => {
  const device = new Device();
  const whole = echo(
    8,
    Array.from({ length: 40 }, (_, i) => i),
  );
  const first = (identification = 7): void =>
    device.send(ICMP, whole.slice(0, 32), { place: 0x2000, identification });
  const last = (): void => device.send(ICMP, whole.slice(32), { place: 4 });
  first();
  device.send(ICMP, whole.slice(24), { place: 3 });
  last();
  assert.deepEqual(device.take(), []);
  device.clock.advance(31_000);
  first();
  assert.deepEqual(device.take(), []);
  first(); // twice the same is an overlap, too
  first();
  last();
  assert.equal(device.take().length, 1, "but it can begin anew");
  first();
  for (let other = 100; other < 108; other++) first(other);
  last();
  assert.deepEqual(device.take(), [], "eight incomplete packets are kept");
});

const QUERY_HEAD = [0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];

function question(name: string, type: number): number[] {
  const labels = name.split(".").flatMap((label) => [label.length, ...Buffer.from(label)]);
  return [...labels, 0, 0, type, 0, 1];
}

function ask(device: Device, query: number[]): Packet[] {
  device.sendUdp(5353, 53, query, { destination: SERVICES });
  return device.take();
}

function answerTo(device: Device, name: string, type = 1): string {
  const [reply, ...others] = ask(device, [...QUERY_HEAD, ...question(name, type)]);
  assert.deepEqual(others, []);
  assert.equal(reply!.source, SERVICES);
  assert.deepEqual([...reply!.payload.subarray(0, 4)], [0, 53, ...be16(5353)]);
  return reply!.payload.toString("hex", 8);
}

test("DNS: known names have addresses of the kind asked for, others do not exist", () => {
  const dns = { "www.example.test": ["10.0.2.2", "192.0.2.7", "2001:db8::7:0"] };
  const device = new Device({ dns });
  const asked = (name: string, type: number): string => hex(question(name, type));
  const head = (answers: string, code = "8180"): string => `abcd${code}0001${answers}00000000`;
  const name = "WWW.example.test";
  const a = (address: string): string => `c00c00010001${"0000003c"}0004${address}`;
  const four = head("0002") + asked(name, 1) + a("0a000202") + a("c0000207");
  assert.equal(answerTo(device, name), four);
  const six = "c00c001c00010000003c0010" + "20010db8000000000000000000070000";
  assert.equal(answerTo(device, name, 28), head("0001") + asked(name, 28) + six);
  assert.equal(answerTo(device, name, 16), head("0000") + asked(name, 16));
  const chaos = [...question(name, 1).slice(0, -1), 3]; // of another class
  const [reply] = ask(device, [...QUERY_HEAD, ...chaos]);
  assert.equal(reply!.payload.toString("hex", 8), head("0000") + hex(chaos));
  const none = "nothing.test";
  assert.equal(answerTo(device, none), head("0000", "8183") + asked(none, 1));
  assert.equal(answerTo(device, "localhost"), head("0001") + asked("localhost", 1) + a("0a000202"));
  const ntp = "pool.ntp.org";
  assert.equal(answerTo(device, ntp), head("0001") + asked(ntp, 1) + a("0a000203"));
});

test("DNS: names that a Record inherits do not exist; a function can know all names", () => {
  const head = "abcd81830001000000000000";
  const constructor = "constructor";
  const answer = answerTo(new Device({ dns: {} }), constructor);
  assert.equal(answer, head + hex(question(constructor, 1)));
  const all = new Device({ dns: () => ["10.0.2.2"] });
  assert.ok(answerTo(all, "what.ever").endsWith("0a000202"));
});

test("DNS: more addresses than fit into 512 bytes are cut off, and it says so", () => {
  const many = Array.from({ length: 40 }, (_, i) => `10.1.0.${i}`);
  const answer = Buffer.from(answerTo(new Device({ dns: () => many }), "many.test"), "hex");
  assert.equal(answer.readUInt16BE(2), 0x8380);
  assert.equal(answer.readUInt16BE(6), (answer.length - 12 - 15) / 16);
  assert.ok(answer.length <= 512 && answer.length > 490);
});

test("DNS: malformed questions get FORMERR, other operations NOTIMP, answers nothing", () => {
  const device = new Device({ dns: () => ["10.0.2.2"] });
  const head = (flags: number[], count = 1): number[] => [
    0xab,
    0xcd,
    ...flags,
    0,
    count,
    0,
    0,
    0,
    0,
    0,
    0,
  ];
  const formatError = "abcd81810000000000000000";
  const code = (query: number[]): string => ask(device, query)[0]!.payload.toString("hex", 8);
  const malformed = [
    head([1, 0]),
    head([1, 0], 2).concat(question("a.b", 1), question("c.d", 1)),
    head([1, 0]).concat(question("a.b", 1).slice(0, -1)),
    head([1, 0]).concat([0xc0, 12, 0, 1, 0, 1]), // points at itself
    head([1, 0]).concat([64, ...Array<number>(64).fill(97), 0, 0, 1, 0, 1]),
    head([1, 0]).concat(question(Array<string>(64).fill("abc").join("."), 1)),
  ];
  for (const query of malformed) assert.equal(code(query), formatError);
  assert.equal(code(head([0x28, 0]).concat(question("a.b", 1))), "abcda8840000000000000000");
  assert.deepEqual(ask(device, head([0x81, 0]).concat(question("a.b", 1))), []);
  assert.deepEqual(ask(device, QUERY_HEAD.slice(0, 11)), []);
});

test("DNS: the real world is asked only if that is allowed", async () => {
  const host = new FakeHost();
  const inside = new Device({ host });
  assert.ok(answerTo(inside, "outside.test").startsWith("abcd8183"));
  const outside = new Device({ host, allowOutside: true });
  const codes: Record<string, string> = {
    "outside.test": "abcd8180",
    "broken.test": "abcd8182",
    "none.test": "abcd8183",
  };
  for (const [name, code] of Object.entries(codes)) {
    assert.deepEqual(ask(outside, [...QUERY_HEAD, ...question(name, 1)]), []);
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(outside.takeOne().payload.toString("hex", 8).startsWith(code), name);
  }
});

function sntp(first: number): number[] {
  return [first, ...Array<number>(39).fill(0), 1, 2, 3, 4, 5, 6, 7, 8];
}

test("SNTP: the time that the caller tells, in the version asked for", () => {
  let time = 1_700_000_000.5;
  const device = new Device({ time: () => time });
  const fields = { destination: SERVICES };
  for (const version of [3, 4]) {
    device.sendUdp(40000, 123, sntp((version << 3) | 3), fields);
    const reply = device.takeOne().payload.subarray(8);
    assert.equal(reply.length, 48);
    assert.equal(reply[0], (version << 3) | 4); // no leap warning, a server
    assert.equal(reply[1], 1);
    assert.equal(reply.toString("hex", 24, 32), "0102030405060708");
    // Seconds since 1900: RFC 5905's 2,208,988,800 of 1970 on top.
    assert.equal(reply.readUInt32BE(40), 1_700_000_000 + 2_208_988_800);
    assert.equal(reply.readUInt32BE(44), 0x80000000);
    assert.equal(reply.toString("hex", 32, 40), reply.toString("hex", 40, 48));
  }
  time = 2_085_978_496 + 5; // 2036-02-07T06:28:16Z is second 0 of era 1: RFC 5905, figure 4
  device.sendUdp(40000, 123, sntp(0x23), fields);
  assert.equal(device.takeOne().payload.readUInt32BE(48), 5);
});

test("SNTP: what is no request is not answered; nor is anything if there is no time", () => {
  const device = new Device();
  const fields = { destination: SERVICES };
  for (const first of [0x24, 0x25, 0x03, 0x2b]) device.sendUdp(40000, 123, sntp(first), fields);
  device.sendUdp(40000, 123, sntp(0x23).slice(0, 47), fields);
  assert.deepEqual(device.take(), []);
  const silent = new Device({ time: () => null });
  silent.sendUdp(40000, 123, sntp(0x23), fields);
  assert.deepEqual(silent.take(), []);
});

test("a port of the services that serves nothing is unreachable", () => {
  const device = new Device();
  device.sendUdp(40000, 69, [1, 2, 3, 4], { destination: SERVICES });
  const { protocol, payload, source } = device.takeOne();
  assert.equal(protocol, ICMP);
  assert.equal(source, SERVICES);
  assert.deepEqual([...payload.subarray(0, 2)], [3, 3]);
  const original = ipv4(UDP, [], { destination: SERVICES });
  assert.deepEqual([...payload.subarray(8 + 12, 8 + 20)], original.slice(12, 20));
  assert.equal(payload.readUInt16BE(28), 40000);
  assert.equal(payload.length, 36);
});
