// What the server says under handshake keys, wrong in itself: EncryptedExtensions,
// CertificateRequest, Certificate, CertificateVerify, Finished, and the messages after the
// handshake (RFC 8446, 4.3, 4.4 and 4.6).

import assert from "node:assert/strict";
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { pkiOf } from "../harness/identities.ts";
import { type KeyKind } from "../harness/pki.ts";
import { type Step } from "../harness/scripted-server.ts";
import {
  certificate,
  certificateRequest,
  certificateVerify,
  data,
  encryptedExtensions,
  finished,
  keyUpdate,
  message,
  newSessionTicket,
  repeat,
  type CertificateOptions,
  type CertificateVerifyOptions,
  type TicketOptions,
} from "../harness/scripted-steps.ts";
import {
  Alert,
  Extension,
  Group,
  HandshakeType,
  Scheme,
  ascii,
  concat,
  fromHex,
  u16,
  u24,
  u8,
  vector16,
  type ExtensionList,
} from "../harness/tls13-wire.ts";
import { accepts, flight, refuses, type FlightParts, type Refusal } from "./refusal.ts";

const EMPTY = new Uint8Array(0);

const refusal = (alert: number, parts: FlightParts, more: Partial<Refusal> = {}): Refusal => ({
  alert,
  server: { flights: flight(parts) },
  ...more,
});

const extensions = (alert: number, list: ExtensionList): Refusal =>
  refusal(alert, { extensions: encryptedExtensions(list) });

const rawExtensions = (alert: number, hex: string): Refusal =>
  refusal(alert, { extensions: message(HandshakeType.encryptedExtensions, fromHex(hex)) });

refuses("EncryptedExtensions", {
  "one that nobody asked for": extensions(Alert.unsupportedExtension, [[Extension.unknown, EMPTY]]),
  "ALPN, never offered": extensions(Alert.unsupportedExtension, [
    [Extension.alpn, vector16(Uint8Array.of(2, 0x68, 0x32))],
  ]),
  "early_data, never offered": extensions(Alert.unsupportedExtension, [
    [Extension.earlyData, EMPTY],
  ]),
  "key_share, which does not belong here": extensions(Alert.illegalParameter, [
    [Extension.keyShare, concat(u16(Group.x25519), vector16(new Uint8Array(32)))],
  ]),
  "supported_versions, which does not belong here": extensions(Alert.illegalParameter, [
    [Extension.supportedVersions, u16(0x0304)],
  ]),
  "signature_algorithms, which does not belong here": extensions(Alert.illegalParameter, [
    [Extension.signatureAlgorithms, vector16(u16(Scheme.ecdsa_secp256r1_sha256))],
  ]),
  "server_name twice": extensions(Alert.illegalParameter, [
    [Extension.serverName, EMPTY],
    [Extension.serverName, EMPTY],
  ]),
  "server_name with a name": extensions(Alert.decodeError, [[Extension.serverName, ascii("who")]]),
  empty: rawExtensions(Alert.decodeError, ""),
  "bytes behind the extensions": rawExtensions(Alert.decodeError, "000000"),
  "extensions longer than the message": rawExtensions(Alert.decodeError, "0001"),
  "an extension longer than the block": rawExtensions(Alert.decodeError, "000400000001"),
  "an extension of three bytes": rawExtensions(Alert.decodeError, "0003000000"),
});

accepts("EncryptedExtensions", {
  "server_name acknowledged, and the server's groups": {
    server: {
      flights: flight({
        extensions: encryptedExtensions([
          [Extension.serverName, EMPTY],
          [Extension.supportedGroups, vector16(u16(Group.x448), u16(Group.x25519))],
        ]),
      }),
    },
    check: ({ server }) => assert.ok(server.clientFinished),
  },
});

const request = (alert: number, step: Step): Refusal =>
  refusal(alert, { extensions: [encryptedExtensions(), step] });

const SCHEMES = vector16(u16(Scheme.ecdsa_secp256r1_sha256));

refuses("CertificateRequest", {
  "without signature_algorithms": request(
    Alert.missingExtension,
    certificateRequest({ extensions: [] }),
  ),
  "with a context": request(
    Alert.illegalParameter,
    certificateRequest({ context: Uint8Array.of(1) }),
  ),
  "signature_algorithms twice": request(
    Alert.illegalParameter,
    certificateRequest({
      extensions: [
        [Extension.signatureAlgorithms, SCHEMES],
        [Extension.signatureAlgorithms, SCHEMES],
      ],
    }),
  ),
  "that ends early": request(
    Alert.decodeError,
    message(HandshakeType.certificateRequest, fromHex("0000")),
  ),
});

accepts("CertificateRequest", {
  "with extensions that we do not know": {
    server: {
      flights: flight({
        extensions: [
          encryptedExtensions(),
          certificateRequest({
            extensions: [
              [Extension.signatureAlgorithms, SCHEMES],
              [Extension.unknown, ascii("whatever")],
            ],
          }),
        ],
      }),
    },
    check: ({ server }) => assert.ok(server.clientFinished),
  },
});

