// The demo's device as a process of this machine: wassl-host.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { compileApp } from "../lib/app-compiler.ts";
import { buildHost, HOST_LIMBS } from "../lib/board-host.ts";
import { root } from "../lib/exec.ts";
import { runOnHost } from "../lib/host-run.ts";
import { isStats, parseStats, type HostStats } from "../lib/host-stats.ts";
import { translateSsl, type SslProgram } from "../lib/ssl-program.ts";
import type { Tier } from "../lib/tier.ts";
import { costLine, HOW, SOURCE, type Device, type Outcome, type Visit } from "./device.ts";

/** Builds what is out of date. */
export async function makeHost(tier: Tier): Promise<Device> {
  const ssl = await translateSsl(tier, HOST_LIMBS);
  const host = await buildHost({ ssl });
  const { wasm, size } = compileApp(SOURCE, path.join(root, "build/demo/https-verified.wasm"));
  return {
    app: `examples/https-verified.ts -> ${path.relative(root, wasm)}, ${size} bytes`,
    visit: (to) => visit(host, ssl, wasm, to),
    close: () => undefined,
  };
}

async function visit(
  host: string,
  ssl: SslProgram,
  app: string,
  { port, sntpPort, ca }: Visit,
): Promise<Outcome> {
  const files = makeFiles(ca);
  const reports: string[] = [];
  const output: Uint8Array[] = [];
  try {
    const status = await runOnHost(host, {
      options: [
        ...["--root", files, "--clock", "unset", "--stats"],
        ...["--connect-to", `example.com:443:127.0.0.1:${port}`],
        ...["--connect-to", `pool.ntp.org:123:127.0.0.1:${sntpPort}`],
      ],
      ssl,
      app,
      output: (bytes) => void output.push(bytes),
      report: (line) => void reports.push(line),
    });
    return {
      status,
      output: Buffer.concat(output).toString(),
      reports: reports.filter((line) => !isStats(line)),
      cost: costOf(parseStats(reports), ssl.tier),
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

function costOf({ handshake, ssl }: HostStats, tier: Tier): string[] {
  if (handshake === null) return [];
  const { bytesIn, bytesOut, messagesIn, messagesOut, ms } = handshake;
  return [
    costLine("bytes", `${bytesOut} sent, ${bytesIn} received`),
    costLine("messages", `${messagesOut} sent, ${messagesIn} received`),
    costLine("in ssl.wasm", `${ms.toFixed(1)} ms, ${HOW[tier]}, on this machine`),
    costLine("memory", `${ssl.used} bytes of linear memory used at most`),
  ];
}
