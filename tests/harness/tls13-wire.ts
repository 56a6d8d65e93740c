// The bytes of TLS 1.3 for tests: numbers, a builder, a reader, ClientHello and ServerHello (RFC
// 8446, 4 and 5; the numbers are in its appendix B). Written from the RFC alone and sharing nothing
// with assembly/, so that the two can disagree. Encoders never refuse anything: the scripted server
// lies through them.

export const ContentType = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 };

export const HandshakeType = {
  helloRequest: 0,
  clientHello: 1,
  serverHello: 2,
  newSessionTicket: 4,
  endOfEarlyData: 5,
  encryptedExtensions: 8,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  finished: 20,
  certificateStatus: 22,
  keyUpdate: 24,
  messageHash: 254,
};

export const Extension = {
  serverName: 0,
  maxFragmentLength: 1,
  statusRequest: 5,
  supportedGroups: 10,
  ecPointFormats: 11,
  signatureAlgorithms: 13,
  alpn: 16,
  signedCertificateTimestamp: 18,
  extendedMasterSecret: 23,
  recordSizeLimit: 28,
  sessionTicket: 35,
  preSharedKey: 41,
  earlyData: 42,
  supportedVersions: 43,
  cookie: 44,
  pskKeyExchangeModes: 45,
  certificateAuthorities: 47,
  keyShare: 51,
  unknown: 0x3a3b,
};

export const Suite = {
  TLS_AES_128_GCM_SHA256: 0x1301,
  TLS_AES_256_GCM_SHA384: 0x1302,
  TLS_CHACHA20_POLY1305_SHA256: 0x1303,
};

export const Group = { secp256r1: 23, secp384r1: 24, secp521r1: 25, x25519: 29, x448: 30 };

export const Scheme = {
  rsa_pkcs1_sha1: 0x0201,
  rsa_pkcs1_sha256: 0x0401,
  ecdsa_secp256r1_sha256: 0x0403,
  ecdsa_secp384r1_sha384: 0x0503,
  ecdsa_secp521r1_sha512: 0x0603,
  rsa_pss_rsae_sha256: 0x0804,
  rsa_pss_rsae_sha384: 0x0805,
  rsa_pss_rsae_sha512: 0x0806,
  ed25519: 0x0807,
  rsa_pss_pss_sha256: 0x0809,
  rsa_pss_pss_sha384: 0x080a,
  rsa_pss_pss_sha512: 0x080b,
};

export const Alert = {
  closeNotify: 0,
  unexpectedMessage: 10,
  badRecordMac: 20,
  recordOverflow: 22,
  handshakeFailure: 40,
  badCertificate: 42,
  unsupportedCertificate: 43,
  certificateRevoked: 44,
  certificateExpired: 45,
  certificateUnknown: 46,
  illegalParameter: 47,
  unknownCa: 48,
  accessDenied: 49,
  decodeError: 50,
  decryptError: 51,
  protocolVersion: 70,
  insufficientSecurity: 71,
  internalError: 80,
  inappropriateFallback: 86,
  userCanceled: 90,
  missingExtension: 109,
  unsupportedExtension: 110,
  unrecognizedName: 112,
  unknownPskIdentity: 115,
  certificateRequired: 116,
  noApplicationProtocol: 120,
};

export const TLS12 = 0x0303;
export const TLS13 = 0x0304;

/** 2^14: the most bytes of one record's content. */
export const MAX_CONTENT = 16384;

/** ServerHello.random of a HelloRetryRequest: SHA-256 of "HelloRetryRequest" (RFC 8446, 4.1.3). */
export const RETRY_RANDOM = fromHex(
  "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c",
);

/**
 * The last eight bytes of a random by a TLS 1.3 server that was talked down to TLS 1.2 and to 1.1
 * (4.1.3).
 */
export const DOWNGRADE_TLS12 = fromHex("444f574e47524401");
export const DOWNGRADE_TLS11 = fromHex("444f574e47524400");

export function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "hex"));
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

