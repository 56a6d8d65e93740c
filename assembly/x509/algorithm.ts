// AlgorithmIdentifier (RFC 5280, 4.1.1.2; RFC 3279, RFC 4055, RFC 5480, RFC 5758): of a signature
// and of a public key.
//
// Both become one number, so that nothing else looks at their parameters. Parameters are exact:
// NULL for RSA, absent for ECDSA and Ed25519, a named curve for EC keys, and for RSASSA-PSS one
// hash for the message, for MGF1 and as the salt's length - the combinations that TLS has. What is
// well-formed but not in our lists is OTHER, which nothing verifies.

import { CurveId } from "../crypto/curve";
import { HashId, hashSize } from "../crypto/hash";
import { Reader } from "../base/reader";
import * as der from "./der";
import { Tag } from "./der";
import { Oid, readOid } from "./oid";

/** How a signature was made: one of these, plus the HashId where it is not OTHER or WEAK_HASH. */
export namespace SignatureAlgorithm {
  export const OTHER: i32 = 0;
  /** A known algorithm over MD5, SHA-1 or SHA-224. */
  export const WEAK_HASH: i32 = 1;
  export const RSA_PKCS1: i32 = 0x100;
  export const RSA_PSS: i32 = 0x200;
  export const ECDSA: i32 = 0x300;
}

/** What a public key is for. */
export namespace KeyType {
  export const OTHER: i32 = 0;
  export const RSA: i32 = 1;
  /** id-RSASSA-PSS: a key for PSS only; with the HashId << 8 where the key allows one hash only. */
  export const RSA_PSS: i32 = 2;
  export const P256: i32 = 3;
  export const P384: i32 = 4;
  /** Recognised, so that a refusal can say what it met; nothing verifies with it. */
  export const ED25519: i32 = 5;
  export const P521: i32 = 6;
}

const PSS_DEFAULT_SALT: i32 = 20;

/** The CurveId that keys of this KeyType verify ECDSA signatures on; 0 for other keys. */
export function curveOf(type: i32): i32 {
  if (type == KeyType.P256) return CurveId.P256;
  if (type == KeyType.P384) return CurveId.P384;
  return type == KeyType.P521 ? CurveId.P521 : 0;
}

/** Reads the AlgorithmIdentifier of a signature. */
export function readSignatureAlgorithm(r: Reader): i32 {
  const outer = der.enter(r, Tag.SEQUENCE);
  const oid = readOid(r);
  let algorithm = SignatureAlgorithm.OTHER;
  if (oid == Oid.RSASSA_PSS) {
    algorithm = readPssParameters(r, false);
  } else if (oid >= Oid.MD5_WITH_RSA && oid <= Oid.SHA512_WITH_RSA) {
    readNull(r);
    algorithm = withHash(SignatureAlgorithm.RSA_PKCS1, <i32>(oid - Oid.SHA256_WITH_RSA));
  } else if (oid >= Oid.ECDSA_WITH_SHA1 && oid <= Oid.ECDSA_WITH_SHA512) {
    algorithm = withHash(SignatureAlgorithm.ECDSA, <i32>(oid - Oid.ECDSA_WITH_SHA256));
  } else {
    r.at = r.end;
  }
  r.leave(outer);
  return algorithm;
}

/** Reads the AlgorithmIdentifier of a public key: one of KeyType. */
export function readKeyAlgorithm(r: Reader): i32 {
  const outer = der.enter(r, Tag.SEQUENCE);
  const oid = readOid(r);
  let type = KeyType.OTHER;
  if (oid == Oid.RSA_ENCRYPTION) {
    readNull(r);
    type = KeyType.RSA;
  } else if (oid == Oid.RSASSA_PSS) {
    type = readPssKeyType(r);
  } else if (oid == Oid.EC_PUBLIC_KEY) {
    type = readCurve(r);
  } else if (oid == Oid.ED25519) {
    type = KeyType.ED25519;
  } else {
    r.at = r.end;
  }
  r.leave(outer);
  return type;
}

/** Numbers of Oid and of HashId run in the same order; `distance` is from SHA-256. */
function withHash(kind: i32, distance: i32): i32 {
  return distance < 0 ? SignatureAlgorithm.WEAK_HASH : kind | (HashId.SHA256 + distance);
}

function readNull(r: Reader): void {
  if (der.header(r, Tag.NULL) != 0) r.fail();
}

/** A named curve, or one written out by its equation, which nobody may choose for us. */
function readCurve(r: Reader): i32 {
  if (!der.next(r, Tag.OID)) {
    r.at = r.end;
    return KeyType.OTHER;
  }
  const curve = readOid(r);
  if (curve == Oid.P256) return KeyType.P256;
  if (curve == Oid.P384) return KeyType.P384;
  return curve == Oid.P521 ? KeyType.P521 : KeyType.OTHER;
}

/** Without parameters the key may be used with any hash (RFC 4055, 1.2). */
function readPssKeyType(r: Reader): i32 {
  if (!r.more()) return KeyType.RSA_PSS;
  const algorithm = readPssParameters(r, true);
  if (algorithm < SignatureAlgorithm.RSA_PSS) return KeyType.OTHER;
  return KeyType.RSA_PSS | ((algorithm & 0xff) << 8);
}

/**
 * RSASSA-PSS-params (RFC 4055, 3.1). In a key the salt's length is only the least one, in a
 * signature it is exact.
 */
function readPssParameters(r: Reader, ofKey: bool): i32 {
  const outer = der.enter(r, Tag.SEQUENCE);
  const hash = readPssHash(r, Tag.CONSTRUCTED | 0);
  const maskHash = readPssHash(r, Tag.CONSTRUCTED | 1);
  const saltSize = readTagged(r, 2, PSS_DEFAULT_SALT);
  const trailer = readTagged(r, 3, 1);
  r.leave(outer);
  if (hash == Oid.SHA1 || maskHash == Oid.SHA1) return SignatureAlgorithm.WEAK_HASH;
  if (hash < Oid.SHA256 || hash > Oid.SHA512) return SignatureAlgorithm.OTHER;
  if (maskHash != hash || trailer != 1) return SignatureAlgorithm.OTHER;
  const id = HashId.SHA256 + <i32>(hash - Oid.SHA256);
  const fits = ofKey ? saltSize <= hashSize(id) : saltSize == hashSize(id);
  return fits ? SignatureAlgorithm.RSA_PSS | id : SignatureAlgorithm.OTHER;
}

/** [0] the message's hash, or [1] MGF1 with its hash; absent is SHA-1 in both. */
function readPssHash(r: Reader, tag: u32): u32 {
  if (!der.next(r, tag)) return Oid.SHA1;
  const tagged = der.enter(r, tag);
  const isMask = tag == (Tag.CONSTRUCTED | 1);
  const outer = isMask ? der.enter(r, Tag.SEQUENCE) : 0;
  if (isMask && readOid(r) != Oid.MGF1) r.fail();
  const inner = der.enter(r, Tag.SEQUENCE);
  const hash = readOid(r);
  if (r.more()) readNull(r); // RFC 4055, 2.1: NULL and absent are both to be accepted
  r.leave(inner);
  if (isMask) r.leave(outer);
  r.leave(tagged);
  return hash;
}

/** An INTEGER in [number] EXPLICIT, or the default. */
function readTagged(r: Reader, number: u32, absent: i32): i32 {
  if (!der.next(r, Tag.CONSTRUCTED | number)) return absent;
  const outer = der.enter(r, Tag.CONSTRUCTED | number);
  const v = der.small(r);
  r.leave(outer);
  return v;
}
