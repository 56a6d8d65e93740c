// The key schedule against RFC 8448, section 3, every secret; with SHA-384 against node:crypto.

import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { before, describe, it } from "node:test";
import { engines, loadEntry, type Instance } from "../harness/instance.ts";
import { ascii, concat, u16, vector8 } from "../harness/tls13-wire.ts";
import { messages, records, secrets } from "../vectors/rfc8448.ts";

const SHA256 = 4;
const SHA384 = 5;
const NAMES = { [SHA256]: "sha256", [SHA384]: "sha384" };
const KEY = 0;
const IV = 1;
const UPDATE = 2;
const TRAFFIC = [
  "clientHandshake",
  "serverHandshake",
  "clientApplication",
  "serverApplication",
] as const;

for (const engine of engines) {
  describe(`key schedule (${engine})`, () => {
    let m: Instance;
    before(async () => (m = await loadEntry("tls", engine)));

    const run = (
      hash: 4 | 5,
      ...inputs: readonly [Uint8Array, Uint8Array, Uint8Array]
    ): Uint8Array[] => {
      const size = hash === SHA256 ? 32 : 48;
      const [shared, helloHash, finishedHash] = inputs.map((bytes) => m.put(bytes));
      const out = m.alloc(7 * size);
      m.call("schedule_run", hash, shared, inputs[0].length, helloHash, finishedHash, out);
      const all = Uint8Array.from(m.read(out, 7 * size));
      return Array.from({ length: 7 }, (_, i) => all.slice(i * size, (i + 1) * size));
    };

    const expand = (hash: 4 | 5, secret: Uint8Array, label: number, n: number): Uint8Array => {
      const out = m.alloc(n);
      m.call("expand", hash, m.put(secret), label, out, n);
      return Uint8Array.from(m.read(out, n));
    };

    it("RFC 8448: secrets", () => {
      const { shared, helloHash, finishedHash } = secrets;
      assert.deepEqual(run(SHA256, shared, helloHash, finishedHash), [
        secrets.early,
        secrets.handshake,
        secrets.clientHandshake,
        secrets.serverHandshake,
        secrets.master,
        secrets.clientApplication,
        secrets.serverApplication,
      ]);
    });

    it("RFC 8448: keys and IVs", () => {
      for (const name of TRAFFIC) {
        const secret = secrets[name];
        assert.deepEqual(expand(SHA256, secret, KEY, 16), secrets[`${name}Key`], `${name} key`);
        assert.deepEqual(expand(SHA256, secret, IV, 12), secrets[`${name}Iv`], `${name} iv`);
      }
    });

    it("RFC 8448: both Finished", () => {
      const flight = [messages.encryptedExtensions, messages.certificate];
      const start = [records.clientHello.subarray(5), records.serverHello.subarray(5)];
      const verify = messages.certificateVerify;
      const digestOf = (...parts: Uint8Array[]): Uint8Array =>
        Uint8Array.from(
          createHash("sha256")
            .update(concat(...parts))
            .digest(),
        );
      const digest = digestOf(...start, ...flight, verify);
      assert.deepEqual(digestOf(...start), secrets.helloHash);
      const whole = digestOf(...start, ...flight, verify, messages.finished);
      assert.deepEqual(whole, secrets.finishedHash);
      const finished = (secret: Uint8Array, hash: Uint8Array): Uint8Array => {
        const out = m.alloc(32);
        m.call("finished_data", SHA256, m.put(secret), m.put(hash), out);
        return Uint8Array.from(m.read(out, 32));
      };
      const server = finished(secrets.serverHandshake, digest);
      assert.deepEqual(server, messages.finished.slice(4));
      const client = finished(secrets.clientHandshake, secrets.finishedHash);
      assert.deepEqual(client, secrets.clientFinished);
    });

    it("SHA-384, against HMAC of node:crypto", () => {
      const bytes = (seed: number, n: number): Uint8Array =>
        Uint8Array.from({ length: n }, (_, i) => (i * 37 + seed) & 255);
      const inputs = [bytes(1, 32), bytes(2, 48), bytes(3, 48)] as const;
      assert.deepEqual(run(SHA384, ...inputs), expected(SHA384, ...inputs));
      const secret = bytes(4, 48);
      const next = expandLabel(SHA384, secret, "traffic upd", new Uint8Array(0), 48);
      assert.deepEqual(expand(SHA384, secret, UPDATE, 48), next);
    });
  });
}

function expandLabel(
  hash: 4 | 5,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  n: number,
): Uint8Array {
  const info = concat(u16(n), vector8(ascii(`tls13 ${label}`)), vector8(context));
  return expandOnly(hash, secret, info, n);
}

/** HKDF-Expand alone, which node:crypto does not have: n is at most one hash. */
function expandOnly(hash: 4 | 5, prk: Uint8Array, info: Uint8Array, n: number): Uint8Array {
  const block = createHmac(NAMES[hash], prk).update(info).update(Uint8Array.of(1)).digest();
  return Uint8Array.from(block.subarray(0, n));
}

function expected(
  hash: 4 | 5,
  shared: Uint8Array,
  helloHash: Uint8Array,
  finishedHash: Uint8Array,
): Uint8Array[] {
  const size = hash === SHA256 ? 32 : 48;
  const empty = createHash(NAMES[hash]).digest();
  const extract = (salt: Uint8Array, ikm: Uint8Array): Uint8Array =>
    Uint8Array.from(createHmac(NAMES[hash], salt).update(ikm).digest());
  const derive = (secret: Uint8Array, label: string, digest: Uint8Array): Uint8Array =>
    expandLabel(hash, secret, label, digest, size);
  const zeros = new Uint8Array(size);
  const early = extract(zeros, zeros);
  const handshake = extract(derive(early, "derived", empty), shared);
  const master = extract(derive(handshake, "derived", empty), zeros);
  return [
    early,
    handshake,
    derive(handshake, "c hs traffic", helloHash),
    derive(handshake, "s hs traffic", helloHash),
    master,
    derive(master, "c ap traffic", finishedHash),
    derive(master, "s ap traffic", finishedHash),
  ];
}
