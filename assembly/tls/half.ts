// One direction of a connection: its keys, its sequence number and the traffic secret the next keys
// come from. Before the first keys records pass in plaintext. RFC 8446, 5.2 and 5.3.
//
// The block behind the fields:   | IV 16 | secret 48 | AEAD state ... |

import * as bytes from "../base/bytes";
import * as heap from "../base/heap";
import * as scratch from "../base/scratch";
import { AEAD_STATE_SIZE, NONCE_SIZE, aeadBegin, aeadOpen, aeadSeal } from "../crypto/aead";
import { HASH_MAX } from "../crypto/hash";
import { Version } from "./numbers";

/**
 * RFC 8446, 5.5 lets AES-GCM keys seal 2^24.5 full records. ChaCha20 has no such limit, and gets
 * the same rule.
 */
const RECORDS_PER_KEY: u64 = 1 << 24;

// @ts-ignore: decorator
@unmanaged
export class Half {
  sequence: u64 = 0;
  /** AeadId; 0: no keys yet, records are plaintext. */
  aead: i32 = 0;
  /** HashId of the suite. */
  hash: i32 = 0;
  /** legacy_record_version of the next plaintext record that we write. */
  version: i32 = 0;

  static create(): Half | null {
    const p = heap.allocate(FIELDS + 16 + HASH_MAX + AEAD_STATE_SIZE);
    if (p == 0) return null;
    const half = changetype<Half>(p);
    half.version = Version.TLS_1_0;
    return half;
  }

  get iv(): usize {
    return changetype<usize>(this) + FIELDS;
  }

  /** The traffic secret, as long as the suite's hash. */
  get secret(): usize {
    return this.iv + 16;
  }

  private get state(): usize {
    return this.secret + HASH_MAX;
  }

  get isProtected(): bool {
    return this.aead != 0;
  }

  /** Whether these keys have sealed as much as they may. */
  get isWorn(): bool {
    return this.sequence >= RECORDS_PER_KEY;
  }

  /** New keys from the next record on; the IV was written to `iv` before. */
  setKey(aead: i32, hash: i32, key: usize): void {
    this.aead = aead;
    this.hash = hash;
    this.sequence = 0;
    aeadBegin(this.state, aead, key);
  }

  /** Seals n bytes in place; the tag is written behind them. */
  seal(aad: usize, aadLen: i32, text: usize, n: i32): void {
    const frame = scratch.mark();
    aeadSeal(this.state, this.nextNonce(), aad, aadLen, text, n, text + n);
    scratch.release(frame);
  }

  /**
   * Opens n bytes in place, their tag behind them. False: forged or damaged, and the text is
   * zeroed.
   */
  open(aad: usize, aadLen: i32, text: usize, n: i32): bool {
    const frame = scratch.mark();
    const good = aeadOpen(this.state, this.nextNonce(), aad, aadLen, text, n, text + n);
    scratch.release(frame);
    return good == 1; // public: the peer learns it from the alert
  }

  /**
   * The IV with the sequence number xored into its end; counts the record. In the caller's frame.
   */
  private nextNonce(): usize {
    const nonce = scratch.take(16);
    memory.copy(nonce, this.iv, NONCE_SIZE);
    const low = nonce + NONCE_SIZE - 8;
    bytes.store64be(low, bytes.load64be(low) ^ this.sequence);
    this.sequence++;
    return nonce;
  }

  /** Forgets keys and secret; without keys nothing can be sealed or opened any more. */
  wipe(): void {
    bytes.wipe(this.iv, 16 + HASH_MAX + AEAD_STATE_SIZE);
  }
}

const FIELDS: i32 = (offsetof<Half>() + 7) & ~7;
