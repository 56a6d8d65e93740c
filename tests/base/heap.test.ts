// The heap under random load: no two blocks overlap, contents survive, fresh memory is zero, the
// counters are exact, and when everything is released the heap is one piece again (its end is back
// where it was).

import assert from "node:assert/strict";
import test from "node:test";
import { engines, type Instance, loadEntry, Trap } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";

interface Block {
  p: number;
  n: number;
  fill: number;
}

const ROUNDS = { v8: 20_000, wasm3: 3_000, hybrid: 3_000, native: 5_000 };

function sizeOf(random: Random): number {
  const kind = random.below(10);
  if (kind < 6) return random.below(200);
  return kind < 9 ? random.below(3000) : random.below(40_000);
}

function checkBlock(m: Instance, block: Block): void {
  const bytes = m.read(block.p, block.n);
  assert.ok(
    bytes.every((byte) => byte === block.fill),
    `block of ${block.n} bytes at ${block.p} changed`,
  );
}

for (const engine of engines) {
  test(`random allocations on ${engine}`, async () => {
    const m = await loadEntry("base", engine);
    const random = new Random(1);
    const emptyEnd = m.call("end");
    const blocks: Block[] = [];
    let expected = 0;
    for (let round = 0; round < ROUNDS[engine]; round++) {
      if (blocks.length < 40 && random.below(100) < 52) {
        const n = sizeOf(random);
        const p = m.call("alloc", n);
        assert.equal(p % 8, 0);
        assert.ok(
          m.read(p, n).every((byte) => byte === 0),
          "fresh memory is zero",
        );
        const block = { p, n, fill: 1 + random.below(255) };
        m.write(p, new Uint8Array(n).fill(block.fill));
        blocks.push(block);
        expected += n;
      } else if (blocks.length > 0) {
        const [block] = blocks.splice(random.below(blocks.length), 1);
        checkBlock(m, block!);
        m.call("free", block!.p);
        expected -= block!.n;
      }
      assert.equal(m.call("inUse"), expected);
    }
    for (const block of blocks) checkBlock(m, block);
    for (const block of blocks) m.call("free", block.p);
    assert.equal(m.call("inUse"), 0);
    assert.equal(m.call("end"), emptyEnd, "the heap is one piece again");
    assert.ok(m.memorySize < 1 << 20, "memory is reused");
  });

  test(`neighbours join whatever the order of release, on ${engine}`, async () => {
    const m = await loadEntry("base", engine);
    const emptyEnd = m.call("end");
    for (const order of [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [1, 3, 0, 2],
      [2, 0, 3, 1],
      [1, 2, 0, 3],
    ]) {
      const blocks = order.map(() => m.call("alloc", 24));
      const guard = m.call("alloc", 8);
      for (const i of order) m.call("free", blocks[i]!);
      const joined = m.call("alloc", 4 * 32 - 8);
      assert.equal(joined, Math.min(...blocks), "four blocks and their headers became one");
      m.call("free", joined);
      m.call("free", guard);
      assert.equal(m.call("end"), emptyEnd);
    }
  });

  test(`refusals and double release on ${engine}`, async () => {
    const m = await loadEntry("base", engine);
    assert.equal(m.call("alloc", -1), 0);
    assert.equal(m.call("alloc", (1 << 20) + 1), 0);
    assert.equal(m.call("alloc", 0x7fffffff), 0);
    assert.equal(m.call("free", 0), 0);
    assert.notEqual(m.call("alloc", 0), 0);
    const first = m.call("alloc", 10);
    const second = m.call("alloc", 10);
    assert.equal(m.call("inUse"), 20);
    m.call("free", first);
    assert.throws(() => m.call("free", first), Trap, "a block in the free list");
    m.call("free", second);
    assert.throws(() => m.call("free", second), Trap, "a block above the lowered top");
    assert.equal(m.call("inUse"), 0);
    assert.equal(m.call("peak"), 20);
  });

  test(`a released block is wiped, on ${engine}`, async () => {
    const m = await loadEntry("base", engine);
    const p = m.put(new Uint8Array(256).fill(0xa5));
    m.put(Uint8Array.of(1)); // keeps p below the top
    m.free(p);
    assert.ok(!m.read(p, 256).includes(0xa5));
  });
}
