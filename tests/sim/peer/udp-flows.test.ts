// UDP between the device and programs of this machine, both ways; and how the peer finds the
// device.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  be16,
  changed,
  DEVICE,
  Device,
  dissect,
  GATEWAY,
  ICMP,
  MAC,
  udp,
  UDP,
  type Packet,
} from "./device.ts";
import { FakeHost } from "./host.ts";

async function settle(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
}

function withEcho(): { host: FakeHost; device: Device } {
  const host = new FakeHost();
  host.answers.set(7, (data) => [data, Buffer.from("!")]);
  return { host, device: new Device({ host }) };
}

const head = (packet: Packet): number[] => [...packet.payload.subarray(0, 4)];
const text = (packet: Packet): string => packet.payload.toString("latin1", 8);

test("a datagram to the gateway reaches loopback, and the answers come back", async () => {
  const { host, device } = withEcho();
  device.sendUdp(4000, 7, Buffer.from("one"));
  device.sendUdp(4000, 7, Buffer.from("two"));
  device.sendUdp(4001, 7, Buffer.from("")); // a socket of its own
  device.clock.advance(0);
  await settle();
  const packets = device.take();
  assert.deepEqual(packets.map(text), ["one", "!", "two", "!", "", "!"]);
  assert.deepEqual(head(packets[0]!), [0, 7, ...be16(4000)]);
  assert.deepEqual(head(packets[5]!), [0, 7, ...be16(4001)]);
  assert.equal(packets[0]!.source, GATEWAY);
  assert.deepEqual(host.connected, ["udp:127.0.0.1:7", "udp:127.0.0.1:7"]);
});

test("a port where nobody listens is unreachable, and the next datagram tries anew", async () => {
  const { host, device } = withEcho();
  for (let i = 1; i <= 2; i++) {
    device.sendUdp(4000, 8, Buffer.from("data"));
    device.clock.advance(0);
    await settle();
    const { protocol, payload } = device.takeOne();
    assert.equal(protocol, ICMP);
    assert.deepEqual([...payload.subarray(0, 2)], [3, 3]);
    assert.deepEqual([...payload.subarray(28, 32)], [...be16(4000), 0, 8]);
    assert.deepEqual([host.connected.length, host.openSockets], [i, 0]);
  }
});

test("other machines are reached only if that is allowed", async () => {
  const host = new FakeHost();
  host.answers.set(7, (data) => [data]);
  const fields = { destination: "192.0.2.9" };
  const inside = new Device({ host });
  inside.sendUdp(4000, 7, [1], fields);
  assert.deepEqual([...inside.takeOne().payload.subarray(0, 2)], [3, 13]);
  const outside = new Device({ host, allowOutside: true });
  outside.sendUdp(4000, 7, [1], fields);
  outside.sendUdp(4000, 7, [1], { destination: "127.0.0.1" });
  outside.clock.advance(0);
  await settle();
  assert.equal(outside.takeOne().source, "192.0.2.9");
  assert.deepEqual(host.connected, ["udp:192.0.2.9:7"]);
});

test("a minute of silence ends a flow; so do 256 newer ones", async () => {
  const { host, device } = withEcho();
  device.sendUdp(4000, 7, [1]);
  device.clock.advance(59_000);
  device.sendUdp(4000, 7, [1]);
  device.clock.advance(59_000);
  assert.equal(host.openSockets, 1);
  device.clock.advance(1000);
  assert.equal(host.openSockets, 0);
  for (let i = 0; i < 300; i++) device.sendUdp(5000 + i, 7, [1]);
  device.clock.advance(0);
  assert.equal(host.openSockets, 256);
  device.sendUdp(5299, 7, [1]); // the newest is still there
  device.clock.advance(0);
  assert.equal(host.connected.length, 301);
  device.peer.close();
  assert.equal(host.openSockets, 0);
  assert.equal(device.clock.next(), null);
});

test("damaged datagrams are dropped; a checksum of 0 is none", async () => {
  const { host, device } = withEcho();
  const good = udp(4000, 7, [1, 2, 3]);
  for (const [at, value] of [
    [9, 9],
    [6, 1],
    [5, 7],
    [5, 200],
  ] as const) {
    device.send(UDP, changed(good, at, value));
  }
  device.send(UDP, good.slice(0, 7));
  device.clock.advance(0);
  assert.deepEqual(host.connected, []);
  device.send(UDP, changed(changed(good, 6, 0), 7, 0));
  device.clock.advance(0);
  assert.deepEqual(host.connected, ["udp:127.0.0.1:7"]);
});

test("a checksum that comes out as 0 is sent as 0xffff", async () => {
  const { device } = withEcho();
  const back = { source: GATEWAY, destination: DEVICE };
  const isZero = (n: number): boolean =>
    udp(7, 4000, be16(n), back)
      .slice(6, 8)
      .every((byte) => byte === 0);
  const data = be16(Array.from({ length: 65536 }, (_, n) => n).find(isZero)!);
  device.sendUdp(4000, 7, data);
  device.clock.advance(0);
  await settle();
  assert.equal(device.take()[0]!.payload.toString("hex", 6, 8), "ffff");
});

