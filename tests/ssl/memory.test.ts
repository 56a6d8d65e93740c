// What happens when the memory is used up: ENOMEM, wherever in the making of a context or a
// connection it happens, nothing kept, and the same calls work again when there is room. ssl.wasm
// is given one page, as a small device would give it, and every bit of it but a little is taken
// away.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { compileSsl } from "../harness/compile.ts";
import { identityOf, pkiOf } from "../harness/identities.ts";
import { engines, loadWasm, type Instance } from "../harness/instance.ts";
import { MemoryClient, Wants } from "../harness/memory-client.ts";
import { ScriptedServer } from "../harness/scripted-server.ts";
import { certificate, honestFlight } from "../harness/scripted-steps.ts";
import { ContentType, ascii, concat } from "../harness/tls13-wire.ts";
import { flight } from "../tls13/refusal.ts";

const ENOMEM = 12;
const MEMORY_SECTION = 5;
const NAME = ascii("localhost");

/** The program with a memory that never grows: its section says 1 page and no maximum. */
function limited(wasm: Uint8Array): Uint8Array {
  const unlimited = Buffer.from([MEMORY_SECTION, 3, 1, 0, 1]);
  const at = Buffer.from(wasm).indexOf(unlimited, 8);
  assert.ok(at > 0, "no memory section of one page");
  const section = Uint8Array.of(MEMORY_SECTION, 4, 1, 1, 1, 1);
  return concat(wasm.subarray(0, at), section, wasm.subarray(at + unlimited.length));
}

const engine = engines[0]!;

