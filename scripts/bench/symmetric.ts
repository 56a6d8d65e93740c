// Hashes, MACs, key derivation and the protection of records. Node's crypto says what must come
// out.

import * as crypto from "node:crypto";
import { fixedBytes, longBytes, type Primitive } from "./primitive.ts";

const AES_128_GCM = 1;
const CHACHA20_POLY1305 = 3;
const SHA256 = 4;
const SHA512 = 6;
const SHA3_256 = 1;
const TAG_SIZE = 16;
const HEADER_SIZE = 5;
const BLOCK = 16;

export function symmetricPrimitives(): Primitive[] {
  return [
    sha256Block(),
    digest("sha256", ["hash", SHA256]),
    digest("sha512", ["hash", SHA512]),
    { ...digest("sha3-256", ["sha3", SHA3_256], 32), peers: ["openssl"] },
    hmac(),
    hkdf(),
    seal("aes128gcm-1k", AES_128_GCM, 1024),
    seal("aes128gcm-16k", AES_128_GCM, 16384),
    seal("chachapoly-1k", CHACHA20_POLY1305, 1024),
    seal("chachapoly-16k", CHACHA20_POLY1305, 16384),
    ...cbcHmac(16384),
  ];
}

function sha256Block(): Primitive {
  const message = fixedBytes("block", 55); // the longest that one block holds
  const block = Buffer.alloc(64);
  message.copy(block);
  block[message.length] = 0x80;
  block.writeUInt16BE(8 * message.length, 62);
  const output = crypto.createHash("sha256").update(message).digest().swap32(); // words, not bytes
  const call = (out: number, p: number): [string, ...number[]] => ["sha256Block", out, p];
  return { name: "sha256-byte", inputs: [block], output, parts: block.length, call };
}

/** Of 1 KB; `size`: arguments behind the output. */
function digest(name: string, [f, id]: [string, number], ...size: number[]): Primitive {
  const message = longBytes(1024);
  const output = crypto.createHash(name).update(message).digest();
  return {
    name: `${name}-1k`,
    inputs: [message],
    output,
    call: (out, p) => [f, id, p, message.length, out, ...size],
  };
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

/** AES-128-CBC and HMAC-SHA-256, encrypt-then-MAC (RFC 7366): a record of n bytes, both ways. */
function cbcHmac(n: number): Primitive[] {
  const keys = [fixedBytes("cbc cipher", 16), fixedBytes("cbc mac", 32)];
  const header = fixedBytes("cbc header", 11);
  const iv = fixedBytes("cbc iv", BLOCK);
  const plain = Buffer.concat([iv, longBytes(n)]);
  const cipher = crypto.createCipheriv("aes-128-cbc", keys[0], iv).setAutoPadding(false);
  const padded = Buffer.concat([longBytes(n), Buffer.alloc(BLOCK, BLOCK - 1)]); // RFC 5246, 6.2.3.2
  const encrypted = Buffer.concat([iv, cipher.update(padded)]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(encrypted.length);
  const mac = crypto.createHmac("sha256", keys[1]);
  const tag = mac.update(header).update(length).update(encrypted).digest();
  const sealed = Buffer.concat([encrypted, tag]);
  const inputs = [...keys, header];
  const call =
    (name: string, size: number): Primitive["call"] =>
    (out, k, m, h) => [name, SHA256, k, m, h, out, size];
  const name = "aes128cbc-sha256-16k";
  return [
    {
      name,
      inputs,
      text: plain,
      output: sealed,
      result: sealed.length,
      call: call("cbcSeal", n),
    },
    {
      name: `${name}-open`,
      inputs,
      text: sealed,
      output: plain,
      result: n,
      call: call("cbcOpen", sealed.length),
    },
  ];
}
