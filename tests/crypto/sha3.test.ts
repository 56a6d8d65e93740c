import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { engines, type Instance, loadEntry, Trap } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { first, readCavp, spread } from "../vectors/cavp.ts";
import { Tally } from "../vectors/wycheproof.ts";
import { putAt, stateOf } from "./bytes.ts";

/** `size`: bytes of the digest, of a SHAKE as many as its security needs. */
const functions = [
  { id: 1, name: "sha3-256", file: "SHA3/SHA3_256", size: 32, rate: 136, isXof: false },
  { id: 2, name: "sha3-512", file: "SHA3/SHA3_512", size: 64, rate: 72, isXof: false },
  { id: 3, name: "shake128", file: "SHAKE/SHAKE128", size: 16, rate: 168, isXof: true },
  { id: 4, name: "shake256", file: "SHAKE/SHAKE256", size: 32, rate: 136, isXof: true },
] as const;
type Function = (typeof functions)[number];

const xofs = functions.filter(({ isXof }) => isXof);

/** What Node's OpenSSL says. */
function expected({ name, isXof }: Function, bytes: Uint8Array, n: number): string {
  const options = isXof ? { outputLength: n } : {};
  return createHash(name, options).update(bytes).digest("hex");
}

function digest(m: Instance, id: number, bytes: Uint8Array, n: number): string {
  const out = m.alloc(n);
  m.call("sha3", id, m.put(bytes), bytes.length, out, n);
  const result = Buffer.from(m.read(out, n)).toString("hex");
  m.reset();
  return result;
}

/** rc(t) of FIPS 202, 3.2.5: the output of its linear feedback shift register. */
function roundBit(t: number): number {
  let r = 1;
  for (let i = 0; i < t; i++) r = (r << 1) ^ (r & 0x80 ? 0x171 : 0);
  return r & 1;
}

/** The 64 bits of the constant of each round. */
function roundConstants(): bigint[] {
  return Array.from({ length: 24 }, (_, round) => {
    const bits = [0, 1, 2, 3, 4, 5, 6].filter((j) => roundBit(j + 7 * round) === 1);
    return bits.reduce((sum, j) => sum | (1n << BigInt(2 ** j - 1)), 0n);
  });
}

