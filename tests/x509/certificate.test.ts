// Reading certificates: published ones, those that openssl makes, the machine's trusted roots; each
// field against node:crypto's reading. Then every rule of the format, broken one at a time.

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import test from "node:test";
import { engines } from "../harness/instance.ts";
import { makeFolder, makeRoot, type KeyKind } from "../harness/pki.ts";
import * as build from "./build.ts";
import { certificate, der, extension, generalName, oid, seq, set, value } from "./build.ts";
import * as published from "./published.ts";
import { pemToDer, X509 } from "./support.ts";

const ROOTS = "/etc/ssl/certs/ca-certificates.crt";
/** Numbers of KeyType in assembly/x509/algorithm.ts. */
const KEY_TYPE = { other: 0, rsa: 1, "rsa-pss": 2, p256: 3, p384: 4, ed25519: 5, p521: 6 };
const NOT_CA = -1;
const UNLIMITED = 0x7fffffff;
const ABSENT = 0xffffffff | 0;

const key = build.makeKey();

for (const engine of engines) {
  test(`published certificates (${engine})`, async () => {
    const x = await X509.load(engine);
    for (const der of Object.values(published).filter((one) => one[0] === 0x30)) compare(x, der);

    const server = x.parse(published.RFC8448_SERVER);
    assert.equal(x.field(server, "version"), 3);
    assert.equal(x.field(server, "keyAlgorithm"), KEY_TYPE.rsa);
    assert.equal(x.field(server, "keySize"), 128);
    assert.equal(x.field(server, "signatureAlgorithm"), 0x104); // PKCS#1 with SHA-256
    assert.equal(x.field(server, "pathLength"), NOT_CA);
    assert.equal(x.field(server, "keyUsage"), 0x05, "digitalSignature, keyEncipherment");
    assert.equal(x.subjectText(server), "CN=rsa");

    const root = x.parse(published.ISRG_ROOT_X2);
    assert.equal(x.field(root, "keyAlgorithm"), KEY_TYPE.p384);
    assert.equal(x.field(root, "signatureAlgorithm"), 0x305); // ECDSA with SHA-384
    assert.equal(x.field(root, "pathLength"), UNLIMITED);
    assert.equal(x.subjectText(root), "CN=ISRG Root X2,O=Internet Security Research Group,C=US");
    x.reset();
  });

  test(`certificates from openssl (${engine})`, async () => {
    const x = await X509.load(engine);
    const folder = makeFolder();
    try {
      for (const kind of ["rsa", "rsa-pss", "p256", "p384", "p521"] satisfies KeyKind[]) {
        const root = makeRoot(folder.dir, kind, {
          kind,
          notBefore: new Date("1999-12-31T23:59:59Z"),
          notAfter: new Date("2050-02-28T00:00:01Z"),
          digest: "sha512",
        });
        const c = compare(x, root.der);
        assert.equal(x.field(c, "keyAlgorithm"), KEY_TYPE[kind]);
        assert.equal(x.field(c, "signatureAlgorithm") & 0xff, 6); // SHA-512
        assert.equal(x.subjectText(c), "CN=root,O=wassl test");
      }
    } finally {
      folder.remove();
    }
    x.reset();
  });

  test(`the machine's trusted roots (${engine})`, async (t) => {
    if (!existsSync(ROOTS)) return t.skip(`no ${ROOTS}`);
    const x = await X509.load(engine);
    const roots = pemToDer(readFileSync(ROOTS, "latin1"));
    for (const root of roots) compare(x, root);
    t.diagnostic(`trusted roots parsed (${engine}): ${roots.length} run, 0 skipped`);
    x.reset();
  });

  test(`every rule of the format, broken (${engine})`, async () => {
    const x = await X509.load(engine);
    for (const [what, der] of WELL_FORMED) {
      assert.equal(x.tryParse(der).verdict, "ok", what);
      x.reset();
    }
    for (const [what, der] of MALFORMED) {
      assert.equal(x.tryParse(der).verdict, "MALFORMED", what);
      x.reset();
    }
    assert.equal(x.m.call("scratchUsed"), 0);
  });

  test(`algorithms and extensions have their meaning (${engine})`, async () => {
    const x = await X509.load(engine);
    checkMeanings(x);
    x.reset();
  });
}

