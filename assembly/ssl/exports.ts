// The exports of ssl.wasm: flat, all i32, called by hal/bridge.c. Handles, addresses in this memory
// and lengths in; a result or an error of base/err.ts out. The two imports, randomness and the
// clock, are touched here and nowhere below.
//
// An address comes from alloc or from one of the ..._at functions, and is checked all the same.

import { Errno, Misuse, deviceError, misuse } from "../base/err";
import * as heap from "../base/heap";
import * as scratch from "../base/scratch";
import { putText } from "../base/text";
import { DRBG_STATE_SIZE, drbgBegin, drbgFill, drbgReseed } from "../crypto/drbg";
import { alertInside } from "../tls/alert";
import { setUsualRecordLimit } from "../tls/config";
import { groupName } from "../tls/groups";
import { MAX_HOSTNAME, VerifyMode } from "../tls/numbers";
import { HEADER } from "../tls/record";
import { isReceiveBuffer } from "../tls/record-limit";
import { suiteBits, suiteName } from "../tls/suites";
import { POOL_SIZE } from "../tls13/handshake";
import { subjectText } from "../x509/name";
import { Connection } from "./connection";
import { Context } from "./context";
import { errorNumber, putErrorText } from "./errors";
import { Kind, drop, find, put } from "./slots";

/** Fills n bytes with entropy: 0, or -EIO, never weak bytes. */
// @ts-ignore: decorator
@external("hal", "random_fill")
declare function randomFill(p: usize, n: i32): i32;

/** Seconds since 1970-01-01 UTC; -1: never set. */
// @ts-ignore: decorator
@external("hal", "clock_time")
declare function clockTime(): i64;

const PROTOCOL_TLS_CLIENT: i32 = 0;

/** Entropy for the first seed: 256 bits and half as many for the nonce (SP 800-90A, 8.6.7). */
const SEED_SIZE: i32 = 48;
/** For a later one, without a nonce (8.6.8). A board collects 32 bytes in 13 ms. */
const RESEED_SIZE: i32 = 32;

const generator: usize = memory.data(DRBG_STATE_SIZE, 8);
let isSeeded: bool = false;

// --- memory ------------------------------------------------------------------------------------

/** n zeroed bytes for the caller's data, 0 where the memory is used up. */
export function alloc(n: i32): usize {
  return heap.allocate(n);
}

/** Gives back what alloc gave. */
export function release(address: usize): i32 {
  heap.release(address);
  return 0;
}

/** The first address that was never used: the linear memory needed so far. */
export function memory_end(): usize {
  return heap.highestEnd();
}

/** The memory that there is at most, in bytes; below a whole number of pages on small devices. */
export function memory_limit(bytes: i32): i32 {
  heap.limitTo(bytes);
  return 0;
}

/** Bytes of heap in use now. */
export function memory_used(): i32 {
  return heap.inUse();
}

/** The most bytes of heap in use at once. */
export function memory_peak(): i32 {
  return heap.peak();
}

/** The most bytes of scratch in use at once. */
export function scratch_peak(): i32 {
  return scratch.peak();
}

function isRange(p: usize, n: i32): bool {
  return n >= 0 && <u64>p + n <= heap.memoryEnd();
}

/** The receive_buffer of contexts made from now on that are not given one: a device's setting. */
export function receive_buffer_default(n: i32): i32 {
  if (!isReceiveBuffer(n)) return misuse(Misuse.BAD_RECEIVE_BUFFER);
  setUsualRecordLimit(n);
  return 0;
}

// --- contexts ----------------------------------------------------------------------------------

/** A context for PROTOCOL_TLS_CLIENT, the only protocol there is yet. */
export function context_new(protocol: i32): i32 {
  if (protocol != PROTOCOL_TLS_CLIENT) return misuse(Misuse.BAD_PROTOCOL);
  const context = Context.create();
  if (context === null) return deviceError(Errno.ENOMEM);
  const handle = put(Kind.CONTEXT, changetype<usize>(context));
  if (handle < 0) context.leave();
  return handle;
}

export function context_free(handle: i32): i32 {
  const context = contextOf(handle);
  if (context === null) return misuse(Misuse.BAD_HANDLE);
  drop(handle);
  context.leave();
  return 0;
}

/** mode: CERT_NONE 0, CERT_OPTIONAL 1, CERT_REQUIRED 2. For connections made from now on. */
export function context_set_verify_mode(handle: i32, mode: i32): i32 {
  const context = contextOf(handle);
  return context === null ? misuse(Misuse.BAD_HANDLE) : context.setVerifyMode(mode);
}

/** The most plaintext that a record to us may have, in bytes. */
export function context_receive_buffer(handle: i32): i32 {
  const context = contextOf(handle);
  return context === null ? misuse(Misuse.BAD_HANDLE) : context.config.recordLimit;
}

/** n: 1024 to 16384. For connections made from now on. */
export function context_set_receive_buffer(handle: i32, n: i32): i32 {
  const context = contextOf(handle);
  return context === null ? misuse(Misuse.BAD_HANDLE) : context.setReceiveBuffer(n);
}

