// The search for primes: known ones pass, composites made to pass do not, and what is drawn is what
// the generator gave.

import assert from "node:assert/strict";
import { checkPrimeSync, getDiffieHellman } from "node:crypto";
import { test } from "node:test";
import { type Instance, limbEngines, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { P256, P384, fromBig, power } from "./numbers.ts";
import { bytesOf } from "./rsa-keys.ts";

/** A seeded generator in the program's memory. */
function generator(m: Instance, seed: number): number {
  const state = m.alloc(m.call("drbgStateSize"));
  m.call("drbgBegin", state, m.put(new Random(seed).bytes(48)), 48);
  return state;
}

function passes(m: Instance, n: bigint, seed = 1): boolean {
  const bytes = bytesOf(n);
  const found = m.call("isProbablePrime", m.put(bytes), bytes.length, generator(m, seed));
  assert.equal(m.call("scratchUsed"), 0);
  m.reset();
  return found === 1;
}

function hasSmallFactor(m: Instance, n: bigint): boolean {
  const bytes = bytesOf(n);
  const found = m.call("hasSmallFactor", m.put(bytes), bytes.length);
  m.reset();
  return found === 1;
}

/** A random prime of `bits` bits that is 3 mod 4. */
function primeOf(bits: number, random: Random): bigint {
  for (;;) {
    const top = 1n << BigInt(bits - 1);
    const p = top | (fromBig(random.bytes(Math.ceil(bits / 8))) % top) | 3n;
    if (checkPrimeSync(p)) return p;
  }
}

/** What somebody would choose to be taken for a prime: a quarter of all bases call it one. */
function worstComposite(bits: number, random: Random): bigint {
  for (;;) {
    const p = primeOf(bits, random);
    if (checkPrimeSync(2n * p - 1n)) return p * (2n * p - 1n);
  }
}

/**
 * A Carmichael number of three primes, each 3 mod 4: p, a (p - 1) + 1 and b (p - 1) + 1, with
 * multipliers of F. Arnault's. Then b p = -1 mod a and a p = -1 mod b, which says where to look.
 */
function carmichael(bits: number, random: Random): bigint {
  const [a, b] = random.pick([
    [13n, 41n],
    [137n, 157n],
    [313n, 353n],
  ] as const);
  let p = primeOf(bits, random);
  while (p % 4n !== 3n || (b * p + 1n) % a !== 0n || (a * p + 1n) % b !== 0n) p++;
  for (; ; p += 4n * a * b) {
    const primes = [p, a * (p - 1n) + 1n, b * (p - 1n) + 1n];
    if (!primes.every((prime) => checkPrimeSync(prime))) continue;
    const n = primes.reduce((x, y) => x * y);
    assert.ok(primes.every((prime) => (n - 1n) % (prime - 1n) === 0n));
    return n;
  }
}

/** F. Arnault (Journal of Symbolic Computation 20, 1995): passes for every prime base below 307. */
function arnault(): bigint {
  const p = BigInt(
    "2967449566868551055015417464290533273077199179985304335099507553127683875317177019959423859" +
      "6428121188033664754218345562493168782883",
  );
  return p * (313n * (p - 1n) + 1n) * (353n * (p - 1n) + 1n);
}

const seed = new Random(1980);
const worst = Array.from({ length: 60 }, () => worstComposite(40, seed));
const carmichaels = Array.from({ length: 12 }, () => carmichael(40, seed));
const squares = [primeOf(512, seed) ** 2n * primeOf(511, seed), (2n ** 67n - 1n) ** 3n];

for (const engine of limbEngines) {
  const m = await loadEntry("crypto-sign", engine);
  const slow = engine === "wasm3";
  const fast = engine === "native" || engine === "v8";

  test(`primes: known ones pass (${engine})`, () => {
    const groups = slow ? ["modp1"] : fast ? ["modp1", "modp2", "modp5", "modp14"] : ["modp2"];
    const known = groups.map((name) => fromBig(getDiffieHellman(name).getPrime()));
    known.push(2n ** 127n - 1n, 2n ** 521n - 1n, P256.p, P384.p);
    for (const p of known) {
      assert.ok(passes(m, p), p.toString(16));
      assert.ok(!passes(m, 5n * p), "a multiple");
      assert.ok(!hasSmallFactor(m, p));
    }
    for (const random = new Random(128); random.below(slow ? 8 : 32) !== 0;) {
      assert.ok(passes(m, primeOf(64 + random.below(200), random)));
    }
  });

  test(`primes: composites made to pass do not (${engine})`, () => {
    const composites = [...worst, ...carmichaels, ...squares];
    for (const [i, n] of composites.entries()) {
      if (slow && i % 5 > 0) continue;
      assert.equal(n % 4n, 3n);
      assert.ok(!passes(m, n, i), n.toString());
    }
    const n = arnault();
    assert.equal(n % 4n, 3n);
    for (const base of [2n, 3n, 5n, 199n, 293n]) {
      assert.ok([1n, n - 1n].includes(power(base, (n - 1n) / 2n, n)), "it is Arnault's number");
    }
    assert.ok(!passes(m, n));
  });

  test(`primes: random numbers, the same as Node's (${engine})`, () => {
    const random = new Random(4);
    let primes = 0;
    for (let i = 0; i < (slow ? 100 : 1500); i++) {
      const n = fromBig(random.bytes(8 + random.below(9)).fill(0xd3, 0, 1)) | 3n;
      const expected = checkPrimeSync(n);
      assert.equal(passes(m, n, i), expected, n.toString());
      if (expected) primes++;
    }
    assert.ok(primes > 2);
  });

  test(`primes: factors below 4096 are found, above not (${engine})`, () => {
    const random = new Random(4096);
    const large = primeOf(520, random);
    for (let f = 3; f < 4096; f += slow ? 146 : 2) {
      assert.ok(hasSmallFactor(m, large * BigInt(f)), `${f}`);
    }
    for (const f of [1, 4099, 4111, 65537]) assert.ok(!hasSmallFactor(m, large * BigInt(f)));
    for (const f of [3, 13, 4093, 65537, 131071]) {
      for (let i = 0; i < 40; i++) {
        const bytes = random.bytes(1 + random.below(300));
        const some = fromBig(bytes);
        const near = (some / BigInt(f)) * BigInt(f) + BigInt(random.below(3));
        for (const a of [some, near]) {
          const at = m.put(bytesOf(a));
          const found = m.call("isMultipleOf", at, bytesOf(a).length, f);
          assert.equal(found === 1, a % BigInt(f) === 0n, `${a} ${f}`);
          m.free(at);
        }
      }
    }
  });

  test(`primes: candidates are what the generator gave, uniform above the root (${engine})`, () => {
    const size = 16;
    const [state, copy] = [generator(m, 5), generator(m, 5)];
    const [p, raw] = [m.alloc(size), m.alloc(size)];
    const least = 0xb504f333f9de6484597d89b3754abe9fn; // the root of 2^255
    assert.ok(least ** 2n < 2n ** 255n && (least + 1n) ** 2n > 2n ** 255n);
    const counts = [0, 0, 0];
    for (let i = 0; i < (slow ? 200 : 3000); i++) {
      const taken = m.call("drawCandidate", p, size, state) === 1;
      m.call("drbgFill", copy, raw, size);
      const n = fromBig(m.read(p, size));
      assert.equal(n, fromBig(m.read(raw, size)) | 3n);
      if (n >> 96n === least >> 96n) continue; // the border is checked to 32 bits
      assert.equal(taken, n > least && smallestFactor(n) === null, n.toString(16));
      counts[n < least ? 0 : taken ? 2 : 1]!++;
    }
    assert.ok(counts.every((count) => count > 0));
    m.reset();
  });

  test(`primes: scratch memory (${engine})`, (t) => {
    const peak = m.call("scratchPeak");
    t.diagnostic(`${peak} bytes`);
    assert.ok(peak < 9600);
  });
}

/** The smallest odd factor from 3 to 4095, or null. */
function smallestFactor(n: bigint): bigint | null {
  for (let f = 3n; f < 4096n; f += 2n) if (n % f === 0n) return f;
  return null;
}
