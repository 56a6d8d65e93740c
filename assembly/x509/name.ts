// Who a certificate names: matching the host that the app asked for (RFC 9525, RFC 6125), and the
// subject as text.
//
// A DNS name is looked for among the dNSName, an IP address among the iPAddress alternative names.
// Only a certificate without any subjectAltName is asked for its common names, and never for an
// address. One trailing dot of the name asked for is the same name (it says "absolute"); in a
// certificate it matches nothing.

import { equalVarTime } from "../base/bytes";
import { Reader } from "../base/reader";
import * as scratch from "../base/scratch";
import { putText } from "../base/text";
import { Writer } from "../base/writer";
import { Certificate } from "./certificate";
import * as der from "./der";
import { Tag } from "./der";
import { Attributes } from "./dn";
import { GeneralName } from "./extensions";
import { isHostname, matchesPattern, parseAddress } from "./hostname";
import { Oid, oidNumber } from "./oid";

const ADDRESS_SIZE: i32 = 16;
const DOT: u32 = 0x2e;

/**
 * Whether the certificate was issued to the host that the nameLen bytes at `name` are: a DNS name
 * or an IP address.
 */
export function matchesHostname(c: Certificate, name: usize, nameLen: i32): bool {
  const frame = scratch.mark();
  const address = scratch.take(ADDRESS_SIZE);
  const addressSize = parseAddress(name, nameLen, address);
  let matches = false;
  if (addressSize > 0) {
    matches = hasAltName(c, GeneralName.IP, address, addressSize);
  } else {
    const n = withoutTrailingDot(name, nameLen);
    if (!isHostname(name, n)) matches = false;
    else if (c.subjectAltName != 0) matches = hasAltName(c, GeneralName.DNS, name, n);
    else matches = hasCommonName(c, name, n);
  }
  scratch.release(frame);
  return matches;
}

function withoutTrailingDot(name: usize, n: i32): i32 {
  return n > 1 && load<u8>(name + n - 1) == DOT ? n - 1 : n;
}

function hasAltName(c: Certificate, kind: u32, name: usize, n: i32): bool {
  const frame = scratch.mark();
  const r = Reader.over(c.subjectAltName, c.subjectAltNameSize);
  let found = false;
  while (r.more() && !found) {
    const tag = der.peek(r);
    const size = der.anyHeader(r);
    const value = r.skip(size);
    if (tag != kind) continue;
    if (kind == GeneralName.DNS) found = matchesPattern(value, size, name, n);
    else found = size == n && equalVarTime(value, name, n);
  }
  scratch.release(frame);
  return found;
}

function hasCommonName(c: Certificate, name: usize, n: i32): bool {
  const frame = scratch.mark();
  const a = Attributes.over(c.subject, c.subjectSize);
  let found = false;
  while (!found && a.next()) {
    if (oidNumber(a.oid, a.oidSize) != Oid.COMMON_NAME) continue;
    found = matchesPattern(a.value, a.valueSize, name, n);
  }
  scratch.release(frame);
  return found;
}

/**
 * Writes the subject as text in the order and with the escapes of RFC 4514
 * ("CN=example.com,O=Example") into cap bytes at `out`; a longer one is cut. Gives the bytes
 * written. Bytes above ASCII are passed on only where they are UTF-8 by their tag.
 */
export function subjectText(c: Certificate, out: usize, cap: i32): i32 {
  const frame = scratch.mark();
  const w = Writer.into(out, cap);
  // RFC 4514 begins with the last RDN. Names are short and the text is cut, so each is found by
  // walking from the front.
  for (let i = countRdns(c) - 1; i >= 0 && !w.failed; i--) {
    writeRdn(w, c, i);
    if (i > 0) w.u8(0x2c); // ','
  }
  const n = w.length;
  scratch.release(frame);
  return n;
}

function countRdns(c: Certificate): i32 {
  const frame = scratch.mark();
  const a = Attributes.over(c.subject, c.subjectSize);
  let count = 0;
  while (a.next()) if (a.startsRdn) count++;
  scratch.release(frame);
  return count;
}

function writeRdn(w: Writer, c: Certificate, index: i32): void {
  const frame = scratch.mark();
  const a = Attributes.over(c.subject, c.subjectSize);
  let at = -1;
  while (a.next()) {
    if (a.startsRdn) at++;
    if (at < index) continue;
    if (at > index) break;
    if (!a.startsRdn) w.u8(0x2b); // '+'
    writeAttribute(w, a);
  }
  scratch.release(frame);
}

