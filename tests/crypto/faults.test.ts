// Signatures are made with one fault in a write to memory, at random and often (harness/faults.ts).
// What comes out must be an error with zeros, or a signature that Node verifies: a wrong one can
// give the key away.
//
// A fault that leads to a valid signature is harmless: it was in the nonce, in the blinding, in
// what is overwritten or never read again. A trap is as good as an error: the program ends. One
// fault is allowed to come through: a bit of the signature itself, turned over when the check is
// done and zeroBytesIf writes the signature back. It is what it would be on the way to the peer.

import assert from "node:assert/strict";
import { type KeyObject, constants, createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { compileEntry } from "../harness/compile.ts";
import { type Fault, type FaultyInstance, type Outcome, FaultyProgram } from "../harness/faults.ts";
import { Random } from "../harness/random.ts";
import {
  type NistCurve,
  P256,
  P384,
  encodePoint,
  fromBig,
  mod,
  multiplyAffine,
  toBig,
} from "./numbers.ts";
import { nonceOf } from "./nonce.ts";
import { type RsaKey, bytesOf, makeRsaKey } from "./rsa-keys.ts";

const long = process.env.WASSL_LONG === "1";
const seed = Number(process.env.WASSL_SEED ?? 1997);

const EIO = -5;
const SHA256 = 4;
/** Writes that come after the check. */
const AFTER_THE_CHECK = "assembly/base/ct/zeroBytesIf";
const NOTICED = ["error", "trap"] as const;
const HARMLESS = ["valid", "bit of the output"] as const;
type Verdict = (typeof NOTICED)[number] | (typeof HARMLESS)[number];

const message = new TextEncoder().encode("one fault");
const digest = createHash("sha256").update(message).digest();

/** A call that signs. */
interface Call {
  name: string;
  args: number[];
  out: number;
}

interface Subject {
  name: string;
  /** Bytes of a signature. */
  size: number;
  /** Faults of each kind in `npm test`. */
  trials: number;
  prepare(m: FaultyInstance): Call;
  isValid(signature: Uint8Array): boolean;
}

function ecdsa(curve: NistCurve, trials: number): Subject {
  const { id, size } = curve;
  const d = new Random(186).bytes(size).fill(0x51, 0, 1);
  const Q = encodePoint(curve, multiplyAffine(curve, fromBig(d), curve.G));
  const [x, y] = [Q.subarray(1, 1 + size), Q.subarray(1 + size)].map((b) =>
    b.toString("base64url"),
  );
  const key = createPublicKey({ key: { kty: "EC", crv: curve.name, x, y }, format: "jwk" });
  return {
    name: `ECDSA on ${curve.name}`,
    size: 2 * size,
    trials,
    prepare(m) {
      const out = m.put(new Uint8Array(2 * size).fill(0xee));
      const entropy = m.put(new Random(6979).bytes(32));
      const args = [id, out, m.put(d), SHA256, m.put(digest), entropy];
      return { name: "ecdsaSign", args, out };
    },
    isValid: (rs) => verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, rs),
  };
}

function edDsa(trials: number): Subject {
  const secret = new Random(8032).bytes(32);
  const x = Buffer.from(ed25519.getPublicKey(secret)).toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  return {
    name: "Ed25519",
    size: 64,
    trials,
    prepare(m) {
      const out = m.put(new Uint8Array(64).fill(0xee));
      const args = [out, m.put(secret), m.put(message), message.length];
      return { name: "ed25519Sign", args, out };
    },
    isValid: (signature) => verify(null, message, key, signature),
  };
}

