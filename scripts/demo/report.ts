// What the demo prints.

import { UserError } from "../lib/exec.ts";
import type { Tier } from "../lib/tier.ts";
import type { Outcome } from "./client.ts";

const FIRST_LINES = 16;
const COLUMNS = 92;
const HOW: Record<Tier, string> = {
  wasm3: "interpreted by wasm3",
  hybrid: "cryptography translated to C, the rest in wasm3",
  native: "translated to C",
};

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
export function showCost({ stats }: Outcome, tier: Tier): void {
  const { handshake, ssl } = stats;
  if (handshake === null) throw new UserError("the runner gave no figures of the handshake");
  const { bytesIn, bytesOut, messagesIn, messagesOut, ms } = handshake;
  console.log(`   bytes        ${bytesOut} sent, ${bytesIn} received`);
  console.log(`   messages     ${messagesOut} sent, ${messagesIn} received`);
  console.log(`   in ssl.wasm  ${ms.toFixed(1)} ms, ${HOW[tier]}, on this machine`);
  console.log(`   memory       ${ssl.used} bytes of linear memory used at most`);
}

/** Fails with everything that the run has said. */
export function unexpected(what: string, { status, output, reports }: Outcome): UserError {
  return new UserError(
    [`${what} (exit status ${status})`, output, ...reports].join("\n").trimEnd(),
  );
}