function writeAttribute(w: Writer, a: Attributes): void {
  const label = labelOf(oidNumber(a.oid, a.oidSize));
  if (label.length == 0) {
    writeDotted(w, a.oid, a.oidSize);
    w.u8(0x3d); // '='
    writeHexadecimal(w, a);
    return;
  }
  const p = w.reserve(label.length);
  if (p != 0) putText(label, p, label.length);
  w.u8(0x3d);
  for (let i = 0; i < a.valueSize; i++) writeEscaped(w, a, i);
}

/** One byte of a value: as it is, as `\` and itself, or as `\` and two digits. */
function writeEscaped(w: Writer, a: Attributes, i: i32): void {
  const c: u32 = load<u8>(a.value + i);
  const isPrintable = c >= 0x20 && (c < 0x7f || (c >= 0x80 && a.tag == Tag.UTF8_STRING));
  if (!isPrintable) {
    w.u8(0x5c); // '\'
    writeByte(w, c);
    return;
  }
  const isOuterSpace = c == 0x20 && (i == 0 || i == a.valueSize - 1);
  if (isOuterSpace || isSpecial(c) || (c == 0x23 && i == 0)) w.u8(0x5c);
  w.u8(c);
}

/** " + , ; < > \ */
function isSpecial(c: u32): bool {
  return c == 0x22 || c == 0x2b || c == 0x2c || c == 0x3b || c == 0x3c || c == 0x3e || c == 0x5c;
}

/**
 * The value of a type without a name: # and its DER, with the header that it had, always short or
 * cut.
 */
function writeHexadecimal(w: Writer, a: Attributes): void {
  w.u8(0x23); // '#'
  const start = a.r.at - a.valueSize - headerSize(a.valueSize);
  for (let p = start; p < a.r.at && !w.failed; p++) writeByte(w, load<u8>(p));
}

function headerSize(n: i32): i32 {
  if (n < 0x80) return 2;
  if (n < 0x100) return 3;
  return n < 0x10000 ? 4 : 5;
}

function writeByte(w: Writer, v: u32): void {
  writeDigit(w, v >>> 4);
  writeDigit(w, v & 15);
}

function writeDigit(w: Writer, v: u32): void {
  w.u8(v < 10 ? 0x30 + v : 0x61 + v - 10);
}

/**
 * An object identifier as numbers with dots. Arcs beyond 32 bits lose their top: it is a label for
 * people.
 */
function writeDotted(w: Writer, p: usize, n: i32): void {
  let arc: u32 = 0;
  let isFirst = true;
  for (let i = 0; i < n && !w.failed; i++) {
    const b: u32 = load<u8>(p + i);
    arc = (arc << 7) | (b & 0x7f);
    if (b >= 0x80) continue;
    if (isFirst) {
      const root: u32 = min<u32>(arc / 40, 2);
      writeDecimal(w, root);
      arc -= 40 * root;
      isFirst = false;
    }
    w.u8(DOT);
    writeDecimal(w, arc);
    arc = 0;
  }
}

function writeDecimal(w: Writer, v: u32): void {
  let unit: u32 = 1;
  while (v / unit >= 10) unit *= 10;
  for (; unit > 0; unit /= 10) w.u8(0x30 + ((v / unit) % 10));
}

/** RFC 4514, 3; the e-mail address as OpenSSL has it. Empty for a type without a short name. */
function labelOf(type: u32): string {
  switch (type) {
    case Oid.COMMON_NAME:
      return "CN";
    case Oid.SERIAL_NUMBER:
      return "serialNumber";
    case Oid.COUNTRY:
      return "C";
    case Oid.LOCALITY:
      return "L";
    case Oid.STATE:
      return "ST";
    case Oid.STREET:
      return "STREET";
    case Oid.ORGANIZATION:
      return "O";
    case Oid.ORGANIZATIONAL_UNIT:
      return "OU";
    case Oid.DOMAIN_COMPONENT:
      return "DC";
    case Oid.USER_ID:
      return "UID";
    case Oid.EMAIL_ADDRESS:
      return "emailAddress";
    default:
      return "";
  }
}
