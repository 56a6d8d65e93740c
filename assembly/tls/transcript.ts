// The transcript hash (RFC 8446, 4.4.1): every handshake message, header included, in order. Which
// hash it is becomes known with the ServerHello; until then both candidates run, which costs a few
// blocks and keeps no messages.

import { store24be } from "../base/bytes";
import * as heap from "../base/heap";
import * as scratch from "../base/scratch";
import {
  HASH_MAX,
  HASH_STATE_SIZE,
  HashId,
  hashBegin,
  hashCopy,
  hashEnd,
  hashSize,
  hashUpdate,
} from "../crypto/hash";
import { HandshakeType } from "./numbers";

// @ts-ignore: decorator
@unmanaged
export class Transcript {
  /** The chosen HashId, 0: both still run. */
  hash: i32 = 0;

  static create(): Transcript | null {
    const p = heap.allocate(FIELDS + 2 * HASH_STATE_SIZE);
    if (p == 0) return null;
    const transcript = changetype<Transcript>(p);
    transcript.begin();
    return transcript;
  }

  private stateOf(hash: i32): usize {
    const at = changetype<usize>(this) + FIELDS;
    return hash == HashId.SHA384 ? at + HASH_STATE_SIZE : at;
  }

  begin(): void {
    this.hash = 0;
    hashBegin(this.stateOf(HashId.SHA256), HashId.SHA256);
    hashBegin(this.stateOf(HashId.SHA384), HashId.SHA384);
  }

  add(p: usize, n: i32): void {
    if (this.hash != HashId.SHA384) hashUpdate(this.stateOf(HashId.SHA256), p, n);
    if (this.hash != HashId.SHA256) hashUpdate(this.stateOf(HashId.SHA384), p, n);
  }

  /** Keeps the hash of the suite that the server chose. */
  choose(hash: i32): void {
    this.hash = hash;
  }

  /** Hash of all messages so far, hashSize(hash) bytes; more may follow. */
  digest(out: usize): void {
    const frame = scratch.mark();
    const copy = scratch.take(HASH_STATE_SIZE);
    hashCopy(copy, this.stateOf(this.hash));
    hashEnd(copy, out);
    scratch.release(frame);
  }

  /**
   * Replaces the first ClientHello by a message that holds its hash, because of a
   * HelloRetryRequest.
   */
  foldIntoMessageHash(): void {
    const frame = scratch.mark();
    const n = hashSize(this.hash);
    const message = scratch.take(4 + HASH_MAX);
    store<u8>(message, HandshakeType.MESSAGE_HASH);
    store24be(message + 1, n);
    this.digest(message + 4);
    hashBegin(this.stateOf(this.hash), this.hash);
    this.add(message, 4 + n);
    scratch.release(frame);
  }
}

const FIELDS: i32 = 8;
