// Verifying signatures with the key in a certificate: those on certificates, named by their
// AlgorithmIdentifier, and those of the TLS handshake, named by a SignatureScheme (RFC 8446,
// 4.2.3). Signatures are public, so nothing here is constant-time.
//
// A scheme says more than an algorithm: it ties an ECDSA signature to a curve, and says whether a
// PSS signature comes from an rsaEncryption or an id-RSASSA-PSS key. Which schemes a handshake may
// use is TLS's decision; here pkcs1 verifies as well.

import { Reader } from "../base/reader";
import * as scratch from "../base/scratch";
import { coordinateSize } from "../crypto/curve";
import { ecdsaVerify } from "../crypto/ecdsa";
import { HASH_MAX, HashId, hash, hashSize } from "../crypto/hash";
import { rsaVerifyPkcs1, rsaVerifyPss } from "../crypto/rsa";
import { KeyType, SignatureAlgorithm, curveOf } from "./algorithm";
import { Certificate } from "./certificate";
import * as der from "./der";
import { Tag } from "./der";

/** Numbers of the TLS registry. */
export namespace SignatureScheme {
  export const RSA_PKCS1_SHA256: i32 = 0x0401;
  export const RSA_PKCS1_SHA384: i32 = 0x0501;
  export const RSA_PKCS1_SHA512: i32 = 0x0601;
  export const ECDSA_SECP256R1_SHA256: i32 = 0x0403;
  export const ECDSA_SECP384R1_SHA384: i32 = 0x0503;
  export const ECDSA_SECP521R1_SHA512: i32 = 0x0603;
  export const RSA_PSS_RSAE_SHA256: i32 = 0x0804;
  export const RSA_PSS_RSAE_SHA384: i32 = 0x0805;
  export const RSA_PSS_RSAE_SHA512: i32 = 0x0806;
  export const RSA_PSS_PSS_SHA256: i32 = 0x0809;
  export const RSA_PSS_PSS_SHA384: i32 = 0x080a;
  export const RSA_PSS_PSS_SHA512: i32 = 0x080b;
}

/** NIST's floor since 2014, and the largest that rsa.ts is built for. */
const LEAST_RSA_BITS: i32 = 2048;
const MOST_RSA_BITS: i32 = 4096;
const MOST_EXPONENT_BYTES: i32 = 4;

/** Whether the certificate's key is of a kind and size that we refuse to rely on. */
export function isWeakKey(c: Certificate): bool {
  const type = c.keyType;
  if (curveOf(type) != 0) return false;
  if (type != KeyType.RSA && type != KeyType.RSA_PSS) return true;
  const bits = 8 * c.keySize - (clz<u32>(load<u8>(c.key)) - 24);
  if (bits < LEAST_RSA_BITS || bits > MOST_RSA_BITS || !isOdd(c.key, c.keySize)) return true;
  const isOne = c.exponentSize == 1 && load<u8>(c.exponent) == 1;
  return isOne || c.exponentSize > MOST_EXPONENT_BYTES || !isOdd(c.exponent, c.exponentSize);
}

/**
 * Whether `signature` is the owner's over the message by this scheme; false for an unknown scheme
 * or another kind of key.
 */
export function verifySignature(
  owner: Certificate,
  scheme: i32,
  message: usize,
  messageLen: i32,
  signature: usize,
  signatureLen: i32,
): bool {
  const id = schemeHash(scheme);
  if (id == 0) return false;
  const frame = scratch.mark();
  const digest = scratch.take(HASH_MAX);
  hash(id, message, messageLen, digest);
  const good = verifySchemeDigest(owner, scheme, digest, signature, signatureLen);
  scratch.release(frame);
  return good;
}

/**
 * As verifySignature, with the message already hashed by schemeHash(scheme): for messages that come
 * in pieces.
 */
export function verifySchemeDigest(
  owner: Certificate,
  scheme: i32,
  digest: usize,
  signature: usize,
  signatureLen: i32,
): bool {
  const algorithm = schemeAlgorithm(scheme);
  if (algorithm == SignatureAlgorithm.OTHER || !isSchemeOfKey(owner, scheme)) return false;
  return verifyDigest(owner, algorithm, digest, signature, signatureLen);
}

/** The HashId of a scheme, 0 where it is not one of ours. */
export function schemeHash(scheme: i32): i32 {
  return schemeAlgorithm(scheme) & 0xff;
}

/** Whether `issuer` signed `c`. The caller has refused weak keys and hashes. */
export function isSignedBy(c: Certificate, issuer: Certificate): bool {
  const id = c.signatureAlgorithm & 0xff;
  if (id < HashId.SHA256) return false;
  const frame = scratch.mark();
  const digest = scratch.take(HASH_MAX);
  hash(id, c.tbs, c.tbsSize, digest);
  const good = verifyDigest(issuer, c.signatureAlgorithm, digest, c.signature, c.signatureSize);
  scratch.release(frame);
  return good;
}

