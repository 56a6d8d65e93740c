// The chain from a peer's certificate to a trust anchor (RFC 5280, 6.1), built and checked.
//
//   anchors   [ R1 R2 R3 ... ]   by whom the app trusts; first choice at each step
//   chain     [ leaf, A, B ... ] what the peer sent: leaf first, the rest in any order, with strays
//   path        leaf <- A <- R2  grows to the right by one candidate issuer; steps back when stuck
//
// A candidate joins the path when its name is the issuer's, it may issue certificates, and the
// signature verifies. A path that reached an anchor is then judged as a whole. The first good one
// ends the search. What the peer sends is hostile: a path has at most MAX_PATH certificates and a
// search verifies at most MAX_SIGNATURES signatures, whatever the shape.
//
// The reason that is reported is, as in mbedTLS: not trusted; else dates; else what the
// certificates are for; else the name.

import { equalVarTime } from "../base/bytes";
import { Refusal, refused } from "../base/err";
import * as scratch from "../base/scratch";
import { SignatureAlgorithm } from "./algorithm";
import { Certificate } from "./certificate";
import { NameCheck } from "./constraints";
import { sameName } from "./dn";
import { ExtendedKeyUsage, KeyUsage, NOT_PRESENT } from "./extensions";
import { matchesHostname } from "./name";
import { isSignedBy, isWeakKey } from "./signature";

/** What the peer is. */
export namespace Purpose {
  export const SERVER: i32 = 0;
  export const CLIENT: i32 = 1;
}

/** Certificates in a path, leaf and anchor included. */
export const MAX_PATH: i32 = 8;
/** Signatures verified in one search: each costs a device between 0.1 and several seconds. */
export const MAX_SIGNATURES: i32 = 16;

/** The state of one search. A record in scratch memory. */
// @ts-ignore: decorator
@unmanaged
class Search {
  now: i64;
  purpose: i32;
  /** Certificate pointers, u32 each. */
  chain: usize;
  chainCount: i32;
  anchors: usize;
  anchorCount: i32;
  /** MAX_PATH Certificate pointers, and for each the number of its next candidate issuer. */
  path: usize;
  cursors: usize;
  length: i32;
  signaturesLeft: i32;
  names: NameCheck;
  /**
   * Why no path was accepted so far, one of Refusal; of a path that reached an anchor where there
   * was one.
   */
  reason: i32;
  sawAnchor: bool;
}

/**
 * Checks that chain[0] is trusted, now, for this purpose and, where nameLen > 0, under this name: 0
 * or refused(reason). The two lists are arrays of u32 addresses of parsed Certificates. `now` is in
 * seconds since 1970, negative: unknown.
 */
export function verifyChain(
  chain: usize,
  count: i32,
  anchors: usize,
  anchorCount: i32,
  now: i64,
  purpose: i32,
  name: usize,
  nameLen: i32,
): i32 {
  if (now < 0) return refused(Refusal.CLOCK_NOT_SET);
  if (count < 1) return refused(Refusal.UNTRUSTED);
  const frame = scratch.mark();
  const s = changetype<Search>(scratch.take(offsetof<Search>()));
  s.now = now;
  s.purpose = purpose;
  s.chain = chain;
  s.chainCount = count;
  s.anchors = anchors;
  s.anchorCount = anchorCount;
  s.path = scratch.take(MAX_PATH * sizeof<usize>());
  s.cursors = scratch.take(MAX_PATH * sizeof<i32>());
  s.length = 0;
  s.signaturesLeft = MAX_SIGNATURES;
  s.names = NameCheck.begin();
  s.reason = Refusal.UNTRUSTED;
  s.sawAnchor = false;
  const e = search(s);
  scratch.release(frame);
  if (e < 0 || nameLen == 0) return e;
  return matchesHostname(certificateAt(chain, 0), name, nameLen)
    ? 0
    : refused(Refusal.NAME_MISMATCH);
}

