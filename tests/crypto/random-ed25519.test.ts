// Ed25519 on random input, and on signatures and keys that are changed at random, against Node's
// OpenSSL and @noble/curves.

import assert from "node:assert/strict";
import {
  createPrivateKey,
  createPublicKey,
  sign as nodeSign,
  verify as nodeVerify,
} from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { differential, type Trial } from "../harness/differential.ts";
import { L, SMALL, addPoints, decode, encode, fromLittle, toLittle } from "./edwards-numbers.ts";

const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex"); // RFC 8410, 7
const SPKI = Buffer.from("302a300506032b6570032100", "hex"); // RFC 8410, 4

function privateKeyOf(seed: Uint8Array) {
  const key = Buffer.concat([PKCS8, seed]);
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}

function verify(trial: Trial, key: Uint8Array, message: Uint8Array, signature: Uint8Array): number {
  const args = [trial.input(key), key.length, trial.input(message), message.length];
  return trial.m.call("ed25519Verify", ...args, trial.input(signature), signature.length);
}

differential("Ed25519", "edwards", { quick: 40, long: 3000, slow: 8 }, (trial) => {
  const { m } = trial;
  const seed = trial.bytes(32);
  const message = trial.bytes(trial.length(128, 400));
  const key = trial.output(32);
  m.call("ed25519PublicKey", key, trial.input(seed));
  assert.deepEqual(trial.read(key), Buffer.from(ed25519.getPublicKey(seed)));
  const expected = nodeSign(null, message, privateKeyOf(seed));
  assert.deepEqual(Buffer.from(ed25519.sign(message, seed)), expected, "the references differ");
  const signature = trial.output(64);
  const args = [signature, trial.input(seed), trial.input(message), message.length];
  assert.equal(m.call("ed25519Sign", ...args), 0);
  assert.deepEqual(trial.read(signature), expected);
  assert.equal(verify(trial, trial.read(key), message, expected), 1);
});

/** The key, message and signature of one signer, changed in one of many ways or in none. */
function changed({ random }: Trial): [Uint8Array, Uint8Array, Uint8Array] {
  const seed = random.bytes(32);
  const key = Buffer.from(ed25519.getPublicKey(seed));
  const message = random.bytes(random.below(100));
  const signature = Buffer.from(ed25519.sign(message, seed));
  const bytes = random.pick([key, message, signature]);
  const [R, S] = [signature.subarray(0, 32), fromLittle(signature.subarray(32))];
  const changes = [
    () => undefined,
    () => bytes.length > 0 && (bytes[random.below(bytes.length)]! ^= 1 << random.below(8)),
    () => signature.set(toLittle(S + L * BigInt(random.below(15))), 32),
    () => signature.set(random.bytes(32), 32 * random.below(2)),
    () => signature.set(encode(addPoints(decode(R)!, random.pick(SMALL)))),
    () => key.set(encode(addPoints(decode(key)!, random.pick(SMALL)))),
    () => key.set(random.bytes(32)),
  ];
  random.pick(changes)();
  return [key, message, signature];
}

const sized = { quick: 80, long: 6000, slow: 8 };
differential("Ed25519, changed keys and signatures", "edwards", sized, (trial) => {
  const [key, message, signature] = changed(trial);
  const der = Buffer.concat([SPKI, key]);
  const publicKey = createPublicKey({ key: der, format: "der", type: "spki" });
  const expected = nodeVerify(null, message, publicKey, signature);
  assert.equal(verify(trial, key, message, signature), expected ? 1 : 0);
});
