// Reads the response files of NIST's CAVP, as excerpts of them stand beside this file: sections in
// brackets, "name = value" lines, and a case for each line of the name that ends one, "Result" in
// most files. A value counts for all later cases of its section until it is given again, as the
// RSA files do with n.

import { readFileSync } from "node:fs";

export interface RspCase {
  section: string;
  /** The value as it stands there. */
  text(name: string): string;
  /** A hexadecimal value. */
  bytes(name: string): Buffer;
  /** A hexadecimal value as a big-endian number of n bytes, or more where it does not fit. */
  number(name: string, n: number): Buffer;
  /** Result starts with P; true in a file without results, whose cases are all right. */
  passes: boolean;
}

/** `file` stands beside this one, or is a URL. */
export function readRsp(file: string, last = "Result"): RspCase[] {
  const cases: RspCase[] = [];
  let section = "";
  let values = new Map<string, string>();
  for (const line of readFileSync(new URL(file, import.meta.url), "utf8").split(/\r?\n/)) {
    const heading = /^\[(.*)\]$/.exec(line);
    const value = /^(\w+) = ?(.*)$/.exec(line);
    if (heading !== null) {
      section = heading[1]!;
      values = new Map();
    } else if (value !== null) {
      values.set(value[1]!, value[2]!);
      if (value[1] === last) cases.push(toCase(section, new Map(values)));
    }
  }
  return cases;
}

function toCase(section: string, values: Map<string, string>): RspCase {
  const text = (name: string): string => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`[${section}] has no ${name}`);
    return value;
  };
  return {
    section,
    text,
    bytes: (name) => Buffer.from(text(name), "hex"),
    number(name, n) {
      const digits = text(name).replace(/^0+/, "");
      const even = digits.length + (digits.length % 2);
      return Buffer.from(digits.padStart(Math.max(2 * n, even), "0"), "hex");
    },
    passes: (values.get("Result") ?? "P").startsWith("P"),
  };
}
