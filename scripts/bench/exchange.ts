// Key exchange: X25519, the NIST curves, ML-KEM-768. Node's crypto says what must come out; of
// ML-KEM, which it does not have, @noble/post-quantum.

import * as crypto from "node:crypto";
import { ml_kem768 as noble } from "@noble/post-quantum/ml-kem.js";
import { fixedBytes, type Primitive } from "./primitive.ts";

const CURVES = [
  { name: "p256", id: 23, size: 32, node: "prime256v1" },
  { name: "p384", id: 24, size: 48, node: "secp384r1" },
] as const;
const MLKEM = { publicKey: 1184, privateKey: 2400, ciphertext: 1088 };

export function exchangePrimitives(): Primitive[] {
  const curves = CURVES.flatMap((curve) => [ecdhKeyPair(curve), ecdhShared(curve)]);
  return [x25519KeyPair(), x25519Shared(), ...curves, ...mlkem()];
}

function x25519KeyPair(): Primitive {
  const scalar = fixedBytes("x25519 ours", 32);
  return {
    name: "x25519-keypair",
    inputs: [scalar],
    output: x25519Public(scalar),
    call: (out, k) => ["x25519PublicKey", out, k],
  };
}

function x25519Shared(): Primitive {
  const [ours, theirs] = ["x25519 ours", "x25519 theirs"].map((label) => fixedBytes(label, 32));
  const output = crypto.diffieHellman({
    privateKey: x25519Private(ours),
    publicKey: crypto.createPublicKey(x25519Private(theirs)),
  });
  return {
    name: "x25519-shared",
    inputs: [ours, x25519Public(theirs)],
    output,
    result: 1,
    call: (out, k, p) => ["x25519", out, k, p],
  };
}

function x25519Private(scalar: Uint8Array): crypto.KeyObject {
  const head = Buffer.from("302e020100300506032b656e04220420", "hex"); // RFC 8410, 7
  return crypto.createPrivateKey({
    key: Buffer.concat([head, scalar]),
    format: "der",
    type: "pkcs8",
  });
}

function x25519Public(scalar: Uint8Array): Buffer {
  const key = crypto.createPublicKey(x25519Private(scalar));
  return key.export({ format: "der", type: "spki" }).subarray(-32);
}

type Curve = (typeof CURVES)[number];

function ecdhKeyPair({ name, id, size, node }: Curve): Primitive {
  const ours = crypto.createECDH(node);
  ours.setPrivateKey(fixedBytes(`${name} ours`, size));
  return {
    name: `${name}-keypair`,
    inputs: [ours.getPrivateKey()],
    output: ours.getPublicKey(),
    result: 1,
    call: (out, k) => ["ecdhPublicKey", id, out, k],
  };
}

function ecdhShared({ name, id, size, node }: Curve): Primitive {
  const [ours, theirs] = [crypto.createECDH(node), crypto.createECDH(node)];
  ours.setPrivateKey(fixedBytes(`${name} ours`, size));
  theirs.setPrivateKey(fixedBytes(`${name} theirs`, size));
  const peer = theirs.getPublicKey();
  return {
    name: `${name}-shared`,
    inputs: [ours.getPrivateKey(), peer],
    output: ours.computeSecret(peer),
    result: 1,
    call: (out, k, p) => ["ecdhSharedSecret", id, out, k, p, peer.length],
  };
}

/** Each of the three operations, and all of them one after the other. */
function mlkem(): Primitive[] {
  const [seed, randomness] = [fixedBytes("mlkem seed", 64), fixedBytes("mlkem message", 32)];
  const { publicKey, secretKey } = noble.keygen(seed);
  const { cipherText, sharedSecret } = noble.encapsulate(publicKey, randomness);
  const name = "mlkem768";
  return [
    {
      name,
      inputs: [seed, randomness],
      output: Buffer.concat([secretKey, cipherText, sharedSecret, sharedSecret]),
      result: 1,
      peers: [],
      call: (out, d, m) => ["mlkemAll", out, d, m],
    },
    {
      name: `${name}-keypair`,
      inputs: [seed],
      output: secretKey,
      peers: [],
      call: (out, d) => ["mlkemKeyPair", out, d],
    },
    {
      name: `${name}-encapsulate`,
      inputs: [publicKey, randomness],
      output: Buffer.concat([sharedSecret, cipherText]),
      result: 1,
      peers: [],
      call: (out, p, m) => ["mlkemEncapsulate", out, out + 32, p, MLKEM.publicKey, m],
    },
    {
      name: `${name}-decapsulate`,
      inputs: [secretKey, cipherText],
      output: sharedSecret,
      result: 1,
      peers: [],
      call: (out, k, c) => ["mlkemDecapsulate", out, k, MLKEM.privateKey, c, MLKEM.ciphertext],
    },
  ];
}
