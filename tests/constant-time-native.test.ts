// Secrets do not decide what the machine code does: the functions that work on them, translated to
// C and compiled for x86-64, run under valgrind with their secrets marked undefined, and memcheck
// must not report a branch or an address that depends on one. The same for wasm3 interpreting them.
//
// Its power: memcheck follows every bit, so one run stands for all secrets of that length - for
// this compiler, its flags and this machine. It takes conditional moves and arithmetic for
// constant-time; divisions, which it lets pass too, are listed from the module instead. It can
// fail: functions of entry/leaky.ts that leak through a branch or an address must all be reported,
// and outputs must really depend on the secrets (assertDerived), or else nothing was tested.
//
// What the protocol makes public by itself is declassified by name: whether a tag is right, and in
// a record the content's type and its padding's length (RFC 8446, E.3).

import assert from "node:assert/strict";
import test from "node:test";
import {
  VARIANTS,
  assertDerived,
  divisionsIn,
  testSubjects,
  testWideSubjects,
  type Declassified,
  type Subject,
} from "./harness/constant-memcheck.ts";
import { Memcheck } from "./harness/memcheck.ts";
import { Random } from "./harness/random.ts";

const TAG_IS_RIGHT: Declassified = {
  branches: 1,
  where: /^Conditional jump .* in (gcm_gcmOpen|ccm_ccmOpen|aead_aeadOpen)\b/,
};
/** Of the tag; of the last byte, whether it is padding; of the content's type, above and below. */
const RECORD_IS_RIGHT: Declassified = {
  branches: 4,
  where: /^Conditional jump .* in (gcm_gcmOpen|aead_aeadOpen|record_openRecord)\b/,
};

const AEADS = [
  ["AES-128-GCM", 1, 16],
  ["AES-256-GCM", 2, 32],
  ["ChaCha20-Poly1305", 3, 32],
  ["AES-256-CCM", 5, 32],
] as const;
const HASHES = [
  ["SHA-1", 2, 20],
  ["SHA-224", 3, 28],
  ["SHA-256", 4, 32],
  ["SHA-384", 5, 48],
  ["SHA-512", 6, 64],
] as const;
const CURVES = [
  ["P-256", 23, 32],
  ["P-384", 24, 48],
] as const;
const SUITES = [
  ["TLS_AES_128_GCM_SHA256", 1, 4, 32],
  ["TLS_AES_256_GCM_SHA384", 2, 5, 48],
  ["TLS_CHACHA20_POLY1305_SHA256", 3, 4, 32],
] as const;

/**
 * Of entry/leaky.ts: those that leak through a branch or an address with every compiler. The others
 * are arithmetic, or a select, which may become a conditional move; constant-time.test.ts has them.
 */
const CONTROLS = [
  "leakByEarlyExit",
  "leakByTable",
  "leakByOneNibble",
  "leakByLength",
  "leakBySwitch",
  "leakByLoopCount",
  "leakByIndirectCall",
  "keepsCompare",
  "keepsLookup",
];

/** The index of a word of the key schedule by the number of words in the key. */
const PUBLIC_DIVISIONS = ["expandKey: i32.rem_s"];

const TEXT = 83;
const TAG = 16;
const random = new Random(31);

function sealed(m: Memcheck, id: number, keySize: number) {
  const state = m.block(m.call("aeadStateSize"));
  const nonce = m.put(random.bytes(12));
  const text = m.putSecret(random.bytes(TEXT));
  const tag = m.block(TAG);
  m.call("aeadBegin", state, id, m.putSecret(random.bytes(keySize)));
  m.call("aeadSeal", state, nonce, nonce, 12, text, TEXT, tag);
  assertDerived(m, text, TEXT);
  assertDerived(m, tag, TAG);
  m.publish(text, TEXT);
  m.publish(tag, TAG);
  const open = (): number => m.call("aeadOpen", state, nonce, nonce, 12, text, TEXT, tag);
  return { text, tag, open };
}

const comparisons: Subject[] = [
  {
    name: "ct: comparison, copying and clearing by a choice",
    run(m) {
      const [a, b] = [m.putSecret(random.bytes(32)), m.put(random.bytes(32))];
      m.call("equalBytes", a, b, 32);
      m.call("isZeroBytes", a, 32);
      m.call("copyBytesIf", 1, b, a, 32);
      m.call("zeroBytesIf", 0, b, 32);
      assertDerived(m, b, 32);
    },
  },
];

