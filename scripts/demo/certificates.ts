// The demo's certificates, fresh at every run: a CA, an intermediate and three servers below it,
// and a CA that has nothing to do with them.

import { makePki, makeRoot, withLeaf, type Issued, type Pki } from "../lib/pki.ts";

const DAY_MS = 24 * 3600 * 1000;

export interface Certificates {
  /** example.com, valid now. */
  good: Pki;
  /** The same chain with another name. */
  wrongName: Pki;
  /** The same chain, over since yesterday. */
  expired: Pki;
  /** A CA that signed none of them. */
  strangers: Issued;
  remove(): void;
}

export function makeCertificates(): Certificates {
  const good = makePki({
    kind: "p256",
    root: { subject: "/O=wassl demo/CN=Demo CA" },
    intermediate: { subject: "/O=wassl demo/CN=Demo intermediate", extensions: INTERMEDIATE },
    leaf: { subject: "/O=wassl demo/CN=example.com", sans: ["DNS:example.com"] },
  });
  return {
    good,
    wrongName: withLeaf(good, "wrong-name", {
      subject: "/CN=example.org",
      sans: ["DNS:example.org"],
    }),
    expired: withLeaf(good, "expired", {
      subject: "/CN=example.com",
      sans: ["DNS:example.com"],
      notBefore: new Date(Date.now() - 30 * DAY_MS),
      notAfter: new Date(Date.now() - DAY_MS),
    }),
    strangers: makeRoot(good.dir, "strangers", { subject: "/O=somebody else/CN=Other CA" }),
    remove: () => good.remove(),
  };
}

const INTERMEDIATE = [
  "basicConstraints=critical,CA:TRUE,pathlen:0",
  "keyUsage=critical,keyCertSign,cRLSign",
  "subjectKeyIdentifier=hash",
  "authorityKeyIdentifier=keyid",
];
