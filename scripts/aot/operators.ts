// The instructions that only compute: opcode (core specification, 5.4) -> operand types and a C
// expression over hal/aot.h. Integer values are unsigned in C; signed meanings are casts. Those
// that may trap say so.

import { operand, UNBOUNDED, type Value } from "./value.ts";
import type { ValueType } from "./module.ts";

export interface Operator {
  name: string;
  operands: ValueType[];
  result: ValueType;
  /** The C text from the operands' texts; `site` is for those that may trap. */
  text(values: Value[], site: number): string;
  /** The text is a comparison: int in C, i32 in WebAssembly. */
  comparison: boolean;
  atom: boolean;
  traps: boolean;
  bound?(values: Value[]): number;
}

export const OPERATORS = new Map<number, Operator>();
/** The operators behind the prefix 0xfc. */
export const PREFIXED_OPERATORS = new Map<number, Operator>();

type Text = (values: Value[], site: number) => string;

function define(
  code: number,
  name: string,
  from: ValueType[],
  to: ValueType,
  text: Text,
  more: Partial<Operator> = {},
) {
  const table = code >= 0xfc00 ? PREFIXED_OPERATORS : OPERATORS;
  table.set(code & (code >= 0xfc00 ? 0xff : 0xffff), {
    name,
    operands: from,
    result: to,
    text,
    comparison: false,
    atom: false,
    traps: /\.(div|rem)_|\.trunc_f/.test(name),
    ...more,
  });
}

const SIGNED = { i32: "int32_t", i64: "int64_t", f32: "float", f64: "double" };
const UNSIGNED = { i32: "uint32_t", i64: "uint64_t", f32: "float", f64: "double" };
const WIDTH = { i32: 32n, i64: 64n, f32: 32n, f64: 64n };

const infix =
  (op: string): Text =>
  ([a, b]) =>
    `${operand(a)} ${op} ${operand(b)}`;
const signedInfix =
  (type: ValueType, op: string): Text =>
  ([a, b]) =>
    `(${SIGNED[type]})${operand(a)} ${op} (${SIGNED[type]})${operand(b)}`;
/** A call of a function of hal/aot.h. */
const call =
  (name: string): Text =>
  (values) =>
    `${name}(${values.map((v) => v.text).join(", ")})`;
const trappingCall =
  (name: string): Text =>
  (values, site) =>
    `${name}(${values.map((v) => v.text).join(", ")}, ${site}u)`;

function shiftCount(type: ValueType, b: Value): string {
  const width = WIDTH[type];
  if (b.constant !== null) return (b.constant % width).toString();
  return `(${operand(b)} & ${width - 1n}u)`;
}

/** A divisor that is a constant other than 0 and -1 cannot trap. */
function isPlainDivisor(type: ValueType, b: Value): boolean {
  return b.constant !== null && b.constant !== 0n && b.constant !== (1n << WIDTH[type]) - 1n;
}

function comparisons(
  first: number,
  type: ValueType,
  ops: [string, string, "s" | "u" | ""][],
): void {
  ops.forEach(([name, op, sign], i) => {
    const text = sign === "s" ? signedInfix(type, op) : infix(op);
    define(
      first + i,
      `${type}.${name}${sign && `_${sign}`}`,
      [type, type],
      "i32",
      unsignedLimits(op, sign, text),
      {
        comparison: true,
        bound: () => 1,
      },
    );
  });
}

/** x < 0 and x >= 0 are decided for unsigned x; compilers warn about such a comparison. */
function unsignedLimits(op: string, sign: string, text: Text): Text {
  if (sign !== "u") return text;
  return (values, site) => {
    const [a, b] = values;
    if (b.constant === 0n && op === "<") return "0";
    if (b.constant === 0n && op === ">=") return "1";
    if (a.constant === 0n && op === ">") return "0";
    if (a.constant === 0n && op === "<=") return "1";
    return text(values, site);
  };
}

