// One run of an app on wassl-host: its output as it comes, its reports with addresses turned into
// source lines.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Duplex } from "node:stream";
import { finished } from "node:stream/promises";
import { joinFrames } from "../sim/peer/frames.ts";
import type { Link } from "../sim/peer/link.ts";
import { commandLine, UserError } from "./exec.ts";
import { TraceDecoder } from "./source-map.ts";
import type { SslProgram } from "./ssl-program.ts";

export interface HostRun {
  /** wassl-host's own options: --root, --clock, --connect-to, --stats ... */
  options: readonly string[];
  ssl: SslProgram;
  /** What is at the other end of the cable, where the host was built with lwIP. */
  link?: Link;
  /** app.wasm, with its source map beside it. */
  app: string;
  /** Called with what the app prints, as it comes. */
  output: (text: Uint8Array) => void;
  /** Called with each line of the runner itself: traps, figures. */
  report: (line: string) => void;
  /** Milliseconds after which the run is ended by force; without, it may take for ever. */
  limit?: number;
}

/** The descriptor that is the cable. */
const CABLE = 3;

/** Runs to the end: the exit status, or the signal that ended it. */
export async function runOnHost(host: string, run: HostRun): Promise<number | NodeJS.Signals> {
  const { module } = run.ssl;
  const cable = run.link ? ["--frames", String(CABLE)] : [];
  const args = [...cable, ...run.options, ...(module === null ? [] : [module]), run.app];
  const trace = new TraceDecoder(run.app, run.ssl);
  const stdio: ("inherit" | "pipe" | "ignore")[] = ["inherit", "pipe", "pipe", "ignore"];
  if (run.link) stdio[CABLE] = "pipe";
  const child = spawn(host, args, { stdio, timeout: run.limit });
  if (run.link) {
    const frames = child.stdio[CABLE] as Duplex;
    joinFrames(run.link, frames, frames);
  }
  const ended = new Promise<number | NodeJS.Signals>((resolve, reject) => {
    child.on("error", (e) => reject(new UserError(`${commandLine(host, args)}: ${e.message}`)));
    child.on("close", (status, signal) => resolve(status ?? signal ?? 1));
  });
  const stderr = child.stderr!;
  child.stdout!.on("data", run.output);
  const lines = createInterface({ input: stderr });
  lines.on("line", (line) => run.report(trace.decode(line)));
  const [result] = await Promise.all([ended, finished(stderr)]);
  return result;
}
