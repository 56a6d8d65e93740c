// The PRF of TLS 1.2 (RFC 5246, 5): P_hash, which stretches a secret over a seed.
//
//   A(0) = seed, A(i) = HMAC(secret, A(i-1));  output = HMAC(secret, A(1) || seed) || ...

import * as scratch from "../base/scratch";
import { HASH_MAX, hashSize } from "./hash";
import { HMAC_STATE_SIZE, hmacBegin, hmacEnd, hmacUpdate } from "./hmac";

/**
 * outLen bytes to out, which may not overlap secret or seed. The seed is the standard's label and
 * seed, one behind the other. CT: id and all lengths leak.
 */
export function prf(
  id: i32,
  secret: usize,
  secretLen: i32,
  seed: usize,
  seedLen: i32,
  out: usize,
  outLen: i32,
): void {
  const size = hashSize(id);
  const frame = scratch.mark();
  const begun = scratch.take(HMAC_STATE_SIZE);
  const state = scratch.take(HMAC_STATE_SIZE);
  const a = scratch.take(HASH_MAX);
  const block = scratch.take(HASH_MAX);
  hmacBegin(begun, id, secret, secretLen);
  for (let done = 0; done < outLen; done += size) {
    memory.copy(state, begun, HMAC_STATE_SIZE);
    if (done == 0) hmacUpdate(state, seed, seedLen);
    else hmacUpdate(state, a, size);
    hmacEnd(state, a);
    memory.copy(state, begun, HMAC_STATE_SIZE);
    hmacUpdate(state, a, size);
    hmacUpdate(state, seed, seedLen);
    hmacEnd(state, block);
    memory.copy(out + done, block, min(size, outLen - done));
  }
  scratch.release(frame);
}
