// Lucky 13 (AlFardan and Paterson, 2013): what opening a CBC record does must not depend on its
// padding, nor on what is wrong with it. The two tests of constant-time.test.ts (traces of the
// release wasm) and constant-time-native.test.ts (valgrind), which say what they can and cannot see
// and try functions that leak.
//
// Public is whether a record is genuine. Of records of one length, all that are refused must leave
// one trace - wrong MACs, padding that is wrong in any place, padding longer than the record - and
// all that are genuine another, whatever the length of their text.

import assert from "node:assert/strict";
import { createCipheriv, createHmac } from "node:crypto";
import {
  type Declassified,
  type Subject as Checked,
  assertDerived,
  testSubjects,
} from "./harness/constant-memcheck.ts";
import {
  Inputs,
  assertConstant,
  secretsOf,
  testConstant,
  type Subject,
} from "./harness/constant-trace.ts";
import type { Memcheck } from "./harness/memcheck.ts";
import { Random } from "./harness/random.ts";

const PROGRAM = "constant-time";
const BLOCK = 16;
const RECORD = 416;
const HEADER = 11;
/** Hash, its number, bytes of MAC, and of the cipher's key: both sizes of AES. */
const HASHES = [
  ["sha1", 2, 20, 16],
  ["sha256", 4, 32, 16],
  ["sha384", 5, 48, 32],
] as const;

/** Of the result, and of the clearing that depends on it; with encrypt-then-MAC of the MAC, too. */
const RECORD_IS_GENUINE: Declassified = {
  branches: 4,
  where: /^Conditional jump .* in cbc_hmac_(cbcHmacOpen|openInside|openOutside)\b/,
};

const random = new Random(57);
const cipherKeys = random.bytes(32);
const macKeys = random.bytes(48);
const header = random.bytes(HEADER);
const iv = random.bytes(BLOCK);

/** A record of a text with MAC and padding. */
function encrypted(plain: Uint8Array, keySize: number): Buffer {
  const key = cipherKeys.subarray(0, keySize);
  const cipher = createCipheriv(`aes-${8 * keySize}-cbc`, key, iv).setAutoPadding(false);
  return Buffer.concat([iv, cipher.update(plain), cipher.final()]);
}

/** What a record encrypts when its padding has `padding` bytes and one for their number. */
function plainOf(hash: string, size: number, padding: number): Buffer {
  const n = RECORD - BLOCK - size - padding - 1;
  const text = random.bytes(n);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(n);
  const key = macKeys.subarray(0, size);
  const mac = createHmac(hash, key).update(header).update(length).update(text).digest();
  return Buffer.concat([text, mac, Buffer.alloc(padding + 1, padding)]);
}

/** Records that are refused: by MAC, by padding, by both. */
function refusedRecords(hash: string, size: number, keySize: number): Buffer[] {
  const turned = (plain: Buffer, at: number): Buffer => {
    plain[at]! ^= 0x10;
    return encrypted(plain, keySize);
  };
  const end = RECORD - BLOCK - 1;
  const macs = [0, 15, 100, 255].map((padding) =>
    turned(plainOf(hash, size, padding), end - padding - (padding % size) - 1),
  );
  const paddings = [1, 7, 100, 255].map((at) => turned(plainOf(hash, size, 255), end - at));
  const lengths = [1, 14, 16, 200, 255].map((last) => {
    const plain = plainOf(hash, size, 15);
    plain[end] = last;
    return encrypted(plain, keySize);
  });
  const random_ = Array.from({ length: 4 }, () => Buffer.from(random.bytes(RECORD)));
  return [...macs, ...paddings, ...lengths, ...random_];
}

