// Secrets do not decide what SHA-3 and ML-KEM-768 do: the two tests of constant-time.test.ts
// (traces of the release wasm) and constant-time-native.test.ts (valgrind), which say what they can
// and cannot see and try functions that leak.
//
// Public by the standard are the public key, its seed rho among it, and the ciphertext. Whether a
// ciphertext is genuine is not: the private keys below include one that it is genuine for.

import assert from "node:assert/strict";
import { ml_kem768 as noble } from "@noble/post-quantum/ml-kem.js";
import { type Subject, assertDerived, testSubjects } from "./harness/constant-memcheck.ts";
import { Inputs, assertConstant, secretsOf, testConstant } from "./harness/constant-trace.ts";
import { Random } from "./harness/random.ts";

const PROGRAM = "constant-time";
const VECTOR = 1152;
const PUBLIC = 1184;
const PRIVATE = 2400;
const Z = PRIVATE - 32;
const CIPHERTEXT = 1088;

const FUNCTIONS = [
  ["SHA3-256", 1],
  ["SHA3-512", 2],
  ["SHAKE128", 3],
  ["SHAKE256", 4],
] as const;

const random = new Random(55);
const { secretKey, publicKey } = noble.keygen(random.bytes(64));
const { cipherText } = noble.encapsulate(publicKey, random.bytes(32));

for (const [name, id] of FUNCTIONS) {
  testConstant(`${name}: text`, PROGRAM, (t, m) => {
    const inputs = new Inputs(m);
    const out = inputs.block(400);
    for (const n of [33, 168, 301]) {
      const events = assertConstant(m, inputs, secretsOf(n + 1), (call, p) =>
        call("sha3", id, p + (n & 1), n, out, 400),
      );
      t.diagnostic(`${n} bytes: ${events}`);
    }
  });
}

testConstant("ML-KEM-768, key pair: what the vectors are made from", PROGRAM, (t, m) => {
  const inputs = new Inputs(m);
  const rho = inputs.put(new Random(56).bytes(32));
  const [key, out] = [inputs.block(VECTOR), inputs.block(PUBLIC)];
  const events = assertConstant(m, inputs, secretsOf(32), (call, p) =>
    call("pkeKeyPair", key, out, rho, p),
  );
  t.diagnostic(events);
});

testConstant("ML-KEM-768, encapsulation: what the secret is made from", PROGRAM, (t, m) => {
  const inputs = new Inputs(m);
  const key = inputs.put(publicKey);
  const [out, c] = [inputs.block(32), inputs.block(CIPHERTEXT)];
  const events = assertConstant(m, inputs, secretsOf(32), (call, p) =>
    assert.equal(call("mlkemEncapsulate", out, c, key, PUBLIC, p), 1),
  );
  t.diagnostic(events);
});

testConstant("ML-KEM-768, decapsulation: private key, genuine or not", PROGRAM, (t, m) => {
  const inputs = new Inputs(m);
  const [key, c] = [inputs.put(secretKey), inputs.put(cipherText)];
  const out = inputs.block(32);
  const right = Uint8Array.of(...secretKey.subarray(0, VECTOR), ...secretKey.subarray(Z));
  const results = new Set<string>();
  const events = assertConstant(m, inputs, [right, ...secretsOf(VECTOR + 32)], (call, p) => {
    m.bytes(key, VECTOR).set(m.bytes(p, VECTOR));
    m.bytes(key + Z, 32).set(m.bytes(p + VECTOR, 32));
    assert.equal(call("mlkemDecapsulate", out, key, PRIVATE, c, CIPHERTEXT), 1);
    results.add(Buffer.from(m.bytes(out, 32)).toString("hex"));
  });
  assert.equal(results.size, 9, "a secret for each z, of which two keys have the same");
  const wrong = secretsOf(CIPHERTEXT);
  for (let i = 0; i < 8; i++) {
    wrong.push(cipherText.map((byte, at) => byte ^ (at === 155 * i ? 1 : 0)));
  }
  assertConstant(m, inputs, [cipherText, ...wrong], (call, p) =>
    assert.equal(call("mlkemDecapsulate", out, key, PRIVATE, p, CIPHERTEXT), 1),
  );
  t.diagnostic(events);
});

const subjects: Subject[] = [
  ...FUNCTIONS.map(([name, id]): Subject => {
    return {
      name,
      run(m) {
        const out = m.block(400);
        m.call("sha3", id, m.putSecret(random.bytes(301)) + 1, 300, out, 400);
        assertDerived(m, out, 400);
      },
    };
  }),
  {
    name: "ML-KEM-768, key pair",
    run(m) {
      const [key, out] = [m.block(VECTOR), m.block(PUBLIC)];
      m.call("pkeKeyPair", key, out, m.put(random.bytes(32)), m.putSecret(random.bytes(32)));
      assertDerived(m, key, VECTOR);
      assertDerived(m, out, VECTOR);
    },
  },
  {
    name: "ML-KEM-768, encapsulation",
    run(m) {
      const [out, c, key] = [m.block(32), m.block(CIPHERTEXT), m.put(publicKey)];
      const secret = m.putSecret(random.bytes(32));
      assert.equal(m.call("mlkemEncapsulate", out, c, key, PUBLIC, secret), 1);
      assertDerived(m, out, 32);
      assertDerived(m, c, CIPHERTEXT);
    },
  },
  ...[cipherText, random.bytes(CIPHERTEXT)].map((bytes, i): Subject => {
    return {
      name: `ML-KEM-768, decapsulation, ${i === 0 ? "genuine" : "not genuine"}`,
      run(m) {
        const [out, key] = [m.block(32), m.block(PRIVATE)];
        m.write(key + VECTOR, secretKey.subarray(VECTOR, Z));
        const vector = m.putSecret(secretKey.subarray(0, VECTOR));
        m.call("copyBytesIf", 1, key, vector, VECTOR);
        m.call("copyBytesIf", 1, key + Z, m.putSecret(secretKey.subarray(Z)), 32);
        assert.equal(m.call("mlkemDecapsulate", out, key, PRIVATE, m.put(bytes), CIPHERTEXT), 1);
        assertDerived(m, out, 32);
      },
    };
  }),
];

testSubjects(PROGRAM, subjects);
