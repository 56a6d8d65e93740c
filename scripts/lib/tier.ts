// The three ways in which a firmware executes ssl.wasm.

import { UsageError } from "./args.ts";

export const tiers = ["wasm3", "hybrid", "native"] as const;
export type Tier = (typeof tiers)[number];

/** The value of --tier. */
export function tierOf(name: string): Tier {
  const tier = tiers.find((t) => t === name);
  if (tier === undefined) throw new UsageError(`--tier is one of ${tiers.join(", ")}`);
  return tier;
}

export const tierHelp = `\
  --tier NAME         how ssl.wasm is executed: wasm3, interpreted (the host's default); hybrid, all
                      that is self-contained translated to C; native, everything translated (the
                      default of chips)`;

export const sslHelp = `\
  --ssl SSL.wasm      another build of ssl.wasm, its source map (if any) beside it; what is made
                      of it goes there too`;
