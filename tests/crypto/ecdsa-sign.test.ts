// Signatures and key pairs of ECDSA: RFC 6979's own, against Node and @noble/curves, and what a
// fault on the way must not give out.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { p256, p384 } from "@noble/curves/nist.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { type Instance, limbEngines, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { packaged } from "../vectors/cryptography.ts";
import { rfc6979 } from "../vectors/rfc6979.ts";
import { readRsp } from "../vectors/rsp.ts";
import { Tally } from "../vectors/wycheproof.ts";
import {
  type NistCurve,
  P256,
  P384,
  fromBig,
  invert,
  mod,
  multiplyAffine,
  toBig,
} from "./numbers.ts";
import { nonceOf } from "./nonce.ts";

const hashIds = { sha256: 4, sha384: 5, sha512: 6 } as const;
type Hash = keyof typeof hashIds;

const BAD_KEY = -0x405;
const EIO = -5;

const digestOf = (hash: Hash, message: Uint8Array | string): Buffer =>
  createHash(hash).update(message).digest();

/** r and s, or the error. */
function sign(
  m: Instance,
  curve: NistCurve,
  scalar: Uint8Array,
  hash: Hash,
  digest: Uint8Array,
  entropy: Uint8Array | null,
): Buffer | number {
  const rs = m.put(new Uint8Array(2 * curve.size).fill(0xee));
  const random = entropy === null ? 0 : m.put(entropy);
  const args = [m.put(scalar), hashIds[hash], m.put(digest), random];
  const result = m.call("ecdsaSign", curve.id, rs, ...args);
  const bytes = Buffer.from(m.read(rs, 2 * curve.size));
  assert.equal(m.call("scratchUsed"), 0);
  m.reset();
  if (result < 0) assert.deepEqual(bytes, Buffer.alloc(2 * curve.size), "nothing comes out");
  return result < 0 ? result : bytes;
}

function publicKeyOf(m: Instance, curve: NistCurve, scalar: Uint8Array): Buffer {
  const size = 1 + 2 * curve.size;
  const out = m.alloc(size);
  assert.equal(m.call("ecdhPublicKey", curve.id, out, m.put(scalar)), 1);
  const key = Buffer.from(m.read(out, size));
  m.reset();
  return key;
}

