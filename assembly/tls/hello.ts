// ClientHello and ServerHello (RFC 8446, 4.1.2 to 4.1.4), encode and decode side by side. A
// HelloRetryRequest is a ServerHello with a certain random; whether its values are acceptable is
// the handshake's business, what may stand in it is decided here.

import { equalVarTime } from "../base/bytes";
import { localAlert } from "../base/err";
import { Reader } from "../base/reader";
import * as scratch from "../base/scratch";
import { Writer } from "../base/writer";
import { Alert } from "./alert";
import { Extensions, admit } from "./extensions";
import { putGroups } from "./groups";
import { ExtensionType, MAX_SESSION_ID, RANDOM_SIZE, Version } from "./numbers";
import { MAX_TEXT } from "./record";
import { encodeRecordLimit } from "./record-limit";
import { putSchemes } from "./signatures";
import { suiteAt, suiteCount } from "./suites";

const HOST_NAME: u32 = 0; // the only NameType of RFC 6066
const NO_COMPRESSION: u32 = 0;

/** SHA-256 of "HelloRetryRequest": the random that marks one (4.1.3). */
const RETRY_RANDOM: usize = memory.data<u8>([
  0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
  0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
]);

/**
 * "DOWNGRD" and 1 or 0: a server that knows TLS 1.3 ends its random so when it answers with less.
 */
const SENTINEL: usize = memory.data<u8>([0x44, 0x4f, 0x57, 0x4e, 0x47, 0x52, 0x44]);

/**
 * What our ClientHello says; a second one after HelloRetryRequest says the same but for share and
 * cookie.
 */
// @ts-ignore: decorator
@unmanaged
export class ClientHello {
  /** 32 bytes each; a sessionIdLength of 0 turns middlebox compatibility (D.4) off. */
  random: usize = 0;
  sessionId: usize = 0;
  sessionIdLength: i32 = 0;
  suites: u64 = 0;
  /** Host name for server_name; a length of 0: none is sent. */
  name: usize = 0;
  nameLength: i32 = 0;
  group: i32 = 0;
  share: usize = 0;
  shareLength: i32 = 0;
  cookie: usize = 0;
  cookieLength: i32 = 0;
  /** The most content that we take in a record. */
  recordLimit: i32 = 0;

  /** The set of extensions in it. */
  get offered(): i32 {
    let offered =
      Extensions.SUPPORTED_GROUPS |
      Extensions.SIGNATURE_ALGORITHMS |
      Extensions.SUPPORTED_VERSIONS |
      Extensions.KEY_SHARE;
    if (this.nameLength > 0) offered |= Extensions.SERVER_NAME;
    if (this.recordLimit < MAX_TEXT) {
      offered |= Extensions.RECORD_SIZE_LIMIT | Extensions.MAX_FRAGMENT_LENGTH;
    }
    return offered;
  }
}

/** The body of the message. */
export function encodeClientHello(w: Writer, hello: ClientHello): void {
  w.u16(Version.TLS_1_2);
  w.bytes(hello.random, RANDOM_SIZE);
  w.u8(hello.sessionIdLength);
  w.bytes(hello.sessionId, hello.sessionIdLength);
  const count = suiteCount(hello.suites);
  w.u16(count * 2);
  for (let i = 0; i < count; i++) w.u16(suiteAt(hello.suites, i));
  w.u8(1);
  w.u8(NO_COMPRESSION);
  const extensions = w.begin(2);
  if (hello.nameLength > 0) encodeServerName(w, hello);
  encodeLists(w);
  encodeKeyShare(w, hello);
  if (hello.cookieLength > 0) encodeCookie(w, hello);
  encodeRecordLimit(w, hello.recordLimit);
  w.finish(extensions, 2);
}

function encodeServerName(w: Writer, hello: ClientHello): void {
  w.u16(ExtensionType.SERVER_NAME);
  const extension = w.begin(2);
  const list = w.begin(2);
  w.u8(HOST_NAME);
  w.u16(hello.nameLength);
  w.bytes(hello.name, hello.nameLength);
  w.finish(list, 2);
  w.finish(extension, 2);
}

/** Groups, signature schemes and versions: each a list in an extension. */
function encodeLists(w: Writer): void {
  w.u16(ExtensionType.SUPPORTED_GROUPS);
  const groupsExtension = w.begin(2);
  const groups = w.begin(2);
  putGroups(w);
  w.finish(groups, 2);
  w.finish(groupsExtension, 2);
  w.u16(ExtensionType.SIGNATURE_ALGORITHMS);
  const schemesExtension = w.begin(2);
  const schemes = w.begin(2);
  putSchemes(w);
  w.finish(schemes, 2);
  w.finish(schemesExtension, 2);
  w.u16(ExtensionType.SUPPORTED_VERSIONS);
  w.u16(3);
  w.u8(2);
  w.u16(Version.TLS_1_3);
}

function encodeKeyShare(w: Writer, hello: ClientHello): void {
  w.u16(ExtensionType.KEY_SHARE);
  const extension = w.begin(2);
  const shares = w.begin(2);
  w.u16(hello.group);
  w.u16(hello.shareLength);
  w.bytes(hello.share, hello.shareLength);
  w.finish(shares, 2);
  w.finish(extension, 2);
}

