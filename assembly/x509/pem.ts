// Certificates as they stand in files: DER, one or several in a row, or PEM text (RFC 7468) with
// one or several blocks and any other text around them. Both come out as DER in a row.
//
// Inside a CERTIFICATE block only base64 and white space are allowed: wrong characters, wrong
// padding, non-zero spare bits and a missing END line fail the whole input, as a truncated CA file
// must never be taken for a smaller one. Blocks of other kinds (keys, parameters, revocation lists)
// are text to us.

import { Misuse, misuse } from "../base/err";
import { Reader } from "../base/reader";
import * as scratch from "../base/scratch";
import { isText } from "../base/text";
import * as der from "./der";
import { Tag } from "./der";

const BEGIN = "-----BEGIN CERTIFICATE-----";
const END = "-----END CERTIFICATE-----";

const LINE_FEED: u32 = 0x0a;
const CARRIAGE_RETURN: u32 = 0x0d;
const DASH: u32 = 0x2d;
const EQUALS: u32 = 0x3d;
const NOT_BASE64: u32 = 0xff;

/**
 * Writes the certificates of a file's n bytes at p, DER or PEM, as DER in a row into `out`, which
 * has room for n bytes (PEM is longer than its DER) and may be p itself. Gives the bytes written,
 * or misuse(BAD_CERT): no certificate, or a bad one. That each is an element of DER is checked, not
 * what is in it.
 */
export function readCertificates(p: usize, n: i32, out: usize): i32 {
  let size = n;
  if (isDer(p, n)) memory.copy(out, p, n);
  else size = decodeBlocks(p, n, out);
  return countCertificates(out, size) > 0 ? size : misuse(Misuse.BAD_CERT);
}

/**
 * How many elements stand in the n bytes of DER at p; 0 where there is none or something is left
 * over.
 */
export function countCertificates(p: usize, n: i32): i32 {
  let count = 0;
  for (let at = 0; at < n; count++) {
    const size = certificateSize(p + at, n - at);
    if (size == 0) return 0;
    at += size;
  }
  return count;
}

/**
 * The size, with its header, of the element at p, which must be a SEQUENCE; 0 where it is not
 * whole.
 */
export function certificateSize(p: usize, n: i32): i32 {
  const frame = scratch.mark();
  const r = Reader.over(p, n);
  der.pass(r, Tag.SEQUENCE);
  const size = r.failed ? 0 : <i32>(r.at - p);
  scratch.release(frame);
  return size;
}

/**
 * Every certificate is a SEQUENCE of more than 127 bytes, so its second byte is no character of
 * ASCII.
 */
function isDer(p: usize, n: i32): bool {
  return n > 2 && load<u8>(p) == Tag.SEQUENCE && load<u8>(p, 1) >= 0x80;
}

/** Decodes every CERTIFICATE block; gives the bytes written, 0 where one is bad. */
function decodeBlocks(p: usize, n: i32, out: usize): i32 {
  const end = p + n;
  let at = p;
  let written = 0;
  while (at < end) {
    if (!startsWith(at, end, BEGIN)) {
      at = nextLine(at, end);
      continue;
    }
    const text = at + BEGIN.length;
    const textEnd = findEnd(text, end);
    if (textEnd == 0) return 0;
    const size = decodeBase64(text, textEnd, out + written);
    if (size == 0) return 0;
    written += size;
    at = nextLine(textEnd + END.length, end);
  }
  return written;
}

/** Where the block's END line begins: the first dash must be its. */
function findEnd(at: usize, end: usize): usize {
  while (at < end && load<u8>(at) != DASH) at++;
  return startsWith(at, end, END) ? at : 0;
}

function nextLine(at: usize, end: usize): usize {
  while (at < end && !isLineEnd(load<u8>(at))) at++;
  while (at < end && isLineEnd(load<u8>(at))) at++;
  return at;
}

function isLineEnd(c: u32): bool {
  return c == LINE_FEED || c == CARRIAGE_RETURN;
}

function startsWith(at: usize, end: usize, text: string): bool {
  return <i32>(end - at) >= text.length && isText(text, at, text.length);
}

/**
 * Decodes base64 with white space in it (RFC 4648, 4); gives the bytes written, 0 where it is wrong
 * or empty.
 */
function decodeBase64(at: usize, end: usize, out: usize): i32 {
  let bits: u32 = 0;
  let digits = 0;
  let padding = 0;
  let written = 0;
  for (; at < end; at++) {
    const c: u32 = load<u8>(at);
    if (isSpace(c)) continue;
    const v = c == EQUALS ? 0 : base64Digit(c);
    if (c == EQUALS) padding++;
    if (v == NOT_BASE64 || (padding > 0 && c != EQUALS)) return 0;
    bits = (bits << 6) | v;
    if ((++digits & 3) != 0) continue;
    if (padding > 2 || !isSpareZero(bits, padding)) return 0;
    for (let i = 0; i < 3 - padding; i++) store<u8>(out + written++, bits >>> (16 - 8 * i));
    bits = 0;
    if (padding > 0) padding = 3; // whatever follows but white space is too much
  }
  return (digits & 3) == 0 ? written : 0;
}

/** One encoding for each value: the bits under the padding are zero. */
function isSpareZero(bits: u32, padding: i32): bool {
  return (bits & ((1 << (8 * padding)) - 1)) == 0;
}

/** Of a public file: a comparison chain is good enough, and needs no table. */
function base64Digit(c: u32): u32 {
  if (c - 0x41 < 26) return c - 0x41;
  if (c - 0x61 < 26) return c - 0x61 + 26;
  if (c - 0x30 < 10) return c - 0x30 + 52;
  if (c == 0x2b) return 62;
  return c == 0x2f ? 63 : NOT_BASE64;
}

function isSpace(c: u32): bool {
  return c == 0x20 || c == 0x09 || isLineEnd(c);
}
