// Nonces of ECDSA as RFC 6979 has them, from Node's HMAC.

import { createHmac } from "node:crypto";
import { type NistCurve, fromBig, mod, toBig } from "./numbers.ts";

/** The first nonce of RFC 6979, 3.2, with the entropy of 3.6 behind the digest. */
export function nonceOf(
  curve: NistCurve,
  scalar: Uint8Array,
  hash: string,
  digest: Uint8Array,
  entropy: Uint8Array,
): bigint {
  const mac = (key: Uint8Array, ...parts: Uint8Array[]): Buffer =>
    createHmac(hash, key).update(Buffer.concat(parts)).digest();
  const e = toBig(mod(fromBig(digest.subarray(0, curve.size)), curve.n), curve.size);
  const seed = [scalar, e, entropy];
  let V: Uint8Array = Buffer.alloc(digest.length, 1);
  let K: Uint8Array = Buffer.alloc(digest.length, 0);
  for (const tag of [0, 1]) {
    K = mac(K, V, Buffer.of(tag), ...seed);
    V = mac(K, V);
  }
  const blocks: Uint8Array[] = [];
  while (blocks.length * digest.length < curve.size) blocks.push((V = mac(K, V)));
  return fromBig(Buffer.concat(blocks).subarray(0, curve.size));
}
