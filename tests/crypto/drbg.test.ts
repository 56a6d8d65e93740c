import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { engines, type Instance, loadEntry, Trap } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { hex, stateOf } from "./bytes.ts";

// NIST CAVP, CAVS 14.3: HMAC_DRBG with SHA-256, drbgvectors_no_reseed and drbgvectors_pr_false.
// The second of two requests of 1,024 bits is the answer.
const vectors = [
  {
    name: "no reseed, COUNT 0",
    entropy: "ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488",
    nonce: "659ba96c601dc69fc902940805ec0ca8",
    personalization: "",
    reseed: "",
    output:
      "e528e9abf2dece54d47c7e75e5fe302149f817ea9fb4bee6f4199697d04d5b89" +
      "d54fbb978a15b5c443c9ec21036d2460b6f73ebad0dc2aba6e624abf07745bc1" +
      "07694bb7547bb0995f70de25d6b29e2d3011bb19d27676c07162c8b5ccde0668" +
      "961df86803482cb37ed6d5c0bb8d50cf1f50d476aa0458bdaba806f48be9dcb8",
  },
  {
    name: "no reseed, COUNT 1",
    entropy: "79737479ba4e7642a221fcfd1b820b134e9e3540a35bb48ffae29c20f5418ea3",
    nonce: "3593259c092bef4129bc2c6c9e19f343",
    personalization: "",
    reseed: "",
    output:
      "cf5ad5984f9e43917aa9087380dac46e410ddc8a7731859c84e9d0f31bd43655" +
      "b924159413e2293b17610f211e09f770f172b8fb693a35b85d3b9e5e63b1dc25" +
      "2ac0e115002e9bedfb4b5b6fd43f33b8e0eafb2d072e1a6fee1f159df9b51e6c" +
      "8da737e60d5032dd30544ec51558c6f080bdbdab1de8a939e961e06b5f1aca37",
  },
  {
    name: "no reseed, personalization, COUNT 0",
    entropy: "5cacc68165a2e2ee20812f35ec73a79dbf30fd475476ac0c44fc6174cdac2b55",
    nonce: "6f885496c1e63af620becd9e71ecb824",
    personalization: "e72dd8590d4ed5295515c35ed6199e9d211b8f069b3058caa6670b96ef1208d0",
    reseed: "",
    output:
      "f1012cf543f94533df27fedfbf58e5b79a3dc517a9c402bdbfc9a0c0f721f9d5" +
      "3faf4aafdc4b8f7a1b580fcaa52338d4bd95f58966a243cdcd3f446ed4bc546d" +
      "9f607b190dd69954450d16cd0e2d6437067d8b44d19a6af7a7cfa8794e5fbd72" +
      "8e8fb2f2e8db5dd4ff1aa275f35886098e80ff844886060da8b1e7137846b23b",
  },
  {
    name: "reseed, COUNT 0",
    entropy: "06032cd5eed33f39265f49ecb142c511da9aff2af71203bffaf34a9ca5bd9c0d",
    nonce: "0e66f71edc43e42a45ad3c6fc6cdc4df",
    personalization: "",
    reseed: "01920a4e669ed3a85ae8a33b35a74ad7fb2a6bb4cf395ce00334a9c9a5a5d552",
    output:
      "76fc79fe9b50beccc991a11b5635783a83536add03c157fb30645e611c2898bb" +
      "2b1bc215000209208cd506cb28da2a51bdb03826aaf2bd2335d576d519160842" +
      "e7158ad0949d1a9ec3e66ea1b1a064b005de914eac2e9d4f2d72a8616a802254" +
      "22918250ff66a41bd2f864a6a38cc5b6499dc43f7f2bd09e1e0f8f5885935124",
  },
];

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
    for (const one of vectors) {
      const state = begin(m, hex(one.entropy + one.nonce + one.personalization));
      const reseed = hex(one.reseed);
      if (reseed.length > 0) m.call("drbgReseed", state, m.put(reseed), reseed.length);
      fill(m, state, 128);
      assert.equal(fill(m, state, 128).toString("hex"), one.output, one.name);
      m.reset();
    }
    t.diagnostic(`NIST CAVP: ${vectors.length} run, 0 skipped`);
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
