// Records that are too long, too short, damaged, out of order, in the clear or of the wrong type
// (RFC 8446, 5), and change_cipher_spec where it may stand and where not (5, D.4).

import assert from "node:assert/strict";
import { type ServerOptions, type Step } from "../harness/scripted-server.ts";
import {
  applicationKeys,
  changeCipherSpec,
  content,
  data,
  encryptedExtensions,
  finished,
  handshakeKeys,
  honestFlight,
  inner,
  keyUpdate,
  newSessionTicket,
  raw,
  repeat,
  serverHello,
} from "../harness/scripted-steps.ts";
import {
  Alert,
  ContentType,
  HandshakeType,
  MAX_CONTENT,
  ascii,
  concat,
  flip,
  handshakeMessage,
  record,
  u8,
} from "../harness/tls13-wire.ts";
import { accepts, flight, refuses, type Refusal } from "./refusal.ts";

const EMPTY: Uint8Array = new Uint8Array(0);
const LINE = ascii("plain text\n");
const { handshake, applicationData } = ContentType;

/** Steps in the place of ServerHello, of EncryptedExtensions, and after the handshake. */
const first = (alert: number, ...steps: Step[]): Refusal => ({
  alert,
  server: { flights: [steps] },
});
const early = (alert: number, ...steps: Step[]): Refusal => ({
  alert,
  server: { flights: flight({ extensions: steps }) },
});
const later = (alert: number, ...steps: Step[]): Refusal => ({
  alert,
  connected: true,
  server: { afterFinished: steps },
});

const NOT_TLS = { number: -29184, text: "MBEDTLS_ERR_SSL_INVALID_RECORD" };

refuses("what is not TLS", {
  "plain HTTP": {
    ...first(Alert.unexpectedMessage, raw(ascii("HTTP/1.1 400 Bad Request\r\n\r\n"))),
    ...NOT_TLS,
    everyEngine: true,
  },
  "an SSH banner": { ...first(Alert.unexpectedMessage, raw(ascii("SSH-2.0-x\r\n"))), ...NOT_TLS },
  "one byte of it": { ...first(Alert.unexpectedMessage, raw(ascii("H"))), ...NOT_TLS },
  zeros: { ...first(Alert.unexpectedMessage, raw(new Uint8Array(64))), ...NOT_TLS },
  "a record of an unknown type": {
    ...first(Alert.unexpectedMessage, raw(record(24, LINE))),
    ...NOT_TLS,
  },
  "a record of an unknown type after the handshake": {
    ...later(Alert.unexpectedMessage, raw(record(99, LINE))),
    ...NOT_TLS,
  },
});

/** The header of a record that announces n bytes. */
const header = (type: number, n: number): Step => raw(Uint8Array.of(type, 3, 3, n >> 8, n));

refuses("records that are too long", {
  "2^14 + 1 bytes in the clear": first(Alert.recordOverflow, header(handshake, MAX_CONTENT + 1)),
  "2^16 - 1 bytes in the clear": first(Alert.recordOverflow, header(handshake, 0xffff)),
  "2^14 + 257 bytes, protected": {
    ...later(Alert.recordOverflow, header(applicationData, MAX_CONTENT + 257)),
    everyEngine: true,
  },
  "2^14 + 257 bytes in the handshake": early(
    Alert.recordOverflow,
    header(applicationData, MAX_CONTENT + 257),
  ),
  "2^14 + 1 bytes of content": later(
    Alert.recordOverflow,
    inner(concat(new Uint8Array(MAX_CONTENT + 1).fill(1), u8(applicationData))),
  ),
  "2^14 bytes of content and one of padding": later(
    Alert.recordOverflow,
    inner(concat(new Uint8Array(MAX_CONTENT).fill(1), u8(applicationData), u8(0))),
  ),
});

const FULL = new Uint8Array(MAX_CONTENT).fill(0x61);

accepts("records of the greatest length", {
  "2^14 bytes of content": {
    everyEngine: true,
    server: { afterFinished: [data(FULL), data(FULL)] },
    check: ({ read }) => assert.deepEqual(read, concat(FULL, FULL)),
  },
  "a byte of content, the rest padding": {
    server: { afterFinished: [content(applicationData, u8(7), MAX_CONTENT - 1), data(LINE)] },
    check: ({ read }) => assert.deepEqual(read, concat(u8(7), LINE)),
  },
  "no content, all padding": {
    server: { afterFinished: [content(applicationData, EMPTY, MAX_CONTENT), data(LINE)] },
    check: ({ read }) => assert.deepEqual(read, LINE),
  },
});

