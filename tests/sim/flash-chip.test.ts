// The flash chip at its pins, against Winbond's datasheet.

import assert from "node:assert/strict";
import test from "node:test";
import { Clock } from "../../scripts/sim/clock.ts";
import { FlashChip } from "../../scripts/sim/flash-chip.ts";
import { Random } from "../../scripts/sim/random.ts";

const WRITE_ENABLE = [0x06];
const MILLISECOND = 1e6;

class Bench {
  readonly clock = new Clock();
  readonly chip: FlashChip;

  constructor(image: Uint8Array | null = null) {
    this.chip = new FlashChip(image, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), new Random(1));
    this.chip.attach(this.clock, () => undefined);
  }

  /** One command between two edges of chip select, and `count` bytes that come back behind it. */
  send(bytes: number[], count = 0): number[] {
    this.chip.select();
    for (const byte of bytes) this.chip.transfer(byte);
    const answer = Array.from({ length: count }, () => this.chip.transfer(0));
    this.chip.deselect();
    return answer;
  }

  program(address: number, data: number[]): void {
    this.send(WRITE_ENABLE);
    this.send([0x02, ...address24(address), ...data]);
  }

  erase(opcode: number, address: number): void {
    this.send(WRITE_ENABLE);
    this.send([opcode, ...address24(address)]);
  }

  wait(milliseconds: number): void {
    this.clock.tick(milliseconds * MILLISECOND);
  }

  get status(): number {
    return this.send([0x05], 1)[0];
  }

  at(address: number, count: number): number[] {
    return this.send([0x03, ...address24(address)], count);
  }
}

function address24(address: number): number[] {
  return [address >>> 16, (address >>> 8) & 0xff, address & 0xff];
}

const ZEROS = new Uint8Array(2 * 1024 * 1024);

test("it says who it is", () => {
  const bench = new Bench();
  assert.deepEqual(bench.send([0x9f], 3), [0xef, 0x40, 0x15]);
  assert.deepEqual(bench.send([0x90, 0, 0, 0], 2), [0xef, 0x14]);
  assert.deepEqual(bench.send([0xab, 0, 0, 0], 1), [0x14]);
  assert.deepEqual(bench.send([0x4b, 0, 0, 0, 0], 8), [1, 2, 3, 4, 5, 6, 7, 8]);
});

test("reads go on over pages and wrap at the end; fast reads have a dummy byte", () => {
  const image = new Uint8Array(2 * 1024 * 1024).map((_, i) => (i * 7) >>> 3);
  const bench = new Bench(image);
  assert.deepEqual(bench.at(0xfe, 700), [...image.slice(0xfe, 0xfe + 700)]);
  assert.deepEqual(bench.at(0x1ffffe, 4), [image[0x1ffffe], image[0x1fffff], image[0], image[1]]);
  assert.deepEqual(bench.send([0x0b, 0, 0, 0x10, 0xaa], 2), [image[0x10], image[0x11]]);
});

test("programming needs the latch, clears bits only, and takes the latch back", () => {
  const bench = new Bench();
  bench.send([0x02, 0, 0, 0, 0x12]);
  assert.deepEqual(bench.at(0, 1), [0xff]);
  bench.send(WRITE_ENABLE);
  assert.equal(bench.status, 2);
  bench.send([0x04]);
  assert.equal(bench.status, 0);
  bench.program(0, [0xf0, 0x0f]);
  assert.equal(bench.status, 3);
  bench.wait(1);
  assert.equal(bench.status, 0);
  bench.program(0, [0x3c, 0xff]);
  bench.wait(1);
  assert.deepEqual(bench.at(0, 3), [0x30, 0x0f, 0xff]);
});

test("a program that runs over its page begins it again, and keeps the last 256 bytes", () => {
  const bench = new Bench();
  bench.program(0x1fe, [1, 2, 3, 4]);
  bench.wait(1);
  assert.deepEqual(bench.at(0x1fe, 4), [1, 2, 0xff, 0xff]);
  assert.deepEqual(bench.at(0x100, 3), [3, 4, 0xff]);
  const long = Array.from({ length: 260 }, (_, i) => i & 0x7f);
  bench.program(0x300, long);
  bench.wait(1);
  assert.deepEqual(bench.at(0x300, 5), [...long.slice(256), long[4]]);
});

test("erases take their block and their time, and are refused without latch or address", () => {
  const bench = new Bench(ZEROS);
  bench.send([0x20, 0, 0, 0]);
  bench.send(WRITE_ENABLE);
  bench.send([0x20, 0, 0]);
  bench.wait(50);
  assert.deepEqual(bench.at(0, 1), [0]);
  bench.erase(0x20, 0x12345);
  bench.wait(44);
  assert.equal(bench.status, 3);
  bench.wait(2);
  assert.deepEqual(bench.at(0x11fff, 2), [0, 0xff]);
  assert.deepEqual(bench.at(0x12fff, 2), [0xff, 0]);
  bench.erase(0xd8, 0x98765);
  bench.wait(151);
  assert.deepEqual(bench.at(0x8ffff, 2), [0, 0xff]);
  assert.deepEqual(bench.at(0x9ffff, 2), [0xff, 0]);
  bench.send(WRITE_ENABLE);
  bench.send([0xc7]);
  bench.wait(5001);
  assert.ok(bench.chip.bytes.every((byte) => byte === 0xff));
});

test("while it is busy it answers nothing but its status", () => {
  const bench = new Bench(ZEROS);
  bench.erase(0x20, 0);
  assert.deepEqual(bench.at(0x1000, 2), [0xff, 0xff]);
  assert.deepEqual(bench.send([0x9f], 3), [0xff, 0xff, 0xff]);
  bench.program(0x2000, [0x55]);
  bench.wait(46);
  assert.deepEqual(bench.at(0x2000, 1), [0]);
  assert.equal(bench.status, 0);
});

test("the second status register takes the quad bit, for good or until the power goes", () => {
  const bench = new Bench();
  assert.deepEqual(bench.send([0x35], 1), [2]);
  bench.send([0x31, 0]);
  assert.deepEqual(bench.send([0x35], 1), [2]);
  bench.send(WRITE_ENABLE);
  bench.send([0x31, 0]);
  bench.wait(11);
  assert.deepEqual(bench.send([0x35], 1), [0]);
});

test("powered down, it only wakes up", () => {
  const bench = new Bench();
  bench.send([0xb9]);
  assert.deepEqual(bench.send([0x9f], 1), [0xff]);
  assert.equal(bench.chip.readable, false);
  bench.send([0xab]);
  assert.deepEqual(bench.send([0x9f], 1), [0xef]);
});

test("a power cut leaves an operation done in part", () => {
  const bench = new Bench(ZEROS);
  bench.erase(0x20, 0x1000);
  bench.wait(45 / 4);
  bench.chip.cutPower();
  const sector = bench.chip.bytes.subarray(0x1000, 0x2000);
  assert.ok(sector.subarray(0, 0x3f0).every((byte) => byte === 0xff));
  assert.ok(sector.subarray(0x401).every((byte) => byte === 0));
  bench.wait(100);
  assert.equal(bench.status, 0);
  bench.program(0x1000, [0x11, 0x22, 0x33, 0x44]);
  bench.chip.cutPower(0.5);
  assert.deepEqual([...bench.chip.bytes.subarray(0x1000, 0x1002)], [0x11, 0x22]);
  assert.equal(bench.chip.bytes[0x1003], 0xff);
  bench.program(0x1010, [0x11]);
  bench.chip.cutPower(0);
  assert.equal(bench.chip.bytes[0x1010], 0xff);
});
