// Two chips with the same state: what one does in translated code, the other's interpreter repeats.

import assert from "node:assert/strict";
import { RP2040 } from "rp2040js";
import type { Clock } from "../../../scripts/sim/clock.ts";
import { fixCore } from "../../../scripts/sim/core-fixes.ts";
import type { Random } from "../../../scripts/sim/random.ts";
import { build, type State } from "../../../scripts/sim/thumb/block.ts";
import { Memory } from "../../../scripts/sim/thumb/memory.ts";
import { INTERPRET } from "../../../scripts/sim/thumb/trace.ts";

export const FLASH = 0x10000000;
export const RAM = 0x20000000;
export const RAM_SIZE = 264 * 1024;

/** Small, so that there are many in few bytes; the rest of rp2040js's 16 MB is not looked at. */
export const FLASH_SIZE = 64 * 1024;

function strict(component: string, message: string): void {
  throw new Error(`${component}: ${message}`);
}

/** With a clock that stands still, unless it is given one. */
export function makeChip(clock?: Clock, sramSize = RAM_SIZE): RP2040 {
  const chip = new RP2040(clock);
  const flash = new Uint8Array(FLASH_SIZE).fill(0xff);
  const sram = new Uint8Array(sramSize);
  Object.assign(chip, {
    sram,
    sramView: new DataView(sram.buffer),
    flash,
    flash16: new Uint16Array(flash.buffer),
    flashView: new DataView(flash.buffer),
    logger: { debug: () => undefined, info: () => undefined, warn: strict, error: strict },
  });
  fixCore(chip);
  return chip;
}

/** Registers and flags. */
export function stateOf({ core }: RP2040): Record<string, string | number> {
  const { N, Z, C, V, cycles } = core;
  const names = [...Array(13).keys()].map((n) => `r${n}`).concat("sp", "lr", "pc");
  const registers = names.map((name, n) => [name, core.registers[n].toString(16)]);
  const flags = [N && "N", Z && "Z", C && "C", V && "V"].filter(Boolean).join("");
  return { ...Object.fromEntries(registers), flags, cycles };
}

export function assertSame(translated: RP2040, interpreted: RP2040, what: string): void {
  assert.deepEqual(stateOf(translated), stateOf(interpreted), what);
  assert.ok(Buffer.compare(translated.sram, interpreted.sram) === 0, `${what}: memory`);
}

/** Blocks of translated code in one chip, the same number of instructions in the other. */
export class Pair {
  readonly translated = makeChip();
  readonly interpreted = makeChip();
  private readonly state: State;

  constructor(private readonly random: Random) {
    random.fill(this.translated.sram);
    random.fill(this.translated.flash);
    this.scatterTargets();
    this.interpreted.sram.set(this.translated.sram);
    this.interpreted.flash.set(this.translated.flash);
    const memory = new Memory(this.translated);
    const registers = new Int32Array(this.translated.core.registers.buffer);
    this.state = Object.assign(memory, { registers, f: 0, c: 0, v: 0, left: 0, count: 0 });
  }

  /** Without addresses of code in memory, POP would never succeed. */
  private scatterTargets(): void {
    const words = new Uint32Array(this.translated.sram.buffer);
    for (let i = 0; i < words.length; i += 2) words[i] = pick(this.random);
  }

  /** Puts code at an address and all registers to something. */
  prepare(address: number, code: number[]): void {
    const { random } = this;
    const registers = Array.from({ length: 15 }, () => pick(random));
    registers[13] = (pickAddress(random) & ~3) >>> 0;
    const [Z, C, V] = [0, 1, 2].map(() => (random.next() & 1) === 1);
    const N = !Z && (random.next() & 1) === 1;
    for (const chip of [this.translated, this.interpreted]) {
      code.forEach((halfword, i) =>
        chip.flashView.setUint16(address - FLASH + 2 * i, halfword, true),
      );
      chip.core.registers.set([...registers, address]);
      Object.assign(chip.core, { N, Z, C, V, cycles: 0 });
    }
  }

  /** Runs the block there in both. Returns how many instructions were translated code. */
  run(address: number, cycles: number, what: string): number {
    const { state } = this;
    const { core } = this.translated;
    const { block } = build(state, address, { has: () => false });
    state.f = core.Z ? 0 : core.N ? -1 : 1;
    Object.assign(state, { c: Number(core.C), v: Number(core.V), left: cycles, count: 0 });
    const pc = block(state);
    core.registers[15] = pc & ~INTERPRET;
    core.cycles = cycles - state.left;
    Object.assign(core, { N: state.f < 0, Z: state.f === 0, C: state.c !== 0, V: state.v !== 0 });
    for (let i = 0; i < state.count; i++) this.interpreted.core.executeInstruction();
    assertSame(this.translated, this.interpreted, what);
    return state.count;
  }
}

/** Values at which something changes, and others. */
export function pick(random: Random): number {
  const edges = [0, 1, 2, 31, 32, 33, 255, 256, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];
  const kind = random.next() % 8;
  if (kind < 2) return edges[random.next() % edges.length];
  if (kind < 3) return random.next() & 0xff;
  if (kind < 5) return random.next();
  return pickAddress(random);
}

/** RAM and flash, aligned mostly, with their ends and what is beyond; code; EXC_RETURN. */
export function pickAddress(random: Random): number {
  const kind = random.next() % 16;
  const alignment = random.next() % 8 === 0 ? ~0 : ~3;
  if (kind === 0) return (RAM + RAM_SIZE - 64 + (random.next() % 96)) >>> 0;
  if (kind === 1) return (RAM - 16 + (random.next() % 64)) >>> 0;
  if (kind === 2) return (FLASH + FLASH_SIZE - 64 + (random.next() % 96)) >>> 0;
  if (kind === 3) return 0xfffffff1 + 4 * (random.next() % 4);
  if (kind === 4) return 0x40000000 + (random.next() & 0xffffc);
  if (kind < 8) return (FLASH + (random.next() % FLASH_SIZE)) | 1;
  if (kind < 10) return ((FLASH + (random.next() % FLASH_SIZE)) & alignment) >>> 0;
  return ((RAM + (random.next() % RAM_SIZE)) & alignment) >>> 0;
}
