import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { engines, type Instance, loadEntry, Trap } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { first, readCavp, spread } from "../vectors/cavp.ts";
import { Tally } from "../vectors/wycheproof.ts";
import { hex, output, putAt, stateOf } from "./bytes.ts";

const hashes = [
  { id: 2, name: "sha1", file: "SHA1/SHA1", size: 20, block: 64 },
  { id: 3, name: "sha224", file: "SHA2/SHA224", size: 28, block: 64 },
  { id: 4, name: "sha256", file: "SHA2/SHA256", size: 32, block: 64 },
  { id: 5, name: "sha384", file: "SHA2/SHA384", size: 48, block: 128 },
  { id: 6, name: "sha512", file: "SHA2/SHA512", size: 64, block: 128 },
] as const;

// FIPS 180-4's own example, as NIST's "SHA examples" give it: "abc".
const abc = {
  sha1: "a9993e364706816aba3e25717850c26c9cd0d89d",
  sha224: "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
  sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  sha384:
    "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163" +
    "1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
  sha512:
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" +
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
};

// A million times "a", in updates of 1,000.
const million = {
  sha1: "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
  sha224: "20794655980c91d8bbb4c1ea97618a4bf03f42581948b2ee4ee7ad67",
  sha256: "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
  sha384:
    "9d0e1809716474cb086e834e310a4a1ced149e9c00f24852" +
    "7972cec5704c2a5b07b8b3dc38ecc4ebae97ddd87f3d8985",
  sha512:
    "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb" +
    "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b",
};

const expected = (name: string, bytes: Uint8Array): string =>
  createHash(name).update(bytes).digest("hex");

function digest(m: Instance, hash: (typeof hashes)[number], bytes: Uint8Array): string {
  const result = output(m, hash.size, "hash", hash.id, m.put(bytes), bytes.length);
  m.reset();
  return result.toString("hex");
}

/** The first 64 bits of the fraction of the n-th root of a prime, by bisection. */
function fraction(prime: bigint, root: bigint): bigint {
  let low = 0n;
  let high = prime << 64n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** root <= prime << (64n * root)) low = middle;
    else high = middle;
  }
  return low & 0xffff_ffff_ffff_ffffn;
}

function primes(count: number): bigint[] {
  const found: bigint[] = [];
  for (let n = 2n; found.length < count; n++) {
    if (found.every((prime) => n % prime !== 0n)) found.push(n);
  }
  return found;
}

