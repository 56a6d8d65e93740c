// Key exchange groups (RFC 8446, 4.2.7 and 4.2.8): our public key and the shared secret, whichever
// the group.
//
// Order: X25519 first, which is also the one whose key we send without being asked. It is the
// cheapest for us (two thirds of P-256), has no invalid points to refuse, and nearly every
// server takes it. P-256 is for those that may not.

import { Writer } from "../base/writer";
import { CurveId } from "../crypto/curve";
import { ecdhPublicKey, ecdhSharedSecret } from "../crypto/ecdh";
import { x25519, x25519PublicKey } from "../crypto/x25519";

export const SCALAR_SIZE: i32 = 32;
export const SHARED_SIZE: i32 = 32;
/** An uncompressed P-256 point. */
export const MAX_PUBLIC_KEY: i32 = 65;

export const FIRST_GROUP: i32 = CurveId.X25519;

export function isGroup(group: i32): bool {
  return group == CurveId.X25519 || group == CurveId.P256;
}

/** Writes the list of supported_groups, without its length. */
export function putGroups(w: Writer): void {
  w.u16(CurveId.X25519);
  w.u16(CurveId.P256);
}

/**
 * Our key share to out (MAX_PUBLIC_KEY bytes); gives its length, or 0 where the scalar is none of
 * this group's.
 */
export function publicKey(group: i32, scalar: usize, out: usize): i32 {
  if (group == CurveId.X25519) {
    x25519PublicKey(out, scalar);
    return 32;
  }
  return ecdhPublicKey(CurveId.P256, out, scalar) == 1 ? 65 : 0;
}

/**
 * The shared secret, SHARED_SIZE bytes. False: the peer's share is not a point of the group, or one
 * that makes the secret known to everybody (RFC 8446, 7.4.2).
 */
export function sharedSecret(group: i32, scalar: usize, peer: usize, n: i32, out: usize): bool {
  if (group == CurveId.X25519) return n == 32 && x25519(out, scalar, peer) == 1;
  return n == 65 && ecdhSharedSecret(CurveId.P256, out, scalar, peer, n) == 1;
}

/** IANA's name. */
export function groupName(group: i32): string {
  return group == CurveId.X25519 ? "x25519" : "secp256r1";
}
