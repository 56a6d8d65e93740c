// Secrets do not decide what making signatures and key pairs does: the two tests of
// constant-time.test.ts (traces of the release wasm) and constant-time-native.test.ts (valgrind),
// which say what they can and cannot see and try functions that leak.

import assert from "node:assert/strict";
import test from "node:test";
import {
  type Declassified,
  type Subject,
  assertDerived,
  divisionsIn,
  testSubjects,
} from "./harness/constant-memcheck.ts";
import {
  Inputs,
  assertConstant,
  scalarsOf,
  secretsOf,
  testConstant,
} from "./harness/constant-trace.ts";
import { toBig } from "./crypto/numbers.ts";
import { makeRsaKey, makeSimilarKey } from "./crypto/rsa-keys.ts";
import type { Memcheck } from "./harness/memcheck.ts";
import { Random } from "./harness/random.ts";

const PROGRAM = "constant-time-sign";
const ED25519 = 0x0807;
const CURVES = [
  ["P-256", 23, 32, 4, 32],
  ["P-384", 24, 48, 5, 48],
] as const;

/** Scalars are drawn until one is below the order: that one was not says nothing about the next. */
const SCALAR_IS_IN_RANGE: Declassified = {
  branches: 1,
  where: /^Conditional jump .* in key_pair_drawScalar\b/,
};

/** Of lengths in bits. */
const PUBLIC_DIVISIONS = [
  "fillRSquared: i32.div_s",
  "fillRSquared: i32.rem_s",
  "invertElement: i32.div_s",
  "limbsFor: i32.div_s",
  "limbsFor: i32.div_s",
  "powerSecret: i32.div_s",
];

for (const [name, curve, size, hashId, hashSize] of CURVES) {
  testConstant(`ECDSA on ${name}: scalar and entropy`, PROGRAM, (t, m) => {
    const inputs = new Inputs(m);
    const rs = inputs.block(2 * size);
    const digest = inputs.put(new Random(51).bytes(hashSize));
    const entropies = secretsOf(32);
    const secrets = scalarsOf(size).map((k, i) => Uint8Array.of(...k, ...entropies[i]!));
    const events = assertConstant(m, inputs, secrets, (call, p) =>
      assert.equal(call("ecdsaSign", curve, rs, p, hashId, digest, p + size), 0),
    );
    t.diagnostic(events);
  });
}

test("Ed25519: seed and message", async (t) => {
  const m = await openTracer(PROGRAM);
  const inputs = new Inputs(m);
  const signature = inputs.block(64);
  const events = assertConstant(m, inputs, secretsOf(32 + 130), (call, p) =>
    assert.equal(call("ed25519Sign", signature, p, p + 32, 130), 0),
  );
  t.diagnostic(`${events} events`);
});

/** RSA: a seed for the blinding, then n, e, d, p, q, dp, dq, qInv, each as long for every key. */
const SEED = 48;
const PARTS = [128, 3, 128, 64, 64, 64, 64, 64];

function rsaSecrets(): Uint8Array[] {
  const first = makeRsaKey(1024, 65537n, new Random(2)).numbers;
  const keys = [first, makeSimilarKey(first, new Random(3)), makeSimilarKey(first, new Random(4))];
  return secretsOf(SEED).map((seed, i) => {
    const parts = Object.values(keys[i % 3]!).map((a: bigint, j) => toBig(a, PARTS[j]!));
    return Buffer.concat([seed, ...parts]);
  });
}

/** Where the parts are: eight pairs of address and length. */
function rsaRecord(parts: number, withPrimes: boolean): Uint8Array {
  let at = parts;
  const words = PARTS.flatMap((n, i) => {
    const pair = withPrimes || i < 3 ? [at, n] : [0, 0];
    at += n;
    return pair;
  });
  return new Uint8Array(Uint32Array.from(words).buffer);
}

