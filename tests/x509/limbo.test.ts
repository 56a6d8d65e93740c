// C2SP x509-limbo: chains with an expected verdict, for RFC 5280 and the web's additional rules.
//
// The file is not part of the project: it is read from ../shared/vectors/x509-limbo, or from the
// path in LIMBO_FILE, and the test is skipped where there is none. Every case is run, skipped for a
// stated reason, or listed in POLICY below with why our verdict is another.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { engines } from "../harness/instance.ts";
import { Tally } from "../vectors/wycheproof.ts";
import { pemToDer, X509 } from "./support.ts";

interface LimboCase {
  id: string;
  features: string[];
  validation_kind: "SERVER" | "CLIENT";
  trusted_certs: string[];
  untrusted_intermediates: string[];
  peer_certificate: string;
  validation_time: string | null;
  expected_result: "SUCCESS" | "FAILURE";
  expected_peer_name: { kind: "DNS" | "IP" | "RFC822"; value: string } | null;
}

const here = path.dirname(fileURLToPath(import.meta.url));
const file =
  process.env.LIMBO_FILE ?? path.join(here, "../../../shared/vectors/x509-limbo/limbo-half.json");

/**
 * Where our verdict is not the suite's, and why. Patterns of ids, and the verdict that is expected
 * instead.
 */
const POLICY: [RegExp, string, string][] = [
  [
    /^rfc5280::ca-as-leaf$|^pathlen::validation-ignores-pathlen-in-leaf$/,
    "KEY_USAGE",
    "RFC 8446, 4.4.2.2: a leaf's keyUsage must have digitalSignature; these are authorities'",
  ],
  [
    /^rfc5280::aki::.*missing-aki|^rfc5280::ski::.*missing-ski|^webpki::aki::root-with-aki/,
    "ok",
    "key identifiers are hints for the search, so their absence or extra fields change nothing",
  ],
  [
    /^rfc5280::nc::permitted-dns-match-noncritical$/,
    "ok",
    "name constraints are enforced whether or not they are marked critical",
  ],
  [/^webpki::cn::.*-mismatch$/, "ok", "with a subjectAltName the common name is never looked at"],
  [
    /^webpki::san::no-san$/,
    "ok",
    "api.md: the common name counts where there is no subjectAltName",
  ],
  [
    /^webpki::san::san-critical-with-nonempty-subject$/,
    "ok",
    "RFC 5280, 4.2.1.6 only advises against it",
  ],
  [
    /^webpki::v1-cert$/,
    "ok",
    "version 1 leaves, as openssl makes them: never authorities, and MicroPython takes them",
  ],
  [
    /^webpki::ee-basicconstraints-ca$/,
    "ok",
    "RFC 5280 says nothing against an authority's certificate that also serves",
  ],
];

for (const engine of engines) {
  test(`x509-limbo (${engine})`, async (t) => {
    if (!existsSync(file)) return t.skip(`no ${path.basename(file)}`);
    const cases = (JSON.parse(readFileSync(file, "utf8")) as { testcases: LimboCase[] }).testcases;
    const x = await X509.load(engine);
    const tally = new Tally(`x509-limbo (${engine})`);
    let byPolicy = 0;
    const wrong: string[] = [];
    for (const one of cases) {
      const reason = skipReason(one);
      if (reason !== null) {
        tally.skip(reason);
        continue;
      }
      const policy = POLICY.find(([id]) => id.test(one.id));
      const expected = policy?.[1] ?? (one.expected_result === "SUCCESS" ? "ok" : "a refusal");
      const verdict = run(x, one);
      const agrees = expected === "a refusal" ? verdict !== "ok" : verdict === expected;
      if (!agrees) wrong.push(`${one.id}: ${verdict}, not ${expected}`);
      tally.ran();
      if (policy) byPolicy++;
    }
    tally.report(t, cases.length);
    t.diagnostic(`${byPolicy} of them with a verdict of our own, see POLICY`);
    assert.deepEqual(wrong, []);
    assert.equal(x.m.call("scratchUsed"), 0);
  });
}

function skipReason(one: LimboCase): string | null {
  if (one.features.some((feature) => feature.startsWith("pedantic-"))) return "pedantic";
  if (one.features.includes("has-crl")) return "revocation lists";
  return null;
}

function run(x: X509, one: LimboCase): string {
  const name = one.expected_peer_name;
  const verdict = x.verify({
    chain: [one.peer_certificate, ...one.untrusted_intermediates].flatMap(pemToDer),
    anchors: one.trusted_certs.flatMap(pemToDer),
    ...(one.validation_time === null ? {} : { at: new Date(one.validation_time) }),
    purpose: one.validation_kind === "SERVER" ? "server" : "client",
    ...(name === null || name.kind === "RFC822" ? {} : { name: name.value }),
  });
  x.reset();
  return verdict;
}
