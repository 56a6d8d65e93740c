// Signatures to verify: NIST's, so that every run has the same ones. Node's crypto must find them
// good.

import assert from "node:assert/strict";
import * as crypto from "node:crypto";
import { packaged } from "../../tests/vectors/cryptography.ts";
import { readRsp, type RspCase } from "../../tests/vectors/rsp.ts";
import type { Primitive } from "./primitive.ts";

const SHA256 = 4;
const EXPONENT = "010001";

const CURVES = [
  { name: "p256", id: 23, size: 32, hash: "sha256" },
  { name: "p384", id: 24, size: 48, hash: "sha384" },
  { name: "p521", id: 25, size: 66, hash: "sha512" },
] as const;

export function signaturePrimitives(): Primitive[] {
  const large = [3072, 4096].map((bits) => rsaVerify("pkcs1", bits, signatureOf(bits)));
  const usual = (["pkcs1", "pss"] as const).map((s) => rsaVerify(s, 2048, verifiable(s)));
  return [...CURVES.map(ecdsaVerify), ...usual, ...large];
}

function ecdsaVerify({ name, id, size, hash }: (typeof CURVES)[number]): Primitive {
  const [curve, digest] = [name.replace("p", "P-"), hash.replace("sha", "SHA-")];
  const section = `${curve},${digest}`;
  const found = readRsp(packaged("ECDSA/FIPS_186-3/SigVer.rsp")).find(
    (c) => c.passes && c.section === section,
  );
  assert.ok(found, section);
  const [x, y, r, s] = ["Qx", "Qy", "R", "S"].map((number) => found.number(number, size));
  const rs = Buffer.concat([r, s]);
  const jwk = { kty: "EC", crv: curve, x: base64(x), y: base64(y) };
  const key = crypto.createPublicKey({ key: jwk, format: "jwk" });
  const message = found.bytes("Msg");
  assert.ok(crypto.verify(hash, message, { key, dsaEncoding: "ieee-p1363" }, rs), section);
  const [point, h] = [Buffer.concat([Uint8Array.of(4), x, y]), digestOf(hash, message)];
  return {
    name: `ecdsa-${name}-verify`,
    inputs: [point, h, rs],
    output: Buffer.alloc(0),
    result: 1,
    call: (_, ...at) => ["ecdsaVerify", id, at[0], point.length, at[1], h.length, at[2]],
  };
}

type Scheme = "pkcs1" | "pss";

/** From the cases to verify, which stand in tests/vectors. */
function verifiable(scheme: Scheme): RspCase {
  const found = readRsp(`cavp-rsa-${scheme}.rsp`).find((c) => c.passes && isUsual(c, 2048));
  assert.ok(found, scheme);
  return found;
}

/** From the cases to sign, which have longer keys. */
export function signatureOf(bits: number): RspCase {
  const cases = readRsp(packaged("RSA/FIPS_186-2/SigGen15_186-2.txt"), "S");
  const found = cases.find((c) => isUsual(c, bits));
  assert.ok(found, `RSA-${bits}`);
  return found;
}

function isUsual(c: RspCase, bits: number): boolean {
  if (c.section !== `mod = ${bits}` || c.text("SHAAlg") !== "SHA256") return false;
  return c.number("e", 3).toString("hex") === EXPONENT;
}

/** Inputs: the digest (SHA-256), the signature, the modulus and the exponent 65537. */
function rsaVerify(scheme: Scheme, bits: number, found: RspCase): Primitive {
  const size = bits / 8;
  const [n, signature, e] = [
    found.number("n", size),
    found.number("S", size),
    Buffer.from(EXPONENT, "hex"),
  ];
  const jwk = { kty: "RSA", n: base64(n), e: base64(e) };
  const key = crypto.createPublicKey({ key: jwk, format: "jwk" });
  const saltLength = scheme === "pss" ? found.bytes("SaltVal").length : 0;
  const { RSA_PKCS1_PSS_PADDING, RSA_PKCS1_PADDING } = crypto.constants;
  const padding = scheme === "pss" ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;
  const message = found.bytes("Msg");
  assert.ok(crypto.verify("sha256", message, { key, padding, saltLength }, signature), scheme);
  const numbers = (p: number[]): number[] => p.flatMap((at, i) => [at, [size, size, 3][i]]);
  return {
    name: `rsa${bits}-${scheme}-verify`,
    inputs: [digestOf("sha256", message), signature, n, e],
    output: Buffer.alloc(0),
    result: 1,
    call: (_, h, ...rest) =>
      scheme === "pkcs1"
        ? ["rsaVerifyPkcs1", SHA256, h, ...numbers(rest)]
        : ["rsaVerifyPss", SHA256, saltLength, h, ...numbers(rest)],
  };
}

function digestOf(hash: string, message: Uint8Array): Buffer {
  return crypto.createHash(hash).update(message).digest();
}

function base64(bytes: Buffer): string {
  return bytes.toString("base64url");
}
