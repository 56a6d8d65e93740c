// One block: the instructions from an address up to a jump, a break address, or one that is not for
// us. Conditional branches out of it do not end it, so that it is longer than a basic block; a branch
// to its own start is a loop within the function.

import { decode } from "./decoder.ts";
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

/** Undefined: the first instruction is not for us. */
export function build(memory: Memory, start: number, breaks: Breaks): Built | undefined {
  const trace = new Trace(memory, start);
  do {
    if (breaks.has(trace.pc)) break;
  } while (one(trace) && trace.cycles <= MAXIMUM_CYCLES - LONGEST);
  if (trace.instructions === 0) return undefined;
  return { block: new Function("s", trace.finish()) as Block, sources: trace.sources };
}

/** Translates the instruction at the trace's pc and passes it; whether the block goes on. */
function one(trace: Trace): boolean {
  const { memory, pc } = trace;
  const [first, second] = [memory.halfword(pc), memory.halfword(pc + 2)];
  if (first === undefined || second === undefined) return false;
  const instruction = decode(first, second);
  const statements = instruction && translate(instruction, trace);
  if (instruction === undefined || statements === undefined) return false;
  const wide = instruction.name === "bl" || instruction.name === "barrier";
  trace.append(statements);
  trace.sources.push(pc, pc + 2);
  trace.cycles += cyclesOf(instruction);
  trace.instructions++;
  trace.pc += wide ? 4 : 2;
  return !endsBlock(instruction);
}
