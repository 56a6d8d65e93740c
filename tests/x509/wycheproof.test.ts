// Wycheproof's keys and signatures in their DER, which tests/crypto takes apart by itself: ECDSA
// signatures under a certificate's key, and the keys of the ECDH files as a certificate's.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { P256, P384, P521, pointOfSpki } from "../crypto/numbers.ts";
import { engines } from "../harness/instance.ts";
import { Tally, wycheproof } from "../vectors/wycheproof.ts";
import { certificate, makeKey } from "./build.ts";
import { X509 } from "./support.ts";

/** File, curve, and the scheme that the curve has in TLS. */
const SIGNATURES = [
  ["ecdsa_secp256r1_sha256", P256, 0x0403],
  ["ecdsa_secp256r1_sha512", P256, 0x0403],
  ["ecdsa_secp384r1_sha384", P384, 0x0503],
  ["ecdsa_secp384r1_sha512", P384, 0x0503],
  ["ecdsa_secp521r1_sha512", P521, 0x0603],
] as const;

/** File, curve, and its KeyType. */
const KEYS = [
  ["ecdh_secp256r1", P256, 3],
  ["ecdh_secp384r1", P384, 4],
] as const;

const hex = (text: string): Buffer => Buffer.from(text, "hex");
const signer = makeKey();

for (const engine of engines) {
  for (const [name, curve, scheme] of SIGNATURES) {
    test(`ECDSA signatures in DER: Wycheproof, ${name} (${engine})`, async (t) => {
      const file = wycheproof<{ msg: string; sig: string }, { sha: string; publicKeyDer: string }>(
        name,
      );
      if (file === null) return t.skip("no Wycheproof files here");
      const x = await X509.load(engine);
      const most = Math.max(...file.groups.map(({ tests }) => tests.length));
      const tally = new Tally(`${file.file}, in DER`);
      for (const group of file.groups) {
        const der = certificate({ spki: hex(group.publicKeyDer) }, signer);
        for (const one of group.tests) {
          // All that is wrong with the DER is in the largest group.
          const rare = group.tests.length < most || (curve === P521 && one.tcId % 8 !== 0);
          if (engine === "wasm3" && rare) {
            tally.skip("left out on the slow engine");
            continue;
          }
          // A longer digest counts as far as the order's bits go: these schemes have no SHA-512.
          const digest = createHash(group.sha.toLowerCase().replace("-", ""))
            .update(hex(one.msg))
            .digest()
            .subarray(0, curve.size);
          const sig = hex(one.sig);
          const args = [scheme, x.m.put(digest), x.m.put(sig), sig.length] as const;
          const valid = x.m.call("verifyHashed", x.parse(der), ...args) === 1;
          assert.equal(valid, one.result === "valid", `case ${one.tcId} ${one.comment}`);
          tally.ran();
          x.reset();
        }
      }
      tally.report(t, file.numberOfTests);
    });
  }

  for (const [name, curve, keyAlgorithm] of KEYS) {
    test(`keys of certificates: Wycheproof, ${name} (${engine})`, async (t) => {
      const file = wycheproof<{ public: string }>(name);
      if (file === null) return t.skip("no Wycheproof files here");
      const x = await X509.load(engine);
      const tally = new Tally(`${file.file}, as keys of certificates`);
      for (const one of file.groups.flatMap((group) => group.tests)) {
        const { c, verdict } = x.tryParse(certificate({ spki: hex(one.public) }, signer));
        const taken = verdict === "ok" && x.field(c, "keyAlgorithm") === keyAlgorithm;
        // A point that is not of the curve is refused by whoever calculates with it.
        const point = pointOfSpki(curve, one.public);
        assert.equal(taken, point !== null, `case ${one.tcId} ${one.comment}`);
        if (taken) assert.equal(x.field(c, "keySize"), point!.length);
        if (one.result === "valid") assert.ok(taken, `case ${one.tcId} ${one.comment}`);
        tally.ran();
        x.reset();
      }
      tally.report(t, file.numberOfTests);
    });
  }
}
