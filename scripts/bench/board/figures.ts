// Figures as text, the same on the terminal and on the page.

import { percent, short } from "../table.ts";
import type { ConnectionReport } from "./connection.ts";
import type { Figure } from "./report.ts";

/** "8.48 M", and with a saved run "8.48 M -0.3%". */
export function figureText({ value, before }: Figure): string {
  return before === undefined || before === 0
    ? short(value)
    : `${short(value)} ${percent(value, before)}`;
}

export function share(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)}%`;
}

/** Bytes of TLS in both directions. */
export function streamBytes({ wire }: ConnectionReport): number {
  return wire.sent.stream + wire.received.stream;
}
