import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { engines, type Instance, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { hex } from "./bytes.ts";

const hashes = [
  { id: 4, name: "sha256", size: 32 },
  { id: 5, name: "sha384", size: 48 },
] as const;

/** The TLS working group's mailing list, September 2009: "Test vectors for the TLS 1.2 PRF". */
const published = [
  {
    hash: hashes[0],
    secret: "9bbe436ba940f017b17652849a71db35",
    seed: "a0ba9f936cda311827a6f796ffd5198c",
    output:
      "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9" +
      "c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789ba" +
      "a48082d122ee42c5a72e5a5110fff70187347b66",
  },
  {
    hash: hashes[1],
    secret: "b80b733d6ceefcdc71566ea48e5567df",
    seed: "cd665cf6a8447dd6ff8b27555edb7465",
    output:
      "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe3" +
      "4f82b1233c9146a0e534cb400fed2700884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3" +
      "d416d473ebc2c5fd4abfdad05d9184259b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236" +
      "a3e52655c9e9aee691c8f3a26854308d5eaa3be85e0990703d73e56f",
  },
];

function prf(m: Instance, id: number, secret: Uint8Array, seed: Uint8Array, n: number): Buffer {
  const out = m.alloc(n + 1);
  m.call("prf", id, m.put(secret), secret.length, m.put(seed), seed.length, out, n);
  assert.equal(m.read(out + n, 1)[0], 0, "not a byte more than asked for");
  const result = Buffer.from(m.read(out, n));
  m.reset();
  return result;
}

/** RFC 5246, 5, in Node's HMACs. */
function expected(name: string, secret: Uint8Array, seed: Uint8Array, n: number): Buffer {
  const mac = (...parts: Uint8Array[]): Buffer =>
    createHmac(name, secret).update(Buffer.concat(parts)).digest();
  const blocks: Buffer[] = [];
  for (let a = mac(seed); 32 * blocks.length < n; a = mac(a)) blocks.push(mac(a, seed));
  return Buffer.concat(blocks).subarray(0, n);
}

function opensslPrf(name: string, secret: Buffer, seed: Buffer, n: number): string {
  const options = [`digest:${name}`, `hexsecret:${secret.toString("hex")}`];
  const args = [...options, `hexseed:${seed.toString("hex")}`].flatMap((o) => ["-kdfopt", o]);
  const text = execFileSync("openssl", ["kdf", "-keylen", String(n), ...args, "TLS1-PRF"]);
  return text.toString().trim().replaceAll(":", "").toLowerCase();
}

for (const engine of engines) {
  test(`TLS 1.2's PRF: published outputs (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    for (const { hash, secret, seed, output } of published) {
      const whole = Buffer.concat([Buffer.from("test label"), hex(seed)]);
      const result = prf(m, hash.id, hex(secret), whole, output.length / 2);
      assert.equal(result.toString("hex"), output);
    }
  });

  test(`TLS 1.2's PRF: all lengths, as HMACs and OpenSSL have it (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const random = new Random(71);
    for (const { id, name, size } of hashes) {
      for (const n of [0, 1, 12, size - 1, size, size + 1, 48, 2 * size, 104, 300]) {
        const [secret, seed] = [random.bytes(random.below(150)), random.bytes(random.below(90))];
        const result = prf(m, id, secret, seed, n);
        assert.deepEqual(result, expected(name, secret, seed, n), `${name}, ${n} bytes`);
      }
      const [secret, seed] = [Buffer.from(random.bytes(48)), Buffer.from(random.bytes(77))];
      const theirs = opensslPrf(name, secret, seed, 136);
      assert.equal(prf(m, id, secret, seed, 136).toString("hex"), theirs);
    }
    assert.equal(m.call("scratchMark"), 0);
  });
}