/** Parses and compares with what node:crypto reads. */
function compare(x: X509, der: Uint8Array): number {
  const c = x.parse(der);
  const oracle = new X509Certificate(der);
  assert.equal(x.field(c, "notBefore"), Date.parse(oracle.validFrom) / 1000, oracle.subject);
  assert.equal(x.field(c, "notAfter"), Date.parse(oracle.validTo) / 1000, oracle.subject);
  assert.equal(x.field(c, "pathLength") !== NOT_CA, oracle.ca, oracle.subject);
  const {
    n,
    x: pointX,
    y,
  } = oracle.publicKey.asymmetricKeyType?.startsWith("rsa-pss")
    ? { n: undefined, x: undefined, y: undefined }
    : oracle.publicKey.export({ format: "jwk" });
  const bytes = Buffer.from(x.m.read(x.field(c, "key"), x.field(c, "keySize")));
  if (n !== undefined) assert.equal(bytes.toString("base64url"), n);
  if (y !== undefined) {
    const point = Buffer.concat([pointX!, y].map((part) => Buffer.from(part, "base64url")));
    assert.deepEqual(bytes, Buffer.concat([Uint8Array.of(4), point]));
  }
  return c;
}

const anyExtension = extension("1.2.3.4", build.octets([1]));
const rsaSpki = (n: number[], e: number[]): Uint8Array =>
  seq(seq(oid("1.2.840.113549.1.1.1"), der(5)), build.bits(0, seq(der(2, n), der(2, e))));
const point = (size: number, form = 4): Uint8Array =>
  build.bits(0, [form], new Uint8Array(size - 1).fill(7));
const ecSpki = (curve: Uint8Array, key: Uint8Array): Uint8Array =>
  seq(seq(oid("1.2.840.10045.2.1"), curve), key);
const P256 = oid("1.2.840.10045.3.1.7");
const P384 = oid("1.3.132.0.34");
const RSA_SHA256 = seq(oid("1.2.840.113549.1.1.11"), der(5));
const good = certificate({}, key);

function make(parts: Partial<build.Parts>): Uint8Array {
  return certificate(parts, key);
}

function withExtension(kind: keyof typeof build.EXTENSION, content: Uint8Array): Uint8Array {
  return make({ extensions: [extension(kind, content)] });
}

const WELL_FORMED: [string, Uint8Array][] = [
  ["an ordinary one", good],
  ["version 1", make({ version: build.V1 })],
  [
    "version 2 with unique ids",
    make({
      version: build.V2,
      uniqueIds: Buffer.concat([der(0x81, [0, 1]), der(0x82, [0, 1])]),
    }),
  ],
  ["serial number zero", make({ serial: build.int(0) })],
  ["a negative serial number", make({ serial: der(2, [0x80]) })],
  ["a serial number of 30 bytes", make({ serial: der(2, new Uint8Array(30).fill(1)) })],
  ["no subject", make({ subject: seq() })],
  [
    "no subject, a critical name",
    make({
      subject: seq(),
      extensions: [extension("subjectAltName", seq(generalName.dns("a.example")), true)],
    }),
  ],
  [
    "critical FALSE written out",
    make({
      extensions: [seq(oid("1.2.3.4"), build.bool(false), build.octets([5]))],
    }),
  ],
  ["cA FALSE written out", withExtension("basicConstraints", seq(build.bool(false)))],
  [
    "a date beyond 2049 twice",
    make({
      validity: seq(
        build.generalizedTime("20500101000000Z"),
        build.generalizedTime("99991231235959Z"),
      ),
    }),
  ],
  ["64 extensions", make({ extensions: manyExtensions(64) })],
  ["an unknown kind of key", make({ spki: seq(seq(oid("1.2.3")), build.bits(0, [1])) })],
  ["an unknown curve", make({ spki: ecSpki(oid("1.3.132.0.33"), point(57)) })],
  ["an explicit curve", make({ spki: ecSpki(seq(build.int(1)), point(65)) })],
  ["its own parts again", seq(...tbsAndAlgorithm(), build.bits(0, [1]))],
  ["an unknown algorithm", make({ algorithm: seq(oid("1.2.3"), build.octets([1])) })],
];

