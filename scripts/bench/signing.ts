// Signatures that are made, and key pairs: keys and nonces are fixed, so that the result is, too.

import { createHash } from "node:crypto";
import { bytesOf, factor } from "../../tests/crypto/rsa-keys.ts";
import { fromBig } from "../../tests/crypto/numbers.ts";
import { packaged } from "../../tests/vectors/cryptography.ts";
import { readRsp } from "../../tests/vectors/rsp.ts";
import { rfc6979 } from "../../tests/vectors/rfc6979.ts";
import type { Primitive } from "./primitives.ts";

const hashIds = { sha256: 4, sha384: 5 } as const;
type Hash = keyof typeof hashIds;

export function signingPrimitives(): Primitive[] {
  return [ecdsaSign("P-256", 23, "sha256"), ecdsaSign("P-384", 24, "sha384"), rsaSign()];
}

/** RFC 6979, A.2: what comes out without added entropy. */
function ecdsaSign(name: string, id: number, hash: Hash): Primitive {
  const { scalar, signatures } = rfc6979.find((key) => key.name === name)!;
  const [message, , signature] = signatures.find(([, over]) => over === hash)!;
  const inputs = [Buffer.from(scalar, "hex"), createHash(hash).update(message).digest()];
  return {
    name: `ecdsa-${name.toLowerCase().replace("-", "")}-sign`,
    inputs,
    output: Buffer.from(signature, "hex"),
    result: 0,
    oursAlone: true,
    call: (out, d, h) => ["ecdsaSign", id, out, d, hashIds[hash], h, 0],
  };
}

/** NIST's, of 2048 bits with PKCS#1 v1.5 over SHA-256; its primes follow from d. */
function rsaSign(): Primitive {
  const cases = readRsp(packaged("RSA/FIPS_186-2/SigGen15_186-2.txt"), "S");
  const one = cases.find((c) => c.section === "mod = 2048" && c.text("SHAAlg") === "SHA256")!;
  const [n, e, d] = ["n", "e", "d"].map((name) => fromBig(one.bytes(name)));
  const numbers = Object.values(factor(n!, e!, d!)).map(bytesOf);
  const lengths = numbers.map((bytes) => bytes.length);
  const digest = createHash("sha256").update(one.bytes("Msg")).digest();
  return {
    name: "rsa2048-sign",
    inputs: [Buffer.concat(numbers), Buffer.from(Uint32Array.from(lengths).buffer), digest],
    output: one.bytes("S"),
    result: 0,
    oursAlone: true,
    call: (out, key, sizes, h) => ["rsaSign", out, key, sizes, hashIds.sha256, h],
  };
}
