// How long records may be, as the two sides agree on it. We ask in both ways there are, since
// servers know one of them at most:
//
//   record_size_limit    RFC 8449: each side says what it takes. The value counts the type byte and
//                        the padding of TLS 1.3, but not the tag: it is one above the content
//   max_fragment_length  RFC 6066, 4: one of four lengths for both directions, or none of them. It
//                        counts the content
//
// A server that knows both answers the first alone (RFC 8449, 5). Whoever answers neither may send
// records of 2^14 bytes; inbox.ts says what becomes of them.

import { localAlert } from "../base/err";
import { Reader } from "../base/reader";
import { Writer } from "../base/writer";
import { Alert } from "./alert";
import { Extensions } from "./extensions";
import { ExtensionType } from "./numbers";
import { MAX_TEXT } from "./record";

/** The least content that we ask for: below it the headers and tags cost more than the buffer. */
const SMALLEST_RECEIVE: i32 = 1024;
export const LARGEST_RECEIVE: i32 = MAX_TEXT;

/** Whether we may ask for records of at most n bytes of content. */
export function isReceiveBuffer(n: i32): bool {
  return n >= SMALLEST_RECEIVE && n <= LARGEST_RECEIVE;
}

/** RFC 8449, 4: the least that anybody may ask for, and the most in TLS 1.3. */
const SMALLEST_LIMIT: i32 = 64;
const LARGEST_LIMIT: i32 = MAX_TEXT + 1;

/** The enum of RFC 6066, 4: 2^9 to 2^12. */
const SMALLEST_FRAGMENT: i32 = 1 << 9;
const LAST_CODE: i32 = 4;

/** The code of the longest fragments that have at most n bytes. */
function fragmentCode(n: i32): i32 {
  let code = 1;
  while (code < LAST_CODE && SMALLEST_FRAGMENT << code <= n) code++;
  return code;
}

/**
 * Asks for records of at most n bytes of content; nothing where the protocol has no longer ones.
 */
export function encodeRecordLimit(w: Writer, n: i32): void {
  if (n >= MAX_TEXT) return;
  w.u16(ExtensionType.RECORD_SIZE_LIMIT);
  w.u16(2);
  w.u16(n + 1);
  w.u16(ExtensionType.MAX_FRAGMENT_LENGTH);
  w.u16(1);
  w.u8(fragmentCode(n));
}

/** What a server's EncryptedExtensions say of it. */
// @ts-ignore: decorator
@unmanaged
export class RecordLimit {
  /** The most content that the server takes in a record. */
  toPeer: i32 = 0;
  /** It keeps to the limit that we asked for. */
  isAgreed: bool = false;

  static unlimited(p: usize): RecordLimit {
    const limit = changetype<RecordLimit>(p);
    limit.toPeer = MAX_TEXT;
    limit.isAgreed = false;
    return limit;
  }

  /** Reads the value of record_size_limit. */
  readSizeLimit(r: Reader): i32 {
    const value = <i32>r.u16();
    if (r.failed) return localAlert(Alert.DECODE_ERROR);
    if (value < SMALLEST_LIMIT || value > LARGEST_LIMIT) return localAlert(Alert.ILLEGAL_PARAMETER);
    this.toPeer = value - 1;
    this.isAgreed = true;
    return 0;
  }

  /** Reads the value of max_fragment_length, which must be the one that went with `asked`. */
  readFragmentLength(r: Reader, asked: i32): i32 {
    const code = <i32>r.u8();
    if (r.failed) return localAlert(Alert.DECODE_ERROR);
    if (code != fragmentCode(asked)) return localAlert(Alert.ILLEGAL_PARAMETER);
    this.toPeer = SMALLEST_FRAGMENT << (code - 1);
    this.isAgreed = true;
    return 0;
  }
}

/** RFC 8449, 5: a server answers one of the two. */
export function answersBoth(extensions: i32): bool {
  const both = Extensions.RECORD_SIZE_LIMIT | Extensions.MAX_FRAGMENT_LENGTH;
  return (extensions & both) == both;
}