function rsa(key: RsaKey, withPrimes: boolean, isPss: boolean, trials: number): Subject {
  const publicKey = createPublicKey(key.privateKey);
  const kind = `${withPrimes ? "primes" : "d alone"}, ${isPss ? "PSS" : "PKCS#1 v1.5"}`;
  return {
    name: `RSA-${key.bits}, ${kind}`,
    size: key.size,
    trials,
    prepare(m) {
      const out = m.put(new Uint8Array(key.size).fill(0xee));
      const words = Object.values(key.numbers).flatMap((number: bigint, i) => {
        const bytes = bytesOf(number);
        return withPrimes || i < 3 ? [m.put(bytes), bytes.length] : [0, 0];
      });
      const record = m.put(new Uint8Array(Uint32Array.from(words).buffer));
      const drbg = seededDrbg(m);
      const salt = isPss ? m.put(new Random(8017).bytes(32)) : 0;
      return { name: "rsaSign", args: [out, record, m.put(digest), salt, drbg], out };
    },
    isValid: (signature) => isRsaSignature(publicKey, isPss, signature),
  };
}

function isRsaSignature(publicKey: KeyObject, isPss: boolean, signature: Uint8Array): boolean {
  const { RSA_PKCS1_PADDING, RSA_PKCS1_PSS_PADDING } = constants;
  const padding = isPss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING;
  return verify("sha256", message, { key: publicKey, padding, saltLength: 32 }, signature);
}

function seededDrbg(m: FaultyInstance): number {
  const drbg = m.put(new Uint8Array(Number(m.call("drbgStateSize", []).result)));
  m.call("drbgBegin", [drbg, m.put(new Random(48).bytes(48)), 48]);
  return drbg;
}

/** What a call gives, with a fault or without. */
function sign(subject: Subject, fault: Fault | null, limit?: number): [Outcome, Buffer] {
  const m = program.start();
  const { name, args, out } = subject.prepare(m);
  const outcome = m.call(name, args, fault, limit);
  return [outcome, m.read(out, subject.size)];
}

/** How a run with this fault ended; a wrong signature fails the test. */
function judge(subject: Subject, fault: Fault, limit: number, right: Buffer): Verdict {
  const [{ result, site }, signature] = sign(subject, fault, limit);
  const what = `${subject.name}: ${JSON.stringify(fault)} in ${site}`;
  assert.notEqual(site, null, `${what}: nothing was hit`);
  if (result === null) return "trap";
  if (result < 0) {
    assert.deepEqual(signature, Buffer.alloc(subject.size), `${what}: something comes out`);
    return "error";
  }
  if (subject.isValid(signature)) return "valid";
  const differences = signature.filter((byte, i) => byte !== right[i]).length;
  assert.ok(site === AFTER_THE_CHECK && differences === 1, `${what}: a wrong signature comes out`);
  return "bit of the output";
}

const program = new FaultyProgram(readFileSync(await compileEntry("constant-time-sign")));
const rsa1024 = makeRsaKey(1024, 65537n, new Random(1));
const rsa2048 = makeRsaKey(2048, 65537n, new Random(2));

const subjects = [
  ecdsa(P256, 60),
  ecdsa(P384, 16),
  edDsa(80),
  rsa(rsa1024, true, false, 24),
  rsa(rsa1024, true, true, 24),
  rsa(rsa1024, false, false, 24),
  rsa(rsa1024, false, true, 24),
  rsa(rsa2048, true, true, 8),
];

/**
 * Which write, of `count`, a fault hits: any, or as often one near the call's start or its end,
 * where few writes decide much: encodings, the nonce, comparisons.
 */
function draw(random: Random, count: number): number {
  const near = Math.floor(count ** (random.below(1 << 20) / (1 << 20)));
  return random.pick([1 + random.below(count), near, count + 1 - near]);
}

