import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { engines, type Instance, loadEntry, Trap } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { readRsp } from "../vectors/rsp.ts";
import { stateOf } from "./bytes.ts";

/** SP 800-90A, 10.1.2, over Node's HMAC. */
class Reference {
  private key: Uint8Array = Buffer.alloc(32, 0);
  private v: Uint8Array = Buffer.alloc(32, 1);

  constructor(seed: Uint8Array) {
    this.update(seed);
  }

  update(data: Uint8Array): void {
    for (const tag of data.length === 0 ? [0] : [0, 1]) {
      this.key = this.hmac(Buffer.concat([this.v, Buffer.of(tag), data]));
      this.v = this.hmac(this.v);
    }
  }

  fill(n: number): Buffer {
    const parts: Uint8Array[] = [];
    for (let done = 0; done < n; done += 32) {
      this.v = this.hmac(this.v);
      parts.push(this.v);
    }
    this.update(Buffer.alloc(0));
    return Buffer.concat(parts).subarray(0, n);
  }

  private hmac(data: Uint8Array): Buffer {
    return createHmac("sha256", this.key).update(data).digest();
  }
}

function begin(m: Instance, seed: Uint8Array): number {
  const state = stateOf(m, "drbg");
  m.call("drbgBegin", state, m.put(seed), seed.length);
  return state;
}

/** n bytes at an odd address, and none behind them. */
function fill(m: Instance, state: number, n: number): Buffer {
  const out = m.alloc(n + 2) + 1;
  m.call("drbgFill", state, out, n);
  assert.equal(m.read(out + n, 1)[0], 0, "not a byte more than asked for");
  return Buffer.from(m.read(out, n));
}

for (const engine of engines) {
  test(`HMAC_DRBG: NIST CAVP (${engine})`, async (t) => {
    const m = await loadEntry("crypto-symmetric", engine);
    const cases = readRsp("cavp-drbg.rsp", "ReturnedBits");
    for (const one of cases) {
      const seed = ["EntropyInput", "Nonce", "PersonalizationString"].map((name) =>
        one.bytes(name),
      );
      const state = begin(m, Buffer.concat(seed));
      const reseed = one.bytes("EntropyInputReseed");
      if (reseed.length > 0) m.call("drbgReseed", state, m.put(reseed), reseed.length);
      fill(m, state, 128);
      assert.equal(fill(m, state, 128).toString("hex"), one.text("ReturnedBits"), one.section);
      m.reset();
    }
    t.diagnostic(`NIST CAVP: ${cases.length} run, 0 skipped`);
  });

  test(`HMAC_DRBG: requests of all lengths against SP 800-90A over Node (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const random = new Random(13);
    const seed = random.bytes(48);
    const state = begin(m, seed);
    const reference = new Reference(seed);
    for (const n of [1, 31, 32, 33, 64, 65, 100, 1000]) {
      assert.deepEqual(fill(m, state, n), reference.fill(n));
      const more = random.bytes(n);
      m.call("drbgReseed", state, m.put(more), n);
      reference.update(more);
    }
    m.reset();
  });

  test(`HMAC_DRBG: longer than one request may be (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const seed = new Random(14).bytes(48);
    const state = begin(m, seed);
    const reference = new Reference(seed);
    const expected = Buffer.concat([reference.fill(65_536), reference.fill(100)]);
    assert.deepEqual(fill(m, state, 65_636), expected);
    assert.deepEqual(fill(m, state, 0), Buffer.alloc(0));
    assert.deepEqual(fill(m, state, 16), reference.fill(16));
    m.reset();
  });

  test(`HMAC_DRBG: nothing comes out of a state that was never seeded (${engine})`, async () => {
    const m = await loadEntry("crypto-symmetric", engine);
    const state = stateOf(m, "drbg");
    assert.throws(() => m.call("drbgFill", state, m.alloc(32), 32), Trap);
    assert.throws(() => m.call("drbgReseed", state, m.alloc(32), 32), Trap);
  });
}
