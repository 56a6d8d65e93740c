// Builds wassl-host: the one command for it, for the command line and for the tests.

import { mkdirSync } from "node:fs";
import path from "node:path";
import { exec, root } from "./exec.ts";
import { translateSsl } from "./ssl-program.ts";
import type { Tier } from "./tier.ts";

export interface HostBuild {
  /** How ssl.wasm is executed; default: wasm3. */
  tier?: Tier;
  /** The C compiler; default: $CC, else cc. */
  compiler?: string;
  /** With AddressSanitizer, and UndefinedBehaviorSanitizer for our own files. */
  sanitize?: boolean;
}

/**
 * Brings wassl-host up to date and gives its path. wasm3's sources are those of $WASM3_DIR, else
 * those that scripts/setup.sh has fetched. Each kind of build has a folder of its own; the lock is
 * for tests that run at once.
 */
export async function buildHost(options: HostBuild = {}): Promise<string> {
  const compiler = options.compiler ?? process.env.CC ?? "cc";
  const tier = options.tier ?? "wasm3";
  const kind = [
    "host",
    ...(tier === "wasm3" ? [] : [tier]),
    ...(options.compiler ? [compiler] : []),
    ...(options.sanitize ? ["sanitized"] : []),
  ];
  const out = path.join(root, "build", kind.join("-"));
  const make = ["make", "-j2", "-C", "boards/host", `CC=${compiler}`, `OUT=${out}`];
  if (process.env.WASM3_DIR) make.push(`WASM3_DIR=${path.resolve(process.env.WASM3_DIR)}`);
  if (options.sanitize) make.push("SANITIZE=1");
  if (tier !== "wasm3") make.push(`TIER=${tier}`, `PROGRAM=${(await translateSsl(tier)).c}`);
  mkdirSync(out, { recursive: true });
  await exec("flock", [path.join(out, "lock"), ...make]);
  return path.join(out, "wassl-host");
}