function integers(type: "i32" | "i64", compare: number, arithmetic: number): void {
  define(
    compare,
    `${type}.eqz`,
    [type],
    "i32",
    ([a]) => (a.test !== null ? `!(${a.test})` : `${operand(a)} == 0`),
    {
      comparison: true,
      bound: () => 1,
    },
  );
  comparisons(compare + 1, type, [
    ["eq", "==", ""],
    ["ne", "!=", ""],
    ["lt", "<", "s"],
    ["lt", "<", "u"],
    ["gt", ">", "s"],
    ["gt", ">", "u"],
    ["le", "<=", "s"],
    ["le", "<=", "u"],
    ["ge", ">=", "s"],
    ["ge", ">=", "u"],
  ]);
  const bits = WIDTH[type];
  for (const [i, name] of ["clz", "ctz", "popcnt"].entries()) {
    define(arithmetic + i, `${type}.${name}`, [type], type, call(`aot_${name}${bits}`), {
      atom: true,
      bound: () => Number(bits),
    });
  }
  binaryIntegers(type, arithmetic + 3);
}

function binaryIntegers(type: "i32" | "i64", first: number): void {
  const bits = WIDTH[type];
  const two: ValueType[] = [type, type];
  const op = (i: number, name: string, text: Text, more: Partial<Operator> = {}) => {
    define(
      first + i,
      `${type}.${name}`,
      two,
      type,
      text,
      type === "i32" ? more : { ...more, bound: undefined },
    );
  };
  op(0, "add", infix("+"), { bound: ([a, b]) => limit(a.bound + b.bound) });
  op(1, "sub", infix("-"));
  op(2, "mul", infix("*"), { bound: ([a, b]) => limit(a.bound * b.bound) });
  op(3, "div_s", division(type, "/", "div_s"), {});
  op(4, "div_u", division(type, "/", "div_u"), { bound: ([a]) => a.bound });
  op(5, "rem_s", division(type, "%", "rem_s"), {});
  op(6, "rem_u", division(type, "%", "rem_u"), { bound: ([, b]) => b.bound });
  op(7, "and", infix("&"), { bound: ([a, b]) => Math.min(a.bound, b.bound) });
  op(8, "or", infix("|"), { bound: ([a, b]) => allOnes(Math.max(a.bound, b.bound)) });
  op(9, "xor", infix("^"), { bound: ([a, b]) => allOnes(Math.max(a.bound, b.bound)) });
  op(10, "shl", ([a, b]) => `${operand(a)} << ${shiftCount(type, b)}`, { bound: boundOfShl });
  op(
    11,
    "shr_s",
    ([a, b]) => `(${UNSIGNED[type]})((${SIGNED[type]})${operand(a)} >> ${shiftCount(type, b)})`,
  );
  op(12, "shr_u", ([a, b]) => `${operand(a)} >> ${shiftCount(type, b)}`, {
    bound: ([a, b]) => (b.constant === null ? a.bound : a.bound >>> Number(b.constant & 31n)),
  });
  op(13, "rotl", call(`aot_rotl${bits}`), { atom: true });
  op(14, "rotr", call(`aot_rotr${bits}`), { atom: true });
}

function division(type: "i32" | "i64", op: string, name: string): Text {
  const signed = name.endsWith("_s");
  const checked = trappingCall(`aot_${name}${WIDTH[type]}`);
  return (values, site) => {
    if (!isPlainDivisor(type, values[1])) return checked(values, site);
    return signed
      ? `(${UNSIGNED[type]})(${signedInfix(type, op)(values, site)})`
      : infix(op)(values, site);
  };
}

function limit(bound: number): number {
  return Math.min(bound, UNBOUNDED) === bound ? bound : UNBOUNDED;
}

/** The largest value with as many bits. */
function allOnes(bound: number): number {
  return bound === 0 ? 0 : 2 ** (32 - Math.clz32(bound)) - 1;
}

function boundOfShl([a, b]: Value[]): number {
  return b.constant === null ? UNBOUNDED : limit(a.bound * 2 ** Number(b.constant & 31n));
}

function floats(type: "f32" | "f64", compare: number, arithmetic: number): void {
  comparisons(compare, type, [
    ["eq", "==", ""],
    ["ne", "!=", ""],
    ["lt", "<", ""],
    ["gt", ">", ""],
    ["le", "<=", ""],
    ["ge", ">=", ""],
  ]);
  const unary = ["abs", "neg", "ceil", "floor", "trunc", "nearest", "sqrt"];
  for (const [i, name] of unary.entries()) {
    define(arithmetic + i, `${type}.${name}`, [type], type, call(`aot_${name}_${type}`), {
      atom: true,
    });
  }
  for (const [i, op] of ["+", "-", "*", "/"].entries()) {
    const name = ["add", "sub", "mul", "div"][i];
    define(arithmetic + 7 + i, `${type}.${name}`, [type, type], type, infix(op));
  }
  for (const [i, name] of ["min", "max", "copysign"].entries()) {
    const text = call(`aot_${name}_${type}`);
    define(arithmetic + 11 + i, `${type}.${name}`, [type, type], type, text, { atom: true });
  }
}