test("a large datagram goes in fragments, and comes in fragments", async () => {
  const { device } = withEcho();
  const data = Array.from({ length: 4000 }, (_, i) => i % 251);
  const bytes = udp(4000, 7, data);
  device.send(UDP, bytes.slice(2960), { place: 370 });
  device.send(UDP, bytes.slice(0, 1480), { place: 0x2000 });
  device.send(UDP, bytes.slice(1480, 2960), { place: 0x2000 | 185 });
  device.clock.advance(0);
  await settle();
  device.clock.advance(0);
  const pieces = device.frames.splice(0, 3).map((frame) => {
    const place = Buffer.from(frame).readUInt16BE(20);
    return { more: place >> 13, offset: (place & 0x1fff) * 8, packet: dissect(frame)! };
  });
  assert.deepEqual(
    pieces.map((p) => [p.more, p.offset]),
    [
      [1, 0],
      [1, 1480],
      [0, 2960],
    ],
  );
  const whole = Buffer.concat(pieces.map((piece) => piece.packet.payload));
  assert.deepEqual([...whole.subarray(8)], data);
});

async function forwarding(): Promise<{ host: FakeHost; device: Device }> {
  const host = new FakeHost();
  const forwards = [{ hostPort: 9000, devicePort: 7, udp: true }];
  const device = new Device({ host, forwards });
  assert.deepEqual(await device.peer.listening, [9000]);
  return { host, device };
}

test("datagrams to a forwarded port reach the device once it is found by ARP", async () => {
  const { host, device } = await forwarding();
  host.sendUdp(9000, Buffer.from("hello"), 3333);
  host.sendUdp(9000, Buffer.from("again"), 4444);
  device.clock.advance(0);
  const [request, ...others] = device.frames.splice(0);
  assert.equal(others.length, 0, "asked once");
  const expected = "ffffffffffff52550a00020208060001080006040001" + "52550a0002020a000202";
  assert.ok(Buffer.from(request!).toString("hex").startsWith(expected));
  device.answerArp(request!);
  const packets = device.take();
  assert.deepEqual(packets.map(text), ["hello", "again"]);
  assert.deepEqual(
    packets.map((p) => [p.source, p.destination]),
    Array(2).fill([GATEWAY, DEVICE]),
  );
  assert.deepEqual(
    packets.map((packet) => packet.destinationMac),
    [MAC, MAC],
  );
  assert.deepEqual(head(packets[1]!), [...be16(4444), 0, 7]);
  device.sendUdp(7, 4444, Buffer.from("answer"));
  device.clock.advance(0);
  assert.deepEqual(host.sentToClients, [{ data: Buffer.from("answer"), port: 4444 }]);
  assert.deepEqual(host.connected, []);
});

test("a device that does not answer is asked three times, and little waits for it", async () => {
  const { host, device } = await forwarding();
  for (let i = 0; i < 50; i++) host.sendUdp(9000, Buffer.from([i]), 3333);
  device.clock.advance(10_000);
  const requests = device.frames.splice(0);
  assert.deepEqual(
    requests.map((frame) => Buffer.from(frame).readUInt16BE(12)),
    [2054, 2054, 2054],
  );
  device.answerArp(requests[0]!); // too late
  assert.deepEqual(device.take(), []);
  host.sendUdp(9000, Buffer.from("now"), 3333);
  assert.equal(text(device.takeOne()), "now");
});

test("where the device is shows from all that it sends, but its claims are looked at", async () => {
  const { host, device } = await forwarding();
  device.send(ICMP, [], { source: GATEWAY }); // it is not the gateway
  device.send(ICMP, []);
  host.sendUdp(9000, Buffer.from("hello"), 3333);
  device.clock.advance(0);
  assert.equal(device.takeOne().destinationMac, MAC);
  assert.equal(device.peer.dropped["wrong source address"], 1);
});

test("forwards lead to a fixed address, which must be one of the network's", async () => {
  const host = new FakeHost();
  const forwards = [{ hostPort: 9000, devicePort: 7, udp: true }];
  const device = new Device({ host, forwards, device: "10.0.2.99" });
  await device.peer.listening;
  host.sendUdp(9000, Buffer.from("hello"), 3333);
  device.clock.advance(0);
  assert.equal(Buffer.from(device.frames[0]!).toString("hex", 38, 42), "0a000263");
  for (const wrong of ["10.0.2.2", "10.0.3.1", "10.0.2", "device"]) {
    const { peer } = new Device({ host, forwards, device: wrong });
    await assert.rejects(peer.listening, /no address for a device/);
  }
});
