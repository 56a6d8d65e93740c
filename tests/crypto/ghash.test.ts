import assert from "node:assert/strict";
import { test } from "node:test";
import { engines, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { hex, output, putAt, stateOf } from "./bytes.ts";

// SP 800-38D, 6.3, as it stands there: bits from the left, R = 11100001 || 0^120.
const R = 0xe1n << 120n;

function multiply(x: bigint, y: bigint): bigint {
  let z = 0n;
  let v = y;
  for (let i = 127n; i >= 0n; i--) {
    if ((x >> i) & 1n) z ^= v;
    v = (v >> 1n) ^ (v & 1n ? R : 0n);
  }
  return z;
}

const toNumber = (block: Uint8Array): bigint => BigInt(`0x${Buffer.from(block).toString("hex")}`);

/** GHASH of the bytes with zeros up to a whole block. */
function reference(h: Uint8Array, bytes: Uint8Array): string {
  let y = 0n;
  for (let i = 0; i < bytes.length; i += 16) {
    const block = Buffer.alloc(16);
    block.set(bytes.subarray(i, i + 16));
    y = multiply(y ^ toNumber(block), toNumber(h));
  }
  return y.toString(16).padStart(32, "0");
}

/** Hash keys and blocks that put single bits, and carries of all lengths, everywhere. */
function edges(): Buffer[] {
  const single = Array.from({ length: 128 }, (_, i) => {
    const block = Buffer.alloc(16);
    block[i >> 3] = 0x80 >> (i & 7);
    return block;
  });
  return [...single, Buffer.alloc(16, 0xff), Buffer.alloc(16, 0xaa), Buffer.alloc(16, 0x11)];
}

for (const engine of engines) {
  test(`GHASH: McGrew and Viega's test case 2 (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const state = stateOf(m, "ghash");
    m.call("ghashBegin", state, m.put(hex("66e94bd4ef8a2c3b884cfa59ca342b2e")));
    m.call("ghashUpdate", state, m.put(hex("0388dace60b6a392f328c2b971b2fe78")), 16);
    m.call("ghashLengths", state, 0, 16);
    const result = output(m, 16, "ghashEnd", state).toString("hex");
    assert.equal(result, "f38cbb1ad69223dcc3457ae5b6b0f885");
  });

  test(`GHASH: single bits and full words against the definition (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const random = new Random(8);
    const keys = edges();
    for (const h of keys) {
      const bytes = Buffer.concat([random.pick(keys), keys.at(-3)!, random.bytes(16)]);
      const state = stateOf(m, "ghash");
      m.call("ghashBegin", state, m.put(h));
      m.call("ghashUpdate", state, m.put(bytes), bytes.length);
      assert.equal(output(m, 16, "ghashEnd", state).toString("hex"), reference(h, bytes));
      m.reset();
    }
  });

  test(`GHASH: every length and alignment against the definition (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const random = new Random(9);
    for (let n = 0; n <= 50; n++) {
      const h = random.bytes(16);
      const bytes = random.bytes(n);
      const state = stateOf(m, "ghash");
      m.call("ghashBegin", state, putAt(m, h, n % 5));
      m.call("ghashUpdate", state, putAt(m, bytes, n % 8), n);
      assert.equal(output(m, 16, "ghashEnd", state).toString("hex"), reference(h, bytes));
      m.reset();
    }
    assert.equal(m.call("scratchMark"), 0);
  });
}
