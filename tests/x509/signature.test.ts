// Signatures by SignatureScheme: RFC 8448's, and node:crypto's for every scheme with every kind of
// key; the strict form of ECDSA signatures; what must not verify although the numbers are right.

import assert from "node:assert/strict";
import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  sign,
  type KeyObject,
} from "node:crypto";
import { readFileSync } from "node:fs";
import test from "node:test";
import { engines } from "../harness/instance.ts";
import { makeFolder, makeRoot, openssl, type KeyKind } from "../harness/pki.ts";
import { bits, certificate, der, makeKey, oid, seq } from "./build.ts";
import * as published from "./published.ts";
import { X509, pemToDer } from "./support.ts";

interface Scheme {
  number: number;
  hash: "sha256" | "sha384" | "sha512";
  padding?: "pkcs1" | "pss";
  kind: KeyKind;
}

const SCHEMES: Scheme[] = [
  { number: 0x0401, hash: "sha256", padding: "pkcs1", kind: "rsa" },
  { number: 0x0501, hash: "sha384", padding: "pkcs1", kind: "rsa" },
  { number: 0x0601, hash: "sha512", padding: "pkcs1", kind: "rsa" },
  { number: 0x0804, hash: "sha256", padding: "pss", kind: "rsa" },
  { number: 0x0805, hash: "sha384", padding: "pss", kind: "rsa" },
  { number: 0x0806, hash: "sha512", padding: "pss", kind: "rsa" },
  { number: 0x0809, hash: "sha256", padding: "pss", kind: "rsa-pss" },
  { number: 0x080a, hash: "sha384", padding: "pss", kind: "rsa-pss" },
  { number: 0x080b, hash: "sha512", padding: "pss", kind: "rsa-pss" },
  { number: 0x0403, hash: "sha256", kind: "p256" },
  { number: 0x0503, hash: "sha384", kind: "p384" },
  { number: 0x0603, hash: "sha512", kind: "p521" },
];
const KINDS: KeyKind[] = ["rsa", "rsa-pss", "p256", "p384", "p521"];
const MESSAGE = Buffer.from("a transcript");

interface Owner {
  der: Uint8Array;
  key: KeyObject;
}

const owners = makeOwners();

for (const engine of engines) {
  test(`RFC 8448's CertificateVerify (${engine})`, async () => {
    const x = await X509.load(engine);
    const c = x.parse(published.RFC8448_SERVER);
    const { RFC8448_MESSAGE: message, RFC8448_SIGNATURE: signature } = published;
    assert.ok(verify(x, c, 0x0804, message, signature));
    assert.ok(!verify(x, c, 0x0809, message, signature), "the key is rsaEncryption's");
    assert.ok(!verify(x, c, 0x0804, message.subarray(1), signature));
    assert.equal(x.m.call("signedBy", c, c), 1, "self-signed");
    const root = x.parse(published.ISRG_ROOT_X2);
    assert.equal(x.m.call("signedBy", root, root), 1, "self-signed, P-384");
    assert.equal(x.m.call("signedBy", c, root), 0);
    x.reset();
  });

  test(`every scheme with every kind of key (${engine})`, async () => {
    const x = await X509.load(engine);
    for (const kind of KINDS) {
      const owner = owners.get(kind)!;
      const c = x.parse(owner.der);
      for (const scheme of SCHEMES) {
        const signature = signWith(owner.key, kind, scheme);
        const expected = scheme.kind === kind;
        const what = `scheme ${scheme.number.toString(16)} with ${kind}`;
        assert.equal(verify(x, c, scheme.number, MESSAGE, signature), expected, what);
      }
    }
    x.reset();
  });

  test(`a signature is of one message, by one key, and whole (${engine})`, async () => {
    const x = await X509.load(engine);
    for (const scheme of [SCHEMES[3]!, SCHEMES[9]!]) {
      const { der, key } = owners.get(scheme.kind)!;
      const c = x.parse(der);
      const good = signWith(key, scheme.kind, scheme);
      assert.ok(verify(x, c, scheme.number, MESSAGE, good));
      assert.ok(!verify(x, c, scheme.number, MESSAGE.subarray(1), good));
      assert.ok(!verify(x, c, scheme.number, MESSAGE, good.subarray(0, -1)));
      assert.ok(!verify(x, c, scheme.number, MESSAGE, Buffer.concat([good, Uint8Array.of(0)])));
      assert.ok(!verify(x, c, scheme.number, MESSAGE, new Uint8Array()));
      for (const at of [0, 1, 5, good.length >> 1, good.length - 1]) {
        const damaged = Buffer.from(good);
        damaged[at]! ^= 1;
        assert.ok(!verify(x, c, scheme.number, MESSAGE, damaged), `byte ${at}`);
      }
      for (const unknown of [0, 0x0201, 0x0203, 0x0703, 0x0807, 0x0800, 0xffff, -1]) {
        assert.ok(!verify(x, c, unknown, MESSAGE, good), `scheme ${unknown}`);
        assert.equal(x.m.call("schemeHash", unknown), 0);
      }
    }
    x.reset();
  });

  test(`ECDSA signatures are DER (${engine})`, async () => {
    const x = await X509.load(engine);
    const { der: leaf, key } = owners.get("p256")!;
    const c = x.parse(leaf);
    const rs = sign("sha256", MESSAGE, { key, dsaEncoding: "ieee-p1363" });
    const [r, s] = [integer(rs.subarray(0, 32)), integer(rs.subarray(32))];
    const check = (signature: Uint8Array): boolean => verify(x, c, 0x0403, MESSAGE, signature);
    assert.ok(check(seq(der(2, r), der(2, s))));
    const bad: [string, Uint8Array][] = [
      ["padded", seq(der(2, [0], r), der(2, s))],
      ["a third number", seq(der(2, r), der(2, s), der(2, [1]))],
      ["one number", seq(der(2, r))],
      ["zero", seq(der(2, [0]), der(2, s))],
      ["negative", seq(der(2, [0x80], r.subarray(1)), der(2, s))],
      ["33 bytes", seq(der(2, [1], new Uint8Array(32)), der(2, s))],
      [
        "a long length",
        Buffer.from([0x30, 0x81, r.length + s.length + 4, ...der(2, r), ...der(2, s)]),
      ],
      ["a SET", der(0x31, der(2, r), der(2, s))],
      ["raw numbers", rs],
      ["swapped", seq(der(2, s), der(2, r))],
    ];
    for (const [what, signature] of bad) assert.ok(!check(signature), what);
    assert.equal(x.m.call("scratchUsed"), 0);
    x.reset();
  });

  test(`a key for one hash verifies only that (${engine})`, async () => {
    const x = await X509.load(engine);
    const { der, key } = owners.get("rsa-pss limited")!;
    const c = x.parse(der);
    assert.ok(verify(x, c, 0x080a, MESSAGE, signWith(key, "rsa-pss", SCHEMES[7]!)));
    // openssl does not sign with a key against its limits: the limits are put around a plain key.
    const plain = owners.get("rsa")!;
    const spki = limitedToSha384(plain.key);
    const limited = x.parse(certificate({ spki }, makeKey()));
    assert.ok(verify(x, limited, 0x080a, MESSAGE, signWith(plain.key, "rsa", SCHEMES[4]!)));
    assert.ok(!verify(x, limited, 0x0809, MESSAGE, signWith(plain.key, "rsa", SCHEMES[3]!)));
    x.reset();
  });
}

