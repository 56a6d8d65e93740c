// DER, strictly (X.690, 10 and 11): definite minimal lengths, minimal INTEGERs, TRUE is 0xff,
// nothing left over. One value has one encoding, so that two readers can never see two meanings in
// the same signed bytes.
//
// Elements are read through base/reader, which is sticky: parsers here read on after a failure, get
// zeros and empty ranges, and ask once at the end. Nothing recurses; a structure is as deep as the
// functions that read it.
//
//   const outer = der.enter(r, Tag.SEQUENCE);
//   ... the fields ...
//   r.leave(outer);                         // fails where bytes are left over

import { Reader } from "../base/reader";

export namespace Tag {
  export const BOOLEAN: u32 = 0x01;
  export const INTEGER: u32 = 0x02;
  export const BIT_STRING: u32 = 0x03;
  export const OCTET_STRING: u32 = 0x04;
  export const NULL: u32 = 0x05;
  export const OID: u32 = 0x06;
  export const UTF8_STRING: u32 = 0x0c;
  export const PRINTABLE_STRING: u32 = 0x13;
  export const IA5_STRING: u32 = 0x16;
  export const UTC_TIME: u32 = 0x17;
  export const GENERALIZED_TIME: u32 = 0x18;
  export const SEQUENCE: u32 = 0x30;
  export const SET: u32 = 0x31;
  /** [n] around other elements, or IMPLICIT over a constructed type. */
  export const CONSTRUCTED: u32 = 0xa0;
  /** [n] IMPLICIT over a primitive type. */
  export const PRIMITIVE: u32 = 0x80;
}

/** Tags of more than one byte begin so; nothing that we read has them. */
const HIGH_TAG: u32 = 0x1f;

/** The tag of the next element, 0 at the end. */
export function peek(r: Reader): u32 {
  return r.more() ? load<u8>(r.at) : 0;
}

/** Whether the next element has this tag. */
export function next(r: Reader, tag: u32): bool {
  return peek(r) == tag;
}

/** Reads the header of an element that must have this tag; gives the size of its content. */
export function header(r: Reader, tag: u32): i32 {
  if (r.u8() != tag) r.fail();
  return size(r);
}

/** Reads the header of an element of any tag (peek tells which); gives the size of its content. */
export function anyHeader(r: Reader): i32 {
  if ((r.u8() & HIGH_TAG) == HIGH_TAG) r.fail();
  return size(r);
}

/** Narrows the reader to the content of the next element; end with r.leave(). */
export function enter(r: Reader, tag: u32): usize {
  return r.enter(header(r, tag));
}

/** Passes an element that must have this tag; gives the address of its content. */
export function pass(r: Reader, tag: u32): usize {
  return r.skip(header(r, tag));
}

/**
 * Content lengths are one to four bytes, and the shortest that will do; never more than what is
 * there.
 */
function size(r: Reader): i32 {
  const first = r.u8();
  let n = first;
  let least: u32 = 0;
  if (first == 0x81) {
    n = r.u8();
    least = 0x80;
  } else if (first == 0x82) {
    n = r.u16();
    least = 0x100;
  } else if (first == 0x83) {
    n = r.u24();
    least = 0x10000;
  } else if (first >= 0x80) {
    r.fail(); // 0x80: indefinite; longer: beyond our memory
  }
  if (n < least || n > <u32>r.left) r.fail();
  return r.failed ? 0 : n;
}

/** BOOLEAN: 00 or ff. */
export function boolean(r: Reader): bool {
  if (header(r, Tag.BOOLEAN) != 1) r.fail();
  const v = r.u8();
  if (v != 0 && v != 0xff) r.fail();
  return v != 0 && !r.failed;
}

/**
 * The header of an INTEGER of either sign; gives its size, at least 1, and checks that no byte of
 * it is spare.
 */
export function integerHeader(r: Reader): i32 {
  const n = header(r, Tag.INTEGER);
  if (n == 0) r.fail();
  if (n > 1) {
    const top = load<u8>(r.at);
    const sign = load<u8>(r.at + 1) >>> 7;
    if ((top == 0 && sign == 0) || (top == 0xff && sign == 1)) r.fail();
  }
  return r.failed ? 0 : n;
}

/**
 * The header of an INTEGER > 0, and its sign byte; gives the size of the big-endian magnitude,
 * which has no leading 0.
 */
export function positiveHeader(r: Reader): i32 {
  const n = integerHeader(r);
  if (n == 0) return 0;
  const top = load<u8>(r.at);
  if (top >= 0x80 || (top == 0 && n == 1)) r.fail();
  if (top != 0 || r.failed) return r.failed ? 0 : n;
  r.u8();
  return n - 1;
}

/** An INTEGER from 0 to 2^23 - 1: a version, a length, a count. */
export function small(r: Reader): i32 {
  const n = integerHeader(r);
  if (n > 3 || (n > 0 && load<u8>(r.at) >= 0x80)) r.fail();
  let v: u32 = 0;
  for (let i = 0; i < n && !r.failed; i++) v = (v << 8) | r.u8();
  return v;
}

/**
 * The header of a BIT STRING of whole bytes, and its count of unused bits; gives the number of
 * bytes.
 */
export function bitStringHeader(r: Reader): i32 {
  const n = header(r, Tag.BIT_STRING);
  if (n == 0 || r.u8() != 0) r.fail();
  return r.failed ? 0 : n - 1;
}

/**
 * The header of an OBJECT IDENTIFIER; gives its size and checks that its last arc ends and that no
 * arc is padded.
 */
export function oidHeader(r: Reader): i32 {
  const n = header(r, Tag.OID);
  if (n == 0) r.fail();
  let arcStarts = true;
  for (let i = 0; i < n; i++) {
    const b = load<u8>(r.at + i);
    if (arcStarts && b == 0x80) r.fail();
    arcStarts = b < 0x80;
    if (r.failed) return 0;
  }
  if (!arcStarts) r.fail();
  return r.failed ? 0 : n;
}