const MALFORMED: [string, Uint8Array][] = [
  ["nothing", new Uint8Array()],
  ["a byte too many", Buffer.concat([good, Uint8Array.of(0)])],
  ["a byte too few", good.subarray(0, -1)],
  ["two certificates", Buffer.concat([good, good])],
  ["version 1 written out", make({ version: der(0xa0, build.int(0)) })],
  ["version 4", make({ version: der(0xa0, build.int(3)) })],
  ["a version of two numbers", make({ version: der(0xa0, build.int(2), build.int(2)) })],
  ["a padded serial number", make({ serial: der(2, [0, 1]) })],
  ["an empty serial number", make({ serial: der(2) })],
  ["two algorithms", make({ outerAlgorithm: seq(oid("1.2.840.10045.4.3.3")) })],
  [
    "outer algorithm with parameters",
    make({
      outerAlgorithm: seq(oid("1.2.840.10045.4.3.2"), der(5)),
    }),
  ],
  ["ECDSA with parameters", make({ algorithm: seq(oid("1.2.840.10045.4.3.2"), der(5)) })],
  ["RSA without parameters", make({ algorithm: seq(oid("1.2.840.113549.1.1.11")) })],
  [
    "RSA with a NULL of one byte",
    make({
      algorithm: seq(oid("1.2.840.113549.1.1.11"), der(5, [0])),
    }),
  ],
  ["no issuer", make({ issuer: seq() })],
  ["an issuer with an empty RDN", make({ issuer: seq(set()) })],
  ["a subject with an empty attribute", make({ subject: seq(set(seq())) })],
  [
    "a subject's attribute with a third part",
    make({
      subject: seq(set(seq(oid("2.5.4.3"), build.utf8("a"), der(5)))),
    }),
  ],
  [
    "an attribute beyond its RDN",
    make({
      subject: seq([0x31, 0x02], seq(oid("2.5.4.3"), build.utf8("a"))),
    }),
  ],
  ["one date", make({ validity: seq(build.utcTime("200101000000Z")) })],
  [
    "three dates",
    make({
      validity: seq(...[1, 2, 3].map(() => build.utcTime("200101000000Z"))),
    }),
  ],
  ["a date as text", make({ validity: seq(build.utf8("2001"), build.utf8("2002")) })],
  ["a negative modulus", make({ spki: rsaSpki([0x80, 1], [3]) })],
  ["a zero modulus", make({ spki: rsaSpki([0], [3]) })],
  ["a padded modulus", make({ spki: rsaSpki([0, 1], [3]) })],
  ["a zero exponent", make({ spki: rsaSpki([1], [0]) })],
  ["a compressed point", make({ spki: ecSpki(P256, point(33, 2)) })],
  ["a point of another form", make({ spki: ecSpki(P256, point(65, 6)) })],
  ["P-256's name, P-384's size", make({ spki: ecSpki(P256, point(97)) })],
  ["P-384's name, P-256's size", make({ spki: ecSpki(P384, point(65)) })],
  ["P-521's name, a byte short", make({ spki: ecSpki(oid("1.3.132.0.35"), point(132)) })],
  ["an empty point", make({ spki: ecSpki(P256, build.bits(0)) })],
  ["a key of unused bits", make({ spki: ecSpki(P256, build.bits(1, new Uint8Array(65))) })],
  ["unique ids in version 1", make({ version: build.V1, uniqueIds: der(0x81, [0, 1]) })],
  [
    "unique ids in the wrong order",
    make({
      uniqueIds: Buffer.concat([der(0x82, [0, 1]), der(0x81, [0, 1])]),
    }),
  ],
  ["extensions in version 1", make({ version: build.V1, extensions: [anyExtension] })],
  ["extensions in version 2", make({ version: build.V2, extensions: [anyExtension] })],
  ["an empty list of extensions", make({ uniqueIds: der(0xa3, seq()) })],
  ["an unknown extension twice", make({ extensions: [anyExtension, anyExtension] })],
  [
    "a known extension twice",
    make({
      extensions: [...build.caExtensions(), ...build.caExtensions()],
    }),
  ],
  ["65 extensions", make({ extensions: manyExtensions(65) })],
  [
    "an extension of four parts",
    make({
      extensions: [seq(oid("1.2.3"), build.bool(true), build.octets([1]), der(5))],
    }),
  ],
  [
    "critical as an INTEGER",
    make({
      extensions: [seq(oid("1.2.3"), build.int(1), build.octets([1]))],
    }),
  ],
  [
    "an extension's value with a byte behind",
    make({
      extensions: [
        extension("basicConstraints", Buffer.concat([value.basicConstraints(true), der(5)])),
      ],
    }),
  ],
  ["a path length without CA", withExtension("basicConstraints", seq(build.int(0)))],
  [
    "a negative path length",
    withExtension("basicConstraints", seq(build.bool(true), der(2, [0x80]))),
  ],
  ["no key usage bits", withExtension("keyUsage", build.bits(7, [0]))],
  ["an empty key usage", withExtension("keyUsage", build.bits(0))],
  ["a set bit among the unused", withExtension("keyUsage", build.bits(7, [0xc0]))],
  ["8 unused bits", withExtension("keyUsage", build.bits(8, [0x80]))],
  ["17 key usage bits", withExtension("keyUsage", build.bits(7, [0x80, 0x80, 0x80]))],
  ["no extended usages", withExtension("extendedKeyUsage", seq())],
  ["an extended usage that is text", withExtension("extendedKeyUsage", seq(build.utf8("a")))],
  ["no alternative names", withExtension("subjectAltName", seq())],
  ["an alternative name without a kind", withExtension("subjectAltName", seq(build.utf8("a")))],
  ["an address of 5 bytes", withExtension("subjectAltName", seq(generalName.ip(1, 2, 3, 4, 5)))],
  [
    "an address and mask as a name",
    withExtension("subjectAltName", seq(generalName.ip(1, 2, 3, 0, 255, 255, 255, 0))),
  ],
  ["a directory name that is none", withExtension("subjectAltName", seq(der(0xa4, build.int(1))))],
  [
    "no subject, and names not critical",
    make({
      subject: seq(),
      extensions: [extension("subjectAltName", seq(generalName.dns("a.example")))],
    }),
  ],
  ["no constraints", withExtension("nameConstraints", seq())],
  ["an empty list of permits", withExtension("nameConstraints", seq(der(0xa0)))],
  [
    "exclusions before permits",
    withExtension(
      "nameConstraints",
      seq(der(0xa1, seq(generalName.dns("a"))), der(0xa0, seq(generalName.dns("a")))),
    ),
  ],
  [
    "a constraint with a minimum",
    withExtension(
      "nameConstraints",
      seq(der(0xa0, seq(generalName.dns("a.example"), der(0x80, [1])))),
    ),
  ],
  ...["*.example", ".example", "a..example", "example."].map((name): [string, Uint8Array] => [
    `the constraint ${name}`,
    withExtension("nameConstraints", value.nameConstraints([generalName.dns(name)], [])),
  ]),
  ...[
    [1, 2, 3, 4],
    [0, 0, 0, 0, 255, 0, 255, 0],
    [0, 0, 0, 0, 253, 0, 0, 0],
  ].map((bytes): [string, Uint8Array] => [
    `the constraint of addresses ${bytes.join(".")}`,
    withExtension("nameConstraints", value.nameConstraints([], [generalName.ip(...bytes)])),
  ]),
  ["a key identifier that is text", withExtension("subjectKeyIdentifier", build.utf8("a"))],
  [
    "an authority's key identifier that is text",
    withExtension("authorityKeyIdentifier", build.utf8("a")),
  ],
  ["a signature of unused bits", seq(...tbsAndAlgorithm(), build.bits(1, [0x80]))],
  ["no signature", seq(...tbsAndAlgorithm())],
  ["something behind the signature", seq(...tbsAndAlgorithm(), build.bits(0, [1]), der(5))],
];

