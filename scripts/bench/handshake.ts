// A whole connection of the client - context, trust anchor, handshake with the certificate checked,
// close - against the tests' scripted server, all in memory. The certificates are new on each run,
// so that a signature takes a little more or less to verify: about 1 %. They are valid at the
// time that every meter's clock shows, the start of 2026.

import assert from "node:assert/strict";
import { identityOf } from "../../tests/harness/identities.ts";
import { meet } from "../../tests/harness/memory-client.ts";
import { makePki, type KeyKind } from "../../tests/harness/pki.ts";
import { honestFlight } from "../../tests/harness/scripted-steps.ts";
import { ScriptedServer } from "../../tests/harness/scripted-server.ts";
import { Group, Suite } from "../../tests/harness/tls13-wire.ts";
import type { Meter } from "./meter.ts";

export interface Handshake {
  name: string;
  kind: KeyKind;
}

/** TLS 1.3, X25519, AES-128-GCM; the CA signs the leaf with a key of the same kind. */
export const handshakes: readonly Handshake[] = [
  { name: "tls13-x25519-ecdsa", kind: "p256" },
  { name: "tls13-x25519-rsa", kind: "rsa" },
];

/** What the client's calls cost; the meter's program is ssl.wasm. */
export function measureHandshake(meter: Meter, { name, kind }: Handshake): number {
  const validity = { notBefore: new Date("2025-01-01"), notAfter: new Date("2027-01-01") };
  const pki = makePki({ kind, root: validity, intermediate: false, leaf: validity });
  try {
    const server = new ScriptedServer({
      identity: identityOf(pki),
      flights: [honestFlight()],
      suites: [Suite.TLS_AES_128_GCM_SHA256],
      groups: [Group.x25519],
    });
    meter.take();
    const outcome = meet(meter.program, server, { anchors: pki.root.der });
    const cost = meter.take();
    assert.ok(outcome.connected && server.clientFinished, `${name}: ${outcome.errorText?.text}`);
    return cost;
  } finally {
    pki.remove();
  }
}
