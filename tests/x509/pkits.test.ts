// NIST PKITS (2011), the paths whose verdict does not hang on revocation lists or policies.
//
// Certificates are read from Debian's python3-cryptography-vectors (scripts/setup.sh), or from
// the folder in PKITS_DIR. PKITS knows no TLS, so no name
// is asked for. Titles are the suite's sections.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { engines } from "../harness/instance.ts";
import { Tally } from "../vectors/wycheproof.ts";
import { X509 } from "./support.ts";

const folder =
  process.env.PKITS_DIR ??
  "/usr/lib/python3/dist-packages/cryptography_vectors/x509/PKITS_data/certs";
const AT = new Date("2015-06-01T00:00:00Z");

/** Authorities from the anchor down, then the leaf's name, then the verdict. */
const PATHS: [string, string, string][] = [
  // 4.1 signatures
  ["Good", "ValidCertificatePathTest1EE", "ok"],
  // The suite spoilt the signature's first byte, which is its count of unused bits.
  ["BadSigned", "InvalidCASignatureTest2EE", "MALFORMED"],
  ["Good", "InvalidEESignatureTest3EE", "UNTRUSTED"],
  // 4.2 validity
  ["BadnotBeforeDate", "InvalidCAnotBeforeDateTest1EE", "NOT_YET_VALID"],
  ["Good", "InvalidEEnotBeforeDateTest2EE", "NOT_YET_VALID"],
  ["Good", "Validpre2000UTCnotBeforeDateTest3EE", "ok"],
  ["Good", "ValidGeneralizedTimenotBeforeDateTest4EE", "ok"],
  ["BadnotAfterDate", "InvalidCAnotAfterDateTest5EE", "EXPIRED"],
  ["Good", "InvalidEEnotAfterDateTest6EE", "EXPIRED"],
  ["Good", "Invalidpre2000UTCEEnotAfterDateTest7EE", "EXPIRED"],
  ["Good", "ValidGeneralizedTimenotAfterDateTest8EE", "ok"],
  // 4.3 name chaining
  ["Good", "InvalidNameChainingTest1EE", "UNTRUSTED"],
  ["NameOrdering", "InvalidNameChainingOrderTest2EE", "UNTRUSTED"],
  ["Good", "ValidNameChainingWhitespaceTest3EE", "ok"],
  ["Good", "ValidNameChainingWhitespaceTest4EE", "ok"],
  ["Good", "ValidNameChainingCapitalizationTest5EE", "ok"],
  ["UID", "ValidNameUIDsTest6EE", "ok"],
  ["RFC3280MandatoryAttributeTypes", "ValidRFC3280MandatoryAttributeTypesTest7EE", "ok"],
  ["RFC3280OptionalAttributeTypes", "ValidRFC3280OptionalAttributeTypesTest8EE", "ok"],
  ["UTF8StringEncodedNames", "ValidUTF8StringEncodedNamesTest9EE", "ok"],
  [
    "RolloverfromPrintableStringtoUTF8String",
    "ValidRolloverfromPrintableStringtoUTF8StringTest10EE",
    "ok",
  ],
  ["UTF8StringCaseInsensitiveMatch", "ValidUTF8StringCaseInsensitiveMatchTest11EE", "ok"],
  // 4.5 self-issued certificates
  [
    "BasicSelfIssuedNewKey BasicSelfIssuedNewKeyOldWithNew",
    "ValidBasicSelfIssuedOldWithNewTest1EE",
    "ok",
  ],
  [
    "BasicSelfIssuedOldKey BasicSelfIssuedOldKeyNewWithOld",
    "ValidBasicSelfIssuedNewWithOldTest3EE",
    "ok",
  ],
  [
    "BasicSelfIssuedOldKey BasicSelfIssuedOldKeyNewWithOld",
    "ValidBasicSelfIssuedNewWithOldTest4EE",
    "ok",
  ],
  ["BasicSelfIssuedCRLSigningKey", "ValidBasicSelfIssuedCRLSigningKeyTest6EE", "ok"],
  [
    "BasicSelfIssuedCRLSigningKey BasicSelfIssuedCRLSigningKeyCRL",
    "InvalidBasicSelfIssuedCRLSigningKeyTest8EE",
    "UNTRUSTED",
  ],
  // 4.6 basic constraints
  ["MissingbasicConstraints", "InvalidMissingbasicConstraintsTest1EE", "UNTRUSTED"],
  ["basicConstraintsCriticalcAFalse", "InvalidcAFalseTest2EE", "UNTRUSTED"],
  ["basicConstraintsNotCriticalcAFalse", "InvalidcAFalseTest3EE", "UNTRUSTED"],
  ["basicConstraintsNotCritical", "ValidbasicConstraintsNotCriticalTest4EE", "ok"],
  ["pathLenConstraint0 pathLenConstraint0sub", "InvalidpathLenConstraintTest5EE", "CHAIN_TOO_LONG"],
  ["pathLenConstraint0 pathLenConstraint0sub", "InvalidpathLenConstraintTest6EE", "CHAIN_TOO_LONG"],
  ["pathLenConstraint0", "ValidpathLenConstraintTest7EE", "ok"],
  [
    "pathLenConstraint6 pathLenConstraint6sub0 pathLenConstraint6subsub00",
    "InvalidpathLenConstraintTest9EE",
    "CHAIN_TOO_LONG",
  ],
  [
    "pathLenConstraint6 pathLenConstraint6sub0 pathLenConstraint6subsub00",
    "InvalidpathLenConstraintTest10EE",
    "CHAIN_TOO_LONG",
  ],
  [
    "pathLenConstraint6 pathLenConstraint6sub1 " +
      "pathLenConstraint6subsub11 pathLenConstraint6subsubsub11X",
    "InvalidpathLenConstraintTest11EE",
    "CHAIN_TOO_LONG",
  ],
  [
    "pathLenConstraint6 pathLenConstraint6sub4 " +
      "pathLenConstraint6subsub41 pathLenConstraint6subsubsub41X",
    "ValidpathLenConstraintTest13EE",
    "ok",
  ],
  [
    "pathLenConstraint0 pathLenConstraint0SelfIssued",
    "ValidSelfIssuedpathLenConstraintTest15EE",
    "ok",
  ],
  [
    "pathLenConstraint0 pathLenConstraint0SelfIssued pathLenConstraint0sub2",
    "InvalidSelfIssuedpathLenConstraintTest16EE",
    "CHAIN_TOO_LONG",
  ],
  [
    "pathLenConstraint1 pathLenConstraint1SelfIssued " +
      "pathLenConstraint1sub pathLenConstraint1SelfIssuedsub",
    "ValidSelfIssuedpathLenConstraintTest17EE",
    "ok",
  ],
  // 4.7 key usage
  [
    "keyUsageCriticalkeyCertSignFalse",
    "InvalidkeyUsageCriticalkeyCertSignFalseTest1EE",
    "KEY_USAGE",
  ],
  [
    "keyUsageNotCriticalkeyCertSignFalse",
    "InvalidkeyUsageNotCriticalkeyCertSignFalseTest2EE",
    "KEY_USAGE",
  ],
  ["keyUsageNotCritical", "ValidkeyUsageNotCriticalTest3EE", "ok"],
  // 4.13 name constraints
  ...names("DN", "nameConstraintsDN1", "Valid 1 4; Invalid 2 3 20"),
  ...names("DN", "nameConstraintsDN2", "Valid 5"),
  ...names("DN", "nameConstraintsDN3", "Valid 6; Invalid 7"),
  ...names("DN", "nameConstraintsDN4", "Invalid 8 9"),
  ...names("DN", "nameConstraintsDN5", "Invalid 10; Valid 11"),
  ...names("DN", "nameConstraintsDN1 nameConstraintsDN1sub1", "Invalid 12"),
  ...names("DN", "nameConstraintsDN1 nameConstraintsDN1sub2", "Invalid 13; Valid 14"),
  ...names("DN", "nameConstraintsDN3 nameConstraintsDN3sub1", "Invalid 15 16"),
  ...names("DN", "nameConstraintsDN3 nameConstraintsDN3sub2", "Invalid 17; Valid 18"),
  ...names("DN", "nameConstraintsDN1 nameConstraintsDN1SelfIssued", "Valid 19"),
  ...names("RFC822", "nameConstraintsRFC822CA1", "Valid 21; Invalid 22"),
  ...names("RFC822", "nameConstraintsRFC822CA2", "Valid 23; Invalid 24"),
  ...names("RFC822", "nameConstraintsRFC822CA3", "Valid 25; Invalid 26"),
  ...names("DNandRFC822", "nameConstraintsDN1 nameConstraintsDN1sub3", "Valid 27; Invalid 28 29"),
  ...names("DNS", "nameConstraintsDNS1", "Valid 30; Invalid 31 38"),
  ...names("DNS", "nameConstraintsDNS2", "Valid 32; Invalid 33"),
  ...names("URI", "nameConstraintsURI1", "Invalid 35"),
  ...names("URI", "nameConstraintsURI2", "Invalid 37"),
  // 4.16 private extensions
  ["", "ValidUnknownNotCriticalCertificateExtensionTest1EE", "ok"],
  ["", "InvalidUnknownCriticalCertificateExtensionTest2EE", "UNKNOWN_CRITICAL_EXTENSION"],
];

