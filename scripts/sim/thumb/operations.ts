// What each instruction does, as JavaScript over the locals of trace.ts, and the cycles that it
// takes in rp2040js. The flags follow AddWithCarry() and Shift_C() of the manual (A2.2.1); the
// last statement that sets f stands for N and Z.

import * as access from "./access.ts";
import type { Instruction, Name } from "./decoder.ts";
import type { Trace } from "./trace.ts";

const SP = 13;
const LR = 14;
const PC = 15;

/** Undefined: not for us in this form. */
type Operation = (o: Instruction, t: Trace) => string | undefined;

/** x = a + b, with the flags. */
const ADD = "x=a+b|0;f=x;c=(x>>>0)<(a>>>0)?1:0;v=((a^x)&(b^x))>>>31;";
const SUBTRACT = "x=a-b|0;f=x;c=(a>>>0)>=(b>>>0)?1:0;v=((a^b)&(a^x))>>>31;";
const ADD_CARRY = "x=a+b+c|0;f=x;c=((a&b)|((a|b)&~x))>>>31;v=((a^x)&(b^x))>>>31;";

function arithmetic(how: string, a: string, b: string | number, to: string): string {
  return `a=${a};b=${b};${how}${to}=x;`;
}

/** Only the flags. */
function compare(how: string, a: string, b: string | number): string {
  return `a=${a};b=${b};${how}`;
}

/** d = d operator m. */
function logical(operator: string): Operation {
  return (o, t) => `f=${t.register(o.d)}=${t.register(o.d)}${operator}${t.register(o.m)};`;
}

/** Shifts the register d by the low byte of m; a count of 0 changes nothing but f. */
function shift(carry: string, result: string): Operation {
  return (o, t) => {
    const d = t.register(o.d);
    return `a=${t.register(o.m)}&255;x=${d};if(a!==0){c=${carry};x=${result};}f=${d}=x;`;
  };
}

/** A shift right by a constant, where 0 stands for 32. */
function shiftRight(operator: ">>" | ">>>"): Operation {
  return (o, t) => {
    const m = t.register(o.m);
    const carry = `c=(x>>>${o.i === 0 ? 31 : o.i - 1})&1;`;
    const by32 = operator === ">>" ? "x>>31" : "0";
    return `x=${m};${carry}f=${t.register(o.d)}=${o.i === 0 ? by32 : `x${operator}${o.i}|0`};`;
  };
}

/** d = an expression in x, the register m. */
function convert(expression: string): Operation {
  return (o, t) => `x=${t.register(o.m)};${t.register(o.d)}=${expression};`;
}

const immediate = (o: Instruction, t: Trace, scale: number): string =>
  `${t.register(o.n)}+${o.i * scale}`;
const indexed = (o: Instruction, t: Trace): string => `${t.register(o.n)}+${t.register(o.m)}`;
const onStack = (o: Instruction, t: Trace): string => `${t.register(SP)}+${o.i * 4}`;

const CONDITIONS = [
  "f===0",
  "f!==0",
  "c!==0",
  "c===0",
  "f<0",
  "f>=0",
  "v!==0",
  "v===0",
  "c!==0&&f!==0",
  "c===0||f===0",
  "f>>>31===v",
  "f>>>31!==v",
  "f!==0&&f>>>31===v",
  "f===0||f>>>31!==v",
];

/** Writes a register that may be the SP, which is always aligned, or the PC: that is a jump. */
function writeHigh(o: Instruction, t: Trace, value: string): string {
  if (o.d === PC) return `x=${value};${t.leave("x&~1", cyclesOf(o))}`;
  return `${t.register(o.d)}=${value}${o.d === SP ? "&~3" : "|0"};`;
}

function branchIf(o: Instruction, t: Trace): string | undefined {
  const condition = CONDITIONS[o.c];
  if (condition === undefined) return undefined; // UDF and SVC
  const target = t.pc + 4 + ((o.i << 24) >> 23);
  return `if(${condition})${t.jump(target, 2)}`;
}

