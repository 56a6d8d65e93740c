// The object identifiers that certificates are checked by, as small numbers. Whatever is not in the
// table is UNKNOWN: an unknown algorithm cannot be verified, an unknown critical extension refuses
// its certificate, an unknown attribute is only text.
//
// Arcs: PKCS#1 (RFC 8017, A), ANSI X9.62 and SEC 2 (RFC 5480), NIST hashes (RFC 5754), id-ce and
// id-kp (RFC 5280), X.520 attributes (RFC 4519), id-Ed25519 (RFC 8410).

import { equalVarTime } from "../base/bytes";
import { Reader } from "../base/reader";
import * as der from "./der";

export namespace Oid {
  export const UNKNOWN: u8 = 0;

  export const RSA_ENCRYPTION: u8 = 1;
  export const RSASSA_PSS: u8 = 2;
  export const MGF1: u8 = 3;
  export const EC_PUBLIC_KEY: u8 = 4;
  export const P256: u8 = 5;
  export const P384: u8 = 6;
  export const ED25519: u8 = 7;
  export const P521: u8 = 8;

  export const MD5_WITH_RSA: u8 = 10;
  export const SHA1_WITH_RSA: u8 = 11;
  export const SHA224_WITH_RSA: u8 = 12;
  export const SHA256_WITH_RSA: u8 = 13;
  export const SHA384_WITH_RSA: u8 = 14;
  export const SHA512_WITH_RSA: u8 = 15;
  export const ECDSA_WITH_SHA1: u8 = 16;
  export const ECDSA_WITH_SHA224: u8 = 17;
  export const ECDSA_WITH_SHA256: u8 = 18;
  export const ECDSA_WITH_SHA384: u8 = 19;
  export const ECDSA_WITH_SHA512: u8 = 20;
  export const SHA1: u8 = 21;
  export const SHA256: u8 = 22;
  export const SHA384: u8 = 23;
  export const SHA512: u8 = 24;

  export const SUBJECT_KEY_IDENTIFIER: u8 = 30;
  export const KEY_USAGE: u8 = 31;
  export const SUBJECT_ALT_NAME: u8 = 32;
  export const BASIC_CONSTRAINTS: u8 = 33;
  export const NAME_CONSTRAINTS: u8 = 34;
  export const AUTHORITY_KEY_IDENTIFIER: u8 = 35;
  export const EXTENDED_KEY_USAGE: u8 = 36;
  export const ANY_EXTENDED_KEY_USAGE: u8 = 37;
  export const SERVER_AUTH: u8 = 38;
  export const CLIENT_AUTH: u8 = 39;

  export const COMMON_NAME: u8 = 50;
  export const SERIAL_NUMBER: u8 = 51;
  export const COUNTRY: u8 = 52;
  export const LOCALITY: u8 = 53;
  export const STATE: u8 = 54;
  export const STREET: u8 = 55;
  export const ORGANIZATION: u8 = 56;
  export const ORGANIZATIONAL_UNIT: u8 = 57;
  export const DOMAIN_COMPONENT: u8 = 58;
  export const USER_ID: u8 = 59;
  export const EMAIL_ADDRESS: u8 = 60;
}

/** Rows: number, size, content bytes. A row of number 0 ends the table. */
// prettier-ignore
const TABLE: usize = memory.data<u8>([
  Oid.RSA_ENCRYPTION, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01,
  Oid.MD5_WITH_RSA, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04,
  Oid.SHA1_WITH_RSA, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05,
  Oid.MGF1, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08,
  Oid.RSASSA_PSS, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a,
  Oid.SHA256_WITH_RSA, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b,
  Oid.SHA384_WITH_RSA, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c,
  Oid.SHA512_WITH_RSA, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d,
  Oid.SHA224_WITH_RSA, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0e,
  Oid.EC_PUBLIC_KEY, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
  Oid.P256, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
  Oid.P384, 5, 0x2b, 0x81, 0x04, 0x00, 0x22,
  Oid.P521, 5, 0x2b, 0x81, 0x04, 0x00, 0x23,
  Oid.ED25519, 3, 0x2b, 0x65, 0x70,
  Oid.ECDSA_WITH_SHA1, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01,
  Oid.ECDSA_WITH_SHA224, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x01,
  Oid.ECDSA_WITH_SHA256, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02,
  Oid.ECDSA_WITH_SHA384, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03,
  Oid.ECDSA_WITH_SHA512, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04,
  Oid.SHA1, 5, 0x2b, 0x0e, 0x03, 0x02, 0x1a,
  Oid.SHA256, 9, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
  Oid.SHA384, 9, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02,
  Oid.SHA512, 9, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03,
  Oid.SUBJECT_KEY_IDENTIFIER, 3, 0x55, 0x1d, 0x0e,
  Oid.KEY_USAGE, 3, 0x55, 0x1d, 0x0f,
  Oid.SUBJECT_ALT_NAME, 3, 0x55, 0x1d, 0x11,
  Oid.BASIC_CONSTRAINTS, 3, 0x55, 0x1d, 0x13,
  Oid.NAME_CONSTRAINTS, 3, 0x55, 0x1d, 0x1e,
  Oid.AUTHORITY_KEY_IDENTIFIER, 3, 0x55, 0x1d, 0x23,
  Oid.EXTENDED_KEY_USAGE, 3, 0x55, 0x1d, 0x25,
  Oid.ANY_EXTENDED_KEY_USAGE, 4, 0x55, 0x1d, 0x25, 0x00,
  Oid.SERVER_AUTH, 8, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01,
  Oid.CLIENT_AUTH, 8, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02,
  Oid.COMMON_NAME, 3, 0x55, 0x04, 0x03,
  Oid.SERIAL_NUMBER, 3, 0x55, 0x04, 0x05,
  Oid.COUNTRY, 3, 0x55, 0x04, 0x06,
  Oid.LOCALITY, 3, 0x55, 0x04, 0x07,
  Oid.STATE, 3, 0x55, 0x04, 0x08,
  Oid.STREET, 3, 0x55, 0x04, 0x09,
  Oid.ORGANIZATION, 3, 0x55, 0x04, 0x0a,
  Oid.ORGANIZATIONAL_UNIT, 3, 0x55, 0x04, 0x0b,
  Oid.DOMAIN_COMPONENT, 10, 0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19,
  Oid.USER_ID, 10, 0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x01,
  Oid.EMAIL_ADDRESS, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01,
  0,
]);

/** Reads an OBJECT IDENTIFIER; gives its number in Oid. */
export function readOid(r: Reader): u32 {
  const n = der.oidHeader(r);
  return oidNumber(r.skip(n), n);
}

/** The number of the n content bytes at p, Oid.UNKNOWN where they are not in the table. */
export function oidNumber(p: usize, n: i32): u32 {
  let row = TABLE;
  while (load<u8>(row) != Oid.UNKNOWN) {
    const size: i32 = load<u8>(row, 1);
    if (size == n && equalVarTime(row + 2, p, n)) return load<u8>(row);
    row += 2 + size;
  }
  return Oid.UNKNOWN;
}
