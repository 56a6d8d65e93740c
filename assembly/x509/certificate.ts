// An X.509 certificate (RFC 5280, 4.1) as a record of pointers into the DER that it was read from:
// nothing is copied, so the bytes must stay where they are for as long as the Certificate is used.
//
// Parsing is strict and complete: a Certificate that parseCertificate accepted has well-formed
// names, dates and extension values, and later code walks them without a second check. It does not
// judge: weak keys, unknown algorithms and unknown critical extensions are recorded here and
// refused in verify.ts, where it is known whether they matter.

import { equalVarTime } from "../base/bytes";
import { Refusal, refused } from "../base/err";
import { Reader } from "../base/reader";
import * as scratch from "../base/scratch";
import { encodedPointSize } from "../crypto/curve";
import { KeyType, curveOf, readKeyAlgorithm, readSignatureAlgorithm } from "./algorithm";
import * as der from "./der";
import { Tag } from "./der";
import { isName } from "./dn";
import {
  NOT_PRESENT,
  PathLength,
  readBasicConstraints,
  readExtendedKeyUsage,
  readGeneralNames,
  readKeyUsage,
  readNameConstraints,
} from "./extensions";
import { Oid, readOid } from "./oid";
import { readTime } from "./time";

/** More extensions than this are an attack on the search for duplicates. */
const MOST_EXTENSIONS: i32 = 64;
const ISSUER_UNIQUE_ID: u32 = Tag.PRIMITIVE | 1;
const SUBJECT_UNIQUE_ID: u32 = Tag.PRIMITIVE | 2;

/** Sizes are in bytes; a range is a pointer and a ...Size. */
// @ts-ignore: decorator
@unmanaged
export class Certificate {
  /** Seconds since 1970-01-01 UTC; both ends belong to the period. */
  notBefore: i64;
  notAfter: i64;
  der: usize;
  derSize: i32;
  /** 1, 2 or 3. */
  version: i32;
  /** The signed part, TBSCertificate with its header. */
  tbs: usize;
  tbsSize: i32;
  /** One of SignatureAlgorithm with its hash. */
  signatureAlgorithm: i32;
  signature: usize;
  signatureSize: i32;
  /** Contents of the two Names, without their headers. */
  issuer: usize;
  issuerSize: i32;
  subject: usize;
  subjectSize: i32;
  /** One of KeyType; for RSA_PSS with the HashId << 8 that it is limited to. */
  keyAlgorithm: i32;
  /**
   * RSA: the modulus without leading zeros. EC: the point, uncompressed. Else the BIT STRING's
   * bytes.
   */
  key: usize;
  keySize: i32;
  /** RSA only: the public exponent without leading zeros. */
  exponent: usize;
  exponentSize: i32;
  /** One of PathLength, or how many authorities may stand below this one. */
  pathLength: i32;
  /** Bits of KeyUsage and ExtendedKeyUsage, all of them where the extension is absent. */
  keyUsage: u32;
  extendedKeyUsage: u32;
  /** Content of the GeneralNames, 0 where there is no subjectAltName. */
  subjectAltName: usize;
  subjectAltNameSize: i32;
  subjectAltNameCritical: bool;
  unknownCritical: bool;
  /** Content of the NameConstraints, 0 where there are none. */
  nameConstraints: usize;
  nameConstraintsSize: i32;
  /** Hints for the order of a search, 0 where absent. */
  subjectKeyId: usize;
  subjectKeyIdSize: i32;
  authorityKeyId: usize;
  authorityKeyIdSize: i32;

  get keyType(): i32 {
    return this.keyAlgorithm & 0xff;
  }

  get isCa(): bool {
    return this.pathLength != PathLength.NOT_CA;
  }
}

/**
 * Reads the certificate that the n bytes at `at` are, to the last one: 0, or refused(MALFORMED).
 */
export function parseCertificate(c: Certificate, at: usize, n: i32): i32 {
  memory.fill(changetype<usize>(c), 0, offsetof<Certificate>());
  c.der = at;
  c.derSize = n;
  c.pathLength = PathLength.NOT_CA;
  c.keyUsage = NOT_PRESENT;
  c.extendedKeyUsage = NOT_PRESENT;
  const frame = scratch.mark();
  const good = readCertificate(c, Reader.over(at, n));
  scratch.release(frame);
  return good ? 0 : refused(Refusal.MALFORMED);
}