function conversion(
  code: number,
  name: string,
  from: ValueType,
  to: ValueType,
  text: Text,
  atom = false,
): void {
  define(code, name, [from], to, text, { atom });
}

function conversions(): void {
  conversion(0xa7, "i32.wrap_i64", "i64", "i32", ([a]) => `(uint32_t)${operand(a)}`);
  conversion(
    0xac,
    "i64.extend_i32_s",
    "i32",
    "i64",
    ([a]) => `(uint64_t)(int64_t)(int32_t)${operand(a)}`,
  );
  conversion(0xad, "i64.extend_i32_u", "i32", "i64", ([a]) => `(uint64_t)${operand(a)}`);
  const sources: [ValueType, string][] = [
    ["f32", "s"],
    ["f32", "u"],
    ["f64", "s"],
    ["f64", "u"],
  ];
  for (const [i, [from, sign]] of sources.entries()) {
    for (const [to, code] of [
      ["i32", 0xa8 + i],
      ["i64", 0xae + i],
    ] as [ValueType, number][]) {
      const name = `aot_trunc_${from}_${to}_${sign}`;
      define(code, `${to}.trunc_${from}_${sign}`, [from], to, trappingCall(name), { atom: true });
    }
    for (const [to, code] of [
      ["i32", 0xfc00 + i],
      ["i64", 0xfc04 + i],
    ] as [ValueType, number][]) {
      const name = `aot_trunc_sat_${from}_${to}_${sign}`;
      define(code, `${to}.trunc_sat_${from}_${sign}`, [from], to, call(name), { atom: true });
    }
  }
  floatConversions("f32", 0xb2);
  floatConversions("f64", 0xb7);
  conversion(0xb6, "f32.demote_f64", "f64", "f32", ([a]) => `(float)${operand(a)}`);
  conversion(0xbb, "f64.promote_f32", "f32", "f64", ([a]) => `(double)${operand(a)}`);
  conversion(0xbc, "i32.reinterpret_f32", "f32", "i32", call("aot_bits_f32"), true);
  conversion(0xbd, "i64.reinterpret_f64", "f64", "i64", call("aot_bits_f64"), true);
  conversion(0xbe, "f32.reinterpret_i32", "i32", "f32", call("aot_f32"), true);
  conversion(0xbf, "f64.reinterpret_i64", "i64", "f64", call("aot_f64"), true);
}

function floatConversions(to: "f32" | "f64", first: number): void {
  for (const [i, from] of (["i32", "i32", "i64", "i64"] as const).entries()) {
    const signed = i % 2 === 0;
    const cast = signed ? `(${SIGNED[from]})` : "";
    const name = `${to}.convert_${from}_${signed ? "s" : "u"}`;
    conversion(first + i, name, from, to, ([a]) => `(${UNSIGNED[to]})${cast}${operand(a)}`);
  }
}

function extensions(): void {
  const extend = (code: number, type: "i32" | "i64", bits: number) => {
    const text: Text = ([a]) => `(${UNSIGNED[type]})(${SIGNED[type]})(int${bits}_t)${operand(a)}`;
    conversion(code, `${type}.extend${bits}_s`, type, type, text);
  };
  extend(0xc0, "i32", 8);
  extend(0xc1, "i32", 16);
  extend(0xc2, "i64", 8);
  extend(0xc3, "i64", 16);
  extend(0xc4, "i64", 32);
}

integers("i32", 0x45, 0x67);
integers("i64", 0x50, 0x79);
floats("f32", 0x5b, 0x8b);
floats("f64", 0x61, 0x99);
conversions();
extensions();

/** The value that an operator makes of its operands. */
export function applied(op: Operator, values: Value[], site: number): Omit<Value, "reads"> {
  const text = op.text(values, site);
  return {
    type: op.result,
    text: op.comparison ? `(uint32_t)(${text})` : text,
    atom: op.atom,
    bound: op.bound ? op.bound(values) : UNBOUNDED,
    constant: null,
    test: op.comparison ? text : null,
  };
}