for (const [what, withPrimes] of [
  ["primes", true],
  ["d alone", false],
] as const) {
  testConstant(`RSA: ${what}, and the blinding`, PROGRAM, (t, m) => {
    const inputs = new Inputs(m);
    const drbg = inputs.block(Number(m.call("drbgStateSize")));
    const [out, record] = [inputs.block(128), inputs.block(64)];
    const [digest, salt] = [53, 54].map((seed) => inputs.put(new Random(seed).bytes(32)));
    const secrets = rsaSecrets().slice(0, withPrimes ? 9 : 3);
    const events = assertConstant(m, inputs, secrets, (call, p) => {
      m.bytes(record, 64).set(rsaRecord(p + SEED, withPrimes));
      call("drbgBegin", drbg, p, SEED);
      assert.equal(call("rsaSign", out, record, digest!, withPrimes ? salt! : 0, drbg), 0);
    });
    t.diagnostic(events);
  });
}

testConstant("key pairs: what the generator holds", PROGRAM, (t, m) => {
  const inputs = new Inputs(m);
  const state = inputs.block(Number(m.call("drbgStateSize")));
  const [scalar, out] = [inputs.block(48), inputs.block(97)];
  for (const curve of [23, 24, 29, ED25519]) {
    const events = assertConstant(m, inputs, secretsOf(48), (call, p) => {
      call("drbgBegin", state, p, 48);
      assert.equal(call("generateKeyPair", curve, scalar, out, state), 1);
    });
    t.diagnostic(`group ${curve}: ${events}`);
  }
});

const random = new Random(52);

const signatures: Subject[] = CURVES.map(([name, curve, size, hashId, hashSize]) => ({
  name: `ECDSA on ${name}`,
  declassified: SCALAR_IS_IN_RANGE,
  run(m: Memcheck): void {
    const scalar = m.putSecret(random.bytes(size).fill(0x11, 0, 1));
    const entropy = m.putSecret(random.bytes(32));
    const rs = m.block(2 * size);
    const digest = m.put(random.bytes(hashSize));
    assert.equal(m.call("ecdsaSign", curve, rs, scalar, hashId, digest, entropy), 0);
    assertDerived(m, rs, 2 * size);
  },
}));

const ed25519Signature: Subject = {
  name: "Ed25519",
  run(m: Memcheck): void {
    const [seed, message] = [m.putSecret(random.bytes(32)), m.putSecret(random.bytes(130))];
    const signature = m.block(64);
    assert.equal(m.call("ed25519Sign", signature, seed, message, 130), 0);
    assertDerived(m, signature, 64);
  },
};

/** n and e are public; what depends on the seed alone is not asked for: the blinding goes away. */
const rsaSignatures: Subject[] = [true, false].map((withPrimes) => ({
  name: `RSA ${withPrimes ? "with primes" : "with d alone"}`,
  run(m: Memcheck): void {
    const drbg = m.block(m.call("drbgStateSize"));
    m.call("drbgBegin", drbg, m.putSecret(random.bytes(SEED)), SEED);
    const parts = m.putSecret(rsaSecrets()[0]!.subarray(SEED));
    m.publish(parts, PARTS[0]! + PARTS[1]!);
    const [out, record] = [m.block(128), m.put(rsaRecord(parts, withPrimes))];
    const digest = m.put(random.bytes(32));
    assert.equal(m.call("rsaSign", out, record, digest, withPrimes ? digest : 0, drbg), 0);
    assertDerived(m, out, 128);
  },
}));

const keyPairs: Subject[] = [
  ["P-256", 23, 32, 65],
  ["P-384", 24, 48, 97],
  ["X25519", 29, 32, 32],
  ["Ed25519", ED25519, 32, 32],
].map(([name, curve, size, publicSize]) => ({
  name: `key pair of ${name}`,
  declassified: SCALAR_IS_IN_RANGE,
  run(m: Memcheck): void {
    const state = m.block(m.call("drbgStateSize"));
    m.call("drbgBegin", state, m.putSecret(random.bytes(48)), 48);
    const [scalar, out] = [m.block(Number(size)), m.block(Number(publicSize))];
    assert.equal(m.call("generateKeyPair", Number(curve), scalar, out, state), 1);
    assertDerived(m, scalar, Number(size));
    assertDerived(m, out + 1, Number(publicSize) - 1);
  },
}));

testSubjects(PROGRAM, [...signatures, ed25519Signature, ...rsaSignatures, ...keyPairs]);

test("nothing is divided but lengths", async () => {
  assert.deepEqual((await divisionsIn(PROGRAM)).sort(), PUBLIC_DIVISIONS);
});