for (const engine of engines) {
  test(`Keccak's constants: FIPS 202's shift register (${engine})`, async () => {
    const m = await loadEntry("post-quantum", engine);
    const odd = Buffer.from(m.read(m.call("oddConstants"), 96));
    const even = m.call("evenConstants");
    roundConstants().forEach((constant, round) => {
      let joined = BigInt((even >>> round) & 1);
      for (let i = 0; i < 32; i++) {
        joined |= BigInt((odd.readUInt32LE(4 * round) >>> i) & 1) << BigInt(2 * i + 1);
      }
      assert.equal(joined, constant, `round ${round}`);
    });
  });

  test(`SHA-3: NIST CAVP (${engine})`, async (t) => {
    const m = await loadEntry("post-quantum", engine);
    for (const { id, file, size, isXof } of functions) {
      for (const kind of ["ShortMsg", "LongMsg"]) {
        const tally = new Tally(`NIST CAVP, ${file}${kind}`);
        const cases = readCavp(`hashes/${file}${kind}.rsp`, isXof ? "Output" : "MD");
        for (const one of spread(cases, 8, engine, tally)) {
          const text = one.bytes("Msg").subarray(0, Number(one.text("Len")) / 8);
          assert.equal(digest(m, id, text, size), one.text(isXof ? "Output" : "MD"));
          tally.ran();
        }
        tally.report(t, cases.length);
      }
    }
  });

  test(`SHAKE: NIST CAVP, outputs of all lengths (${engine})`, async (t) => {
    const m = await loadEntry("post-quantum", engine);
    for (const { id, file } of xofs) {
      const tally = new Tally(`NIST CAVP, ${file}VariableOut`);
      const cases = readCavp(`hashes/${file}VariableOut.rsp`, "Output");
      for (const one of spread(cases, 16, engine, tally)) {
        const result = digest(m, id, one.bytes("Msg"), Number(one.text("Outputlen")) / 8);
        assert.equal(result, one.text("Output"));
        tally.ran();
      }
      tally.report(t, cases.length);
    }
  });

  test(`SHA-3: NIST CAVP, chains of a thousand (${engine})`, async (t) => {
    const m = await loadEntry("post-quantum", engine);
    for (const { id, file, size } of functions.filter(({ isXof }) => !isXof)) {
      const tally = new Tally(`NIST CAVP, ${file}Monte`);
      const cases = readCavp(`hashes/${file}Monte.rsp`, "MD");
      const p = m.put(cases[0]!.bytes("Seed"));
      for (const one of first(cases, 2, engine, tally)) {
        for (let i = 0; i < 1000; i++) m.call("sha3", id, p, size, p, size);
        assert.equal(Buffer.from(m.read(p, size)).toString("hex"), one.text("MD"));
        tally.ran();
      }
      tally.report(t, 100);
      m.reset();
    }
  });

  test(`SHAKE: NIST CAVP, chains of a thousand outputs (${engine})`, async (t) => {
    const m = await loadEntry("post-quantum", engine);
    for (const { id, file } of xofs) {
      const tally = new Tally(`NIST CAVP, ${file}Monte`);
      const cases = readCavp(`hashes/${file}Monte.rsp`, "Output");
      // 128 to 1,120 bits, or 16 to 2,000: the last 16 bits of each output say how long the next
      // one is, its first 128 bits are the next text (SHA3VS, 6.3.3).
      const [least, most] = id === 3 ? [16, 140] : [2, 250];
      let [text, n] = [cases[0]!.bytes("Msg"), most];
      let output = Buffer.alloc(0);
      for (const one of first(cases, 1, engine, tally)) {
        for (let i = 0; i < 1000; i++) {
          output = Buffer.from(digest(m, id, text, n), "hex");
          text = Buffer.concat([output, Buffer.alloc(16)]).subarray(0, 16);
          n = least + (output.readUInt16BE(output.length - 2) % (most - least + 1));
        }
        assert.equal(output.toString("hex"), one.text("Output"));
        tally.ran();
      }
      tally.report(t, 100);
    }
  });

  test(`SHA-3: all lengths to two blocks, all alignments, against Node (${engine})`, async () => {
    const m = await loadEntry("post-quantum", engine);
    const random = new Random(41);
    for (const one of functions) {
      for (let n = 0; n <= 2 * one.rate + 1; n++) {
        const bytes = random.bytes(n);
        const p = putAt(m, bytes, n % 8);
        const out = m.alloc(one.size + 8) + (n % 5);
        m.call("sha3", one.id, p, n, out, one.size);
        const result = Buffer.from(m.read(out, one.size)).toString("hex");
        assert.equal(result, expected(one, bytes, one.size), `${one.name}, ${n} bytes`);
        m.reset();
      }
      const long = random.bytes(4097);
      assert.equal(digest(m, one.id, long, one.size), expected(one, long, one.size));
    }
  });

  test(`SHA-3: updates split at every position (${engine})`, async () => {
    const m = await loadEntry("post-quantum", engine);
    const random = new Random(42);
    for (const one of functions) {
      const n = one.rate + 9;
      const bytes = random.bytes(n);
      const wanted = expected(one, bytes, one.size);
      const [p, state, out] = [m.put(bytes), stateOf(m, "sha3"), m.alloc(one.size)];
      for (let i = 0; i <= n; i++) {
        m.call("sha3Begin", state, one.id);
        m.call("sha3Update", state, p, i);
        m.call("sha3Update", state, p + i, n - i);
        m.call("sha3Squeeze", state, out, one.size);
        const result = Buffer.from(m.read(out, one.size)).toString("hex");
        assert.equal(result, wanted, `${one.name}, split at ${i}`);
      }
      m.reset();
    }
  });

  test(`SHAKE: squeezed in pieces of every length (${engine})`, async () => {
    const m = await loadEntry("post-quantum", engine);
    const random = new Random(43);
    for (const one of xofs) {
      const bytes = random.bytes(77);
      const [p, state] = [m.put(bytes), stateOf(m, "sha3")];
      m.call("sha3Begin", state, one.id);
      m.call("sha3Update", state, p, bytes.length);
      const pieces: Buffer[] = [];
      for (let n = 0; n <= 60; n++) pieces.push(squeeze(m, state, (7 * n) % 61));
      for (const n of [one.rate, 2 * one.rate + 1]) pieces.push(squeeze(m, state, n));
      const all = Buffer.concat(pieces);
      assert.equal(all.toString("hex"), expected(one, bytes, all.length), one.name);
      m.reset();
    }
  });

  test(`SHA-3: what does not exist, and what comes too late (${engine})`, async () => {
    const m = await loadEntry("post-quantum", engine);
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5].map((id) => m.call("sha3Size", id)),
      [0, 32, 64, 0, 0, 0],
    );
    const state = stateOf(m, "sha3");
    m.call("sha3Begin", state, 3);
    squeeze(m, state, 1);
    assert.equal(m.call("scratchMark"), 0);
    assert.throws(() => m.call("sha3Update", state, state, 0), Trap);
    const other = await loadEntry("post-quantum", engine);
    assert.throws(() => other.call("sha3Begin", stateOf(other, "sha3"), 5), Trap);
  });
}

function squeeze(m: Instance, state: number, n: number): Buffer {
  const out = m.alloc(n + 8) + (n % 4);
  m.call("sha3Squeeze", state, out, n);
  return Buffer.from(m.read(out, n));
}