/** Section 4.13: "Valid 1 4; Invalid 2" under these authorities. */
function names(kind: string, authorities: string, verdicts: string): [string, string, string][] {
  return verdicts.split("; ").flatMap((part) => {
    const [word, ...numbers] = part.split(" ") as [string, ...string[]];
    const verdict = word === "Valid" ? "ok" : "NAME_CONSTRAINTS";
    return numbers.map((n): [string, string, string] => [
      authorities,
      `${word}${kind}nameConstraintsTest${n}EE`,
      verdict,
    ]);
  });
}

for (const engine of engines) {
  test(`PKITS (${engine})`, async (t) => {
    assert.ok(existsSync(folder), `${folder} is missing: run scripts/setup.sh`);
    const x = await X509.load(engine);
    const tally = new Tally(`PKITS (${engine})`);
    const wrong: string[] = [];
    for (const [authorities, leaf, expected] of PATHS) {
      const above = authorities.split(" ").filter((name) => name !== "");
      const chain = [read(leaf), ...above.reverse().map((name) => readAuthority(name))];
      const anchors = [read("TrustAnchorRootCertificate")];
      const verdict = x.verify({ chain, anchors, at: AT });
      if (verdict !== expected) wrong.push(`${leaf}: ${verdict}, not ${expected}`);
      tally.ran();
      x.reset();
    }
    for (const test of ["34", "36"]) {
      tally.skip(`4.13.${test}: a permitted URI, and we refuse whoever has a constrained one`);
    }
    tally.report(t);
    assert.deepEqual(wrong, []);
  });
}

function read(name: string): Uint8Array {
  return new Uint8Array(readFileSync(path.join(folder, `${name}.crt`)));
}

/** The suite's file names: "GoodCACert", "pathLenConstraint6subCA0Cert", "…CRLCert". */
function readAuthority(name: string): Uint8Array {
  const [, stem, number] = /^(.*?)(\d*X?)$/.exec(name) as unknown as [string, string, string];
  const tries = [`${name}CACert`, `${stem}CA${number}Cert`, `${name}Cert`];
  const found = tries.find((one) => existsSync(path.join(folder, `${one}.crt`)));
  if (found === undefined) throw new Error(`PKITS has no authority ${name}`);
  return read(found);
}
