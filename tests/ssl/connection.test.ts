// One connection from the app's side: back pressure, key updates, half-closed streams, the end, and
// what it costs in memory. What a hostile server may try stands in tests/tls13/negative-*.

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { identityOf, pkiOf } from "../harness/identities.ts";
import { engines, loadEntry, type Instance } from "../harness/instance.ts";
import {
  Count,
  EAGAIN,
  MemoryClient,
  Text,
  Wants,
  describeError,
  type ClientOptions,
} from "../harness/memory-client.ts";
import { ScriptedServer, type ServerOptions } from "../harness/scripted-server.ts";
import { content, data, honestFlight, keyUpdate } from "../harness/scripted-steps.ts";
import { Alert, ContentType, HandshakeType, ascii, concat } from "../harness/tls13-wire.ts";

const CLOSED = -0x400 - 12;
const TRUNCATED = -0x100 - 254;
const AEAD_LIMIT = 1n << 24n;
const LINE = ascii("a line of the app's\n");

const CLOSE = content(ContentType.alert, Uint8Array.of(1, Alert.closeNotify));

interface Pair {
  client: MemoryClient;
  server: ScriptedServer;
}

for (const engine of engines) {
  describe(`connection (${engine})`, () => {
    let m: Instance;
    before(async () => (m = await loadEntry("tls", engine)));

    const serverWith = (options: Partial<ServerOptions> = {}): ScriptedServer =>
      new ScriptedServer({
        identity: identityOf(pkiOf("p256")),
        flights: [honestFlight()],
        ...options,
      });

    /** Moves bytes until neither side has any left. */
    const settle = ({ client, server }: Pair): void => {
      for (;;) {
        const out = client.take();
        server.receive(out);
        const back = server.take();
        if (out.length + back.length === 0) return;
        if (back.length > 0) client.receive(back);
      }
    };

    const connect = (server = serverWith(), options: ClientOptions = {}): Pair => {
      m.time = Math.floor(Date.now() / 1000);
      const pair = { client: new MemoryClient(m, options), server };
      settle(pair);
      return pair;
    };

    it("tells what it wants, step by step", () => {
      const server = serverWith({ onData: () => [] });
      const client = new MemoryClient(m, {});
      assert.equal(client.wants(), Wants.read | Wants.write);
      assert.equal(client.readSize(), -EAGAIN);
      assert.equal(client.writeRoom(), -EAGAIN);
      server.receive(client.take());
      assert.equal(client.wants(), Wants.read);
      client.receive(server.take());
      assert.equal(client.wants(), Wants.read | Wants.write | Wants.connected);
      server.receive(client.take());
      server.sendRecord(ContentType.applicationData, LINE);
      client.receive(server.take());
      assert.equal(client.wants(), Wants.connected, "what is there is read first");
      assert.deepEqual(client.read(), LINE);
      CLOSE(server);
      client.receive(server.take());
      assert.equal(client.wants(), Wants.connected | Wants.closed);
      assert.equal(client.readSize(), 0);
      client.free();
    });

    it("tells what was agreed, and nothing before", () => {
      const client = new MemoryClient(m, {});
      const out = m.alloc(64);
      assert.equal(m.call("connection_text", client.handle, 0, out, 64), -107);
      assert.equal(client.count(Count.secretBits), 0);
      client.free();
      const pair = connect(serverWith(), { ciphers: ["TLS_AES_256_GCM_SHA384"] });
      assert.equal(pair.client.text(Text.suite), "TLS_AES_256_GCM_SHA384");
      assert.equal(pair.client.text(Text.version), "TLSv1.3");
      assert.equal(pair.client.text(Text.group), "x25519");
      assert.deepEqual(pair.client.peerCertificate(), pkiOf("p256").leaf.der);
      assert.match(pair.client.text(Text.peerSubject), /CN=/);
      assert.equal(pair.client.count(Count.secretBits), 256);
      assert.equal(pair.client.count(Count.messagesIn), 5);
      assert.equal(pair.client.count(Count.messagesOut), 2);
      assert.ok(pair.client.count(Count.bytesOut) > 200);
      pair.client.free();
    });

    it("writes until the transport must take something", () => {
      const pair = connect(serverWith({ onData: () => [] }));
      const { client, server } = pair;
      const message = new Uint8Array(20_000).map((_, i) => i * 13);
      let sent = 0;
      while (sent < message.length) {
        const n = client.write(message.subarray(sent));
        if (n === -EAGAIN) settle(pair);
        else sent += n;
        assert.ok(n === -EAGAIN || n > 0);
      }
      settle(pair);
      assert.deepEqual(server.received, message);
      assert.equal(client.write(new Uint8Array(0)), 0);
      client.free();
    });

    it("keeps sealed what the app has not read yet", () => {
      const pair = connect(serverWith({ onData: () => [] }));
      const { client, server } = pair;
      for (let i = 0; i < 40; i++) {
        server.sendRecord(ContentType.applicationData, new Uint8Array(1000).fill(i));
      }
      let incoming = server.take();
      let heard = 0;
      while (incoming.length > 0 || client.readSize() > 0) {
        incoming = incoming.subarray(client.receive(incoming, 700));
        const size = client.readSize();
        assert.ok(size > 0 && size <= 1000, "one record at a time");
        const at = m.call("connection_read_at", client.handle);
        for (const byte of m.read(at, 1)) assert.equal(byte, Math.floor(heard / 1000));
        m.call("connection_consumed", client.handle, Math.min(size, 333));
        heard += Math.min(size, 333);
      }
      assert.equal(heard, 40_000);
      client.free();
    });

    it("answers any number of KeyUpdates with one, when there is room", () => {
      const pair = connect(serverWith({ onData: () => [] }));
      const { client, server } = pair;
      while (client.write(LINE) > 0); // the outbox is full, and nobody takes anything
      for (let i = 0; i < 20; i++) keyUpdate(1)(server);
      client.receive(server.take());
      settle(pair);
      const updates = server.handshake.filter(({ type }) => type === HandshakeType.keyUpdate);
      assert.ok(updates.length >= 1 && updates.length <= 2, `${updates.length} answers`);
      client.write(LINE);
      data(LINE)(server);
      settle(pair);
      assert.deepEqual(client.read(), LINE);
      client.free();
    });

    it("changes its keys before they are worn", () => {
      const pair = connect(serverWith({ onData: () => [] }));
      const { client, server } = pair;
      m.call("set_write_sequence", client.handle, AEAD_LIMIT - 1n);
      server.receiveKeys!.sequence = AEAD_LIMIT - 1n;
      for (let i = 0; i < 3; i++) assert.equal(client.write(LINE), LINE.length);
      settle(pair);
      assert.deepEqual(server.received, concat(LINE, LINE, LINE));
      const types = server.handshake.map(({ type }) => type);
      assert.equal(types.filter((type) => type === HandshakeType.keyUpdate).length, 1);
      client.free();
    });

    it("still writes when the peer has closed, until it closes itself", () => {
      const pair = connect(serverWith({ onData: () => [] }));
      const { client, server } = pair;
      CLOSE(server);
      client.receive(server.take());
      assert.equal(client.readSize(), 0);
      assert.equal(client.write(LINE), LINE.length);
      assert.equal(client.receiveEnd(), 0, "the stream was not cut short");
      assert.equal(client.close(), 0);
      settle(pair);
      assert.deepEqual(server.received, LINE);
      assert.deepEqual(
        server.alerts.map(({ description }) => description),
        [Alert.closeNotify],
      );
      for (const result of [client.write(LINE), client.receiveEnd()]) assert.equal(result, CLOSED);
      assert.equal(client.close(), 0);
      assert.equal(client.take().length, 0, "close_notify once");
      client.free();
    });

    it("tells of a stream that was cut, after all that came whole", () => {
      const { client, server } = connect(serverWith({ onData: () => [] }));
      data(LINE)(server);
      data(LINE)(server);
      client.receive(server.take().subarray(0, -1));
      assert.equal(client.receiveEnd(), 0);
      assert.deepEqual(client.read(), LINE);
      assert.equal(client.readSize(), TRUNCATED);
      assert.equal(describeError(m, TRUNCATED).text, "MBEDTLS_ERR_SSL_CONN_EOF");
      assert.equal(client.take().length, 0, "there is nobody to tell");
      client.free();
    });

    it("wipes keys and plaintext when it closes and when it fails", () => {
      const closed = connect();
      closed.client.write(LINE);
      assert.equal(m.call("is_wiped", closed.client.handle), 0);
      closed.client.close();
      assert.equal(m.call("is_wiped", closed.client.handle), 1);
      settle(closed);
      assert.deepEqual(closed.server.received, LINE, "what was sealed still goes out");
      closed.client.free();
      const failed = connect();
      failed.client.receive(Uint8Array.of(23, 3, 3, 0, 17, ...new Uint8Array(17)));
      assert.equal(failed.client.wants(), Wants.write, "its alert first");
      assert.equal(m.call("is_wiped", failed.client.handle), 1);
      failed.client.free();
    });

    it("can be closed and freed at any moment", () => {
      m.reset();
      const used = m.call("memory_used");
      const early = new MemoryClient(m, {});
      assert.equal(early.close(), 0);
      const alert = early.take().subarray(-7);
      assert.deepEqual([...alert], [21, 3, 3, 0, 2, 1, 0]);
      early.free();
      new MemoryClient(m, {}).free();
      assert.equal(m.call("memory_used"), used);
    });
  });

  describe(`memory of connections (${engine})`, () => {
    const rounds = engine === "wasm3" ? 16 : 128;

    it(`${rounds} connections in a row leave nothing behind`, async () => {
      const m = await loadEntry("tls", engine);
      m.time = Math.floor(Date.now() / 1000);
      const pki = pkiOf("p256");
      const used = m.call("memory_used");
      const ends = new Set<number>();
      for (let i = 0; i < rounds; i++) {
        const client = new MemoryClient(m, { anchors: pki.root.der });
        const server = new ScriptedServer({
          identity: identityOf(pki),
          flights: [honestFlight()],
        });
        for (let part = client.take(); part.length > 0; part = client.take()) {
          server.receive(part);
          client.receive(server.take());
        }
        assert.ok((client.wants() & Wants.connected) !== 0);
        client.free();
        assert.equal(m.call("memory_used"), used);
        ends.add(m.call("memory_end"));
      }
      assert.equal(ends.size, 1, "the memory does not creep");
    });

    it("a connection costs what it should", async () => {
      const m = await loadEntry("tls", engine);
      const before = m.call("memory_used");
      const client = new MemoryClient(m, {});
      const handshaking = m.call("memory_used") - before;
      const server = new ScriptedServer({
        identity: identityOf(pkiOf("p256")),
        flights: [honestFlight()],
      });
      server.receive(client.take());
      client.receive(server.take());
      const connected = m.call("memory_used") - before;
      const certificate = client.peerCertificate().length;
      console.log(
        `memory of a connection on ${engine}: ${handshaking} bytes in the handshake,`,
        `${connected} after it (peer certificate ${certificate})`,
      );
      assert.ok(handshaking < 24_000, `${handshaking} bytes`);
      assert.ok(connected - certificate < 22_000, `${connected} bytes`);
      client.free();
    });
  });
}
