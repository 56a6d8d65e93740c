import assert from "node:assert/strict";
import { createCipheriv, createHmac } from "node:crypto";
import { test } from "node:test";
import { engines, type Instance, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { putAt, stateOf } from "./bytes.ts";

const BLOCK = 16;
const HEADER = 11;
const NOT_GENUINE = -1;

const hashes = [
  { id: 2, name: "sha1", size: 20 },
  { id: 4, name: "sha256", size: 32 },
  { id: 5, name: "sha384", size: 48 },
] as const;

interface Keys {
  hash: (typeof hashes)[number];
  isEncryptThenMac: boolean;
  cipherKey: Uint8Array;
  macKey: Uint8Array;
  header: Uint8Array;
}

function begin(m: Instance, keys: Keys): number {
  const state = stateOf(m, "cbcHmac");
  const { hash, isEncryptThenMac, cipherKey, macKey } = keys;
  const [c, k] = [m.put(cipherKey), m.put(macKey)];
  m.call("cbcHmacBegin", state, hash.id, isEncryptThenMac ? 1 : 0, c, cipherKey.length, k);
  return state;
}

function seal(m: Instance, keys: Keys, iv: Uint8Array, text: Uint8Array, at = 0): Buffer {
  const state = begin(m, keys);
  const room = m.call("cbcHmacSealedSize", state, text.length);
  const p = putAt(m, Buffer.concat([iv, text, Buffer.alloc(room - text.length)]), at);
  const n = m.call("cbcHmacSeal", state, putAt(m, keys.header, at), p, text.length);
  assert.equal(n, room);
  assert.deepEqual([...m.read(p + n, BLOCK)], Array<number>(BLOCK).fill(0), "not a byte more");
  const sealed = Buffer.from(m.read(p, n));
  m.reset();
  return sealed;
}

/** The text, or null where it is refused; what was refused is cleared. */
function open(m: Instance, keys: Keys, sealed: Uint8Array, at = 0): Buffer | null {
  const state = begin(m, keys);
  const p = putAt(m, sealed, at);
  const n = m.call("cbcHmacOpen", state, putAt(m, keys.header, at), p, sealed.length);
  const bytes = Buffer.from(m.read(p, sealed.length));
  m.reset();
  if (n >= 0) return bytes.subarray(BLOCK, BLOCK + n);
  assert.equal(n, NOT_GENUINE);
  assert.ok(bytes.every((byte) => byte === 0));
  return null;
}

/** How a peer may build a record: with longer padding, or with what is wrong. */
interface Flaws {
  /** Blocks of padding more than there must be. */
  extra?: number;
  padding?(right: Buffer): void;
  mac?(right: Buffer): void;
}

function mac({ hash, macKey, header }: Keys, text: Uint8Array, flaws: Flaws): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  const bytes = createHmac(hash.name, macKey).update(header).update(length).update(text).digest();
  flaws.mac?.(bytes);
  return bytes;
}

function pad(text: Buffer, flaws: Flaws): Buffer {
  const n = BLOCK - (text.length % BLOCK) + BLOCK * (flaws.extra ?? 0);
  const padding = Buffer.alloc(n, n - 1);
  flaws.padding?.(padding);
  return Buffer.concat([text, padding]);
}

/** The record as RFC 5246, 6.2.3.2 or RFC 7366 builds it, out of Node's parts. */
function build(keys: Keys, iv: Uint8Array, text: Uint8Array, flaws: Flaws = {}): Buffer {
  const encrypt = (padded: Buffer): Buffer => {
    const name = `aes-${8 * keys.cipherKey.length}-cbc`;
    const cipher = createCipheriv(name, keys.cipherKey, iv).setAutoPadding(false);
    return Buffer.concat([iv, cipher.update(padded), cipher.final()]);
  };
  if (!keys.isEncryptThenMac) {
    return encrypt(pad(Buffer.concat([text, mac(keys, text, flaws)]), flaws));
  }
  const encrypted = encrypt(pad(Buffer.from(text), flaws));
  return Buffer.concat([encrypted, mac(keys, encrypted, flaws)]);
}

function randomKeys(random: Random, hash: Keys["hash"], isEncryptThenMac: boolean): Keys {
  const cipherKey = random.bytes(random.pick([16, 32]));
  const macKey = random.bytes(hash.size);
  return { hash, isEncryptThenMac, cipherKey, macKey, header: random.bytes(HEADER) };
}

function turn(at: number, bit = 0): (bytes: Buffer) => void {
  return (bytes) => void (bytes[at]! ^= 1 << bit);
}