function manyExtensions(n: number): Uint8Array[] {
  return Array.from({ length: n }, (_, i) => extension(`1.2.3.${i + 1}`, der(5)));
}

/** The first two elements of a certificate. */
function tbsAndAlgorithm(): Uint8Array[] {
  const tbsSize = elementSize(good.subarray(4));
  const algorithm = good.subarray(4 + tbsSize);
  return [good.subarray(4, 4 + tbsSize), algorithm.subarray(0, elementSize(algorithm))];
}

/** The size of an element of less than 256 bytes, with its header. */
function elementSize(element: Uint8Array): number {
  const [, first, second] = element as unknown as [number, number, number];
  assert.ok(first <= 0x81);
  return first === 0x81 ? 3 + second : 2 + first;
}

/** RSASSA-PSS-params; hashes by the last arc of 2.16.840.1.101.3.4.2. */
function pss(hash: number | null, mask: number | null, salt: number | null): Uint8Array {
  const id = (n: number): Uint8Array => seq(oid(`2.16.840.1.101.3.4.2.${n}`), der(5));
  const mgf = (n: number): Uint8Array => seq(oid("1.2.840.113549.1.1.8"), id(n));
  return seq(
    hash === null ? [] : der(0xa0, id(hash)),
    mask === null ? [] : der(0xa1, mgf(mask)),
    salt === null ? [] : der(0xa2, build.int(salt)),
  );
}

