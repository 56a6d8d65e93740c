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

const PERMITTED: u32 = Tag.CONSTRUCTED | 0;
const EXCLUDED: u32 = Tag.CONSTRUCTED | 1;
/** Subtrees looked at in one search. An honest chain needs some hundreds. */
const MOST_STEPS: i32 = 32768;
const AT_SIGN: u32 = 0x40;
const DOT: u32 = 0x2e;

/** What a list of subtrees says of a name. UNKNOWN refuses: the name or its kind is beyond us. */
namespace Found {
  export const NONE_OF_KIND: i32 = 0;
  export const NO: i32 = 1;
  export const YES: i32 = 2;
  export const UNKNOWN: i32 = 3;
}

/** The constraints being applied, and the work left for one search. A record in scratch memory. */
// @ts-ignore: decorator
@unmanaged
export class NameCheck {
  private stepsLeft: i32;
  /** Contents of the two lists of subtrees. */
  private permitted: usize;
  private permittedSize: i32;
  private excluded: usize;
  private excludedSize: i32;

  /** A check in the caller's scratch frame. */
  static begin(): NameCheck {
    const s = changetype<NameCheck>(scratch.take(offsetof<NameCheck>()));
    s.stepsLeft = MOST_STEPS;
    return s;
  }

  /**
   * Whether `authority` allows every name of `c`. For the last certificate of a path (isLeaf) a
   * common name counts as a host name where there are no alternative names: it is matched as one.
   */
  allows(authority: Certificate, c: Certificate, isLeaf: bool): bool {
    if (authority.nameConstraints == 0) return true;
    this.readLists(authority);
    if (c.subjectSize > 0 && !this.allowsName(GeneralName.DIRECTORY, c.subject, c.subjectSize)) {
      return false;
    }
    const countsCommonNames = isLeaf && c.subjectAltName == 0;
    return this.allowsSubjectNames(c, countsCommonNames) && this.allowsAltNames(c);
  }

  private readLists(authority: Certificate): void {
    const frame = scratch.mark();
    const r = Reader.over(authority.nameConstraints, authority.nameConstraintsSize);
    this.permittedSize = der.next(r, PERMITTED) ? der.header(r, PERMITTED) : 0;
    this.permitted = r.skip(this.permittedSize);
    this.excludedSize = der.next(r, EXCLUDED) ? der.header(r, EXCLUDED) : 0;
    this.excluded = r.skip(this.excludedSize);
    scratch.release(frame);
  }

  private allowsAltNames(c: Certificate): bool {
    const frame = scratch.mark();
    const r = Reader.over(c.subjectAltName, c.subjectAltNameSize);
    let allowed = true;
    while (allowed && r.more()) {
      const kind = der.peek(r);
      if (kind == GeneralName.DIRECTORY) der.anyHeader(r); // the Name stands inside
      const size = der.anyHeader(r);
      allowed = this.allowsName(kind, r.skip(size), size);
    }
    scratch.release(frame);
    return allowed;
  }

  /** E-mail addresses of the subject (whether or not there are alternative names), and hosts. */
  private allowsSubjectNames(c: Certificate, countsCommonNames: bool): bool {
    const frame = scratch.mark();
    const a = Attributes.over(c.subject, c.subjectSize);
    let allowed = true;
    while (allowed && a.next()) {
      const type = oidNumber(a.oid, a.oidSize);
      if (type == Oid.EMAIL_ADDRESS) {
        allowed = this.allowsName(GeneralName.EMAIL, a.value, a.valueSize);
      } else if (type == Oid.COMMON_NAME && countsCommonNames && isPattern(a.value, a.valueSize)) {
        allowed = this.allowsName(GeneralName.DNS, a.value, a.valueSize);
      }
    }
    scratch.release(frame);
    return allowed;
  }

  /** Whether a name is in a permitted subtree, if its kind has any, and in no excluded one. */
  private allowsName(kind: u32, name: usize, n: i32): bool {
    const frame = scratch.mark();
    const permits = Reader.over(this.permitted, this.permittedSize);
    const exclusions = Reader.over(this.excluded, this.excludedSize);
    const permitted = this.search(permits, kind, name, n, true);
    const excluded = this.search(exclusions, kind, name, n, false);
    scratch.release(frame);
    return (
      (permitted == Found.YES || permitted == Found.NONE_OF_KIND) &&
      (excluded == Found.NO || excluded == Found.NONE_OF_KIND)
    );
  }

  /** Looks for a subtree that holds the name: one of Found. */
  private search(r: Reader, kind: u32, name: usize, n: i32, isPermit: bool): i32 {
    let found = Found.NONE_OF_KIND;
    while (r.more()) {
      if (this.stepsLeft-- <= 0) return Found.UNKNOWN;
      der.header(r, Tag.SEQUENCE);
      const tag = der.peek(r);
      if (tag == GeneralName.DIRECTORY) der.anyHeader(r);
      const size = der.anyHeader(r);
      const base = r.skip(size);
      if (tag != kind) continue;
      if (!isUnderstood(kind, name, n)) return Found.UNKNOWN;
      if (isWithin(kind, name, n, base, size, isPermit)) return Found.YES;
      found = Found.NO;
    }
    return found;
  }
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
