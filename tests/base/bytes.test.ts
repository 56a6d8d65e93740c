// Loads, stores and wiping at every alignment, against DataView; and the groups of error numbers.

import assert from "node:assert/strict";
import test from "node:test";
import { engines, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";

for (const engine of engines) {
  test(`loads and stores at every alignment, on ${engine}`, async () => {
    const m = await loadEntry("base", engine);
    const bytes = Uint8Array.from(new Random(5).bytes(32));
    const view = new DataView(bytes.buffer);
    const p = m.put(bytes);
    const q = m.alloc(32);
    for (let at = 0; at < 16; at++) {
      assert.equal(m.call("load16be", p + at), view.getUint16(at));
      assert.equal(m.call("load24be", p + at), view.getUint32(at) >>> 8);
      assert.equal(m.call("load32be", p + at) >>> 0, view.getUint32(at));
      assert.equal(m.call("load32le", p + at) >>> 0, view.getUint32(at, true));
      assert.equal(BigInt.asUintN(64, m.callBig("load64be", p + at)), view.getBigUint64(at));
      for (const [name, n] of [
        ["16be", 2],
        ["24be", 3],
        ["32be", 4],
        ["64be", 8],
        ["32le", 4],
      ] as const) {
        m.write(q, new Uint8Array(32).fill(0xee));
        const value = n === 8 ? view.getBigUint64(at) : m.call(`load${name}`, p + at);
        m.call(`store${name}`, q + at, value);
        assert.deepEqual(m.read(q + at, n), bytes.slice(at, at + n), name);
        assert.ok(
          m.read(q, at).every((byte) => byte === 0xee),
          "nothing below",
        );
        assert.ok(
          m.read(q + at + n, 32 - at - n).every((byte) => byte === 0xee),
          "nothing above",
        );
      }
    }
  });

  test(`wipe clears its range only, on ${engine}`, async () => {
    const m = await loadEntry("base", engine);
    const p = m.put(new Uint8Array(40).fill(7));
    m.call("wipe", p + 3, 29);
    const expected = new Uint8Array(40).fill(7).fill(0, 3, 32);
    assert.deepEqual(m.read(p, 40), expected);
  });

  test(`each error number has one group and gives its reason back, on ${engine}`, async () => {
    const m = await loadEntry("base", engine);
    const groups = [
      ["deviceError", 0, 1],
      ["localAlert", 1, 0],
      ["peerAlert", 2, 0],
      ["refused", 4, 1],
      ["misuse", 8, 1],
    ];
    const seen = new Set<number>();
    for (const [name, group, first] of groups as [string, number, number][]) {
      for (let reason = first; reason < 256; reason++) {
        const e = m.call(name, reason);
        assert.ok(e < 0);
        assert.equal(m.call("errorGroups", e), group, `${name}(${reason})`);
        assert.equal(m.call("reasonOf", e), reason);
        assert.ok(!seen.has(e));
        seen.add(e);
      }
    }
    assert.equal(m.call("errorGroups", 0), 0);
    assert.equal(m.call("errorGroups", 5), 0);
  });
}