for (const engine of limbEngines) {
  const m = await loadEntry("crypto-sign", engine);
  const slow = engine === "wasm3";

  test(`ECDSA: signs as RFC 6979, A.2.5 and A.2.6 (${engine})`, (t) => {
    const tally = new Tally("RFC 6979");
    for (const { name, scalar, key, signatures } of rfc6979) {
      const curve = name === "P-256" ? P256 : P384;
      const d = Buffer.from(scalar, "hex");
      assert.equal(publicKeyOf(m, curve, d).toString("hex"), key);
      for (const [message, hash, rs] of signatures) {
        if (slow && hash !== "sha384") {
          tally.skip("left out on the slow engine");
          continue;
        }
        const made = sign(m, curve, d, hash, digestOf(hash, message), null) as Buffer;
        assert.equal(made.toString("hex"), rs, `${name} ${message} ${hash}`);
        tally.ran();
      }
    }
    tally.report(t, 12);
  });

  for (const curve of [P256, P384]) {
    test(`${curve.name}: the nonce has the entropy in it as RFC 6979, 3.6 says (${engine})`, () => {
      const { n, size } = curve;
      const scalar = new Random(36).bytes(size).fill(0x21, 0, 1);
      const entropy = new Random(37).bytes(32);
      const digest = digestOf("sha256", "nonce");
      const k = nonceOf(curve, scalar, "sha256", digest, entropy);
      const r = mod(multiplyAffine(curve, k, curve.G)!.x, n);
      const s = mod(invert(k, n) * (fromBig(digest) + r * fromBig(scalar)), n);
      const expected = Buffer.concat([toBig(r, size), toBig(s, size)]);
      assert.deepEqual(sign(m, curve, scalar, "sha256", digest, entropy), expected);
    });

    test(`${curve.name}: scalars and digests at the edges (${engine})`, () => {
      const { n, size } = curve;
      const digest = digestOf("sha512", "edge");
      for (const bad of [0n, n, n + 1n, 2n ** BigInt(8 * size) - 1n]) {
        assert.equal(sign(m, curve, toBig(bad, size), "sha512", digest, null), BAD_KEY);
      }
      const digests = [digest, Buffer.alloc(64), Buffer.alloc(64, 0xff), toBig(n, size)];
      for (const d of slow ? [n - 1n] : [1n, 2n, n - 2n, n - 1n]) {
        const key = publicKeyOf(m, curve, toBig(d, size));
        for (const one of digests) {
          const padded = Buffer.concat([one, Buffer.alloc(64 - one.length)]);
          const rs = sign(m, curve, toBig(d, size), "sha512", padded, null) as Buffer;
          const args = [m.put(key), key.length, m.put(padded), 64, m.put(rs)];
          assert.equal(m.call("ecdsaVerify", curve.id, ...args), 1);
          m.reset();
        }
      }
    });

    test(`${curve.name}: NIST CAVP key pairs (${engine})`, (t) => {
      const { size } = curve;
      const cases = readRsp(packaged("ECDSA/FIPS_186-3/KeyPair.rsp"), "Qy");
      const tally = new Tally(`CAVP KeyPair.rsp, ${curve.name}`);
      // The file's headings do not nest, but only one curve has numbers of that length.
      for (const one of cases.filter((c) => c.text("d").length === 2 * size)) {
        if (slow && tally.run > 1) {
          tally.skip("left out on the slow engine");
          continue;
        }
        const key = publicKeyOf(m, curve, one.number("d", size));
        const expected = [Buffer.of(4), one.number("Qx", size), one.number("Qy", size)];
        assert.deepEqual(key, Buffer.concat(expected));
        tally.ran();
      }
      tally.report(t, 10);
    });
  }

  test(`P-256: a fault in k G gives no signature (${engine})`, () => {
    const scalar = new Random(15).bytes(32).fill(0x15, 0, 1);
    const table = m.call("combTableAt");
    const digest = digestOf("sha256", "fault");
    const right = sign(m, P256, scalar, "sha256", digest, null);
    for (let i = 0; i < (slow ? 1 : 8); i++) {
      const at = table + 73 * i + 2;
      const byte = m.read(at, 1)[0]!;
      m.write(at, Uint8Array.of(byte ^ (1 << (i & 7))));
      assert.equal(sign(m, P256, scalar, "sha256", digest, null), EIO, `table at ${at - table}`);
      m.write(at, Uint8Array.of(byte));
    }
    assert.deepEqual(sign(m, P256, scalar, "sha256", digest, null), right);
  });

  test(`ECDSA: other curves and hashes are refused (${engine})`, () => {
    const args = [m.alloc(96), m.put(new Uint8Array(48).fill(1))];
    const digest = m.alloc(64);
    for (const curve of [0, 22, 25, 29]) {
      assert.equal(m.call("ecdsaSign", curve, ...args, 4, digest, 0), BAD_KEY);
    }
    for (const hash of [0, 1, 99]) {
      assert.equal(m.call("ecdsaSign", 23, ...args, hash, digest, 0), BAD_KEY);
    }
    m.reset();
  });

  test(`key pairs from the DRBG: P-256, P-384, X25519 (${engine})`, () => {
    const drbg = m.alloc(m.call("drbgStateSize"));
    const again = m.alloc(m.call("drbgStateSize"));
    const seed = m.put(new Random(48).bytes(48));
    m.call("drbgBegin", drbg, seed, 48);
    m.call("drbgBegin", again, seed, 48);
    for (const [id, size, publicSize, publicKey] of [
      [23, 32, 65, (k: Uint8Array) => p256.getPublicKey(k, false)],
      [24, 48, 97, (k: Uint8Array) => p384.getPublicKey(k, false)],
      [29, 32, 32, (k: Uint8Array) => x25519.getPublicKey(k)],
    ] as const) {
      const [scalar, out, bytes] = [m.alloc(size), m.alloc(publicSize), m.alloc(size)];
      assert.equal(m.call("generateKeyPair", id, scalar, out, drbg), 1);
      m.call("drbgFill", again, bytes, size);
      assert.deepEqual(m.read(scalar, size), m.read(bytes, size), "one draw");
      assert.deepEqual(m.read(out, publicSize), Uint8Array.from(publicKey(m.read(scalar, size))));
    }
    assert.equal(m.call("generateKeyPair", 25, m.alloc(66), m.alloc(133), drbg), 0);
    m.reset();
  });
}
