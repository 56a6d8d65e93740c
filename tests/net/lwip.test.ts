// The network of a board: lwIP with the user-mode peer at its cable. DHCP, DNS, both directions of
// TCP over a bad cable, servers on the device, and what is in use afterwards.

import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { after, test } from "node:test";
import type { Link } from "../../scripts/sim/peer/link.ts";
import { Device } from "./device.ts";

const servers: net.Server[] = [];

after(() => {
  Device.endAll();
  for (const server of servers) server.close();
});

async function serve(client: (socket: net.Socket) => void): Promise<number> {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    client(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  servers.push(server);
  return (server.address() as net.AddressInfo).port;
}

/** The same bytes as sockets.c pours. */
const pattern = (length: number): Uint8Array =>
  new Uint8Array(length).map((_, i) => i * 31 + (i >> 8) * 7);

/** A connection to a peer that takes nothing any more, because it does not read. */
async function fill(device: Device, port: number): Promise<number> {
  const s = await device.connect(port);
  assert.ok(s > 0, `connect: ${s}`);
  await device.call(`timeout ${s} 100`);
  while ((await device.number(`pour ${s} 100000`)) > 0);
  return s;
}

/** Waits until lwIP holds only what fits the pattern; gives the last answer. */
async function settled(device: Device, pattern: RegExp): Promise<string> {
  let stats = "";
  for (let i = 0; i < 100; i++) {
    stats = await device.call("stats");
    if (pattern.test(stats)) break;
    await device.call("sleep 50");
  }
  return stats;
}

test("an address comes from DHCP, names from DNS", async () => {
  const dns = { "host.example": ["10.0.2.2", "10.0.2.9"], "six.example": ["fd00::1"] };
  const device = await Device.atPeer({ dns });
  assert.match(await device.call("stats"), /^link=[01] address=0/);
  assert.equal(await device.call("resolve host.example 443"), "1 10.0.2.2 443");
  assert.match(await device.call("stats"), /^link=1 address=15/);
  assert.equal(await device.call("resolve HOST.example 80"), "1 10.0.2.2 80");
  assert.equal(await device.call("resolve six.example 80"), "-2"); // it has no address of version 4
  assert.equal(await device.call("resolve no.such.example 80"), "-2");
  for (const bad of [`${"a".repeat(64)}.example`, "a..b", ".", "a.".repeat(127) + "b"]) {
    assert.equal(await device.call(`resolve ${bad} 80`), "-2", bad);
  }
  assert.equal(await device.call("resolve 192.0.2.7 80"), "1 192.0.2.7 80");
  assert.equal(await device.call("resolve localhost 80"), "1 127.0.0.1 80");
  await device.close();
});

test("a cable with nobody at its end, and none", async () => {
  const silent: Link = { send: () => undefined, onFrame: () => undefined, close: () => undefined };
  const device = await Device.atLink(silent);
  await device.call("socket 2 1");
  await device.call("timeout 1 30");
  assert.equal(await device.call("connect 1 10.0.2.2 80"), "-101");
  await device.call("socket 2 2");
  await device.call("timeout 2 30");
  assert.equal(await device.call("sendto 2 10.0.2.2 80 x"), "-101");
  await device.close();
});

for (const [what, impairments] of [
  ["lost", { loss: 0.02, delayMs: 1 }],
  ["reordered", { reorder: 0.2, delayMs: 1 }],
  ["doubled", { duplicate: 0.2, delayMs: 1 }],
  ["damaged", { corrupt: 0.02, delayMs: 1 }],
] as const) {
  test(`frames are ${what}: every byte arrives once, in order`, async () => {
    const length = 80_000;
    const device = await Device.atPeer({ ...impairments, seed: 7 });
    let received = Buffer.alloc(0);
    let ended = (): void => undefined;
    const end = new Promise<void>((resolve) => (ended = resolve));
    const port = await serve((socket) => {
      socket.on("data", (bytes) => (received = Buffer.concat([received, bytes])));
      socket.on("end", ended);
      socket.end(pattern(length));
    });
    const s = await device.connect(port, 50_000);
    assert.ok(s > 0, `connect: ${s}`);
    assert.equal(await device.number(`drain ${s}`), length);
    assert.equal(await device.number(`pour ${s} ${length}`), length);
    assert.equal(await device.call(`close ${s}`), "0");
    await device.call("sleep 1");
    const alive = setInterval(() => void device.call("sleep 20"), 25);
    await end;
    clearInterval(alive);
    assert.ok(received.equals(pattern(length)));
    await device.close();
  });
}

test("a server on the device: clients in a row and at once", async () => {
  const device = await Device.atPeer({ forwards: [{ hostPort: 0, devicePort: 7 }] });
  const [port] = await device.peer!.listening;
  await device.call("resolve localhost 1");
  assert.equal(await device.call("socket 2 1"), "1");
  assert.equal(await device.call("bind 1 0.0.0.0 7"), "0");
  assert.equal(await device.call("listen 1 4"), "0");
  await device.call("resolve pool.ntp.org 1"); // the network is up then
  for (let round = 0; round < 3; round++) {
    const clients = [0, 1, 2].map(() => net.connect(port!, "127.0.0.1"));
    const closed = clients.map((client) => once(client, "close"));
    for (const client of clients) client.write("ping");
    for (const [i, client] of clients.entries()) {
      const [s, ip] = (await device.call("accept 1")).split(" ");
      assert.deepEqual([s, ip], ["2", "10.0.2.2"], `client ${i}`);
      assert.equal(await device.call(`recv ${s} 10 0`), "4 ping");
      assert.equal(await device.call(`send ${s} pong`), "4");
      await device.call(`close ${s}`);
      client.resume();
    }
    await Promise.all(closed);
  }
  await device.call("close 1");
  await device.close();
});

test("200 connections in a row: nothing stays in use", async () => {
  const device = await Device.atPeer();
  let count = 0;
  // Every third ends first, every third resets, of the others the device ends.
  const port = await serve((socket) => {
    const kind = count++ % 3;
    if (kind === 0) socket.end("x".repeat(3000));
    else if (kind === 1) socket.once("data", () => socket.resetAndDestroy());
    else socket.on("end", () => socket.end());
    socket.resume();
  });
  const most = { tcp: 0, heap: 0 };
  for (let i = 0; i < 200; i++) {
    const s = await device.connect(port);
    assert.equal(s, 1, `connection ${i}`);
    await device.call("send 1 some-bytes");
    if (i % 3 < 2 && i % 2 === 0) await device.call("recv 1 100 0");
    await device.call("close 1");
    const stats = await device.call("stats");
    most.tcp = Math.max(most.tcp, Number(/tcp=(\d+)/.exec(stats)?.[1] ?? 0));
    most.heap = Math.max(most.heap, Number(/heap=(\d+)/.exec(stats)?.[1] ?? 0));
  }
  assert.ok(most.tcp <= 8 && most.heap < 4000, JSON.stringify(most));
  // DHCP's socket and lease, and the last connections, which wait out their time (TIME_WAIT).
  const idle = /^link=1 address=15 udp=1 tcp=[1-8] heap=64$/;
  assert.match(await settled(device, idle), idle);
  await device.close();
});

test("too many at once: an error, not a hang, and afterwards all is well", async () => {
  const device = await Device.atPeer();
  const port = await serve((socket) => socket.resume());
  for (let i = 1; i <= 8; i++) assert.equal(await device.connect(port), i);
  assert.equal(await device.call("socket 2 1"), "-23");
  assert.equal(await device.call("socket 2 2"), "9");
  for (let i = 1; i <= 9; i++) await device.call(`close ${i}`);
  for (let i = 1; i <= 8; i++) assert.equal(await device.connect(port), i);
  await device.close();
});

test("peers that fill what nobody reads cannot starve the others", async () => {
  const device = await Device.atPeer();
  const flood = await serve((socket) => void socket.write("z".repeat(100_000)));
  const echo = await serve((socket) => socket.pipe(socket));
  const stuck: number[] = [];
  for (let i = 0; i < 6; i++) stuck.push(await device.connect(flood));
  await device.call("sleep 300");
  const s = await device.connect(echo);
  assert.ok(s > 0, `connect: ${s}`);
  await device.call(`send ${s} hello`);
  assert.equal(await device.call(`recv ${s} 10 0`), "5 hello");
  assert.equal(await device.call("resolve pool.ntp.org 1"), "1 10.0.2.3 1");
  // Who had to go is told so.
  const ends = await Promise.all(stuck.map((n) => device.call(`recv ${n} 1 0`)));
  assert.ok(
    ends.every((end) => end === "1 z" || end === "-12 "),
    ends.join(),
  );
  await device.close();
});

test("a peer that takes nothing cannot keep the memory of a closed connection", async () => {
  const device = await Device.atPeer();
  const deaf = await serve((socket) => socket.pause());
  const echo = await serve((socket) => socket.pipe(socket));
  for (let i = 0; i < 4; i++) await device.call(`close ${await fill(device, deaf)}`);
  const s = await device.connect(echo);
  assert.ok(s > 0, `connect: ${s}`);
  await device.call(`timeout ${s} 20000`);
  assert.equal(await device.call(`send ${s} hello`), "5");
  assert.equal(await device.call(`recv ${s} 10 0`), "5 hello");
  await device.close();
});

test("connections that wait for their peers leave memory to answer with", async () => {
  const device = await Device.atPeer();
  const deaf = await serve((socket) => socket.pause());
  const source = await serve((socket) => void socket.end(pattern(100_000)));
  for (let i = 0; i < 5; i++) await fill(device, deaf);
  assert.equal(await device.call("resolve pool.ntp.org 1"), "1 10.0.2.3 1");
  const s = await device.connect(source);
  assert.ok(s > 0, `connect: ${s}`);
  assert.equal(await device.number(`drain ${s}`), 100_000);
  await device.close();
});

test("a socket whose connection was reset connects anew, without remains", async () => {
  const device = await Device.atPeer();
  const port = await serve((socket) =>
    socket.write("old", () => socket.once("data", () => socket.resetAndDestroy())),
  );
  const echo = await serve((socket) => socket.pipe(socket));
  const s = await device.connect(port);
  assert.equal(await device.call(`recv ${s} 3 2`), "3 old");
  await device.call(`send ${s} x`);
  await device.settle();
  assert.equal(await device.call(`connect ${s} ${device.gateway} ${echo}`), "0");
  await device.call(`send ${s} new`);
  assert.equal(await device.call(`recv ${s} 10 0`), "3 new");
  await device.close();
});

test("single bytes share buffers", async () => {
  const device = await Device.atPeer();
  const port = await serve((socket) => {
    socket.setNoDelay(true);
    let left = 2000;
    const next = (): void => {
      if (left-- > 0) socket.write("b", () => setImmediate(next));
      else socket.end();
    };
    next();
  });
  const s = await device.connect(port);
  await device.call("sleep 1500");
  const pool = Number(/ pool=(\d+)/.exec(await device.call("stats"))?.[1]);
  assert.ok(pool <= 6, `${pool} buffers for at most 2000 bytes`);
  let bytes = 0;
  for (let n; (n = parseInt(await device.call(`recv ${s} 500 0`))) > 0;) bytes += n;
  assert.equal(bytes, 2000);
  await device.close();
});