for (const engine of engines) {
  test(`SHA-2, tables: roots of primes (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const table = (which: number, n: number): bigint[] => {
      const view = Buffer.from(m.read(m.call("sha2Table", which), 8 * n));
      return Array.from({ length: n }, (_, i) => view.readBigUInt64LE(8 * i));
    };
    const squares = primes(16).map((prime) => fraction(prime, 2n));
    assert.deepEqual(
      table(0, 80),
      primes(80).map((prime) => fraction(prime, 3n)),
    );
    assert.deepEqual(table(1, 8), squares.slice(0, 8));
    assert.deepEqual(table(2, 8), squares.slice(8));
  });

  test(`hashes: FIPS 180-4's examples (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    for (const hash of hashes) {
      assert.equal(digest(m, hash, Buffer.from("abc")), abc[hash.name]);
      const state = stateOf(m, "hash");
      const part = m.put(Buffer.alloc(1000, "a"));
      m.call("hashBegin", state, hash.id);
      for (let i = 0; i < 1000; i++) m.call("hashUpdate", state, part, 1000);
      assert.equal(output(m, hash.size, "hashEnd", state).toString("hex"), million[hash.name]);
      m.reset();
    }
  });

  test(`hashes: NIST CAVP (${engine})`, async (t) => {
    const m = await loadEntry("crypto-symmetric", engine);
    for (const hash of hashes) {
      const { file } = hash;
      for (const kind of ["ShortMsg", "LongMsg"]) {
        const tally = new Tally(`NIST CAVP, ${file}${kind}`);
        const cases = readCavp(`hashes/${file}${kind}.rsp`, "MD");
        for (const one of spread(cases, 8, engine, tally)) {
          const text = one.bytes("Msg").subarray(0, Number(one.text("Len")) / 8);
          assert.equal(digest(m, hash, text), one.text("MD"));
          tally.ran();
        }
        tally.report(t, cases.length);
      }
    }
  });

  test(`hashes: NIST CAVP, chains of a thousand (${engine})`, async (t) => {
    const m = await loadEntry("crypto-symmetric", engine);
    for (const { id, size, file } of hashes) {
      const tally = new Tally(`NIST CAVP, ${file}Monte`);
      const cases = readCavp(`hashes/${file}Monte.rsp`, "MD");
      // Each digest is that of the three before it (SHAVS, 6.4).
      const chain = m.alloc(1003 * size);
      let seed = cases[0]!.bytes("Seed");
      for (const one of first(cases, 2, engine, tally)) {
        m.write(chain, Buffer.concat([seed, seed, seed]));
        for (let i = 0; i < 1000; i++) {
          m.call("hash", id, chain + i * size, 3 * size, chain + (i + 3) * size);
        }
        seed = Buffer.from(m.read(chain + 1002 * size, size));
        assert.equal(seed.toString("hex"), one.text("MD"));
        tally.ran();
      }
      tally.report(t, 100);
      m.reset();
    }
  });

  test(`hashes: all lengths to two blocks, all alignments, against Node (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const random = new Random(1);
    for (const hash of hashes) {
      for (let n = 0; n <= 2 * hash.block + 1; n++) {
        const bytes = random.bytes(n);
        const p = putAt(m, bytes, n % 8);
        const out = m.alloc(hash.size + 8) + (n % 5);
        m.call("hash", hash.id, p, n, out);
        const result = Buffer.from(m.read(out, hash.size)).toString("hex");
        assert.equal(result, expected(hash.name, bytes), `${hash.name}, ${n} bytes`);
        m.reset();
      }
      for (const n of [1000, 4097, 16_384]) {
        const bytes = random.bytes(n);
        assert.equal(digest(m, hash, bytes), expected(hash.name, bytes));
      }
    }
  });

  test(`hashes: updates split at every position, forks (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const random = new Random(2);
    for (const hash of hashes) {
      const n = 2 * hash.block + 9;
      const bytes = random.bytes(n);
      const p = m.put(bytes);
      const prefix = stateOf(m, "hash");
      const state = stateOf(m, "hash");
      const out = m.alloc(hash.size);
      m.call("hashBegin", prefix, hash.id);
      for (let i = 0; i <= n; i++) {
        m.call("hashCopy", state, prefix);
        m.call("hashUpdate", state, p + i, n - i);
        m.call("hashEnd", state, out);
        const result = Buffer.from(m.read(out, hash.size)).toString("hex");
        assert.equal(result, expected(hash.name, bytes), `${hash.name}, split at ${i}`);
        if (i < n) m.call("hashUpdate", prefix, p + i, 1);
      }
      m.reset();
    }
  });

  test(`hashes: what is left behind, and what does not exist (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const state = stateOf(m, "hash");
    m.call("hashBegin", state, 4);
    m.call("hashUpdate", state, m.put(hex("c0ffee")), 3);
    m.call("hashEnd", state, m.alloc(32));
    const left = m.read(state, m.call("hashStateSize"));
    assert.ok(left.every((byte) => byte === 0));
    assert.equal(m.call("scratchMark"), 0);
    assert.deepEqual(
      [1, 2, 3, 4, 5, 6, 7].map((id) => m.call("hashSize", id)),
      [0, 20, 28, 32, 48, 64, 0],
    );
    assert.throws(() => m.call("hashBegin", state, 7), Trap);
  });
}
