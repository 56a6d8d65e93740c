// One WebAssembly function -> one C function. The operand stack is symbolic: values stay C
// expressions until an effect that they depend on is emitted (then they are spilled into a
// temporary first), so the C reads like a program and WebAssembly's order of evaluation is kept,
// although C promises none inside an expression.

import { closingEnd, decodeBody, Op, type Instruction } from "./instructions.ts";
import { C_TYPES } from "./ctypes.ts";
import { Facts, type Check } from "./facts.ts";
import { takesValue, type Frame } from "./frame.ts";
import { Lines } from "./lines.ts";
import { OperandStack } from "./stack.ts";
import { declaration, withNearPointers, withUsefulPointers } from "./pointers.ts";
import { withoutUnused } from "./unused.ts";
import type { Program } from "./program.ts";
import { applied, OPERATORS, PREFIXED_OPERATORS, type Operator } from "./operators.ts";
import type { ValueType, WasmFunction } from "./module.ts";
import { accessOf, type Access } from "./access.ts";
import { condition, constant, operand, union, value, type Value } from "./value.ts";

export class FunctionTranslator {
  private readonly lines = new Lines();
  private readonly instructions: Instruction[];
  private readonly frames: Frame[] = [];
  private readonly stack = new OperandStack(this.lines);
  private facts = new Facts();
  private labels = 0;
  private pointers = 0;
  private readonly read = new Set<number>();
  private usesMemory = false;
  private usesSize = false;
  private at = 0;

  constructor(
    private readonly program: Program,
    private readonly f: WasmFunction,
  ) {
    this.instructions = decodeBody(program.module, f);
    for (const i of this.instructions) if (i.op === Op.localGet) this.read.add(i.index);
  }

  /** The C definition, without `static` and the name's prototype. */
  translate(): string[] {
    this.enter("function", this.f.type.results[0] ?? "none", false);
    for (this.at = 0; this.at < this.instructions.length; this.at++) {
      const i = this.instructions[this.at];
      if (this.frames[this.frames.length - 1].dead) this.skipDead();
      else this.instruction(i);
    }
    const body = this.withPointers(withoutUnused(withUsefulPointers(this.lines.render())));
    return [...this.head(body), ...body, "}"];
  }

  private withPointers(body: string[]): string[] {
    const movable = this.program.checkAlignment || this.program.mayGrow(this.f);
    return movable ? body : withNearPointers(body);
  }

  private head(body: string[]): string[] {
    const used = new Set(body.flatMap((line) => line.match(/\b(l\d+|m|n)\b/g) ?? []));
    const head = [this.program.prototype(this.f), "{"];
    const parameters = this.f.type.params.length;
    for (let p = 0; p < parameters; p++) if (!used.has(`l${p}`)) head.push(`    (void)l${p};`);
    for (const type of ["i32", "i64", "f32", "f64"] as const) {
      const names = this.f.locals
        .map((t, index) => ({ t, name: `l${index}` }))
        .filter(({ t, name }, index) => t === type && index >= parameters && used.has(name))
        .map(({ name }) => `${name} = 0`);
      if (names.length > 0) head.push(`    ${C_TYPES[type]} ${names.join(", ")};`);
    }
    const constant = this.program.mayGrow(this.f) ? "" : "const ";
    if (used.has("m")) head.push(`    uint8_t *${constant}m = aot.memory;`);
    if (used.has("n") || body.some((line) => line.includes("BOUNDS"))) {
      head.push(`    ${constant}uint32_t n = aot.size;`);
    }
    return head;
  }

  // --- one instruction ---

  private instruction(i: Instruction): void {
    const operator = i.op >= 0xfc00 ? PREFIXED_OPERATORS.get(i.op & 0xff) : OPERATORS.get(i.op);
    const access = accessOf(i);
    if (operator !== undefined) this.operator(operator, i.site);
    else if (access !== null) this.memoryAccess(access, i);
    else if (i.op >= Op.i32Const && i.op <= Op.f64Const) this.constantValue(i);
    else if (i.op >= Op.localGet && i.op <= Op.globalSet) this.variable(i);
    else if (i.op <= Op.return) this.control(i);
    else this.rest(i);
  }

