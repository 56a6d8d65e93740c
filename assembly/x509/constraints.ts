// Name constraints (RFC 5280, 4.2.1.10): what names an authority lets those below it have. Checked
// in every certificate under it: host names, addresses, directory names and e-mail addresses. A
// constraint on another kind of name refuses whoever has a name of that kind, since it cannot be
// shown to be allowed.
//
// A wildcard stands for hosts that the constraint may not allow, so it is refused as soon as one of
// them might be excluded (CVE-2025-61727), and allowed only where all of them are permitted. The
// number of comparisons is bounded: a certificate with thousands of names under thousands of
// constraints is an attack on our time.

import { equalVarTime } from "../base/bytes";
import { Reader } from "../base/reader";
import * as scratch from "../base/scratch";
import { Certificate } from "./certificate";
import * as der from "./der";
import { Tag } from "./der";
import { Attributes, isNameWithin } from "./dn";
import { GeneralName } from "./extensions";
import {
  equalIgnoreCase,
  isHostname,
  isPattern,
  isWildcard,
  isWithinDomain,
  labelSize,
} from "./hostname";
import { Oid, oidNumber } from "./oid";

const MOST_COMPARISONS: i32 = 8192;
const AT_SIGN: u32 = 0x40;
const DOT: u32 = 0x2e;

/** The constraints of one authority, for one certificate under it. A record in scratch memory. */
// @ts-ignore: decorator
@unmanaged
class Constraints {
  permitted: usize;
  permittedSize: i32;
  excluded: usize;
  excludedSize: i32;
  comparisonsLeft: i32;
}

/**
 * Whether every name of the certificate `c` is allowed by the constraints of `authority`. For the
 * last certificate of a path `isLeaf` counts common names as host names where it has no alternative
 * ones, because they are matched as such.
 */
export function allowsNames(authority: Certificate, c: Certificate, isLeaf: bool): bool {
  if (authority.nameConstraints == 0) return true;
  const frame = scratch.mark();
  const s = readConstraints(authority);
  let allowed = c.subjectSize == 0 || allows(s, GeneralName.DIRECTORY, c.subject, c.subjectSize);
  if (c.subjectAltName != 0) allowed = allowed && allowsAltNames(s, c);
  else allowed = allowed && allowsSubjectNames(s, c, isLeaf);
  scratch.release(frame);
  return allowed;
}

function readConstraints(authority: Certificate): Constraints {
  const s = changetype<Constraints>(scratch.take(offsetof<Constraints>()));
  memory.fill(changetype<usize>(s), 0, offsetof<Constraints>());
  s.comparisonsLeft = MOST_COMPARISONS;
  const r = Reader.over(authority.nameConstraints, authority.nameConstraintsSize);
  if (der.next(r, Tag.CONSTRUCTED | 0)) {
    s.permittedSize = der.header(r, Tag.CONSTRUCTED | 0);
    s.permitted = r.skip(s.permittedSize);
  }
  if (der.next(r, Tag.CONSTRUCTED | 1)) {
    s.excludedSize = der.header(r, Tag.CONSTRUCTED | 1);
    s.excluded = r.skip(s.excludedSize);
  }
  return s;
}

function allowsAltNames(s: Constraints, c: Certificate): bool {
  const frame = scratch.mark();
  const r = Reader.over(c.subjectAltName, c.subjectAltNameSize);
  let allowed = true;
  while (allowed && r.more()) {
    const kind = der.peek(r);
    if (kind == GeneralName.DIRECTORY) der.anyHeader(r); // the Name stands inside
    const size = der.anyHeader(r);
    allowed = allows(s, kind, r.skip(size), size);
  }
  scratch.release(frame);
  return allowed;
}

/** E-mail addresses of the subject, and common names that are host names. */
function allowsSubjectNames(s: Constraints, c: Certificate, isLeaf: bool): bool {
  const frame = scratch.mark();
  const a = Attributes.over(c.subject, c.subjectSize);
  let allowed = true;
  while (allowed && a.next()) {
    const type = oidNumber(a.oid, a.oidSize);
    if (type == Oid.EMAIL_ADDRESS) allowed = allows(s, GeneralName.EMAIL, a.value, a.valueSize);
    if (type == Oid.COMMON_NAME && isLeaf && isPattern(a.value, a.valueSize)) {
      allowed = allows(s, GeneralName.DNS, a.value, a.valueSize);
    }
  }
  scratch.release(frame);
  return allowed;
}

