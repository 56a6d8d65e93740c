// Calls of RSA verification, for the tests of what must pass and of what must not.

import { createHash } from "node:crypto";
import type { Instance } from "../harness/instance.ts";
import { bytesOf } from "./rsa-keys.ts";

/** TLS HashAlgorithm numbers. */
export const hashIds: Record<string, number> = { sha256: 4, sha384: 5, sha512: 6 };

export interface Key {
  n: Uint8Array;
  e: Uint8Array;
}

/** Without leading zeros. */
export const stripped = (bytes: Uint8Array): Buffer => {
  const first = bytes.findIndex((byte) => byte !== 0);
  return Buffer.from(first < 0 ? [] : bytes.subarray(first));
};

export const publicOf = ({ n, e }: { n: bigint; e: bigint }): Key => ({
  n: bytesOf(n),
  e: bytesOf(e),
});

export const digestOf = (hash: string, message: Uint8Array): Buffer =>
  createHash(hash).update(message).digest();

export function verifyPkcs1(
  m: Instance,
  hash: string,
  digest: Uint8Array,
  s: Uint8Array,
  key: Key,
) {
  const { n, e } = key;
  const ranges = [m.put(s), s.length, m.put(n), n.length, m.put(e), e.length];
  const valid = m.call("rsaVerifyPkcs1", hashIds[hash] ?? 0, m.put(digest), ...ranges);
  m.reset();
  return valid === 1;
}

export function verifyPss(
  m: Instance,
  hash: string,
  saltLen: number,
  digest: Uint8Array,
  s: Uint8Array,
  { n, e }: Key,
) {
  const ranges = [m.put(s), s.length, m.put(n), n.length, m.put(e), e.length];
  const valid = m.call("rsaVerifyPss", hashIds[hash] ?? 0, saltLen, m.put(digest), ...ranges);
  m.reset();
  return valid === 1;
}
