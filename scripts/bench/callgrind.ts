// A program on this machine as a meter: the tests' runner under valgrind's callgrind, which counts
// the instructions of each call. Only what happens inside program_call counts, and every call
// leaves a file behind when it returns.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
} from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Instance } from "../../tests/harness/instance.ts";
import { openRunner } from "../../tests/harness/runner.ts";
import { root } from "../lib/exec.ts";
import type { Meter } from "./meter.ts";

const END_MS = 10_000;
const POLL_MS = 20;

/** Dumps that callgrind leaves in a folder of their own, one for each return from `entry`. */
export class Dumps {
  private readonly folder: string;
  private seen = 0;

  constructor(private readonly entry: string) {
    const parent = path.join(root, "build/bench");
    mkdirSync(parent, { recursive: true });
    this.folder = mkdtempSync(path.join(parent, "callgrind-"));
  }

  /** What to put before the command that is measured. */
  get command(): string[] {
    return [
      "valgrind",
      "--quiet",
      "--tool=callgrind",
      "--collect-atstart=no",
      `--toggle-collect=${this.entry}`,
      `--dump-after=${this.entry}`,
      `--callgrind-out-file=${path.join(this.folder, "out")}`,
    ];
  }

  /** Instructions of each call that has returned since the last time. */
  take(): number[] {
    const count = readdirSync(this.folder).filter((name) => /^out\.\d+$/.test(name)).length;
    const costs: number[] = [];
    while (this.seen < count) costs.push(this.instructions(++this.seen));
    return costs;
  }

  /** Waits for the measured program's end: callgrind fills a last file then, empty until now. */
  async remove(): Promise<void> {
    const last = path.join(this.folder, "out");
    const ended = (): boolean => existsSync(last) && statSync(last).size > 0;
    for (let ms = 0; ms < END_MS && !ended(); ms += POLL_MS) await sleep(POLL_MS);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private instructions(dump: number): number {
    const text = readFileSync(path.join(this.folder, `out.${dump}`), "utf8");
    const totals = /^totals: (\d+)$/m.exec(text);
    if (totals === null) throw new Error(`callgrind's dump ${dump} has no total`);
    return Number(totals[1]);
  }
}

/** `runner` as compileRunner gives it, `program` what it loads, `wasmFile` the whole program. */
export function openCounted(runner: string, program: string, wasmFile: string): Meter {
  const dumps = new Dumps("program_call");
  const backend = openRunner(runner, program, dumps.command);
  const wasm = readFileSync(wasmFile);
  return {
    program: new Instance("native", wasm, new WebAssembly.Module(wasm), backend),
    take: () => dumps.take().reduce((sum, cost) => sum + cost, 0),
    close: () => {
      backend.close();
      return dumps.remove();
    },
  };
}
