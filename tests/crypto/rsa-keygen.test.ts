// RSA key generation: the numbers by their definitions (FIPS 186-5, A.1.1; RFC 8017, 3.2), keys
// that Node signs and verifies with, and generators that must not be trusted.

import assert from "node:assert/strict";
import {
  checkPrimeSync,
  createHash,
  createPrivateKey,
  createPublicKey,
  generatePrimeSync,
  sign,
  verify,
} from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import binaryen from "binaryen";
import { compileEntry } from "../harness/compile.ts";
import { type Instance, limbEngines, loadEntry, loadWasm } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { fromBig, mod } from "./numbers.ts";
import { bytesOf } from "./rsa-keys.ts";

const BAD_KEY = -0x405;
const EIO = -5;
const SHA256 = 4;
const E = 65537n;
const NAMES = ["n", "e", "d", "p", "q", "dp", "dq", "qi"] as const;
const long = process.env.WASSL_LONG === "1";
/** Of fittingPrimes, by their bits: before the tests, which run while the engines load. */
const primes = new Map<number, [bigint, bigint]>();

type Numbers = Record<(typeof NAMES)[number], bigint>;

interface Generated {
  /** The program's record of the key. */
  record: number;
  numbers: Numbers;
  drbg: number;
}

/** A new key, or the error. What `fill` puts into the generator's state, if it is not seeded. */
function generate(m: Instance, bits: number, seed: number, fill?: Uint8Array): Generated | number {
  const drbg = m.alloc(Math.max(m.call("drbgStateSize"), 1024));
  m.call("drbgBegin", drbg, m.put(new Random(seed).bytes(48)), 48);
  if (fill) m.write(drbg, fill);
  const size = m.call("rsaKeyStorage", bits);
  const storage = m.put(new Uint8Array(size + 8).fill(0xee));
  const record = m.alloc(64);
  const result = m.call("generateRsa", record, storage, bits, drbg);
  assert.equal(m.call("scratchUsed"), 0);
  const beyond = m.read(storage + size, 8);
  assert.deepEqual([...beyond], Array(8).fill(0xee), "nothing is written beyond");
  if (result < 0) {
    assert.ok(size === 0 || m.read(storage, size).every((byte) => byte === 0), "nothing remains");
    return result;
  }
  const words = new Uint32Array(m.read(record, 64).slice().buffer);
  const read = (i: number): bigint => fromBig(m.read(words[2 * i]!, words[2 * i + 1]!));
  const numbers = Object.fromEntries(NAMES.map((name, i) => [name, read(i)])) as Numbers;
  return { record, numbers, drbg };
}

function gcd(a: bigint, b: bigint): bigint {
  while (a !== 0n) [a, b] = [b % a, a];
  return b;
}

function assertConsistent({ n, e, d, p, q, dp, dq, qi }: Numbers, bits: number): void {
  const half = BigInt(bits / 2);
  assert.equal(e, E);
  assert.ok(checkPrimeSync(p) && checkPrimeSync(q), "primes");
  assert.equal(n, p * q);
  assert.equal(n.toString(2).length, bits);
  for (const prime of [p, q]) {
    assert.ok(prime < 2n ** half && prime ** 2n > 2n ** (2n * half - 1n), "A.1.1, 2c");
    assert.equal(prime % 4n, 3n);
    assert.equal(gcd(prime - 1n, E), 1n);
  }
  assert.ok(p - q > 2n ** (half - 100n), "A.1.1, 2d; p above q");
  const lcm = ((p - 1n) * (q - 1n)) / gcd(p - 1n, q - 1n);
  assert.equal(gcd(p - 1n, q - 1n), 2n);
  assert.equal(mod(d * E, lcm), 1n);
  assert.ok(d < lcm && d > 2n ** half, "A.1.1, 3");
  assert.equal(dp, d % (p - 1n));
  assert.equal(dq, d % (q - 1n));
  assert.equal(mod(qi * q, p), 1n);
  assert.ok(qi < p);
}

function assertUsable(m: Instance, { record, numbers, drbg }: Generated, bits: number): void {
  const jwk = Object.fromEntries(
    NAMES.map((name) => [name, bytesOf(numbers[name]).toString("base64url")]),
  );
  const privateKey = createPrivateKey({ key: { kty: "RSA", ...jwk }, format: "jwk" });
  const publicKey = createPublicKey(privateKey);
  const message = Buffer.from(`a key of ${bits} bits`);
  const digest = m.put(createHash("sha256").update(message).digest());
  const out = m.alloc(bits / 8);
  assert.equal(m.call("signPkcs1", out, record, SHA256, digest, drbg), 0);
  assert.ok(verify("sha256", message, publicKey, m.read(out, bits / 8)), "ours, verified there");
  const [n, e] = [bytesOf(numbers.n), bytesOf(numbers.e)];
  const s = sign("sha256", message, privateKey);
  const ranges = [m.put(s), s.length, m.put(n), n.length, m.put(e), e.length];
  assert.equal(m.call("rsaVerifyPkcs1", SHA256, digest, ...ranges), 1, "theirs, verified here");
}

