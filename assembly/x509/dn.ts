// Distinguished names (RFC 5280, 4.1.2.4 and 7.1): walking the attributes, and the comparison that
// links certificates.
//
// Two names are the same where their bytes are, or where every attribute has the same type and the
// same value; and two values are the same where tag and bytes are, or where both are
// PrintableString or UTF8String and differ only in the case of ASCII letters and in the number of
// spaces. Anything finer (Unicode folding, other string types) would only ever make more names
// equal, and a chain that needs it can be re-issued. A name only proposes an issuer: the signature
// decides.
//
//   Name = SEQUENCE OF RDN          RDN = SET OF SEQUENCE { type OID, value ANY }
//
// A name here is the content of its outer SEQUENCE.

import { equalVarTime } from "../base/bytes";
import { Reader } from "../base/reader";
import * as scratch from "../base/scratch";
import * as der from "./der";
import { Tag } from "./der";

const SPACE: u32 = 0x20;

/** Steps through the attributes of a name. A record in the caller's scratch frame. */
// @ts-ignore: decorator
@unmanaged
export class Attributes {
  r: Reader;
  /** Where the RDN of the current attribute ends. */
  rdnEnd: usize;
  /** The current attribute is the first of its RDN. */
  startsRdn: bool;
  oid: usize;
  oidSize: i32;
  tag: u32;
  value: usize;
  valueSize: i32;

  static over(name: usize, n: i32): Attributes {
    const a = changetype<Attributes>(scratch.take(offsetof<Attributes>()));
    a.r = Reader.over(name, n);
    a.rdnEnd = name;
    return a;
  }

  /** Goes to the next attribute; false at the end, and where the name is malformed (`failed`). */
  next(): bool {
    const r = this.r;
    if (!r.more()) return false;
    this.startsRdn = r.at == this.rdnEnd;
    if (this.startsRdn) {
      const size = der.header(r, Tag.SET);
      this.rdnEnd = r.at + size;
    }
    const size = der.header(r, Tag.SEQUENCE);
    const end = r.at + size;
    this.oidSize = der.oidHeader(r);
    this.oid = r.skip(this.oidSize);
    this.tag = der.peek(r);
    this.valueSize = der.anyHeader(r);
    this.value = r.skip(this.valueSize);
    if (r.at != end || end > this.rdnEnd) r.fail();
    return !r.failed;
  }

  get failed(): bool {
    return this.r.failed;
  }

  /** Behind the last attribute, and that was the last of its RDN. */
  get atRdnEnd(): bool {
    return this.r.at == this.rdnEnd;
  }
}

/** Whether the n bytes at `name` are the content of a Name. */
export function isName(name: usize, n: i32): bool {
  const frame = scratch.mark();
  const a = Attributes.over(name, n);
  while (a.next());
  const good = !a.failed && a.atRdnEnd;
  scratch.release(frame);
  return good;
}

/** Whether two names are the same. */
export function sameName(a: usize, aSize: i32, b: usize, bSize: i32): bool {
  if (aSize == bSize && equalVarTime(a, b, aSize)) return true;
  const frame = scratch.mark();
  const whole = Attributes.over(a, aSize);
  const same = startsWithAll(whole, Attributes.over(b, bSize)) && !whole.next();
  scratch.release(frame);
  return same;
}

/**
 * Whether `name` lies in the subtree of `base`: its first RDNs are those of base (RFC 5280,
 * 4.2.1.10).
 */
export function isNameWithin(name: usize, n: i32, base: usize, baseSize: i32): bool {
  const frame = scratch.mark();
  const whole = Attributes.over(name, n);
  const within = startsWithAll(whole, Attributes.over(base, baseSize)) && whole.atRdnEnd;
  scratch.release(frame);
  return within;
}

function startsWithAll(whole: Attributes, start: Attributes): bool {
  while (start.next()) {
    if (!whole.next() || whole.startsRdn != start.startsRdn) return false;
    if (whole.oidSize != start.oidSize) return false;
    if (!equalVarTime(whole.oid, start.oid, whole.oidSize)) return false;
    if (!sameValue(whole, start)) return false;
  }
  return !start.failed;
}

function sameValue(a: Attributes, b: Attributes): bool {
  if (a.tag == b.tag && a.valueSize == b.valueSize) {
    if (equalVarTime(a.value, b.value, a.valueSize)) return true;
  }
  if (!isFoldable(a.tag) || !isFoldable(b.tag)) return false;
  return equalFolded(a.value, a.value + a.valueSize, b.value, b.value + b.valueSize);
}

function isFoldable(tag: u32): bool {
  return tag == Tag.PRINTABLE_STRING || tag == Tag.UTF8_STRING;
}

/**
 * Equality without the case of ASCII letters, without outer spaces, and with runs of spaces taken
 * as one.
 */
function equalFolded(a: usize, aEnd: usize, b: usize, bEnd: usize): bool {
  while (aEnd > a && load<u8>(aEnd - 1) == SPACE) aEnd--;
  while (bEnd > b && load<u8>(bEnd - 1) == SPACE) bEnd--;
  a = skipSpaces(a, aEnd);
  b = skipSpaces(b, bEnd);
  while (a < aEnd && b < bEnd) {
    const c = lowerCase(load<u8>(a));
    if (c != lowerCase(load<u8>(b))) return false;
    a = c == SPACE ? skipSpaces(a, aEnd) : a + 1;
    b = c == SPACE ? skipSpaces(b, bEnd) : b + 1;
  }
  return a == aEnd && b == bEnd;
}

function skipSpaces(p: usize, end: usize): usize {
  while (p < end && load<u8>(p) == SPACE) p++;
  return p;
}

/** Of ASCII letters only. */
export function lowerCase(c: u32): u32 {
  return c - 0x41 < 26 ? c + 0x20 : c;
}
