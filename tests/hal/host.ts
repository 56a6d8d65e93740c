// Compiles the test apps (tests/entry/hal-*.ts) and runs them on wassl-host, as built for users
// and with sanitizers.

import asc from "assemblyscript/asc";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildHost } from "../../scripts/lib/board-host.ts";
import { root } from "../../scripts/lib/exec.ts";

export interface Host {
  name: string;
  build: () => Promise<string>;
}

/** wassl-host as users have it, and with AddressSanitizer and UndefinedBehaviorSanitizer. */
export const hosts: Host[] = [
  { name: "wassl-host", build: () => buildHost() },
  { name: "wassl-host with sanitizers", build: () => buildHost({ sanitize: true }) },
];

/** wassl-host with the boards' file system: an image where the others have a folder. */
export const littlefsHost: Host = {
  name: "wassl-host with littlefs and sanitizers",
  build: () => buildHost({ littlefs: true, sanitize: true }),
};

export interface Ended {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Run {
  /** Folder, or image, of the app's files. */
  root?: string;
  options?: string[];
  ssl: string;
  app: string;
  env?: Record<string, string>;
}

const LONGEST_RUN_MS = 240_000;

/** Runs an app to its end. A sanitizer's complaint gives status 99, a crash a signal. */
export function runHost(host: string, run: Run): Promise<Ended> {
  const rootOption = run.root === undefined ? [] : ["--root", run.root];
  const child = spawn(host, [...rootOption, ...(run.options ?? []), run.ssl, run.app], {
    // wasm3 keeps a trap's frames for who asks: they are no leak that matters here.
    env: {
      ...process.env,
      ASAN_OPTIONS: "exitcode=99:detect_leaks=0",
      UBSAN_OPTIONS: "exitcode=99",
      ...run.env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended: Ended = { status: null, signal: null, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (ended.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (ended.stderr += text));
  const timer = setTimeout(() => child.kill("SIGKILL"), LONGEST_RUN_MS);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => {
      clearTimeout(timer);
      resolve({ ...ended, status, signal });
    });
  });
}

/** A folder for one test file, removed when the process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "wassl-hal-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A root folder with these files. */
export function folderWith(parent: string, files: Record<string, string | Uint8Array>): string {
  const folder = mkdtempSync(path.join(parent, "root-"));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
  return folder;
}

/** The lines "name number" of an app's output. */
export function linesOf(output: string): Map<string, number> {
  const lines = output.matchAll(/^(.*) (-?\d+)$/gm);
  return new Map([...lines].map((m) => [m[1], Number(m[2])]));
}

/** Compiles tests/entry/<name>.ts as an app into `folder`: its path. */
export function compileApp(name: string, folder: string): Promise<string> {
  return compile(path.join("tests/entry", `${name}.ts`), path.join(folder, `${name}.wasm`), [
    ...["--exportStart", "_start", "--runtime", "stub"],
  ]);
}

/** Compiles the stand-in for ssl.wasm. */
export function compileStandIn(folder: string): Promise<string> {
  const options = ["--runtime", "stub", "--use", "abort="];
  return compile("tests/entry/hal-ssl.ts", path.join(folder, "ssl.wasm"), options);
}

/** Compiles any source, not optimised, so that functions keep their names in reports. */
export async function compile(source: string, target: string, options: string[]): Promise<string> {
  const output = [
    "--outFile",
    path.relative(root, target),
    "--debug",
    "--optimizeLevel",
    "0",
    "--noColors",
  ];
  const { error, stderr } = await asc.main(
    [source, "--config", "none", "--baseDir", root, ...output, ...options],
    { reportDiagnostic: undefined },
  );
  if (error) throw new Error(`asc ${source}: ${error.message}\n${stderr.toString()}`);
  return target;
}