const aeads: Subject[] = AEADS.flatMap(([name, id, keySize]) => [
  { name: `${name}: seal`, run: (m) => void sealed(m, id, keySize) },
  {
    name: `${name}: open`,
    declassified: TAG_IS_RIGHT,
    run(m) {
      const { text, open } = sealed(m, id, keySize);
      assert.equal(open(), 1);
      assertDerived(m, text, TEXT);
    },
  },
  {
    name: `${name}: open with a wrong tag`,
    declassified: TAG_IS_RIGHT,
    run(m) {
      const { tag, open } = sealed(m, id, keySize);
      m.write(tag, Uint8Array.of(m.read(tag, 1)[0]! ^ 1));
      assert.equal(open(), 0);
    },
  },
]);

const hashes: Subject[] = HASHES.flatMap(([name, id, size]) => [
  {
    name: `${name}, HMAC, HKDF and PRF`,
    run(m) {
      const secret = m.putSecret(random.bytes(301));
      const salt = m.put(random.bytes(20));
      const out = m.block(8 * size);
      m.call("hash", id, secret + 1, 300, out);
      m.call("hmac", id, secret, size, salt, 20, out + size);
      m.call("hmac", id, secret, 200, salt, 20, out + 2 * size);
      m.call("hkdfExtract", id, salt, 20, secret, size, out + 3 * size);
      m.call("hkdfExpand", id, secret, size, salt, 20, out + 4 * size, 2 * size);
      m.call("prf", id, secret, 48, salt, 20, out + 6 * size, 2 * size);
      assertDerived(m, out, 8 * size);
    },
  },
]);

const generators: Subject[] = [
  {
    name: "DRBG",
    run(m) {
      const state = m.block(m.call("drbgStateSize"));
      const seed = m.putSecret(random.bytes(96));
      const out = m.block(100);
      m.call("drbgBegin", state, seed, 48);
      m.call("drbgReseed", state, seed + 48, 48);
      m.call("drbgFill", state, out, 100);
      assertDerived(m, out, 100);
    },
  },
];

const exchanges: Subject[] = [
  {
    name: "X25519: public key and shared secret",
    run(m) {
      const scalar = m.putSecret(random.bytes(32));
      const out = m.block(64);
      m.call("x25519PublicKey", out, scalar);
      assert.equal(m.call("x25519", out + 32, scalar, m.put(random.bytes(32))), 1);
      assertDerived(m, out, 64);
    },
  },
  ...CURVES.map(([name, curve, size]) => ({
    name: `${name}: public key and shared secret`,
    run(m: Memcheck): void {
      const scalar = (): number => m.putSecret(random.bytes(size).fill(0x11, 0, 1));
      const peer = m.block(1 + 2 * size);
      const out = m.block(size);
      assert.equal(m.call("ecdhPublicKey", curve, peer, scalar()), 1);
      m.publish(peer, 1 + 2 * size);
      assert.equal(m.call("ecdhSharedSecret", curve, out, scalar(), peer, 1 + 2 * size), 1);
      assertDerived(m, out, size);
    },
  })),
];

const protocol: Subject[] = SUITES.flatMap(([name, aead, hashId, size]) => [
  {
    name: `${name}: key schedule and records`,
    declassified: RECORD_IS_RIGHT,
    run(m) {
      assert.equal(m.call("prepare"), 1);
      const transcript = m.put(random.bytes(size));
      m.call("keys", aead, hashId, m.putSecret(random.bytes(32)), 32, transcript);
      const record = m.block(5 + 120 + 17);
      const text = m.putSecret(random.bytes(120));
      m.call("copyBytesIf", 1, record + 5, text, 120);
      assert.equal(m.call("sealAndOpen", record, 120), (23 << 16) | 120);
      assertDerived(m, record + 5, 120);
    },
  },
  {
    name: `${name}: Finished`,
    run(m) {
      const transcript = m.put(random.bytes(size));
      const secret = m.putSecret(random.bytes(size));
      const received = m.put(random.bytes(size));
      assert.equal(m.call("checkFinished", hashId, secret, transcript, received, size), 0);
    },
  },
]);

const SUBJECTS = [...comparisons, ...aeads, ...hashes, ...generators, ...exchanges, ...protocol];

for (const { name, tier, flags } of VARIANTS) {
  test(`leaks through branches and addresses are reported: ${name}`, async () => {
    const m = await Memcheck.open("leaky", tier, flags);
    const reported = CONTROLS.filter((control) => {
      m.call(control, m.putSecret(random.bytes(32)), 32);
      return m.finish().count > 0;
    });
    m.close();
    assert.deepEqual(
      reported,
      CONTROLS.filter((control) => control.startsWith("leak")),
    );
  });
}

testSubjects("constant-time", SUBJECTS);
testWideSubjects("constant-time", exchanges);

test("nothing is divided where secrets are, constants as divisors included", async () => {
  assert.deepEqual((await divisionsIn("leaky")).sort(), [
    "leakByDivision: i32.div_u",
    "leakByRemainder: i32.rem_u",
  ]);
  assert.deepEqual(await divisionsIn("constant-time"), PUBLIC_DIVISIONS);
});
