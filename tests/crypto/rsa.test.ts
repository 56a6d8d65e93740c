import assert from "node:assert/strict";
import { constants, sign } from "node:crypto";
import { test } from "node:test";
import { type Instance, limbEngines, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { readRsp } from "../vectors/rsp.ts";
import { Tally, type WycheproofGroup, sample, wycheproof } from "../vectors/wycheproof.ts";
import { fromBig } from "./numbers.ts";
import {
  type PssFaults,
  digestInfo,
  encodePss,
  makeRsaKey,
  padPkcs1,
  signRaw,
} from "./rsa-keys.ts";
import { digestOf, hashIds, publicOf, stripped, verifyPkcs1, verifyPss } from "./rsa-verify.ts";

const seed = new Random(8017);
const key2048 = makeRsaKey(2048, 65537n, seed);
// Odd sizes: 1 mod 8 makes a PSS encoding one byte shorter than the modulus.
const keys = [
  makeRsaKey(1024, 3n, seed),
  makeRsaKey(1025, 65537n, seed),
  makeRsaKey(1031, 17n, seed),
  makeRsaKey(1535, 65537n, seed),
  key2048,
  makeRsaKey(2047, 65537n, seed),
  makeRsaKey(2049, 65537n, seed),
  makeRsaKey(2056, 65537n, seed),
  makeRsaKey(3073, 3n, seed),
  makeRsaKey(3071, 0xffff_ffff_ffff_ffc5n, seed), // the largest prime of 64 bits
  makeRsaKey(4096, 3n, seed),
];

for (const engine of limbEngines) {
  const m = await loadEntry("crypto-public", engine);
  const slow = engine === "wasm3";

  for (const [file, isPss] of [
    ["cavp-rsa-pkcs1.rsp", false],
    ["cavp-rsa-pss.rsp", true],
  ] as const) {
    test(`RSA: NIST CAVP ${file} (${engine})`, (t) => {
      const cases = readRsp(file);
      const tally = new Tally(file);
      for (const one of cases) {
        const hash = one.text("SHAAlg").toLowerCase();
        const digest = digestOf(hash, one.bytes("Msg"));
        const key = { n: one.bytes("n"), e: one.bytes("e") };
        const valid = isPss
          ? verifyPss(m, hash, one.bytes("SaltVal").length, digest, one.bytes("S"), key)
          : verifyPkcs1(m, hash, digest, one.bytes("S"), key);
        assert.equal(valid, one.passes, one.text("Result"));
        tally.ran();
      }
      tally.report(t, cases.length);
    });
  }

  for (const key of keys) {
    test(`RSA: ${key.bits} bits, e = ${key.e}, the same as Node's (${engine})`, () => {
      const random = new Random(key.bits);
      for (const hash of ["sha256", "sha384", "sha512"]) {
        const message = random.bytes(64);
        const digest = digestOf(hash, message);
        const signature = sign(hash, message, key.privateKey);
        assert.ok(verifyPkcs1(m, hash, digest, signature, publicOf(key)));
        const room = Math.ceil((key.bits - 1) / 8) - digest.length - 2;
        // No salt, the length that TLS wants, the longest.
        for (const saltLength of new Set([0, Math.min(digest.length, room), room])) {
          if (saltLength < 0) continue;
          const padding = constants.RSA_PKCS1_PSS_PADDING;
          const pss = sign(hash, message, { key: key.privateKey, padding, saltLength });
          assert.ok(verifyPss(m, hash, saltLength, digest, pss, publicOf(key)));
          assert.ok(!verifyPss(m, hash, saltLength + 1, digest, pss, publicOf(key)));
          assert.ok(!verifyPss(m, hash, saltLength - 1, digest, pss, publicOf(key)));
          assert.ok(!verifyPkcs1(m, hash, digest, pss, publicOf(key)), "another scheme");
        }
        assert.ok(!verifyPss(m, hash, 0, digest, signature, publicOf(key)), "another scheme");
        const bit = random.below(8 * signature.length);
        signature[bit >> 3]! ^= 1 << (bit & 7);
        assert.ok(!verifyPkcs1(m, hash, digest, signature, publicOf(key)), `bit ${bit}`);
      }
    });
  }

  test(`PKCS#1 v1.5: only the one right encoding passes (${engine})`, () => {
    const { size } = key2048;
    const digest = digestOf("sha256", Buffer.from("encoding"));
    const info = digestInfo("sha256", digest);
    const right = padPkcs1(size, info);
    const changed = (at: number, to: number): Buffer => {
      const em = Buffer.from(right);
      em[at] = to;
      return em;
    };
    const separator = size - info.length - 1;
    const long = Buffer.concat([Buffer.of(0x30, 0x81), info.subarray(1)]); // length in two bytes
    const wrong: Record<string, Buffer> = {
      "no NULL": padPkcs1(size, digestInfo("sha256", digest, "")),
      "other parameters": padPkcs1(size, digestInfo("sha256", digest, "0401aa")),
      "a longer NULL": padPkcs1(size, digestInfo("sha256", digest, "050100")),
      "another hash": padPkcs1(size, digestInfo("sha384", digest)),
      "no DigestInfo": padPkcs1(size, digest),
      "BER length": padPkcs1(size, long),
      "block type 0": changed(1, 0),
      "block type 2": changed(1, 2),
      "first byte 1": changed(0, 1),
      "padding not FF": changed(9, 0xfe),
      "padding ends early": changed(10, 0),
      "no separator": changed(separator, 0xff),
      "separator 1": changed(separator, 1),
      "digest changed": changed(size - 1, right[size - 1]! ^ 1),
      "garbage behind": Buffer.concat([
        Buffer.of(0, 1, 255, 255, 255, 255, 255, 255, 255, 255, 0),
        info,
        Buffer.alloc(size - info.length - 11, 7),
      ]),
      "zeros behind": Buffer.concat([right.subarray(0, 2), right.subarray(3), Buffer.of(0)]),
    };
    const open = (em: Buffer): boolean =>
      verifyPkcs1(m, "sha256", digest, signRaw(key2048, em), publicOf(key2048));
    assert.ok(open(right));
    for (const [what, em] of Object.entries(wrong)) {
      assert.equal(em.length, size, what);
      assert.ok(!open(em), what);
    }
  });

  test(`PSS: every check of RFC 8017, 9.1.2 (${engine})`, () => {
    const digest = digestOf("sha256", Buffer.from("pss"));
    const salt = new Random(9).bytes(32);
    const faults: Record<string, PssFaults> = {
      "step 4: trailer": { trailer: 0xcc },
      "step 6: bits above emBits": { top: 0x80 },
      "step 10: padding": { padding: 1 },
      "step 10: separator 0": { separator: 0 },
      "step 10: separator 2": { separator: 2 },
      "step 14: hash": { hash: 1 },
      "MGF1 over SHA-1": { maskHash: "sha1" },
      "MGF1 over SHA-512": { maskHash: "sha512" },
    };
    for (const key of keys) {
      const encode = (fault: PssFaults, from = salt): Buffer =>
        encodePss("sha256", digest, from, key.bits, fault);
      const open = (em: Buffer, saltLen = 32): boolean =>
        verifyPss(m, "sha256", saltLen, digest, signRaw(key, em), publicOf(key));
      assert.ok(open(encode({})), `${key.bits}`);
      for (const [what, fault] of Object.entries(faults)) {
        const em = encode(fault);
        // Bits above emBits may make the number too large, or not exist at all.
        if (fault.top !== undefined && (key.bits % 8 === 1 || fromBig(em) >= key.n)) continue;
        assert.ok(!open(em), `${key.bits} ${what}`);
      }
      assert.ok(!open(encode({}, salt.subarray(1))), "a shorter salt");
      assert.ok(open(encode({}, salt.subarray(1)), 31));
      assert.ok(!open(encode({}), -1));
      assert.ok(!open(encode({}), 0x7fffffff));
      if (key.bits % 8 === 1) {
        const em = encode({});
        em[0] = 1; // the byte that is not part of the encoding
        if (fromBig(em) < key.n) assert.ok(!open(em), "a first byte that is not zero");
      }
    }
  });

  const files = ["2048", "3072", "4096"].flatMap((bits) =>
    ["sha256", "sha384", "sha512"].map((hash) => `rsa_signature_${bits}_${hash}`),
  );
  test(`PKCS#1 v1.5: Wycheproof (${engine})`, (t) => {
    for (const name of files) runWycheproof(m, t, name, slow);
  });

  const pssFiles = [
    "rsa_pss_2048_sha256_mgf1_0",
    "rsa_pss_2048_sha256_mgf1_0_params",
    "rsa_pss_2048_sha256_mgf1_32",
    "rsa_pss_2048_sha256_mgf1_32_params",
    "rsa_pss_2048_sha384_mgf1_48",
    "rsa_pss_3072_sha256_mgf1_32",
    "rsa_pss_3072_sha256_mgf1_32_params",
    "rsa_pss_4096_sha256_mgf1_32",
    "rsa_pss_4096_sha384_mgf1_48",
    "rsa_pss_4096_sha512_mgf1_32",
    "rsa_pss_4096_sha512_mgf1_32_params",
    "rsa_pss_4096_sha512_mgf1_64",
    "rsa_pss_4096_sha512_mgf1_64_params",
    "rsa_pss_misc",
    "rsa_pss_misc_params",
  ];
  test(`PSS: Wycheproof (${engine})`, (t) => {
    for (const name of pssFiles) runWycheproof(m, t, name, slow);
  });
}

interface RsaGroup {
  sha: string;
  mgf?: string;
  mgfSha?: string;
  sLen?: number;
  publicKey: { modulus: string; publicExponent: string };
}

interface RsaCase {
  msg: string;
  sig: string;
}

/** Why a group is not ours to run, or null. */
function reasonToSkip(group: WycheproofGroup<RsaCase, RsaGroup>): string | null {
  const hash = group.sha.toLowerCase().replace("-", "");
  if (!(hash in hashIds)) return `over ${group.sha}, which TLS 1.3 and our chains do not use`;
  if (group.mgfSha !== undefined && group.mgfSha !== group.sha) {
    return "MGF1 over another hash than the message's, which no TLS scheme has";
  }
  return null;
}

function runWycheproof(
  m: Instance,
  t: { diagnostic(message: string): void; skip(message: string): void },
  name: string,
  slow: boolean,
): void {
  const file = wycheproof<RsaCase, RsaGroup>(name);
  if (file === null) return t.skip("no Wycheproof files here");
  const chosen = sample(file.groups, 1);
  const tally = new Tally(file.file);
  for (const group of file.groups) {
    const reason = reasonToSkip(group);
    const n = stripped(Buffer.from(group.publicKey.modulus, "hex"));
    const e = stripped(Buffer.from(group.publicKey.publicExponent, "hex"));
    const hash = group.sha.toLowerCase().replace("-", "");
    for (const one of group.tests) {
      if (reason !== null) {
        tally.skip(reason);
      } else if (slow && !chosen.has(one)) {
        tally.skip("left out on the slow engine");
      } else {
        const s = Buffer.from(one.sig, "hex");
        const digest = digestOf(hash, Buffer.from(one.msg, "hex"));
        const valid =
          group.sLen === undefined
            ? verifyPkcs1(m, hash, digest, s, { n, e })
            : verifyPss(m, hash, group.sLen, digest, s, { n, e });
        // Acceptable is a missing NULL, which we refuse.
        assert.equal(valid, one.result === "valid", `${name} ${one.tcId} ${one.comment}`);
        tally.ran();
      }
    }
  }
  if (tally.run > 0) tally.report(t, file.numberOfTests);
  else t.diagnostic(tally.toString());
}
