// The key schedule of TLS 1.3 (RFC 8446, 7.1 to 7.3), without PSK: each arrow down is HKDF-Extract,
// each arrow to the right Derive-Secret with the transcript so far.
//
//        0 (no PSK)
//            v
//   0 -> Early Secret
//            |  "derived"
//            v
//   ECDHE -> Handshake Secret --> "c hs traffic", "s hs traffic"    ClientHello .. ServerHello
//            |  "derived"
//            v
//   0 ->     Master Secret    --> "c ap traffic", "s ap traffic"    ClientHello .. server Finished
//
// CT: secrets pass through the hash only; labels, lengths and the suite are public.

import { wipe } from "../base/bytes";
import * as heap from "../base/heap";
import * as scratch from "../base/scratch";
import { putText } from "../base/text";
import { Writer } from "../base/writer";
import { NONCE_SIZE, aeadKeySize } from "../crypto/aead";
import { HASH_MAX, hash, hashSize } from "../crypto/hash";
import { hkdfExpand, hkdfExtract } from "../crypto/hkdf";
import { hmac } from "../crypto/hmac";
import { Half } from "../tls/half";

const MAX_LABEL: i32 = 2 + 1 + 18 + 1 + HASH_MAX;

/**
 * HKDF-Expand-Label (7.1): outLen bytes from the secret; the context has at most HASH_MAX bytes.
 */
export function expandLabel(
  hashId: i32,
  secret: usize,
  label: string,
  context: usize,
  contextLen: i32,
  out: usize,
  outLen: i32,
): void {
  const frame = scratch.mark();
  const w = Writer.into(scratch.take(MAX_LABEL), MAX_LABEL);
  w.u16(outLen);
  const full = w.begin(1);
  putText("tls13 ", w.reserve(6), 6);
  putText(label, w.reserve(label.length), label.length);
  w.finish(full, 1);
  w.u8(contextLen);
  w.bytes(context, contextLen);
  if (w.failed) unreachable(); // labels are ours: a bug
  hkdfExpand(hashId, secret, hashSize(hashId), w.start, w.length, out, outLen);
  scratch.release(frame);
}

/** Derive-Secret (7.1) with the hash of the transcript; the result is as long as the hash. */
export function deriveSecret(
  hashId: i32,
  secret: usize,
  label: string,
  transcript: usize,
  out: usize,
): void {
  const n = hashSize(hashId);
  expandLabel(hashId, secret, label, transcript, n, out, n);
}

/** verify_data of a Finished message (4.4.4) under a traffic secret. */
export function finishedData(hashId: i32, secret: usize, transcript: usize, out: usize): void {
  const frame = scratch.mark();
  const n = hashSize(hashId);
  const key = scratch.take(HASH_MAX);
  expandLabel(hashId, secret, "finished", 0, 0, key, n);
  hmac(hashId, key, n, transcript, n, out);
  scratch.release(frame);
}

/** Gives a direction the keys of a traffic secret (7.3), from the next record on. */
export function useSecret(half: Half, aead: i32, hashId: i32, secret: usize): void {
  const frame = scratch.mark();
  const keySize = aeadKeySize(aead);
  const key = scratch.take(keySize);
  expandLabel(hashId, secret, "key", 0, 0, key, keySize);
  expandLabel(hashId, secret, "iv", 0, 0, half.iv, NONCE_SIZE);
  memory.copy(half.secret, secret, hashSize(hashId));
  half.setKey(aead, hashId, key);
  scratch.release(frame);
}

/** The next generation of a direction's keys (7.2), after a KeyUpdate. */
export function updateSecret(half: Half): void {
  const frame = scratch.mark();
  const n = hashSize(half.hash);
  const next = scratch.take(HASH_MAX);
  expandLabel(half.hash, half.secret, "traffic upd", 0, 0, next, n);
  useSecret(half, half.aead, half.hash, next);
  scratch.release(frame);
}

/** The secrets of one handshake. The block behind the fields holds three of HASH_MAX bytes. */
// @ts-ignore: decorator
@unmanaged
export class Schedule {
  hashId: i32 = 0;

  static create(): Schedule | null {
    const p = heap.allocate(FIELDS + 3 * HASH_MAX);
    return p == 0 ? null : changetype<Schedule>(p);
  }

  /** Where the schedule stands: Early, Handshake or Master Secret. */
  get secret(): usize {
    return changetype<usize>(this) + FIELDS;
  }

  /** client_handshake_traffic_secret, later client_application_traffic_secret_0. */
  get clientSecret(): usize {
    return this.secret + HASH_MAX;
  }

  get serverSecret(): usize {
    return this.clientSecret + HASH_MAX;
  }

  /** The Early Secret without a PSK. */
  begin(hashId: i32): void {
    this.hashId = hashId;
    this.extract(0, 0);
  }

  /** On to the Handshake Secret; transcript: ClientHello .. ServerHello. */
  enterHandshake(shared: usize, n: i32, transcript: usize): void {
    this.derive();
    this.extract(shared, n);
    deriveSecret(this.hashId, this.secret, "c hs traffic", transcript, this.clientSecret);
    deriveSecret(this.hashId, this.secret, "s hs traffic", transcript, this.serverSecret);
  }

  /**
   * On to the Master Secret; transcript: ClientHello .. server Finished. The handshake secrets are
   * gone after it.
   */
  enterApplication(transcript: usize): void {
    this.derive();
    this.extract(0, 0);
    deriveSecret(this.hashId, this.secret, "c ap traffic", transcript, this.clientSecret);
    deriveSecret(this.hashId, this.secret, "s ap traffic", transcript, this.serverSecret);
  }

  /** secret = HKDF-Extract(salt: secret, ikm); no ikm means a hash's length of zeros. */
  private extract(ikm: usize, n: i32): void {
    const frame = scratch.mark();
    const size = hashSize(this.hashId);
    const zeros = scratch.take(HASH_MAX);
    const out = scratch.take(HASH_MAX);
    memory.fill(zeros, 0, HASH_MAX);
    if (n == 0) hkdfExtract(this.hashId, this.secret, size, zeros, size, out);
    else hkdfExtract(this.hashId, this.secret, size, ikm, n, out);
    memory.copy(this.secret, out, size);
    scratch.release(frame);
  }

  /** secret = Derive-Secret(secret, "derived", ""): the salt of the next step. */
  private derive(): void {
    const frame = scratch.mark();
    const empty = scratch.take(HASH_MAX);
    const out = scratch.take(HASH_MAX);
    hash(this.hashId, 0, 0, empty);
    deriveSecret(this.hashId, this.secret, "derived", empty, out);
    memory.copy(this.secret, out, hashSize(this.hashId));
    scratch.release(frame);
  }

  wipe(): void {
    wipe(this.secret, 3 * HASH_MAX);
  }
}

const FIELDS: i32 = 8;
