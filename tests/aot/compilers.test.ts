// What the translator writes of ssl.wasm: C11 that the compilers of all our machines take without a
// warning, the same bytes each time, with no label that nothing jumps to.
//
// Xtensa: Debian has gcc for the LX106 only, an older sibling of the ESP32's LX6 without register
// windows.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import test from "node:test";
import { translateAll, translateSelfContained } from "../../scripts/aot/translate.ts";
import { exec, root } from "../../scripts/lib/exec.ts";
import { compileSsl } from "../harness/compile.ts";

const CORTEX_M0PLUS = ["-mcpu=cortex-m0plus", "-mthumb"];
const RV32IMC = ["-march=rv32imc", "-mabi=ilp32"];
/** Headers of a C library, which serve for all of them: it comes with Debian's for Arm. */
const NEWLIB = ["-isystem", "/usr/include/newlib"];

const COMPILERS: [machine: string, command: string, ...args: string[]][] = [
  ["x86-64", "gcc"],
  ["x86-64", "clang"],
  ["Cortex-M0+", "arm-none-eabi-gcc", ...CORTEX_M0PLUS],
  ["Cortex-M0+", "clang", "--target=armv6m-none-eabi", ...CORTEX_M0PLUS, ...NEWLIB],
  ["RV32IMC", "riscv64-unknown-elf-gcc", ...RV32IMC, ...NEWLIB],
  ["RV32IMC", "clang", "--target=riscv32-unknown-elf", ...RV32IMC, ...NEWLIB],
  ["Xtensa LX106", "xtensa-lx106-elf-gcc", ...NEWLIB],
];
const FLAGS = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-I", path.join(root, "hal")];

const wasm = readFileSync(await compileSsl());
const OUTPUTS = {
  native: () => translateAll(wasm, "ssl.wasm"),
  hybrid: () => translateSelfContained(wasm, "ssl.wasm").c,
};

/** Bytes of machine code and of constants. */
async function textSize(object: string): Promise<number> {
  const [, numbers] = (await exec("size", [object])).split("\n");
  return Number(numbers!.trim().split(/\s+/)[0]);
}

for (const [tier, translate] of Object.entries(OUTPUTS)) {
  // hybrid's functions are native's, but for the globals: the compilers of the tests and the RP2040
  const compilers = tier === "native" ? COMPILERS : [COMPILERS[0]!, COMPILERS[2]!];
  for (const [machine, command, ...args] of compilers) {
    test(`${tier}: ${command} for ${machine} has nothing to say`, async (t) => {
      const folder = mkdtempSync(path.join(os.tmpdir(), "wassl-compilers-"));
      const [c, object] = [path.join(folder, "ssl.c"), path.join(folder, "ssl.o")];
      try {
        writeFileSync(c, translate());
        await exec(command, [...args, ...FLAGS, "-c", c, "-o", object]);
        t.diagnostic(`${await textSize(object)} bytes of text`);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  test(`${tier}: two translations give the same bytes`, () => {
    assert.equal(translate(), translate());
  });

  test(`${tier}: every label is jumped to`, () => {
    const text = translate();
    let labels = 0;
    for (const f of text.split(/^}$/m)) {
      const targets = new Set([...f.matchAll(/goto (\w+);/g)].map((match) => match[1]));
      for (const [, label] of f.matchAll(/^\s*(L\d+):/gm)) {
        assert.ok(targets.has(label), label);
        labels++;
      }
    }
    assert.ok(labels > 10, "labels are spelled as this test expects");
  });

  test(`${tier}: functions bear the names of the TypeScript functions`, () => {
    const text = translate();
    for (const name of ["sha256_", "field25519_multiply", "chacha20_"]) {
      assert.match(text, new RegExp(`^static \\w+ ${name}`, "m"));
    }
  });
}
