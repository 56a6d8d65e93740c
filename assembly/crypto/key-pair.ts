// Key pairs of elliptic curves from a DRBG: for key exchange and for signatures.
//
// Scalars of the NIST curves are drawn again until one is in 1 ... n - 1 (FIPS 186-5, A.2.2; SP
// 800-56A, 5.6.1.2.2): no bias, and for these orders a second draw has a chance below 2^-31. An
// X25519 scalar (RFC 7748, 6.1) and a seed of Ed25519 (RFC 8032, 5.1.5) are any 32 bytes.

import { isInRange } from "./big-endian";
import { CurveId, coordinateSize, isSecretCurve, orderOf } from "./curve";
import { drbgFill } from "./drbg";
import { ecdhPublicKey } from "./ecdh";
import { ED25519_KEY_SIZE, ed25519PublicKey } from "./ed25519";
import { X25519_SIZE, x25519PublicKey } from "./x25519";

/**
 * A new key pair: the scalar, coordinateSize bytes big-endian or 32 of X25519 or a seed of Ed25519,
 * and the public key, uncompressed or 32 bytes. False, and nothing written, for another curve. CT:
 * the scalar does not leak; how many were refused before it does.
 */
export function generateKeyPair(curve: i32, scalar: usize, publicKey: usize, drbg: usize): bool {
  if (curve == CurveId.X25519) {
    drbgFill(drbg, scalar, X25519_SIZE);
    x25519PublicKey(publicKey, scalar);
    return true;
  }
  if (curve == CurveId.Ed25519) {
    drbgFill(drbg, scalar, ED25519_KEY_SIZE);
    ed25519PublicKey(publicKey, scalar);
    return true;
  }
  if (!isSecretCurve(curve)) return false;
  drawScalar(curve, scalar, drbg);
  ecdhPublicKey(curve, publicKey, scalar);
  return true;
}

/**
 * k = the DRBG's next number in 1 ... n - 1. CT: k does not leak; how many were refused before it
 * does, which says nothing about it.
 */
export function drawScalar(curve: i32, k: usize, drbg: usize): void {
  const n = coordinateSize(curve);
  do {
    drbgFill(drbg, k, n);
  } while (isInRange(k, orderOf(curve), n) == 0); // public: a number that is not used
}