  private constantValue(i: Instruction): void {
    const type = (["i32", "i64", "f32", "f64"] as const)[i.op - Op.i32Const];
    this.stack.push(constant(type, i.bits));
  }

  private operator(op: Operator, site: number): void {
    const values = this.stack.popMany(op.operands.length);
    const v = { ...applied(op, values, site), reads: union(values) };
    this.stack.push(op.traps && v.text.startsWith("aot_") ? this.stack.spill(v) : v);
  }

  private variable(i: Instruction): void {
    if (i.op === Op.localGet) this.pushLocal(i.index);
    else if (i.op === Op.globalGet) this.pushGlobal(i.index);
    else if (i.op === Op.globalSet)
      this.assign(`G${i.index}`, this.program.globalText(i.index), this.stack.pop());
    else this.setLocal(i);
  }

  private pushLocal(index: number): void {
    const reads = new Set([`L${index}`]);
    this.stack.push(value(this.f.locals[index], `l${index}`, { atom: true, reads }));
  }

  private pushGlobal(index: number): void {
    const global = this.program.module.globals[index];
    const known = this.program.constantOf(global);
    if (known !== null) this.stack.push(constant(global.type, known));
    else {
      const reads = new Set([`G${index}`]);
      this.stack.push(value(global.type, this.program.globalText(index), { atom: true, reads }));
    }
  }

  private setLocal(i: Instruction): void {
    if (!this.read.has(i.index)) {
      if (i.op === Op.localSet) this.stack.pop();
      return;
    }
    this.assign(`L${i.index}`, `l${i.index}`, this.stack.pop());
    if (i.op === Op.localTee) this.pushLocal(i.index);
  }

  private assign(name: string, target: string, v: Value): void {
    this.stack.spillReaders([name]);
    if (v.text !== target) this.lines.add(`${target} = ${v.text};`);
    this.kill(name);
  }

  private rest(i: Instruction): void {
    if (i.op === Op.drop) this.stack.pop();
    else if (i.op === Op.select) this.select();
    else if (i.op === Op.call) this.call(i);
    else if (i.op === Op.callIndirect) this.callIndirect(i);
    else if (i.op === Op.memorySize) this.memorySize();
    else if (i.op === Op.memoryGrow) this.memoryGrow();
    else this.bulk(i);
  }

  private select(): void {
    const [a, b, c] = this.stack.popMany(3);
    const text = `${condition(c)} ? ${operand(a)} : ${operand(b)}`;
    this.stack.push(
      value(a.type, text, { reads: union([a, b, c]), bound: Math.max(a.bound, b.bound) }),
    );
  }

  // --- memory ---

  private memoryAccess(access: Access, i: Instruction): void {
    const stored = access.store ? this.stack.pop() : null;
    const address = this.stack.simple(this.stack.pop());
    const place = this.place(address, i, access.bytes);
    const bits = `${access.bytes * 8}${i.align >= access.bytes ? "" : "_unaligned"}`;
    this.usesMemory = true;
    if (stored === null) {
      const text = access.cast(`aot_load${bits}(${place}${this.hintArguments(i)})`);
      const reads = new Set([...address.reads, "M"]);
      const atom = !text.startsWith("(");
      this.stack.push(value(access.type, text, { reads, bound: access.bound, atom }));
      return;
    }
    this.stack.spillReaders(["M"]);
    this.lines.add(
      `aot_store${bits}(${place}, ${access.cast(stored.text)}${this.hintArguments(i)});`,
    );
    this.kill("M");
  }

  private hintArguments(i: Instruction): string {
    return this.program.checkAlignment ? `, ${i.align}u, ${i.site}u` : "";
  }

