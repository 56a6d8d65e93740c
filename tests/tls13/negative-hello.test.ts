// ServerHello and HelloRetryRequest by a server that lies in each of their fields (RFC 8446, 4.1.3,
// 4.1.4, 4.2.1, 4.2.2 and 4.2.8). Nothing is protected yet, so every alert comes in the clear.

import assert from "node:assert/strict";
import { deterministicBytes } from "../harness/tls13-keys.ts";
import { type ScriptedServer, type Step } from "../harness/scripted-server.ts";
import {
  handshakeKeys,
  helloRetryRequest,
  honestFlight,
  message,
  retryFlights,
  serverHello,
} from "../harness/scripted-steps.ts";
import {
  Alert,
  DOWNGRADE_TLS11,
  DOWNGRADE_TLS12,
  Extension,
  Group,
  HandshakeType,
  Suite,
  concat,
  encodeServerHello,
  equal,
  findExtension,
  flip,
  fromHex,
  removeExtension,
  setExtension,
  u16,
  vector16,
  type ServerHello,
} from "../harness/tls13-wire.ts";
import { accepts, flight, refuses, type Refusal } from "./refusal.ts";

type Edit = (hello: ServerHello, s: ScriptedServer) => void;

const hello = (alert: number, edit: Edit, more: Partial<Refusal> = {}): Refusal => ({
  alert,
  server: { flights: flight({ hello: serverHello(edit) }) },
  ...more,
});

const keyShare = (group: number, share: Uint8Array): Uint8Array =>
  concat(u16(group), vector16(share));

const setShare =
  (group: number, share: Uint8Array): Edit =>
  (h) =>
    setExtension(h.extensions, Extension.keyShare, keyShare(group, share));

const setVersion =
  (version: number): Edit =>
  (h) =>
    setExtension(h.extensions, Extension.supportedVersions, u16(version));

/** What a server that only knows TLS 1.2 would say, with the last bytes of its random as given. */
const tls12Hello =
  (sentinel: Uint8Array): Edit =>
  (h) => {
    h.extensions = [[Extension.extendedMasterSecret, new Uint8Array(0)]];
    h.suite = 0xc02b;
    h.random = concat(h.random.subarray(0, 32 - sentinel.length), sentinel);
  };

refuses("ServerHello: version", {
  "supported_versions absent": hello(Alert.protocolVersion, (h) =>
    removeExtension(h.extensions, Extension.supportedVersions),
  ),
  "a TLS 1.2 server": hello(Alert.protocolVersion, tls12Hello(new Uint8Array(0)), {
    everyEngine: true,
  }),
  "downgrade to TLS 1.2, with the sentinel": hello(
    Alert.illegalParameter,
    tls12Hello(DOWNGRADE_TLS12),
    { everyEngine: true },
  ),
  "downgrade to TLS 1.1, with the sentinel": hello(Alert.illegalParameter, (h, s) => {
    tls12Hello(DOWNGRADE_TLS11)(h, s);
    h.legacyVersion = 0x0302;
  }),
  "a TLS 1.0 server": hello(Alert.protocolVersion, (h, s) => {
    tls12Hello(new Uint8Array(0))(h, s);
    h.legacyVersion = 0x0301;
  }),
  "supported_versions says TLS 1.2": hello(Alert.illegalParameter, setVersion(0x0303)),
  "supported_versions says TLS 1.4": hello(Alert.illegalParameter, setVersion(0x0305)),
  "supported_versions says a draft": hello(Alert.illegalParameter, setVersion(0x7f1c)),
  "supported_versions is a list": hello(Alert.decodeError, (h) =>
    setExtension(h.extensions, Extension.supportedVersions, Uint8Array.of(2, 3, 4)),
  ),
  "legacy_version says TLS 1.3": hello(Alert.illegalParameter, (h) => (h.legacyVersion = 0x0304)),
  "legacy_version says TLS 1.1": hello(Alert.illegalParameter, (h) => (h.legacyVersion = 0x0302)),
});

accepts("ServerHello: version", {
  // 4.1.3 asks for the check where the server chose TLS 1.2; under 1.3 these are eight bytes like
  // any others
  "the downgrade sentinel under TLS 1.3": {
    server: {
      flights: flight({
        hello: serverHello((h) => h.random.set(DOWNGRADE_TLS12, 24)),
      }),
    },
    check: ({ server }) => assert.ok(server.clientFinished),
  },
});