/** The algorithm is one of SignatureAlgorithm with its HashId; the key must be of its kind. */
function verifyDigest(
  owner: Certificate,
  algorithm: i32,
  digest: usize,
  signature: usize,
  n: i32,
): bool {
  const id = algorithm & 0xff;
  const kind = algorithm & ~0xff;
  const size = hashSize(id);
  if (kind == SignatureAlgorithm.ECDSA) return verifyEcdsa(owner, digest, size, signature, n);
  const m = owner.key;
  const mSize = owner.keySize;
  const e = owner.exponent;
  const eSize = owner.exponentSize;
  if (kind == SignatureAlgorithm.RSA_PKCS1) {
    if (owner.keyType != KeyType.RSA) return false;
    return rsaVerifyPkcs1(id, digest, signature, n, m, mSize, e, eSize);
  }
  const onlyHash = owner.keyAlgorithm >>> 8;
  if (onlyHash != 0 && onlyHash != id) return false;
  return rsaVerifyPss(id, size, digest, signature, n, m, mSize, e, eSize);
}

function verifyEcdsa(owner: Certificate, digest: usize, digestLen: i32, at: usize, n: i32): bool {
  const curve = curveOf(owner.keyType);
  if (curve == 0) return false;
  const width = coordinateSize(curve);
  const frame = scratch.mark();
  const rs = scratch.take(2 * width);
  const good =
    readEcdsaSignature(at, n, rs, width) &&
    ecdsaVerify(curve, owner.key, owner.keySize, digest, digestLen, rs);
  scratch.release(frame);
  return good;
}

/**
 * ECDSA-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER } (RFC 3279, 2.2.3) into r || s, each of
 * `width` bytes.
 */
function readEcdsaSignature(at: usize, n: i32, rs: usize, width: i32): bool {
  const frame = scratch.mark();
  const r = Reader.over(at, n);
  memory.fill(rs, 0, 2 * width);
  const outer = der.enter(r, Tag.SEQUENCE);
  readScalar(r, rs, width);
  readScalar(r, rs + width, width);
  r.leave(outer);
  const good = r.done();
  scratch.release(frame);
  return good;
}

function readScalar(r: Reader, out: usize, width: i32): void {
  const n = der.positiveHeader(r);
  if (n > width) r.fail();
  const p = r.skip(n);
  if (p != 0) memory.copy(out + width - n, p, n);
}

function schemeAlgorithm(scheme: i32): i32 {
  switch (scheme) {
    case SignatureScheme.RSA_PKCS1_SHA256:
      return SignatureAlgorithm.RSA_PKCS1 | HashId.SHA256;
    case SignatureScheme.RSA_PKCS1_SHA384:
      return SignatureAlgorithm.RSA_PKCS1 | HashId.SHA384;
    case SignatureScheme.RSA_PKCS1_SHA512:
      return SignatureAlgorithm.RSA_PKCS1 | HashId.SHA512;
    case SignatureScheme.ECDSA_SECP256R1_SHA256:
      return SignatureAlgorithm.ECDSA | HashId.SHA256;
    case SignatureScheme.ECDSA_SECP384R1_SHA384:
      return SignatureAlgorithm.ECDSA | HashId.SHA384;
    case SignatureScheme.ECDSA_SECP521R1_SHA512:
      return SignatureAlgorithm.ECDSA | HashId.SHA512;
    case SignatureScheme.RSA_PSS_RSAE_SHA256:
    case SignatureScheme.RSA_PSS_PSS_SHA256:
      return SignatureAlgorithm.RSA_PSS | HashId.SHA256;
    case SignatureScheme.RSA_PSS_RSAE_SHA384:
    case SignatureScheme.RSA_PSS_PSS_SHA384:
      return SignatureAlgorithm.RSA_PSS | HashId.SHA384;
    case SignatureScheme.RSA_PSS_RSAE_SHA512:
    case SignatureScheme.RSA_PSS_PSS_SHA512:
      return SignatureAlgorithm.RSA_PSS | HashId.SHA512;
    default:
      return SignatureAlgorithm.OTHER;
  }
}

/** Whether the scheme is for this kind of key: its curve, and rsaEncryption or id-RSASSA-PSS. */
export function isSchemeOfKey(owner: Certificate, scheme: i32): bool {
  const type = owner.keyType;
  if (scheme == SignatureScheme.ECDSA_SECP256R1_SHA256) return type == KeyType.P256;
  if (scheme == SignatureScheme.ECDSA_SECP384R1_SHA384) return type == KeyType.P384;
  if (scheme == SignatureScheme.ECDSA_SECP521R1_SHA512) return type == KeyType.P521;
  if (scheme >= SignatureScheme.RSA_PSS_PSS_SHA256) return type == KeyType.RSA_PSS;
  return type == KeyType.RSA;
}

function isOdd(p: usize, n: i32): bool {
  return (load<u8>(p + n - 1) & 1) == 1;
}
