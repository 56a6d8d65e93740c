// The primitives that are measured. Node's crypto says what must come out, so that a wrong result
// never gives a figure. Inputs are the same on every run; where signatures need randomness they are
// NIST's, checked by Node first.

import assert from "node:assert/strict";
import * as crypto from "node:crypto";
import type { Meter } from "./meter.ts";
import { ecdsaCase, rsaCase } from "./signatures.ts";
import { signingPrimitives } from "./signing.ts";

export interface Primitive {
  /** Also what peers.c knows it by. */
  name: string;
  inputs: Uint8Array[];
  /** What stands in the output before the call: the text that a cipher seals in place. */
  text?: Uint8Array;
  output: Uint8Array;
  /** What the call gives; undefined: nothing. */
  result?: number;
  /** The libraries are not asked: what they make of the inputs is random, or has no such name. */
  oursAlone?: boolean;
  /** The export of tests/entry/bench.ts and its arguments, from the addresses of the above. */
  call(out: number, ...inputs: number[]): [string, ...number[]];
}

const AES_128_GCM = 1;
const CHACHA20_POLY1305 = 3;
const SHA256 = 4;
const SHA384 = 5;
const CURVES = [
  { name: "p256", id: 23, size: 32, node: "prime256v1", hash: "sha256" },
  { name: "p384", id: 24, size: 48, node: "secp384r1", hash: "sha384" },
] as const;
const TAG_SIZE = 16;
const HEADER_SIZE = 5;

/** All of them, in the order of the table. */
export function allPrimitives(): Primitive[] {
  const [p256, p384] = CURVES;
  return [
    sha256Block(),
    digest("sha256-1k", SHA256),
    digest("sha384-1k", SHA384),
    hmac(),
    hkdf(),
    seal("aes128gcm-1k", AES_128_GCM, 1024),
    seal("aes128gcm-16k", AES_128_GCM, 16384),
    seal("chachapoly-1k", CHACHA20_POLY1305, 1024),
    seal("chachapoly-16k", CHACHA20_POLY1305, 16384),
    x25519KeyPair(),
    x25519Shared(),
    ecdhKeyPair(p256),
    ecdhShared(p256),
    ecdsa(p256),
    ecdsa(p384),
    rsa("pkcs1"),
    rsa("pss"),
    ...signingPrimitives(),
  ];
}

/** What one call costs. Throws where its result is not the right one. */
export function measure(meter: Meter, primitive: Primitive): number {
  const m = meter.program;
  const inputs = primitive.inputs.map((bytes) => m.put(bytes));
  const out = m.alloc(Math.max(primitive.output.length, 1));
  if (primitive.text !== undefined) m.write(out, primitive.text);
  const [name, ...args] = primitive.call(out, ...inputs);
  meter.take();
  const result = m.call(name, ...args);
  const cost = meter.take();
  const { output } = primitive;
  assert.deepEqual(Buffer.from(m.read(out, output.length)), Buffer.from(output), primitive.name);
  if (primitive.result !== undefined) assert.equal(result, primitive.result, primitive.name);
  m.reset();
  return cost;
}

/** n bytes that look random and are always the same. */
function fixedBytes(label: string, n: number): Buffer {
  return Buffer.from(crypto.hkdfSync("sha512", "bench", "", label, n));
}

function sha256Block(): Primitive {
  const message = fixedBytes("block", 55); // the longest that one block holds
  const block = Buffer.alloc(64);
  message.copy(block);
  block[message.length] = 0x80;
  block.writeUInt16BE(8 * message.length, 62);
  const output = crypto.createHash("sha256").update(message).digest().swap32(); // words, not bytes
  const call = (out: number, p: number): [string, ...number[]] => ["sha256Block", out, p];
  return { name: "sha256-block", inputs: [block], output, call };
}

function digest(name: string, id: number): Primitive {
  const message = longBytes(1024);
  const output = crypto.createHash(name.split("-")[0]!).update(message).digest();
  return { name, inputs: [message], output, call: (out, p) => ["hash", id, p, 1024, out] };
}

function hmac(): Primitive {
  const [key, message] = [fixedBytes("key", 32), fixedBytes("message", 64)];
  const output = crypto.createHmac("sha256", key).update(message).digest();
  return {
    name: "hmac-sha256",
    inputs: [key, message],
    output,
    call: (out, k, p) => ["hmac", SHA256, k, 32, p, 64, out],
  };
}

function hkdf(): Primitive {
  const [ikm, salt, info] = [32, 32, 18].map((n, i) => fixedBytes(`hkdf ${i}`, n));
  const output = Buffer.from(crypto.hkdfSync("sha256", ikm, salt, info, 32));
  return {
    name: "hkdf-sha256",
    inputs: [ikm, salt, info],
    output,
    call: (out, k, s, i) => ["hkdf", SHA256, k, 32, s, 32, i, 18, out, 32],
  };
}

function seal(name: string, id: number, n: number): Primitive {
  const keySize = id === AES_128_GCM ? 16 : 32;
  const inputs = [keySize, 12, HEADER_SIZE].map((size, i) => fixedBytes(`seal ${i}`, size));
  const text = longBytes(n);
  const method = id === AES_128_GCM ? "aes-128-gcm" : "chacha20-poly1305";
  const [key, nonce, aad] = inputs;
  const cipher = crypto.createCipheriv(method as "aes-128-gcm", key, nonce, {
    authTagLength: TAG_SIZE,
  });
  cipher.setAAD(aad, { plaintextLength: n });
  const output = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
  return {
    name,
    inputs,
    text,
    output,
    call: (out, k, iv, a) => ["seal", id, k, iv, a, HEADER_SIZE, out, n],
  };
}

/** hkdfSync gives 255 digests at most: its bytes, repeated. */
function longBytes(n: number): Buffer {
  return Buffer.alloc(n, fixedBytes("text", 1000));
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

function ecdsa({ name, id, size, hash }: Curve): Primitive {
  return {
    name: `ecdsa-${name}-verify`,
    inputs: ecdsaCase(name, size, hash),
    output: Buffer.alloc(0),
    result: 1,
    call: (_, q, h, rs) => ["ecdsaVerify", id, q, 2 * size + 1, h, size, rs],
  };
}

function rsa(scheme: "pkcs1" | "pss"): Primitive {
  const { inputs, saltSize } = rsaCase(scheme);
  return {
    name: `rsa2048-${scheme}-verify`,
    inputs,
    output: Buffer.alloc(0),
    result: 1,
    call: (_, h, s, n, e) =>
      scheme === "pkcs1"
        ? ["rsaVerifyPkcs1", SHA256, h, s, 256, n, 256, e, 3]
        : ["rsaVerifyPss", SHA256, saltSize, h, s, 256, n, 256, e, 3],
  };
}