refuses("ServerHello: what must be echoed", {
  "session id changed": hello(Alert.illegalParameter, (h) => {
    h.sessionId = h.sessionId.length > 0 ? flip(h.sessionId, 0) : Uint8Array.of(1);
  }),
  "session id absent or made up": hello(Alert.illegalParameter, (h) => {
    h.sessionId = h.sessionId.length > 0 ? new Uint8Array(0) : new Uint8Array(32);
  }),
  "session id too long": hello(Alert.decodeError, (h) => (h.sessionId = new Uint8Array(33))),
  compression: hello(Alert.illegalParameter, (h) => (h.compression = 1)),
});

refuses("ServerHello: cipher suite", {
  unknown: hello(Alert.illegalParameter, (h) => (h.suite = 0x13ff)),
  "of TLS 1.2": hello(Alert.illegalParameter, (h) => (h.suite = 0xc02f)),
  TLS_NULL_WITH_NULL_NULL: hello(Alert.illegalParameter, (h) => (h.suite = 0)),
  "not offered": hello(Alert.illegalParameter, (h) => (h.suite = Suite.TLS_AES_256_GCM_SHA384), {
    client: { ciphers: ["TLS_AES_128_GCM_SHA256"] },
    everyEngine: true,
  }),
});

refuses("ServerHello: extensions", {
  "key_share absent": hello(Alert.missingExtension, (h) =>
    removeExtension(h.extensions, Extension.keyShare),
  ),
  "one that nobody asked for": hello(Alert.unsupportedExtension, (h) =>
    h.extensions.push([Extension.unknown, new Uint8Array(0)]),
  ),
  "pre_shared_key, never offered": hello(Alert.unsupportedExtension, (h) =>
    h.extensions.push([Extension.preSharedKey, u16(0)]),
  ),
  "server_name, which does not belong here": hello(Alert.illegalParameter, (h) =>
    h.extensions.push([Extension.serverName, new Uint8Array(0)]),
  ),
  "supported_groups, which does not belong here": hello(Alert.illegalParameter, (h) =>
    h.extensions.push([Extension.supportedGroups, Uint8Array.of(0, 2, 0, Group.x25519)]),
  ),
  "key_share twice": hello(Alert.illegalParameter, (h) => {
    h.extensions.push([Extension.keyShare, findExtension(h.extensions, Extension.keyShare)!]);
  }),
  "supported_versions twice": hello(Alert.illegalParameter, (h) =>
    h.extensions.push([Extension.supportedVersions, u16(0x0304)]),
  ),
});

const SHARE_OF_32 = deterministicBytes("no key of anybody", 32);

/** The generator of P-256 with its last bit changed. */
const OFF_CURVE = fromHex(
  "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296" +
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f4",
);

const ON_CURVE = flip(OFF_CURVE, -1);

/** With HelloRetryRequest first, so that the client's share is one of P-256. */
const p256 = (alert: number, share: Uint8Array): Refusal => ({
  alert,
  server: {
    flights: [
      [helloRetryRequest({ group: Group.secp256r1 })],
      [serverHello(setShare(Group.secp256r1, share)), ...honestFlight().slice(1)],
    ],
  },
});

