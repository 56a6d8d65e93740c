// What tests/tls, tests/tls13 and tests/ssl call: ssl.wasm's own exports, and the inner functions
// that its exports do not show. A connection is named by its handle, other records by their
// address.

import * as scratch from "../../assembly/base/scratch";
import { Writer } from "../../assembly/base/writer";
import { HashId, hashSize } from "../../assembly/crypto/hash";
import { Connection } from "../../assembly/ssl/connection";
import { Kind, find } from "../../assembly/ssl/slots";
import { Half } from "../../assembly/tls/half";
import { ClientHello, encodeClientHello } from "../../assembly/tls/hello";
import { DEFAULT_SUITES } from "../../assembly/tls/suites";
import { checkHeader, openRecord, sealRecord } from "../../assembly/tls/record";
import { Schedule, expandLabel, finishedData } from "../../assembly/tls13/schedule";

export * from "../../assembly/ssl/exports";

// --- tls/record, tls/half -----------------------------------------------------------------------

/** aead 0: without keys. */
export function half_new(aead: i32, key: usize, iv: usize): usize {
  const half = Half.create()!;
  if (aead == 0) return changetype<usize>(half);
  memory.copy(half.iv, iv, 12);
  half.setKey(aead, HashId.SHA256, key);
  return changetype<usize>(half);
}

export function half_set_sequence(half: usize, sequence: i64): void {
  changetype<Half>(half).sequence = sequence;
}

export function half_sequence(half: usize): i64 {
  return changetype<Half>(half).sequence;
}

export function half_is_worn(half: usize): i32 {
  return changetype<Half>(half).isWorn;
}

export function record_seal(half: usize, type: i32, record: usize, n: i32): i32 {
  return sealRecord(changetype<Half>(half), type, record, n);
}

/** A record as it came: its header is checked, then it is opened. */
export function record_open(half: usize, record: usize, limit: i32): i32 {
  const n = checkHeader(changetype<Half>(half), record, limit);
  return n < 0 ? n : openRecord(changetype<Half>(half), record);
}

// --- tls/hello ----------------------------------------------------------------------------------

/** The body of a ClientHello with a cookie of that length; gives its length, -1 for no room. */
export function hello_encode(out: usize, cap: i32, recordLimit: i32, cookieLength: i32): i32 {
  const frame = scratch.mark();
  const size = <i32>offsetof<ClientHello>();
  const hello = changetype<ClientHello>(scratch.take(size));
  memory.fill(changetype<usize>(hello), 0, size);
  const block = scratch.take(1024);
  memory.fill(block, 0x5a, 1024);
  hello.random = block;
  hello.sessionId = block;
  hello.suites = DEFAULT_SUITES;
  hello.share = block;
  hello.shareLength = 32;
  hello.group = 29;
  hello.cookie = block;
  hello.cookieLength = cookieLength;
  hello.recordLimit = recordLimit;
  const w = Writer.into(out, cap);
  encodeClientHello(w, hello);
  const n = w.failed ? -1 : w.length;
  scratch.release(frame);
  return n;
}

// --- tls13/schedule -----------------------------------------------------------------------------

/** One of the labels of a traffic secret: 0 "key", 1 "iv", 2 "traffic upd". */
export function expand(hashId: i32, secret: usize, label: i32, out: usize, n: i32): void {
  const text = label == 0 ? "key" : label == 1 ? "iv" : "traffic upd";
  expandLabel(hashId, secret, text, 0, 0, out, n);
}

export function finished_data(hashId: i32, secret: usize, digest: usize, out: usize): void {
  finishedData(hashId, secret, digest, out);
}

/**
 * Runs the whole schedule and writes its secrets in a row: early; handshake, client's, server's;
 * master, client's, server's.
 */
export function schedule_run(
  hashId: i32,
  shared: usize,
  n: i32,
  helloHash: usize,
  finishedHash: usize,
  out: usize,
): void {
  const size = hashSize(hashId);
  const schedule = Schedule.create()!;
  schedule.begin(hashId);
  memory.copy(out, schedule.secret, size);
  schedule.enterHandshake(shared, n, helloHash);
  copySecrets(schedule, out + size);
  schedule.enterApplication(finishedHash);
  copySecrets(schedule, out + 4 * size);
}

function copySecrets(schedule: Schedule, out: usize): void {
  const size = hashSize(schedule.hashId);
  memory.copy(out, schedule.secret, size);
  memory.copy(out + size, schedule.clientSecret, size);
  memory.copy(out + 2 * size, schedule.serverSecret, size);
}

// --- a connection with the secrets and the ClientHello of a published trace ---------------------

/**
 * Makes a fresh connection the one that sent this ClientHello: a message without session id, with
 * record_size_limit and a key share of this X25519 scalar.
 */
export function replay(handle: i32, hello: usize, n: i32, scalar: usize): void {
  const connection = connectionOf(handle);
  const handshake = connection.client.handshake;
  memory.copy(handshake.scalarFor(29, 0), scalar, 32);
  handshake.hello.sessionIdLength = 0;
  handshake.hello.recordLimit = 16383;
  handshake.transcript.begin();
  handshake.transcript.add(hello, n);
  connection.link.outbox.taken(connection.link.outbox.size);
}

/**
 * The same for the second ClientHello, after the HelloRetryRequest was received: the messages so
 * far, and the P-256 scalar of the second key share.
 */
export function replay_second(
  handle: i32,
  hello: usize,
  n: i32,
  request: usize,
  requestLen: i32,
  second: usize,
  secondLen: i32,
  scalar: usize,
): void {
  const connection = connectionOf(handle);
  const handshake = connection.client.handshake;
  memory.copy(handshake.scalar, scalar, 32);
  handshake.transcript.begin();
  handshake.transcript.add(hello, n);
  handshake.transcript.choose(HashId.SHA256);
  handshake.transcript.foldIntoMessageHash();
  handshake.transcript.add(request, requestLen);
  handshake.transcript.add(second, secondLen);
  connection.link.outbox.taken(connection.link.outbox.size);
}

/** As if so many records had been sealed with these keys. */
export function set_write_sequence(handle: i32, sequence: i64): void {
  connectionOf(handle).link.writing.sequence = sequence;
}

/** Whether neither direction has a byte of key material left, nor the inbox one of plaintext. */
export function is_wiped(handle: i32): i32 {
  const connection = connectionOf(handle);
  const link = connection.link;
  return (
    isZero(link.reading.iv, 64) &&
    isZero(link.writing.iv, 64) &&
    isZero(link.inbox.buffer, link.inbox.capacity) &&
    changetype<usize>(connection.client.handshake) == 0
  );
}

function isZero(p: usize, n: i32): bool {
  for (let i = 0; i < n; i++) {
    if (load<u8>(p + i) != 0) return false;
  }
  return true;
}

function connectionOf(handle: i32): Connection {
  return changetype<Connection>(find(Kind.CONNECTION, handle));
}
