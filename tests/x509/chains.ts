// Root, authority and leaf from the builder, each part replaceable, and questions about them.

import * as build from "./build.ts";
import { certificate, commonName, extension, generalName, seq, value, type Key } from "./build.ts";
import type { Question, Verdict } from "./support.ts";

export const [rootKey, caKey, leafKey, strangerKey] = Array.from({ length: 4 }, () =>
  build.makeKey(),
) as [Key, Key, Key, Key];
/** When questions are asked. */
export const AT = Date.UTC(2026, 0) / 1000;
const dates = (from: string, to: string): Uint8Array => seq(build.utcTime(from), build.utcTime(to));
export const PAST = dates("200101000000Z", "210101000000Z");
export const FUTURE = dates("400101000000Z", "410101000000Z");

export type Parts = Partial<build.Parts>;

/** A certificate of `name` for `key`, signed by the issuer. */
export function make(
  name: string,
  key: Key,
  issuer: string,
  signer: Key,
  parts: Parts = {},
): Uint8Array {
  const names = { subject: commonName(name), issuer: commonName(issuer) };
  return certificate({ ...names, spki: key.spki, ...parts }, signer);
}

export const root = (parts: Parts = {}): Uint8Array =>
  make("root", rootKey, "root", rootKey, { extensions: build.caExtensions(), ...parts });
export const ca = (parts: Parts = {}): Uint8Array =>
  make("ca", caKey, "root", rootKey, { extensions: build.caExtensions(), ...parts });
export const leaf = (parts: Parts = {}): Uint8Array => make("leaf", leafKey, "ca", caKey, parts);
export const usages = (...oids: string[]): Uint8Array =>
  extension("extendedKeyUsage", value.extendedKeyUsage(...oids));
export const critical = extension("1.2.3.4", build.octets([]), true);
export const dns = (...names: string[]): Uint8Array =>
  extension("subjectAltName", value.subjectAltName(...names.map(generalName.dns)));

export const [ROOT, CA, LEAF] = [root(), ca(), leaf()];

/** What it is, the verdict, the question. */
export type Case = [string, Verdict, Question];
export const ask = (
  chain: Uint8Array[],
  anchors = [ROOT],
  rest: Partial<Question> = {},
): Question => ({
  chain,
  anchors,
  at: AT,
  ...rest,
});

/** A chain whose leaf has this extension. */
export function leafWith(one: Uint8Array, rest: Partial<Question> = {}): Question {
  return ask([leaf({ extensions: [one] }), CA], [ROOT], rest);
}
