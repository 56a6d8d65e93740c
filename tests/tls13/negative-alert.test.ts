// Alerts of the server, of every kind and at every time, and the ends of a connection:
// close_notify, what comes after it, and the transport that ends without one (RFC 8446, 6).

import assert from "node:assert/strict";
import { type ServerOptions, type Step } from "../harness/scripted-server.ts";
import {
  alert,
  content,
  data,
  encryptedExtensions,
  honestFlight,
  newSessionTicket,
} from "../harness/scripted-steps.ts";
import { Alert, ContentType, ascii, concat } from "../harness/tls13-wire.ts";
import {
  FATAL,
  accepts,
  flight,
  peerAlert,
  refuses,
  suite,
  type Refusal,
  type ScriptedCase,
} from "./refusal.ts";

const WARNING = 1;
const UNKNOWN_ALERT = 200;
const LINE = ascii("last words");

/** The peer ends the connection: nothing is answered, the app hears the alert's number. */
interface Ended extends ScriptedCase {
  alert: number;
  connected?: boolean;
}

function ends(title: string, cases: Record<string, Ended>): void {
  suite(title, cases, (one, { error, errorText, connected, server }) => {
    assert.equal(error, peerAlert(one.alert));
    assert.deepEqual(errorText, {
      number: -30592,
      text: "MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE",
      alert: one.alert,
    });
    assert.deepEqual(server.alerts, [], "an alert is not answered by an alert");
    assert.equal(connected, one.connected ?? false);
  });
}

const { closeNotify, userCanceled, ...fatal } = Alert;
const kinds = Object.entries({ ...fatal, unknown: UNKNOWN_ALERT });

function eachKind(build: (description: number, name: string) => Ended): Record<string, Ended> {
  return Object.fromEntries(kinds.map(([name, number]) => [name, build(number, name)]));
}

ends(
  "a fatal alert in place of ServerHello",
  eachKind((number, name) => ({
    alert: number,
    server: { flights: [[alert(FATAL, number)]] },
    everyEngine: name === "handshakeFailure",
  })),
);

ends(
  "a fatal alert under handshake keys",
  eachKind((number) => ({
    alert: number,
    server: { flights: flight({ extensions: alert(FATAL, number) }) },
  })),
);

ends(
  "a fatal alert after the handshake",
  eachKind((number, name) => ({
    alert: number,
    connected: true,
    server: { afterFinished: [alert(FATAL, number)] },
    everyEngine: name === "certificateRequired",
  })),
);

ends(
  "a fatal alert that calls itself a warning (its level means nothing, RFC 8446, 6)",
  eachKind((number) => ({
    alert: number,
    connected: true,
    server: { afterFinished: [alert(WARNING, number)] },
  })),
);

const later = (...steps: Step[]): Refusal => ({
  alert: Alert.decodeError,
  connected: true,
  server: { afterFinished: steps },
});

const alertBytes = (...bytes: number[]): Step => content(ContentType.alert, Uint8Array.from(bytes));

refuses("alerts of the wrong length", {
  "one byte": later(alertBytes(FATAL)),
  "three bytes": later(alertBytes(WARNING, userCanceled, 0)),
  "two alerts in a record": later(alertBytes(WARNING, userCanceled, WARNING, closeNotify)),
  "one byte, in the clear": {
    alert: Alert.decodeError,
    server: { flights: [[alertBytes(FATAL)]] },
  },
});

const CLOSE = alert(WARNING, closeNotify);

accepts("the end by close_notify", {
  "after data": {
    everyEngine: true,
    server: { afterFinished: [data(LINE), CLOSE] },
    client: { end: true },
    check: ({ read, closed }) => {
      assert.deepEqual(read, LINE);
      assert.ok(closed);
    },
  },
  "said as a fatal alert": {
    server: { afterFinished: [data(LINE), alert(FATAL, closeNotify)] },
    check: ({ closed }) => assert.ok(closed),
  },
  "with data behind it, which nobody reads": {
    server: { afterFinished: [data(LINE), CLOSE, data(ascii("more")), newSessionTicket()] },
    client: { end: true },
    check: ({ read, closed }) => {
      assert.deepEqual(read, LINE);
      assert.ok(closed);
    },
  },
  "with bytes behind it that are no records": {
    server: { afterFinished: [CLOSE, content(ContentType.alert, Uint8Array.of(FATAL))] },
    client: { end: true },
    check: ({ closed }) => assert.ok(closed),
  },
  "after user_canceled": {
    server: { afterFinished: [alert(WARNING, userCanceled), data(LINE), CLOSE] },
    check: ({ read, closed }) => {
      assert.deepEqual(read, LINE);
      assert.ok(closed);
    },
  },
  "while we can still write": {
    server: { afterFinished: [CLOSE], onData: () => [] },
    client: { say: LINE },
    check: ({ server, closed }) => {
      assert.deepEqual(server.received, LINE);
      assert.ok(closed);
    },
  },
});

/** The connection ends early: nothing is sent, the app hears CONN_EOF. */
interface Cut extends ScriptedCase {
  read?: Uint8Array;
}

function isCut(title: string, cases: Record<string, Cut>): void {
  suite(title, cases, (one, { error, errorText, read, server }) => {
    assert.ok(error < 0);
    assert.deepEqual(errorText, { number: -29312, text: "MBEDTLS_ERR_SSL_CONN_EOF", alert: -1 });
    assert.deepEqual(read, one.read ?? new Uint8Array(0));
    assert.deepEqual(server.alerts, []);
  });
}

isCut("close_notify in the handshake", {
  "in place of ServerHello": { server: { flights: [[CLOSE]] } },
  "in place of EncryptedExtensions": { server: { flights: flight({ extensions: CLOSE }) } },
  "in place of Finished": { server: { flights: flight({ finished: CLOSE }) }, everyEngine: true },
  "after user_canceled": {
    server: {
      flights: flight({ extensions: [encryptedExtensions(), alert(WARNING, userCanceled), CLOSE] }),
    },
  },
});

const cutAt = (n: number): Partial<ServerOptions> => ({ flights: [honestFlight().slice(0, n)] });

isCut("the transport ends without close_notify", {
  "after ClientHello": { server: cutAt(0), client: { end: true }, everyEngine: true },
  "after ServerHello": { server: cutAt(2), client: { end: true } },
  "after EncryptedExtensions": { server: cutAt(3), client: { end: true } },
  "after Certificate": { server: cutAt(4), client: { end: true } },
  "after CertificateVerify": { server: cutAt(5), client: { end: true } },
  "right after the handshake": { client: { end: true } },
  "after data": {
    server: { afterFinished: [data(LINE), data(LINE)] },
    client: { end: true },
    read: concat(LINE, LINE),
    everyEngine: true,
  },
  "within a record": {
    server: {
      afterFinished: [data(LINE), data(LINE)],
      tamper: (whole, i) => [i === 6 ? whole.subarray(0, -1) : whole],
    },
    client: { end: true },
    read: LINE,
  },
  "within a record's header": {
    server: {
      afterFinished: [data(LINE), data(LINE)],
      tamper: (whole, i) => [i === 6 ? whole.subarray(0, 3) : whole],
    },
    client: { end: true },
    read: LINE,
  },
});
