import type { Facts } from "./facts.ts";
import type { ValueType } from "./module.ts";

/** An open block, loop, if or the function itself. */
export interface Frame {
  kind: "function" | "block" | "loop" | "if" | "else";
  result: ValueType | "none";
  /** The C variable that carries the result out. */
  carrier: string;
  label: string;
  labelUsed: boolean;
  height: number;
  facts: Facts;
  /** What changed inside: facts about it do not survive the end. */
  killed: Set<string>;
  dead: boolean;
  /** `if`: the end can be reached even if both arms are dead ends. */
  reachable: boolean;
}

/** A branch to a loop goes to its head, where WebAssembly 1.0 has no values. */
export function takesValue(frame: Frame): boolean {
  return frame.kind !== "loop" && frame.result !== "none";
}
