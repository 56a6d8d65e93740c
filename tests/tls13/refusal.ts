// What the negative handshakes have in common: a case is a script for the server and the alert that
// our client must send. Each runs against one long-lived ssl.wasm, in V8; those marked
// `everyEngine` in the others as well. Beside the alert a case holds the error that an app sees,
// that it is sticky, that no call traps and that all memory comes back (the last three in meet()).

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { identityOf, pkiOf } from "../harness/identities.ts";
import { engines, loadSsl, type EngineName, type Instance } from "../harness/instance.ts";
import { meet, type MeetOptions, type Outcome } from "../harness/memory-client.ts";
import { type KeyKind } from "../harness/pki.ts";
import { ScriptedServer, type ServerOptions, type Step } from "../harness/scripted-server.ts";
import {
  applicationKeys,
  certificate,
  certificateVerify,
  encryptedExtensions,
  finished,
  handshakeKeys,
  honestFlight,
  serverHello,
} from "../harness/scripted-steps.ts";
import { Alert } from "../harness/tls13-wire.ts";

export interface ScriptedCase {
  server?: Partial<ServerOptions>;
  client?: MeetOptions;
  /** Of the server's certificates; default P-256. */
  kind?: KeyKind;
  /** Also in wasm3 and in the translated tiers. */
  everyEngine?: boolean;
}

export interface Refusal extends ScriptedCase {
  /** What our client sends, and the whole of what the server hears of the failure. */
  alert: number;
  /** OSError's number where it does not follow from the alert. */
  number?: number;
  text?: string;
  /** The alert is under keys that the server cannot have: it must be there, as one short record. */
  unreadable?: boolean;
  /** The handshake is over before it goes wrong. */
  connected?: boolean;
}

export interface Acceptance extends ScriptedCase {
  check(outcome: Outcome): void;
}

/** The steps of an honest flight, each of which may be replaced, by several or by none. */
export type FlightParts = Partial<Record<keyof typeof HONEST, Step | Step[]>>;

const HONEST = {
  hello: serverHello(),
  keys: handshakeKeys,
  extensions: encryptedExtensions(),
  certificate: certificate(),
  verify: certificateVerify(),
  finished: finished(),
  application: applicationKeys,
};

/** One flight with some of its steps replaced. */
export function flight(parts: FlightParts): Step[][] {
  return [Object.values({ ...HONEST, ...parts }).flat()];
}

/** api.md's numbers and names, and mbedTLS's for the alerts that api.md does not name. */
const ERRORS: Record<number, [number: number, text: string]> = {
  [Alert.unexpectedMessage]: [-30464, "MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE"],
  [Alert.badRecordMac]: [-29056, "MBEDTLS_ERR_SSL_INVALID_MAC"],
  [Alert.recordOverflow]: [-29184, "MBEDTLS_ERR_SSL_INVALID_RECORD"],
  [Alert.handshakeFailure]: [-28160, "MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE"],
  [Alert.badCertificate]: [-31232, "MBEDTLS_ERR_SSL_BAD_CERTIFICATE"],
  [Alert.illegalParameter]: [-26112, "MBEDTLS_ERR_SSL_ILLEGAL_PARAMETER"],
  [Alert.decodeError]: [-29440, "MBEDTLS_ERR_SSL_DECODE_ERROR"],
  [Alert.decryptError]: [-28160, "MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE"],
  [Alert.protocolVersion]: [-28288, "MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION"],
  [Alert.missingExtension]: [-26112, "MBEDTLS_ERR_SSL_ILLEGAL_PARAMETER"],
  [Alert.unsupportedExtension]: [-29952, "MBEDTLS_ERR_SSL_UNSUPPORTED_EXTENSION"],
};

/** base/err.ts: we end the connection with this alert, the peer ended it. */
export const localAlert = (alert: number): number => -0x100 - alert;
export const peerAlert = (alert: number): number => -0x200 - alert;

export const FATAL = 2;

/** One test for each case: our client must refuse. */
export function refuses(title: string, cases: Record<string, Refusal>): void {
  suite(title, cases, (one, outcome) => {
    assertAlert(one, outcome);
    assert.equal(outcome.connected, one.connected ?? false, "connected");
    const [number, text] = ERRORS[one.alert] ?? [];
    assert.equal(outcome.errorText!.number, one.number ?? number);
    assert.equal(outcome.errorText!.text, one.text ?? text);
  });
}

/** One test for each case: our client must go on, and whatever else the case checks. */
export function accepts(title: string, cases: Record<string, Acceptance>): void {
  suite(title, cases, (one, outcome) => {
    assert.equal(outcome.error, 0, outcome.errorText?.text);
    assert.ok(outcome.connected, "connected");
    one.check(outcome);
  });
}

/** One test for each case, whatever its outcome ought to be. */
export function suite<Case extends ScriptedCase>(
  title: string,
  cases: Record<string, Case>,
  check: (one: Case, outcome: Outcome) => void,
): void {
  for (const engine of engines) {
    const chosen = Object.entries(cases).filter(([, one]) => engine === "v8" || one.everyEngine);
    if (chosen.length === 0) continue;
    describe(`${title} (${engine})`, () => {
      let m: Instance;
      before(async () => (m = await instanceOf(engine)));
      for (const [name, one] of chosen) it(name, () => check(one, run(m, one)));
    });
  }
}

/** Plays one case. */
export function run(m: Instance, { server, client, kind = "p256" }: ScriptedCase): Outcome {
  const pki = pkiOf(kind);
  const identity = identityOf(pki);
  const scripted = new ScriptedServer({ identity, flights: [honestFlight()], ...server });
  m.time = Math.floor(Date.now() / 1000);
  return meet(m, scripted, { anchors: pki.root.der, ...client });
}

const instances = new Map<EngineName, Promise<Instance>>();

/** One ssl.wasm for all cases of a file: what one case leaves behind, another would notice. */
function instanceOf(engine: EngineName): Promise<Instance> {
  const loaded = instances.get(engine) ?? loadSsl(engine);
  instances.set(engine, loaded);
  return loaded;
}

function assertAlert(one: Refusal, outcome: Outcome): void {
  const { alerts, undecryptable } = outcome.server;
  if (one.unreadable) {
    assert.deepEqual(alerts, []);
    assert.deepEqual(
      undecryptable.map((record) => record.length),
      [5 + 2 + 1 + 16],
    );
  } else {
    const said = alerts.map(({ level, description }) => [level, description]);
    assert.deepEqual(said, [[FATAL, one.alert]]);
    assert.deepEqual(undecryptable, []);
  }
  assert.equal(outcome.errorText?.alert, one.alert);
}
