// Builds wassl-host: the one command for it, for the command line and for the tests.

import { mkdirSync } from "node:fs";
import path from "node:path";
import { exec, root } from "./exec.ts";
import type { SslProgram } from "./ssl-program.ts";

export interface HostBuild {
  /** ssl.wasm, whose C is linked in; without, and in tier wasm3, there is none. */
  ssl?: SslProgram;
  /** The C compiler; default: $CC, else cc. */
  compiler?: string;
  /** With AddressSanitizer, and UndefinedBehaviorSanitizer for our own files. */
  sanitize?: boolean;
}

/**
 * Brings wassl-host up to date and gives its path. wasm3's sources are those of $WASM3_DIR, else
 * those that scripts/setup.sh has fetched. Each kind of build has a folder of its own, beside the
 * ssl.wasm that is in it; the lock is for tests that run at once.
 */
export async function buildHost(options: HostBuild = {}): Promise<string> {
  const compiler = options.compiler ?? process.env.CC ?? "cc";
  const ssl = options.ssl?.c ? options.ssl : null;
  const kind = [
    "host",
    ...(ssl === null ? [] : [ssl.tier]),
    ...(options.compiler ? [compiler] : []),
    ...(options.sanitize ? ["sanitized"] : []),
  ];
  const beside = ssl === null ? path.join(root, "build") : path.resolve(path.dirname(ssl.wasm));
  const out = path.join(beside, kind.join("-"));
  const make = ["make", "-j2", "-C", "boards/host", `CC=${compiler}`, `OUT=${out}`];
  if (process.env.WASM3_DIR) make.push(`WASM3_DIR=${path.resolve(process.env.WASM3_DIR)}`);
  if (options.sanitize) make.push("SANITIZE=1");
  if (ssl !== null) make.push(`TIER=${ssl.tier}`, `PROGRAM=${path.resolve(ssl.c)}`);
  mkdirSync(out, { recursive: true });
  await exec("flock", [path.join(out, "lock"), ...make]);
  return path.join(out, "wassl-host");
}
