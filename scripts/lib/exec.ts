// Running other programs, and saying what went wrong: the command that failed and its last lines.

import { spawn, type SpawnOptions } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The project's root folder. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

const LAST_LINES = 20;

/** A failure that is explained by its message alone: shown without a stack. */
export class UserError extends Error {
  override name = "UserError";
}

/** A command as one would type it. */
export function commandLine(command: string, args: readonly string[]): string {
  return [command, ...args]
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`))
    .join(" ");
}

/**
 * Runs a command to its end and gives its output; throws with the command and its last lines where
 * it fails.
 */
export async function exec(
  command: string,
  args: readonly string[],
  options: SpawnOptions & { input?: string } = {},
): Promise<string> {
  const { input, ...rest } = options;
  const child = spawn(command, args, { cwd: root, ...rest, stdio: "pipe" });
  let stdout = "";
  let all = "";
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    all += text;
  });
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (all += text));
  child.stdin!.on("error", () => undefined).end(input);
  const status = await new Promise<number | string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(code ?? signal ?? 1));
  });
  if (status !== 0) throw new UserError(failure(command, args, status, all));
  return stdout;
}

/** What to say of a command that failed. */
export function failure(
  command: string,
  args: readonly string[],
  status: number | string,
  output: string,
): string {
  const lines = output.trimEnd().split("\n").slice(-LAST_LINES);
  return [`failed (${status}): ${commandLine(command, args)}`, ...lines].join("\n").trimEnd();
}