function readCertificate(c: Certificate, r: Reader): bool {
  const outer = der.enter(r, Tag.SEQUENCE);
  c.tbs = r.at;
  const inner = der.enter(r, Tag.SEQUENCE);
  const innerAlgorithm = readTbs(c, r);
  r.leave(inner);
  c.tbsSize = <i32>(r.at - c.tbs);
  const outerAlgorithm = r.at;
  c.signatureAlgorithm = readSignatureAlgorithm(r);
  const size = <i32>(r.at - outerAlgorithm);
  c.signatureSize = der.bitStringHeader(r);
  c.signature = r.skip(c.signatureSize);
  r.leave(outer);
  if (!r.done()) return false;
  // RFC 5280, 4.1.1.2: the signed copy of the algorithm and the unsigned one must be the same. Both
  // lie inside the certificate and the second was just read, so `size` bytes are there to compare
  // at the first.
  if (!equalVarTime(innerAlgorithm, outerAlgorithm, size)) return false;
  return c.subjectSize > 0 || !c.subjectAltName || c.subjectAltNameCritical;
}

/** The fields of TBSCertificate; gives where its signature algorithm stands. */
function readTbs(c: Certificate, r: Reader): usize {
  c.version = readVersion(r);
  r.skip(der.integerHeader(r)); // the serial number means nothing here: we have no revocation lists
  const algorithm = r.at;
  readSignatureAlgorithm(r);
  c.issuerSize = der.header(r, Tag.SEQUENCE);
  c.issuer = r.skip(c.issuerSize);
  const validity = der.enter(r, Tag.SEQUENCE);
  c.notBefore = readTime(r);
  c.notAfter = readTime(r);
  r.leave(validity);
  c.subjectSize = der.header(r, Tag.SEQUENCE);
  c.subject = r.skip(c.subjectSize);
  if (!r.failed && !areNames(c)) r.fail();
  readPublicKey(c, r);
  if (c.version > 1 && der.next(r, ISSUER_UNIQUE_ID)) der.pass(r, ISSUER_UNIQUE_ID);
  if (c.version > 1 && der.next(r, SUBJECT_UNIQUE_ID)) der.pass(r, SUBJECT_UNIQUE_ID);
  if (c.version == 3 && der.next(r, Tag.CONSTRUCTED | 3)) readExtensions(c, r);
  return algorithm;
}

/** [0] EXPLICIT INTEGER, where 1 is version 2; version 1 is the default and never written. */
function readVersion(r: Reader): i32 {
  if (!der.next(r, Tag.CONSTRUCTED | 0)) return 1;
  const outer = der.enter(r, Tag.CONSTRUCTED | 0);
  const v = der.small(r);
  if (v != 1 && v != 2) r.fail();
  r.leave(outer);
  return v + 1;
}

/**
 * An issuer has a name; a subject may have none if its alternative names say who it is (RFC 5280,
 * 4.1.2.6).
 */
function areNames(c: Certificate): bool {
  return c.issuerSize > 0 && isName(c.issuer, c.issuerSize) && isName(c.subject, c.subjectSize);
}

/** SubjectPublicKeyInfo. */
function readPublicKey(c: Certificate, r: Reader): void {
  const outer = der.enter(r, Tag.SEQUENCE);
  c.keyAlgorithm = readKeyAlgorithm(r);
  const bits = r.enter(der.bitStringHeader(r));
  const type = c.keyType;
  if (type == KeyType.RSA || type == KeyType.RSA_PSS) readRsaKey(c, r);
  else readKeyBytes(c, r);
  const curve = curveOf(type);
  if (curve != 0) requirePoint(c, r, encodedPointSize(curve));
  r.leave(bits);
  r.leave(outer);
}

/** RSAPublicKey (RFC 8017, A.1.1). */
function readRsaKey(c: Certificate, r: Reader): void {
  const outer = der.enter(r, Tag.SEQUENCE);
  c.keySize = der.positiveHeader(r);
  c.key = r.skip(c.keySize);
  c.exponentSize = der.positiveHeader(r);
  c.exponent = r.skip(c.exponentSize);
  r.leave(outer);
}

function readKeyBytes(c: Certificate, r: Reader): void {
  c.keySize = r.left;
  c.key = r.skip(c.keySize);
}

/**
 * An uncompressed point of `size` bytes (SEC 1, 2.3.3); whether it lies on the curve is for ECDSA
 * to find out.
 */
