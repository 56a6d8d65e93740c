// Messages that come when they must not: each message in each state, handshake bytes on both sides
// of a change of keys, and messages cut in two by something else (RFC 8446, 4, 5.1 and appendix
// A.1).

import assert from "node:assert/strict";
import { type Step } from "../harness/scripted-server.ts";
import {
  certificate,
  certificateRequest,
  certificateVerify,
  content,
  data,
  encryptedExtensions,
  finished,
  handshakeBytes,
  handshakeKeys,
  helloRetryRequest,
  honestFlight,
  keyUpdate,
  message,
  newSessionTicket,
  serverHello,
} from "../harness/scripted-steps.ts";
import {
  Alert,
  ContentType,
  Group,
  HandshakeType,
  ascii,
  concat,
  handshakeMessage,
  u8,
} from "../harness/tls13-wire.ts";
import { accepts, flight, refuses, type Refusal } from "./refusal.ts";

const { unexpectedMessage } = Alert;
const EMPTY = new Uint8Array(0);
const UPDATE = handshakeMessage(HandshakeType.keyUpdate, u8(0));
const EXTENSIONS = handshakeMessage(HandshakeType.encryptedExtensions, Uint8Array.of(0, 0));

/** Every state of the client, with what brings it there and the messages that are right then. */
const STATES: [name: string, before: Step[], legal: string[]][] = [
  ["ServerHello", [], ["serverHello"]],
  ["EncryptedExtensions", [serverHello(), handshakeKeys], ["encryptedExtensions"]],
  [
    "Certificate",
    [serverHello(), handshakeKeys, encryptedExtensions()],
    ["certificate", "certificateRequest"],
  ],
  [
    "Certificate after CertificateRequest",
    [serverHello(), handshakeKeys, encryptedExtensions(), certificateRequest()],
    ["certificate"],
  ],
  [
    "CertificateVerify",
    [serverHello(), handshakeKeys, encryptedExtensions(), certificate()],
    ["certificateVerify"],
  ],
  ["Finished", honestFlight().slice(0, -2), ["finished"]],
  ["Connected", honestFlight(), ["newSessionTicket", "keyUpdate"]],
];

/** The client answers for the type alone; the bodies are there to look right. */
const BODIES: [name: string, type: number, body: Uint8Array][] = [
  ...Object.entries(HandshakeType).map(([name, type]): [string, number, Uint8Array] => [
    name,
    type,
    new Uint8Array(name === "helloRequest" || name === "serverHelloDone" ? 0 : 36),
  ]),
  ["unknown", 99, EMPTY],
];

for (const [state, before, legal] of STATES) {
  const connected = state === "Connected";
  const cases: Record<string, Refusal> = {};
  const add = (name: string, step: Step, everyEngine = false): void => {
    cases[name] = {
      alert: unexpectedMessage,
      connected,
      everyEngine,
      server: connected
        ? { flights: [before], afterFinished: [step] }
        : { flights: [[...before, step]] },
    };
  };
  for (const [name, type, body] of BODIES) {
    if (!legal.includes(name)) add(name, message(type, body), type === HandshakeType.finished);
  }
  if (!connected) add("application data", data(ascii("too early")), true);
  refuses(`in place of ${state}`, cases);
}

refuses("whole messages where they must not be", {
  "ServerHello twice": {
    alert: unexpectedMessage,
    server: { flights: flight({ extensions: serverHello() }) },
  },
  "HelloRetryRequest after ServerHello": {
    alert: unexpectedMessage,
    server: { flights: flight({ extensions: helloRetryRequest({ group: Group.secp256r1 }) }) },
  },
  "EncryptedExtensions twice": {
    alert: unexpectedMessage,
    server: { flights: flight({ extensions: [encryptedExtensions(), encryptedExtensions()] }) },
  },
  "EncryptedExtensions left out": {
    alert: unexpectedMessage,
    server: { flights: flight({ extensions: [] }) },
  },
  "Certificate twice": {
    alert: unexpectedMessage,
    server: { flights: flight({ certificate: [certificate(), certificate()] }) },
  },
  "Certificate left out": {
    alert: unexpectedMessage,
    server: { flights: flight({ certificate: [] }) },
  },
  "Certificate and CertificateVerify left out, as with a PSK": {
    alert: unexpectedMessage,
    everyEngine: true,
    server: { flights: flight({ certificate: [], verify: [] }) },
  },
  "CertificateVerify left out": {
    alert: unexpectedMessage,
    everyEngine: true,
    server: { flights: flight({ verify: [] }) },
  },
  "CertificateVerify before Certificate": {
    alert: unexpectedMessage,
    server: { flights: flight({ certificate: [certificateVerify(), certificate()], verify: [] }) },
  },
  "CertificateVerify twice": {
    alert: unexpectedMessage,
    server: { flights: flight({ verify: [certificateVerify(), certificateVerify()] }) },
  },
  "CertificateRequest after Certificate": {
    alert: unexpectedMessage,
    server: { flights: flight({ certificate: [certificate(), certificateRequest()] }) },
  },
  "NewSessionTicket before Finished": {
    alert: unexpectedMessage,
    server: { flights: flight({ finished: [newSessionTicket(), finished()] }) },
  },
  "KeyUpdate before Finished": {
    alert: unexpectedMessage,
    server: {
      flights: flight({ finished: [message(HandshakeType.keyUpdate, u8(0)), finished()] }),
    },
  },
});