refuses("ServerHello: key share", {
  "X25519: all zero": hello(Alert.illegalParameter, setShare(Group.x25519, new Uint8Array(32)), {
    everyEngine: true,
  }),
  "X25519: a point of order 8": hello(
    Alert.illegalParameter,
    setShare(
      Group.x25519,
      fromHex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    ),
  ),
  "X25519: 31 bytes": hello(
    Alert.illegalParameter,
    setShare(Group.x25519, SHARE_OF_32.subarray(1)),
  ),
  "X25519: 33 bytes": hello(
    Alert.illegalParameter,
    setShare(Group.x25519, concat(SHARE_OF_32, Uint8Array.of(0))),
  ),
  "X25519: no bytes": hello(Alert.decodeError, setShare(Group.x25519, new Uint8Array(0))),
  "X25519: bytes behind the share": hello(Alert.decodeError, (h) =>
    setExtension(
      h.extensions,
      Extension.keyShare,
      concat(keyShare(Group.x25519, SHARE_OF_32), Uint8Array.of(0)),
    ),
  ),
  "X25519: somebody else's": hello(Alert.badRecordMac, setShare(Group.x25519, SHARE_OF_32), {
    unreadable: true,
  }),
  "a group without a share of ours": hello(
    Alert.illegalParameter,
    setShare(Group.secp256r1, OFF_CURVE),
  ),
  "a group never offered": hello(
    Alert.illegalParameter,
    setShare(Group.x448, deterministicBytes("x448", 56)),
  ),
  "X25519's share under the name of a group never offered": hello(
    Alert.illegalParameter,
    setShare(Group.x448, SHARE_OF_32),
  ),
  "X25519's share under the name of P-256": hello(
    Alert.illegalParameter,
    setShare(Group.secp256r1, SHARE_OF_32),
  ),
  "P-256: not on the curve": { ...p256(Alert.illegalParameter, OFF_CURVE), everyEngine: true },
  "P-256: the point at infinity": p256(Alert.illegalParameter, Uint8Array.of(0)),
  "P-256: zero": p256(Alert.illegalParameter, concat(Uint8Array.of(4), new Uint8Array(64))),
  "P-256: compressed": p256(
    Alert.illegalParameter,
    concat(Uint8Array.of(3), OFF_CURVE.subarray(1, 33)),
  ),
  "P-256: hybrid form": p256(
    Alert.illegalParameter,
    concat(Uint8Array.of(7), ON_CURVE.subarray(1)),
  ),
  "P-256: coordinates not reduced": p256(
    Alert.illegalParameter,
    concat(Uint8Array.of(4), new Uint8Array(64).fill(0xff)),
  ),
  "P-256: a byte short": p256(Alert.illegalParameter, OFF_CURVE.subarray(0, 64)),
});

/** ServerHello with its encoded body changed. */
const encoded = (edit: (body: Uint8Array) => Uint8Array): Refusal => {
  const step: Step = (s) => {
    serverHello((h) => {
      message(HandshakeType.serverHello, edit(encodeServerHello(h)))(s);
    })(s);
  };
  return { alert: Alert.decodeError, server: { flights: flight({ hello: step }) } };
};

refuses("ServerHello: shape", {
  empty: encoded(() => new Uint8Array(0)),
  "ends in the random": encoded((body) => body.subarray(0, 20)),
  "ends in the extensions": encoded((body) => body.subarray(0, -3)),
  "bytes behind the extensions": encoded((body) => concat(body, Uint8Array.of(0))),
  "extensions longer than the message": encoded((body) => flip(body, body.length - 47)),
});

const retry = (
  alert: number,
  edit: (h: ServerHello) => void,
  group = Group.secp256r1,
): Refusal => ({
  alert,
  server: { flights: [[helloRetryRequest({ group, edit })], honestFlight()] },
});

/** An honest HelloRetryRequest, then a ServerHello that does not go with it. */
const afterRetry = (alert: number, edit: Edit, suites?: number[]): Refusal => ({
  alert,
  server: {
    suites,
    flights: [
      [helloRetryRequest({ group: Group.secp256r1 })],
      [serverHello(edit), ...honestFlight().slice(1)],
    ],
  },
});

