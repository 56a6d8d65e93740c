// SHA-3 and what is built on it, exported flat for tests/crypto.

import { EVEN_CONSTANTS, ODD_CONSTANTS } from "../../assembly/crypto/keccak";
import { SHA3_STATE_SIZE } from "../../assembly/crypto/sha3";

export { allocate as alloc, release as free } from "../../assembly/base/heap";
export { mark as scratchMark, peak as scratchPeak } from "../../assembly/base/scratch";
export { sha3, sha3Begin, sha3Size, sha3Squeeze, sha3Update } from "../../assembly/crypto/sha3";

// Constants, as calls: a test sees functions only.

export function sha3StateSize(): i32 {
  return SHA3_STATE_SIZE;
}

/** The odd bits of Keccak's round constants: 24 words. */
export function oddConstants(): usize {
  return ODD_CONSTANTS;
}

/** The even bits: bit i is the lowest bit of round i's. */
export function evenConstants(): u32 {
  return EVEN_CONSTANTS;
}
