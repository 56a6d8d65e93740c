// What tests/x509/ calls, with flat signatures: objects by address, results as numbers.

import { Reader } from "../../assembly/base/reader";
import * as scratch from "../../assembly/base/scratch";
import { Certificate, parseCertificate } from "../../assembly/x509/certificate";
import { NameCheck } from "../../assembly/x509/constraints";
import * as der from "../../assembly/x509/der";
import { sameName } from "../../assembly/x509/dn";
import { matchesHostname, subjectText } from "../../assembly/x509/name";
import { oidNumber } from "../../assembly/x509/oid";
import { isSignedBy, verifySchemeDigest, verifySignature } from "../../assembly/x509/signature";
import { readTime } from "../../assembly/x509/time";
import { verifyChain } from "../../assembly/x509/verify";

export { allocate as alloc, release as free } from "../../assembly/base/heap";
export { mark as scratchUsed, peak as scratchPeak } from "../../assembly/base/scratch";
export { isHostname, isPattern, matchesPattern, parseAddress } from "../../assembly/x509/hostname";
export {
  certificateSize,
  countCertificates,
  readCertificates,
} from "../../assembly/x509/pem";
export { schemeHash } from "../../assembly/x509/signature";
export { oidNumber, sameName, verifyChain };

export function certificateRecordSize(): i32 {
  return offsetof<Certificate>();
}

export function parse(c: usize, at: usize, n: i32): i32 {
  return parseCertificate(changetype<Certificate>(c), at, n);
}

/** The numbers of a record, by the order of this switch; ranges as address or size. */
export function field(c: usize, which: i32): i64 {
  const certificate = changetype<Certificate>(c);
  switch (which) {
    case 0:
      return certificate.notBefore;
    case 1:
      return certificate.notAfter;
    case 2:
      return certificate.version;
    case 3:
      return certificate.keyAlgorithm;
    case 4:
      return certificate.signatureAlgorithm;
    case 5:
      return certificate.pathLength;
    case 6:
      return certificate.keyUsage;
    case 7:
      return certificate.extendedKeyUsage;
    case 8:
      return certificate.unknownCritical ? 1 : 0;
    case 9:
      return certificate.key;
    case 10:
      return certificate.keySize;
    case 11:
      return certificate.subject;
    case 12:
      return certificate.subjectSize;
    case 13:
      return certificate.tbsSize;
    default:
      return -1;
  }
}

export function hostnameMatches(c: usize, name: usize, n: i32): i32 {
  return matchesHostname(changetype<Certificate>(c), name, n) ? 1 : 0;
}

export function subject(c: usize, out: usize, cap: i32): i32 {
  return subjectText(changetype<Certificate>(c), out, cap);
}

export function verify(c: usize, scheme: i32, message: usize, n: i32, at: usize, size: i32): i32 {
  return verifySignature(changetype<Certificate>(c), scheme, message, n, at, size) ? 1 : 0;
}

export function namesAllowed(authority: usize, c: usize, isLeaf: i32): i32 {
  const frame = scratch.mark();
  const check = NameCheck.begin();
  const above = changetype<Certificate>(authority);
  const allowed = check.allows(above, changetype<Certificate>(c), isLeaf != 0);
  scratch.release(frame);
  return allowed ? 1 : 0;
}

export function signedBy(c: usize, issuer: usize): i32 {
  return isSignedBy(changetype<Certificate>(c), changetype<Certificate>(issuer)) ? 1 : 0;
}

export function verifyHashed(c: usize, scheme: i32, digest: usize, at: usize, size: i32): i32 {
  return verifySchemeDigest(changetype<Certificate>(c), scheme, digest, at, size) ? 1 : 0;
}

/** A Time that is the whole of n bytes; -2^62 where it is none. */
export function timeOf(p: usize, n: i32): i64 {
  const frame = scratch.mark();
  const r = Reader.over(p, n);
  const t = readTime(r);
  const good = r.done();
  scratch.release(frame);
  return good ? t : -(<i64>1 << 62);
}

/**
 * One element of DER, by the kind of `what`: 1 where it is the whole of n bytes and well-formed.
 */
export function wellFormed(what: i32, p: usize, n: i32): i32 {
  const frame = scratch.mark();
  const r = Reader.over(p, n);
  if (what == 0) r.skip(der.anyHeader(r));
  else if (what == 1) der.boolean(r);
  else if (what == 2) r.skip(der.integerHeader(r));
  else if (what == 3) r.skip(der.positiveHeader(r));
  else if (what == 4) der.small(r);
  else if (what == 5) r.skip(der.bitStringHeader(r));
  else r.skip(der.oidHeader(r));
  const good = r.done();
  scratch.release(frame);
  return good ? 1 : 0;
}
