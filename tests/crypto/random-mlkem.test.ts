// SHA-3 and ML-KEM-768 on random input, against Node's OpenSSL and @noble.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { sha3_256, sha3_512, shake128, shake256 } from "@noble/hashes/sha3.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { differential } from "../harness/differential.ts";

const ENTRY = "post-quantum";
const PUBLIC = 1184;
const PUBLIC_AT = 1152;
const PRIVATE = 2400;
const CIPHERTEXT = 1088;

const functions = [
  { id: 1, name: "sha3-256", size: 32, isXof: false, noble: sha3_256 },
  { id: 2, name: "sha3-512", size: 64, isXof: false, noble: sha3_512 },
  { id: 3, name: "shake128", size: 0, isXof: true, noble: shake128 },
  { id: 4, name: "shake256", size: 0, isXof: true, noble: shake256 },
] as const;

function reference(one: (typeof functions)[number], text: Uint8Array, n: number): Buffer {
  const options = one.isXof ? { outputLength: n } : {};
  const node = createHash(one.name, options).update(text).digest();
  const noble = one.isXof ? one.noble(text, { dkLen: n }) : one.noble(text);
  assert.deepEqual(Buffer.from(noble), node, "the references differ");
  return node;
}

differential("SHA-3 and SHAKE, in pieces", ENTRY, { quick: 60, long: 4000 }, (trial) => {
  const { m } = trial;
  const one = trial.random.pick(functions);
  const { id, size, noble } = one;
  const text = trial.bytes(trial.length(noble.blockLen, 600));
  const n = size > 0 ? size : 1 + trial.length(noble.blockLen, 600);
  const expected = reference(one, text, n);
  const [p, state, out] = [trial.input(text), trial.state("sha3"), trial.output(n)];
  m.call("sha3Begin", state, id);
  let at = p;
  for (const part of trial.pieces(text.length, noble.blockLen)) {
    m.call("sha3Update", state, at, part);
    at += part;
  }
  at = out;
  for (const part of trial.pieces(n, noble.blockLen)) {
    m.call("sha3Squeeze", state, at, part);
    at += part;
  }
  assert.deepEqual(trial.read(out), expected, one.name);
});

differential("SHA-3, into its own text", ENTRY, { quick: 20, long: 1000 }, (trial) => {
  const one = trial.random.pick(functions);
  const n = one.size > 0 ? one.size : 1 + trial.length(one.noble.blockLen, 300);
  const text = trial.bytes(n + trial.length(one.noble.blockLen, 300));
  const expected = reference(one, text, n);
  const p = trial.inPlace(text);
  trial.m.call("sha3", one.id, p, text.length, p, n);
  assert.deepEqual(trial.read(p, 0, n), expected, one.name);
});

differential("ML-KEM-768", ENTRY, { quick: 16, long: 2000, slow: 8 }, (trial) => {
  const { m, random } = trial;
  const [seed, randomness] = [trial.bytes(64), trial.bytes(32)];
  const theirs = ml_kem768.keygen(seed);
  const key = trial.output(PRIVATE);
  m.call("mlkemKeyPair", key, trial.input(seed));
  assert.deepEqual(trial.read(key), Buffer.from(theirs.secretKey));
  assert.deepEqual(trial.read(key, PUBLIC_AT, PUBLIC), Buffer.from(theirs.publicKey));

  const expected = ml_kem768.encapsulate(theirs.publicKey, randomness);
  const [secret, ciphertext] = [trial.output(32), trial.output(CIPHERTEXT)];
  const args = [trial.input(theirs.publicKey), PUBLIC, trial.input(randomness)];
  assert.equal(m.call("mlkemEncapsulate", secret, ciphertext, ...args), 1);
  assert.deepEqual(trial.read(ciphertext), Buffer.from(expected.cipherText));
  assert.deepEqual(trial.read(secret), Buffer.from(expected.sharedSecret));

  // The ciphertext itself, with bits turned, or other bytes altogether: each has its secret.
  const wrong = trial.bytes(CIPHERTEXT);
  if (random.below(2) === 0) wrong.set(expected.cipherText.subarray(random.below(CIPHERTEXT)));
  const flipped = Uint8Array.from(expected.cipherText);
  flipped[random.below(CIPHERTEXT)]! ^= 1 << random.below(8);
  for (const c of [expected.cipherText, flipped, wrong]) {
    const out = trial.output(32);
    assert.equal(m.call("mlkemDecapsulate", out, key, PRIVATE, trial.input(c), CIPHERTEXT), 1);
    assert.deepEqual(trial.read(out), Buffer.from(ml_kem768.decapsulate(c, theirs.secretKey)));
  }
});
