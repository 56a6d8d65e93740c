// Secrets do not decide what the code does: the release wasm, instrumented (harness/trace.ts), must
// leave the very same trace of branches, addresses and slow operands for different secrets.
//
// Its power: a trace is compared for nine secrets or so of each kind - zeros, ones, few bits,
// random - on one public input each, so it catches a dependence that shows on such secrets, not one
// that needs a special value nobody tried. It sees what WebAssembly executes; what an engine or a C
// compiler makes of it afterwards is outside (multiplication is taken to be constant-time, which
// holds for Cortex-M0+ with the single-cycle multiplier, RV32IMC and LX6; the native tier is
// checked on its own). It can fail: thirteen functions that leak, each in another way, must all be
// caught first.

import assert from "node:assert/strict";
import test from "node:test";
import {
  Inputs,
  assertConstant,
  openTracer,
  scalarsOf,
  secretsOf,
  testConstant,
  testConstantLimbs,
  tryControls,
  type Subject,
} from "./harness/constant-trace.ts";
import { Random } from "./harness/random.ts";

const AEADS = [
  ["AES-128-GCM", 1, 16, 16],
  ["AES-256-GCM", 2, 32, 16],
  ["ChaCha20-Poly1305", 3, 32, 16],
  ["AES-256-CCM", 5, 32, 16],
  ["AES-128-CCM-8", 6, 16, 8],
] as const;
const HASHES = [
  ["SHA-1", 2, 20],
  ["SHA-224", 3, 28],
  ["SHA-256", 4, 32],
  ["SHA-384", 5, 48],
  ["SHA-512", 6, 64],
] as const;
const P256 = 23;
const P384 = 24;

test("what leaks is caught, what does not is not", async () => {
  const { caught, controls } = tryControls(await openTracer("leaky"));
  assert.deepEqual(
    caught,
    controls.filter((name) => name.startsWith("leak")),
  );
  assert.equal(caught.length, 13);
  assert.equal(controls.length, 15);
});

testConstant("ct: comparisons, copies and selections", "base", (t, m) => {
  const inputs = new Inputs(m);
  const other = inputs.put(new Uint8Array(32).fill(0x5a));
  const check = (name: string, subject: Subject, secrets = secretsOf(32)): void => {
    t.diagnostic(`${name}: ${assertConstant(m, inputs, secrets, subject)}`);
  };
  check("equalBytes", (call, p) => call("equalBytes", p, other, 32));
  check("isZeroBytes", (call, p) => call("isZeroBytes", p, 32));
  const choices = [Uint8Array.of(0), Uint8Array.of(1)];
  const on = (p: number): number => m.bytes(p, 1)[0]!;
  const from = inputs.put(new Random(8).bytes(32));
  check("copyBytesIf", (call, p) => call("copyBytesIf", on(p), other, from, 32), choices);
  check("zeroBytesIf", (call, p) => call("zeroBytesIf", on(p), other, 32), choices);
  const word = (p: number, i: number): number =>
    new DataView(m.bytes(p, 8).slice().buffer).getUint32(i);
  for (const name of ["isLess", "isEqual"]) {
    check(name, (call, p) => call(name, word(p, 0), word(p, 4)), secretsOf(8));
  }
  check("isNonZero", (call, p) => call("isNonZero", word(p, 0)), secretsOf(8));
  check(
    "select",
    (call, p) => call("select", word(p, 0) & 1, word(p, 0), word(p, 4)),
    secretsOf(8),
  );
});

for (const [name, id, size] of HASHES) {
  testConstant(`${name}, HMAC, HKDF and PRF: message, key and secret`, "constant-time", (t, m) => {
    const inputs = new Inputs(m);
    const out = inputs.block(256);
    const text = inputs.put(new Random(9).bytes(100));
    const check = (what: string, secrets: Uint8Array[], subject: Subject): void => {
      t.diagnostic(`${what}: ${assertConstant(m, inputs, secrets, subject)}`);
    };
    check("hash", secretsOf(301), (call, p) => call("hash", id, p, 301, out));
    check("hash, odd address", secretsOf(301), (call, p) => call("hash", id, p + 1, 300, out));
    check("hmac, key", secretsOf(size), (call, p) => call("hmac", id, p, size, text, 100, out));
    check("hmac, long key", secretsOf(200), (call, p) => call("hmac", id, p, 200, text, 100, out));
    check("hmac, message", secretsOf(99), (call, p) => call("hmac", id, text, 32, p, 99, out));
    check("extract", secretsOf(size), (call, p) => call("hkdfExtract", id, text, 32, p, size, out));
    check("expand", secretsOf(size), (call, p) =>
      call("hkdfExpand", id, p, size, text, 20, out, 2 * size),
    );
    check("prf", secretsOf(48), (call, p) => call("prf", id, p, 48, text, 77, out, 104));
  });
}

