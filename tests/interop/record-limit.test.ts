// Small receive buffers against servers that know max_fragment_length (OpenSSL), record_size_limit
// (GnuTLS) or neither: 100 KB come through 1, 2 and 4 KB, or there is an error that says why not.
// ssl.wasm in V8 over TCP, and the whole device on wassl-host, whose tiers take turns.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { boardTiers, runApp } from "../device/app.ts";
import { identityOf, pkiOf } from "../harness/identities.ts";
import { engines, loadSsl, type Instance } from "../harness/instance.ts";
import { gnutlsServer, opensslServer, type Peer } from "../harness/peers.ts";
import { listen } from "../harness/scripted-listener.ts";
import { data, honestFlight } from "../harness/scripted-steps.ts";
import { TcpClient } from "../harness/tcp-client.ts";
import { deterministicBytes } from "../harness/tls13-keys.ts";
import { Alert, MAX_CONTENT, ascii } from "../harness/tls13-wire.ts";
import { SUITES, connected, now } from "./common.ts";

/** Our records have a little more where nobody takes less (assembly/tls/outbox.ts). */
const OURS = 1900;
const SIZES = [4096, 2048, 1024];
const FILE = Uint8Array.from({ length: 100 << 10 }, (_, i) => (7 * i) % 251);
const pki = pkiOf("rsa"); // its chain is longer than the smallest buffer

const folder = mkdtempSync(path.join(tmpdir(), "wassl-www-"));
let m: Instance;
let web: Peer;

before(async () => {
  writeFileSync(path.join(folder, "file"), FILE);
  const args = ["-WWW", "-tls1_3", "-http_server_binmode"];
  web = await opensslServer({ pki, args, cwd: folder });
  m = await loadSsl(engines[0]!);
  m.time = now();
});

after(async () => {
  await web?.stop();
  rmSync(folder, { recursive: true });
});

for (const receiveBuffer of SIZES) {
  test(`openssl sends 100 KB to ${receiveBuffer} bytes`, async () => {
    const options = { anchors: pki.root.der, receiveBuffer };
    const client = await TcpClient.connect(m, web.port, options);
    assert.equal(Math.min(client.tls.writeRoom(), OURS), Math.min(receiveBuffer, OURS));
    await client.write(ascii("GET /file HTTP/1.0\r\n\r\n"));
    const answer = Buffer.from(await client.readToEnd());
    await client.close();
    assert.ok(answer.subarray(answer.indexOf("\r\n\r\n") + 4).equals(FILE));
  });
}

/** Sends lines, each in one record, and waits for them to come back. */
async function echo100k(client: TcpClient): Promise<void> {
  const line = 1800;
  const bytes = Buffer.from(deterministicBytes("echo", FILE.length)).toString("latin1");
  const text = bytes.replace(/[\r\n*\0]/g, "-");
  for (let at = 0; at < text.length; at += line) {
    const sent = Buffer.from(`${text.slice(at, at + line - 1)}\n`, "latin1");
    await client.write(sent);
    assert.ok(sent.equals(await client.read(sent.length)));
  }
}

const GNUTLS = "NORMAL:-VERS-ALL:+VERS-TLS1.3";
const LIMITS: [what: string, args: string[], receiveBuffer: number, sent: number][] = [
  ["100 KB through 1024 bytes, in records shorter than ours", [], 1024, OURS],
  ["100 KB, and takes but 512 bytes itself", ["--recordsize", "512"], 2048, 512],
];

for (const [what, limit, receiveBuffer, sent] of LIMITS) {
  test(`gnutls sends back ${what}`, async () => {
    const peer = await gnutlsServer({ pki, args: ["--disable-client-cert", ...limit] }, GNUTLS);
    try {
      await connected(m, peer.port, { pki, receiveBuffer }, async (client) => {
        assert.equal(Math.min(client.tls.writeRoom(), OURS), sent);
        await echo100k(client);
      });
    } finally {
      await peer.stop();
    }
  });
}

const files = { scenario: "download", suites: SUITES[0]!, "ca.der": pki.root.der };

for (const [i, size] of SIZES.entries()) {
  const tier = boardTiers[i % boardTiers.length]!;
  test(`wassl-host (${tier}) fetches 100 KB through ${size} bytes`, async () => {
    const options = [`--receive-buffer=${size}`];
    const outcome = await runApp("interop", { tier, port: web.port, files, options });
    assert.deepEqual(outcome.reports, []);
    assert.deepEqual(outcome.lines, [`${FILE.length} unchanged`]);
  });

  test(`wassl-host (${tier}) and a server that sends 16 KB to ${size} bytes`, async () => {
    const flood = data(FILE.subarray(0, MAX_CONTENT));
    const server = { identity: identityOf(pki), flights: [honestFlight()], onData: () => [flood] };
    const listener = await listen(server);
    try {
      const options = [`--receive-buffer=${size}`];
      const outcome = await runApp("interop", { tier, port: listener.port, files, options });
      assert.deepEqual(outcome.reports, [], "no trap");
      assert.deepEqual(outcome.lines, [
        "OSError(-27136, 'MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL: the peer sends records " +
          "longer than receive_buffer, and has not agreed to shorter ones')",
      ]);
      const heard = listener.servers[0]!.alerts.map(({ description }) => description);
      assert.deepEqual(heard, [Alert.recordOverflow]);
    } finally {
      await listener.close();
    }
  });
}
