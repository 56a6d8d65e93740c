// What the demo does with a device, whichever it is: a process of this machine (host.ts) or an
// emulated board (emulated.ts). The app is examples/https-verified.ts, unchanged; the names that it
// asks for (example.com:443, pool.ntp.org:123) lead to servers on loopback.

import path from "node:path";
import { root } from "../lib/exec.ts";
import type { Tier } from "../lib/tier.ts";

export const SOURCE = path.join(root, "examples/https-verified.ts");

/** How a tier executes ssl.wasm. */
export const HOW: Record<Tier, string> = {
  wasm3: "interpreted by wasm3",
  hybrid: "cryptography translated to C, the rest in wasm3",
  native: "translated to C",
};

export interface Visit {
  /** Where example.com:443 is. */
  port: number;
  /** Where pool.ntp.org:123 is. */
  sntpPort: number;
  /** What the device has as ca.der. */
  ca: Uint8Array;
}

export interface Outcome {
  status: number | string;
  output: string;
  /** Reports of the runner other than figures. */
  reports: string[];
  /** What the handshake has cost, a line for each sort; empty where there was none. */
  cost: string[];
}

export interface Device {
  /** What runs on it, in a line. */
  app: string;
  /** Switches it on, its clock unset as after every power-on, and lets the app run to its end. */
  visit(visit: Visit): Promise<Outcome>;
  close(): void;
}

/** A line of costs. */
export function costLine(what: string, text: string): string {
  return `${what.padEnd(12)} ${text}`;
}
