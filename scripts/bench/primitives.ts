// The primitives that are measured. What they are called in tables, what they must cost and their
// order are in targets.ts.

import { exchangePrimitives } from "./exchange.ts";
import type { Primitive } from "./primitive.ts";
import { signaturePrimitives } from "./signatures.ts";
import { signingPrimitives } from "./signing.ts";
import { symmetricPrimitives } from "./symmetric.ts";

export function allPrimitives(): Primitive[] {
  return [
    ...exchangePrimitives(),
    ...signingPrimitives(),
    ...signaturePrimitives(),
    ...symmetricPrimitives(),
  ];
}