/** Handshake bytes of both sides of a change of keys in one record. */
const spanning = (steps: Step[], more: Partial<Refusal> = {}): Refusal => ({
  alert: unexpectedMessage,
  server: { framing: "flight", flights: [steps] },
  ...more,
});

const onlyFinished = honestFlight().slice(0, -1);

refuses("handshake messages across a change of keys", {
  "EncryptedExtensions behind ServerHello, in the clear": spanning([
    serverHello(),
    handshakeBytes(EXTENSIONS),
  ]),
  "the first byte of EncryptedExtensions behind ServerHello": spanning([
    serverHello(),
    handshakeBytes(EXTENSIONS.subarray(0, 1)),
    handshakeKeys,
    handshakeBytes(EXTENSIONS.subarray(1)),
  ]),
  "NewSessionTicket behind Finished, under the handshake keys": spanning(
    [...onlyFinished, newSessionTicket()],
    { everyEngine: true },
  ),
  "the first byte of a message behind Finished": spanning([
    ...onlyFinished,
    handshakeBytes(Uint8Array.of(HandshakeType.newSessionTicket)),
  ]),
  "a message behind KeyUpdate": {
    alert: unexpectedMessage,
    connected: true,
    server: { framing: "flight", afterFinished: [handshakeBytes(concat(UPDATE, UPDATE))] },
  },
  "the first byte of a message behind KeyUpdate": {
    alert: unexpectedMessage,
    connected: true,
    server: { afterFinished: [handshakeBytes(concat(UPDATE, u8(HandshakeType.keyUpdate)))] },
  },
});

refuses("handshake messages with something in between", {
  "application data within NewSessionTicket": {
    alert: unexpectedMessage,
    connected: true,
    server: {
      afterFinished: [
        handshakeBytes(Uint8Array.of(HandshakeType.newSessionTicket, 0, 0)),
        data(ascii("interleaved")),
      ],
    },
  },
  "an alert within EncryptedExtensions": {
    alert: unexpectedMessage,
    server: {
      flights: flight({
        extensions: [
          handshakeBytes(EXTENSIONS.subarray(0, 3)),
          content(ContentType.alert, Uint8Array.of(1, Alert.userCanceled)),
        ],
      }),
    },
  },
});

const LINE = ascii("said under new keys");

accepts("messages after the handshake", {
  "KeyUpdate, then data under the new keys": {
    everyEngine: true,
    server: { afterFinished: [data(LINE), keyUpdate(0), data(LINE), keyUpdate(0), data(LINE)] },
    check: ({ read, server }) => {
      assert.deepEqual(read, concat(LINE, LINE, LINE));
      assert.equal(updatesFrom(server), 0);
    },
  },
  "KeyUpdate that asks for ours": {
    everyEngine: true,
    server: { afterFinished: [keyUpdate(1), data(LINE)] },
    client: { say: LINE },
    check: ({ read, server }) => {
      assert.deepEqual(read, concat(LINE, LINE)); // the server's own, and the echo of what we said
      assert.deepEqual(server.received, LINE);
      assert.equal(updatesFrom(server), 1);
      assert.equal(server.undecryptable.length, 0);
    },
  },
  "NewSessionTicket in pieces": {
    server: { framing: 5, afterFinished: [newSessionTicket(), newSessionTicket(), data(LINE)] },
    check: ({ read }) => assert.deepEqual(read, LINE),
  },
  "CertificateRequest, answered by an empty Certificate": {
    everyEngine: true,
    server: { flights: flight({ extensions: [encryptedExtensions(), certificateRequest()] }) },
    client: { say: LINE },
    check: ({ read, server }) => {
      assert.deepEqual(read, LINE);
      const answers = server.handshake.filter(({ type }) => type === HandshakeType.certificate);
      assert.deepEqual(
        answers.map(({ body }) => [...body]),
        [[0, 0, 0, 0]], // no context, no certificates
      );
      const types = server.handshake.map(({ type }) => type);
      assert.ok(!types.includes(HandshakeType.certificateVerify));
    },
  },
});

function updatesFrom(server: { handshake: { type: number }[] }): number {
  return server.handshake.filter(({ type }) => type === HandshakeType.keyUpdate).length;
}
