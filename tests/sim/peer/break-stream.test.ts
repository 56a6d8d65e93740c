// The host's end of a broken connection: it is closed whatever it was about to do.

import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import test from "node:test";
import { breakStream } from "../../../scripts/sim/peer/tcp-bridge.ts";

/** Both ends of a connection; the second does not read yet. */
async function connection(): Promise<[net.Socket, net.Socket]> {
  const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  const client = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  const [[accepted]] = await Promise.all([once(server, "connection"), once(client, "connect")]);
  server.close();
  return [client, accepted as net.Socket];
}

/** What the other end gets: its bytes, and how it ended. */
async function received(socket: net.Socket): Promise<{ bytes: number; end: string }> {
  let bytes = 0;
  socket.on("data", (data) => (bytes += data.length));
  const end = await new Promise<string>((resolve) => {
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code!));
    socket.on("end", () => resolve("end"));
    socket.resume();
  });
  socket.destroy();
  return { bytes, end };
}

test("open: the other end gets a reset", { timeout: 20_000 }, async () => {
  const [client, other] = await connection();
  const closed = once(client, "close");
  breakStream(client);
  await closed;
  assert.equal((await received(other)).end, "ECONNRESET");
});

test("about to send its FIN: it is closed, too", { timeout: 20_000 }, async () => {
  const [client, other] = await connection();
  const closed = once(client, "close");
  client.end();
  assert.ok(!client.writableFinished);
  breakStream(client);
  await closed;
  other.destroy();
});

test("with bytes that the other end has still to read", { timeout: 20_000 }, async () => {
  const [client, other] = await connection();
  const closed = once(client, "close");
  const size = 16 << 20;
  client.end(Buffer.alloc(size));
  breakStream(client);
  const got = await received(other);
  await closed;
  // That libuv calls a reset an end, behind a read of what was left, is the reader's.
  assert.ok(got.bytes > 0 && got.bytes <= size);
});

test("that is closed already", { timeout: 20_000 }, async () => {
  const [client, other] = await connection();
  client.end();
  await once(client, "finish");
  const closed = once(client, "close");
  breakStream(client);
  await closed;
  breakStream(client);
  other.destroy();
});
