// One block: the instructions from an address up to a jump, a break address, or one that is not
// for us. Conditional branches out of it do not end it, so that it is longer than a basic block; a
// branch to its own start is a loop within the function.

import { decode, type Instruction } from "./decoder.ts";
import type { Memory } from "./memory.ts";
import { cyclesOf, endsBlock, translate } from "./operations.ts";
import { MAXIMUM_CYCLES, Trace } from "./trace.ts";

/** What translated code works on; `left` and `count` as in trace.ts. */
export interface State extends Memory {
  readonly registers: Int32Array;
  f: number;
  c: number;
  v: number;
  left: number;
  count: number;
}

/** Executes some instructions; returns where to go on, with INTERPRET or without. */
export type Block = (state: State) => number;

/** Addresses that no block may contain: something happens before the instruction there. */
export interface Breaks {
  has(address: number): boolean;
}

/** Of one instruction: POP of all registers. */
const LONGEST = 11;

export interface Built {
  block: Block;
  /** The addresses of the halfwords and constants that it was made from. */
  sources: number[];
}

/** A block that begins with an instruction that is not for us says just that. */
export function build(memory: Memory, start: number, breaks: Breaks): Built {
  const trace = new Trace(memory, start);
  let goesOn = true;
  while (goesOn && trace.cycles <= MAXIMUM_CYCLES - LONGEST) goesOn = one(trace, breaks);
  return { block: new Function("s", trace.finish()) as Block, sources: trace.sources };
}

/** Translates the instruction at the trace's pc; whether the block goes on behind it. */
function one(trace: Trace, breaks: Breaks): boolean {
  const { memory, pc } = trace;
  const instruction = breaks.has(pc) ? undefined : instructionAt(memory, pc);
  const statements = instruction && translate(instruction, trace);
  trace.sources.push(pc, pc + 2);
  trace.append(statements ?? trace.interpret());
  if (instruction === undefined || statements === undefined) return false;
  const wide = instruction.name === "bl" || instruction.name === "barrier";
  trace.cycles += cyclesOf(instruction);
  trace.instructions++;
  trace.pc += wide ? 4 : 2;
  return !endsBlock(instruction);
}

function instructionAt(memory: Memory, pc: number): Instruction | undefined {
  const [first, second] = [memory.halfword(pc), memory.halfword(pc + 2)];
  return first === undefined || second === undefined ? undefined : decode(first, second);
}
