// Signatures that are made, and Ed25519: keys and nonces are fixed, so that the result is, too.

import * as crypto from "node:crypto";
import { bytesOf, factor } from "../../tests/crypto/rsa-keys.ts";
import { fromBig } from "../../tests/crypto/numbers.ts";
import { rfc6979 } from "../../tests/vectors/rfc6979.ts";
import { fixedBytes, type Primitive } from "./primitive.ts";
import { signatureOf } from "./signatures.ts";

const hashIds = { sha256: 4, sha384: 5 } as const;
type Hash = keyof typeof hashIds;

export function signingPrimitives(): Primitive[] {
  return [
    ecdsaSign("P-256", 23, "sha256"),
    ecdsaSign("P-384", 24, "sha384"),
    ...ed25519(),
    rsaSign(),
    primeRound(),
  ];
}

/** RFC 6979, A.2: what comes out without added entropy. OpenSSL's nonces are random. */
function ecdsaSign(name: string, id: number, hash: Hash): Primitive {
  const { scalar, key, signatures } = rfc6979.find((pair) => pair.name === name)!;
  const [message, , signature] = signatures.find(([, over]) => over === hash)!;
  const digest = crypto.createHash(hash).update(message).digest();
  const point = Buffer.from(key, "hex").subarray(1);
  const half = point.length / 2;
  const [x, y] = [point.subarray(0, half), point.subarray(half)];
  const jwk = { kty: "EC", crv: name, x: x.toString("base64url"), y: y.toString("base64url") };
  const publicKey = crypto.createPublicKey({ key: jwk, format: "jwk" });
  return {
    name: `ecdsa-${name.toLowerCase().replace("-", "")}-sign`,
    inputs: [Buffer.from(scalar, "hex"), digest],
    output: Buffer.from(signature, "hex"),
    result: 0,
    isRight: (rs) =>
      crypto.verify(hash, Buffer.from(message), { key: publicKey, dsaEncoding: "ieee-p1363" }, rs),
    call: (out, d, h) => ["ecdsaSign", id, out, d, hashIds[hash], h, 0],
  };
}

/** Over as many bytes as CertificateVerify signs with SHA-256 (RFC 8446, 4.4.3). */
function ed25519(): Primitive[] {
  const [seed, message] = [fixedBytes("ed25519", 32), fixedBytes("CertificateVerify", 130)];
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  const key = crypto.createPrivateKey({ key: der, format: "der", type: "pkcs8" }); // RFC 8410, 7
  const publicKey = crypto.createPublicKey(key).export({ format: "der", type: "spki" });
  const signature = crypto.sign(null, message, key);
  return [
    {
      name: "ed25519-sign",
      inputs: [seed, message],
      output: signature,
      result: 0,
      peers: ["openssl"],
      call: (out, k, p) => ["ed25519Sign", out, k, p, message.length],
    },
    {
      name: "ed25519-verify",
      inputs: [publicKey.subarray(-32), message, signature],
      output: Buffer.alloc(0),
      result: 1,
      peers: ["openssl"],
      call: (_, k, p, s) => ["ed25519Verify", k, 32, p, message.length, s, 64],
    },
  ];
}

/** A round of the five that a prime of an RSA-2048 key passes; here the prime of RFC 2409, 6.2. */
function primeRound(): Primitive {
  const prime = crypto.getDiffieHellman("modp2").getPrime();
  return {
    name: "miller-rabin-1024",
    inputs: [prime],
    output: Buffer.alloc(0),
    parts: 5,
    result: 1,
    peers: [],
    call: (_, p) => ["isPrime", p, prime.length],
  };
}

/** NIST's, of 2048 bits with PKCS#1 v1.5 over SHA-256; its primes follow from d. */
function rsaSign(): Primitive {
  const one = signatureOf(2048);
  const [n, e, d] = ["n", "e", "d"].map((name) => fromBig(one.bytes(name)));
  const numbers = Object.values(factor(n, e, d)).map(bytesOf);
  const lengths = numbers.map((bytes) => bytes.length);
  const digest = crypto.createHash("sha256").update(one.bytes("Msg")).digest();
  return {
    name: "rsa2048-sign",
    inputs: [Buffer.concat(numbers), Buffer.from(Uint32Array.from(lengths).buffer), digest],
    output: one.bytes("S"),
    result: 0,
    call: (out, key, sizes, h) => ["rsaSign", out, key, sizes, hashIds.sha256, h],
  };
}