refuses("records without content", {
  "handshake in the clear": first(Alert.unexpectedMessage, raw(record(handshake, EMPTY))),
  "handshake, protected": early(Alert.unexpectedMessage, content(handshake, EMPTY)),
  "handshake with padding": early(Alert.unexpectedMessage, content(handshake, EMPTY, 100)),
  "an alert in the clear": first(Alert.unexpectedMessage, raw(record(ContentType.alert, EMPTY))),
  "an alert after the handshake": later(Alert.unexpectedMessage, content(ContentType.alert, EMPTY)),
  "application data in the handshake": early(
    Alert.unexpectedMessage,
    content(applicationData, EMPTY),
  ),
  "all zeros within": {
    ...later(Alert.unexpectedMessage, inner(new Uint8Array(50))),
    everyEngine: true,
  },
  "nothing within, not even a type": later(Alert.unexpectedMessage, inner(EMPTY)),
  "no room for a tag": later(Alert.badRecordMac, raw(record(applicationData, new Uint8Array(15)))),
  "no bytes, protected": later(Alert.badRecordMac, raw(record(applicationData, EMPTY))),
});

/** ServerHello to Finished, a record each. */
const HANDSHAKE_RECORDS = 5;

/** Changes the record that comes n-th after the server's Finished; 0 is the first. */
const spoils = (
  steps: Step[],
  n: number,
  change: (record: Uint8Array) => Uint8Array[],
): Refusal => {
  return {
    alert: Alert.badRecordMac,
    connected: true,
    server: {
      afterFinished: steps,
      tamper: (whole, i) => (i === HANDSHAKE_RECORDS + n ? change(whole) : [whole]),
    },
  };
};

const THREE = [data(LINE), data(LINE), data(LINE)];

/** The second record after the handshake comes before the first. */
function reordering(): Partial<ServerOptions> {
  let held = EMPTY;
  const tamper = (whole: Uint8Array, i: number): Uint8Array[] => {
    if (i === HANDSHAKE_RECORDS + 1) return [whole, held];
    if (i !== HANDSHAKE_RECORDS) return [whole];
    held = whole;
    return [];
  };
  return { afterFinished: THREE, tamper };
}

refuses("records that were tampered with", {
  "a bit of the tag": { ...spoils(THREE, 0, (r) => [flip(r, -1)]), everyEngine: true },
  "a bit of the text": { ...spoils(THREE, 1, (r) => [flip(r, 5)]), everyEngine: true },
  "the version in the header": spoils(THREE, 0, (r) => [flip(r, 2)]),
  "cut by a byte": spoils(THREE, 0, (r) => [record(applicationData, r.subarray(5, -1))]),
  "longer by a byte": spoils(THREE, 0, (r) => [
    record(applicationData, concat(r.subarray(5), u8(0))),
  ]),
  replayed: { ...spoils(THREE, 0, (r) => [r, r]), everyEngine: true },
  dropped: spoils(THREE, 1, () => []),
  "of the handshake": {
    alert: Alert.badRecordMac,
    server: { tamper: (whole, i) => [i === 3 ? flip(whole, 20) : whole] },
  },
  reordered: { alert: Alert.badRecordMac, connected: true, server: reordering() },
});

refuses("records that are not protected", {
  EncryptedExtensions: early(
    Alert.unexpectedMessage,
    raw(record(handshake, handshakeMessage(HandshakeType.encryptedExtensions, EMPTY))),
  ),
  "a fatal alert in the handshake": early(
    Alert.unexpectedMessage,
    raw(record(ContentType.alert, Uint8Array.of(2, Alert.handshakeFailure))),
  ),
  "close_notify after the handshake": {
    ...later(Alert.unexpectedMessage, raw(record(ContentType.alert, Uint8Array.of(1, 0)))),
    everyEngine: true,
  },
  "a fatal alert after the handshake": later(
    Alert.unexpectedMessage,
    raw(record(ContentType.alert, Uint8Array.of(2, Alert.internalError))),
  ),
  NewSessionTicket: later(
    Alert.unexpectedMessage,
    raw(record(handshake, handshakeMessage(HandshakeType.newSessionTicket, new Uint8Array(20)))),
  ),
  "application data": later(Alert.badRecordMac, raw(record(applicationData, LINE))),
});

