// Our client against GnuTLS: every suite, group and kind of certificate, echoes, its key updates,
// client certificates and the refusals. gnutls-serv asks for a client certificate unless it is told
// not to.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { pkiOf } from "../harness/identities.ts";
import { engines, loadSsl, type Instance } from "../harness/instance.ts";
import { Count } from "../harness/memory-client.ts";
import { gnutlsServer, type Peer, type PeerOptions } from "../harness/peers.ts";
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
  unrelatedChain,
} from "./common.ts";

const TLS13 = "NORMAL:-VERS-ALL:+VERS-TLS1.3";
const NO_REQUEST = ["--disable-client-cert"];

let m: Instance;

before(async () => {
  m = await loadSsl(engines[0]!);
  m.time = now();
});

function withServer(
  title: string,
  options: () => PeerOptions,
  priority: string,
  tests: (peer: () => Peer) => void,
): void {
  describe(title, () => {
    let peer: Peer;
    before(async () => (peer = await gnutlsServer(options(), priority)));
    after(() => peer?.stop());
    tests(() => peer);
  });
}

async function echoes(client: TcpClient, text: string): Promise<void> {
  await client.write(ascii(text));
  assert.equal(Buffer.from(await client.read(text.length)).toString("latin1"), text);
}

for (const kind of KINDS) {
  for (const { group, gnutls } of GROUPS) {
    const options = (): PeerOptions => ({ pki: pkiOf(kind), args: NO_REQUEST });
    const priority = `${TLS13}:-GROUP-ALL:+${gnutls}`;
    withServer(`gnutls, ${kind}, ${group}`, options, priority, (peer) => {
      for (const suite of SUITES) {
        it(suite, () =>
          connected(m, peer().port, { pki: pkiOf(kind), ciphers: [suite] }, async (client) => {
            checkAgreement(client, { suite, group });
            assert.deepEqual(client.tls.peerCertificate(), pkiOf(kind).leaf.der);
            await echoes(client, "the quick brown fox\n");
          }),
        );
      }
    });
  }
}

const plain = (): PeerOptions => ({ pki: pkiOf("p256"), args: NO_REQUEST });

withServer("gnutls, transfers and updates", plain, TLS13, (peer) => {
  // gnutls-serv reads 16 KB at a time and may split what it echoes
  it("256 KB go up and come back", () =>
    connected(m, peer().port, { pki: pkiOf("p256") }, async (client) => {
      const bytes = Buffer.from(deterministicBytes("echo", 256 << 10)).toString("latin1");
      const text = bytes.replace(/[\r\n*\0]/g, "-");
      for (let at = 0; at < text.length; at += 1024) {
        await echoes(client, `${text.slice(at, at + 1023)}\n`);
      }
    }));

  it("KeyUpdate", () =>
    connected(m, peer().port, { pki: pkiOf("p256") }, async (client) => {
      for (let i = 0; i < 3; i++) {
        const before = client.tls.count(Count.messagesIn);
        await client.write(ascii("**REHANDSHAKE**\n"));
        await readPast(client, "Successfully executed command\n");
        await echoes(client, `under keys number ${i}\n`);
        assert.ok(client.tls.count(Count.messagesIn) > before, "a KeyUpdate came");
      }
    }));
});

async function readPast(client: TcpClient, text: string): Promise<void> {
  assert.equal(Buffer.from(await client.read(text.length)).toString(), text);
}

withServer(
  "gnutls, asking for a client certificate",
  () => ({ pki: pkiOf("p256") }),
  TLS13,
  (peer) => {
    it("goes on without one", () =>
      connected(m, peer().port, { pki: pkiOf("p256") }, (client) => echoes(client, "hello\n")));
  },
);

withServer(
  "gnutls, insisting on a client certificate",
  () => ({ pki: pkiOf("p256"), args: ["--require-client-cert"] }),
  TLS13,
  (peer) => {
    it("ends with an alert", async () => {
      const client = await TcpClient.connect(m, peer().port);
      await isRefused(client.read(1), -30592, "MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE", 116);
      client.free();
    });
  },
);

withServer("gnutls, TLS 1.2 only", plain, "NORMAL:-VERS-ALL:+VERS-TLS1.2", (peer) => {
  it("there is no common version", () =>
    isRefused(
      TcpClient.connect(m, peer().port),
      -30592,
      "MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE",
      40, // its name for it
    ));
});

withServer("gnutls, no group in common", plain, `${TLS13}:-GROUP-ALL:+GROUP-SECP521R1`, (peer) => {
  it("ends with handshake_failure", () =>
    isRefused(
      TcpClient.connect(m, peer().port),
      -30592,
      "MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE",
      40,
    ));
});

withServer(
  "gnutls, a certificate too many",
  () => ({
    pki: pkiOf("p256"),
    chainFile: unrelatedChain(pkiOf("p256"), pkiOf("p384")),
    args: NO_REQUEST,
  }),
  TLS13,
  (peer) => {
    it("finds its way through the chain", () =>
      connected(m, peer().port, { pki: pkiOf("p256") }, (client) => echoes(client, "hello\n")));
  },
);

testRefusals(
  (options) => gnutlsServer(options, TLS13),
  NO_REQUEST,
  () => m,
);