for (const [name, id, keySize, tagSize] of AEADS) {
  // That the tag is right or wrong is public (the result says so); where it is wrong is not.
  testConstant(`${name}: key and text; good and bad tag`, "constant-time", (t, m) => {
    const inputs = new Inputs(m);
    const state = inputs.block(Number(m.call("aeadStateSize")));
    const nonce = inputs.put(new Random(10).bytes(12));
    const aad = inputs.put(new Random(11).bytes(13));
    const tag = inputs.block(tagSize);
    const n = 83;
    const secrets = secretsOf(keySize + n);
    const seal: Subject = (call, p) => {
      call("aeadBegin", state, id, p);
      call("aeadSeal", state, nonce, aad, 13, p + keySize, n, tag);
    };
    t.diagnostic(`seal: ${assertConstant(m, inputs, secrets, seal)}`);

    const open = (flips: Uint8Array[], expected: number): string => {
      const subject: Subject = (call, p) => {
        seal(call, p);
        const flip = m.bytes(p + keySize + n, tagSize);
        m.bytes(tag, tagSize).forEach((byte, i, bytes) => (bytes[i] = byte ^ flip[i]!));
        const result = call("aeadOpen", state, nonce, aad, 13, p + keySize, n, tag);
        assert.equal(result, expected);
      };
      const cases = flips.map((flip, i) => Uint8Array.of(...secrets[i % 9]!, ...flip));
      return assertConstant(m, inputs, cases, subject);
    };
    const good = open(Array<Uint8Array>(9).fill(new Uint8Array(tagSize)), 1);
    const wrong = secretsOf(tagSize).slice(1);
    for (let i = 0; i < tagSize; i++) {
      wrong.push(new Uint8Array(tagSize).fill(1 << (i & 7), i, i + 1));
    }
    t.diagnostic(`good tag: ${good}; wrong in every place: ${open(wrong, 0)}`);
  });
}

testConstant("DRBG: seed", "constant-time", (t, m) => {
  const inputs = new Inputs(m);
  const state = inputs.block(Number(m.call("drbgStateSize")));
  const out = inputs.block(100);
  const events = assertConstant(m, inputs, secretsOf(96), (call, p) => {
    call("drbgBegin", state, p, 48);
    call("drbgFill", state, out, 100);
    call("drbgReseed", state, p + 48, 48);
    call("drbgFill", state, out, 33);
  });
  t.diagnostic(events);
});

testConstantLimbs("X25519: scalar", "constant-time", (t, m) => {
  const inputs = new Inputs(m);
  const out = inputs.block(32);
  const peer = inputs.put(new Random(12).bytes(32));
  const own = assertConstant(m, inputs, secretsOf(32), (call, p) =>
    call("x25519PublicKey", out, p),
  );
  t.diagnostic(`public key: ${own}`);
  const both = assertConstant(m, inputs, secretsOf(32), (call, p) => call("x25519", out, p, peer));
  t.diagnostic(`shared secret: ${both}`);
});

for (const [name, curve, size] of [
  ["P-256", P256, 32],
  ["P-384", P384, 48],
] as const) {
  testConstantLimbs(`ECDH on ${name}: scalar`, "constant-time", (t, m) => {
    const inputs = new Inputs(m);
    const pointSize = 1 + 2 * size;
    const out = inputs.block(pointSize);
    const scalar = inputs.put(new Random(13).bytes(size).fill(0x11, 0, 1));
    const peer = inputs.block(pointSize);
    inputs.refill();
    assert.equal(m.call("ecdhPublicKey", curve, peer, scalar), 1);
    const own = assertConstant(m, inputs, scalarsOf(size), (call, p) =>
      assert.equal(call("ecdhPublicKey", curve, out, p), 1),
    );
    t.diagnostic(`public key: ${own}`);
    const shared = assertConstant(m, inputs, scalarsOf(size), (call, p) =>
      assert.equal(call("ecdhSharedSecret", curve, out, p, peer, pointSize), 1),
    );
    t.diagnostic(`shared secret: ${shared}`);
  });
}

for (const [name, aead, hashId, size] of [
  ["TLS_AES_128_GCM_SHA256", 1, 4, 32],
  ["TLS_AES_256_GCM_SHA384", 2, 5, 48],
  ["TLS_CHACHA20_POLY1305_SHA256", 3, 4, 32],
] as const) {
  testConstant(`${name}: key schedule, records and Finished`, "constant-time", (t, m) => {
    assert.equal(m.call("prepare"), 1);
    const inputs = new Inputs(m);
    const transcript = inputs.put(new Random(14).bytes(size));
    const record = inputs.block(5 + 120 + 17);
    const secrets = secretsOf(32 + 120);
    const events = assertConstant(m, inputs, secrets, (call, p) => {
      call("keys", aead, hashId, p, 32, transcript);
      m.bytes(record + 5, 120).set(m.bytes(p + 32, 120));
      assert.equal(call("sealAndOpen", record, 120), (23 << 16) | 120);
    });
    t.diagnostic(`keys and records: ${events}`);

    const received = inputs.put(new Uint8Array(size));
    const finished = assertConstant(m, inputs, secretsOf(size), (call, p) =>
      assert.equal(call("checkFinished", hashId, p, transcript, received, size), 0),
    );
    t.diagnostic(`Finished: ${finished}`);
  });
}
