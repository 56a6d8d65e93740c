// What the interop tests against OpenSSL and GnuTLS share: the matrix, a verified connection, and
// certificates that must be refused with api.md's errors, whoever shows them.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { pkiOf } from "../harness/identities.ts";
import { type Instance } from "../harness/instance.ts";
import { Text, type ClientOptions } from "../harness/memory-client.ts";
import { type Peer, type PeerOptions } from "../harness/peers.ts";
import { makePki, type KeyKind, type Pki } from "../harness/pki.ts";
import { ClientError, TcpClient } from "../harness/tcp-client.ts";
import { Suite } from "../harness/tls13-wire.ts";

export const SUITES = Object.keys(Suite);
export const KINDS: KeyKind[] = ["rsa", "rsa-pss", "p256", "p384", "p521"];

/** Our share is X25519: a server of P-256 alone must ask again (HelloRetryRequest). */
export const GROUPS = [
  { group: "x25519", openssl: "X25519", gnutls: "GROUP-X25519" },
  { group: "secp256r1", openssl: "P-256", gnutls: "GROUP-SECP256R1" },
];

export function now(): number {
  return Math.floor(Date.now() / 1000);
}

/** A verified connection for the length of `use`. */
export async function connected(
  m: Instance,
  port: number,
  { pki, ...options }: ClientOptions & { pki: Pki },
  use: (client: TcpClient) => Promise<void>,
): Promise<void> {
  const client = await TcpClient.connect(m, port, { anchors: pki.root.der, ...options });
  try {
    await use(client);
    await client.close();
  } catch (error) {
    client.free();
    throw error;
  }
}

export function checkAgreement(client: TcpClient, agreed: { suite: string; group: string }): void {
  assert.equal(client.tls.text(Text.suite), agreed.suite);
  assert.equal(client.tls.text(Text.group), agreed.group);
  assert.equal(client.tls.text(Text.version), "TLSv1.3");
  assert.match(client.tls.text(Text.peerSubject), /CN=leaf/);
}

/** The promise fails with this error of the connection. */
export function isRefused(
  promise: Promise<unknown>,
  number: number,
  text: string,
  alert?: number,
): Promise<void> {
  return assert.rejects(promise, (error) => {
    if (!(error instanceof ClientError)) throw error;
    assert.equal(error.described.text, text);
    assert.equal(error.described.number, number);
    if (alert !== undefined) assert.equal(error.described.alert, alert);
    return true;
  });
}

const DAY_MS = 24 * 3600 * 1000;
const UNTRUSTED = "\nThe certificate is not correctly signed by the trusted CA\n";

interface BadPeer {
  pki: () => Pki;
  chainFile?: (pki: Pki) => string;
  client?: (pki: Pki) => ClientOptions;
  text: string;
}

const BAD_PEERS: Record<string, BadPeer> = {
  "a wrong name": {
    pki: () => pkiOf("p256"),
    client: (pki) => ({ anchors: pki.root.der, name: "example.com" }),
    text: "\nThe certificate Common Name (CN) does not match with the expected CN\n",
  },
  "an authority that we do not trust": {
    pki: () => pkiOf("p256"),
    client: () => ({ anchors: pkiOf("p384").root.der }),
    text: UNTRUSTED,
  },
  "the intermediate missing": {
    pki: () => pkiOf("p256"),
    chainFile: (pki) => pki.leaf.certFile,
    text: UNTRUSTED,
  },
  "an expired certificate": {
    pki: () => makePki({ leaf: { notAfter: new Date(Date.now() - DAY_MS / 2) } }),
    text: "\nThe certificate validity has expired\n",
  },
  "a certificate of the future": {
    pki: () => makePki({ leaf: { notBefore: new Date(Date.now() + DAY_MS) } }),
    text: "\nThe certificate validity starts in the future\n",
  },
};

type StartServer = (options: PeerOptions) => Promise<Peer>;

/** One test for each bad peer. */
export function testRefusals(start: StartServer, args: string[], m: () => Instance): void {
  for (const [name, bad] of Object.entries(BAD_PEERS)) {
    describe(`refused: ${name}`, () => {
      let [pki, peer]: [Pki?, Peer?] = [];
      before(async () => {
        pki = bad.pki();
        peer = await start({ pki, chainFile: bad.chainFile?.(pki), args });
      });
      after(async () => {
        await peer?.stop();
        if (pki !== pkiOf("p256")) pki?.remove();
      });
      it("with the error of the documents", async () => {
        const options = bad.client?.(pki!) ?? { anchors: pki!.root.der };
        await isRefused(TcpClient.connect(m(), peer!.port, options), 0, bad.text);
      });
    });
  }
}

/** PEM of the leaf and an intermediate that has nothing to do with it. */
export function unrelatedChain(pki: Pki, other: Pki): string {
  const file = path.join(pki.dir, "unrelated.pem");
  writeFileSync(file, pki.leaf.pem + other.intermediate!.pem + pki.intermediate!.pem);
  return file;
}