/**
 * Whether a name is in a permitted subtree, if there is one for its kind, and in no excluded one.
 */
function allows(s: Constraints, kind: u32, name: usize, n: i32): bool {
  return (
    isListed(s, s.permitted, s.permittedSize, kind, name, n, true) &&
    !isListed(s, s.excluded, s.excludedSize, kind, name, n, false)
  );
}

/**
 * Whether one of the subtrees holds the name. Without a subtree of its kind, and on any doubt, the
 * answer is the one that each list needs: a name is permitted by an empty list of permits, and not
 * excluded by an empty list of exclusions.
 */
function isListed(
  s: Constraints,
  list: usize,
  listSize: i32,
  kind: u32,
  name: usize,
  n: i32,
  isPermit: bool,
): bool {
  const frame = scratch.mark();
  const r = Reader.over(list, listSize);
  let ofKind = 0;
  let found = false;
  while (!found && r.more()) {
    der.header(r, Tag.SEQUENCE);
    const tag = der.peek(r);
    if (tag == GeneralName.DIRECTORY) der.anyHeader(r);
    const size = der.anyHeader(r);
    const base = r.skip(size);
    if (tag != kind) continue;
    ofKind++;
    if (s.comparisonsLeft-- <= 0 || !isUnderstood(kind, name, n)) {
      scratch.release(frame);
      return !isPermit; // doubt: not permitted, or excluded
    }
    found = isWithin(kind, name, n, base, size, isPermit);
  }
  scratch.release(frame);
  return found || (isPermit && ofKind == 0);
}

/** Whether a name is of a kind that we compare, and one that can be compared. */
function isUnderstood(kind: u32, name: usize, n: i32): bool {
  if (kind == GeneralName.DNS) return isPattern(name, n);
  if (kind == GeneralName.EMAIL) return atSign(name, n) >= 0;
  return kind == GeneralName.IP || kind == GeneralName.DIRECTORY;
}

function isWithin(kind: u32, name: usize, n: i32, base: usize, size: i32, isPermit: bool): bool {
  if (kind == GeneralName.DNS) return isHostWithin(name, n, base, size, isPermit);
  if (kind == GeneralName.EMAIL) return isMailboxWithin(name, n, base, size);
  if (kind == GeneralName.IP) return isAddressWithin(name, n, base, size);
  return isNameWithin(name, n, base, size);
}

/**
 * A wildcard is within a permit where all its hosts are, within an exclusion where one of its hosts
 * might be.
 */
function isHostWithin(name: usize, n: i32, base: usize, size: i32, isPermit: bool): bool {
  if (!isWildcard(name, n)) return isWithinDomain(name, n, base, size);
  if (isWithinDomain(name + 2, n - 2, base, size)) return true;
  if (isPermit) return false;
  const first = labelSize(base, size);
  return size - first == n - 1 && equalIgnoreCase(base + first, name + 1, n - 1);
}

/**
 * A constraint is a mailbox, a host with all its mailboxes, or a dot and a domain with all hosts
 * below it.
 */
function isMailboxWithin(name: usize, n: i32, base: usize, size: i32): bool {
  const at = atSign(name, n);
  const host = name + at + 1;
  const hostSize = n - at - 1;
  const baseAt = atSign(base, size);
  if (baseAt >= 0) {
    // The local part is the host's own business and may tell cases apart (RFC 5321, 2.4).
    return (
      baseAt == at &&
      size == n &&
      equalVarTime(base, name, at) &&
      equalIgnoreCase(base + at, name + at, n - at)
    );
  }
  if (size > 0 && load<u8>(base) == DOT) {
    return hostSize > size && isWithinDomain(host, hostSize, base + 1, size - 1);
  }
  return hostSize == size && equalIgnoreCase(host, base, size);
}

/** Where the only @ stands, before a host name and behind something; else -1. */
function atSign(p: usize, n: i32): i32 {
  let at = 0;
  while (at < n && load<u8>(p + at) != AT_SIGN) at++;
  return at > 0 && at < n && isHostname(p + at + 1, n - at - 1) ? at : -1;
}

/** The base is an address and a mask of the same family. */
function isAddressWithin(address: usize, n: i32, base: usize, size: i32): bool {
  if (size != 2 * n) return false;
  for (let i = 0; i < n; i++) {
    const difference = load<u8>(address + i) ^ load<u8>(base + i);
    if ((difference & load<u8>(base + n + i)) != 0) return false;
  }
  return true;
}