refuses("record types within", {
  unknown: later(Alert.unexpectedMessage, content(24, LINE)),
  change_cipher_spec: later(Alert.unexpectedMessage, content(ContentType.changeCipherSpec, u8(1))),
  "change_cipher_spec in the handshake": early(
    Alert.unexpectedMessage,
    content(ContentType.changeCipherSpec, u8(1)),
  ),
});

accepts("the outer type and version", {
  // 5.2: legacy_record_version MUST be ignored, and is part of what the tag covers
  "any version in the header": {
    server: {
      afterFinished: [inner(concat(LINE, u8(applicationData)), applicationData, 0x0301)],
    },
    check: ({ read }) => assert.deepEqual(read, LINE),
  },
});

const ccs = (...bytes: number[]): Step =>
  raw(record(ContentType.changeCipherSpec, Uint8Array.from(bytes)));

refuses("change_cipher_spec", {
  "after Finished": { ...later(Alert.unexpectedMessage, changeCipherSpec), everyEngine: true },
  "with another value": first(Alert.unexpectedMessage, ccs(2)),
  "with two bytes": first(Alert.unexpectedMessage, ccs(1, 1)),
  empty: first(Alert.unexpectedMessage, ccs()),
  "with another value under handshake keys": early(Alert.unexpectedMessage, ccs(0)),
  "a flood": first(Alert.unexpectedMessage, repeat(1000, changeCipherSpec)),
});

accepts("change_cipher_spec", {
  "before and after ServerHello": {
    everyEngine: true,
    server: {
      flights: [
        [
          changeCipherSpec,
          serverHello(),
          changeCipherSpec,
          handshakeKeys,
          changeCipherSpec,
          encryptedExtensions(),
          ...honestFlight().slice(3),
        ],
      ],
    },
    check: ({ server }) => assert.ok(server.clientFinished),
  },
  "right before Finished": {
    server: { flights: flight({ finished: [changeCipherSpec, finished()] }) },
    check: ({ server }) => assert.ok(server.clientFinished),
  },
});

/** Everything that may come in one connection, in whatever pieces. */
const RICH = {
  flights: flight({ hello: [serverHello(), changeCipherSpec] }),
  afterFinished: [newSessionTicket(), data(LINE), content(applicationData, EMPTY), data(FULL)],
};

const richlyRead = ({ read }: { read: Uint8Array }): void =>
  assert.deepEqual(read, concat(LINE, FULL));

accepts("bytes in other pieces than records", {
  "one byte at a time": { server: RICH, client: { drip: 1 }, check: richlyRead },
  "two bytes at a time": { server: RICH, client: { drip: 2 }, check: richlyRead },
  "seven bytes at a time": {
    server: RICH,
    client: { drip: 7 },
    everyEngine: true,
    check: richlyRead,
  },
  "messages of one byte in a record": { server: { ...RICH, framing: 1 }, check: richlyRead },
  "messages in records of three bytes": {
    server: { ...RICH, framing: 3 },
    client: { drip: 11 },
    check: richlyRead,
  },
  "one record for a flight": { server: { ...RICH, framing: "flight" }, check: richlyRead },
  "padded records": {
    server: { padding: 777, afterFinished: [newSessionTicket(), data(LINE)] },
    check: ({ read }) => assert.deepEqual(read, LINE),
  },
  "thirty records without content": {
    server: { afterFinished: [repeat(30, content(applicationData, EMPTY)), data(LINE)] },
    check: ({ read }) => assert.deepEqual(read, LINE),
  },
});

const NOTHING = content(applicationData, EMPTY);
const CANCELED = content(ContentType.alert, Uint8Array.of(1, Alert.userCanceled));

refuses("floods of what brings nothing", {
  "records without content": later(Alert.unexpectedMessage, repeat(100, NOTHING)),
  tickets: later(Alert.unexpectedMessage, repeat(100, newSessionTicket())),
  KeyUpdates: later(Alert.unexpectedMessage, repeat(100, keyUpdate(0))),
  "KeyUpdates that ask for ours": later(Alert.unexpectedMessage, repeat(100, keyUpdate(1))),
  user_canceled: later(Alert.unexpectedMessage, repeat(100, CANCELED)),
});

accepts("the application's keys", {
  "data right behind Finished": {
    server: { flights: flight({ application: [applicationKeys, data(LINE)] }) },
    check: ({ read }) => assert.deepEqual(read, LINE),
  },
});