for (const engine of limbEngines) {
  const m = await loadEntry("crypto-sign", engine);
  const fast = engine === "native" || engine === "v8";

  const sizes = !fast ? [] : long ? [2048, 2064, 3072, 4096] : [2048];
  for (const bits of sizes) {
    test(`RSA: a key of ${bits} bits (${engine})`, () => {
      const seeds = bits === 2048 ? (engine === "native" ? (long ? 8 : 2) : 1) : 1;
      const moduli = new Set<bigint>();
      for (let seed = 0; seed < seeds; seed++) {
        const key = generate(m, bits, bits + seed);
        assert.ok(typeof key !== "number", `error ${String(key)}`);
        assertConsistent(key.numbers, bits);
        assertUsable(m, key, bits);
        moduli.add(key.numbers.n);
        m.reset();
      }
      assert.equal(moduli.size, seeds);
    });
  }

  test(`RSA: sizes of keys that are refused (${engine})`, () => {
    const bad = [-2048, -1, 0, 8, 1024, 2032, 2047, 2049, 2056, 4080 + 8, 4097, 4112, 0x7fffffff];
    for (const bits of [...bad, -0x80000000]) {
      assert.equal(m.call("rsaKeyStorage", bits), 0, `${bits}`);
      assert.equal(generate(m, bits, 1), BAD_KEY, `${bits}`);
      m.reset();
    }
    for (const bits of [2048, 2064, 3072, 4096]) {
      assert.equal(m.call("rsaKeyStorage", bits), (bits / 16) * 9 + 3);
    }
  });

  test(`RSA: a key from two primes (${engine})`, () => {
    for (const bits of fast && long ? [2048, 2064, 4096] : [2048]) {
      const [p, q] = fittingPrimes(bits / 2);
      const storage = m.alloc(m.call("rsaKeyStorage", bits));
      const record = m.alloc(64);
      for (const [first, second] of [
        [p, q],
        [q, p],
      ] as const) {
        m.call("layOutRsa", record, storage, bits);
        const words = new Uint32Array(m.read(record, 64).slice().buffer);
        m.write(words[6]!, bytesOf(first));
        m.write(words[8]!, bytesOf(second));
        m.call("completeRsa", record);
        const numbers = NAMES.map((name, i) => {
          return [name, fromBig(m.read(words[2 * i]!, words[2 * i + 1]!))];
        });
        assertConsistent(Object.fromEntries(numbers) as Numbers, bits);
      }
      m.reset();
    }
  });

  test(`RSA: scratch memory for key generation (${engine})`, (t) => {
    const peak = m.call("scratchPeak");
    t.diagnostic(`${peak} bytes`);
    assert.ok(peak < 9600);
  });
}

/** Two primes as the generator would give them, found once for all engines. */
function fittingPrimes(bits: number): [bigint, bigint] {
  const p = primes.get(bits)?.[0] ?? drawPrime(bits);
  let q = primes.get(bits)?.[1] ?? drawPrime(bits);
  while (p === q || gcd(p - 1n, q - 1n) > 2n) q = drawPrime(bits);
  primes.set(bits, [p, q]);
  return [p, q];
}

function drawPrime(bits: number): bigint {
  for (;;) {
    const p = generatePrimeSync(bits, { add: 4n, rem: 3n, bigint: true });
    if (p >> BigInt(bits - 8) >= 0xb6n && p % E !== 1n) return p;
  }
}

/** 1024 bits, 3 mod 4 and large enough, but no prime. */
function fittingComposite(): bigint {
  for (;;) {
    const [a, b] = [1n, 3n].map((rem) => generatePrimeSync(512, { add: 4n, rem, bigint: true }));
    if ((a! * b!) >> 1016n >= 0xb6n) return a! * b!;
  }
}

/**
 * The program with a generator that gives the bytes at its state's address, always the same, and
 * traps when it is asked for the 65th time.
 */
async function withConstantGenerator(): Promise<Instance> {
  const module = binaryen.readBinary(readFileSync(await compileEntry("crypto-sign")));
  module.setFeatures(binaryen.Features.All);
  const name = "assembly/crypto/drbg/drbgFill";
  assert.notEqual(module.getFunction(name), 0);
  module.removeFunction(name);
  const get = (i: number): number => module.local.get(i, binaryen.i32);
  module.addGlobal("asked", binaryen.i32, true, module.i32.const(0));
  const asked = module.global.get("asked", binaryen.i32);
  const one = module.i32.const(1);
  const body = module.block(null, [
    module.global.set("asked", module.i32.add(asked, one)),
    module.if(
      module.i32.gt_s(module.global.get("asked", binaryen.i32), module.i32.const(64)),
      module.unreachable(),
    ),
    module.memory.copy(get(1), get(0), get(2)),
  ]);
  const parameters = binaryen.createType([binaryen.i32, binaryen.i32, binaryen.i32]);
  module.addFunction(name, parameters, binaryen.none, [], body);
  assert.ok(module.validate());
  const folder = mkdtempSync(path.join(os.tmpdir(), "wassl-constant-"));
  try {
    writeFileSync(path.join(folder, "constant.wasm"), module.emitBinary());
    return await loadWasm(path.join(folder, "constant.wasm"), "v8");
  } finally {
    module.dispose();
    rmSync(folder, { recursive: true });
  }
}

test("RSA: a generator that repeats itself is an error, not an endless search", async () => {
  const random = new Random(7);
  const prime = drawPrime(1024);
  const composite = fittingComposite();
  const patterns = {
    zeros: Buffer.alloc(1024),
    ones: Buffer.alloc(1024, 0xff),
    "random bytes": Buffer.from(random.bytes(1024)),
    "a prime": Buffer.concat([bytesOf(prime), random.bytes(896)]),
    "a composite without small factors": Buffer.concat([bytesOf(composite), random.bytes(896)]),
  };
  for (const [what, bytes] of Object.entries(patterns)) {
    const m = await withConstantGenerator();
    assert.equal(generate(m, 2048, 1, bytes), EIO, what);
  }
});
