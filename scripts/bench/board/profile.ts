// A profiler of calls on an emulated board: which phase of the work the cycles belong to, by the
// functions that begin one. The firmware is not changed: marks at their entries, and at the return
// address that each entry finds in LR, keep a stack of the phases under way; a cycle belongs to the
// innermost. Interrupts count where they happen.
//
// Return addresses are marked before the run as far as BL instructions show them, because the
// emulator drops its translations whenever a mark is added. GCC makes no tail calls for this core.

import { UserError } from "../../lib/exec.ts";
import { objectName, type Piece } from "../../lib/link-map.ts";
import type { Board } from "../../sim/board.ts";

/** Functions that begin a phase: some of an object file, or all of it. */
export interface Rule<Phase extends string> {
  phase: Phase;
  /** "program.o" */
  object: string;
  functions?: readonly (string | RegExp)[];
  /** Only while this phase is under way; else the next rule for the function decides. */
  within?: Phase;
}

/** A function at whose first entry a stage of the run begins. */
export interface Stage {
  name: string;
  object: string;
  function: string;
}

export interface Spent {
  cycles: number;
  nanos: number;
  /** How often the phase was entered. */
  entries: number;
}

interface CodeFunction {
  name: string;
  object: string;
  address: number;
}

interface Frame<Phase> {
  phase: Phase;
  stackPointer: number;
  returnTo: number;
}

const CLONE = /\.(isra|constprop)\.\d+$/;
/** GCC's name for a piece of a function that others share: no entry of the whole. */
const PIECE = /\.(part|cold)\.?\d*$/;

export class Profile<Phase extends string> {
  /** By stage, then by phase. */
  readonly spent = new Map<string, Map<Phase, Spent>>();
  /** Called when a stage has begun. */
  onStage: (name: string) => void = () => undefined;
  private readonly stack: Frame<Phase>[] = [];
  private readonly returns = new Set<number>();
  private last = { cycles: 0, nanos: 0 };
  private stage: string;

  constructor(
    private readonly board: Board,
    pieces: readonly Piece[],
    rules: readonly Rule<Phase>[],
    /** Of what is in no other. */
    private readonly outside: Phase,
    stages: readonly Stage[],
  ) {
    this.stage = "start";
    const functions = functionsOf(pieces);
    const begins = rulesByAddress(functions, rules);
    for (const [address, own] of begins) board.mark(address, () => this.enter(own));
    stages.forEach((stage, i) => this.markStage(stage, i, stages, functions));
    const { bytes } = board.machine.flash;
    for (const address of returnsFrom(begins, pieces, bytes)) this.markReturn(address);
  }

  /** Charges what has passed to where it belongs; to be called at the end. */
  settle(): void {
    const { cycles, machine } = this.board;
    const spent = this.current();
    spent.cycles += cycles - this.last.cycles;
    spent.nanos += machine.nanos - this.last.nanos;
    this.last = { cycles, nanos: machine.nanos };
  }

  private markStage(
    stage: Stage,
    index: number,
    stages: readonly Stage[],
    functions: readonly CodeFunction[],
  ): void {
    const [{ address }] = find(functions, stage.object, stage.function);
    this.board.mark(address, () => {
      if (stages.findIndex(({ name }) => name === this.stage) >= index) return;
      this.settle();
      this.stage = stage.name;
      this.onStage(stage.name);
    });
  }

  private enter(rules: readonly Rule<Phase>[]): void {
    const { core } = this.board.machine.chip;
    if (core.IPSR !== 0) return;
    const stackPointer = core.SP;
    this.dropBelow(stackPointer);
    const rule = rules.find(({ within }) => within === undefined || this.isUnderWay(within));
    if (rule === undefined) return;
    const returnTo = (core.LR & ~1) >>> 0;
    this.settle();
    this.stack.push({ phase: rule.phase, stackPointer, returnTo });
    this.current().entries++;
    this.markReturn(returnTo);
  }