/** BX and BLX; the LR is written last, it may be the operand. */
function exchange(o: Instruction, t: Trace, link: string): string | undefined {
  if (o.m === PC) return undefined;
  return `a=${t.register(o.m)};${access.checkTarget(t)}${link}${t.leave("a-1", cyclesOf(o))}`;
}

const OPERATIONS: Record<Name, Operation> = {
  lslImmediate: (o, t) => {
    const m = t.register(o.m);
    if (o.i === 0) return `f=${t.register(o.d)}=${m};`;
    return `x=${m};c=(x>>>${32 - o.i})&1;f=${t.register(o.d)}=x<<${o.i};`;
  },
  lsrImmediate: shiftRight(">>>"),
  asrImmediate: shiftRight(">>"),
  lsl: shift("a>32?0:(x>>>(32-a))&1", "a<32?x<<a:0"),
  lsr: shift("a>32?0:(x>>>(a-1))&1", "a<32?x>>>a|0:0"),
  asr: shift("(x>>(a<32?a-1:31))&1", "x>>(a<32?a:31)"),
  ror: shift("(x>>>(a-1&31))&1", "x>>>(a&31)|x<<(-a&31)"),

  addRegister: (o, t) => arithmetic(ADD, t.register(o.n), t.register(o.m), t.register(o.d)),
  subRegister: (o, t) => arithmetic(SUBTRACT, t.register(o.n), t.register(o.m), t.register(o.d)),
  addImmediate3: (o, t) => arithmetic(ADD, t.register(o.n), o.i, t.register(o.d)),
  subImmediate3: (o, t) => arithmetic(SUBTRACT, t.register(o.n), o.i, t.register(o.d)),
  addImmediate8: (o, t) => arithmetic(ADD, t.register(o.d), o.i, t.register(o.d)),
  subImmediate8: (o, t) => arithmetic(SUBTRACT, t.register(o.d), o.i, t.register(o.d)),
  adc: (o, t) => arithmetic(ADD_CARRY, t.register(o.d), t.register(o.m), t.register(o.d)),
  sbc: (o, t) => arithmetic(ADD_CARRY, t.register(o.d), `~${t.register(o.m)}`, t.register(o.d)),
  rsb: (o, t) => arithmetic(SUBTRACT, "0", t.register(o.n), t.register(o.d)),
  mul: (o, t) => `f=${t.register(o.d)}=Math.imul(${t.register(o.n)},${t.register(o.d)});`,
  cmpImmediate: (o, t) => compare(SUBTRACT, t.register(o.n), o.i),
  cmp: (o, t) => compare(SUBTRACT, t.register(o.n), t.register(o.m)),
  cmpHigh: (o, t) =>
    o.n === PC || o.m === PC ? undefined : compare(SUBTRACT, t.register(o.n), t.register(o.m)),
  cmn: (o, t) => compare(ADD, t.register(o.n), t.register(o.m)),

  and: logical("&"),
  eor: logical("^"),
  orr: logical("|"),
  bic: logical("&~"),
  mvn: (o, t) => `f=${t.register(o.d)}=~${t.register(o.m)};`,
  tst: (o, t) => `f=${t.register(o.n)}&${t.register(o.m)};`,
  movImmediate: (o, t) => `f=${t.register(o.d)}=${o.i};`,

  addHigh: (o, t) => writeHigh(o, t, `${t.register(o.d)}+${t.register(o.m)}`),
  movHigh: (o, t) => writeHigh(o, t, t.register(o.m)),
  adr: (o, t) => `${t.register(o.d)}=${(t.pc & ~3) + 4 + o.i * 4};`,
  addStackAddress: (o, t) => `${t.register(o.d)}=${onStack(o, t)}|0;`,
  addStack: (o, t) => `${t.register(SP)}=${onStack(o, t)}|0;`,
  subStack: (o, t) => `${t.register(SP)}=${t.register(SP)}-${o.i * 4}|0;`,
  sxth: convert("x<<16>>16"),
  sxtb: convert("x<<24>>24"),
  uxth: convert("x&65535"),
  uxtb: convert("x&255"),
  rev: convert("x<<24|(x&65280)<<8|x>>>8&65280|x>>>24"),
  rev16: convert("(x&16711935)<<8|x>>>8&16711935"),
  revsh: convert("x<<24>>16|x>>>8&255"),

  ldrLiteral: (o, t) => {
    const address = (t.pc & ~3) + 4 + o.i * 4;
    const constant = t.memory.word(address);
    if (constant === undefined) return undefined;
    t.sources.push(address);
    return `${t.register(o.d)}=${constant};`;
  },
  ldr: (o, t) => access.load(t, 32, immediate(o, t, 4), o.d),
  ldrh: (o, t) => access.load(t, 16, immediate(o, t, 2), o.d),
  ldrb: (o, t) => access.load(t, 8, immediate(o, t, 1), o.d),
  str: (o, t) => access.store(t, 32, immediate(o, t, 4), o.d),
  strh: (o, t) => access.store(t, 16, immediate(o, t, 2), o.d),
  strb: (o, t) => access.store(t, 8, immediate(o, t, 1), o.d),
  ldrStack: (o, t) => access.load(t, 32, onStack(o, t), o.d),
  strStack: (o, t) => access.store(t, 32, onStack(o, t), o.d),
  ldrRegister: (o, t) => access.load(t, 32, indexed(o, t), o.d),
  ldrhRegister: (o, t) => access.load(t, 16, indexed(o, t), o.d),
  ldrbRegister: (o, t) => access.load(t, 8, indexed(o, t), o.d),
  ldrsh: (o, t) => access.load(t, 16, indexed(o, t), o.d, true),
  ldrsb: (o, t) => access.load(t, 8, indexed(o, t), o.d, true),
  strRegister: (o, t) => access.store(t, 32, indexed(o, t), o.d),
  strhRegister: (o, t) => access.store(t, 16, indexed(o, t), o.d),
  strbRegister: (o, t) => access.store(t, 8, indexed(o, t), o.d),
  push: (o, t) => access.push(t, o.r),
  pop: (o, t) => (o.r & 0x100 ? access.popReturn(t, o.r, cyclesOf(o)) : access.pop(t, o.r)),
  stm: (o, t) => access.storeMultiple(t, o.n, o.r),
  ldm: (o, t) => access.loadMultiple(t, o.n, o.r),

  branchIf,
  branch: (o, t) => t.jump(t.pc + 4 + ((o.i << 21) >> 20), cyclesOf(o)),
  bl: (o, t) => `${t.register(LR)}=${(t.pc + 4) | 1};${t.jump(t.pc + 4 + o.i, cyclesOf(o))}`,
  bx: (o, t) => exchange(o, t, ""),
  blx: (o, t) => exchange(o, t, `${t.register(LR)}=${(t.pc + 2) | 1};`),
  barrier: () => "",
  nop: () => "",
};

/** The statements of an instruction at t.pc. */
export function translate(o: Instruction, t: Trace): string | undefined {
  return OPERATIONS[o.name](o, t);
}

/** In rp2040js, for RAM and flash; a branch that is not taken costs 1. */
export function cyclesOf(o: Instruction): number {
  const low = access.listed(o.r & 0xff).length;
  switch (o.name) {
    case "push":
    case "stm":
    case "ldm":
      return 1 + low;
    case "pop":
      return 1 + low + (o.r & 0x100 ? 2 : 0);
    case "addHigh":
    case "movHigh":
      return o.d === PC ? 2 : 1;
    case "bl":
    case "barrier":
      return 3;
    case "branch":
    case "bx":
    case "blx":
      return 2;
    default:
      return /^(ldr|str)/.test(o.name) ? 2 : 1;
  }
}

/** Whether nothing behind it is reached through it. */
export function endsBlock(o: Instruction): boolean {
  if (o.name === "addHigh" || o.name === "movHigh") return o.d === PC;
  if (o.name === "pop") return (o.r & 0x100) !== 0;
  return ["branch", "bl", "bx", "blx"].includes(o.name);
}
