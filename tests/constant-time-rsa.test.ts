// Secrets do not decide what RSA does: signatures by the Chinese remainder theorem and by d alone,
// the tests that a prime passes, and the numbers that are computed from two primes. By the tests of
// constant-time.test.ts and constant-time-native.test.ts, which say what they can and cannot see.

import assert from "node:assert/strict";
import { checkPrimeSync } from "node:crypto";
import {
  type Subject,
  assertDerived,
  testSubjects,
  testWideSubjects,
} from "./harness/constant-memcheck.ts";
import { Inputs, assertConstant, secretsOf, testConstantLimbs } from "./harness/constant-trace.ts";
import { fromBig, toBig } from "./crypto/numbers.ts";
import { makeRsaKey, makeSimilarKey } from "./crypto/rsa-keys.ts";
import type { Memcheck } from "./harness/memcheck.ts";
import { Random } from "./harness/random.ts";

const PROGRAM = "constant-time-sign";
const SALT = 32;

/** A seed for the blinding, then n, e, d, p, q, dp, dq, qInv, each as long for every key. */
const SEED = 48;
const PARTS = [128, 3, 128, 64, 64, 64, 64, 64];
const [P, Q] = [SEED + 128 + 3 + 128, SEED + 128 + 3 + 128 + 64];

function keySecrets(): Uint8Array[] {
  const first = makeRsaKey(1024, 65537n, new Random(2)).numbers;
  const keys = [first, makeSimilarKey(first, new Random(3)), makeSimilarKey(first, new Random(4))];
  return secretsOf(SEED).map((seed, i) => {
    const parts = Object.values(keys[i % 3]!).map((a: bigint, j) => toBig(a, PARTS[j]!));
    return Buffer.concat([seed, ...parts]);
  });
}

/** Where the parts are: eight pairs of address and length. */
function recordOf(parts: number, withPrimes: boolean): Uint8Array {
  let at = parts;
  const words = PARTS.flatMap((n, i) => {
    const pair = withPrimes || i < 3 ? [at, n] : [0, 0];
    at += n;
    return pair;
  });
  return new Uint8Array(Uint32Array.from(words).buffer);
}

const KINDS = [
  ["primes, PSS", true, true],
  ["primes, PKCS#1 v1.5", true, false],
  ["d alone, PSS", false, true],
  ["d alone, PKCS#1 v1.5", false, false],
] as const;

for (const [what, withPrimes, isPss] of KINDS) {
  testConstantLimbs(`RSA: ${what}, and the blinding`, PROGRAM, (t, m) => {
    const inputs = new Inputs(m);
    const drbg = inputs.block(Number(m.call("drbgStateSize")));
    const [out, record] = [inputs.block(128), inputs.block(64)];
    const [digest, salt] = [53, 54].map((seed) => inputs.put(new Random(seed).bytes(SALT)));
    const secrets = keySecrets().slice(0, withPrimes && isPss ? 9 : 3);
    const seen = assertConstant(m, inputs, secrets, (call, p) => {
      m.bytes(record, 64).set(recordOf(p + SEED, withPrimes));
      call("drbgBegin", drbg, p, SEED);
      assert.equal(call("rsaSign", out, record, digest!, isPss ? salt! : 0, drbg), 0);
    });
    t.diagnostic(seen);
  });
}

/** A seed, and a key of which only p and q are there: primes as the generator draws them. */
function primeSecrets(): Uint8Array[] {
  const random = new Random(186);
  const draw = (): bigint => {
    for (;;) {
      const p = fromBig(random.bytes(64).fill(0xc0 | random.below(64), 0, 1)) | 3n;
      if (p % 65537n !== 1n && checkPrimeSync(p)) return p;
    }
  };
  const fit = (p: bigint, q: bigint): boolean => {
    let [a, b] = [p - 1n, q - 1n];
    while (b !== 0n) [a, b] = [b, a % b];
    return a === 2n;
  };
  return secretsOf(SEED).map((seed) => {
    let [p, q] = [draw(), draw()];
    while (!fit(p, q)) [p, q] = [q, draw()];
    const secret = Buffer.alloc(SEED + PARTS.reduce((sum, n) => sum + n));
    secret.set(seed);
    secret.set(toBig(p, 64), P);
    secret.set(toBig(q, 64), Q);
    return secret;
  });
}