/** Depth first, without recursion: 0 at the first path that holds, else the best reason. */
function search(s: Search): i32 {
  const leaf = certificateAt(s.chain, 0);
  push(s, leaf);
  if (isAnchor(s, leaf)) {
    // The app trusts this very certificate: nobody needs to have signed it.
    s.sawAnchor = true;
    s.reason = checkPath(s);
    return s.reason == 0 ? 0 : refused(s.reason);
  }
  while (s.length > 0 && s.signaturesLeft > 0) {
    const number = nextCandidate(s);
    if (number < 0) {
      s.length--;
      continue;
    }
    const candidate = candidateAt(s, number);
    const reason = extend(s, candidate, number < s.anchorCount);
    if (reason != 0) {
      note(s, reason);
      continue;
    }
    push(s, candidate);
    if (number >= s.anchorCount) continue;
    const verdict = checkPath(s);
    if (verdict == 0) return 0;
    if (!s.sawAnchor) s.reason = verdict;
    s.sawAnchor = true;
    s.length--;
  }
  return refused(s.reason);
}

/**
 * The number of the next certificate that bears the issuer's name and is not in the path yet, -1
 * where there is none. The anchors are numbered first, then the chain. Two rounds: key identifiers
 * that contradict each other only postpone, because they are hints (RFC 5280, 4.2.1.1).
 */
function nextCandidate(s: Search): i32 {
  const child = certificateAt(s.path, s.length - 1);
  const cursor = s.cursors + (s.length - 1) * sizeof<i32>();
  const total = s.anchorCount + s.chainCount;
  for (let at = load<i32>(cursor); at < 2 * total; at++) {
    const isSecondRound = at >= total;
    const number = isSecondRound ? at - total : at;
    const candidate = candidateAt(s, number);
    if (contradicts(child, candidate) != isSecondRound) continue;
    if (!isNamedIssuer(child, candidate) || isInPath(s, candidate)) continue;
    store<i32>(cursor, at + 1);
    return number;
  }
  return -1;
}

/**
 * Whether `issuer` may stand above the path's last certificate, and signed it: 0 or one of Refusal.
 */
function extend(s: Search, issuer: Certificate, isAnchor: bool): i32 {
  const child = certificateAt(s.path, s.length - 1);
  if (s.length == MAX_PATH) return Refusal.CHAIN_TOO_LONG;
  // A root of version 1 has no extensions to say that it is an authority; the app says it by
  // trusting it.
  const isTrustedByItself = isAnchor && issuer.version < 3;
  if (!issuer.isCa && !isTrustedByItself) return Refusal.UNTRUSTED;
  if ((issuer.keyUsage & KeyUsage.KEY_CERT_SIGN) == 0) return Refusal.KEY_USAGE;
  if (issuer.isCa && authoritiesBelow(s) > issuer.pathLength) return Refusal.CHAIN_TOO_LONG;
  if (isWeakKey(issuer)) return Refusal.WEAK_KEY;
  if (child.signatureAlgorithm == SignatureAlgorithm.WEAK_HASH) return Refusal.WEAK_HASH;
  s.signaturesLeft--;
  return isSignedBy(child, issuer) ? 0 : Refusal.UNTRUSTED;
}

/**
 * Keeps the most telling reason: that of a path to an anchor, else the first that is not plain
 * distrust.
 */
function note(s: Search, reason: i32): void {
  if (!s.sawAnchor && s.reason == Refusal.UNTRUSTED) s.reason = reason;
}

/** Judges a path of verified signatures that ends in an anchor: 0 or one of Refusal. */
function checkPath(s: Search): i32 {
  for (let i = 0; i < s.length; i++) {
    const c = certificateAt(s.path, i);
    if (c.unknownCritical) return Refusal.UNKNOWN_CRITICAL_EXTENSION;
  }
  for (let i = 0; i < s.length; i++) {
    const c = certificateAt(s.path, i);
    if (s.now > c.notAfter) return Refusal.EXPIRED;
    if (s.now < c.notBefore) return Refusal.NOT_YET_VALID;
  }
  const reason = checkUsages(s);
  return reason != 0 ? reason : checkNames(s);
}

