// The firmware's entropy: SHA-256 against published vectors, the health tests at their limits, the
// conditioning against the same formula over node's SHA-256.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import path from "node:path";
import test, { before } from "node:test";
import { exec, root } from "../../scripts/lib/exec.ts";
import { hashOf, nameAndContent, once, output } from "../harness/compile.ts";
import { Random } from "../harness/random.ts";

const EIO = -5;
const OUT_OF_BITS = 3;
const START_BITS = 4096;
const RAW_BITS = (256 + 64) * 4;
const WINDOW = 1024;
/** Those of hal/random_health.h; the last test computes them. */
const REPETITIONS = 121;
const PROPORTION = 928;

const hal = path.join(root, "hal");
const SOURCES = ["sha256", "random_health", "random_conditioned"].map((n) => `${hal}/${n}.c`);
const HEADERS = ["sha256", "random_health", "random_source", "random_conditioned"];
const FLAGS = ["-std=c11", "-g", "-O1", "-I", hal, "-Wall", "-Wextra", "-Werror"];
FLAGS.push("-fsanitize=address,undefined", "-fno-sanitize-recover=all");

let driver = "";
before(async () => {
  const sources = [path.join(root, "tests/hal/random-driver.c"), ...SOURCES];
  const headers = HEADERS.map((name) => `${hal}/${name}.h`);
  const hash = hashOf([...FLAGS, ...[...sources, ...headers].flatMap(nameAndContent)]);
  driver = await once(path.join(output, `random-driver.${hash}`), async (target) => {
    await exec(process.env.CC ?? "cc", [...FLAGS, "-o", target, ...sources]);
  });
});

function run(args: string[], input: string | Uint8Array): { status: number | null; out: string } {
  const { status, stdout, stderr } = spawnSync(driver, args, { input });
  assert.equal(stderr.toString(), "");
  return { status, out: stdout.toString() };
}

function lines(args: string[], input: string | Uint8Array): string[] {
  const { status, out } = run(args, input);
  assert.equal(status, 0);
  return out.trimEnd().split("\n");
}

/** Bits of a good source. */
function bits(count: number, seed = 1): string {
  const random = new Random(seed);
  return Array.from({ length: count }, () => (random.below(2) === 1 ? "1" : "0")).join("");
}

