// Elliptic curve Diffie-Hellman on P-256 and P-384 (SP 800-56A, 5.7.1.2; RFC 8446, 7.4.2). Points
// travel uncompressed: 4, x, y. The peer's point is checked to be one of the curve, which, the
// cofactor being 1, is all that the full validation of SP 800-56A, 5.6.2.3.3 asks for.

import { Choice, not, zeroBytesIf } from "../base/ct";
import * as scratch from "../base/scratch";
import { isInRange } from "./big-endian";
import { coordinateSize, encodedPointSize, isSecretCurve, orderOf } from "./curve";
import { wipeColumns } from "./limbs";
import { multiplyBaseSecret, multiplySecret } from "./point-multiply";
import { decodePointVarTime, pointSize, pointToBytes } from "./points";

/**
 * out = the public key of scalar (big-endian), uncompressed. Gives 0, and a key of zeros, where the
 * scalar is not in 1 ... n - 1. CT: the scalar does not leak, but that result does once the caller
 * acts on it.
 */
export function ecdhPublicKey(curve: i32, out: usize, scalar: usize): Choice {
  if (!isSecretCurve(curve)) return 0;
  const frame = scratch.mark();
  const p = scratch.take(pointSize(curve));
  const inRange = isInRange(scalar, orderOf(curve), coordinateSize(curve));
  multiplyBaseSecret(curve, p, scalar);
  store<u8>(out, 4);
  pointToBytes(curve, out + 1, p, false);
  zeroBytesIf(not(inRange), out, encodedPointSize(curve));
  scratch.release(frame);
  wipeColumns();
  return inRange;
}

/**
 * out = the shared secret, the x coordinate of scalar times the peer's point, coordinateSize bytes.
 * Gives 1, or 0 and zeros in out where the peer's point is not one of the curve or the scalar is
 * not in 1 ... n - 1. CT: the scalar does not leak but for that; the peer's point does.
 */
export function ecdhSharedSecret(
  curve: i32, out: usize, scalar: usize, peer: usize, peerLen: i32,
): i32 {
  if (!isSecretCurve(curve)) return 0;
  const frame = scratch.mark();
  const size = coordinateSize(curve);
  const p = scratch.take(pointSize(curve));
  let done: Choice = 0;
  if (decodePointVarTime(curve, p, peer, peerLen)) { // public: the peer sent it in the clear
    done = isInRange(scalar, orderOf(curve), size);
    multiplySecret(curve, p, scalar, p);
    pointToBytes(curve, out, p, true);
  }
  zeroBytesIf(not(done), out, size);
  scratch.release(frame);
  wipeColumns();
  return done;
}
