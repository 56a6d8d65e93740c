// What goes onto an RP2040 board: the board's JSON file, the CRC of boot2, UF2.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { compileApp } from "../../scripts/lib/app-compiler.ts";
import { appParts } from "../../scripts/lib/board-rp2040.ts";
import { Fields } from "../../scripts/lib/board-json.ts";
import { root, UserError } from "../../scripts/lib/exec.ts";
import { boardConfig, parseBoard, rp2040Board } from "../../scripts/lib/rp2040-config.ts";
import { bootCrc, signBoot2 } from "../../scripts/lib/rp2040-image.ts";
import { TraceDecoder } from "../../scripts/lib/source-map.ts";
import { stripWasm } from "../../scripts/lib/strip-wasm.ts";
import { writeUf2 } from "../../scripts/lib/uf2.ts";
import { functionNames } from "../../scripts/lib/wasm-names.ts";
import { loadUf2 } from "../../scripts/sim/uf2.ts";

const FLASH = 0x10000000;
const board = rp2040Board("w5500_evb_pico")!;

/** The board's file with one member, named by its path, changed; undefined removes it. */
function parseWith(where: string, value: unknown): () => unknown {
  const file = path.join(root, "boards/rp2040/w5500_evb_pico.json");
  const json = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  const names = where.split(".");
  const last = names.pop()!;
  const object = names.reduce((o, name) => o[name] as Record<string, unknown>, json);
  if (value === undefined) Reflect.deleteProperty(object, last);
  else object[last] = value;
  return () => parseBoard("b", new Fields("b.json", json));
}