function checkMeanings(x: X509): void {
  const PSS = oid("1.2.840.113549.1.1.10");
  const algorithm = (id: Uint8Array): number =>
    x.field(x.parse(make({ algorithm: id })), "signatureAlgorithm");
  assert.equal(algorithm(RSA_SHA256), 0x104);
  assert.equal(algorithm(seq(oid("1.2.840.113549.1.1.5"), der(5))), 1, "SHA-1");
  assert.equal(algorithm(seq(oid("1.2.840.113549.1.1.4"), der(5))), 1, "MD5");
  assert.equal(algorithm(seq(oid("1.2.840.10045.4.1"))), 1, "ECDSA with SHA-1");
  assert.equal(algorithm(seq(PSS, pss(1, 1, 32))), 0x204);
  assert.equal(algorithm(seq(PSS, pss(3, 3, 64))), 0x206);
  assert.equal(algorithm(seq(PSS, pss(null, null, null))), 1, "PSS's defaults are SHA-1");
  assert.equal(algorithm(seq(PSS, pss(1, null, 32))), 1, "a mask by SHA-1");
  assert.equal(algorithm(seq(PSS, pss(1, 2, 32))), 0, "two hashes");
  assert.equal(algorithm(seq(PSS, pss(1, 1, 20))), 0, "a short salt");
  assert.equal(algorithm(seq(PSS, pss(1, 1, null))), 0, "the default salt");
  assert.equal(algorithm(seq(oid("1.3.101.112"))), 0, "Ed25519");

  const type = (id: Uint8Array, bits: Uint8Array): number =>
    x.field(x.parse(make({ spki: seq(id, bits) })), "keyAlgorithm");
  const rsa = build.bits(0, seq(der(2, [5]), der(2, [3])));
  assert.equal(type(seq(PSS), rsa), KEY_TYPE["rsa-pss"]);
  assert.equal(type(seq(PSS, pss(2, 2, 20)), rsa), KEY_TYPE["rsa-pss"] | (5 << 8), "SHA-384 only");
  assert.equal(type(seq(PSS, pss(null, null, null)), rsa), KEY_TYPE.other);
  assert.equal(type(seq(oid("1.3.101.112")), build.bits(0, [1])), KEY_TYPE.ed25519);

  const plain = x.parse(good);
  assert.equal(x.field(plain, "keyUsage") | 0, ABSENT);
  assert.equal(x.field(plain, "extendedKeyUsage") | 0, ABSENT);
  const usage = (...bits: number[]): number =>
    x.field(x.parse(withExtension("keyUsage", value.keyUsage(...bits))), "keyUsage");
  assert.equal(usage(0), 1);
  assert.equal(usage(0, 5), 0x21);
  const all = build.bits(7, [0xff, 0x80]);
  assert.equal(x.field(x.parse(withExtension("keyUsage", all)), "keyUsage"), 0x1ff);
  const extended = (...oids: string[]): number =>
    x.field(
      x.parse(withExtension("extendedKeyUsage", value.extendedKeyUsage(...oids))),
      "extendedKeyUsage",
    );
  assert.equal(extended(build.SERVER_AUTH), 1);
  assert.equal(extended(build.CLIENT_AUTH, build.ANY_USAGE), 6);
  assert.equal(extended("1.2.3"), 8);
  const critical = (kind: string): number =>
    x.field(x.parse(make({ extensions: [extension(kind, der(5), true)] })), "unknownCritical");
  assert.equal(critical("1.2.3"), 1);
  assert.equal(critical("2.5.29.32"), 1, "policies");
  assert.equal(x.field(x.parse(make({ extensions: [anyExtension] })), "unknownCritical"), 0);
}
