// One and the same behaviour over the host's network and over lwIP: results, errors and the order
// of events at both ends of a connection.

import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { after, test } from "node:test";
import { Device } from "./device.ts";

const servers: net.Server[] = [];

after(() => {
  Device.endAll();
  for (const server of servers) server.close();
});

/** A server of one client; what it sees and does is the test's. */
class Server {
  readonly clients: net.Socket[] = [];

  static async start(): Promise<Server> {
    const server = net.createServer({ allowHalfOpen: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    servers.push(server);
    return new Server(server);
  }

  private constructor(private readonly server: net.Server) {
    server.on("connection", (client) => {
      client.on("error", () => undefined);
      this.clients.push(client);
    });
  }

  get port(): number {
    return (this.server.address() as net.AddressInfo).port;
  }

  /** The next client, connected with `device`: its socket there and here. */
  async meet(device: Device): Promise<[number, net.Socket]> {
    const count = this.clients.length;
    const s = await device.connect(this.port);
    assert.ok(s > 0, `connect: ${s}`);
    while (this.clients.length === count) await once(this.server, "connection");
    return [s, this.clients[count]!];
  }
}

const devices: [name: string, make: () => Promise<Device>][] = [
  ["the host's network", () => Device.onHost()],
  ["lwIP", () => Device.atPeer()],
];

for (const [name, make] of devices) {
  const scenario = (what: string, run: (device: Device) => Promise<void>) =>
    test(`${name}: ${what}`, async () => {
      const device = await make();
      await run(device);
      await device.close();
    });

  scenario("sockets that are not connected", async (device) => {
    assert.equal(await device.call("socket 2 1"), "1");
    assert.equal(await device.call("recv 1 10 0"), "-107 ");
    assert.equal(await device.call("send 1 x"), "-104");
    assert.equal(await device.call("accept 1"), "-22");
    assert.equal(await device.call("bind 1 192.0.2.1 0"), "-22");
    assert.equal(await device.call("listen 1 1"), "0");
    assert.equal(await device.call("listen 1 2"), "0");
    assert.equal(await device.call("recv 1 10 0"), "-107 ");
    assert.equal(await device.call("send 1 x"), "-104");
    assert.equal(await device.call("timeout 1 0"), "0");
    assert.equal(await device.call("accept 1"), "-11");
    assert.equal(await device.call("socket 2 2"), "2");
    assert.equal(await device.call("timeout 2 0"), "0");
    assert.equal(await device.call("recv 2 10 0"), "-11 ");
    assert.equal(await device.call("send 2 x"), "-22");
    assert.equal(await device.call("accept 2"), "-22");
    assert.equal(await device.call("listen 2 1"), "-22");
    assert.equal(await device.call("option 2 1 9 1"), "0");
    assert.equal(await device.call("close 1"), "0");
    assert.equal(await device.call("close 1"), "-9");
    assert.equal(await device.call("close 0"), "-9");
    assert.equal(await device.call("close 17"), "-9");
    assert.equal(await device.call("socket 2 1"), "1");
  });

  scenario("refused", async (device) => {
    const { port } = await Server.start();
    servers.pop()!.close();
    assert.equal(await device.call("socket 2 1"), "1");
    assert.equal(await device.call(`connect 1 ${device.gateway} ${port}`), "-111");
    assert.equal(await device.call("recv 1 10 0"), "0 ");
    assert.equal(await device.call("send 1 x"), "-104");
  });

  scenario("a connect that does not wait", async (device) => {
    const server = await Server.start();
    await device.call("resolve no.such.name.invalid 1"); // the network is up then
    await device.call("socket 2 1");
    await device.call("timeout 1 0");
    const first = await device.number(`connect 1 ${device.gateway} ${server.port}`);
    assert.ok(first === 0 || first === -115);
    await device.call("timeout 1 20000");
    assert.equal(await device.call(`connect 1 ${device.gateway} ${server.port}`), "0");
    const { port } = await Server.start();
    servers.pop()!.close();
    await device.call("socket 2 1");
    await device.call("timeout 2 0");
    const refused = await device.number(`connect 2 ${device.gateway} ${port}`);
    assert.ok(refused === -111 || refused === -115);
    await device.call("timeout 2 20000");
    if (refused === -115) {
      assert.equal(await device.call(`connect 2 ${device.gateway} ${port}`), "-111");
    }
  });

  scenario("the peer ends first and still listens", async (device) => {
    const server = await Server.start();
    const [s, client] = await server.meet(device);
    let heard = "";
    client.setEncoding("utf8").on("data", (text: string) => (heard += text));
    client.end("last");
    assert.equal(await device.call(`recv ${s} 2 2`), "2 la");
    assert.equal(await device.call(`recv ${s} 2 0`), "2 la");
    assert.equal(await device.call(`recv ${s} 10 0`), "2 st");
    assert.equal(await device.call(`recv ${s} 10 0`), "0 ");
    assert.equal(await device.call(`recv ${s} 10 0`), "0 ");
    assert.equal(await device.call(`send ${s} still`), "5");
    await device.call("sleep 20");
    assert.equal(await device.call(`send ${s} here`), "4");
    const closed = once(client, "close");
    assert.equal(await device.call(`close ${s}`), "0");
    await closed;
    assert.equal(heard, "stillhere");
  });

  scenario("the peer resets", async (device) => {
    const server = await Server.start();
    const [s, client] = await server.meet(device);
    client.write("before");
    assert.equal(await device.call(`recv ${s} 6 2`), "6 before");
    client.resetAndDestroy();
    await device.settle();
    assert.equal(await device.call(`recv ${s} 10 0`), "6 before");
    assert.equal(await device.call(`recv ${s} 10 0`), "-104 ");
    assert.equal(await device.call(`recv ${s} 10 0`), "0 ");
    assert.equal(await device.call(`send ${s} x`), "-104");
    const [t, second] = await server.meet(device);
    second.resetAndDestroy();
    await device.settle();
    assert.equal(await device.call(`send ${t} x`), "-104");
    assert.equal(await device.call(`send ${t} x`), "-104");
    assert.equal(await device.call(`recv ${t} 10 0`), "0 ");
  });

  scenario("closing with unread data resets, without it ends", async (device) => {
    const server = await Server.start();
    const [s, client] = await server.meet(device);
    const failed = once(client, "error").then(([e]) => (e as NodeJS.ErrnoException).code);
    client.resume().write("nobody reads this");
    await device.call(`recv ${s} 1 0`);
    await device.call(`close ${s}`);
    assert.equal(await failed, "ECONNRESET");
    const [t, second] = await server.meet(device);
    second.resume().write("x");
    await device.call(`recv ${t} 1 0`);
    const ended = once(second, "end");
    await device.call(`close ${t}`);
    await ended;
  });

  scenario("timeouts, and sending to a peer that does not read", async (device) => {
    const server = await Server.start();
    const [s, client] = await server.meet(device);
    client.pause();
    await device.call(`timeout ${s} 50`);
    assert.equal(await device.call(`recv ${s} 10 0`), "-110 ");
    assert.equal(await device.call(`pour ${s} 20000000`), "-110");
    await device.call(`timeout ${s} 0`);
    assert.equal(await device.call(`pour ${s} 20000000`), "-11");
    assert.equal(await device.call(`recv ${s} 10 0`), "-11 ");
    client.destroy();
  });

  scenario("a megabyte each way", async (device) => {
    const server = await Server.start();
    const [s, client] = await server.meet(device);
    const length = 1 << 20;
    const bytes = new Uint8Array(length).map((_, i) => i * 31 + (i >> 8) * 7);
    client.end(bytes);
    assert.equal(await device.number(`drain ${s}`), length);
    const back: Buffer[] = [];
    client.on("data", (piece: Buffer) => back.push(piece));
    assert.equal(await device.number(`pour ${s} ${length}`), length);
    const closed = once(client, "close");
    await device.call(`close ${s}`);
    await closed;
    assert.ok(Buffer.concat(back).equals(bytes));
  });

  scenario("addresses in use", async (device) => {
    const { port } = await Server.start();
    servers.pop()!.close();
    await device.call("socket 2 1");
    assert.equal(await device.call(`bind 1 127.0.0.1 ${port}`), "0");
    assert.equal(await device.call(`bind 1 127.0.0.1 ${port}`), "-22");
    assert.equal(await device.call("listen 1 1"), "0");
    await device.call("socket 2 1");
    assert.equal(await device.call(`bind 2 127.0.0.1 ${port}`), "-98");
    assert.equal(await device.call(`bind 2 0.0.0.0 ${port}`), "-98");
    await device.call("close 1");
    assert.equal(await device.call(`bind 2 0.0.0.0 ${port}`), "0");
    await device.call("socket 2 2");
    assert.equal(await device.call("bind 1 127.0.0.1 0"), "0");
  });

  scenario("clients of a listener that nobody accepts", async (device) => {
    const { port } = await Server.start();
    servers.pop()!.close();
    await device.call("socket 2 1");
    await device.call(`bind 1 127.0.0.1 ${port}`);
    await device.call("listen 1 2");
    for (const s of [2, 3]) {
      await device.call("socket 2 1");
      await device.call(`timeout ${s} 20000`);
      assert.equal(await device.call(`connect ${s} 127.0.0.1 ${port}`), "0");
    }
    await device.call("send 3 first-words");
    await device.call("send 2 hello");
    await device.call("close 2");
    const [accepted, ip] = (await device.call("accept 1")).split(" ");
    assert.deepEqual([accepted, ip], ["2", "127.0.0.1"]);
    assert.equal(await device.call("recv 2 10 0"), "5 hello");
    assert.equal(await device.call("recv 2 10 0"), "0 ");
    await device.call("close 1");
    await device.call("sleep 50");
    assert.equal(await device.call("recv 3 10 0"), "-104 ");
  });

  scenario("datagrams", async (device) => {
    const { port } = await Server.start();
    servers.pop()!.close();
    await device.call("socket 2 2");
    assert.equal(await device.call(`bind 1 127.0.0.1 ${port}`), "0");
    await device.call("socket 2 2");
    await device.call("timeout 1 20000");
    assert.equal(await device.call(`sendto 2 127.0.0.1 ${port} first`), "5");
    assert.equal(await device.call(`sendto 2 127.0.0.1 ${port} second`), "6");
    assert.equal(await device.call("recv 1 2 2"), "2 fi");
    const [n, text, ip, from] = (await device.call("recvfrom 1 2 0")).split(" ");
    assert.deepEqual([n, text, ip], ["2", "fi", "127.0.0.1"]);
    assert.equal(await device.call(`connect 1 127.0.0.1 ${from}`), "0");
    assert.equal(await device.call("recv 1 10 0"), "6 second");
    assert.equal(await device.call("send 1 back"), "4");
    await device.call("timeout 2 20000");
    assert.equal(await device.call("recv 2 10 0"), "4 back");
    assert.equal(await device.call("sendto 2 255.255.255.255 9 x"), "-13");
    await device.call("timeout 1 20");
    assert.equal(await device.call("recv 1 10 0"), "-110 ");
  });
}
