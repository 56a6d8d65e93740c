// Walks through a WebAssembly program with Binaryen and lets a visitor put other expressions in the
// place of operands: what trace.ts and faults.ts watch or damage programs with.
//
// Operands are named as in Binaryen's classes: "Ptr" of a "Store". The children of a block and the
// arguments of a call are walked through but not offered. An expression of a kind without a rule is
// an error: nothing is left out silently.

import binaryen from "binaryen";

/** An operand of an expression, and the function that it stands in. */
export interface Operand {
  function: string;
  /** The kind of the expression, as Binaryen's class for it: "Store". */
  kind: string;
  /** Of Binaryen's get and set: "Ptr". */
  property: string;
  /** The expression that has the operand. */
  parent: number;
  expression: number;
}

/** Gives what takes the operand's place: often the operand itself. */
export type Visitor = (operand: Operand) => number;

/** A kind of expression and its operands. */
type Shape = string[];

const EVERY = "operands";

const shapes = new Map<number, Shape>([
  [binaryen.IfId, ["If", "Condition", "IfTrue", "IfFalse"]],
  [binaryen.LoopId, ["Loop", "Body"]],
  [binaryen.BreakId, ["Break", "Condition", "Value"]],
  [binaryen.SwitchId, ["Switch", "Condition", "Value"]],
  [binaryen.CallId, ["Call", EVERY]],
  [binaryen.CallIndirectId, ["CallIndirect", "Target", EVERY]],
  [binaryen.LocalSetId, ["LocalSet", "Value"]],
  [binaryen.GlobalSetId, ["GlobalSet", "Value"]],
  [binaryen.LoadId, ["Load", "Ptr"]],
  [binaryen.StoreId, ["Store", "Ptr", "Value"]],
  [binaryen.UnaryId, ["Unary", "Value"]],
  [binaryen.BinaryId, ["Binary", "Left", "Right"]],
  [binaryen.SelectId, ["Select", "IfTrue", "IfFalse", "Condition"]],
  [binaryen.DropId, ["Drop", "Value"]],
  [binaryen.ReturnId, ["Return", "Value"]],
  [binaryen.MemoryGrowId, ["MemoryGrow", "Delta"]],
  [binaryen.MemoryCopyId, ["MemoryCopy", "Dest", "Source", "Size"]],
  [binaryen.MemoryFillId, ["MemoryFill", "Dest", "Value", "Size"]],
]);

const leaves = new Set<number>([
  binaryen.ConstId,
  binaryen.GlobalGetId,
  binaryen.LocalGetId,
  binaryen.MemorySizeId,
  binaryen.NopId,
  binaryen.UnreachableId,
]);

type Accessors = Record<string, (expression: number, a?: number, b?: number) => number>;
const classes = binaryen as unknown as Record<string, Accessors>;

/** A property of an expression of this kind: read("Binary", "Op", expression). */
export function read(kind: string, property: string, expression: number): number {
  return classes[kind]![`get${property}`]!(expression);
}

/** Offers the operands of every function that is not imported, children before parents. */
export function instrument(module: binaryen.Module, visit: Visitor): void {
  const functions = Array.from({ length: module.getNumFunctions() }, (_, i) =>
    binaryen.getFunctionInfo(module.getFunctionByIndex(i)),
  );
  for (const { name, body, module: importedFrom } of functions) {
    if (!importedFrom) walk(body, name, visit);
  }
}

/** The instrumented program's bytes; the module is given back. */
export function finish(module: binaryen.Module): Uint8Array<ArrayBuffer> {
  if (!module.validate()) throw new Error("the instrumented program is not valid");
  const wasm = Uint8Array.from(module.emitBinary());
  module.dispose();
  return wasm;
}

function shapeOf(expression: number): Shape {
  const id = binaryen.getExpressionId(expression);
  const shape = shapes.get(id);
  if (shape !== undefined) return shape;
  if (leaves.has(id)) return [];
  throw new Error(`no rule for expression kind ${id}: ${binaryen.emitText(expression)}`);
}

function walk(expression: number, name: string, visit: Visitor): void {
  if (binaryen.getExpressionId(expression) === binaryen.BlockId) {
    const block = classes.Block!;
    const n = block.getNumChildren!(expression);
    for (let i = 0; i < n; i++) walk(block.getChildAt!(expression, i), name, visit);
    return;
  }
  const [kind, ...properties] = shapeOf(expression);
  for (const property of properties) {
    if (property === EVERY) walkOperands(expression, kind!, name, visit);
    else walkOperand(expression, kind!, property, name, visit);
  }
}

function walkOperands(expression: number, kind: string, name: string, visit: Visitor): void {
  const n = classes[kind]!.getNumOperands!(expression);
  for (let i = 0; i < n; i++) walk(classes[kind]!.getOperandAt!(expression, i), name, visit);
}

function walkOperand(
  parent: number,
  kind: string,
  property: string,
  name: string,
  visit: Visitor,
): void {
  const expression = read(kind, property, parent);
  if (expression === 0) return; // an operand that may be absent
  walk(expression, name, visit);
  const instead = visit({ function: name, kind, property, parent, expression });
  if (instead !== expression) classes[kind]![`set${property}`]!(parent, instead);
}
