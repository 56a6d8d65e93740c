import type { ValueType } from "./module.ts";

/** How C spells the types; integers are unsigned. */
export const C_TYPES: Record<ValueType | "none", string> = {
  i32: "uint32_t",
  i64: "uint64_t",
  f32: "float",
  f64: "double",
  none: "void",
};
