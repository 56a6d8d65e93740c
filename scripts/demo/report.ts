// What the demo prints.

import { UserError } from "../lib/exec.ts";
import type { Outcome } from "./device.ts";

const FIRST_LINES = 16;
const COLUMNS = 92;

export function heading(text: string): void {
  console.log(`\n── ${text} ${"─".repeat(Math.max(0, 94 - text.length))}`);
}

/** The output's first lines, indented. */
export function showOutput(output: string): void {
  const lines = output.trimEnd().split(/\r?\n/);
  for (const line of lines.slice(0, FIRST_LINES)) {
    const cut = line.length > COLUMNS ? `${line.slice(0, COLUMNS - 3)}...` : line;
    console.log(`   ${cut}`.trimEnd());
  }
  if (lines.length > FIRST_LINES) console.log(`   ... ${lines.length - FIRST_LINES} more lines`);
}

/** What the handshake has cost. */
export function showCost({ cost }: Outcome): void {
  if (cost.length === 0) throw new UserError("there are no figures of the handshake");
  for (const line of cost) console.log(`   ${line}`);
}

/** Fails with everything that the run has said. */
export function unexpected(what: string, { status, output, reports }: Outcome): UserError {
  return new UserError(
    [`${what} (exit status ${status})`, output, ...reports].join("\n").trimEnd(),
  );
}