const presents = (
  alert: number,
  options: CertificateOptions,
  more: Partial<Refusal> = {},
): Refusal => refusal(alert, { certificate: certificate(options) }, more);

const BAD_CERTIFICATE = { number: 0, text: "invalid cert" };
const NOT_TRUSTED = {
  number: 0,
  text: "\nThe certificate is not correctly signed by the trusted CA\n",
};

const leaf = (): Uint8Array => pkiOf("p256").leaf.der;

refuses("Certificate", {
  "an empty list": presents(Alert.decodeError, { chain: [] }, { everyEngine: true }),
  "a context": presents(Alert.illegalParameter, { context: Uint8Array.of(1, 2) }),
  "an empty certificate": presents(Alert.decodeError, { chain: [EMPTY] }),
  garbage: presents(
    Alert.badCertificate,
    { chain: [new Uint8Array(300).fill(0x30)] },
    BAD_CERTIFICATE,
  ),
  "a certificate cut short": presents(
    Alert.badCertificate,
    { chain: [leaf().subarray(0, -1)] },
    BAD_CERTIFICATE,
  ),
  "a byte behind the certificate": presents(
    Alert.badCertificate,
    { chain: [concat(leaf(), u8(0))] },
    BAD_CERTIFICATE,
  ),
  "the intermediate missing": presents(
    Alert.unknownCa,
    { chain: [leaf()] },
    { ...NOT_TRUSTED, everyEngine: true },
  ),
  "another authority's": presents(
    Alert.unknownCa,
    { chain: [pkiOf("p384").leaf.der, pkiOf("p384").intermediate!.der] },
    NOT_TRUSTED,
  ),
  "bytes behind the list": presents(Alert.decodeError, { edit: (body) => concat(body, u8(0)) }),
  "the list longer than the message": presents(Alert.decodeError, {
    edit: (body) => body.subarray(0, -1),
  }),
  "no body": presents(Alert.decodeError, { edit: () => EMPTY }),
  "an extension that nobody asked for": presents(Alert.unsupportedExtension, {
    extensions: [[Extension.unknown, EMPTY]],
  }),
  "status_request, never offered": presents(Alert.unsupportedExtension, {
    extensions: [[Extension.statusRequest, new Uint8Array(8)]],
  }),
  "an extension that does not belong here": presents(Alert.illegalParameter, {
    extensions: [[Extension.serverName, EMPTY]],
  }),
});

/** The header of a Certificate of n bytes, and the first of them. */
const announced =
  (n: number): Step =>
  (s) =>
    s.sendHandshake(concat(u8(HandshakeType.certificate), u24(n), new Uint8Array(1000)));

refuses("Certificate that does not fit", {
  "16 MB announced": refusal(
    Alert.internalError,
    { certificate: announced(0xffffff) },
    { number: -27136, text: "MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL" },
  ),
});

const verifies = (
  alert: number,
  options: CertificateVerifyOptions,
  more: Partial<Refusal> = {},
): Refusal => refusal(alert, { verify: certificateVerify(options) }, more);

const otherKey = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
const keyOf = (kind: KeyKind): ReturnType<typeof createPrivateKey> =>
  createPrivateKey(readFileSync(pkiOf(kind).leaf.keyFile));
const last = (bytes: Uint8Array): Uint8Array => {
  bytes[bytes.length - 1] ^= 1;
  return bytes;
};

refuses("CertificateVerify with an ECDSA key", {
  "a bit changed": verifies(Alert.decryptError, { edit: last }, { everyEngine: true }),
  "another key": verifies(Alert.decryptError, { key: otherKey }, { everyEngine: true }),
  "as a client": verifies(Alert.decryptError, { signer: "client" }),
  "no signature": verifies(Alert.decryptError, { edit: () => EMPTY }),
  "all zero": verifies(Alert.decryptError, { edit: (signature) => signature.fill(0) }),
  "r and s zero": verifies(Alert.decryptError, { edit: () => fromHex("3006020100020100") }),
  "a byte behind it": verifies(Alert.decryptError, { edit: (s) => concat(s, u8(0)) }),
  "SHA-384 under the name of SHA-256": verifies(Alert.decryptError, {
    signAs: Scheme.ecdsa_secp384r1_sha384,
  }),
  "scheme for P-384": verifies(Alert.illegalParameter, { scheme: Scheme.ecdsa_secp384r1_sha384 }),
  "scheme for RSA": verifies(Alert.illegalParameter, {
    scheme: Scheme.rsa_pss_rsae_sha256,
    key: keyOf("rsa"),
  }),
  "scheme never offered": verifies(Alert.illegalParameter, {
    scheme: Scheme.ed25519,
    signAs: Scheme.ecdsa_secp256r1_sha256,
  }),
  "scheme unknown": verifies(Alert.illegalParameter, {
    scheme: 0xfe00,
    signAs: Scheme.ecdsa_secp256r1_sha256,
  }),
});

