// The demo's device: examples/https-verified.ts, unchanged, on wassl-host. The names it asks for
// (example.com:443, pool.ntp.org:123) lead to servers on loopback.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { compileApp, type App } from "../lib/app-compiler.ts";
import { buildHost } from "../lib/board-host.ts";
import { root } from "../lib/exec.ts";
import { runOnHost } from "../lib/host-run.ts";
import { isStats, parseStats, type HostStats } from "../lib/host-stats.ts";
import { translateSsl, type SslProgram } from "../lib/ssl-program.ts";
import type { Tier } from "../lib/tier.ts";

export interface Device {
  host: string;
  ssl: SslProgram;
  app: App;
}

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
  stats: HostStats;
}

/** Builds what is out of date. */
export async function makeDevice(tier: Tier): Promise<Device> {
  const source = path.join(root, "examples/https-verified.ts");
  const ssl = await translateSsl(tier);
  const host = await buildHost({ ssl });
  const app = compileApp(source, path.join(root, "build/demo/https-verified.wasm"));
  return { host, ssl, app };
}

/**
 * Switches the device on, its clock unset as after every power-on, and lets the app run to its end.
 */
export async function visit(device: Device, { port, sntpPort, ca }: Visit): Promise<Outcome> {
  const files = makeFiles(ca);
  const reports: string[] = [];
  const output: Uint8Array[] = [];
  try {
    const status = await runOnHost(device.host, {
      options: [
        ...["--root", files, "--clock", "unset", "--stats"],
        ...["--connect-to", `example.com:443:127.0.0.1:${port}`],
        ...["--connect-to", `pool.ntp.org:123:127.0.0.1:${sntpPort}`],
      ],
      ssl: device.ssl,
      app: device.app.wasm,
      output: (bytes) => void output.push(bytes),
      report: (line) => void reports.push(line),
    });
    return {
      status,
      output: Buffer.concat(output).toString(),
      reports: reports.filter((line) => !isStats(line)),
      stats: parseStats(reports),
    };
  } finally {
    rmSync(files, { recursive: true, force: true });
  }
}

/** A fresh file system with ca.der in it. */
function makeFiles(ca: Uint8Array): string {
  const parent = path.join(root, "build/demo");
  mkdirSync(parent, { recursive: true });
  const files = mkdtempSync(path.join(parent, "files-"));
  writeFileSync(path.join(files, "ca.der"), ca);
  return files;
}