export function ascii(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

export function u8(n: number): Uint8Array {
  return Uint8Array.of(n);
}

export function u16(n: number): Uint8Array {
  return Uint8Array.of(n >>> 8, n);
}

export function u24(n: number): Uint8Array {
  return Uint8Array.of(n >>> 16, n >>> 8, n);
}

export function u32(n: number): Uint8Array {
  return Uint8Array.of(n >>> 24, n >>> 16, n >>> 8, n);
}

/** Blocks with a length of 1, 2 or 3 bytes before them. */
export function vector8(...parts: Uint8Array[]): Uint8Array {
  const body = concat(...parts);
  return concat(u8(body.length), body);
}

export function vector16(...parts: Uint8Array[]): Uint8Array {
  const body = concat(...parts);
  return concat(u16(body.length), body);
}

export function vector24(...parts: Uint8Array[]): Uint8Array {
  const body = concat(...parts);
  return concat(u24(body.length), body);
}

/** The same bytes with one bit changed; position counts from the end where negative. */
export function flip(bytes: Uint8Array, position: number, bit = 1): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[position < 0 ? copy.length + position : position] ^= bit;
  return copy;
}

/**
 * Reads from front to back and throws past the end: for the bytes of a client that ought to be
 * right.
 */
export class WireReader {
  at = 0;

  constructor(readonly bytes: Uint8Array) {}

  get left(): number {
    return this.bytes.length - this.at;
  }

  take(n: number): Uint8Array {
    if (n > this.left) throw new Error(`${n} bytes wanted, ${this.left} left`);
    this.at += n;
    return this.bytes.subarray(this.at - n, this.at);
  }

  number(n: number): number {
    return this.take(n).reduce((value, byte) => value * 256 + byte, 0);
  }

  /** A block with a length of n bytes before it. */
  vector(n: number): Uint8Array {
    return this.take(this.number(n));
  }

  end(): void {
    if (this.left > 0) throw new Error(`${this.left} bytes too many`);
  }
}

export type ExtensionList = [type: number, data: Uint8Array][];

export interface ClientHello {
  legacyVersion: number;
  random: Uint8Array;
  sessionId: Uint8Array;
  suites: number[];
  compression: number[];
  /** In the order of the message. */
  extensions: ExtensionList;
}

/**
 * What a ServerHello or a HelloRetryRequest says; scripts change any of it before it is encoded.
 */
export interface ServerHello {
  legacyVersion: number;
  random: Uint8Array;
  sessionId: Uint8Array;
  suite: number;
  compression: number;
  extensions: ExtensionList;
}

/** `body` without the four bytes of the handshake header. */
export function decodeClientHello(body: Uint8Array): ClientHello {
  const r = new WireReader(body);
  const legacyVersion = r.number(2);
  const random = r.take(32);
  const sessionId = r.vector(1);
  const suites = numbers(r.vector(2), 2);
  const compression = [...r.vector(1)];
  const extensions = decodeExtensions(r.vector(2));
  r.end();
  return { legacyVersion, random, sessionId, suites, compression, extensions };
}

export function encodeServerHello(hello: ServerHello): Uint8Array {
  return concat(
    u16(hello.legacyVersion),
    hello.random,
    vector8(hello.sessionId),
    u16(hello.suite),
    u8(hello.compression),
    encodeExtensions(hello.extensions),
  );
}

export function encodeExtensions(list: ExtensionList): Uint8Array {
  return vector16(...list.map(([type, data]) => concat(u16(type), vector16(data))));
}

export function decodeExtensions(block: Uint8Array): ExtensionList {
  const r = new WireReader(block);
  const list: ExtensionList = [];
  while (r.left > 0) list.push([r.number(2), r.vector(2)]);
  return list;
}

/** The data of the extension, undefined where it is absent. */
export function findExtension(list: ExtensionList, type: number): Uint8Array | undefined {
  return list.find(([t]) => t === type)?.[1];
}

/** Replaces the data of an extension, or adds it. */
export function setExtension(list: ExtensionList, type: number, data: Uint8Array): void {
  const entry = list.find(([t]) => t === type);
  if (entry) entry[1] = data;
  else list.push([type, data]);
}

export function removeExtension(list: ExtensionList, type: number): void {
  const at = list.findIndex(([t]) => t === type);
  if (at >= 0) list.splice(at, 1);
}

/** The list of numbers of n bytes that fills `block`. */
export function numbers(block: Uint8Array, n: number): number[] {
  const r = new WireReader(block);
  const list: number[] = [];
  while (r.left > 0) list.push(r.number(n));
  return list;
}

/** One message: type, 24-bit length, body. */
export function handshakeMessage(type: number, ...body: Uint8Array[]): Uint8Array {
  return concat(u8(type), vector24(...body));
}

/** One record as it stands on the wire. */
export function record(type: number, fragment: Uint8Array, version = TLS12): Uint8Array {
  return concat(u8(type), u16(version), vector16(fragment));
}
