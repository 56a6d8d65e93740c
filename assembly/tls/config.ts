// What a connection is asked to do, as its context says: whom to trust, how strictly, with which
// suites. A context owns the record and the blocks it points to; handshakes only read it.

import { VerifyMode } from "./numbers";
import { LARGEST_RECEIVE } from "./record-limit";
import { DEFAULT_SUITES } from "./suites";

/** The record limit of contexts that were not told another: a setting of the device. */
let usualRecordLimit: i32 = LARGEST_RECEIVE;

export function setUsualRecordLimit(n: i32): void {
  usualRecordLimit = n;
}

// @ts-ignore: decorator
@unmanaged
export class Config {
  verifyMode: i32 = 0;
  /** Trust anchors: anchorCount pointers to Certificate records. */
  anchors: usize = 0;
  anchorCount: i32 = 0;
  /** The order of suites.ts. */
  suites: u64 = 0;
  /** The most content that we take in a record; below 2^14 the peer is told (record-limit.ts). */
  recordLimit: i32 = 0;

  setDefaults(): void {
    this.verifyMode = VerifyMode.NONE;
    this.anchors = 0;
    this.anchorCount = 0;
    this.suites = DEFAULT_SUITES;
    this.recordLimit = usualRecordLimit;
  }
}
