// The instructions of a function body with their immediates (core specification, 5.4), in order.
// `site` is the byte offset of the instruction in the module; trap reports and source maps use it.

import { ByteReader } from "./reader.ts";
import {
  littleEndian,
  valueType,
  type ValueType,
  type WasmFunction,
  type WasmModule,
} from "./module.ts";
import { OPERATORS, PREFIXED_OPERATORS } from "./operators.ts";
import { Refusal } from "./refusal.ts";

export const Op = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  brTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  drop: 0x1a,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  firstLoad: 0x28,
  firstStore: 0x36,
  lastStore: 0x3e,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  f32Const: 0x43,
  f64Const: 0x44,
  prefix: 0xfc,
  memoryCopy: 0xfc0a,
  memoryFill: 0xfc0b,
} as const;

export interface Instruction {
  op: number; // with the prefix 0xfc: 0xfc00 + the second opcode
  site: number;
  /** Of a function, local, global, type or label. */
  index: number;
  labels: number[]; // br_table: the default is the last
  result: ValueType | "none"; // block, loop, if
  offset: number;
  align: number; // bytes
  bits: bigint;
}

export function decodeBody(module: WasmModule, f: WasmFunction): Instruction[] {
  const r = new ByteReader(module.bytes, f.start, f.end);
  const instructions: Instruction[] = [];
  while (r.more) instructions.push(decodeInstruction(r, f.name));
  return instructions;
}

function decodeInstruction(r: ByteReader, where: string): Instruction {
  const site = r.at;
  let op = r.u8();
  if (op === Op.prefix) op = 0xfc00 + r.u32();
  const i: Instruction = {
    op,
    site,
    index: 0,
    labels: [],
    result: "none",
    offset: 0,
    align: 1,
    bits: 0n,
  };
  if (op >= Op.firstLoad && op <= Op.lastStore) readMemoryArgument(r, i);
  else if (op === Op.block || op === Op.loop || op === Op.if) i.result = blockType(r, where);
  else if (op === Op.brTable) i.labels = [...r.vector(() => r.u32()), r.u32()];
  else if (INDEXED.has(op)) i.index = r.u32();
  else if (op === Op.callIndirect) readIndirect(r, i, where);
  else if (op >= Op.i32Const && op <= Op.f64Const) i.bits = constantBits(op, r);
  else if (op >= 0xfc00) readPrefixed(r, i, where);
  else if (op === Op.memorySize || op === Op.memoryGrow) r.u8();
  else if (!PLAIN.has(op) && !OPERATORS.has(op)) throw unsupported(where, site, op);
  return i;
}

/** What belongs to later versions of WebAssembly, by its first opcode. */
const PROPOSALS: readonly [first: number, last: number, what: string][] = [
  [0x06, 0x0a, "exceptions are"],
  [0x12, 0x15, "tail calls and typed calls are"],
  [0x18, 0x19, "exceptions are"],
  [0x1c, 0x1c, "select of references is"],
  [0x1f, 0x1f, "exceptions are"],
  [0x25, 0x26, "access to tables is"],
  [0xd0, 0xd6, "references are"],
  [0xfb, 0xfb, "garbage collection is"],
  [0xfd, 0xfd, "SIMD is"],
  [0xfe, 0xfe, "threads are"],
  [0xfc08, 0xfc09, "passive data segments are"],
  [0xfc0c, 0xfc11, "access to tables is"],
];

function unsupported(where: string, site: number, op: number): Refusal {
  const code = op >= 0xfc00 ? `0xfc ${op - 0xfc00}` : `0x${op.toString(16)}`;
  const what = PROPOSALS.find(([first, last]) => op >= first && op <= last)?.[2] ?? "it is";
  return new Refusal(
    where,
    `instruction ${code} at 0x${site.toString(16)}`,
    `${what} not supported`,
  );
}

const INDEXED: ReadonlySet<number> = new Set([
  Op.br,
  Op.brIf,
  Op.call,
  Op.localGet,
  Op.localSet,
  Op.localTee,
  Op.globalGet,
  Op.globalSet,
]);
const PLAIN: ReadonlySet<number> = new Set([
  Op.unreachable,
  Op.nop,
  Op.else,
  Op.end,
  Op.return,
  Op.drop,
  Op.select,
]);

function readMemoryArgument(r: ByteReader, i: Instruction): void {
  i.align = 2 ** r.u32();
  i.offset = r.u32();
}

function blockType(r: ByteReader, where: string): ValueType | "none" {
  const code = r.u8();
  if (code === 0x40) return "none";
  if (code < 0x40)
    throw new Refusal(where, "block", "parameters and several results are not supported");
  return valueType(code, where);
}

function readIndirect(r: ByteReader, i: Instruction, where: string): void {
  i.index = r.u32();
  if (r.u32() !== 0) throw new Refusal(where, "call_indirect", "only one table");
}

function constantBits(op: number, r: ByteReader): bigint {
  if (op === Op.i32Const) return BigInt.asUintN(32, BigInt(r.s32()));
  if (op === Op.i64Const) return BigInt.asUintN(64, r.s64());
  return littleEndian(r.take(op === Op.f32Const ? 4 : 8));
}

function readPrefixed(r: ByteReader, i: Instruction, where: string): void {
  if (i.op === Op.memoryCopy) r.take(2);
  else if (i.op === Op.memoryFill) r.take(1);
  else if (!PREFIXED_OPERATORS.has(i.op & 0xff)) {
    throw unsupported(where, i.site, i.op);
  }
}

/** Index of the `end` that closes the block, loop or if (or its else) at `at`. */
export function closingEnd(instructions: Instruction[], at: number): number {
  let depth = 0;
  for (let i = at; ; i++) {
    const op = instructions[i].op;
    if (op === Op.block || op === Op.loop || op === Op.if) depth++;
    else if (op === Op.end && --depth === 0) return i;
  }
}
