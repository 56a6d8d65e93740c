// The operand stack while a function is translated. Values stay C expressions until something that
// they read is about to change; then they are spilled into a temporary.

import type { Lines } from "./lines.ts";
import { C_TYPES } from "./ctypes.ts";
import type { ValueType } from "./module.ts";
import { UNBOUNDED, value, type Value } from "./value.ts";

export class OperandStack {
  private values: Value[] = [];
  private temporaries = 0;

  constructor(private readonly lines: Lines) {}

  get height(): number {
    return this.values.length;
  }

  get top(): Value {
    return this.values[this.values.length - 1];
  }

  push(v: Value): void {
    this.values.push(v);
  }

  pop(): Value {
    return this.values.pop()!;
  }

  popMany(count: number): Value[] {
    return count === 0 ? [] : this.values.splice(-count);
  }

  truncate(height: number): void {
    this.values.length = height;
  }

  /** A new C variable that holds what the text gives now. */
  temporary(type: ValueType, text: string, bound = UNBOUNDED): Value {
    const name = `t${++this.temporaries}`;
    this.lines.add(`const ${C_TYPES[type]} ${name} = ${text};`);
    return value(type, name, { atom: true, bound });
  }

  spill(v: Value): Value {
    return this.temporary(v.type, v.text, v.bound);
  }

  /** An address is written twice, in its check and in its access: no load or division inside. */
  simple(v: Value): Value {
    return v.reads.has("M") || v.text.includes("aot_") ? this.spill(v) : v;
  }

  simplifyTop(): void {
    const v = this.pop();
    this.push(v.atom ? v : this.spill(v));
  }

  spillReaders(names: string[]): void {
    const reads = (v: Value) => names.some((name) => v.reads.has(name));
    this.values = this.values.map((v) => (reads(v) ? this.spill(v) : v));
  }

  /** Before a region that may or may not run: nothing may be left to evaluate inside it. */
  spillAll(): void {
    this.values = this.values.map((v) => (v.reads.size > 0 || !v.atom ? this.spill(v) : v));
  }
}