describe(`one page of memory (${engine})`, () => {
  const folder = mkdtempSync(path.join(tmpdir(), "wassl-memory-"));
  let m: Instance;
  before(async () => {
    const file = path.join(folder, "ssl.wasm");
    writeFileSync(file, limited(readFileSync(await compileSsl())));
    m = await loadWasm(file, engine);
    m.time = Math.floor(Date.now() / 1000);
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Takes memory away until a block of n bytes is the largest that is left; gives what it took. */
  const leave = (n: number): number[] => {
    const room = m.call("alloc", n);
    assert.ok(room > 0);
    const taken: number[] = [];
    for (let size = 32768; size >= 8; size >>= 1) {
      for (let p = m.call("alloc", size); p > 0; p = m.call("alloc", size)) taken.push(p);
    }
    m.call("release", room);
    return taken;
  };

  const giveBack = (blocks: number[]): void => blocks.forEach((p) => m.call("release", p));

  it("holds a verified connection", () => {
    const client = new MemoryClient(m, { anchors: pkiOf("p256").root.der });
    const identity = identityOf(pkiOf("p256"));
    const server = new ScriptedServer({ identity, flights: [honestFlight()] });
    server.receive(client.take());
    client.receive(server.take());
    assert.equal(client.wants(), Wants.read | Wants.write | Wants.connected);
    client.free();
    assert.equal(m.memorySize, 65536);
  });

  it("ends before its last page does, where the device has less", () => {
    m.call("memory_limit", 48 * 1024);
    const taken = leave(64);
    assert.ok(m.call("memory_end") <= 48 * 1024);
    assert.ok(m.call("memory_end") > 47 * 1024);
    assert.equal(m.call("connection_new", m.call("context_new", 0), 0, 0, 0), -ENOMEM);
    giveBack(taken);
    m.call("memory_limit", 0x7fffffff);
    m.reset();
  });

  it("a connection fails with ENOMEM at every step of its making", () => {
    const context = m.call("context_new", 0);
    const name = m.put(NAME);
    const used = m.call("memory_used");
    let [made, failed] = [0, 0];
    for (let n = 16; n < 25_000; n += n < 20_000 ? 512 : 64) {
      const taken = leave(n);
      const full = m.call("memory_used");
      const handle = m.call("connection_new", context, 0, name, NAME.length);
      if (handle > 0) m.call("connection_free", handle);
      else assert.equal(handle, -ENOMEM, `${n} bytes left`);
      assert.equal(m.call("memory_used"), full, `${n} bytes left`);
      giveBack(taken);
      assert.equal(m.call("memory_used"), used);
      if (handle > 0) made++;
      else failed++;
    }
    assert.ok(made > 10 && failed > 10, `${made} made, ${failed} failed`);
    m.call("context_free", context);
    m.reset();
  });

  it("so do contexts and certificates to trust", () => {
    const { der } = pkiOf("p256").root;
    const data = m.put(concat(der, der));
    const outcomes = new Set<number>();
    for (let n = 8; n < 4000; n += 24) {
      const context = m.call("context_new", 0);
      const taken = leave(n);
      const full = m.call("memory_used");
      const result = m.call("context_load_verify", context, data, 2 * der.length);
      outcomes.add(result);
      if (result < 0) assert.equal(m.call("memory_used"), full, `${n} bytes left`);
      const second = m.call("context_new", 0);
      if (second > 0) m.call("context_free", second);
      else assert.equal(second, -ENOMEM);
      giveBack(taken);
      m.call("context_free", context);
    }
    assert.deepEqual([...outcomes].sort(), [-ENOMEM, 2]);
    m.reset();
  });

  it("a certificate that does not fit ends the handshake, with an alert", () => {
    const client = new MemoryClient(m, {});
    const identity = identityOf(pkiOf("p256"));
    const server = new ScriptedServer({ identity, flights: [honestFlight()] });
    server.receive(client.take());
    const taken = leave(64);
    assert.equal(client.receive(server.take()), -ENOMEM);
    assert.equal(client.wants(), Wants.write);
    server.receive(client.take());
    assert.equal(client.wants(), -ENOMEM);
    assert.deepEqual(
      server.alerts.map(({ description }) => description),
      [80],
    );
    giveBack(taken);
    client.free();
  });

  /** A client whose receive buffer is smaller than the server's flight, which is one record. */
  const smallClient = (receiveBuffer = 1024): [MemoryClient, Uint8Array, ScriptedServer] => {
    const client = new MemoryClient(m, { receiveBuffer });
    const identity = identityOf(pkiOf("p256"));
    const chain = [...identity.chain, ...identity.chain];
    const flights = flight({ certificate: certificate({ chain }) });
    const server = new ScriptedServer({ identity, flights, framing: "flight" });
    server.receive(client.take());
    return [client, server.take(), server];
  };

  it("a receive buffer costs what it holds, and what it has grown by is given back", () => {
    const costs = [16_384, 4096, 2048, 1024].map((size) => {
      const before = m.call("memory_used");
      const [client, incoming] = smallClient(size);
      client.receive(incoming);
      assert.ok(m.call("connection_receive_room", client.handle) > size);
      const cost = m.call("memory_used") - before;
      client.free();
      return cost - size;
    });
    console.log(`memory of a connection: ${costs[0]} bytes and its receive buffer`);
    assert.deepEqual(costs.slice(1), [costs[0], costs[0], costs[0]]);
  });

  it("unread data keeps no more of it than the receive buffer holds", () => {
    const [client, incoming, server] = smallClient();
    for (let i = 0; i < 8; i++) {
      server.sendRecord(ContentType.applicationData, new Uint8Array(1000));
    }
    const taken = client.receive(concat(incoming, server.take()));
    const kept = taken - incoming.length;
    const overhead = 5 + 17; // of the buffer's capacity, and of the record that is open already
    assert.ok(kept > 1000 && kept <= 1024 + 2 * overhead, `${kept} bytes`);
    client.free();
  });

  it("a receive buffer that cannot grow ends the handshake, with an alert", () => {
    let [connected, failed] = [0, 0];
    const used = m.call("memory_used");
    for (let n = 64; n < 4000; n += 128) {
      const [client, incoming] = smallClient();
      const taken = leave(n);
      const result = client.receive(incoming);
      if (result < 0) assert.equal(result, -ENOMEM, `${n} bytes left`);
      if (result < 0) assert.equal(client.take()[0], 23, "an alert under the handshake's keys");
      if (result < 0) failed++;
      else connected += client.isConnected ? 1 : 0;
      giveBack(taken);
      client.free();
      assert.equal(m.call("memory_used"), used);
    }
    assert.ok(connected > 5 && failed > 5, `${connected} connected, ${failed} failed`);
  });
});
