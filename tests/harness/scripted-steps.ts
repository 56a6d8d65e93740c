// Steps for ScriptedServer: the honest flights, and the same messages with a place to lie in each.
// An `edit` runs on the honest contents just before they are encoded; whatever it leaves there is
// sent and becomes part of the transcript, so that a client fails for the one thing that was
// changed and not for the Finished that follows from it.

import { type KeyObject } from "node:crypto";
import { schemeOf, signTranscript, deterministicBytes } from "./tls13-keys.ts";
import { type ScriptedServer, type Step } from "./scripted-server.ts";
import {
  ContentType,
  Extension,
  Group,
  HandshakeType,
  RETRY_RANDOM,
  Suite,
  TLS12,
  TLS13,
  concat,
  encodeExtensions,
  encodeServerHello,
  handshakeMessage,
  u16,
  u32,
  u8,
  vector16,
  vector24,
  vector8,
  type ExtensionList,
  type ServerHello,
} from "./tls13-wire.ts";

/** Answers a ClientHello up to the server's Finished. */
export function honestFlight(): Step[] {
  return [serverHello(), handshakeKeys, ...encryptedFlight()];
}

/** What an honest server sends after ServerHello. */
export function encryptedFlight(): Step[] {
  return [encryptedExtensions(), certificate(), certificateVerify(), finished(), applicationKeys];
}

/** A first and a second answer: HelloRetryRequest for `group`, then the honest flight. */
export function retryFlights(group: number): Step[][] {
  return [[helloRetryRequest({ group })], honestFlight()];
}

export function serverHello(edit: (hello: ServerHello, s: ScriptedServer) => void = none): Step {
  return (s) => {
    const group = chosenGroup(s);
    s.beginSchedule(chosenSuite(s));
    const { share } = s.exchangeWith(group);
    const hello = helloFields(s, deterministicBytes(`${s.seed} random`, 32), [
      [Extension.supportedVersions, u16(TLS13)],
      [Extension.keyShare, concat(u16(group), vector16(share))],
    ]);
    edit(hello, s);
    s.sendHandshake(handshakeMessage(HandshakeType.serverHello, encodeServerHello(hello)));
  };
}

export interface RetryOptions {
  /** null: no key_share extension. */
  group: number | null;
  cookie?: Uint8Array;
  edit?: (hello: ServerHello) => void;
}

export function helloRetryRequest({ group, cookie, edit = none }: RetryOptions): Step {
  return (s) => {
    s.beginSchedule(chosenSuite(s));
    const extensions: ExtensionList = [[Extension.supportedVersions, u16(TLS13)]];
    if (group !== null) extensions.push([Extension.keyShare, u16(group)]);
    if (cookie) extensions.push([Extension.cookie, vector16(cookie)]);
    const hello = helloFields(s, RETRY_RANDOM, extensions);
    edit(hello);
    if (s.hellos.length === 1) s.schedule!.replaceByHash();
    s.sendHandshake(handshakeMessage(HandshakeType.serverHello, encodeServerHello(hello)));
  };
}

/**
 * Protection on, under the handshake secrets of the transcript so far; queued messages go out
 * first.
 */
export const handshakeKeys: Step = (s) => {
  s.flush();
  s.handshakeSecrets = s.schedule!.handshakeKeys(s.exchange!.secret);
  s.sendKeys = s.handshakeSecrets.server;
  s.receiveKeys = s.handshakeSecrets.client;
};

/** Sends under the application secrets; the client's follow when its Finished is there. */
export const applicationKeys: Step = (s) => {
  s.flush();
  s.applicationSecrets = s.schedule!.applicationKeys();
  s.sendKeys = s.applicationSecrets.server;
};

export function encryptedExtensions(extensions: ExtensionList = []): Step {
  return message(HandshakeType.encryptedExtensions, encodeExtensions(extensions));
}

export interface CertificateOptions {
  /** DER, leaf first; default: the identity's. */
  chain?: Uint8Array[];
  context?: Uint8Array;
  /** Of every entry. */
  extensions?: ExtensionList;
  /** Replaces the encoded body. */
  edit?: (body: Uint8Array) => Uint8Array;
}

export function certificate(options: CertificateOptions = {}): Step {
  return (s) => {
    const extensions = encodeExtensions(options.extensions ?? []);
    const entries = (options.chain ?? s.identity.chain).map((der) =>
      concat(vector24(der), extensions),
    );
    const body = concat(vector8(options.context ?? new Uint8Array(0)), vector24(...entries));
    const { edit = same } = options;
    s.sendHandshake(handshakeMessage(HandshakeType.certificate, edit(body)));
  };
}

export interface CertificateVerifyOptions {
  /** What is said; and, where `signAs` is absent, what is done. */
  scheme?: number;
  signAs?: number;
  key?: KeyObject;
  signer?: "server" | "client";
  edit?: (signature: Uint8Array) => Uint8Array;
}

