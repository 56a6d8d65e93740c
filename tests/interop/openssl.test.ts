// Our client against OpenSSL's s_server: every suite, group and kind of certificate, large
// transfers both ways, key updates, fragments, client certificates and the refusals. ssl.wasm runs
// in V8, the bytes go over TCP.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { pkiOf } from "../harness/identities.ts";
import { engines, loadSsl, type Instance } from "../harness/instance.ts";
import { Count } from "../harness/memory-client.ts";
import { opensslServer, type Peer, type PeerOptions } from "../harness/peers.ts";
import { TcpClient } from "../harness/tcp-client.ts";
import { deterministicBytes } from "../harness/tls13-keys.ts";
import { ascii } from "../harness/tls13-wire.ts";
import {
  GROUPS,
  KINDS,
  SUITES,
  checkAgreement,
  connected,
  isRefused,
  now,
  testRefusals,
} from "./common.ts";

let m: Instance;

before(async () => {
  m = await loadSsl(engines[0]!);
  m.time = now();
});

const reversed = (line: string): string => [...line].reverse().join("");

/** One server for all tests of a group; `-rev` sends every line back, reversed. */
function withServer(
  title: string,
  options: () => PeerOptions,
  tests: (peer: () => Peer) => void,
): void {
  describe(title, () => {
    let peer: Peer;
    before(async () => (peer = await opensslServer(options())));
    after(() => peer?.stop());
    tests(() => peer);
  });
}

for (const kind of KINDS) {
  for (const { group, openssl } of GROUPS) {
    const args = ["-rev", "-tls1_3", "-groups", openssl];
    withServer(
      `openssl, ${kind}, ${group}`,
      () => ({ pki: pkiOf(kind), args }),
      (peer) => {
        for (const suite of SUITES) {
          it(suite, () =>
            connected(m, peer().port, { pki: pkiOf(kind), ciphers: [suite] }, async (client) => {
              checkAgreement(client, { suite, group });
              assert.deepEqual(client.tls.peerCertificate(), pkiOf(kind).leaf.der);
              const line = "the quick brown fox";
              await client.write(ascii(`${line}\n`));
              const answer = await client.read(line.length + 1);
              assert.equal(Buffer.from(answer).toString(), `${reversed(line)}\n`);
            }),
          );
        }
      },
    );
  }
}

const MEGABYTE = deterministicBytes("a megabyte", 1 << 20);
/** Lines that s_server's console does not take for commands. */
const UPLOAD = Buffer.from(deterministicBytes("upload", 128 << 10)).toString("hex");

describe("openssl, large transfers", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "wassl-www-"));
  writeFileSync(path.join(folder, "megabyte"), MEGABYTE);
  after(() => rmSync(folder, { recursive: true }));

  for (const suite of SUITES) {
    const args = ["-WWW", "-tls1_3", "-http_server_binmode"];
    const options = (): PeerOptions => ({ pki: pkiOf("p256"), args, cwd: folder });
    withServer(`a megabyte down, ${suite}`, options, (peer) => {
      it("in records of 16 KB", () => download(peer().port, suite));
    });
  }
  for (const size of ["512", "1024"]) {
    const fragments = ["-split_send_frag", size, "-max_send_frag", size];
    const args = ["-WWW", "-tls1_3", "-http_server_binmode", ...fragments];
    const options = (): PeerOptions => ({ pki: pkiOf("rsa"), args, cwd: folder });
    withServer(`a megabyte down, fragments of ${size}`, options, (peer) => {
      it("arrives", () => download(peer().port, SUITES[0]));
    });
  }
});

async function download(port: number, suite: string): Promise<void> {
  const client = await TcpClient.connect(m, port, { ciphers: [suite] });
  await client.write(ascii("GET /megabyte HTTP/1.0\r\n\r\n"));
  const answer = Buffer.from(await client.readToEnd());
  await client.close();
  const body = answer.subarray(answer.indexOf("\r\n\r\n") + 4);
  assert.ok(body.equals(MEGABYTE), "the file arrived unchanged");
}

withServer(
  "openssl, its console",
  () => ({ pki: pkiOf("p256"), args: ["-tls1_3"] }),
  (peer) => {
    it("256 KB up arrive unchanged", () =>
      connected(m, peer().port, { pki: pkiOf("p256") }, async (client) => {
        await client.write(ascii(`${UPLOAD}\n`));
        await peer().until(UPLOAD.slice(-64));
        assert.ok(peer().output().replaceAll("\r", "").includes(UPLOAD));
      }));

    it("KeyUpdate, and KeyUpdate that asks for ours", () =>
      connected(m, peer().port, { pki: pkiOf("p256") }, async (client) => {
        await talkOnce(client, peer(), "before");
        for (const command of ["k", "K", "k", "K"]) {
          const before = client.tls.count(Count.messagesIn);
          peer().type(`${command}\n`);
          await talkOnce(client, peer(), command);
          assert.ok(client.tls.count(Count.messagesIn) > before, "a KeyUpdate came");
        }
      }));

    it("closing without close_notify, which is no clean end", async () => {
      const client = await TcpClient.connect(m, peer().port);
      await talkOnce(client, peer(), "last");
      peer().type("q\n"); // it closes the socket and says nothing
      await isRefused(client.readToEnd(), -29312, "MBEDTLS_ERR_SSL_CONN_EOF", -1);
      client.free();
    });
  },
);

let counter = 0;

/** A line in each direction, which nothing said before is equal to. */
async function talkOnce(client: TcpClient, peer: Peer, about: string): Promise<void> {
  const [down, up] = [`down ${about} ${++counter}\n`, `up ${about} ${counter}\n`];
  await client.write(ascii(up));
  await peer.until(up); // from now on it is this connection that its console talks to
  peer.type(down);
  assert.equal(Buffer.from(await client.read(down.length)).toString(), down);
}

withServer(
  "openssl, asking for a client certificate",
  () => ({ pki: pkiOf("p256"), args: ["-rev", "-tls1_3", "-verify", "1"] }),
  (peer) => {
    it("goes on without one", () =>
      connected(m, peer().port, { pki: pkiOf("p256") }, async (client) => {
        await client.write(ascii("ab\n"));
        assert.equal(Buffer.from(await client.read(3)).toString(), "ba\n");
      }));
  },
);

withServer(
  "openssl, insisting on a client certificate",
  () => ({ pki: pkiOf("p256"), args: ["-rev", "-tls1_3", "-Verify", "1"] }),
  (peer) => {
    it("ends with certificate_required", async () => {
      const client = await TcpClient.connect(m, peer().port);
      await isRefused(client.read(1), -30592, "MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE", 116);
      client.free();
    });
  },
);

withServer(
  "openssl, TLS 1.2 only",
  () => ({ pki: pkiOf("p256"), args: ["-tls1_2"] }),
  (peer) => {
    it("there is no common version", () =>
      isRefused(
        TcpClient.connect(m, peer().port),
        -30592,
        "MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE",
        70,
      ));
  },
);

withServer(
  "openssl, one connection and then gone",
  () => ({ pki: pkiOf("p256"), args: ["-rev", "-tls1_3"] }),
  (peer) => {
    it("a server that dies is no clean end", async () => {
      const client = await TcpClient.connect(m, peer().port);
      await peer().stop();
      await isRefused(client.readToEnd(), -29312, "MBEDTLS_ERR_SSL_CONN_EOF", -1);
      client.free();
    });
  },
);

testRefusals(opensslServer, ["-rev", "-tls1_3"], () => m);
