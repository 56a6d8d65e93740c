// Signatures that are made, and key pairs: keys and nonces are fixed, so that the result is, too.

import { createHash } from "node:crypto";
import { rfc6979 } from "../../tests/vectors/rfc6979.ts";
import type { Primitive } from "./primitives.ts";

const hashIds = { sha256: 4, sha384: 5 } as const;
type Hash = keyof typeof hashIds;

export function signingPrimitives(): Primitive[] {
  return [ecdsaSign("P-256", 23, "sha256"), ecdsaSign("P-384", 24, "sha384")];
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
