// The network of the emulated board: DHCP, names, the time, TCP and UDP in both directions, also
// over a cable that loses, doubles and reorders frames. hal/net_lwip*.c has its own tests on the
// host (tests/net); here it runs on the chip, over the W5500.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, type AddressInfo } from "node:net";
import test, { type TestContext } from "node:test";
import { listen, Remote } from "./remote.ts";

const BAD_CABLE = { loss: 0.05, duplicate: 0.05, reorder: 0.1, delayMs: 1 };
const TCP_ECHO = 7;
const UDP_ECHO = 9;
const MOST_ANSWERS = 10;

const pattern = (length: number): Buffer =>
  Buffer.from(Array.from({ length }, (_, i) => (7 * i) % 251));

async function everything(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

/** All that this machine can do with the board, so many bytes each way. */
async function exchange(t: TestContext, remote: Remote, size: number): Promise<void> {
  const [tcp, udp] = await remote.peer.listening;
  await pullAndPush(t, remote, size);
  await serve(remote, tcp!, size);
  await datagrams(t, remote, udp!);
}

async function pullAndPush(t: TestContext, remote: Remote, size: number): Promise<void> {
  const source = await listen(t, (socket) => socket.end(pattern(size)));
  assert.equal(await remote.ask(`pull ${source}`), `${size} unchanged`);
  let got: Promise<Buffer> | undefined;
  const sink = await listen(t, (socket) => {
    got = everything(socket).finally(() => socket.end());
  });
  assert.equal(await remote.ask(`push ${sink} ${size}`), "sent");
  assert.deepEqual(await remote.board.during(got!, 60), pattern(size));
}

/** Two clients of a server on the board, and one that sends nothing, which ends it. */
async function serve(remote: Remote, port: number, size: number): Promise<void> {
  assert.equal(await remote.ask(`listen ${TCP_ECHO}`), "listening");
  assert.equal(await remote.ask("serve", () => callThrice(port, size)), "2 served");
}

async function callThrice(port: number, size: number): Promise<void> {
  for (const length of [size, 1, 0]) {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    await once(socket, "connect");
    const back = everything(socket);
    socket.end(pattern(length));
    assert.deepEqual(await back, pattern(length));
  }
}

async function datagrams(t: TestContext, remote: Remote, port: number): Promise<void> {
  const echo = createSocket("udp4", (data, from) => echo.send(data, from.port));
  echo.bind(0, "127.0.0.1");
  await once(echo, "listening");
  t.after(() => echo.close());
  const sent = await remote.ask(`datagrams ${(echo.address() as AddressInfo).port} 10`);
  assert.match(sent, /^10 of \d+$/);

  assert.equal(await remote.ask(`bind ${UDP_ECHO}`), "bound");
  const client = createSocket("udp4");
  let heard = "";
  client.on("message", (data) => (heard = data.toString()));
  const again = setInterval(() => client.send("hello", port, "127.0.0.1"), 100);
  t.after(() => {
    clearInterval(again);
    client.close();
  });
  // Questions may be lost on the way, and answers as well.
  for (let i = 0; heard === "" && i < MOST_ANSWERS; i++) {
    assert.equal(await remote.ask("answer"), "10.0.2.2 5");
    await remote.board.run(0.05);
  }
  assert.equal(heard, "hello");
}

const FORWARDS = [
  { hostPort: 0, devicePort: TCP_ECHO },
  { hostPort: 0, devicePort: UDP_ECHO, udp: true },
];

test("an address from DHCP, names from DNS, the time from SNTP", async (t) => {
  const now = 1_900_000_000;
  let time: number | null = null;
  const names = { control: ["10.0.2.2"], "two.test": ["192.0.2.1", "192.0.2.2"] };
  const peer = { dns: names, time: () => time };
  const remote = await Remote.start(t, "sockets", { peer });
  const { board } = remote;
  assert.equal(await remote.ask("look two.test"), "192.0.2.1"); // lwIP takes the first
  assert.equal(await remote.ask("look nowhere.test"), "OSError(2, 'ENOENT')");
  assert.equal(await remote.ask("look 198.51.100.7"), "198.51.100.7");
  assert.equal(await remote.ask("settime"), "OSError(110, 'ETIMEDOUT')");
  time = now;
  assert.match(await remote.ask("settime"), /^190000000[01]$/);
  board.write("status\r");
  await board.waitFor(/clock: 2030-03-17 17:46:4\d UTC\r\n/, 5);
  await board.waitFor(/network: cable connected, address 10\.0\.2\.15\r\n/, 5);

  await t.test("which a restart keeps and a loss of power does not", async () => {
    time = null;
    remote.forget();
    board.write("restart\r");
    await board.waitFor(/after restart\r\n/, 5);
    await board.run(0.5);
    board.write("status\r");
    await board.waitFor(/clock: 2030-03-17 17:4\d:\d\d UTC\r\n/, 10);
    remote.forget();
    board.powerCut();
    await board.waitFor(/after power on\r\n/, 5);
    await board.run(0.5);
    board.write("status\r");
    await board.waitFor(/clock: not set/, 10);
  });
  assert.deepEqual([board.faults, board.complaints], [[], []]);
});

test("TCP and UDP, client and server", async (t) => {
  const remote = await Remote.start(t, "sockets", { peer: { forwards: FORWARDS } });
  await exchange(t, remote, 100_000);
  assert.deepEqual([remote.board.faults, remote.board.complaints], [[], []]);
  assert.deepEqual(remote.peer.dropped, {});
});

test("the same over a bad cable", async (t) => {
  const remote = await Remote.start(t, "sockets", {
    peer: { forwards: FORWARDS, ...BAD_CABLE, seed: 7 },
  });
  await exchange(t, remote, 20_000);
  assert.deepEqual([remote.board.faults, remote.board.complaints], [[], []]);
});
