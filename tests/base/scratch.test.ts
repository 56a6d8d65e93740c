// Scratch memory: frames nest, are 8-aligned and wiped on release; running out is a trap, not an
// overlap.

import assert from "node:assert/strict";
import test from "node:test";
import { engines, loadEntry, Trap } from "../harness/instance.ts";

for (const engine of engines) {
  test(`frames nest and are given back, on ${engine}`, async () => {
    const m = await loadEntry("base", engine);
    const outer = m.call("mark");
    const a = m.call("take", 5);
    const b = m.call("take", 8);
    const inner = m.call("mark");
    const c = m.call("take", 1);
    assert.deepEqual([a % 8, b - a, c - b], [0, 8, 8]);
    m.call("releaseScratch", inner);
    assert.equal(m.call("take", 1), c, "the frame is free again");
    m.call("releaseScratch", outer);
    assert.equal(m.call("mark"), outer);
    assert.equal(m.call("take", 16), a);
    assert.equal(m.call("scratchPeak"), 24);
  });

  test(`a released frame is wiped, on ${engine}`, async () => {
    const m = await loadEntry("base", engine);
    for (const n of [1, 7, 8, 9, 500]) assert.equal(m.call("scratchIsWiped", n), 1);
  });

  test(`all of it can be taken, and not a byte more, on ${engine}`, async () => {
    const full = await loadEntry("base", engine);
    const size = full.call("scratchBytes");
    full.call("take", size);
    assert.throws(() => full.call("take", 1), Trap);
    const other = await loadEntry("base", engine);
    other.call("take", 8);
    assert.throws(() => other.call("take", size - 7), Trap);
  });
}
