import { type Instance, Trap } from "../harness/instance.ts";

/** What a call gives: its result as text, or "trap". */
export function outcome(m: Instance, name: string, ...args: (number | bigint)[]): string {
  try {
    return m.callBig(name, ...args).toString();
  } catch (error) {
    if (error instanceof Trap) return "trap";
    throw error;
  }
}