  /** The C text of a pointer and an offset to it, after what makes their sum safe to use. */
  private place(address: Value, i: Instruction, bytes: number): string {
    const extent = i.offset + bytes;
    const known = address.constant;
    if (known !== null && Number(known) + extent <= this.program.initialBytes) {
      return `m, ${Number(known) + i.offset}u`;
    }
    if (address.bound + extent > this.program.initialBytes) {
      const check = this.facts.require(address.text, address.reads, extent, i.site);
      if (check !== null) this.bounds(check);
    }
    const pointer = this.facts.pointerTo(address.text);
    if (pointer !== null) return `${pointer}, ${i.offset}u`;
    return `m, ${i.offset === 0 ? address.text : `${operand(address)} + ${i.offset}u`}`;
  }

  private bounds(check: Check): void {
    this.usesSize ||= this.program.boundsChecks;
    this.lines.add(() => {
      if (!this.program.boundsChecks) return null;
      const far = check.extent > this.program.initialBytes ? "_FAR" : "";
      return `BOUNDS${far}(${check.text}, ${check.extent}u, ${check.site}u);`;
    });
    if (this.program.checkAlignment || this.program.mayGrow(this.f)) return; // offsets, or m, count
    check.pointer = `p${++this.pointers}`;
    check.depth = this.lines.depth;
    this.lines.add(declaration(check.pointer, check.text));
  }

  private memorySize(): void {
    this.stack.push(
      value("i32", "aot_pages()", { atom: true, reads: new Set(["M"]), bound: 65536 }),
    );
  }

  private memoryGrow(): void {
    const pages = this.stack.pop();
    this.stack.spillReaders(["M"]);
    this.stack.push(this.stack.temporary("i32", `aot_grow(${pages.text})`));
    this.reload();
  }

  private reload(): void {
    this.lines.add(() => (this.usesMemory ? "m = aot.memory;" : null));
    this.lines.add(() => (this.usesSize ? "n = aot.size;" : null));
  }

  private bulk(i: Instruction): void {
    const [a, b, c] = this.stack.popMany(3);
    this.stack.spillReaders(["M"]);
    const name = i.op === Op.memoryCopy ? "aot_memory_copy" : "aot_memory_fill";
    this.lines.add(`${name}(${a.text}, ${b.text}, ${c.text}, ${i.site}u);`);
    this.kill("M");
    this.facts.freeze();
  }

  // --- calls ---

  private call(i: Instruction): void {
    const callee = this.program.module.functions[i.index];
    const args = this.stack.popMany(callee.type.params.length);
    const text = `${this.program.functionName(callee)}(${args.map((a) => a.text).join(", ")})`;
    this.emitCall(text, callee.type.results[0], this.program.mayGrow(callee));
  }

  private callIndirect(i: Instruction): void {
    const index = this.stack.pop();
    const type = this.program.module.types[i.index];
    const args = this.stack.popMany(type.params.length);
    const result = C_TYPES[type.results[0] ?? "none"];
    const params = type.params.map((p) => C_TYPES[p]).join(", ") || "void";
    const pointer = `aot_indirect(${index.text}, ${this.program.typeId(type)}u, ${i.site}u)`;
    const text = `((${result} (*)(${params}))${pointer})(${args.map((a) => a.text).join(", ")})`;
    this.emitCall(text, type.results[0], this.program.tableMayGrow());
  }

  private emitCall(text: string, result: ValueType | undefined, grows: boolean): void {
    this.stack.spillReaders(["M", ...this.program.mutableGlobals()]);
    if (result === undefined) this.lines.add(`${text};`);
    else this.emitCallResult(text, result);
    if (grows) this.reload();
    this.kill("M");
    for (const name of this.program.mutableGlobals()) this.kill(name);
    this.facts.freeze();
  }

  private emitCallResult(text: string, result: ValueType): void {
    const next = this.instructions[this.at + 1];
    const unused = next.op === Op.drop || (next.op === Op.localSet && !this.read.has(next.index));
    if (unused) {
      this.lines.add(`(void)${text};`);
      this.at++;
    } else if (next.op === Op.localSet) {
      this.at++;
      this.assign(`L${next.index}`, `l${next.index}`, value(result, text));
    } else this.stack.push(this.stack.temporary(result, text));
  }