function requirePoint(c: Certificate, r: Reader, size: i32): void {
  if (r.failed) return;
  if (c.keySize != size || load<u8>(c.key) != 4) r.fail();
}

/** [3] EXPLICIT SEQUENCE OF Extension, at least one, each kind once. */
function readExtensions(c: Certificate, r: Reader): void {
  const outer = der.enter(r, Tag.CONSTRUCTED | 3);
  const list = der.enter(r, Tag.SEQUENCE);
  const first = r.at;
  if (!r.more()) r.fail();
  for (let count = 0; r.more(); count++) {
    if (count == MOST_EXTENSIONS || isDuplicate(first, r.at, r.end)) r.fail();
    else readExtension(c, r);
  }
  r.leave(list);
  r.leave(outer);
}

/** Whether the extension at `at` has the identifier of one between `first` and `at`. */
function isDuplicate(first: usize, at: usize, end: usize): bool {
  const frame = scratch.mark();
  const earlier = Reader.over(first, <i32>(at - first));
  const r = Reader.over(at, <i32>(end - at));
  der.enter(r, Tag.SEQUENCE);
  const size = der.oidHeader(r);
  let found = false;
  while (earlier.more() && !found) {
    const outer = der.enter(earlier, Tag.SEQUENCE);
    found = der.oidHeader(earlier) == size && equalVarTime(earlier.at, r.at, size);
    earlier.at = earlier.end;
    earlier.leave(outer);
  }
  scratch.release(frame);
  return found;
}

/**
 * Extension ::= SEQUENCE { extnID, critical DEFAULT FALSE, extnValue OCTET STRING around the
 * value's own DER }.
 */
function readExtension(c: Certificate, r: Reader): void {
  const outer = der.enter(r, Tag.SEQUENCE);
  const oid = readOid(r);
  const critical = der.next(r, Tag.BOOLEAN) && der.boolean(r);
  const inner = der.enter(r, Tag.OCTET_STRING);
  if (oid == Oid.BASIC_CONSTRAINTS) {
    c.pathLength = readBasicConstraints(r);
  } else if (oid == Oid.KEY_USAGE) {
    c.keyUsage = readKeyUsage(r);
  } else if (oid == Oid.EXTENDED_KEY_USAGE) {
    c.extendedKeyUsage = readExtendedKeyUsage(r);
  } else if (oid == Oid.SUBJECT_ALT_NAME) {
    c.subjectAltNameCritical = critical;
    readSubjectAltName(c, r);
  } else if (oid == Oid.NAME_CONSTRAINTS) {
    readConstraints(c, r);
  } else {
    // Key identifiers are hints that we do not process in the RFC's sense, hence unknown where they
    // are critical.
    if (critical) c.unknownCritical = true;
    readHint(c, r, oid);
  }
  r.leave(inner);
  r.leave(outer);
}

function readSubjectAltName(c: Certificate, r: Reader): void {
  const outer = der.enter(r, Tag.SEQUENCE);
  c.subjectAltName = r.at;
  c.subjectAltNameSize = r.left;
  readGeneralNames(r);
  r.leave(outer);
}

function readConstraints(c: Certificate, r: Reader): void {
  const outer = der.enter(r, Tag.SEQUENCE);
  c.nameConstraints = r.at;
  c.nameConstraintsSize = r.left;
  readNameConstraints(r);
  r.leave(outer);
}

/** Key identifiers; of any other extension the bytes are passed. */
function readHint(c: Certificate, r: Reader, oid: u32): void {
  if (oid == Oid.SUBJECT_KEY_IDENTIFIER) {
    c.subjectKeyIdSize = der.header(r, Tag.OCTET_STRING);
    c.subjectKeyId = r.skip(c.subjectKeyIdSize);
    return;
  }
  if (oid == Oid.AUTHORITY_KEY_IDENTIFIER) {
    const outer = der.enter(r, Tag.SEQUENCE);
    if (der.next(r, Tag.PRIMITIVE | 0)) {
      c.authorityKeyIdSize = der.header(r, Tag.PRIMITIVE | 0);
      c.authorityKeyId = r.skip(c.authorityKeyIdSize);
    }
    r.at = r.end; // the issuer's name and serial number, which we do not search by
    r.leave(outer);
    return;
  }
  r.at = r.end;
}
