// NIST's CAVP files as a whole, from Debian's python3-cryptography-vectors (scripts/setup.sh) or
// from the folder that CRYPTOGRAPHY_VECTORS_DIR names; cavp-*.rsp beside this file are excerpts.
//
// Engines cost very different amounts per case, so that spread() gives the slow ones a share of a
// file: every n-th case, from the first to the last.

import { existsSync } from "node:fs";
import path from "node:path";
import type { EngineName } from "../harness/engines.ts";
import { type RspCase, readRsp } from "./rsp.ts";
import type { Tally } from "./wycheproof.ts";

const folder =
  process.env.CRYPTOGRAPHY_VECTORS_DIR ?? "/usr/lib/python3/dist-packages/cryptography_vectors";

/** The cases of a file, each ending with the line of the name `last`. */
export function readCavp(file: string, last: string): RspCase[] {
  const at = path.join(folder, file);
  if (!existsSync(at)) throw new Error(`${at} is missing: run scripts/setup.sh`);
  return readRsp(at, last);
}

/** Every case in V8 and with --long, every n-th elsewhere; the rest are counted as skipped. */
export function spread<Case>(cases: Case[], n: number, engine: EngineName, tally: Tally): Case[] {
  if (engine === "v8" || process.env.WASSL_LONG === "1") return cases;
  return cases.filter((_, i) => {
    if (i % n !== 0 && i !== cases.length - 1) tally.skip(`left to V8, or to --long`);
    return i % n === 0 || i === cases.length - 1;
  });
}
