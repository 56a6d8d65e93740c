// The peer with real sockets of this machine, and as a program that others exchange frames with.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { encodeFrame } from "../../../scripts/sim/peer/frames.ts";
import { root } from "../../harness/imports.ts";
import { DEVICE, Device, ethernet, ICMP, ipBytes, BROADCAST, MAC, type Packet } from "./device.ts";
import { attach, Station } from "./station.ts";

const FOREVER_MS = 1e9; // of virtual time, which runs much faster than the sockets

async function listen(accept: (socket: Socket) => void) {
  const server = createServer({ allowHalfOpen: true }, accept).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = await listen(() => undefined);
  server.close();
  return server.port;
}

test("a device's connection to a server on loopback, both ways, half closed", async () => {
  const server = await listen((socket) => socket.pipe(socket));
  const device = new Device();
  const station = new Station(device, 50000, server.port);
  attach(device, station);
  const data = Buffer.alloc(100_000, "0123456789abcdefg");
  station.connect();
  station.write(data);
  station.end();
  await device.until(() => station.ended && station.finished, FOREVER_MS);
  assert.ok(Buffer.concat(station.received).equals(data));
  device.peer.close();
  server.close();
});

test("a closed port resets; a device that resets breaks the program's connection", async () => {
  const device = new Device();
  const refused = new Station(device, 50000, await closedPort());
  attach(device, refused);
  refused.connect();
  await device.until(() => refused.state === "reset", FOREVER_MS);
  let error: NodeJS.ErrnoException | null = null;
  const server = await listen((socket) => socket.on("error", (e) => (error = e)).resume());
  const station = new Station(device, 50001, server.port);
  attach(device, station);
  station.connect();
  await device.until(() => station.state === "open", FOREVER_MS);
  station.transmit(0xffff_ff01, 4); // RST
  await device.until(() => error !== null, FOREVER_MS);
  assert.equal(error!["code"], "ECONNRESET");
  device.peer.close();
  server.close();
});

test("a program's connection to a forwarded port", async () => {
  const device = new Device({ forwards: [{ hostPort: 0, devicePort: 80 }] });
  const [port] = await device.peer.listening;
  const station = new Station(device, 80, 0);
  attach(device, station);
  const client = connect(port!, "127.0.0.1");
  const received: Buffer[] = [];
  client.on("data", (data) => received.push(data));
  client.end("question");
  await device.until(() => station.ended, FOREVER_MS);
  assert.equal(Buffer.concat(station.received).toString(), "question");
  station.write(Buffer.from("answer"));
  station.end();
  await device.until(() => client.closed, FOREVER_MS);
  assert.equal(Buffer.concat(received).toString(), "answer");
  device.peer.close();
});

test("a port that is taken is an error", async () => {
  const server = await listen(() => undefined);
  const device = new Device({ forwards: [{ hostPort: server.port, devicePort: 80 }] });
  await assert.rejects(device.peer.listening, { code: "EADDRINUSE" });
  device.peer.close();
  server.close();
});

test("datagrams to loopback and back, to a closed port, and to the device", async () => {
  const server = createSocket("udp4");
  server.on("message", (data, from) => server.send(data.reverse(), from.port, from.address));
  await new Promise<void>((resolve) => server.bind(0, "127.0.0.1", resolve));
  const { port } = server.address();
  const device = new Device({ forwards: [{ hostPort: 0, devicePort: 7, udp: true }] });
  const [forwarded] = await device.peer.listening;
  const packets: Packet[] = [];
  const arrived = async (): Promise<Packet> => {
    await device.until(() => packets.push(...device.take()) > 0, FOREVER_MS);
    return packets.shift()!;
  };
  device.sendUdp(4000, port, Buffer.from("abc"));
  assert.equal((await arrived()).payload.toString("latin1", 8), "cba");
  server.close();
  await once(server, "close");
  device.sendUdp(4001, port, Buffer.from("abc"));
  assert.equal((await arrived()).protocol, ICMP);
  const client = createSocket("udp4");
  client.send("ping", forwarded!, "127.0.0.1");
  const ping = await arrived();
  assert.equal(ping.payload.toString("latin1", 8), "ping");
  const reply = once(client, "message");
  device.sendUdp(7, ping.payload.readUInt16BE(0), Buffer.from("pong"));
  device.clock.advance(0);
  assert.equal(String((await reply)[0]), "pong");
  client.close();
  device.peer.close();
});

const MAIN = ["--import", "tsx", "scripts/sim/peer/main.ts"];

const gatewayRequest = ethernet(
  [0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 21, ...ipBytes(DEVICE), 0, 0, 0, 0, 0, 0, 10, 0, 2, 2],
  0x0806,
  BROADCAST,
);

test("as a program: frames over another program's standard streams, and a capture", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "wassl-frames-"));
  try {
    const pcap = path.join(folder, "a.pcap");
    const request = encodeFrame(gatewayRequest).toString("hex");
    const script = `process.stdout.write(Buffer.from("${request}", "hex"));
      process.stdin.once("data", (d) => process.exit(d.length === 64 && d[3] === 60 ? 42 : 1));`;
    const args = [...MAIN, "--pcap", pcap, "--", process.execPath, "-e", script];
    const child = spawn(process.execPath, args, { cwd: root, stdio: "ignore" });
    const [status] = (await once(child, "exit")) as [number];
    assert.equal(status, 42, "the status is the program's");
    assert.equal(readFileSync(pcap).length, 24 + 16 + 42 + 16 + 60);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("as a program: frames over a Unix socket", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "wassl-frames-"));
  const where = path.join(folder, "socket");
  const child = spawn(process.execPath, [...MAIN, "--listen", where], {
    cwd: root,
    stdio: ["ignore", "ignore", "pipe"],
  });
  try {
    await once(child.stderr, "data"); // it listens
    const socket = connect(where);
    socket.write(encodeFrame(gatewayRequest));
    const [reply] = (await once(socket, "data")) as [Buffer];
    assert.deepEqual([reply.length, reply.readUInt32BE(0)], [64, 60]);
    assert.equal(reply.toString("hex", 4, 10), MAC.replaceAll(":", ""));
    socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff])); // no length of a frame
    await once(socket, "close");
  } finally {
    child.kill();
    await once(child, "exit");
    rmSync(folder, { recursive: true });
  }
});

test("as a program: wrong arguments are explained", async () => {
  const wrong = [[], ["--loss", "2", "--listen", "1"], ["--forward", "80", "--listen", "1"]];
  const statuses = wrong.map(
    (args) =>
      new Promise<number>((resolve) => {
        const child = execFile(process.execPath, [...MAIN, ...args], { cwd: root });
        child.on("exit", (status) => resolve(status!));
      }),
  );
  assert.deepEqual(
    await Promise.all(statuses),
    wrong.map(() => 2),
  );
});