test("the board's regions and clocks are as the documents say", () => {
  assert.deepEqual(board.flash.firmware, { offset: 0, size: 512 * 1024 });
  assert.deepEqual(board.flash.slotA, { offset: 0x80000, size: 128 * 1024 });
  assert.deepEqual(board.flash.slotB, { offset: 0xa0000, size: 128 * 1024 });
  assert.deepEqual(board.flash.files, { offset: 0xc0000, size: 1280 * 1024 });
  assert.match(boardConfig(board), /^#define BOARD_SYS_HZ 125000000$/m);
  assert.equal(rp2040Board("nothing"), undefined);
  assert.equal(rp2040Board("../rp2040/w5500_evb_pico"), undefined);
});

test("a mistake in a board's file is named", () => {
  const mistakes: [string, unknown, RegExp][] = [
    ["led", undefined, /^b\.json: led is missing$/],
    ["led", 30, /led is not a whole number from 0 to 29$/],
    ["lamp", 25, /^b\.json: lamp means nothing here$/],
    ["uart.baud", "fast", /uart: baud is not a whole number/],
    ["uart.receiveBytes", 1000, /receiveBytes is not a power of two/],
    ["flash.size", "2000", /flash: size is not a multiple of 65536/],
    ["flash.size", "2MB", /size is not a number of bytes like "128K"/],
    ["flash.clockDivider", 3, /clockDivider is odd/],
    ["flash.slotA.offset", "508K", /slotA overlaps the one before/],
    ["flash.files.size", "1284K", /files ends behind the flash/],
    ["flash.slotB.size", "64K", /slotB has another size/],
    ["pll.feedback", 200, /its oscillator would run at 2400000000 Hz/],
    ["pll.divider2", 1, /the core would run at 250000000 Hz/],
    ["memory.stackReserve", "24K", /stackReserve leaves nothing of the stack/],
    ["pll", 3, /pll is not an object/],
  ];
  for (const [where, value, message] of mistakes)
    assert.throws(
      parseWith(where, value),
      (e) => e instanceof UserError && message.test(e.message),
    );
  assert.doesNotThrow(parseWith("led", 24));
});

test("the boot ROM's CRC: CRC-32/MPEG-2 in the catalogue of CRC parameters", () => {
  assert.equal(bootCrc(new TextEncoder().encode("123456789")), 0x0376e6e7);
});

test("boot2 is signed in its last word, which must be free", () => {
  const code = Uint8Array.from({ length: 256 }, (_, i) => (i < 252 ? i : 0));
  const signed = signBoot2(code);
  assert.deepEqual(signed.subarray(0, 252), code.subarray(0, 252));
  const crc = new DataView(signed.buffer).getUint32(252, true);
  assert.equal(crc, bootCrc(code.subarray(0, 252)));
  assert.throws(() => signBoot2(signed), /no room for its CRC/);
  assert.throws(() => signBoot2(code.subarray(1)), /255 bytes/);
});

test("UF2: the sector that the ROM erases is the one that is written", () => {
  const parts = [
    { address: FLASH, bytes: Uint8Array.from({ length: 5000 }, (_, i) => i) },
    { address: FLASH + 0x80000, bytes: Uint8Array.of(1, 2, 3) },
  ];
  const file = writeUf2(parts);
  const view = new DataView(file.buffer);
  assert.equal(file.length, 3 * 16 * 512);
  for (let i = 0; i < file.length / 512; i++) {
    const address = view.getUint32(512 * i + 12, true);
    assert.equal(i % 16 === 0, address % 4096 === 0, `block ${i}`);
  }
  const flash = new Uint8Array(2 * 1024 * 1024).fill(0x55);
  loadUf2(file, "test", flash);
  assert.deepEqual(flash.subarray(0, 5000), parts[0]!.bytes);
  assert.deepEqual([...flash.subarray(0x80000, 0x80004)], [1, 2, 3, 0xff]);
  assert.deepEqual([flash[5000], flash[8192]], [0xff, 0x55]);
  assert.throws(() => writeUf2([{ address: FLASH + 256, bytes: flash }]), /no sector/);
});

test("an app goes onto a board without its names; reports find them in the whole module", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "wassl-strip-"));
  try {
    const source = path.join(folder, "app.ts");
    writeFileSync(source, "function half(a: i32): i32 {\n  return a >> 1;\n}\nprint(half(4));\n");
    const { wasm } = compileApp(source, path.join(folder, "app.wasm"));
    const whole = readFileSync(wasm);
    const small = stripWasm(whole);
    const sections = (bytes: Uint8Array, name: string): number =>
      WebAssembly.Module.customSections(new WebAssembly.Module(Uint8Array.from(bytes)), name)
        .length;
    assert.deepEqual([sections(whole, "name"), sections(small, "name")], [1, 0]);
    assert.deepEqual(small, whole.subarray(0, small.length));
    assert.throws(() => stripWasm(small.subarray(0, small.length - 1)), /cut off/);

    const [start] = [...functionNames(wasm)].find(([, name]) => name === "~start")!;
    const ssl = { tier: "native", wasm: "none.wasm", c: "", module: null } as const;
    const decoded = new TraceDecoder(wasm, ssl).decode(
      `    in function[${start}] (app.wasm+0x0-0x${whole.length.toString(16)})`,
    );
    assert.match(decoded, /^ {4}in ~start \(\S+\.ts:\d+-\d+\)$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Bytes with the outside of a module: a header and one section. */
function moduleOf(bytes: number): Uint8Array {
  const module = new Uint8Array(bytes);
  const size = bytes - 12;
  module.set([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 11]);
  module.set([(size & 127) | 128, ((size >> 7) & 127) | 128, size >> 14], 9);
  return module;
}

test("an app that does not fit its slot is refused; the other slot is emptied", () => {
  const fits = appParts(board, moduleOf(124 * 1024), "app");
  assert.deepEqual(
    fits.map(({ offset }) => offset),
    [board.flash.slotA.offset, board.flash.slotB.offset],
  );
  assert.ok(fits[1]!.bytes.every((byte) => byte === 0xff));
  assert.throws(() => appParts(board, moduleOf(124 * 1024 + 1), "app"), /a slot has 131072/);
});
