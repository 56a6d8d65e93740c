// Hashes, MACs, key derivation and ciphers on random input, against Node's OpenSSL and @noble.

import assert from "node:assert/strict";
import { type CipherGCMTypes, createCipheriv, createHash, createHmac, hkdfSync } from "node:crypto";
import { cbc, gcm } from "@noble/ciphers/aes.js";
import { chacha20, chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha1 } from "@noble/hashes/legacy.js";
import { sha224, sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import { differential, type Trial } from "../harness/differential.ts";

const ENTRY = "crypto-symmetric";
const BLOCK = 16;

const hashes = [
  { id: 2, name: "sha1", noble: sha1 },
  { id: 3, name: "sha224", noble: sha224 },
  { id: 4, name: "sha256", noble: sha256 },
  { id: 5, name: "sha384", noble: sha384 },
  { id: 6, name: "sha512", noble: sha512 },
] as const;

const withHkdf = hashes.filter(({ id }) => id >= 4);

/** What both references say, which must be the same. */
function agreed(node: Uint8Array, noble: Uint8Array): Buffer {
  assert.deepEqual(Buffer.from(noble), Buffer.from(node), "the references differ");
  return Buffer.from(node);
}

differential("hashes, in pieces", ENTRY, { quick: 60, long: 4000 }, (trial) => {
  const { m } = trial;
  const { id, name, noble } = trial.random.pick(hashes);
  const text = trial.bytes(trial.length(noble.blockLen, 700));
  const expected = agreed(createHash(name).update(text).digest(), noble(text));
  const [p, state, out] = [trial.input(text), trial.state("hash"), trial.output(noble.outputLen)];
  m.call("hashBegin", state, id);
  let at = p;
  for (const n of trial.pieces(text.length, noble.blockLen)) {
    m.call("hashUpdate", state, at, n);
    at += n;
  }
  m.call("hashEnd", state, out);
  assert.deepEqual(trial.read(out), expected, name);
});

differential("hashes, into their own text", ENTRY, { quick: 40, long: 2000 }, (trial) => {
  const { id, name, noble } = trial.random.pick(hashes);
  const text = trial.bytes(noble.outputLen + trial.length(noble.blockLen, 300));
  const expected = agreed(createHash(name).update(text).digest(), noble(text));
  const p = trial.inPlace(text);
  const from = trial.random.below(text.length - noble.outputLen + 1);
  trial.m.call("hash", id, p, text.length, p + from);
  assert.deepEqual(trial.read(p, from, noble.outputLen), expected, name);
  const rest = Buffer.from(text);
  rest.set(expected, from);
  assert.deepEqual(trial.read(p), rest, "only the digest is written");
});

differential("hashes of secret length", ENTRY, { quick: 40, long: 2000 }, (trial) => {
  const { m } = trial;
  const { id, name, noble } = trial.random.pick(hashes);
  const [before, most] = [trial.length(noble.blockLen, 300), trial.length(noble.blockLen, 300)];
  const n = trial.random.pick([0, most, trial.random.below(most + 1)]);
  const text = trial.bytes(before + most);
  const part = text.subarray(0, before + n);
  const expected = agreed(createHash(name).update(part).digest(), noble(part));
  const [p, state, out] = [trial.input(text), trial.state("hash"), trial.output(noble.outputLen)];
  m.call("hashBegin", state, id);
  m.call("hashUpdate", state, p, before);
  m.call("hashEndSecretLength", state, out, p + before, n, most);
  assert.deepEqual(trial.read(out), expected, name);
});

differential("HMAC, in pieces", ENTRY, { quick: 60, long: 3000 }, (trial) => {
  const { m } = trial;
  const { id, name, noble } = trial.random.pick(hashes);
  const key = trial.bytes(trial.length(noble.blockLen, 300));
  const text = trial.bytes(trial.length(noble.blockLen, 500));
  const expected = agreed(createHmac(name, key).update(text).digest(), hmac(noble, key, text));
  const [k, p] = [trial.input(key), trial.input(text)];
  const [state, out] = [trial.state("hmac"), trial.output(noble.outputLen)];
  m.call("hmacBegin", state, id, k, key.length);
  let at = p;
  for (const n of trial.pieces(text.length, noble.blockLen)) {
    m.call("hmacUpdate", state, at, n);
    at += n;
  }
  m.call("hmacEnd", state, out);
  assert.deepEqual(trial.read(out), expected, name);
});

differential("HKDF", ENTRY, { quick: 40, long: 2000 }, (trial) => {
  const { m } = trial;
  const { id, name, noble } = trial.random.pick(withHkdf);
  const ikm = trial.bytes(trial.length(noble.blockLen, 200));
  const salt = trial.bytes(trial.length(noble.blockLen, 200));
  const info = trial.bytes(trial.length(noble.blockLen, 200));
  const n = 1 + trial.length(noble.outputLen, 300);
  const expected = agreed(
    new Uint8Array(hkdfSync(name, ikm, salt, info, n)),
    hkdf(noble, ikm, salt, info, n),
  );
  const prk = trial.output(noble.outputLen);
  m.call("hkdfExtract", id, trial.input(salt), salt.length, trial.input(ikm), ikm.length, prk);
  const out = trial.output(n);
  const args = [prk, noble.outputLen, trial.input(info), info.length, out, n];
  assert.equal(m.call("hkdfExpand", id, ...args), 0);
  assert.deepEqual(trial.read(out), expected, name);
});

type Mac = (secret: Uint8Array, text: Uint8Array) => Uint8Array;

/** P_hash of RFC 5246, 5. */
function expand(mac: Mac, secret: Uint8Array, seed: Uint8Array, n: number): Buffer {
  let output = Buffer.alloc(0);
  for (let a = mac(secret, seed); output.length < n; a = mac(secret, a)) {
    output = Buffer.concat([output, mac(secret, Buffer.concat([a, seed]))]);
  }
  return output.subarray(0, n);
}

differential("the PRF of TLS 1.2", ENTRY, { quick: 40, long: 1500 }, (trial) => {
  const { id, name, noble } = trial.random.pick(withHkdf);
  const secret = trial.bytes(trial.length(noble.blockLen, 200));
  const seed = trial.bytes(trial.length(noble.blockLen, 150));
  const n = trial.length(noble.outputLen, 300);
  const node: Mac = (key, text) => createHmac(name, key).update(text).digest();
  const other: Mac = (key, text) => hmac(noble, key, text);
  const expected = agreed(expand(node, secret, seed, n), expand(other, secret, seed, n));
  const out = trial.output(n);
  const args = [trial.input(secret), secret.length, trial.input(seed), seed.length, out, n];
  trial.m.call("prf", id, ...args);
  assert.deepEqual(trial.read(out), expected, name);
});

/** By number: how Node calls it, the sizes of key and tag, and @noble's, which has no CCM. */
const aeads = [
  { id: 1, name: "aes-128-gcm", keySize: 16, tagSize: 16, noble: gcm },
  { id: 2, name: "aes-256-gcm", keySize: 32, tagSize: 16, noble: gcm },
  { id: 3, name: "chacha20-poly1305", keySize: 32, tagSize: 16, noble: chacha20poly1305 },
  { id: 4, name: "aes-128-ccm", keySize: 16, tagSize: 16, noble: null },
  { id: 5, name: "aes-256-ccm", keySize: 32, tagSize: 16, noble: null },
  { id: 6, name: "aes-128-ccm", keySize: 16, tagSize: 8, noble: null },
  { id: 7, name: "aes-256-ccm", keySize: 32, tagSize: 8, noble: null },
] as const;

interface Message {
  key: Uint8Array;
  nonce: Uint8Array;
  aad: Uint8Array;
  plain: Uint8Array;
}

/** Text and tag, one behind the other. */
function sealed(kind: (typeof aeads)[number], { key, nonce, aad, plain }: Message): Buffer {
  const options = { authTagLength: kind.tagSize };
  const cipher = createCipheriv(kind.name as CipherGCMTypes, key, nonce, options);
  cipher.setAAD(aad, { plaintextLength: plain.length });
  const result = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return kind.noble === null ? result : agreed(result, kind.noble(key, nonce, aad).encrypt(plain));
}

differential("AEAD: seal, open, refuse", ENTRY, { quick: 70, long: 4000 }, (trial) => {
  const { m, random } = trial;
  const kind = random.pick(aeads);
  const message = {
    key: trial.bytes(kind.keySize),
    nonce: trial.bytes(12),
    aad: trial.bytes(trial.length(BLOCK, 100)),
    plain: trial.bytes(trial.length(random.pick([BLOCK, 2 * BLOCK, 64]), 600)),
  };
  const expected = sealed(kind, message);
  const n = message.plain.length;
  const state = trial.state("aead");
  m.call("aeadBegin", state, kind.id, trial.input(message.key));
  const [nonce, aad] = [trial.input(message.nonce), trial.input(message.aad)];
  const data = [nonce, aad, message.aad.length] as const;
  const text = trial.inPlace(Buffer.concat([message.plain, Buffer.alloc(kind.tagSize)]));
  m.call("aeadSeal", state, ...data, text, n, text + n);
  assert.deepEqual(trial.read(text), expected, kind.name);

  const wrong = Buffer.from(expected);
  const bit = random.below(8 * wrong.length);
  wrong[bit >> 3]! ^= 1 << (bit & 7);
  const bad = trial.inPlace(wrong);
  assert.equal(m.call("aeadOpen", state, ...data, bad, n, bad + n), 0, `bit ${bit}`);
  assert.deepEqual(trial.read(bad, 0, n), Buffer.alloc(n), "what is refused is cleared");

  assert.equal(m.call("aeadOpen", state, ...data, text, n, text + n), 1);
  assert.deepEqual(trial.read(text, 0, n), Buffer.from(message.plain));
});

differential("ChaCha20", ENTRY, { quick: 40, long: 2000 }, (trial) => {
  const [key, nonce] = [trial.bytes(32), trial.bytes(12)];
  const plain = trial.bytes(trial.length(64, 700));
  const counter = trial.random.u32() % (0xffff_ffff - 11);
  const iv = Buffer.alloc(16);
  iv.writeUInt32LE(counter);
  iv.set(nonce, 4);
  const node = createCipheriv("chacha20", key, iv).update(plain);
  const expected = agreed(node, chacha20(key, nonce, plain, undefined, counter));
  const text = trial.inPlace(plain);
  const stream = [trial.input(key), trial.input(nonce), counter] as const;
  trial.m.call("chacha20Apply", ...stream, text, plain.length);
  assert.deepEqual(trial.read(text), expected);
});

differential("AES-CBC", ENTRY, { quick: 40, long: 2000 }, (trial) => {
  const { m } = trial;
  const key = trial.bytes(trial.random.pick([16, 32]));
  const [iv, plain] = [trial.bytes(BLOCK), trial.bytes(BLOCK * trial.random.below(30))];
  const cipher = createCipheriv(`aes-${8 * key.length}-cbc`, key, iv).setAutoPadding(false);
  const node = Buffer.concat([cipher.update(plain), cipher.final()]);
  const expected = agreed(node, cbc(key, iv, { disablePadding: true }).encrypt(plain));
  const state = trial.state("aes");
  m.call("aesBegin", state, trial.input(key), key.length);
  const [vector, text] = [trial.input(iv), trial.inPlace(plain)];
  m.call("cbcEncrypt", state, vector, text, plain.length);
  assert.deepEqual(trial.read(text), expected);
  m.call("cbcDecrypt", state, vector, text, plain.length);
  assert.deepEqual(trial.read(text), Buffer.from(plain));
});

/** The parts of a CBC record that Node and @noble both know how to make. */
function record(trial: Trial, isEncryptThenMac: boolean) {
  const { random } = trial;
  const { id, name, noble } = random.pick(hashes.filter((hash) => [2, 4, 5].includes(hash.id)));
  const [cipherKey, macKey] = [trial.bytes(random.pick([16, 32])), trial.bytes(noble.outputLen)];
  const [header, iv] = [trial.bytes(11), trial.bytes(BLOCK)];
  const text = trial.bytes(trial.length(BLOCK, 300));
  const mac = (covered: Uint8Array): Buffer => {
    const length = Buffer.from([covered.length >> 8, covered.length & 255]);
    const whole = Buffer.concat([header, length, covered]);
    const node = createHmac(name, macKey).update(whole).digest();
    return agreed(node, hmac(noble, macKey, whole));
  };
  const encrypt = (bytes: Uint8Array): Uint8Array => {
    const room = Math.floor((256 - 1) / BLOCK) + 1;
    const least = BLOCK - (bytes.length % BLOCK);
    const padding = Math.min(256 - BLOCK + least, least + BLOCK * random.below(room));
    const padded = Buffer.concat([bytes, Buffer.alloc(padding, padding - 1)]);
    return cbc(cipherKey, iv, { disablePadding: true }).encrypt(padded);
  };
  const inner = isEncryptThenMac ? text : Buffer.concat([text, mac(text)]);
  const body = Buffer.concat([iv, encrypt(inner)]);
  const bytes = isEncryptThenMac ? Buffer.concat([body, mac(body)]) : body;
  return { id, cipherKey, macKey, header, text, bytes };
}

differential("CBC records with HMAC", ENTRY, { quick: 60, long: 3000 }, (trial) => {
  const { m, random } = trial;
  const isEncryptThenMac = random.below(2) === 1;
  const made = record(trial, isEncryptThenMac);
  const state = trial.state("cbcHmac");
  const [key, macKey] = [trial.input(made.cipherKey), trial.input(made.macKey)];
  const flavour = isEncryptThenMac ? 1 : 0;
  m.call("cbcHmacBegin", state, made.id, flavour, key, made.cipherKey.length, macKey);
  const header = trial.input(made.header);
  const wrong = Buffer.from(made.bytes);
  const bit = random.below(8 * wrong.length);
  wrong[bit >> 3]! ^= 1 << (bit & 7);
  const bad = trial.inPlace(wrong);
  assert.equal(m.call("cbcHmacOpen", state, header, bad, wrong.length), -1, `bit ${bit}`);
  assert.deepEqual(trial.read(bad), Buffer.alloc(wrong.length), "what is refused is cleared");
  const p = trial.inPlace(made.bytes);
  assert.equal(m.call("cbcHmacOpen", state, header, p, made.bytes.length), made.text.length);
  assert.deepEqual(trial.read(p, BLOCK, made.text.length), Buffer.from(made.text));
});