  // --- control ---

  private control(i: Instruction): void {
    if (i.op === Op.block || i.op === Op.loop || i.op === Op.if) this.begin(i);
    else if (i.op === Op.else) this.otherwise();
    else if (i.op === Op.end) this.end();
    else if (i.op === Op.br) this.jump(i.index);
    else if (i.op === Op.brIf) this.jumpIf(i.index);
    else if (i.op === Op.brTable) this.jumpTable(i.labels);
    else if (i.op === Op.return) this.jump(this.frames.length - 1);
    else if (i.op === Op.unreachable) this.trapUnreachable(i.site);
  }

  private trapUnreachable(site: number): void {
    this.lines.add(`aot_trap(AOT_UNREACHABLE, ${site}u);`);
    this.top().dead = true;
  }

  private begin(i: Instruction): void {
    const test = i.op === Op.if ? this.stack.pop() : null;
    this.stack.spillAll();
    const kind = i.op === Op.block ? "block" : i.op === Op.loop ? "loop" : "if";
    const frame = this.enter(kind, i.result, true);
    if (kind === "loop") {
      this.killAssigned(this.at, frame);
      this.lines.addLabel(() => (frame.labelUsed ? `${frame.label}:` : null));
      this.lines.add("for (;;) {");
      this.lines.indent();
    } else if (test !== null) {
      this.lines.add(`if (${condition(test)}) {`);
      this.lines.indent();
    }
  }

  private enter(kind: Frame["kind"], result: ValueType | "none", carried: boolean): Frame {
    const label = kind === "function" ? "" : `L${++this.labels}`;
    const carrier = carried && result !== "none" ? `r${this.labels}` : "";
    if (carrier !== "") this.lines.add(`${C_TYPES[result]} ${carrier};`);
    const frame: Frame = {
      kind,
      result,
      carrier,
      label,
      labelUsed: false,
      height: this.stack.height,
      facts: this.facts.copy(),
      killed: new Set(),
      dead: false,
      reachable: false,
    };
    this.frames.push(frame);
    return frame;
  }

  private otherwise(): void {
    const frame = this.top();
    this.carryOut(frame);
    frame.reachable = frame.reachable || !frame.dead;
    frame.kind = "else";
    frame.dead = false;
    this.stack.truncate(frame.height);
    this.facts = frame.facts.copy();
    this.lines.outdent();
    this.lines.add("} else {");
    this.lines.indent();
  }

  private end(): void {
    const frame = this.top();
    if (frame.kind === "function") {
      if (!frame.dead) this.returnValue(frame);
      return;
    }
    this.carryOut(frame);
    this.frames.pop();
    this.close(frame);
    this.stack.truncate(frame.height);
    const parent = this.top();
    const reachable = !frame.dead || frame.reachable || frame.kind === "if";
    if (!reachable && !(frame.labelUsed && frame.kind !== "loop")) parent.dead = true;
    if (frame.result !== "none")
      this.stack.push(value(frame.result, frame.carrier, { atom: true }));
  }

  /** The closing brace, the label, and the facts that hold behind them. */
  private close(frame: Frame): void {
    if (frame.kind === "loop") {
      if (!frame.dead && !this.endsWithJumpBack()) this.lines.add("break;");
      this.lines.outdent();
      this.lines.add("}");
      this.facts.freeze();
      this.facts.leave(this.lines.depth);
      return;
    }
    if (frame.kind === "if" || frame.kind === "else") {
      this.lines.outdent();
      this.lines.add("}");
    }
    if (frame.labelUsed) this.lines.addLabel(`${frame.label}:;`);
    if (frame.kind === "block" && !frame.labelUsed) return;
    this.facts = frame.facts;
    for (const name of frame.killed) this.facts.kill(name);
  }

  /** The br_if of a loop's last instruction was emitted as its negation: `if (!c) break;`. */
  private endsWithJumpBack(): boolean {
    const before = this.instructions[this.at - 1];
    return before.op === Op.brIf && before.index === 0;
  }

