// ECDSA over every hash: NIST's CAVP files as a whole, of FIPS 186-3. What SigGen signed must
// verify, and what our own code makes of its keys and messages.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { engines, type Instance, loadEntry } from "../harness/instance.ts";
import { readCavp, spread } from "../vectors/cavp.ts";
import type { RspCase } from "../vectors/rsp.ts";
import { Tally } from "../vectors/wycheproof.ts";
import { type NistCurve, P256, P384, P521 } from "./numbers.ts";

const curves: Record<string, NistCurve> = { "P-256": P256, "P-384": P384, "P-521": P521 };
const FOLDER = "asymmetric/ECDSA/FIPS_186-3";

/** TLS HashAlgorithm numbers. */
const hashIds: Record<string, number> = { "SHA-256": 4, "SHA-384": 5, "SHA-512": 6 };

interface Case {
  one: RspCase;
  curve: NistCurve;
  hash: string;
  digest: Buffer;
}

function ourCases(file: string, last: string): Case[] {
  return readCavp(`${FOLDER}/${file}`, last).flatMap((one) => {
    const [name, hash] = one.section.split(",") as [string, string];
    const curve = curves[name];
    if (curve === undefined) return [];
    const digest = createHash(hash.replace("-", "")).update(one.bytes("Msg")).digest();
    return [{ one, curve, hash, digest }];
  });
}

function verify(m: Instance, { one, curve, digest }: Case, rs: Buffer): boolean {
  const [x, y] = [one.number("Qx", curve.size), one.number("Qy", curve.size)];
  const key = Buffer.concat([Buffer.of(4), x, y]);
  const args = [m.put(key), key.length, m.put(digest), digest.length, m.put(rs)];
  const valid = m.call("ecdsaVerify", curve.id, ...args);
  m.reset();
  return valid === 1;
}

const signatureOf = ({ one, curve }: Case): Buffer =>
  Buffer.concat([one.number("R", curve.size), one.number("S", curve.size)]);

for (const engine of engines) {
  test(`ECDSA: NIST CAVP SigVer and SigGen (${engine})`, async (t) => {
    const m = await loadEntry("crypto-sign", engine);
    for (const [file, last] of [
      ["SigVer.rsp", "Result"],
      ["SigGen.txt", "S"],
    ] as const) {
      const tally = new Tally(`NIST CAVP, ECDSA ${file}`);
      const cases = ourCases(file, last);
      assert.equal(cases.length, 225);
      for (const one of spread(cases, 10, engine, tally)) {
        const what = `${one.one.section} ${one.one.passes}`;
        assert.equal(verify(m, one, signatureOf(one)), one.one.passes, what);
        tally.ran();
      }
      tally.report(t, cases.length);
    }
  });

  test(`ECDSA: signatures under NIST CAVP's keys (${engine})`, async (t) => {
    const m = await loadEntry("crypto-sign", engine);
    const tally = new Tally("NIST CAVP, ECDSA SigGen.txt, signed anew");
    const all = ourCases("SigGen.txt", "S");
    const cases = all.filter(({ curve, hash }) => hash in hashIds && curve !== P521);
    for (const one of spread(cases, 30, engine, tally)) {
      const { curve, hash, digest } = one;
      const rs = m.alloc(2 * curve.size);
      const scalar = m.put(one.one.number("d", curve.size));
      const entropy = m.put(digest.subarray(0, 32));
      const args = [rs, scalar, hashIds[hash]!, m.put(digest), entropy];
      assert.equal(m.call("ecdsaSign", curve.id, ...args), 0);
      assert.ok(verify(m, one, Buffer.from(m.read(rs, 2 * curve.size))));
      tally.ran();
    }
    tally.report(t, cases.length);
  });
}