for (const [hash, id, size, keySize] of HASHES) {
  testConstant(`MAC-then-encrypt with ${hash}: padding, MAC and keys`, PROGRAM, (t, m) => {
    const inputs = new Inputs(m);
    const state = inputs.block(Number(m.call("cbcHmacStateSize")));
    const [c, k, h] = [cipherKeys, macKeys, header].map((bytes) => inputs.put(bytes));
    const results = new Set<number>();
    const open =
      (cipher: number, mac: number): Subject =>
      (call, p) => {
        call("cbcHmacBegin", state, id, 0, cipher, keySize, mac);
        results.add(Number(call("cbcHmacOpen", state, h!, p, RECORD)));
      };
    const texts = [...Array(256).keys()].map((i) => plainOf(hash, size, i));
    const genuine = texts.map((text) => encrypted(text, keySize));
    const good = assertConstant(m, inputs, genuine, open(c!, k!));
    assert.equal(results.size, 256, "every length of text");
    results.clear();
    const refused = refusedRecords(hash, size, keySize);
    const bad = assertConstant(m, inputs, refused, open(c!, k!));
    const record = inputs.block(RECORD);
    assertConstant(m, inputs, secretsOf(keySize + size), (call, p) => {
      m.bytes(record, RECORD).set(genuine[9]!);
      open(p, p + keySize)(call, record);
    });
    assert.deepEqual([...results], [-1]);
    t.diagnostic(`genuine: ${good}; refused: ${bad}`);
  });

  for (const flavour of [0, 1]) {
    const name = flavour ? "encrypt-then-MAC" : "MAC-then-encrypt";
    testConstant(`${name}, ${hash}: seal`, PROGRAM, (t, m) => {
      const inputs = new Inputs(m);
      const state = inputs.block(Number(m.call("cbcHmacStateSize")));
      const record = inputs.block(RECORD);
      const h = inputs.put(header);
      const events = assertConstant(m, inputs, secretsOf(keySize + size + 116), (call, p) => {
        m.bytes(record, BLOCK).set(iv);
        m.bytes(record + BLOCK, 100).set(m.bytes(p + keySize + size + BLOCK, 100));
        call("cbcHmacBegin", state, id, flavour, p, keySize, p + keySize);
        assert.ok(Number(call("cbcHmacSeal", state, h, record, 100)) > 0);
      });
      t.diagnostic(events);
    });
  }
}

/** A state of secret keys, and a record that was sealed with it. */
function sealed(m: Memcheck, [, id, size, keySize]: (typeof HASHES)[number], flavour: number) {
  const n = 300;
  const state = m.block(m.call("cbcHmacStateSize"));
  const [c, k] = [random.bytes(keySize), random.bytes(size)].map((bytes) => m.putSecret(bytes));
  m.call("cbcHmacBegin", state, id, flavour, c!, keySize, k!);
  const [h, record] = [m.put(header), m.block(RECORD)];
  m.call("copyBytesIf", 1, record + BLOCK, m.putSecret(random.bytes(n)), n);
  const length = m.call("cbcHmacSeal", state, h, record, n);
  assertDerived(m, record + BLOCK, length - BLOCK);
  m.publish(record, length);
  return { record, open: () => m.call("cbcHmacOpen", state, h, record, length) };
}

const subjects = HASHES.flatMap((suite) =>
  [0, 1].flatMap((flavour): Checked[] => {
    const name = `${flavour ? "encrypt-then-MAC" : "MAC-then-encrypt"} with ${suite[0]}`;
    return [
      {
        name: `${name}: genuine`,
        declassified: RECORD_IS_GENUINE,
        run(m) {
          const { record, open } = sealed(m, suite, flavour);
          assert.equal(open(), 300);
          assertDerived(m, record + BLOCK, 300);
        },
      },
      {
        name: `${name}: refused`,
        declassified: RECORD_IS_GENUINE,
        run(m) {
          const { record, open } = sealed(m, suite, flavour);
          m.write(record + 40, Uint8Array.of(m.read(record + 40, 1)[0]! ^ 1));
          assert.equal(open(), -1);
        },
      },
    ];
  }),
);

testSubjects(PROGRAM, subjects);
