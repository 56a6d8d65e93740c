// The loads and stores: which bytes they touch and how C spells the conversion.

import type { Instruction } from "./instructions.ts";
import { UNBOUNDED } from "./value.ts";
import type { ValueType } from "./module.ts";

export interface Access {
  type: ValueType;
  bytes: number;
  store: boolean;
  /** Load: bits to the value. Store: value to the bits. */
  cast(text: string): string;
  bound: number;
}

const same = (text: string) => text;
const signed = (to: string, bits: number) => (text: string) =>
  `(uint${to}_t)(int${to}_t)(int${bits}_t)${text}`;
const wide = (text: string) => `(uint64_t)${text}`;
const half = (text: string) => `(uint16_t)(${text})`;
const wrapped = (text: string) => `(uint32_t)(${text})`;

function load(type: ValueType, bytes: number, cast = same, bound = UNBOUNDED): Access {
  return { type, bytes, store: false, cast, bound };
}

function store(type: ValueType, bytes: number, cast = same): Access {
  return { type, bytes, store: true, cast, bound: 0 };
}

/** In the order of the opcodes, from 0x28 on. */
const ACCESSES: Access[] = [
  load("i32", 4),
  load("i64", 8),
  load("f32", 4, (text) => `aot_f32(${text})`),
  load("f64", 8, (text) => `aot_f64(${text})`),
  load("i32", 1, signed("32", 8)),
  load("i32", 1, same, 0xff),
  load("i32", 2, signed("32", 16)),
  load("i32", 2, same, 0xffff),
  load("i64", 1, signed("64", 8)),
  load("i64", 1, wide),
  load("i64", 2, signed("64", 16)),
  load("i64", 2, wide),
  load("i64", 4, signed("64", 32)),
  load("i64", 4, wide),
  store("i32", 4),
  store("i64", 8),
  store("f32", 4, (text) => `aot_bits_f32(${text})`),
  store("f64", 8, (text) => `aot_bits_f64(${text})`),
  store("i32", 1),
  store("i32", 2, half),
  store("i64", 1, wrapped),
  store("i64", 2, half),
  store("i64", 4, wrapped),
];

export function accessOf(i: Instruction): Access | null {
  return ACCESSES[i.op - 0x28] ?? null;
}
