// One certificate chain for each kind of key, as the scripted server and the C servers want them.
// Made on first use and kept for the test process: RSA keys are slow to generate.

import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { makePki, type KeyKind, type Pki } from "./pki.ts";
import { type Identity } from "./scripted-server.ts";

const made = new Map<KeyKind, Pki>();

/**
 * Root, intermediate and leaf for localhost with keys of this kind; removed at the end of the
 * process.
 */
export function pkiOf(kind: KeyKind): Pki {
  const known = made.get(kind);
  if (known) return known;
  const pki = makePki({ kind });
  process.once("exit", () => pki.remove());
  made.set(kind, pki);
  return pki;
}

/** The leaf's key, and the leaf with the intermediate. */
export function identityOf(pki: Pki): Identity {
  const key = createPrivateKey(readFileSync(pki.leaf.keyFile));
  const chain = [pki.leaf, pki.intermediate].filter((issued) => issued !== null);
  return { chain: chain.map((issued) => issued.der), key };
}
