// TLS records (RFC 8446, 5): sealed and opened in place.
//
//   plaintext    | type | version | length |  content                            |
//   ciphertext   |  23  | 03 03   | length |  content | type | 00 ... 00 | tag 16 |
//                 <------- header 5 ------->  <------- sealed in place ------->
//
// A record holds at most 2^14 bytes of content; with type byte and padding 2^14 + 1, with the tag,
// which all suites have 16 bytes of, 2^14 + 17. legacy_record_version is written and never read
// (5.1).

import { localAlert } from "../base/err";
import { load16be, store16be } from "../base/bytes";
import { TAG_SIZE } from "../crypto/aead";
import { Alert, NOT_TLS } from "./alert";
import { Half } from "./half";
import { ContentType, Version } from "./numbers";

export const HEADER: i32 = 5;
export const MAX_TEXT: i32 = 1 << 14;
/** What a ciphertext has above content and padding: type byte and tag. */
export const EXPANSION: i32 = 1 + TAG_SIZE;

/**
 * Seals n bytes of content that stand at record + HEADER; gives the record's whole length.
 * EXPANSION bytes of room are behind the content.
 */
export function sealRecord(half: Half, type: i32, record: usize, n: i32): i32 {
  if (!half.isProtected) {
    putHeader(record, type, half.version, n);
    half.version = Version.TLS_1_2; // 0x0301 only on the very first record, for old middleboxes
    return HEADER + n;
  }
  const text = record + HEADER;
  store<u8>(text + n, type);
  putHeader(record, ContentType.APPLICATION_DATA, Version.TLS_1_2, n + EXPANSION);
  half.seal(record, HEADER, text, n + 1);
  return HEADER + n + EXPANSION;
}

function putHeader(record: usize, type: i32, version: i32, n: i32): void {
  store<u8>(record, type);
  store16be(record + 1, version);
  store16be(record + 3, n);
}

/**
 * The length that the header at record gives, where such a record may come at all; else an error.
 * limit: the most content we take, at most MAX_TEXT.
 */
export function checkHeader(half: Half, record: usize, limit: i32): i32 {
  const type = <i32>load<u8>(record);
  if (type < ContentType.CHANGE_CIPHER_SPEC || type > ContentType.APPLICATION_DATA) return NOT_TLS;
  const n = <i32>load16be(record + 3);
  const sealed = half.isProtected && type == ContentType.APPLICATION_DATA;
  if (n > limit + (sealed ? EXPANSION : 0)) return localAlert(Alert.RECORD_OVERFLOW);
  return n;
}

/**
 * Opens the record whose header was checked, in place: gives its content's type and length as type
 * << 16 | length, or an error. The content stands at record + HEADER.
 */
export function openRecord(half: Half, record: usize): i32 {
  const type = <i32>load<u8>(record);
  const n = <i32>load16be(record + 3);
  // change_cipher_spec is never protected (5); whether it may come now is decided with the other
  // dispatch.
  if (!half.isProtected || type == ContentType.CHANGE_CIPHER_SPEC) return (type << 16) | n;
  if (type != ContentType.APPLICATION_DATA) return localAlert(Alert.UNEXPECTED_MESSAGE);
  if (n < TAG_SIZE) return localAlert(Alert.BAD_RECORD_MAC);
  if (!half.open(record, HEADER, record + HEADER, n - TAG_SIZE)) {
    return localAlert(Alert.BAD_RECORD_MAC);
  }
  return unpad(record + HEADER, n - TAG_SIZE);
}

/**
 * The inner plaintext without its padding: the last byte that is not zero is the content's type.
 * The scan's time tells how long the padding is, as RFC 8446, E.3 accepts.
 */
function unpad(text: usize, n: i32): i32 {
  let end = n - 1;
  while (end >= 0 && load<u8>(text + end) == 0) end--;
  if (end < 0) return localAlert(Alert.UNEXPECTED_MESSAGE);
  const type = <i32>load<u8>(text + end);
  if (type < ContentType.ALERT || type > ContentType.APPLICATION_DATA) {
    return localAlert(Alert.UNEXPECTED_MESSAGE);
  }
  return (type << 16) | end;
}