  private carryOut(frame: Frame): void {
    if (frame.dead || frame.result === "none") return;
    this.lines.add(`${frame.carrier} = ${this.stack.pop().text};`);
  }

  private returnValue(frame: Frame): void {
    if (frame.result !== "none") this.lines.add(`return ${this.stack.pop().text};`);
    else if (this.at + 1 < this.instructions.length) this.lines.add("return;");
  }

  private jump(depth: number): void {
    for (const line of this.jumpLines(depth)) this.lines.add(line);
    this.top().dead = true;
  }

  private jumpIf(depth: number): void {
    const test = this.stack.pop();
    const frame = this.frameAt(depth);
    const next = this.instructions[this.at + 1];
    if (frame.kind === "loop" && depth === 0 && next.op === Op.end) {
      this.lines.add(`if (!(${condition(test)})) break;`);
      this.facts.freeze();
      return;
    }
    if (takesValue(frame)) this.stack.simplifyTop();
    const lines = this.jumpLines(depth);
    if (lines.length === 1) this.lines.add(`if (${condition(test)}) ${lines[0]}`);
    else {
      this.lines.add(`if (${condition(test)}) {`);
      this.lines.indent();
      for (const line of lines) this.lines.add(line);
      this.lines.outdent();
      this.lines.add("}");
    }
    this.facts.freeze();
  }

  private jumpTable(labels: number[]): void {
    const index = this.stack.pop();
    if (takesValue(this.frameAt(labels[0]))) this.stack.simplifyTop();
    this.lines.add(`switch (${index.text}) {`);
    labels.forEach((depth, i) => {
      this.lines.add(i === labels.length - 1 ? "default:" : `case ${i}:`);
      this.lines.indent();
      for (const line of this.jumpLines(depth)) this.lines.add(line);
      this.lines.outdent();
    });
    this.lines.add("}");
    this.top().dead = true;
  }

  /** The statements that leave to the label `depth`, with the value on top where it takes one. */
  private jumpLines(depth: number): string[] {
    const frame = this.frameAt(depth);
    if (frame.kind === "function") {
      return frame.result === "none" ? ["return;"] : [`return ${this.stack.top.text};`];
    }
    if (frame.kind === "loop") {
      if (this.nearestLoop() === frame) return ["continue;"];
      frame.labelUsed = true;
      return [`goto ${frame.label};`];
    }
    frame.labelUsed = true;
    const carry = frame.result === "none" ? [] : [`${frame.carrier} = ${this.stack.top.text};`];
    return [...carry, `goto ${frame.label};`];
  }

  private nearestLoop(): Frame | undefined {
    return [...this.frames].reverse().find((f) => f.kind === "loop");
  }

  /** Code that cannot be reached is not translated: on to the else or end that closes it. */
  private skipDead(): void {
    const i = this.instructions[this.at];
    if (i.op === Op.block || i.op === Op.loop || i.op === Op.if) {
      this.at = closingEnd(this.instructions, this.at);
    } else if (i.op === Op.else) this.otherwise();
    else if (i.op === Op.end) this.end();
  }

  // --- the symbolic stack ---

  private top(): Frame {
    return this.frames[this.frames.length - 1];
  }

  private frameAt(depth: number): Frame {
    return this.frames[this.frames.length - 1 - depth];
  }

  private kill(name: string): void {
    this.facts.kill(name);
    for (const frame of this.frames) frame.killed.add(name);
  }

  /** At a loop's head only what the loop never changes is known. */
  private killAssigned(at: number, frame: Frame): void {
    const last = closingEnd(this.instructions, at);
    for (let k = at; k < last; k++) {
      const i = this.instructions[k];
      if (i.op === Op.localSet || i.op === Op.localTee) this.facts.kill(`L${i.index}`);
      else if (i.op === Op.globalSet) this.facts.kill(`G${i.index}`);
      else if (i.op === Op.call || i.op === Op.callIndirect) {
        for (const name of this.program.mutableGlobals()) this.facts.kill(name);
      }
    }
    frame.facts = this.facts.copy();
  }
}
