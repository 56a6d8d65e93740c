// TypeScript app -> app.wasm, by the compiler process in scripts/compiler.

import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { root, UserError } from "./exec.ts";

const compiler = path.join(root, "scripts/compiler/main.mjs");

/** What the compiler process is told. */
interface Request {
  /**
   * The app's file, seen from baseDir, with forward slashes: so it stands in messages and reports.
   */
  entry: string;
  baseDir: string;
  /** Where app.wasm goes; the source map goes beside it, with ".map" added. */
  outFile: string;
}

export interface App {
  /** The path of app.wasm; its source map is beside it, with ".map" added. */
  wasm: string;
  size: number;
  /** What the compiler said besides: warnings. */
  notes: string;
}

/** Where an app goes unless somebody says otherwise. */
export function appOutput(source: string): string {
  return path.join(root, "build/apps", `${path.basename(source, ".ts")}.wasm`);
}

/**
 * Compiles an app into `outFile`, checked; throws UserError with the compiler's messages where it
 * has mistakes.
 */
export function compileApp(source: string, outFile: string): App {
  if (!existsSync(source)) throw new UserError(`there is no file ${source}`);
  const baseDir = baseOf(source);
  const entry = path.relative(baseDir, path.resolve(source)).replaceAll(path.sep, "/");
  const request: Request = { entry, baseDir, outFile: path.resolve(outFile) };
  const args = [compiler, JSON.stringify(request)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new UserError(`${source} ${stderr.trim()}`);
  return { wasm: outFile, size: statSync(outFile).size, notes: stdout.trim() };
}

/** Where messages' paths start: the current folder, or the app's own where it lies outside. */
function baseOf(source: string): string {
  const outside = path.relative(process.cwd(), source).startsWith("..");
  return outside ? path.dirname(path.resolve(source)) : process.cwd();
}