testConstantLimbs("RSA: the tests that a prime passes", PROGRAM, (t, m) => {
  const inputs = new Inputs(m);
  const drbg = inputs.block(Number(m.call("drbgStateSize")));
  const seen = assertConstant(m, inputs, primeSecrets().slice(-4), (call, p) => {
    call("drbgBegin", drbg, p, SEED);
    assert.equal(call("hasSmallFactor", p + P, 64), 0);
    assert.equal(call("areFit", p + P, p + Q, 64), 1);
    assert.equal(call("isProbablePrime", p + P, 64, drbg), 1);
  });
  t.diagnostic(seen);
});

testConstantLimbs("RSA: a key from its primes", PROGRAM, (t, m) => {
  const inputs = new Inputs(m);
  const record = inputs.block(64);
  const seen = assertConstant(m, inputs, primeSecrets(), (call, p) => {
    m.bytes(record, 64).set(recordOf(p + SEED, true));
    call("rsaComplete", record);
  });
  t.diagnostic(seen);
});

const random = new Random(52);

/** n and e are public; what depends on the seed alone is not asked for: the blinding goes away. */
const signatures: Subject[] = KINDS.map(([what, withPrimes, isPss]) => ({
  name: `RSA: ${what}`,
  run(m: Memcheck): void {
    const drbg = m.block(m.call("drbgStateSize"));
    m.call("drbgBegin", drbg, m.putSecret(random.bytes(SEED)), SEED);
    const parts = m.putSecret(keySecrets()[0]!.subarray(SEED));
    m.publish(parts, PARTS[0]! + PARTS[1]!);
    const [out, record] = [m.block(128), m.put(recordOf(parts, withPrimes))];
    const digest = m.put(random.bytes(SALT));
    assert.equal(m.call("rsaSign", out, record, digest, isPss ? digest : 0, drbg), 0);
    assertDerived(m, out, 128);
  },
}));

/**
 * That there is no factor, where compilers ask twice, whether a remainder is 0 or the factor; that
 * two fit; and five times that a power is 1 or -1.
 */
const primes: Subject = {
  name: "RSA: the tests that a prime passes",
  declassified: {
    branches: 2 * 2047 + 2 + 5,
    where: /^Conditional jump .* in (prime_(hasSmallFactor|isProbablePrime)|rsa_keygen_\w+)\b/,
  },
  run(m: Memcheck): void {
    const drbg = m.block(m.call("drbgStateSize"));
    const secret = m.putSecret(primeSecrets()[0]!);
    m.call("drbgBegin", drbg, secret, SEED);
    assert.equal(m.call("hasSmallFactor", secret + P, 64), 0);
    assert.equal(m.call("areFit", secret + P, secret + Q, 64), 1);
    assert.equal(m.call("isProbablePrime", secret + P, 64, drbg), 1);
  },
};

const completed: Subject = {
  name: "RSA: a key from its primes",
  run(m: Memcheck): void {
    const parts = m.putSecret(primeSecrets()[0]!.subarray(SEED));
    m.publish(parts, P - SEED);
    m.call("rsaComplete", m.put(recordOf(parts, true)));
    const [n, , d, p, , dp] = PARTS.map((_, i) =>
      PARTS.slice(0, i).reduce((sum, size) => sum + size, parts),
    );
    assertDerived(m, n!, 128);
    assertDerived(m, d! + 1, 127); // lcm(p - 1, q - 1) is below n / 2
    assertDerived(m, p!, 128);
    assertDerived(m, dp!, 192);
  },
};

const SUBJECTS = [...signatures, primes, completed];
testSubjects(PROGRAM, SUBJECTS);
testWideSubjects(PROGRAM, SUBJECTS);