/** Trusts the certificates in n bytes of DER or PEM; gives how many they are. */
export function context_load_verify(handle: i32, address: usize, n: i32): i32 {
  const context = contextOf(handle);
  if (context === null) return misuse(Misuse.BAD_HANDLE);
  return isRange(address, n) ? context.trust(address, n) : misuse(Misuse.BAD_RANGE);
}

/** IANA names of the suites, a line each; gives the length. */
export function context_ciphers(handle: i32, address: usize, cap: i32): i32 {
  const context = contextOf(handle);
  if (context === null) return misuse(Misuse.BAD_HANDLE);
  return isRange(address, cap) ? context.ciphers(address, cap) : misuse(Misuse.BAD_RANGE);
}

/** For connections made from now on. */
export function context_set_ciphers(handle: i32, address: usize, n: i32): i32 {
  const context = contextOf(handle);
  if (context === null) return misuse(Misuse.BAD_HANDLE);
  return isRange(address, n) ? context.setCiphers(address, n) : misuse(Misuse.BAD_RANGE);
}

function contextOf(handle: i32): Context | null {
  return changetype<Context | null>(find(Kind.CONTEXT, handle));
}

// --- connections -------------------------------------------------------------------------------

/** A connection with its ClientHello queued. The name: UTF-8 bytes, none for no name. */
export function connection_new(context: i32, serverSide: i32, name: usize, nameLen: i32): i32 {
  const from = contextOf(context);
  if (from === null) return misuse(Misuse.BAD_HANDLE);
  if (serverSide != 0) return misuse(Misuse.BAD_ROLE);
  if (!isRange(name, nameLen)) return misuse(Misuse.BAD_RANGE);
  if (nameLen > MAX_HOSTNAME || !isPrintable(name, nameLen)) return misuse(Misuse.BAD_HOSTNAME);
  if (from.config.verifyMode == VerifyMode.REQUIRED) {
    if (nameLen == 0) return misuse(Misuse.NO_HOSTNAME);
    if (from.config.anchorCount == 0) return misuse(Misuse.NO_CA);
  }
  const connection = Connection.create(from, name, nameLen);
  if (connection === null) return deviceError(Errno.ENOMEM);
  let result = fillPool(connection.pool);
  if (result >= 0) result = connection.begin();
  if (result >= 0) result = put(Kind.CONNECTION, changetype<usize>(connection));
  if (result < 0) connection.free();
  return result;
}

/** No control characters: a name is text, and one with a zero byte in it has fooled others. */
function isPrintable(p: usize, n: i32): bool {
  for (let i = 0; i < n; i++) {
    const c = load<u8>(p + i);
    if (c <= 0x20 || c == 0x7f) return false;
  }
  return true;
}

/** A connection's randomness, from a generator that fresh entropy goes into each time. */
function fillPool(pool: usize): i32 {
  const frame = scratch.mark();
  const seed = scratch.take(SEED_SIZE);
  const n = isSeeded ? RESEED_SIZE : SEED_SIZE;
  const e = randomFill(seed, n);
  if (e >= 0) {
    if (isSeeded) drbgReseed(generator, seed, n);
    else drbgBegin(generator, seed, n);
    isSeeded = true;
    drbgFill(generator, pool, POOL_SIZE);
  }
  scratch.release(frame);
  return e < 0 ? deviceError(Errno.EIO) : 0;
}

export function connection_free(handle: i32): i32 {
  const connection = connectionOf(handle);
  if (connection === null) return misuse(Misuse.BAD_HANDLE);
  drop(handle);
  connection.free();
  return 0;
}

/**
 * Bits: 1 read, 2 write, 4 connected, 8 closed by the peer; or the error, once its alert is out.
 */
export function connection_wants(handle: i32): i32 {
  const connection = connectionOf(handle);
  return connection === null ? misuse(Misuse.BAD_HANDLE) : connection.wants();
}

/** Where received ciphertext is to be put; good until the next call. */
export function connection_receive_at(handle: i32): usize {
  const connection = connectionOf(handle);
  return connection === null ? 0 : connection.link.inbox.receiveAt;
}

/** How much may be put there; 0: what came before must be read first. */
export function connection_receive_room(handle: i32): i32 {
  const connection = connectionOf(handle);
  if (connection === null) return misuse(Misuse.BAD_HANDLE);
  const failure = connection.failure;
  return failure < 0 ? failure : connection.link.inbox.room;
}

/** n bytes were put there: n, or the error that they led to. */
export function connection_receive(handle: i32, n: i32): i32 {
  const connection = connectionOf(handle);
  if (connection === null) return misuse(Misuse.BAD_HANDLE);
  const now = connection.client.isConnected ? -1 : clockTime(); // only a handshake asks for it
  return connection.receive(n, now);
}

/** The transport has reached its end. */
export function connection_receive_end(handle: i32): i32 {
  const connection = connectionOf(handle);
  return connection === null ? misuse(Misuse.BAD_HANDLE) : connection.receiveEnd();
}

