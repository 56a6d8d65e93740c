// Reader and Writer against a model in TypeScript, on random scripts of operations: every value,
// the position, the sticky failure; and that nothing outside the range is ever written.

import assert from "node:assert/strict";
import test from "node:test";
import { engines, loadEntry } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";

const ROUNDS = { v8: 4_000, wasm3: 600, hybrid: 600, native: 2_000 };
const UNTOUCHED = 0xee;

/** The Reader as its contract describes it. */
class ModelReader {
  at = 0;
  failed = false;
  private readonly outer: number[] = [];

  constructor(
    private readonly bytes: Uint8Array,
    private end = bytes.length,
  ) {}

  step(op: number, argument: number): number {
    if (op <= 3) return this.number(op + 1);
    if (op === 4) return this.skip(argument);
    if (op === 5) this.enter(argument);
    if (op === 6 && this.outer.length > 0) this.leave(this.outer.pop()!);
    if (op === 7) this.fail();
    return 0;
  }

  /** failed, more and left, packed like the entry packs them. */
  get state(): number {
    const more = !this.failed && this.at < this.end;
    return (((this.failed ? 1 : 0) << 31) | ((more ? 1 : 0) << 30) | (this.end - this.at)) >>> 0;
  }

  get done(): boolean {
    return !this.failed && this.at === this.end;
  }

  private fail(): void {
    this.failed = true;
    this.at = this.end;
  }

  private skip(n: number): number {
    if (this.failed || n > this.end - this.at) {
      this.fail();
      return -1; // the address 0
    }
    this.at += n;
    return this.at - n;
  }

  private number(n: number): number {
    const from = this.skip(n);
    if (from < 0) return 0;
    return this.bytes.subarray(from, from + n).reduce((sum, byte) => sum * 256 + byte, 0);
  }

  private enter(n: number): void {
    this.outer.push(this.end);
    if (this.failed || n > this.end - this.at) this.fail();
    else this.end = this.at + n;
  }

  private leave(outer: number): void {
    if (this.at !== this.end) this.failed = true;
    this.end = outer;
    if (this.failed) this.at = outer;
  }
}

/** The Writer as its contract describes it: the bytes written, or null after a failure. */
function modelWrite(script: Uint8Array, room: number, from: Uint8Array): number[] | null {
  const out: number[] = [];
  const blocks: [number, number][] = [];
  for (let i = 0; i < script.length; i += 2) {
    const [op, argument] = [script[i]!, script[i + 1]!];
    if (op <= 3) out.push(...Array<number>(op + 1).fill(argument));
    else if (op === 4) out.push(...from.subarray(0, argument));
    else if (op === 5) {
      out.push(...Array<number>(argument).fill(UNTOUCHED)); // until finish
      blocks.push([out.length, argument]);
    } else if (op === 6 && blocks.length > 0) {
      const [start, lengthBytes] = blocks.pop()!;
      const n = out.length - start;
      if (n >= 256 ** lengthBytes) return null;
      for (let k = 0; k < lengthBytes; k++) out[start - 1 - k] = (n >>> (8 * k)) & 255;
    }
    if (out.length > room) return null;
  }
  return out;
}

function randomScript(random: Random, operations: number): Uint8Array {
  const script = random.bytes(2 * (1 + random.below(14)));
  for (let i = 0; i < script.length; i += 2) {
    script[i] = random.below(operations);
    if (random.below(4) !== 0) script[i + 1]! &= 7;
  }
  return script;
}

for (const engine of engines) {
  test(`Reader against its model, on ${engine}`, async () => {
    const m = await loadEntry("base", engine);
    const random = new Random(6);
    const p = m.alloc(64);
    const scriptAt = m.alloc(64);
    const out = m.alloc(256);
    for (let round = 0; round < ROUNDS[engine]; round++) {
      const bytes = random.bytes(random.below(40));
      const script = randomScript(random, round % 8 === 0 ? 8 : 7);
      m.write(p, bytes);
      m.write(scriptAt, script);
      const done = m.call("readScript", p, bytes.length, scriptAt, script.length / 2, out);
      const results = new DataView(Uint8Array.from(m.read(out, 4 * script.length)).buffer);
      const model = new ModelReader(bytes);
      for (let i = 0; i < script.length; i += 2) {
        const value = model.step(script[i]!, script[i + 1]!);
        const expected = (value < 0 ? -p : value) >>> 0;
        assert.equal(results.getUint32(4 * i, true), expected, `script ${script}, step ${i / 2}`);
        assert.equal(results.getUint32(4 * i + 4, true), model.state, `script ${script}`);
      }
      assert.equal(done, model.done ? 1 : 0);
    }
  });

  test(`a Reader of negative length has failed, on ${engine}`, async () => {
    const m = await loadEntry("base", engine);
    const p = m.alloc(64);
    m.call("readScript", p, -1, p, 1, p + 16);
    assert.equal(m.read(p + 23, 1)[0]! & 0x80, 0x80);
  });

  test(`Writer against its model, on ${engine}`, async () => {
    const m = await loadEntry("base", engine);
    const random = new Random(7);
    const from = random.bytes(256);
    const fromAt = m.put(from);
    const p = m.alloc(700);
    const scriptAt = m.alloc(64);
    for (let round = 0; round < ROUNDS[engine]; round++) {
      const room = random.below(8) === 0 ? 600 : random.below(60);
      const script = randomScript(random, 7);
      for (let i = 0; i < script.length; i += 2) {
        if (script[i] === 5) script[i + 1] = 1 + random.below(3);
      }
      m.write(p, new Uint8Array(700).fill(UNTOUCHED));
      m.write(scriptAt, script);
      const n = m.call("writeScript", p, room, scriptAt, script.length / 2, fromAt);
      const expected = modelWrite(script, room, from);
      assert.equal(n, expected?.length ?? -1, `script ${script} into ${room}`);
      if (expected !== null) assert.deepEqual([...m.read(p, n)], expected);
      const untouched = m.read(p + room, 700 - room);
      assert.ok(
        untouched.every((byte) => byte === UNTOUCHED),
        "nothing past the end",
      );
    }
  });
}
