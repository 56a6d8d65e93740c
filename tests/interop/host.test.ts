// The same servers with the whole device in between: an app, the bridge, ssl.wasm, on wassl-host.
// Fewer cases than in V8, one of every sort; and a few servers that lie. The cases take turns at
// the tiers.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import type { Tier } from "../../scripts/lib/tier.ts";
import { boardTiers, runApp } from "../device/app.ts";
import { identityOf, pkiOf } from "../harness/identities.ts";
import { gnutlsServer, opensslServer, type Peer } from "../harness/peers.ts";
import { type Pki } from "../harness/pki.ts";
import { listen } from "../harness/scripted-listener.ts";
import { type Step } from "../harness/scripted-server.ts";
import {
  alert,
  certificateVerify,
  finished,
  honestFlight,
  retryFlights,
} from "../harness/scripted-steps.ts";
import { Alert, Group, flip } from "../harness/tls13-wire.ts";
import { flight } from "../tls13/refusal.ts";
import { GROUPS, KINDS, SUITES } from "./common.ts";

const LINE = "the quick brown fox";
const BITS: Record<string, number> = { TLS_AES_128_GCM_SHA256: 128 };

let turns = 0;

/** The tier whose turn it is. */
function nextTier(): Tier {
  return boardTiers[turns++ % boardTiers.length]!;
}

interface Run {
  tier: Tier;
  port: number;
  pki: Pki;
  suites: string[];
}

/** Runs the app; the lines that it printed. */
async function run(scenario: string, { tier, port, pki, suites }: Run): Promise<string[]> {
  const files = { scenario, suites: suites.join(" "), "ca.der": pki.root.der };
  const outcome = await runApp("interop", { tier, port, files });
  assert.deepEqual(outcome.reports, []);
  return outcome.lines;
}

async function withPeer(peer: Peer, use: () => Promise<void>): Promise<void> {
  try {
    await use();
  } finally {
    await peer.stop();
  }
}

/** Three lines for each suite: see talk() of the app. */
async function checkTalk(r: Omit<Run, "suites">, group: string, answer: string): Promise<void> {
  const expected = SUITES.flatMap((suite) => [
    `TLSv1.3 ${group} CN=leaf,O=wassl test`,
    `('${suite}', 'TLSv1.3', ${BITS[suite] ?? 256})`,
    answer,
  ]);
  assert.deepEqual(await run("talk", { ...r, suites: SUITES }), expected);
}

for (const kind of KINDS) {
  for (const { group, openssl, gnutls } of GROUPS) {
    const opensslTier = nextTier();
    test(`wassl-host (${opensslTier}) and openssl, ${kind}, ${group}, every suite`, async () => {
      const pki = pkiOf(kind);
      const peer = await opensslServer({ pki, args: ["-rev", "-tls1_3", "-groups", openssl] });
      const reversed = [...LINE].reverse().join("");
      const how = { tier: opensslTier, port: peer.port, pki };
      await withPeer(peer, () => checkTalk(how, group, reversed));
    });

    const gnutlsTier = nextTier();
    test(`wassl-host (${gnutlsTier}) and gnutls, ${kind}, ${group}, every suite`, async () => {
      const pki = pkiOf(kind);
      const priority = `NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+${gnutls}`;
      const peer = await gnutlsServer({ pki }, priority);
      const how = { tier: gnutlsTier, port: peer.port, pki };
      await withPeer(peer, () => checkTalk(how, group, LINE));
    });
  }
}

const FILE_SIZE = 1 << 20;
const folder = mkdtempSync(path.join(tmpdir(), "wassl-www-"));
writeFileSync(
  path.join(folder, "file"),
  Uint8Array.from({ length: FILE_SIZE }, (_, i) => (7 * i) % 251),
);
after(() => rmSync(folder, { recursive: true }));

for (const tier of boardTiers) {
  test(`wassl-host (${tier}) fetches a megabyte from openssl, with every suite`, async () => {
    const pki = pkiOf("p256");
    const args = ["-WWW", "-tls1_3", "-http_server_binmode"];
    const peer = await opensslServer({ pki, args, cwd: folder });
    await withPeer(peer, async () => {
      const lines = await run("download", { tier, port: peer.port, pki, suites: SUITES });
      assert.deepEqual(
        lines,
        SUITES.map(() => `${FILE_SIZE} unchanged`),
      );
    });
  });
}

const HANDSHAKE_FAILURE = "OSError(-28160, 'MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE')";
const ILLEGAL_PARAMETER = "OSError(-26112, 'MBEDTLS_ERR_SSL_ILLEGAL_PARAMETER')";
const FATAL_ALERT = "OSError(-30592, 'MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE')";
const last = (bytes: Uint8Array): Uint8Array => flip(bytes, -1);

/** Servers that lie, the error that the app prints, the alert that the server hears. */
const LIES: [name: string, flights: Step[][], error: string, heard: number | null][] = [
  [
    "a wrong Finished",
    flight({ finished: finished(last) }),
    `${HANDSHAKE_FAILURE} ${Alert.decryptError}`,
    Alert.decryptError,
  ],
  [
    "a wrong signature",
    flight({ verify: certificateVerify({ edit: last }) }),
    `${HANDSHAKE_FAILURE} ${Alert.decryptError}`,
    Alert.decryptError,
  ],
  [
    "a HelloRetryRequest for the group it has",
    retryFlights(Group.x25519),
    `${ILLEGAL_PARAMETER} ${Alert.illegalParameter}`,
    Alert.illegalParameter,
  ],
  [
    "an alert in the handshake",
    [[...honestFlight().slice(0, 3), alert(2, Alert.internalError)]],
    `${FATAL_ALERT} ${Alert.internalError}`,
    null,
  ],
];

for (const [name, flights, error, heard] of LIES) {
  const tier = nextTier();
  test(`wassl-host (${tier}) and ${name}`, async () => {
    const pki = pkiOf("p256");
    const listener = await listen({ identity: identityOf(pki), flights });
    try {
      const how = { tier, port: listener.port, pki, suites: SUITES.slice(0, 1) };
      assert.deepEqual(await run("talk", how), [error]);
      const said = listener.servers[0].alerts.map(({ description }) => description);
      assert.deepEqual(said, heard === null ? [] : [heard]);
    } finally {
      await listener.close();
    }
  });
}