function inject(t: TestContext, subject: Subject): void {
  const [clean, right] = sign(subject, null);
  assert.equal(clean.result, 0);
  assert.ok(subject.isValid(right));
  const random = new Random(seed);
  const tally = new Map<Verdict, number>();
  for (let i = 0; i < subject.trials * (long ? 40 : 1); i++) {
    for (const fault of [
      { kind: "flipped", at: draw(random, clean.flippable), bit: random.below(64) },
      { kind: "lost", at: draw(random, clean.losable) },
    ] as const) {
      const verdict = judge(subject, fault, 4 * clean.steps, right);
      tally.set(verdict, (tally.get(verdict) ?? 0) + 1);
    }
  }
  const sum = (of: readonly Verdict[]): number => of.reduce((n, v) => n + (tally.get(v) ?? 0), 0);
  const counts = [...NOTICED, ...HARMLESS].map((v) => `${v} ${tally.get(v) ?? 0}`).join(", ");
  t.diagnostic(`seed ${seed}, ${clean.losable} writes; faults: ${counts}`);
  assert.ok(sum(NOTICED) > subject.trials / 2, "few faults were noticed");
  assert.ok(sum(HARMLESS) > subject.trials / 16, "few faults were harmless");
}

for (const subject of subjects) {
  test(`${subject.name}: no fault brings a wrong signature out`, (t) => inject(t, subject));
}

test("ECDSA: s = 0 does not come out", () => {
  // Where e is lost on its way into the nonce's seed, k and r do not depend on it, and there is an
  // e with which s = (e + r d) / k is 0.
  const { n, size, G } = P256;
  const d = new Random(186).bytes(size).fill(0x51, 0, 1);
  const entropy = new Random(6979).bytes(32);
  const signWith = (e: Uint8Array, at: number): [Outcome, Buffer] => {
    const m = program.start();
    const out = m.put(new Uint8Array(2 * size).fill(0xee));
    const args = [P256.id, out, m.put(d), SHA256, m.put(e), m.put(entropy)];
    const fault = { kind: "lost", at, in: "assembly/crypto/ecdsa-sign/ecdsaSign" } as const;
    return [m.call("ecdsaSign", args, fault), m.read(out, 2 * size)];
  };
  const k = nonceOf(P256, d, "sha256", new Uint8Array(32), entropy);
  const r = mod(multiplyAffine(P256, k, G)!.x, n);
  const [{ losable }] = signWith(digest, 0);
  const at = Array.from({ length: losable }, (_, i) => i + 1).filter((i) => {
    const [{ result }, rs] = signWith(digest, i);
    return result === 0 && fromBig(rs.subarray(0, size)) === r;
  });
  assert.equal(at.length, 1, "the write that puts e into the seed");
  const [{ result }, rs] = signWith(toBig(mod(-r * fromBig(d), n), size), at[0]!);
  assert.equal(result, EIO);
  assert.deepEqual(rs, Buffer.alloc(2 * size));
});

test("scalars out of range are drawn again", () => {
  // Where the first block of the DRBG's output is lost, what stood there before takes its place:
  // all of a scalar of P-256, the upper 256 bits of one of P-384.
  const NEVER = 0;
  const draw = (curve: NistCurve, before: bigint, at: number, draws = 1): bigint => {
    const { id, size } = curve;
    const m = program.start();
    const drbg = seededDrbg(m);
    const [scalar, key] = [m.put(toBig(before, size)), m.put(new Uint8Array(1 + 2 * size))];
    const fault = { kind: "lost", at, in: "assembly/crypto/drbg/drbgFill" } as const;
    for (let i = 0; i < draws; i++) m.call("generateKeyPair", [id, scalar, key, drbg], fault);
    const k = fromBig(m.read(scalar, size));
    const expected = encodePoint(curve, multiplyAffine(curve, k, curve.G));
    assert.deepEqual(m.read(key, 1 + 2 * size), expected);
    return k;
  };
  const { n } = P256;
  for (const kept of [1n, n - 1n]) assert.equal(draw(P256, kept, 1), kept);
  assert.equal(draw(P384, 1n << 128n, 1) >> 128n, 1n);
  for (const curve of [P256, P384]) {
    const second = draw(curve, 0n, NEVER, 2);
    const tooLarge = (1n << BigInt(8 * curve.size)) - 1n;
    for (const refused of curve === P256 ? [0n, n, n + 1n, tooLarge] : [tooLarge]) {
      assert.equal(draw(curve, refused, 1), second, `${curve.name}: ${refused}`);
    }
  }
});
