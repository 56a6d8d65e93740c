// NIST's CAVP files as a whole (cryptography.ts says from where); cavp-*.rsp beside this file are
// excerpts. Engines cost very different amounts per case, so that spread() gives the slow ones a
// share of a file: every n-th case, from the first to the last.

import type { EngineName } from "../harness/engines.ts";
import { packagedAt } from "./cryptography.ts";
import { type RspCase, readRsp } from "./rsp.ts";
import type { Tally } from "./wycheproof.ts";

/** The cases of a file, each ending with the line of the name `last`. */
export function readCavp(file: string, last: string): RspCase[] {
  return readRsp(packagedAt(file), last);
}

/** The first n of cases that each need the one before; all in V8 and with --long. */
export function first<Case>(cases: Case[], n: number, engine: EngineName, tally: Tally): Case[] {
  if (engine === "v8" || process.env.WASSL_LONG === "1") return cases;
  for (let i = n; i < cases.length; i++) tally.skip("left to V8, or to --long");
  return cases.slice(0, n);
}

/** Every case in V8 and with --long, every n-th elsewhere; the rest are counted as skipped. */
export function spread<Case>(cases: Case[], n: number, engine: EngineName, tally: Tally): Case[] {
  if (engine === "v8" || process.env.WASSL_LONG === "1") return cases;
  return cases.filter((_, i) => {
    const isChosen = i % n === 0 || i === cases.length - 1;
    if (!isChosen) tally.skip("left to V8, or to --long");
    return isChosen;
  });
}
