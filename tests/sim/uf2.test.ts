// UF2 files: what the boot ROM takes, and what it would not.

import assert from "node:assert/strict";
import test from "node:test";
import { writeUf2 } from "../../scripts/lib/uf2.ts";
import { loadUf2 } from "../../scripts/sim/uf2.ts";

const FLASH = 0x10000000;
const FLASH_SIZE = 2 * 1024 * 1024;
const BLOCK = 512;

function sample(): Uint8Array {
  const bytes = new Uint8Array(5000).map((_, i) => i * 3);
  return writeUf2([{ address: FLASH, bytes }]);
}

/** The sample with a word of a block changed. */
function changed(block: number, offset: number, value: number): Uint8Array {
  const file = sample();
  new DataView(file.buffer).setUint32(block * BLOCK + offset, value, true);
  return file;
}

function load(file: Uint8Array, flash = new Uint8Array(FLASH_SIZE)): Uint8Array {
  loadUf2(file, "sample.uf2", flash);
  return flash;
}

test("a good file is in the flash, and other sectors stay", () => {
  const flash = load(sample());
  assert.equal(flash[4999], (4999 * 3) & 0xff);
  assert.equal(flash[5000], 0xff);
  assert.equal(flash[8191], 0xff);
  assert.equal(flash[8192], 0);
});

const REFUSALS: Record<string, [file: Uint8Array, reason: RegExp]> = {
  empty: [new Uint8Array(0), /sample\.uf2: is empty/],
  "not whole": [sample().subarray(0, 700), /700 bytes are no whole number of blocks/],
  "first magic": [changed(1, 0, 1), /block 1: does not begin as a UF2 block does/],
  "second magic": [changed(1, 4, 1), /block 1: does not begin as a UF2 block does/],
  "last magic": [changed(2, 508, 1), /block 2: does not end as a UF2 block does/],
  "not for flash": [changed(0, 8, 0x2001), /is not meant for the flash/],
  "no family": [changed(0, 8, 0), /does not say for which family/],
  "other family": [changed(3, 28, 0xe48bff59), /block 3: is for family 0xe48bff59, RP2040 is/],
  "other size": [changed(0, 16, 476), /has 476 bytes, the boot ROM takes 256/],
  "other number": [changed(4, 20, 3), /block 4: is numbered 3/],
  "other count": [changed(4, 24, 9), /says that there are 9 blocks, there are 32/],
  "before the flash": [changed(0, 12, 0x0fffff00), /0x0fffff00 is not in the flash/],
  "behind the flash": [changed(0, 12, 0x10200000), /0x10200000 is not in the flash/],
  SRAM: [changed(0, 12, 0x20000000), /0x20000000 is not in the flash/],
  "not a page": [changed(0, 12, 0x10000080), /0x10000080 is not the start of a page/],
  twice: [changed(17, 12, 0x10000100), /block 17: 0x10000100 is written twice/],
  "not erased": [
    changed(15, 12, 0x10010000),
    /the boot ROM erases a sector at each multiple of 16/,
  ],
};

for (const [name, [file, reason]] of Object.entries(REFUSALS)) {
  test(`refused: ${name}`, () => {
    assert.throws(() => load(file), { name: "UserError", message: reason });
  });
}
