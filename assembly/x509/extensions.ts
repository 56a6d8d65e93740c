// The values of the extensions that decide whether a certificate is accepted (RFC 5280, 4.2.1).
// Each function reads one value to its end from a reader that it may fail; certificate.ts stores
// what they give.
//
// Where a DEFAULT is written out although DER forbids it (cA FALSE, critical FALSE) we read on:
// authorities have issued many such certificates and they have no second meaning.

import { Reader } from "../base/reader";
import * as scratch from "../base/scratch";
import * as der from "./der";
import { Tag } from "./der";
import { isName } from "./dn";
import { isHostname } from "./hostname";
import { Oid, readOid } from "./oid";

/**
 * What basicConstraints says as one number: how many authorities may stand below this one, or that
 * it is none.
 */
export namespace PathLength {
  export const NOT_CA: i32 = -1;
  export const UNLIMITED: i32 = i32.MAX_VALUE;
}

/** Bits of keyUsage: bit n of the BIT STRING is 1 << n here. */
export namespace KeyUsage {
  export const DIGITAL_SIGNATURE: u32 = 1 << 0;
  export const KEY_CERT_SIGN: u32 = 1 << 5;
}

/** Bits of extKeyUsage, ours. */
export namespace ExtendedKeyUsage {
  export const SERVER_AUTH: u32 = 1;
  export const CLIENT_AUTH: u32 = 2;
  export const ANY: u32 = 4;
  export const OTHER: u32 = 8;
}

/** Stands for an absent keyUsage or extKeyUsage, which allows everything: all bits. */
export const NOT_PRESENT: u32 = 0xffffffff;

/** Tags of GeneralName (RFC 5280, 4.2.1.6). */
export namespace GeneralName {
  export const OTHER_NAME: u32 = 0xa0;
  export const EMAIL: u32 = 0x81;
  export const DNS: u32 = 0x82;
  export const X400_ADDRESS: u32 = 0xa3;
  export const DIRECTORY: u32 = 0xa4;
  export const EDI_PARTY: u32 = 0xa5;
  export const URI: u32 = 0x86;
  export const IP: u32 = 0x87;
  export const REGISTERED_ID: u32 = 0x88;
}

const PERMITTED: u32 = Tag.CONSTRUCTED | 0;
const EXCLUDED: u32 = Tag.CONSTRUCTED | 1;

/** BasicConstraints: gives PathLength. A path length without cA has no meaning and is refused. */
export function readBasicConstraints(r: Reader): i32 {
  const outer = der.enter(r, Tag.SEQUENCE);
  const isCa = der.next(r, Tag.BOOLEAN) && der.boolean(r);
  let pathLength = PathLength.UNLIMITED;
  if (isCa && der.next(r, Tag.INTEGER)) pathLength = der.small(r);
  r.leave(outer);
  return isCa ? pathLength : PathLength.NOT_CA;
}

/**
 * KeyUsage: gives its bits. Zero bits at the end are tolerated, a string without any bit set is
 * not.
 */
export function readKeyUsage(r: Reader): u32 {
  const n = der.header(r, Tag.BIT_STRING);
  const unused = r.u8();
  if (n < 2 || n > 3 || unused > 7) r.fail();
  let bits: u32 = 0;
  let lastByte: u32 = 0;
  for (let i = 0; i < n - 1 && !r.failed; i++) {
    lastByte = r.u8();
    for (let b = 0; b < 8; b++) bits |= ((lastByte >>> (7 - b)) & 1) << (8 * i + b);
  }
  if ((lastByte & ((1 << unused) - 1)) != 0 || bits == 0) r.fail();
  return r.failed ? 0 : bits;
}

