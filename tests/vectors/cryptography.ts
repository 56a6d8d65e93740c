// Vector files of Debian's python3-cryptography-vectors, which scripts/setup.sh installs, or of the
// folder in CRYPTOGRAPHY_VECTORS_DIR: NIST's CAVP files as a whole, where an excerpt beside this
// file would be too large.

import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const folder =
  process.env.CRYPTOGRAPHY_VECTORS_DIR ?? "/usr/lib/python3/dist-packages/cryptography_vectors";

/** The URL of a file about public keys, which readRsp takes. */
export function packaged(name: string): string {
  return packagedAt(path.join("asymmetric", name));
}

/** The same of any file. */
export function packagedAt(name: string): string {
  const file = path.join(folder, name);
  if (!existsSync(file)) throw new Error(`${file} is missing: npm run setup installs it`);
  return pathToFileURL(file).href;
}