/** One self-signed certificate of every kind, and one whose PSS key allows SHA-384 only. */
function makeOwners(): Map<string, Owner> {
  const folder = makeFolder();
  const made = new Map<string, Owner>();
  try {
    for (const kind of KINDS) {
      const { der, keyFile } = makeRoot(folder.dir, kind, { kind });
      made.set(kind, { der, key: createPrivateKey(readFileSync(keyFile)) });
    }
    made.set("rsa-pss limited", makeLimited(folder.dir));
  } finally {
    folder.remove();
  }
  return made;
}

function makeLimited(dir: string): Owner {
  const keyFile = `${dir}/limited.pem`;
  const options = [
    "rsa_keygen_bits:2048",
    "rsa_pss_keygen_md:sha384",
    "rsa_pss_keygen_mgf1_md:sha384",
  ];
  const pkeyopts = options.flatMap((option) => ["-pkeyopt", option]);
  openssl("genpkey", "-algorithm", "RSA-PSS", ...pkeyopts, "-out", keyFile);
  const request = ["req", "-x509", "-config", `${dir}/rsa.cnf`, "-subj", "/CN=limited"];
  const pem = openssl(...request, "-key", keyFile, "-sha384", "-sigopt", "rsa_pss_saltlen:digest");
  return { der: pemToDer(pem.toString())[0]!, key: createPrivateKey(readFileSync(keyFile)) };
}

/** SubjectPublicKeyInfo of id-RSASSA-PSS with SHA-384, its MGF1 and a salt of 48 bytes. */
function limitedToSha384(key: KeyObject): Uint8Array {
  const publicKey = createPublicKey(key).export({ type: "pkcs1", format: "der" });
  const sha384 = seq(oid("2.16.840.1.101.3.4.2.2"), der(5));
  const mask = seq(oid("1.2.840.113549.1.1.8"), sha384);
  const parameters = seq(der(0xa0, sha384), der(0xa1, mask), der(0xa2, der(2, [48])));
  return seq(seq(oid("1.2.840.113549.1.1.10"), parameters), bits(0, publicKey));
}

/** A signature as the scheme wants it, as far as the key can make one. */
function signWith(key: KeyObject, kind: KeyKind, scheme: Scheme): Buffer {
  if (kind.startsWith("p")) return sign(scheme.hash, MESSAGE, key);
  const pss = kind === "rsa-pss" || scheme.padding !== "pkcs1";
  const padding = pss ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
  return sign(scheme.hash, MESSAGE, { key, padding, ...(pss ? { saltLength } : {}) });
}

/** Both ways in: the message, and its digest. */
function verify(
  x: X509,
  c: number,
  scheme: number,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const { m } = x;
  const at = m.put(signature);
  const n = signature.length;
  const good = m.call("verify", c, scheme, m.put(message), message.length, at, n) === 1;
  const hash = { 4: "sha256", 5: "sha384", 6: "sha512" }[m.call("schemeHash", scheme)];
  if (hash === undefined) return good;
  const digest = m.put(createHash(hash).update(message).digest());
  assert.equal(m.call("verifyHashed", c, scheme, digest, at, n) === 1, good);
  return good;
}

/** The content of the INTEGER of an unsigned number. */
function integer(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  const minimal = bytes.subarray(start);
  return minimal[0]! >= 0x80 ? Uint8Array.from([0, ...minimal]) : minimal;
}
