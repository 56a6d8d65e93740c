// What a connection is asked to do, as its context says: whom to trust, how strictly, with which
// suites. A context owns the record and the blocks it points to; handshakes only read it.

import { MAX_TEXT } from "./record";
import { DEFAULT_SUITES } from "./suites";
import { VerifyMode } from "./numbers";

// @ts-ignore: decorator
@unmanaged
export class Config {
  verifyMode: i32 = 0;
  /** Trust anchors: anchorCount pointers to Certificate records. */
  anchors: usize = 0;
  anchorCount: i32 = 0;
  /** The order of suites.ts. */
  suites: u64 = 0;
  /** The most plaintext we can take in one record; below 2^14 the peer is told (RFC 8449). */
  recordLimit: i32 = 0;

  setDefaults(): void {
    this.verifyMode = VerifyMode.NONE;
    this.anchors = 0;
    this.anchorCount = 0;
    this.suites = DEFAULT_SUITES;
    this.recordLimit = MAX_TEXT;
  }
}
