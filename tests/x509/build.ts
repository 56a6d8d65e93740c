// Writes DER and certificates piece by piece, so that a test can spoil any one of them. Made for
// what openssl refuses to make; keys and signatures are node:crypto's.

import { createHash, generateKeyPairSync, sign, type KeyObject } from "node:crypto";

type Bytes = Uint8Array | number[];

/** One element: tag, the shortest length, content. */
export function der(tag: number, ...content: Bytes[]): Uint8Array {
  const body = Buffer.concat(content.map((part) => Uint8Array.from(part)));
  const n = body.length;
  const long = n < 0x100 ? [0x81, n] : n < 0x10000 ? [0x82, n >> 8, n & 255] : null;
  if (n >= 0x80 && long === null) {
    return Buffer.concat([Uint8Array.of(tag, 0x83, n >> 16, (n >> 8) & 255, n & 255), body]);
  }
  return Buffer.concat([Uint8Array.from([tag, ...(n < 0x80 ? [n] : long!)]), body]);
}

export const seq = (...content: Bytes[]): Uint8Array => der(0x30, ...content);
export const set = (...content: Bytes[]): Uint8Array => der(0x31, ...content);
export const octets = (...content: Bytes[]): Uint8Array => der(0x04, ...content);
export const bits = (unused: number, ...content: Bytes[]): Uint8Array =>
  der(0x03, [unused], ...content);
export const int = (n: number): Uint8Array => der(0x02, n < 0x80 ? [n] : [n >> 8, n & 255]);
export const bool = (on: boolean): Uint8Array => der(0x01, [on ? 0xff : 0]);
export const ascii = (text: string): Uint8Array => Buffer.from(text, "latin1");
export const utf8 = (text: string): Uint8Array => der(0x0c, Buffer.from(text));
export const printable = (text: string): Uint8Array => der(0x13, ascii(text));
export const utcTime = (text: string): Uint8Array => der(0x17, ascii(text));
export const generalizedTime = (text: string): Uint8Array => der(0x18, ascii(text));

/** "1.2.840.113549" */
export function oid(dotted: string): Uint8Array {
  const [first, second, ...rest] = dotted.split(".").map(Number) as [number, number, ...number[]];
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const septets = [arc & 127];
    for (let high = Math.floor(arc / 128); high > 0; high = Math.floor(high / 128)) {
      septets.unshift((high & 127) | 128);
    }
    return septets;
  });
  return der(0x06, bytes);
}

/** A Name of one common name. */
export const commonName = (text: string): Uint8Array => seq(set(seq(oid("2.5.4.3"), utf8(text))));

export interface Key {
  privateKey: KeyObject;
  /** SubjectPublicKeyInfo. */
  spki: Uint8Array;
}

export function makeKey(curve: "P-256" | "P-384" = "P-256"): Key {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: curve });
  return { privateKey, spki: publicKey.export({ type: "spki", format: "der" }) };
}

/** Values of extensions, to be wrapped by `extension`. */
export const value = {
  basicConstraints: (ca: boolean, pathLength?: number): Uint8Array =>
    seq(ca ? bool(true) : [], pathLength === undefined ? [] : int(pathLength)),
  /** Bits by number, 0 digitalSignature, 5 keyCertSign. */
  keyUsage: (...numbers: number[]): Uint8Array => {
    const byte = numbers.reduce((sum, n) => sum | (0x80 >> n), 0);
    return bits(7 - Math.max(...numbers), [byte]);
  },
  extendedKeyUsage: (...oids: string[]): Uint8Array => seq(...oids.map(oid)),
  subjectAltName: (...names: Uint8Array[]): Uint8Array => seq(...names),
  keyIdentifier: (id: Bytes): Uint8Array => octets(id),
  authorityKeyIdentifier: (id: Bytes): Uint8Array => seq(der(0x80, id)),
  nameConstraints: (permitted: Uint8Array[], excluded: Uint8Array[]): Uint8Array =>
    seq(
      permitted.length > 0 ? der(0xa0, ...permitted.map((name) => seq(name))) : [],
      excluded.length > 0 ? der(0xa1, ...excluded.map((name) => seq(name))) : [],
    ),
};

export const generalName = {
  dns: (text: string): Uint8Array => der(0x82, ascii(text)),
  email: (text: string): Uint8Array => der(0x81, ascii(text)),
  uri: (text: string): Uint8Array => der(0x86, ascii(text)),
  ip: (...bytes: number[]): Uint8Array => der(0x87, bytes),
  directory: (name: Uint8Array): Uint8Array => der(0xa4, name),
};

export const EXTENSION = {
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  nameConstraints: "2.5.29.30",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
} as const;
export const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
export const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
export const ANY_USAGE = "2.5.29.37.0";

export function extension(
  kind: keyof typeof EXTENSION | (string & {}),
  content: Uint8Array,
  critical = false,
): Uint8Array {
  const id = (EXTENSION as Record<string, string>)[kind] ?? kind;
  return seq(oid(id), critical ? bool(true) : [], octets(content));
}

export const ECDSA_SHA256 = seq(oid("1.2.840.10045.4.3.2"));

/** The parts of a certificate, each already in DER. */
export interface Parts {
  version: Uint8Array;
  serial: Uint8Array;
  algorithm: Uint8Array;
  /** The unsigned copy; the same where absent. */
  outerAlgorithm?: Uint8Array;
  issuer: Uint8Array;
  validity: Uint8Array;
  subject: Uint8Array;
  spki: Uint8Array;
  uniqueIds: Uint8Array;
  /** null: no [3] at all. */
  extensions: Uint8Array[] | null;
}

export const V1 = new Uint8Array();
export const V2 = der(0xa0, int(1));
export const V3 = der(0xa0, int(2));
export const VALID = seq(utcTime("200101000000Z"), utcTime("491231235959Z"));

/** Signs the parts with ECDSA and the hash (SHA-256); missing parts are an ordinary leaf's. */
export function certificate(parts: Partial<Parts>, signer: Key, hash = "sha256"): Uint8Array {
  const p: Parts = {
    version: V3,
    serial: int(1),
    algorithm: ECDSA_SHA256,
    issuer: commonName("root"),
    validity: VALID,
    subject: commonName("leaf"),
    spki: signer.spki,
    uniqueIds: new Uint8Array(),
    extensions: [],
    ...parts,
  };
  const list = p.extensions && p.extensions.length > 0 ? der(0xa3, seq(...p.extensions)) : [];
  const tbs = seq(
    p.version,
    p.serial,
    p.algorithm,
    p.issuer,
    p.validity,
    p.subject,
    p.spki,
    p.uniqueIds,
    list,
  );
  const signature = sign(hash, tbs, signer.privateKey);
  return seq(tbs, p.outerAlgorithm ?? p.algorithm, bits(0, signature));
}

/** What an authority has: CA, and keyCertSign. */
export function caExtensions(pathLength?: number): Uint8Array[] {
  return [
    extension("basicConstraints", value.basicConstraints(true, pathLength), true),
    extension("keyUsage", value.keyUsage(5), true),
  ];
}

export function sha1(data: Uint8Array): Uint8Array {
  return createHash("sha1").update(data).digest();
}
