// A whole connection of the client - context, trust anchor, handshake with the certificate checked,
// close - against the tests' scripted server, all in memory. The certificates are new on each run,
// so that a signature takes a little more or less to verify: about 1 %. They are valid at the
// time that every meter's clock shows, the start of 2026.

import assert from "node:assert/strict";
import { identityOf } from "../../tests/harness/identities.ts";
import { meet } from "../../tests/harness/memory-client.ts";
import { makePki, type KeyKind } from "../../tests/harness/pki.ts";
import { honestFlight, retryFlights } from "../../tests/harness/scripted-steps.ts";
import { ScriptedServer } from "../../tests/harness/scripted-server.ts";
import { Group, Suite } from "../../tests/harness/tls13-wire.ts";
import type { Meter } from "./meter.ts";

export interface Handshake {
  name: string;
  /** Of each key. */
  kind: KeyKind;
  /**
   * Asked for by a HelloRetryRequest where it is not X25519, which the client offers: that key
   * pair is in the figure then.
   */
  group: keyof typeof Group;
  /** Else the CA signs the leaf. */
  hasIntermediate: boolean;
}

/** TLS 1.3, AES-128-GCM. */
export const handshakes: readonly Handshake[] = [
  { name: "tls13-x25519-ecdsa", kind: "p256", group: "x25519", hasIntermediate: false },
  { name: "tls13-p256-ecdsa", kind: "p256", group: "secp256r1", hasIntermediate: false },
  { name: "tls13-p256-rsa", kind: "rsa", group: "secp256r1", hasIntermediate: false },
  { name: "tls13-x25519-ecdsa-3", kind: "p256", group: "x25519", hasIntermediate: true },
];

/** What the client's calls cost; the meter's program is ssl.wasm. */
export function measureHandshake(meter: Meter, handshake: Handshake): number {
  const { name, kind, group, hasIntermediate } = handshake;
  const validity = { notBefore: new Date("2025-01-01"), notAfter: new Date("2027-01-01") };
  const intermediate = hasIntermediate ? validity : (false as const);
  const pki = makePki({ kind, root: validity, intermediate, leaf: validity });
  try {
    const server = new ScriptedServer({
      identity: identityOf(pki),
      flights: group === "x25519" ? [honestFlight()] : retryFlights(Group[group]),
      suites: [Suite.TLS_AES_128_GCM_SHA256],
      groups: [Group[group]],
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