for (const engine of engines) {
  test(`CBC records: a single byte of padding must be 0 (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const random = new Random(104);
    for (const isEncryptThenMac of [false, true]) {
      for (const hash of hashes) {
        const keys = randomKeys(random, hash, isEncryptThenMac);
        const text = random.bytes(5 * BLOCK - 1 - (isEncryptThenMac ? 0 : hash.size));
        const iv = random.bytes(BLOCK);
        for (let byte = 0; byte < 256; byte += engine === "wasm3" ? 15 : 1) {
          const flaws = { padding: (right: Buffer) => void right.writeUInt8(byte, 0) };
          const expected = byte === 0 ? Buffer.from(text) : null;
          assert.deepEqual(open(m, keys, build(keys, iv, text, flaws)), expected, `${byte}`);
        }
      }
    }
  });

  for (const isEncryptThenMac of [false, true]) {
    const what = isEncryptThenMac ? "encrypt-then-MAC" : "MAC-then-encrypt";

    test(`CBC records, ${what}: all lengths, as from Node's parts (${engine})`, async () => {
      const m = await loadEntry("crypto-symmetric", engine);
      const random = new Random(101);
      for (const hash of hashes) {
        for (const n of [...Array(50).keys(), 200, 255, 256, 257, 1000, 16384]) {
          const keys = randomKeys(random, hash, isEncryptThenMac);
          const [iv, text] = [random.bytes(BLOCK), random.bytes(n)];
          const sealed = seal(m, keys, iv, text, n % 8);
          assert.deepEqual(sealed, build(keys, iv, text), `${hash.name}, ${n} bytes`);
          assert.deepEqual(open(m, keys, sealed, (n + 3) % 8), Buffer.from(text));
        }
      }
      assert.equal(m.call("scratchMark"), 0);
    });

    test(`CBC records, ${what}: padding of every length (${engine})`, async () => {
      const m = await loadEntry("crypto-symmetric", engine);
      const random = new Random(102);
      for (const hash of hashes) {
        for (let i = 0; i < 256; i += engine === "v8" ? 1 : 5) {
          const keys = randomKeys(random, hash, isEncryptThenMac);
          const before = isEncryptThenMac ? 0 : hash.size;
          const text = random.bytes(((2 * 256 - before - i - 1) % 16) + 16 * random.below(5));
          const iv = random.bytes(BLOCK);
          const sealed = build(keys, iv, text, { extra: i >> 4 });
          assert.deepEqual(open(m, keys, sealed), Buffer.from(text), `${hash.name}, ${i}`);
        }
      }
    });

    test(`CBC records, ${what}: whatever is wrong is refused (${engine})`, async () => {
      const m = await loadEntry("crypto-symmetric", engine);
      const random = new Random(103);
      for (const hash of hashes) {
        const keys = randomKeys(random, hash, isEncryptThenMac);
        const [iv, text] = [random.bytes(BLOCK), random.bytes(37)];
        const refused = (sealed: Uint8Array, how: string, other = keys): void =>
          assert.equal(open(m, other, sealed), null, `${hash.name}, ${how}`);
        for (let at = 0; at < hash.size; at++) {
          refused(build(keys, iv, text, { mac: turn(at, at % 8) }), `MAC, byte ${at}`);
        }
        for (const extra of [0, 1, 14]) {
          const n = build(keys, iv, text, { extra }).length;
          const size = pad(Buffer.alloc(37 + (isEncryptThenMac ? 0 : hash.size)), { extra }).length;
          const padding = size - 37 - (isEncryptThenMac ? 0 : hash.size);
          for (let at = 0; at < padding; at += engine === "v8" ? 1 : 7) {
            refused(build(keys, iv, text, { extra, padding: turn(at) }), `padding, byte ${at}`);
          }
          for (const last of [padding, size - 1, size, 255].filter((x) => x < 256)) {
            const long = (bytes: Buffer): void => void bytes.fill(last);
            refused(build(keys, iv, text, { extra, padding: long }), `all padding ${last} of ${n}`);
          }
        }
        const sealed = build(keys, iv, text);
        for (let at = 0; at < HEADER; at++) {
          const header = Uint8Array.from(keys.header);
          header[at]! ^= 1;
          refused(sealed, `header, byte ${at}`, { ...keys, header });
        }
        for (let n = 0; n < sealed.length; n++) refused(sealed.subarray(0, n), `${n} bytes`);
        refused(Buffer.concat([sealed, sealed.subarray(0, BLOCK)]), "a block more");
        for (let bit = 0; bit < 8 * sealed.length; bit += 61) {
          const wrong = Buffer.from(sealed);
          turn(bit >> 3, bit & 7)(wrong);
          refused(wrong, `bit ${bit}`);
        }
        assert.deepEqual(open(m, keys, sealed), Buffer.from(text));
      }
      assert.equal(m.call("scratchMark"), 0);
    });
  }
}