  /** What a longjmp has left behind. */
  private dropBelow(stackPointer: number): void {
    while (this.stack.length > 0 && this.stack.at(-1)!.stackPointer < stackPointer) this.pop();
  }

  private isUnderWay(phase: Phase): boolean {
    return this.stack.some((frame) => frame.phase === phase);
  }

  private markReturn(address: number): void {
    if (this.returns.has(address)) return;
    this.returns.add(address);
    this.board.mark(address, () => {
      const { core } = this.board.machine.chip;
      if (core.IPSR === 0 && this.isTop(address, core.SP)) this.pop();
    });
  }

  /** A recursive function can come to its own return address by a jump: SP tells. */
  private isTop(returnTo: number, stackPointer: number): boolean {
    const top = this.stack.at(-1);
    return top?.returnTo === returnTo && top.stackPointer === stackPointer;
  }

  private pop(): void {
    this.settle();
    this.stack.pop();
  }

  private current(): Spent {
    const phase = this.stack.at(-1)?.phase ?? this.outside;
    const phases = this.spent.get(this.stage) ?? new Map<Phase, Spent>();
    const spent = phases.get(phase) ?? { cycles: 0, nanos: 0, entries: 0 };
    this.spent.set(this.stage, phases.set(phase, spent));
    return spent;
  }
}

function functionsOf(pieces: readonly Piece[]): CodeFunction[] {
  return pieces
    .filter(({ input }) => input.startsWith(".text.") && !PIECE.test(input))
    .map(({ input, object, address }) => {
      const name = input.slice(".text.".length).replace(CLONE, "");
      return { name, object: objectName(object), address };
    });
}

/** Fails where there is none: a phase must not vanish because a compiler or a name has changed. */
function find(
  functions: readonly CodeFunction[],
  object: string,
  wanted: string | RegExp,
): CodeFunction[] {
  const fits = (name: string): boolean =>
    typeof wanted === "string" ? name === wanted : wanted.test(name);
  const found = functions.filter((f) => f.object === object && fits(f.name));
  if (found.length === 0) throw new UserError(`the firmware has no function ${wanted} (${object})`);
  return found;
}

function rulesByAddress<Phase extends string>(
  functions: readonly CodeFunction[],
  rules: readonly Rule<Phase>[],
): Map<number, Rule<Phase>[]> {
  const byAddress = new Map<number, Rule<Phase>[]>();
  for (const rule of rules) {
    const found = (rule.functions ?? [/./]).flatMap((f) => find(functions, rule.object, f));
    for (const { address } of found) {
      byAddress.set(address, [...(byAddress.get(address) ?? []), rule]);
    }
  }
  return byAddress;
}

/** Behind each BL in the firmware's code that leads to one of the addresses. */
function* returnsFrom(
  targets: ReadonlyMap<number, unknown>,
  pieces: readonly Piece[],
  flash: Uint8Array,
): Generator<number> {
  const FLASH = 0x10000000;
  const view = new DataView(flash.buffer, flash.byteOffset, flash.length);
  for (const { output, address, size } of pieces) {
    if (output !== ".text") continue;
    for (let at = address; at + 4 <= address + size; at += 2) {
      const [high, low] = [0, 2].map((offset) => view.getUint16(at - FLASH + offset, true));
      if (targets.has(branchTarget(at, high, low))) yield at + 4;
    }
  }
}

/** Where BL leads (ARMv6-M, A6.7.13); -1 for other instructions. */
function branchTarget(at: number, high: number, low: number): number {
  if (high >>> 11 !== 0b11110 || (low & 0xd000) !== 0xd000) return -1;
  const sign = (high >>> 10) & 1;
  const i1 = ~((low >>> 13) ^ sign) & 1;
  const i2 = ~((low >>> 11) ^ sign) & 1;
  const offset = (i1 << 23) | (i2 << 22) | ((high & 0x3ff) << 12) | ((low & 0x7ff) << 1);
  return at + 4 + offset - (sign << 24);
}
