// Whole handshakes of RFC 8448, byte for byte: our client takes the place of the RFC's, with its
// private keys and its ClientHello (whose extensions stand in another order than ours), reads every
// record of the server, and must answer with the very records of the RFC.
//
// The certificate is an RSA-1024 one from 2016: nobody checks the chain, but its signature over the
// transcript is verified as always.

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { engines, loadEntry, type Instance } from "../harness/instance.ts";
import { Count, MemoryClient, Text } from "../harness/memory-client.ts";
import { messages, payload, records, scalar, section } from "../vectors/rfc8448.ts";

const HEADER = 5;

/** Section 5 of the RFC, where ../shared/vectors is. */
const retry = section("HelloRetryRequest_Handshake");
if (retry === null) console.log("rfc8448: trace of HelloRetryRequest skipped, no vectors folder");

for (const engine of engines) {
  describe(`RFC 8448 (${engine})`, () => {
    let m: Instance;
    before(async () => (m = await loadEntry("tls", engine)));

    it("simple 1-RTT handshake, tickets, data and close_notify", () => {
      const client = new MemoryClient(m, { name: "server" });
      const hello = records.clientHello.subarray(HEADER);
      m.call("replay", client.handle, m.put(hello), hello.length, m.put(scalar));
      succeeds(client, records.serverHello);
      assert.equal(client.take().length, 0);
      succeeds(client, records.serverFlight);
      assert.deepEqual(client.take(), records.clientFinished);
      assert.equal(client.text(Text.suite), "TLS_AES_128_GCM_SHA256");
      assert.equal(client.text(Text.group), "x25519");
      assert.deepEqual(client.peerCertificate(), messages.certificate.slice(11, -2));
      succeeds(client, records.newSessionTicket);
      assert.equal(client.write(payload), payload.length);
      assert.deepEqual(client.take(), records.clientData);
      succeeds(client, records.serverData);
      assert.deepEqual(client.read(), payload);
      assert.equal(client.close(), 0);
      assert.deepEqual(client.take(), records.clientClose);
      assert.equal(client.count(Count.messagesIn), 6);
      client.free();
    });

    it("the server's close_notify", () => {
      const client = new MemoryClient(m, { name: "server" });
      const hello = records.clientHello.subarray(HEADER);
      m.call("replay", client.handle, m.put(hello), hello.length, m.put(scalar));
      const { serverHello, serverFlight, newSessionTicket, serverData, serverClose } = records;
      for (const record of [serverHello, serverFlight, newSessionTicket, serverData]) {
        succeeds(client, record);
      }
      assert.deepEqual(client.read(), payload);
      succeeds(client, serverClose);
      assert.equal(client.readSize(), 0);
      client.free();
    });

    it("HelloRetryRequest to P-256", { skip: retry === null }, () => {
      const trace = retry!;
      const client = new MemoryClient(m, { name: "server" });
      const pool = trace.Client_RNG_Pool;
      const [x25519Scalar, p256Scalar] = [pool.subarray(32, 64), pool.subarray(64, 96)];
      const hello = trace.Record_ClientHello_1.subarray(HEADER);
      const request = trace.Record_HelloRetryRequest.subarray(HEADER);
      const second = trace.Record_ClientHello_2.subarray(HEADER);
      m.call("replay", client.handle, m.put(hello), hello.length, m.put(x25519Scalar));
      succeeds(client, trace.Record_HelloRetryRequest);
      const far = [hello, request, second].flatMap((bytes) => [m.put(bytes), bytes.length]);
      m.call("replay_second", client.handle, ...far, m.put(p256Scalar));
      succeeds(client, trace.Record_ServerHello);
      succeeds(client, trace.Record_ServerHandshakeMessages);
      assert.deepEqual(client.take(), trace.Record_ClientFinished);
      assert.equal(client.text(Text.group), "secp256r1");
      assert.equal(client.close(), 0);
      assert.deepEqual(client.take(), trace.Record_Client_CloseNotify);
      client.free();
    });

    function succeeds(client: MemoryClient, record: Uint8Array): void {
      assert.equal(client.receive(record), record.length);
    }
  });
}
