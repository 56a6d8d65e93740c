// Loads and stores as JavaScript: aligned ones within RAM, and loads from flash where it can be
// read, are array accesses; all others - registers of peripherals, what is unaligned or nowhere,
// constants in ROM - go to the interpreter.

import { FLASH, RAM } from "./memory.ts";
import type { Trace } from "./trace.ts";

const SP = 13;
const LR = 14;
const PC = 15;

type Width = 8 | 16 | 32;
const SHIFT: Record<Width, number> = { 8: 0, 16: 1, 32: 2 };

/** Whether x, an address of this alignment, is in a memory with `length` bytes more behind it. */
function within(base: number, size: number, width: Width, length = width / 8): string {
  const alignment = width / 8 - 1;
  const range = `(x-${base}>>>0)<=${size - length}`;
  return alignment === 0 ? range : `(x&${alignment})===0&&${range}`;
}

function element(memory: "M" | "F", width: Width, index = 0): string {
  const base = memory === "M" ? RAM : FLASH;
  const more = index === 0 ? "" : `+${index}`;
  return `${memory}${width}[(x-${base}>>${SHIFT[width]})${more}]`;
}

function inRam(trace: Trace, width: Width, length?: number): string {
  return within(RAM, trace.memory.ram8.length, width, length);
}

/** What to do otherwise, if x is in flash: `read`, before `slow` is the last resort. */
function elseFlash(trace: Trace, width: Width, read: string, length?: number): string {
  if (!trace.seesFlash) return "else";
  return `else if(${within(FLASH, trace.memory.flash8.length, width, length)})${read}else`;
}

/** Loads into x, extended with the sign or with zeros, then into register d. */
export function load(trace: Trace, width: Width, address: string, d: number, signed = false) {
  const slow = trace.interpret();
  const extend = signed ? `x=x<<${32 - width}>>${32 - width};` : "";
  return (
    `x=${address}|0;if(${inRam(trace, width)})x=${element("M", width)};` +
    `${elseFlash(trace, width, `x=${element("F", width)};`)}${slow}` +
    `${extend}${trace.register(d)}=x;`
  );
}

export function store(trace: Trace, width: Width, address: string, d: number): string {
  const write = `${element("M", width)}=${trace.register(d)};`;
  return `x=${address}|0;if(${inRam(trace, width)})${write}else${trace.interpret()}`;
}

/** The numbers of the registers in a list; bit 8 stands for `extra`. */
export function listed(list: number, extra = PC): number[] {
  const low = [0, 1, 2, 3, 4, 5, 6, 7].filter((n) => (list >> n) & 1);
  return list & 0x100 ? [...low, extra] : low;
}

export function push(trace: Trace, list: number): string {
  const registers = listed(list, LR);
  const bytes = 4 * registers.length;
  const sp = trace.register(SP);
  const writes = registers.map((n, i) => `${element("M", 32, i)}=${trace.register(n)};`).join("");
  return (
    `x=${sp}-${bytes}|0;if(${inRam(trace, 32, bytes)}){${writes}${sp}=x;}` +
    `else${trace.interpret()}`
  );
}

/** The list without the PC. */
export function pop(trace: Trace, list: number): string {
  const registers = listed(list);
  const bytes = 4 * registers.length;
  const sp = trace.register(SP);
  const reads = registers.map((n, i) => `${trace.register(n)}=${element("M", 32, i)};`).join("");
  return (
    `x=${sp};if(${inRam(trace, 32, bytes)}){${reads}${sp}=x+${bytes}|0;}` +
    `else${trace.interpret()}`
  );
}

/** POP with the PC; EXC_RETURN and addresses that are not of Thumb code are the interpreter's. */
export function popReturn(trace: Trace, list: number, cycles: number): string {
  const low = listed(list & 0xff);
  const bytes = 4 * low.length + 4;
  const sp = trace.register(SP);
  const reads = low.map((n, i) => `${trace.register(n)}=${element("M", 32, i)};`).join("");
  return (
    `x=${sp};if(!(${inRam(trace, 32, bytes)}))${trace.interpret()}` +
    `a=${element("M", 32, low.length)};${checkTarget(trace)}` +
    `${reads}${sp}=x+${bytes}|0;${trace.leave("a-1", cycles)}`
  );
}

/** Refuses what is in a, as a target of BX and its like. */
export function checkTarget(trace: Trace): string {
  return `if((a&1)===0||a>>>28===15)${trace.interpret()}`;
}

export function storeMultiple(trace: Trace, n: number, list: number): string {
  const registers = listed(list);
  const bytes = 4 * registers.length;
  const base = trace.register(n);
  const writes = registers.map((r, i) => `${element("M", 32, i)}=${trace.register(r)};`).join("");
  const back = registers.includes(n) ? "" : `${base}=x+${bytes}|0;`;
  return `x=${base};if(${inRam(trace, 32, bytes)}){${writes}${back}}else${trace.interpret()}`;
}

export function loadMultiple(trace: Trace, n: number, list: number): string {
  const registers = listed(list);
  const bytes = 4 * registers.length;
  const base = trace.register(n);
  const reads = (memory: "M" | "F") =>
    registers.map((r, i) => `${trace.register(r)}=${element(memory, 32, i)};`).join("");
  const back = registers.includes(n) ? "" : `${base}=x+${bytes}|0;`;
  return (
    `x=${base};if(${inRam(trace, 32, bytes)}){${reads("M")}}` +
    `${elseFlash(trace, 32, `{${reads("F")}}`, bytes)}${trace.interpret()}${back}`
  );
}
