// X25519, ECDH and ECDSA on random input and on input chosen to sit on the edges, against Node's
// OpenSSL and @noble/curves.

import assert from "node:assert/strict";
import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  verify as nodeVerify,
} from "node:crypto";
import { x25519 } from "@noble/curves/ed25519.js";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { differential, type Trial } from "../harness/differential.ts";
import { type NistCurve, P256, P384, P521, fromBig, mod, toBig } from "./numbers.ts";

const curves = [
  { curve: P256, noble: p256, ownHash: "sha256", hashId: 4 },
  { curve: P384, noble: p384, ownHash: "sha384", hashId: 5 },
] as const;
type Curve = (typeof curves)[number];
/** Signatures on P-521 are only verified. */
const verified = [...curves, { curve: P521, noble: p521 }] as const;

/** What the two references say, which must be the same. */
function agreed<T>(node: T, noble: T): T {
  assert.deepEqual(noble, node, "the references differ");
  return node;
}

const der = (header: string, bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(header, "hex"), bytes]);

/** The shared secret; null where both refuse it for being zero. */
function x25519Reference(scalar: Uint8Array, point: Uint8Array): Buffer | null {
  const key = der("302e020100300506032b656e04220420", scalar);
  const peer = der("302a300506032b656e032100", point);
  const privateKey = createPrivateKey({ key, format: "der", type: "pkcs8" });
  const publicKey = createPublicKey({ key: peer, format: "der", type: "spki" });
  const attempt = (secret: () => Uint8Array): Buffer | null => {
    try {
      return Buffer.from(secret());
    } catch {
      return null;
    }
  };
  const node = attempt(() => diffieHellman({ privateKey, publicKey }));
  return agreed(
    node,
    attempt(() => x25519.getSharedSecret(scalar, point)),
  );
}

/** Random coordinates, and those around 0, p and 2^255 with the unused bit set or not. */
function somePoint(trial: Trial): Uint8Array {
  if (trial.random.below(3) > 0) return trial.bytes(32);
  const edge = trial.random.pick([20n, 2n ** 255n - 19n, 2n ** 255n - 1n, 2n ** 256n - 40n]);
  return toBig(edge + BigInt(trial.random.below(40)) - 20n, 33)
    .subarray(1)
    .reverse();
}

differential("X25519", "crypto-public", { quick: 60, long: 4000, slow: 8 }, (trial) => {
  const { m } = trial;
  const [scalar, point] = [trial.bytes(32), somePoint(trial)];
  const expected = x25519Reference(scalar, point);
  const out = trial.output(32);
  assert.equal(m.call("x25519", out, trial.input(scalar), trial.input(point)), expected ? 1 : 0);
  assert.deepEqual(trial.read(out), expected ?? Buffer.alloc(32));
});

differential("X25519, overlapping", "crypto-public", { quick: 16, long: 500, slow: 8 }, (trial) => {
  const { m, random } = trial;
  const both = trial.bytes(96);
  const [k, u, to] = [0, 0, 0].map(() => random.below(65)) as [number, number, number];
  const expected = x25519Reference(both.subarray(k, k + 32), both.subarray(u, u + 32));
  const p = trial.inPlace(both);
  assert.equal(m.call("x25519", p + to, p + k, p + u), 1);
  assert.deepEqual(trial.read(p, to, 32), expected);
  const again = trial.inPlace(both);
  m.call("x25519PublicKey", again + to, again + k);
  const publicKey = Buffer.from(x25519.getPublicKey(both.subarray(k, k + 32)));
  assert.deepEqual(trial.read(again, to, 32), publicKey);
});

/** A scalar of the curve: random, sparse, or close to 0, to n, or to a power of two. */
function someScalar({ random }: Trial, { n, size }: NistCurve): bigint {
  const any = mod(fromBig(random.bytes(size)), n - 1n) + 1n;
  const small = BigInt(1 + random.below(40));
  const power = 1n << BigInt(random.below(8 * size - 1));
  const kinds = [any, any, small, n - small, power, power - 1n, power + small, any & (any >> 7n)];
  return mod(random.pick(kinds) - 1n, n - 1n) + 1n;
}

