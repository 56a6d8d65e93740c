// The text of one translated block while it grows: a JavaScript function over the locals
//
//   r0 … r14   registers, as signed numbers     f     N is f < 0, Z is f === 0
//   c, v       C and V, 0 or 1                   a, b, x   within one instruction
//   left       cycles until the engine must look at the clock; count   instructions executed
//
// The function leaves in one place, behind the loop `out`, where it writes the locals back. It
// returns the address to go on at; INTERPRET in it means: this instruction is not for us after all
// (an access outside RAM and flash, say), and none of its effects has happened.

import type { Memory } from "./memory.ts";

/** Set in a returned address; addresses of Thumb code are even. */
export const INTERPRET = 1;
/** No block takes more cycles from its start to where it leaves or loops. */
export const MAXIMUM_CYCLES = 128;

export class Trace {
  /** The code that the function was made from, as halfword addresses; it depends on all of it. */
  readonly sources: number[] = [];
  /** The address of the instruction being translated. */
  pc: number;
  /** What the instructions before it take. */
  cycles = 0;
  instructions = 0;
  private readonly used = new Set<number>();
  private readonly text: string[] = [];

  constructor(
    readonly memory: Memory,
    readonly start: number,
  ) {
    this.pc = start;
  }

  append(statements: string): void {
    this.text.push(statements);
  }

  /** A register as an operand; the PC reads as the instruction's address + 4. */
  register(n: number): string {
    if (n === 15) return String((this.pc + 4) | 0);
    this.used.add(n);
    return `r${n}`;
  }

  /** Code in ROM runs also while the flash cannot be read; that in flash never does. */
  get seesFlash(): boolean {
    return !this.memory.inRom(this.start);
  }

  /** Goes on elsewhere, after an instruction that takes so many cycles. */
  leave(target: string, cycles: number): string {
    return `{${this.account(cycles)}pc=${target};break out;}`;
  }

  /** Leaves this instruction to the interpreter. */
  interpret(): string {
    const { cycles, instructions } = this;
    return `{left-=${cycles};count+=${instructions};pc=${this.pc | INTERPRET};break out;}`;
  }

  /** A jump to a known address, which may be this block's start. */
  jump(target: number, cycles: number): string {
    if (target !== this.start) return this.leave(String(target), cycles);
    const loop = `if(left>${MAXIMUM_CYCLES})continue out;`;
    return `{${this.account(cycles)}${loop}pc=${target};break out;}`;
  }

  /** What has been executed, with an instruction that takes so many cycles. */
  private account(cycles: number): string {
    return `left-=${this.cycles + cycles};count+=${this.instructions + 1};`;
  }

  /** The whole function; `pc` is where it goes on if it has not left. */
  finish(): string {
    const registers = [...this.used];
    const read = registers.map((n) => `,r${n}=R[${n}]`).join("");
    const write = registers.map((n) => `R[${n}]=r${n};`).join("");
    return (
      "const R=s.registers,M32=s.ram32,M16=s.ram16,M8=s.ram8;\n" +
      "const F32=s.flash32,F16=s.flash16,F8=s.flash8;\n" +
      `let a=0,b=0,x=0,pc=0,f=s.f,c=s.c,v=s.v,left=s.left,count=s.count${read};\n` +
      `out:for(;;){\n${this.text.join("\n")}\n` +
      `left-=${this.cycles};count+=${this.instructions};pc=${this.pc};break;}\n` +
      `${write}s.f=f;s.c=c;s.v=v;s.left=left;s.count=count;return pc;`
    );
  }
}
