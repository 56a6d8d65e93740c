// A value on the translator's symbolic stack: a C expression that has not been emitted yet, and
// what it depends on.

import type { ValueType } from "./module.ts";

export interface Value {
  type: ValueType;
  text: string;
  /** The text needs no parentheses as an operand. */
  atom: boolean;
  /** What the text reads: "L3" a local, "G1" a global, "M" the memory. */
  reads: ReadonlySet<string>;
  /** For i32: the largest unsigned value it can have, where that is known. */
  bound: number;
  /** The constant that it is, as unsigned bits. */
  constant: bigint | null;
  /** The same as a C condition, where that is shorter. */
  test: string | null;
}

export const UNBOUNDED = 0xffffffff;
const NOTHING: ReadonlySet<string> = new Set();

export function value(type: ValueType, text: string, more: Partial<Value> = {}): Value {
  return {
    type,
    text,
    atom: false,
    reads: NOTHING,
    bound: UNBOUNDED,
    constant: null,
    test: null,
    ...more,
  };
}

export function constant(type: ValueType, bits: bigint): Value {
  const bound = type === "i32" ? Number(bits) : UNBOUNDED;
  return value(type, literal(type, bits), { atom: true, constant: bits, bound });
}

/** The text as an operand of a C operator. */
export function operand(v: Value): string {
  return v.atom ? v.text : `(${v.text})`;
}

/** The value as a C condition. */
export function condition(v: Value): string {
  return v.test ?? `${operand(v)} != 0`;
}

export function union(values: Value[]): ReadonlySet<string> {
  if (values.length === 1) return values[0].reads;
  return new Set(values.flatMap((v) => [...v.reads]));
}

function literal(type: ValueType, bits: bigint): string {
  if (type === "i32") return `${digits(bits)}u`;
  if (type === "i64") return `UINT64_C(${digits(bits)})`;
  return type === "f32"
    ? `aot_f32(0x${bits.toString(16)}u)`
    : `aot_f64(UINT64_C(0x${bits.toString(16)}))`;
}

function digits(bits: bigint): string {
  return bits < 4096n ? bits.toString() : `0x${bits.toString(16)}`;
}
