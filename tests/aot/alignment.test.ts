// The debug build that checks alignment: an access is a trap there where its address is not what
// the module promises, for every width and every hint; and our programs promise nothing that is not
// true. That the bench's primitives and handshakes do is tried here, `npm run test:alignment` runs
// all suites in that build.

import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import test from "node:test";
import type { Meter } from "../../scripts/bench/meter.ts";
import { Column, subjects } from "../../scripts/bench/subjects.ts";
import { exec } from "../../scripts/lib/exec.ts";
import { Instance } from "../harness/instance.ts";
import { compileRunner } from "../harness/runner-build.ts";
import { openRunner } from "../harness/runner.ts";
import { outcome } from "./outcome.ts";
import { fileOf, leb, localGet, moduleOf, type FunctionSpec, type Type } from "./wasm-builder.ts";

const TRANSLATED = ["hybrid", "native"] as const;
const MISALIGNED = /access less aligned than promised/;
const OFFSET = 3;

/** A program in the build that checks. */
async function open(file: string, tier: (typeof TRANSLATED)[number]): Promise<Instance> {
  const { runner, program } = await compileRunner(file, tier, ["-O1"], { checkAlignment: true });
  const wasm = readFileSync(file);
  return new Instance(tier, wasm, new WebAssembly.Module(wasm), openRunner(runner, program));
}

interface Access {
  spec: FunctionSpec;
  hint: number;
}

/** One load or store with each hint that its width allows, at a constant offset. */
function accesses(opcode: number, type: Type, bytes: number, isStore: boolean): Access[] {
  const value = type === "i64" ? [0x42, 7] : [0x41, 7];
  const result = type === "i64" ? [0x42, 0] : [0x41, 0];
  const exponents = [0, 1, 2, 3].filter((exponent) => 1 << exponent <= bytes);
  return exponents.map((exponent) => {
    const memory = [opcode, exponent, ...leb(OFFSET)];
    const code = isStore
      ? [...localGet(0), ...value, ...memory, ...result]
      : [...localGet(0), ...memory];
    const name = `${opcode.toString(16)} ${1 << exponent}`;
    return { spec: { name, params: ["i32"], result: type, code }, hint: 1 << exponent };
  });
}

const ACCESSES = [
  ...accesses(0x28, "i32", 4, false),
  ...accesses(0x29, "i64", 8, false),
  ...accesses(0x2d, "i32", 1, false),
  ...accesses(0x2e, "i32", 2, false),
  ...accesses(0x35, "i64", 4, false),
  ...accesses(0x36, "i32", 4, true),
  ...accesses(0x37, "i64", 8, true),
  ...accesses(0x3a, "i32", 1, true),
  ...accesses(0x3b, "i32", 2, true),
  ...accesses(0x3e, "i64", 4, true),
];

for (const tier of TRANSLATED) {
  test(`${tier}: an access that is less aligned than its hint is a trap`, async () => {
    const file = fileOf("hints", moduleOf(ACCESSES.map(({ spec }) => spec)));
    const m = await open(file, tier);
    let traps = 0;
    for (const { spec, hint } of ACCESSES) {
      for (let address = 0; address < 16; address++) {
        const call = (): unknown => m.callBig(spec.name, address);
        const isTrue = (address + OFFSET) % hint === 0;
        if (isTrue) assert.notEqual(outcome(m, spec.name, address), "trap", spec.name);
        else assert.throws(call, MISALIGNED, `${spec.name} at ${address}`);
        if (!isTrue) traps++;
      }
    }
    m.close();
    rmSync(file);
    assert.ok(traps > 100, `${traps} traps`);
  });
}

// The other way to lay out big numbers is there for what computes with them.
const PUBLIC_KEYS = /^(x25519|p256|p384|ecdsa|ed25519|rsa2048)/;
for (const [limbs, chosen] of [
  [13, subjects("")],
  [26, subjects("").filter(({ name }) => PUBLIC_KEYS.test(name))],
] as const) {
  test(`every hint that primitives on ${limbs}-bit limbs rely on is true`, async (t) => {
    const column = new Column(limbs, async (file): Promise<Meter> => {
      const program = await open(file, "native");
      return { program, take: () => 0, close: async () => program.close() };
    });
    for (const subject of chosen) await column.measure(subject);
    await column.close();
    t.diagnostic(`${chosen.length} subjects`);
  });
}

test("every hint that parsers and conversations rely on is true", async () => {
  const checked = { WASSL_ALIGNMENT: "1", WASSL_ENGINE: "native" };
  const env = { ...process.env, ...checked, NODE_TEST_CONTEXT: undefined }; // reports to us
  const args = ["--import", "tsx", "--test", "--test-reporter=tap", "tests/no-trap.test.ts"];
  const report = await exec(process.execPath, args, { env });
  assert.match(report, /^ok \d+ - conversations with a mutating server, on native$/m);
});
