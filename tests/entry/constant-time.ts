// What tests/constant-time.test.ts calls: everything of ssl.wasm that works on secrets, with flat
// signatures, and the traffic keys of a connection from the shared secret on.

import { AEAD_STATE_SIZE } from "../../assembly/crypto/aead";
import { CBC_HMAC_STATE_SIZE } from "../../assembly/crypto/cbc-hmac";
import { DRBG_STATE_SIZE } from "../../assembly/crypto/drbg";
import { equalBytes } from "../../assembly/base/ct";
import * as scratch from "../../assembly/base/scratch";
import { Half } from "../../assembly/tls/half";
import { openRecord, sealRecord } from "../../assembly/tls/record";
import { Schedule, finishedData, updateSecret, useSecret } from "../../assembly/tls13/schedule";

export { allocate as alloc, release as free } from "../../assembly/base/heap";
export { copyBytesIf, equalBytes, isZeroBytes, zeroBytesIf } from "../../assembly/base/ct";
export { aeadBegin, aeadOpen, aeadSeal } from "../../assembly/crypto/aead";
export { cbcHmacBegin, cbcHmacOpen, cbcHmacSeal } from "../../assembly/crypto/cbc-hmac";
export { drbgBegin, drbgFill, drbgReseed } from "../../assembly/crypto/drbg";
export { ecdhPublicKey, ecdhSharedSecret } from "../../assembly/crypto/ecdh";
export { hash } from "../../assembly/crypto/hash";
export { hkdfExpand, hkdfExtract } from "../../assembly/crypto/hkdf";
export { hmac } from "../../assembly/crypto/hmac";
export { mlkemDecapsulate, mlkemEncapsulate, mlkemKeyPair } from "../../assembly/crypto/mlkem";
export { pkeKeyPair } from "../../assembly/crypto/mlkem-pke";
export { prf } from "../../assembly/crypto/prf";
export { sha3 } from "../../assembly/crypto/sha3";
export { x25519, x25519PublicKey } from "../../assembly/crypto/x25519";

export function aeadStateSize(): i32 {
  return AEAD_STATE_SIZE;
}

export function cbcHmacStateSize(): i32 {
  return CBC_HMAC_STATE_SIZE;
}

export function drbgStateSize(): i32 {
  return DRBG_STATE_SIZE;
}

let reading: Half | null = null;
let writing: Half | null = null;
let secrets: Schedule | null = null;

/** The records that one connection keeps; once, so that every run has them at the same places. */
export function prepare(): bool {
  reading = Half.create();
  writing = Half.create();
  secrets = Schedule.create();
  return reading !== null && writing !== null && secrets !== null;
}

/** From the shared secret to application keys in both directions, with one update of them. */
export function keys(aead: i32, hashId: i32, shared: usize, n: i32, transcript: usize): void {
  const s = secrets!;
  s.begin(hashId);
  s.enterHandshake(shared, n, transcript);
  useSecret(writing!, aead, hashId, s.clientSecret);
  s.enterApplication(transcript);
  useSecret(writing!, aead, hashId, s.clientSecret);
  useSecret(reading!, aead, hashId, s.clientSecret);
  updateSecret(writing!);
  updateSecret(reading!);
}

/** Seals n bytes at record + 5 and opens them again with the other direction's same keys. */
export function sealAndOpen(record: usize, n: i32): i32 {
  sealRecord(writing!, 23, record, n);
  return openRecord(reading!, record);
}

/** Finished as the handshake checks it: 1 where the verify_data received is right. */
export function checkFinished(
  hashId: i32,
  secret: usize,
  transcript: usize,
  received: usize,
  n: i32,
): u32 {
  const frame = scratch.mark();
  const expected = scratch.take(64);
  finishedData(hashId, secret, transcript, expected);
  const right = equalBytes(expected, received, n);
  scratch.release(frame);
  return right;
}