/** The leaf signs handshakes; it and the authorities that the peer sent serve this purpose. */
function checkUsages(s: Search): i32 {
  const leaf = certificateAt(s.path, 0);
  if (isWeakKey(leaf)) return Refusal.WEAK_KEY;
  if ((leaf.keyUsage & KeyUsage.DIGITAL_SIGNATURE) == 0) return Refusal.KEY_USAGE;
  const isPresent = leaf.keyUsage != NOT_PRESENT;
  // RFC 5280, 4.2.1.9: who may sign certificates must be marked as an authority.
  if (isPresent && !leaf.isCa && (leaf.keyUsage & KeyUsage.KEY_CERT_SIGN) != 0) {
    return Refusal.KEY_USAGE;
  }
  const purpose =
    s.purpose == Purpose.SERVER ? ExtendedKeyUsage.SERVER_AUTH : ExtendedKeyUsage.CLIENT_AUTH;
  // An authority's extKeyUsage limits what it issues, as browsers and OpenSSL have it; an anchor's
  // is the app's own choice.
  const checked = max(s.length - 1, 1);
  for (let i = 0; i < checked; i++) {
    const usages = certificateAt(s.path, i).extendedKeyUsage;
    if ((usages & (purpose | ExtendedKeyUsage.ANY)) == 0) return Refusal.EXTENDED_KEY_USAGE;
  }
  return 0;
}

/**
 * Name constraints of each authority on everything below it; authorities that issued themselves
 * under a new key are exempt (RFC 5280, 4.2.1.10). Only an authority may have them.
 */
function checkNames(s: Search): i32 {
  const leaf = certificateAt(s.path, 0);
  if (leaf.nameConstraints != 0 && !leaf.isCa) return Refusal.NAME_CONSTRAINTS;
  for (let i = 1; i < s.length; i++) {
    const authority = certificateAt(s.path, i);
    for (let below = 0; below < i; below++) {
      const c = certificateAt(s.path, below);
      if (below > 0 && isSelfIssued(c)) continue;
      if (!s.names.allows(authority, c, below == 0)) return Refusal.NAME_CONSTRAINTS;
    }
  }
  return 0;
}

/**
 * Authorities in the path above the leaf, not counting those that issued themselves (RFC 5280,
 * 4.2.1.9).
 */
function authoritiesBelow(s: Search): i32 {
  let count = 0;
  for (let i = 1; i < s.length; i++) if (!isSelfIssued(certificateAt(s.path, i))) count++;
  return count;
}

function isSelfIssued(c: Certificate): bool {
  return sameName(c.subject, c.subjectSize, c.issuer, c.issuerSize);
}

function isNamedIssuer(child: Certificate, issuer: Certificate): bool {
  return sameName(child.issuer, child.issuerSize, issuer.subject, issuer.subjectSize);
}

/** Whether both sides say which key signed, and say different things. */
function contradicts(child: Certificate, issuer: Certificate): bool {
  const n = child.authorityKeyIdSize;
  if (n == 0 || issuer.subjectKeyIdSize == 0) return false;
  if (n != issuer.subjectKeyIdSize) return true;
  return !equalVarTime(child.authorityKeyId, issuer.subjectKeyId, n);
}

/**
 * Whether an authority of this name with this key is in the path: it would only lead in a circle
 * (RFC 4158, 2.4.2).
 */
function isInPath(s: Search, candidate: Certificate): bool {
  for (let i = 0; i < s.length; i++) {
    const c = certificateAt(s.path, i);
    if (c.keySize != candidate.keySize || !equalVarTime(c.key, candidate.key, c.keySize)) continue;
    if (sameName(c.subject, c.subjectSize, candidate.subject, candidate.subjectSize)) return true;
  }
  return false;
}

/** Whether the app trusts this very certificate. */
function isAnchor(s: Search, c: Certificate): bool {
  for (let i = 0; i < s.anchorCount; i++) {
    const anchor = certificateAt(s.anchors, i);
    if (anchor.derSize == c.derSize && equalVarTime(anchor.der, c.der, c.derSize)) return true;
  }
  return false;
}

function push(s: Search, c: Certificate): void {
  store<usize>(s.path + s.length * sizeof<usize>(), changetype<usize>(c));
  store<i32>(s.cursors + s.length * sizeof<i32>(), 0);
  s.length++;
}

function candidateAt(s: Search, number: i32): Certificate {
  return number < s.anchorCount
    ? certificateAt(s.anchors, number)
    : certificateAt(s.chain, number - s.anchorCount);
}

function certificateAt(list: usize, i: i32): Certificate {
  return changetype<Certificate>(load<usize>(list + i * sizeof<usize>()));
}