export function certificateVerify(options: CertificateVerifyOptions = {}): Step {
  return (s) => {
    const key = options.key ?? s.identity.key;
    const scheme = options.scheme ?? schemeOf(s.identity.key);
    const hash = s.schedule!.transcriptHash();
    const signature = signTranscript(key, options.signAs ?? scheme, hash, options.signer);
    const { edit = same } = options;
    const body = concat(u16(scheme), vector16(edit(signature)));
    s.sendHandshake(handshakeMessage(HandshakeType.certificateVerify, body));
  };
}

export function finished(edit: (verifyData: Uint8Array) => Uint8Array = same): Step {
  return (s) => {
    const verifyData = s.schedule!.verifyData(s.handshakeSecrets!.server);
    s.sendHandshake(handshakeMessage(HandshakeType.finished, edit(verifyData)));
  };
}

export interface CertificateRequestOptions {
  context?: Uint8Array;
  extensions?: ExtensionList;
}

export function certificateRequest(options: CertificateRequestOptions = {}): Step {
  const schemes = vector16(u16(0x0403), u16(0x0804));
  const extensions = options.extensions ?? [[Extension.signatureAlgorithms, schemes]];
  const context = vector8(options.context ?? new Uint8Array(0));
  return message(HandshakeType.certificateRequest, context, encodeExtensions(extensions));
}

export interface TicketOptions {
  lifetime?: number;
  ticket?: Uint8Array;
  extensions?: ExtensionList;
  edit?: (body: Uint8Array) => Uint8Array;
}

export function newSessionTicket(options: TicketOptions = {}): Step {
  const body = concat(
    u32(options.lifetime ?? 7200),
    u32(0x01020304),
    vector8(Uint8Array.of(0, 1)),
    vector16(options.ticket ?? deterministicBytes("ticket", 32)),
    encodeExtensions(options.extensions ?? []),
  );
  const { edit = same } = options;
  return message(HandshakeType.newSessionTicket, edit(body));
}

/** KeyUpdate, after which this side sends under new keys. */
export function keyUpdate(request = 0): Step {
  return (s) => {
    message(HandshakeType.keyUpdate, u8(request))(s);
    s.flush();
    s.sendKeys = s.sendKeys!.next();
  };
}

/** Any handshake message. */
export function message(type: number, ...body: Uint8Array[]): Step {
  return (s) => s.sendHandshake(handshakeMessage(type, ...body));
}

/** Handshake bytes that need not be whole messages; not part of the transcript. */
export function handshakeBytes(bytes: Uint8Array): Step {
  return (s) => s.sendHandshake(bytes, false);
}

export function content(type: number, bytes: Uint8Array, padding?: number): Step {
  return (s) => {
    s.flush();
    s.sendRecord(type, bytes, padding);
  };
}

export function data(bytes: Uint8Array): Step {
  return content(ContentType.applicationData, bytes);
}

export function alert(level: number, description: number): Step {
  return content(ContentType.alert, Uint8Array.of(level, description));
}

/** One protected record whose inner plaintext is exactly this. */
export function inner(bytes: Uint8Array, outerType?: number, version?: number): Step {
  return (s) => {
    s.flush();
    s.sendInner(bytes, outerType, version);
  };
}

/** Bytes on the wire without any protection. */
export function raw(bytes: Uint8Array): Step {
  return (s) => {
    s.flush();
    s.sendRaw(bytes);
  };
}

/** The change_cipher_spec of middlebox compatibility (RFC 8446, D.4). */
export const changeCipherSpec: Step = raw(Uint8Array.of(20, 3, 3, 0, 1, 1));

/** The same steps several times. */
export function repeat(n: number, ...steps: Step[]): Step {
  return (s) => {
    for (let i = 0; i < n; i++) for (const step of steps) step(s);
  };
}

function helloFields(
  s: ScriptedServer,
  random: Uint8Array,
  extensions: ExtensionList,
): ServerHello {
  return {
    legacyVersion: TLS12,
    random,
    sessionId: s.hello.sessionId,
    suite: s.suite,
    compression: 0,
    extensions,
  };
}

function chosenSuite(s: ScriptedServer): number {
  const ours = s.options.suites ?? Object.values(Suite);
  const suite = ours.find((number) => s.hello.suites.includes(number));
  if (suite === undefined) throw new Error("no common suite");
  return suite;
}

function chosenGroup(s: ScriptedServer): number {
  const ours = s.options.groups ?? [Group.x25519, Group.secp256r1, Group.secp384r1];
  const group = ours.find((number) => s.clientShare(number) !== undefined);
  if (group === undefined) throw new Error("no common group");
  return group;
}

function same<T>(value: T): T {
  return value;
}

function none(): void {}