/** Ciphertext for the transport. */
export function connection_take_at(handle: i32): usize {
  const connection = connectionOf(handle);
  return connection === null ? 0 : connection.link.outbox.start;
}

export function connection_take_size(handle: i32): i32 {
  const connection = connectionOf(handle);
  return connection === null ? misuse(Misuse.BAD_HANDLE) : connection.link.outbox.size;
}

export function connection_taken(handle: i32, n: i32): i32 {
  const connection = connectionOf(handle);
  return connection === null ? misuse(Misuse.BAD_HANDLE) : connection.taken(n);
}

/** Plaintext for the app. */
export function connection_read_at(handle: i32): usize {
  const connection = connectionOf(handle);
  return connection === null ? 0 : connection.link.inbox.textAt;
}

/** Bytes there; 0 after close_notify, -EAGAIN nothing yet, else the error. */
export function connection_read_size(handle: i32): i32 {
  const connection = connectionOf(handle);
  return connection === null ? misuse(Misuse.BAD_HANDLE) : connection.readSize();
}

export function connection_consumed(handle: i32, n: i32): i32 {
  const connection = connectionOf(handle);
  return connection === null ? misuse(Misuse.BAD_HANDLE) : connection.consumed(n);
}

/** Where plaintext for one record is to be put; ask for the room first. */
export function connection_write_at(handle: i32): usize {
  const connection = connectionOf(handle);
  return connection === null ? 0 : connection.link.outbox.recordAt + HEADER;
}

/** How much may be put there; -EAGAIN: nothing now. */
export function connection_write_room(handle: i32): i32 {
  const connection = connectionOf(handle);
  return connection === null ? misuse(Misuse.BAD_HANDLE) : connection.writeRoom();
}

/** n bytes were put there: they are sealed and queued. */
export function connection_written(handle: i32, n: i32): i32 {
  const connection = connectionOf(handle);
  return connection === null ? misuse(Misuse.BAD_HANDLE) : connection.written(n);
}

/** Plaintext bytes that can be read without the network. */
export function connection_pending(handle: i32): i32 {
  const connection = connectionOf(handle);
  return connection === null ? misuse(Misuse.BAD_HANDLE) : connection.link.inbox.pending;
}

/** Queues close_notify. */
export function connection_close(handle: i32): i32 {
  const connection = connectionOf(handle);
  return connection === null ? misuse(Misuse.BAD_HANDLE) : connection.close();
}

function connectionOf(handle: i32): Connection | null {
  return changetype<Connection | null>(find(Kind.CONNECTION, handle));
}

// --- what is known of a connection -------------------------------------------------------------

/**
 * what: 0 suite, 1 version, 2 group, 3 peer certificate (DER), 4 its subject. Gives the length;
 * -ENOTCONN before the handshake is done.
 */
export function connection_text(handle: i32, what: i32, address: usize, cap: i32): i32 {
  const connection = connectionOf(handle);
  if (connection === null) return misuse(Misuse.BAD_HANDLE);
  if (!isRange(address, cap)) return misuse(Misuse.BAD_RANGE);
  const client = connection.client;
  if (!client.isConnected) return deviceError(Errno.ENOTCONN);
  let n = -1;
  if (what == 0) n = putText(suiteName(client.suite), address, cap);
  else if (what == 1) n = putText("TLSv1.3", address, cap);
  else if (what == 2) n = putText(groupName(client.group), address, cap);
  else if (what == 3) n = client.peer.put(address, cap);
  else if (what == 4) n = subjectText(client.peer.certificate, address, cap);
  return n < 0 ? misuse(Misuse.BAD_RANGE) : n;
}

/**
 * what: ciphertext bytes 0 in, 1 out; handshake messages 2 in, 3 out; 4 secret bits of the suite, 0
 * before it is known.
 */
export function connection_number(handle: i32, what: i32): i32 {
  const connection = connectionOf(handle);
  if (connection === null) return misuse(Misuse.BAD_HANDLE);
  const link = connection.link;
  if (what == 0) return <i32>min<u32>(link.inbox.total, i32.MAX_VALUE);
  if (what == 1) return <i32>min<u32>(link.outbox.total, i32.MAX_VALUE);
  if (what == 2) return link.messagesIn;
  if (what == 3) return link.messagesOut;
  if (what != 4) return misuse(Misuse.BAD_RANGE);
  return connection.client.isConnected ? suiteBits(connection.client.suite) : 0;
}

// --- errors ------------------------------------------------------------------------------------

/** MicroPython's number: negative from TLS, positive from the device, 0 for a ValueError. */
export function error_number(e: i32): i32 {
  return errorNumber(e);
}

/** Its text; gives the length. */
export function error_text(e: i32, address: usize, cap: i32): i32 {
  const n = isRange(address, cap) ? putErrorText(e, address, cap) : -1;
  return n < 0 ? misuse(Misuse.BAD_RANGE) : n;
}

/** The TLS alert that was sent or received, -1 where there was none. */
export function error_alert(e: i32): i32 {
  return alertInside(e);
}
