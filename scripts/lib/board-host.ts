// Builds wassl-host: the one command for it, for the command line and for the tests.

import { mkdirSync } from "node:fs";
import path from "node:path";
import { exec, root } from "./exec.ts";
import type { LimbBits } from "./limbs.ts";
import type { SslProgram } from "./ssl-program.ts";

/** The limbs that suit processors of 64 bits. */
export const HOST_LIMBS: LimbBits = 26;

export interface HostBuild {
  /** ssl.wasm, whose C is linked in; without, and in tier wasm3, there is none. */
  ssl?: SslProgram;
  /** The C compiler; default: $CC, else cc. */
  compiler?: string;
  /** With AddressSanitizer, and UndefinedBehaviorSanitizer for our own files. */
  sanitize?: boolean;
  /** The app's files are in an image of littlefs, as on a board, instead of a folder. */
  littlefs?: boolean;
  /** The network is a board's, lwIP over frames at a descriptor, instead of the host's. */
  lwip?: boolean;
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
    ...(options.lwip ? ["lwip"] : []),
  ];
  const beside = ssl === null ? path.join(root, "build") : path.resolve(path.dirname(ssl.wasm));
  const out = path.join(beside, kind.join("-"));
  const make = [`CC=${compiler}`];
  if (process.env.WASM3_DIR) make.push(`WASM3_DIR=${path.resolve(process.env.WASM3_DIR)}`);
  if (options.sanitize) make.push("SANITIZE=1");
  if (options.littlefs) make.push("FS=littlefs");
  if (options.lwip) make.push("NET=lwip");
  if (ssl !== null) make.push(`TIER=${ssl.tier}`, `PROGRAM=${path.resolve(ssl.c)}`);
  await makeIn(out, make);
  return path.join(out, options.littlefs ? "wassl-host-littlefs" : "wassl-host");
}

/** Brings littlefs-image up to date, the tool for images of littlefs, and gives its path. */
export async function buildLittlefsImage(): Promise<string> {
  const out = path.join(root, "build/littlefs-image");
  await makeIn(out, ["image"]);
  return path.join(out, "littlefs-image");
}

async function makeIn(out: string, settings: string[]): Promise<void> {
  mkdirSync(out, { recursive: true });
  const make = ["make", "-j2", "-C", "boards/host", `OUT=${out}`, ...settings];
  await exec("flock", [path.join(out, "lock"), ...make]);
}
