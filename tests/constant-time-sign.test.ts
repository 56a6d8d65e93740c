// Secrets do not decide what making signatures and key pairs of curves does: the two tests of
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
  testWideSubjects,
} from "./harness/constant-memcheck.ts";
import {
  Inputs,
  assertConstant,
  scalarsOf,
  secretsOf,
  testConstantLimbs,
} from "./harness/constant-trace.ts";
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
  "powerSecret: i32.div_s",
];

for (const [name, curve, size, hashId, hashSize] of CURVES) {
  testConstantLimbs(`ECDSA on ${name}: scalar and entropy`, PROGRAM, (t, m) => {
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

testConstantLimbs("Ed25519: seed and message", PROGRAM, (t, m) => {
  const inputs = new Inputs(m);
  const signature = inputs.block(64);
  const events = assertConstant(m, inputs, secretsOf(32 + 130), (call, p) =>
    assert.equal(call("ed25519Sign", signature, p, p + 32, 130), 0),
  );
  t.diagnostic(events);
});

testConstantLimbs("key pairs: what the generator holds", PROGRAM, (t, m) => {
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

const SUBJECTS = [...signatures, ed25519Signature, ...keyPairs];
testSubjects(PROGRAM, SUBJECTS);
testWideSubjects(PROGRAM, SUBJECTS);

test("nothing is divided but lengths", async () => {
  assert.deepEqual((await divisionsIn(PROGRAM)).sort(), PUBLIC_DIVISIONS);
});