// FIPS 180-4's examples, and NIST's long message.
const vectors: [string, string][] = [
  ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  [
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  ],
  ["a".repeat(1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"],
];

test("SHA-256: the published vectors", () => {
  for (const [message, digest] of vectors) assert.deepEqual(lines(["sha256"], message), [digest]);
});

test("SHA-256: every length around a block", () => {
  for (let n = 50; n < 135; n += 1) {
    const message = Uint8Array.from({ length: n }, (_, i) => i * 7);
    const digest = createHash("sha256").update(message).digest("hex");
    assert.deepEqual(lines(["sha256"], message), [digest], `${n} bytes`);
  }
});

test("a good source passes, a stuck one fails at the cutoff of the repetition count", () => {
  assert.deepEqual(lines(["health"], bits(200_000)), ["200000 passed"]);
  for (const bit of "01") {
    const other = bit === "0" ? "1" : "0";
    const most = `${other}${bit.repeat(REPETITIONS - 1)}${other}`;
    assert.deepEqual(lines(["health"], most), [`${most.length} passed`]);
    const stuck = other + bit.repeat(REPETITIONS);
    assert.deepEqual(lines(["health"], stuck), [`${REPETITIONS} failed`]);
    assert.deepEqual(lines(["health"], stuck.slice(1)), [`${REPETITIONS - 1} failed`]);
  }
});

/** A window that starts with 1 and has `count` of them, never many in a row. */
function biased(count: number): string {
  const zeros = WINDOW - count;
  const every = Math.floor(WINDOW / zeros);
  const window = Array.from({ length: WINDOW }, (_, i) =>
    i % every === every - 1 && Math.floor(i / every) < zeros ? "0" : "1",
  );
  assert.equal(window.filter((b) => b === "1").length, count);
  return window.join("");
}

test("a biased source fails at the cutoff of the adaptive proportion, in any window", () => {
  const most = biased(PROPORTION - 1);
  assert.deepEqual(lines(["health"], most.repeat(3)), [`${3 * WINDOW} passed`]);
  const over = biased(PROPORTION);
  const at = over.length - [...over].reverse().indexOf("1") - 1;
  assert.deepEqual(lines(["health"], over), [`${at} failed`]);
  const before = bits(5 * WINDOW);
  assert.deepEqual(lines(["health"], before + over), [`${before.length + at} failed`]);
});

/** hal/random_conditioned.c's formula. */
function conditioned(raw: string, lengths: number[]): string[] {
  const time = Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1);
  const hash = (...parts: Uint8Array[]): Buffer =>
    createHash("sha256").update(Buffer.concat(parts)).digest();
  let pool: Uint8Array = new Uint8Array(32);
  let at = START_BITS;
  return lengths.map((length) => {
    const blocks: Buffer[] = [];
    for (let done = 0; done < length; done += 32, at += RAW_BITS) {
      const taken = raw.slice(at, at + RAW_BITS).match(/.{8}/g)!;
      const bytes = Uint8Array.from(taken, (byte) => parseInt(byte, 2));
      pool = hash(Uint8Array.of(0), pool, bytes, time);
      blocks.push(hash(Uint8Array.of(1), pool));
      pool = hash(Uint8Array.of(2), pool);
    }
    return `0 ${Buffer.concat(blocks).subarray(0, length).toString("hex")}`;
  });
}

test("bytes are what the formula says, and each 32 of them take new bits", () => {
  const raw = bits(START_BITS + 6 * RAW_BITS, 2);
  const lengths = [32, 1, 0, 33, 64];
  const out = lines(["fill", ...lengths.map(String)], raw);
  assert.deepEqual(out, ["0", ...conditioned(raw, lengths)]);
  const { status } = run(["fill", "32"], raw.slice(0, START_BITS + RAW_BITS - 1));
  assert.equal(status, OUT_OF_BITS);
});

test("a source that fails at the start, or says so itself, never gives a byte", () => {
  const dead = `${EIO} ${"00".repeat(32)}`;
  const stuck = bits(START_BITS - 200) + "1".repeat(200);
  assert.deepEqual(lines(["fill", "32", "32"], stuck + bits(4 * RAW_BITS)), [`${EIO}`, dead, dead]);
  assert.deepEqual(lines(["fill", "32"], `x${bits(START_BITS + RAW_BITS)}`), [`${EIO}`, dead]);
});

test("a failure in the middle takes back what was filled, and is for good", () => {
  const raw = bits(START_BITS + 3 * RAW_BITS, 3);
  const at = START_BITS + 2 * RAW_BITS + 100;
  const failing = raw.slice(0, at) + "0".repeat(REPETITIONS) + raw.slice(at + REPETITIONS);
  const out = lines(["fill", "32", "64", "32"], failing + bits(4 * RAW_BITS));
  assert.deepEqual(out[0], "0");
  assert.match(out[1]!, /^0 [0-9a-f]{64}$/);
  assert.equal(out[2], `${EIO} ${"00".repeat(64)}`);
  assert.equal(out[3], `${EIO} ${"00".repeat(32)}`);
});

// SP 800-90B 4.4, for H = 1/4 bit and a false alarm in 2^30.
test("the cutoffs are those of the standard", () => {
  const entropy = 1 / 4;
  assert.equal(REPETITIONS, 1 + Math.ceil(30 / entropy));
  const p = 2 ** -entropy;
  let log = WINDOW * Math.log(1 - p); // of a term of the binomial distribution, at 0
  const terms = [Math.exp(log)];
  for (let k = 0; k < WINDOW; k++) {
    log += Math.log((((WINDOW - k) / (k + 1)) * p) / (1 - p));
    terms.push(Math.exp(log));
  }
  let tail = 0; // the probability of more than k, summed from the small end
  let k = WINDOW;
  while (tail + terms[k]! <= 2 ** -30) tail += terms[k--]!;
  assert.equal(PROPORTION, 1 + k);
});
