// Signatures to verify: NIST's, from tests/vectors, so that every run has the same ones. Node's
// crypto must find them good.

import assert from "node:assert/strict";
import * as crypto from "node:crypto";
import { readRsp, type RspCase } from "../../tests/vectors/rsp.ts";

const EXPONENT = "010001";
const MODULUS_SIZE = 256;

/** The public key as an uncompressed point, the digest, r and s. */
export function ecdsaCase(curve: "p256" | "p384", size: number, hash: string): Uint8Array[] {
  const section = `${curve.replace("p", "P-")},${hash.replace("sha", "SHA-")}`;
  const found = readRsp("cavp-ecdsa-sigver.rsp").find((c) => c.passes && c.section === section);
  assert.ok(found, section);
  const [x, y, r, s] = ["Qx", "Qy", "R", "S"].map((name) => found.number(name, size));
  const rs = Buffer.concat([r, s]);
  const jwk = { kty: "EC", crv: curve.replace("p", "P-"), x: base64(x), y: base64(y) };
  const key = crypto.createPublicKey({ key: jwk, format: "jwk" });
  const message = found.bytes("Msg");
  assert.ok(crypto.verify(hash, message, { key, dsaEncoding: "ieee-p1363" }, rs), section);
  return [Buffer.concat([Uint8Array.of(4), x, y]), digestOf(hash, message), rs];
}

export interface RsaCase {
  /** The digest (SHA-256), the signature, the modulus and the exponent 65537. */
  inputs: Uint8Array[];
  saltSize: number;
}

export function rsaCase(scheme: "pkcs1" | "pss"): RsaCase {
  const usual = (c: RspCase): boolean =>
    c.section === "mod = 2048" && c.text("SHAAlg") === "SHA256" && c.text("e") === EXPONENT;
  const found = readRsp(`cavp-rsa-${scheme}.rsp`).find((c) => c.passes && usual(c));
  assert.ok(found, scheme);
  const [n, signature] = ["n", "S"].map((name) => found.number(name, MODULUS_SIZE));
  const e = found.bytes("e");
  const jwk = { kty: "RSA", n: base64(n), e: base64(e) };
  const key = crypto.createPublicKey({ key: jwk, format: "jwk" });
  const saltLength = scheme === "pss" ? found.bytes("SaltVal").length : 0;
  const { RSA_PKCS1_PSS_PADDING, RSA_PKCS1_PADDING } = crypto.constants;
  const padding = scheme === "pss" ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;
  const message = found.bytes("Msg");
  assert.ok(crypto.verify("sha256", message, { key, padding, saltLength }, signature), scheme);
  return { inputs: [digestOf("sha256", message), signature, n, e], saltSize: saltLength };
}

function digestOf(hash: string, message: Uint8Array): Buffer {
  return crypto.createHash(hash).update(message).digest();
}

function base64(bytes: Buffer): string {
  return bytes.toString("base64url");
}