refuses("CertificateVerify with an RSA key", {
  "a bit changed": verifies(Alert.decryptError, { edit: last }, { kind: "rsa", everyEngine: true }),
  "PKCS #1 v1.5": verifies(
    Alert.illegalParameter,
    { scheme: Scheme.rsa_pkcs1_sha256 },
    { kind: "rsa", everyEngine: true },
  ),
  "PKCS #1 v1.5 with SHA-1": verifies(
    Alert.illegalParameter,
    { scheme: Scheme.rsa_pkcs1_sha1 },
    { kind: "rsa" },
  ),
  "PKCS #1 v1.5 under the name of PSS": verifies(
    Alert.decryptError,
    { scheme: Scheme.rsa_pss_rsae_sha256, signAs: Scheme.rsa_pkcs1_sha256 },
    { kind: "rsa" },
  ),
  "the scheme of an RSASSA-PSS key": verifies(
    Alert.illegalParameter,
    { scheme: Scheme.rsa_pss_pss_sha256 },
    { kind: "rsa" },
  ),
  "the scheme of a plain RSA key with an RSASSA-PSS key": verifies(
    Alert.illegalParameter,
    { scheme: Scheme.rsa_pss_rsae_sha256 },
    { kind: "rsa-pss" },
  ),
  "a byte too many": verifies(
    Alert.decryptError,
    { edit: (signature) => concat(u8(0), signature) },
    { kind: "rsa" },
  ),
  "P-384 under the name of P-256": verifies(
    Alert.illegalParameter,
    { scheme: Scheme.ecdsa_secp256r1_sha256 },
    { kind: "p384" },
  ),
});

const rawVerify = (hex: string): Refusal =>
  refusal(Alert.decodeError, { verify: message(HandshakeType.certificateVerify, fromHex(hex)) });

refuses("CertificateVerify: shape", {
  empty: rawVerify(""),
  "nothing but a scheme": rawVerify("0403"),
  "the signature longer than the message": rawVerify("04030002aa"),
  "bytes behind the signature": rawVerify("04030001aabb"),
});

const finishes = (
  alert: number,
  edit: (d: Uint8Array) => Uint8Array,
  everyEngine = false,
): Refusal => refusal(alert, { finished: finished(edit) }, { everyEngine });

refuses("Finished", {
  "the first bit changed": finishes(Alert.decryptError, (d) => d.fill(d[0] ^ 0x80, 0, 1), true),
  "the last bit changed": finishes(Alert.decryptError, last, true),
  "all zero": finishes(Alert.decryptError, (d) => d.fill(0)),
  "a byte short": finishes(Alert.decodeError, (d) => d.subarray(1)),
  "a byte too many": finishes(Alert.decodeError, (d) => concat(d, u8(0))),
  empty: finishes(Alert.decodeError, () => EMPTY),
});

const later = (alert: number, ...afterFinished: Step[]): Refusal => ({
  alert,
  connected: true,
  server: { afterFinished },
});

const rawUpdate = (...body: number[]): Step =>
  message(HandshakeType.keyUpdate, Uint8Array.from(body));

refuses("KeyUpdate", {
  "value 2": later(Alert.illegalParameter, rawUpdate(2)),
  "value 255": later(Alert.illegalParameter, rawUpdate(255)),
  empty: later(Alert.decodeError, rawUpdate()),
  "a byte too many": later(Alert.decodeError, rawUpdate(0, 0)),
  "then data under the old keys": {
    ...later(Alert.badRecordMac, rawUpdate(0), data(ascii("old keys"))),
    everyEngine: true,
  },
});

const ticket = (alert: number, options: TicketOptions): Refusal =>
  later(alert, newSessionTicket(options));

refuses("NewSessionTicket", {
  "no ticket": ticket(Alert.decodeError, { ticket: EMPTY }),
  "ends early": ticket(Alert.decodeError, { edit: (body) => body.subarray(0, -1) }),
  "bytes behind it": ticket(Alert.decodeError, { edit: (body) => concat(body, u8(0)) }),
  empty: ticket(Alert.decodeError, { edit: () => EMPTY }),
});

const LINE = ascii("still here");

accepts("NewSessionTicket", {
  "a lifetime above seven days": {
    server: { afterFinished: [newSessionTicket({ lifetime: 0xffffffff }), data(LINE)] },
    check: ({ read }) => assert.deepEqual(read, LINE),
  },
  "extensions that we do not know": {
    server: {
      afterFinished: [newSessionTicket({ extensions: [[Extension.unknown, LINE]] }), data(LINE)],
    },
    check: ({ read }) => assert.deepEqual(read, LINE),
  },
  "thirty of them": {
    server: { afterFinished: [repeat(30, newSessionTicket()), data(LINE)] },
    check: ({ read }) => assert.deepEqual(read, LINE),
  },
  "ten KeyUpdates that ask for ours": {
    server: { afterFinished: [repeat(10, keyUpdate(1)), data(LINE)] },
    client: { say: LINE },
    check: ({ read, server }) => {
      assert.deepEqual(read, concat(LINE, LINE));
      assert.deepEqual(server.received, LINE);
    },
  },
});
