// Which extension may stand where (RFC 8446, 4.2). A set of extensions is one i32, a bit for each
// that we know; the bits of those that our ClientHello offered decide what the server may answer.

import { localAlert } from "../base/err";
import { Alert } from "./alert";
import { ExtensionType } from "./numbers";

export namespace Extensions {
  export const SERVER_NAME: i32 = 1 << 0;
  export const SUPPORTED_GROUPS: i32 = 1 << 1;
  export const SIGNATURE_ALGORITHMS: i32 = 1 << 2;
  export const RECORD_SIZE_LIMIT: i32 = 1 << 3;
  export const SUPPORTED_VERSIONS: i32 = 1 << 4;
  export const COOKIE: i32 = 1 << 5;
  export const KEY_SHARE: i32 = 1 << 6;
  export const MAX_FRAGMENT_LENGTH: i32 = 1 << 7;

  export const IN_SERVER_HELLO: i32 = SUPPORTED_VERSIONS | KEY_SHARE;
  export const IN_HELLO_RETRY_REQUEST: i32 = SUPPORTED_VERSIONS | KEY_SHARE | COOKIE;
  export const IN_ENCRYPTED_EXTENSIONS: i32 =
    SERVER_NAME | SUPPORTED_GROUPS | RECORD_SIZE_LIMIT | MAX_FRAGMENT_LENGTH;
  /** None of those that we offer: OCSP and SCT are not asked for. */
  export const IN_CERTIFICATE: i32 = 0;
}

function bitOf(type: i32): i32 {
  switch (type) {
    case ExtensionType.SERVER_NAME:
      return Extensions.SERVER_NAME;
    case ExtensionType.SUPPORTED_GROUPS:
      return Extensions.SUPPORTED_GROUPS;
    case ExtensionType.SIGNATURE_ALGORITHMS:
      return Extensions.SIGNATURE_ALGORITHMS;
    case ExtensionType.MAX_FRAGMENT_LENGTH:
      return Extensions.MAX_FRAGMENT_LENGTH;
    case ExtensionType.RECORD_SIZE_LIMIT:
      return Extensions.RECORD_SIZE_LIMIT;
    case ExtensionType.SUPPORTED_VERSIONS:
      return Extensions.SUPPORTED_VERSIONS;
    case ExtensionType.COOKIE:
      return Extensions.COOKIE;
    case ExtensionType.KEY_SHARE:
      return Extensions.KEY_SHARE;
    default:
      return 0;
  }
}

/**
 * An extension in an answer of the server: `seen` with its bit added, or an error where we did not
 * ask for it, where it does not belong into this message (`allowed`), or where it comes twice.
 */
export function admit(type: i32, seen: i32, allowed: i32, offered: i32): i32 {
  const bit = bitOf(type);
  if ((bit & offered) == 0) return localAlert(Alert.UNSUPPORTED_EXTENSION);
  if ((bit & allowed) == 0 || (bit & seen) != 0) return localAlert(Alert.ILLEGAL_PARAMETER);
  return seen | bit;
}

/**
 * An extension in a message where the server may put what it likes, and we pass over what we do not
 * know.
 */
export function admitRequest(type: i32, seen: i32): i32 {
  const bit = bitOf(type);
  return (bit & seen) != 0 ? localAlert(Alert.ILLEGAL_PARAMETER) : seen | bit;
}