function encodeCookie(w: Writer, hello: ClientHello): void {
  w.u16(ExtensionType.COOKIE);
  const extension = w.begin(2);
  w.u16(hello.cookieLength);
  w.bytes(hello.cookie, hello.cookieLength);
  w.finish(extension, 2);
}

/** A ServerHello or HelloRetryRequest; pointers go into the message. */
// @ts-ignore: decorator
@unmanaged
export class ServerHello {
  isRetry: bool = false;
  random: usize = 0;
  sessionId: usize = 0;
  sessionIdLength: i32 = 0;
  suite: i32 = 0;
  /** Extensions that it has. */
  extensions: i32 = 0;
  /** The chosen group, 0: no key_share. A HelloRetryRequest names only the group. */
  group: i32 = 0;
  share: usize = 0;
  shareLength: i32 = 0;
  cookie: usize = 0;
  cookieLength: i32 = 0;
}

/**
 * The body of n bytes at p. Refuses everything but TLS 1.3 with protocol_version, and every
 * extension that the set `offered` does not allow for.
 */
export function decodeServerHello(p: usize, n: i32, offered: i32, hello: ServerHello): i32 {
  const frame = scratch.mark();
  const e = decode(Reader.over(p, n), offered, hello);
  scratch.release(frame);
  return e;
}

function decode(r: Reader, offered: i32, hello: ServerHello): i32 {
  const version = <i32>r.u16();
  hello.random = r.skip(RANDOM_SIZE);
  hello.sessionIdLength = <i32>r.u8();
  hello.sessionId = r.skip(hello.sessionIdLength);
  hello.suite = <i32>r.u16();
  const compression = r.u8();
  if (r.failed || hello.sessionIdLength > MAX_SESSION_ID) return localAlert(Alert.DECODE_ERROR);
  hello.isRetry = equalVarTime(hello.random, RETRY_RANDOM, RANDOM_SIZE);
  // The version decides by which rules the rest is to be read, so it is looked for first.
  const e = checkVersion(version, hello.random, selectedVersion(r));
  if (e < 0) return e;
  if (compression != NO_COMPRESSION) return localAlert(Alert.ILLEGAL_PARAMETER);
  return decodeExtensions(r, offered, hello);
}

/**
 * The value of supported_versions, 0 where there is none, -1 where the extensions are not even well
 * formed.
 */
function selectedVersion(r: Reader): i32 {
  const at = r.at;
  const end = r.end;
  let selected = 0;
  if (!r.more()) return 0; // TLS 1.2 may leave the whole block out
  const outer = r.enter(r.u16());
  while (r.more()) {
    const type = <i32>r.u16();
    const inner = r.enter(r.u16());
    if (type == ExtensionType.SUPPORTED_VERSIONS) selected = <i32>r.u16();
    else r.skip(r.left);
    r.leave(inner);
  }
  r.leave(outer);
  if (!r.done()) return -1;
  r.at = at;
  r.end = end;
  return selected;
}

/**
 * RFC 8446, 4.1.3 and 4.2.1: only TLS 1.3 will do, and an attacker must not talk a server out of
 * it.
 */
function checkVersion(legacy: i32, random: usize, selected: i32): i32 {
  if (selected < 0) return localAlert(Alert.DECODE_ERROR);
  if (selected == 0) {
    const marked = equalVarTime(random + 24, SENTINEL, 7) && load<u8>(random + 31) <= 1;
    return localAlert(marked ? Alert.ILLEGAL_PARAMETER : Alert.PROTOCOL_VERSION);
  }
  const legal = selected == Version.TLS_1_3 && legacy == Version.TLS_1_2;
  return legal ? 0 : localAlert(Alert.ILLEGAL_PARAMETER);
}

function decodeExtensions(r: Reader, offered: i32, hello: ServerHello): i32 {
  const allowed = hello.isRetry ? Extensions.IN_HELLO_RETRY_REQUEST : Extensions.IN_SERVER_HELLO;
  const answerable = hello.isRetry ? offered | Extensions.COOKIE : offered;
  hello.extensions = 0;
  const outer = r.enter(r.u16());
  while (r.more()) {
    const type = <i32>r.u16();
    const inner = r.enter(r.u16());
    const seen = admit(type, hello.extensions, allowed, answerable);
    if (seen < 0) return seen;
    hello.extensions = seen;
    if (type == ExtensionType.SUPPORTED_VERSIONS) r.u16();
    else if (type == ExtensionType.KEY_SHARE) decodeKeyShare(r, hello);
    else decodeCookie(r, hello);
    r.leave(inner);
  }
  r.leave(outer);
  return r.done() ? 0 : localAlert(Alert.DECODE_ERROR);
}

function decodeKeyShare(r: Reader, hello: ServerHello): void {
  hello.group = <i32>r.u16();
  if (hello.isRetry) return;
  hello.shareLength = <i32>r.u16();
  hello.share = r.skip(hello.shareLength);
  if (hello.shareLength == 0) r.fail();
}

function decodeCookie(r: Reader, hello: ServerHello): void {
  hello.cookieLength = <i32>r.u16();
  hello.cookie = r.skip(hello.cookieLength);
  if (hello.cookieLength == 0) r.fail();
}