refuses("HelloRetryRequest", {
  "for a group that has a share already": retry(Alert.illegalParameter, () => {}, Group.x25519),
  "for a group never offered": retry(Alert.illegalParameter, () => {}, Group.x448),
  "for a group that does not exist": retry(Alert.illegalParameter, () => {}, 0xfefe),
  "that changes nothing": retry(Alert.illegalParameter, (h) =>
    removeExtension(h.extensions, Extension.keyShare),
  ),
  "with a whole key share": retry(Alert.decodeError, (h) =>
    setExtension(h.extensions, Extension.keyShare, keyShare(Group.secp256r1, OFF_CURVE)),
  ),
  "without supported_versions": retry(Alert.protocolVersion, (h) =>
    removeExtension(h.extensions, Extension.supportedVersions),
  ),
  "with TLS 1.2 in supported_versions": retry(Alert.illegalParameter, (h) =>
    setExtension(h.extensions, Extension.supportedVersions, u16(0x0303)),
  ),
  "with an extension that nobody asked for": retry(Alert.unsupportedExtension, (h) =>
    h.extensions.push([Extension.unknown, new Uint8Array(0)]),
  ),
  "with an extension that does not belong here": retry(Alert.illegalParameter, (h) =>
    h.extensions.push([Extension.supportedGroups, Uint8Array.of(0, 2, 0, Group.secp256r1)]),
  ),
  "with key_share twice": retry(Alert.illegalParameter, (h) =>
    h.extensions.push([Extension.keyShare, u16(Group.secp256r1)]),
  ),
  "with an empty cookie": retry(Alert.decodeError, (h) =>
    h.extensions.push([Extension.cookie, u16(0)]),
  ),
  "with bytes behind the cookie": retry(Alert.decodeError, (h) =>
    h.extensions.push([Extension.cookie, fromHex("000161ff")]),
  ),
  "with another session id": retry(Alert.illegalParameter, (h) => {
    h.sessionId = h.sessionId.length > 0 ? flip(h.sessionId, 0) : Uint8Array.of(1);
  }),
  "with compression": retry(Alert.illegalParameter, (h) => (h.compression = 1)),
  "with a suite never offered": retry(Alert.illegalParameter, (h) => (h.suite = 0x1304)),
  twice: {
    alert: Alert.unexpectedMessage,
    everyEngine: true,
    server: {
      flights: [
        [helloRetryRequest({ group: Group.secp256r1 })],
        [helloRetryRequest({ group: Group.secp256r1 })],
      ],
    },
  },
  "then another suite": afterRetry(
    Alert.illegalParameter,
    (h) => (h.suite = Suite.TLS_CHACHA20_POLY1305_SHA256),
    [Suite.TLS_AES_128_GCM_SHA256],
  ),
  "then the group that it refused": afterRetry(
    Alert.illegalParameter,
    setShare(Group.x25519, SHARE_OF_32),
  ),
  "then P-256's share under another name": afterRetry(
    Alert.illegalParameter,
    setShare(Group.x25519, ON_CURVE),
  ),
  "then no share": afterRetry(Alert.missingExtension, (h) =>
    removeExtension(h.extensions, Extension.keyShare),
  ),
  "then TLS 1.2": afterRetry(Alert.protocolVersion, tls12Hello(new Uint8Array(0))),
  "then ServerHello twice": {
    alert: Alert.unexpectedMessage,
    server: {
      flights: [
        [helloRetryRequest({ group: Group.secp256r1 })],
        [serverHello(), handshakeKeys, serverHello()],
      ],
    },
  },
});

/** The second ClientHello is the first with a new share, and the cookie (4.1.2). */
function checkSecondHello(server: ScriptedServer, cookie?: Uint8Array): void {
  const [first, second] = server.hellos;
  assert.equal(server.hellos.length, 2);
  assert.ok(equal(first.random, second.random));
  assert.ok(equal(first.sessionId, second.sessionId));
  assert.deepEqual(first.suites, second.suites);
  const changed: number[] = [Extension.keyShare, Extension.cookie];
  const rest = (list: ServerHello["extensions"]): ServerHello["extensions"] =>
    list.filter(([type]) => !changed.includes(type));
  assert.deepEqual(rest(first.extensions), rest(second.extensions));
  const sent = findExtension(second.extensions, Extension.cookie);
  assert.deepEqual(sent, cookie && vector16(cookie));
  assert.ok(server.clientFinished);
}

const COOKIE = deterministicBytes("cookie", 300);

accepts("HelloRetryRequest", {
  "for P-256": {
    server: { flights: retryFlights(Group.secp256r1) },
    everyEngine: true,
    check: ({ server }) => {
      checkSecondHello(server);
      assert.equal(server.group, Group.secp256r1);
    },
  },
  "for P-256, with a cookie": {
    server: {
      flights: [[helloRetryRequest({ group: Group.secp256r1, cookie: COOKIE })], honestFlight()],
    },
    check: ({ server }) => checkSecondHello(server, COOKIE),
  },
  "with nothing but a cookie": {
    server: { flights: [[helloRetryRequest({ group: null, cookie: COOKIE })], honestFlight()] },
    check: ({ server }) => {
      checkSecondHello(server, COOKIE);
      assert.equal(server.group, Group.x25519);
    },
  },
  "under SHA-384": {
    server: {
      flights: retryFlights(Group.secp256r1),
      suites: [Suite.TLS_AES_256_GCM_SHA384],
    },
    check: ({ server }) => checkSecondHello(server),
  },
});