differential("ECDH", "crypto-public", { quick: 24, long: 1500, slow: 12 }, (trial) => {
  const { m } = trial;
  const { curve, noble } = trial.random.pick(curves);
  const scalar = toBig(someScalar(trial, curve), curve.size);
  const peerScalar = toBig(someScalar(trial, curve), curve.size);
  const [own, other] = [scalar, peerScalar].map((k) => {
    const ecdh = createECDH(curve.nodeName);
    ecdh.setPrivateKey(k);
    return ecdh;
  }) as [ReturnType<typeof createECDH>, ReturnType<typeof createECDH>];
  const key = trial.output(1 + 2 * curve.size);
  assert.equal(m.call("ecdhPublicKey", curve.id, key, trial.input(scalar)), 1);
  const publicKey = Buffer.from(noble.getPublicKey(scalar, false));
  assert.deepEqual(trial.read(key), agreed(own.getPublicKey(), publicKey));
  const peer = other.getPublicKey();
  const expected = agreed(
    own.computeSecret(peer),
    Buffer.from(noble.getSharedSecret(scalar, peer).subarray(1)),
  );
  const out = trial.output(curve.size);
  const args = [out, trial.input(scalar), trial.input(peer), peer.length];
  assert.equal(m.call("ecdhSharedSecret", curve.id, ...args), 1);
  assert.deepEqual(trial.read(out), expected);
});

const RAW = { prehash: false, lowS: false } as const;

/** @noble throws where r or s is out of range. */
function isGood(
  { noble }: Pick<Curve, "noble">,
  key: Uint8Array,
  digest: Uint8Array,
  rs: Uint8Array,
): boolean {
  try {
    return noble.verify(rs, digest, key, RAW);
  } catch {
    return false;
  }
}

/** Node's verdict, which wants the message. */
function isGoodForNode(curve: NistCurve, key: Uint8Array, message: Uint8Array, rs: Uint8Array) {
  const coordinate = (at: number): string =>
    Buffer.from(key.subarray(at, at + curve.size)).toString("base64url");
  const jwk = { kty: "EC", crv: curve.name, x: coordinate(1), y: coordinate(1 + curve.size) };
  const publicKey = createPublicKey({ key: jwk, format: "jwk" });
  return nodeVerify("sha256", message, { key: publicKey, dsaEncoding: "ieee-p1363" }, rs);
}

/** r and s as they are, or with something an attacker may try. */
function altered({ random }: Trial, { n, size }: NistCurve, rs: Buffer): Buffer {
  const [r, s] = [fromBig(rs.subarray(0, size)), fromBig(rs.subarray(size))];
  const join = (a: bigint, b: bigint): Buffer =>
    Buffer.concat([a, b].map((x) => toBig(mod(x, 2n ** BigInt(8 * size)), size)));
  const flipped = Buffer.from(rs);
  flipped[random.below(2 * size)]! ^= 1 << random.below(8);
  const others = [join(r, n - s), join(n - r, s), join(r + n, s), join(r, s + n), join(s, r)];
  return random.pick([rs, rs, rs, flipped, flipped, ...others]);
}

differential("ECDSA, verify", "crypto-public", { quick: 40, long: 2500, slow: 16 }, (trial) => {
  const one = trial.random.pick(verified);
  const { curve, noble } = one;
  const secret = toBig(someScalar(trial, curve), curve.size);
  const key = noble.getPublicKey(secret, false);
  const message = trial.bytes(40);
  const digest = createHash("sha256").update(message).digest();
  const rs = altered(trial, curve, Buffer.from(noble.sign(digest, secret, RAW)));
  const node = isGoodForNode(curve, key, message, rs);
  const expected = agreed(node, isGood(one, key, digest, rs));
  const args = [trial.input(key), key.length, trial.input(digest), digest.length, trial.input(rs)];
  assert.equal(trial.m.call("ecdsaVerify", curve.id, ...args) === 1, expected);
});

differential("ECDSA, sign", "crypto-sign", { quick: 16, long: 1000, slow: 16 }, (trial) => {
  const one = trial.random.pick(curves);
  const { curve, noble, ownHash, hashId } = one;
  const secret = toBig(someScalar(trial, curve), curve.size);
  const digest = createHash(ownHash).update(trial.bytes(40)).digest();
  const entropy = trial.bytes(32);
  const isAdded = trial.random.below(4) > 0;
  const extraEntropy = isAdded ? entropy : false;
  const expected = noble.sign(digest, secret, { ...RAW, extraEntropy });
  const rs = trial.output(2 * curve.size);
  const random = isAdded ? trial.input(entropy) : 0;
  const args = [rs, trial.input(secret), hashId, trial.input(digest), random];
  assert.equal(trial.m.call("ecdsaSign", curve.id, ...args), 0);
  assert.deepEqual(trial.read(rs), Buffer.from(expected));
});
