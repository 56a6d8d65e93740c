// The constant-time decisions give what the plain operators give: exhaustively on small ranges
// around every place where a carry or a sign could go wrong, and on random values. That they take
// constant time is tests/constant-time.test.ts.

import assert from "node:assert/strict";
import test from "node:test";
import { engines, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";

const EDGES = [0, 0x7fffff80, 0x80000000 - 64, 0xffffff80, 0xffff_ffc0, 0xff80, 0x10000 - 64];

for (const engine of engines) {
  test(`decisions on all pairs around the edges, on ${engine}`, async () => {
    const m = await loadEntry("base", engine);
    const n = engine === "v8" ? 256 : 128;
    for (const edge of EDGES) assert.equal(m.call("wrongDecisionsBelow", n, edge), 0, `at ${edge}`);
  });

  test(`decisions on random and extreme words, on ${engine}`, async () => {
    const m = await loadEntry("base", engine);
    const random = new Random(2);
    const words = [0, 1, 2, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff];
    for (let i = 0; i < 40; i++) words.push(random.u32() >>> random.below(32));
    for (const a of words) {
      assert.equal(m.call("isNonZero", a), a === 0 ? 0 : 1);
      for (const b of words) {
        assert.equal(m.call("isLess", a, b), a < b ? 1 : 0, `${a} < ${b}`);
        assert.equal(m.call("isEqual", a, b), a === b ? 1 : 0, `${a} = ${b}`);
        assert.equal(m.call("select", 1, a, b) >>> 0, a);
        assert.equal(m.call("select", 0, a, b) >>> 0, b);
      }
    }
  });

  test(`byte ranges: every length, every single differing bit, on ${engine}`, async () => {
    const m = await loadEntry("base", engine);
    const bytes = new Random(3).bytes(33);
    for (let n = 0; n <= 33; n++) {
      const a = m.put(bytes.subarray(0, n));
      const b = m.put(bytes.subarray(0, n));
      assert.equal(m.call("equalBytes", a, b, n), 1);
      assert.equal(m.call("equalVarTime", a, b, n), 1);
      for (let bit = 0; bit < 8 * n; bit += engine === "v8" ? 1 : 5) {
        const at = b + (bit >>> 3);
        const byte = bytes[bit >>> 3]!;
        m.write(at, Uint8Array.of(byte ^ (1 << (bit & 7))));
        assert.equal(m.call("equalBytes", a, b, n), 0, `length ${n}, bit ${bit}`);
        assert.equal(m.call("equalVarTime", a, b, n), 0);
        m.write(at, Uint8Array.of(byte));
      }
      m.reset();
    }
  });

  test(`conditional copy and clear, on ${engine}`, async () => {
    const m = await loadEntry("base", engine);
    const random = new Random(4);
    for (let n = 0; n <= 20; n++) {
      const from = random.bytes(n);
      const old = random.bytes(n + 1); // one byte more, which must stay
      const source = m.put(from);
      const to = m.put(old);
      m.call("copyBytesIf", 0, to, source, n);
      assert.deepEqual(m.read(to, n + 1), old);
      m.call("zeroBytesIf", 0, to, n);
      assert.deepEqual(m.read(to, n + 1), old);
      m.call("copyBytesIf", 1, to, source, n);
      assert.deepEqual(m.read(to, n + 1), Uint8Array.of(...from, old[n]!));
      assert.equal(m.call("isZeroBytes", to, n), from.some((byte) => byte !== 0) ? 0 : 1);
      m.call("zeroBytesIf", 1, to, n);
      assert.equal(m.call("isZeroBytes", to, n), 1);
      assert.equal(m.read(to, n + 1)[n], old[n]);
      m.reset();
    }
  });
}