/** ExtKeyUsageSyntax: gives the bits of ExtendedKeyUsage. */
export function readExtendedKeyUsage(r: Reader): u32 {
  const outer = der.enter(r, Tag.SEQUENCE);
  if (!r.more()) r.fail();
  let bits: u32 = 0;
  while (r.more()) {
    const oid = readOid(r);
    if (oid == Oid.SERVER_AUTH) bits |= ExtendedKeyUsage.SERVER_AUTH;
    else if (oid == Oid.CLIENT_AUTH) bits |= ExtendedKeyUsage.CLIENT_AUTH;
    else if (oid == Oid.ANY_EXTENDED_KEY_USAGE) bits |= ExtendedKeyUsage.ANY;
    else bits |= ExtendedKeyUsage.OTHER;
  }
  r.leave(outer);
  return bits;
}

/** The content of GeneralNames, at least one, to the reader's end. */
export function readGeneralNames(r: Reader): void {
  if (!r.more()) r.fail();
  while (r.more()) {
    const tag = der.peek(r);
    const n = readGeneralName(r);
    if (tag == GeneralName.IP && n != 4 && n != 16) r.fail();
  }
}

/** The content of NameConstraints to the reader's end. */
export function readNameConstraints(r: Reader): void {
  if (!r.more()) r.fail();
  if (der.next(r, PERMITTED)) readSubtrees(r, PERMITTED);
  if (der.next(r, EXCLUDED)) readSubtrees(r, EXCLUDED);
  if (r.more()) r.fail();
}

/** GeneralSubtrees, at least one; minimum and maximum must be absent (RFC 5280, 4.2.1.10). */
function readSubtrees(r: Reader, tag: u32): void {
  const outer = der.enter(r, tag);
  if (!r.more()) r.fail();
  while (r.more()) {
    const subtree = der.enter(r, Tag.SEQUENCE);
    readConstraint(r);
    r.leave(subtree);
  }
  r.leave(outer);
}

/**
 * The base of a subtree: a domain without a leading dot or wildcard, an address and its mask, or
 * another name.
 */
function readConstraint(r: Reader): void {
  const tag = der.peek(r);
  const n = readGeneralName(r);
  if (r.failed) return;
  const content = r.at - n;
  if (tag == GeneralName.DNS && n > 0 && !isHostname(content, n)) r.fail();
  if (tag == GeneralName.IP && !isMaskedAddress(content, n)) r.fail();
}

/** Address and mask of one family; the mask's ones stand in front. */
function isMaskedAddress(p: usize, n: i32): bool {
  if (n != 8 && n != 32) return false;
  let ended = false;
  for (let i = n / 2; i < n; i++) {
    const inverse: u32 = load<u8>(p + i) ^ 0xff;
    if ((inverse & (inverse + 1)) != 0 || (ended && inverse != 0xff)) return false;
    if (inverse != 0) ended = true;
  }
  return true;
}

/**
 * Passes one GeneralName; gives the size of its content, which then ends where the reader stands.
 */
function readGeneralName(r: Reader): i32 {
  const tag = der.peek(r);
  const n = der.anyHeader(r);
  const content = r.skip(n);
  if (!isGeneralNameTag(tag)) r.fail();
  if (tag == GeneralName.DIRECTORY && !r.failed && !isWrappedName(content, n)) r.fail();
  return r.failed ? 0 : n;
}

/** directoryName is [4] around a whole Name, because Name is a CHOICE. */
function isWrappedName(p: usize, n: i32): bool {
  const frame = scratch.mark();
  const r = Reader.over(p, n);
  const size = der.header(r, Tag.SEQUENCE);
  const name = r.skip(size);
  const good = r.done() && isName(name, size);
  scratch.release(frame);
  return good;
}

function isGeneralNameTag(tag: u32): bool {
  switch (tag) {
    case GeneralName.OTHER_NAME:
    case GeneralName.EMAIL:
    case GeneralName.DNS:
    case GeneralName.X400_ADDRESS:
    case GeneralName.DIRECTORY:
    case GeneralName.EDI_PARTY:
    case GeneralName.URI:
    case GeneralName.IP:
    case GeneralName.REGISTERED_ID:
      return true;
    default:
      return false;
  }
}
