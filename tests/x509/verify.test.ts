// Chains: what is trusted, what is refused and with which reason, in which order the reasons come,
// and that no input makes the search long. Made with the builder and with openssl.

import assert from "node:assert/strict";
import test, { after } from "node:test";
import { engines } from "../harness/instance.ts";
import {
  caExtensions as caLines,
  issue,
  makeFolder,
  makePki,
  makeRoot,
  type Issued,
} from "../harness/pki.ts";
import * as build from "./build.ts";
import { commonName, extension, value, type Key } from "./build.ts";
import {
  AT,
  CA,
  FUTURE,
  LEAF,
  PAST,
  ROOT,
  ask,
  ca,
  caKey,
  critical,
  dns,
  leaf,
  leafKey,
  leafWith,
  make,
  root,
  rootKey,
  strangerKey,
  usages,
  type Case,
} from "./chains.ts";
import * as published from "./published.ts";
import { X509, type Verdict } from "./support.ts";

/** Each signing by ECDSA gives other bytes, and a trusted leaf must be these very bytes. */
const PAST_LEAF = leaf({ validity: PAST });
const V1_LEAF = leaf({
  version: build.V1,
  extensions: null,
  subject: commonName("v1.example"),
});

const TRUST: Case[] = [
  ["leaf, authority, root", "ok", ask([LEAF, CA])],
  ["the root sent as well", "ok", ask([LEAF, CA, ROOT])],
  ["out of order, with strays", "ok", ask([LEAF, ROOT, published.PKITS_GOOD_CA, CA, LEAF])],
  ["several anchors", "ok", ask([LEAF, CA], [published.ISRG_ROOT_X2, ROOT])],
  ["the authority as anchor", "ok", ask([LEAF], [CA])],
  ["the leaf as anchor", "ok", ask([LEAF], [LEAF])],
  ["no anchors", "UNTRUSTED", ask([LEAF, CA, ROOT], [])],
  ["another anchor", "UNTRUSTED", ask([LEAF, CA, ROOT], [published.ISRG_ROOT_X2])],
  ["a missing authority", "UNTRUSTED", ask([LEAF])],
  ["an empty chain", "UNTRUSTED", ask([])],
  ["a clock never set", "CLOCK_NOT_SET", ask([LEAF, CA], [ROOT], { at: -1 })],
  [
    "a leaf signed by a stranger of the authority's name",
    "UNTRUSTED",
    ask([make("leaf", leafKey, "ca", strangerKey), CA]),
  ],
  [
    "an authority signed by a stranger of the root's name",
    "UNTRUSTED",
    ask([LEAF, make("ca", caKey, "root", strangerKey, { extensions: build.caExtensions() })]),
  ],
  ["a self-signed leaf", "UNTRUSTED", ask([make("leaf", leafKey, "leaf", leafKey)])],
  ["a changed signature", "UNTRUSTED", ask([LEAF, changed(CA)])],
  [
    "a second authority of this name, the right one behind",
    "ok",
    ask([LEAF, make("ca", strangerKey, "root", rootKey, { extensions: build.caExtensions() }), CA]),
  ],
];

const AUTHORITY: Case[] = [
  [
    "an authority of version 1",
    "UNTRUSTED",
    ask([LEAF, ca({ version: build.V1, extensions: null })]),
  ],
  [
    "an anchor of version 1",
    "ok",
    ask([LEAF, CA], [root({ version: build.V1, extensions: null })]),
  ],
  ["no basicConstraints", "UNTRUSTED", ask([LEAF, ca({ extensions: [] })])],
  [
    "no basicConstraints in an anchor of version 3",
    "UNTRUSTED",
    ask([LEAF, CA], [root({ extensions: [extension("keyUsage", value.keyUsage(5))] })]),
  ],
  [
    "cA false",
    "UNTRUSTED",
    ask([
      LEAF,
      ca({
        extensions: [extension("basicConstraints", value.basicConstraints(false))],
      }),
    ]),
  ],
  [
    "no keyUsage",
    "ok",
    ask([
      LEAF,
      ca({
        extensions: [extension("basicConstraints", value.basicConstraints(true))],
      }),
    ]),
  ],
  [
    "no keyCertSign",
    "KEY_USAGE",
    ask([
      LEAF,
      ca({
        extensions: [
          extension("basicConstraints", value.basicConstraints(true)),
          extension("keyUsage", value.keyUsage(0, 6)),
        ],
      }),
    ]),
  ],
  [
    "no keyCertSign in the anchor",
    "KEY_USAGE",
    ask(
      [LEAF, CA],
      [
        root({
          extensions: [
            extension("basicConstraints", value.basicConstraints(true)),
            extension("keyUsage", value.keyUsage(0, 6)),
          ],
        }),
      ],
    ),
  ],
  [
    "a leaf that issues",
    "UNTRUSTED",
    ask([make("victim", strangerKey, "leaf", leafKey), LEAF, CA]),
  ],
  ["path length 0 above the leaf", "ok", ask([LEAF, ca({ extensions: build.caExtensions(0) })])],
  [
    "path length 0 above an authority",
    "CHAIN_TOO_LONG",
    ask([LEAF, CA], [root({ extensions: build.caExtensions(0) })]),
  ],
  [
    "an unknown critical extension in it",
    "UNKNOWN_CRITICAL_EXTENSION",
    ask([LEAF, ca({ extensions: [...build.caExtensions(), critical] })]),
  ],
  [
    "an unknown critical extension in the anchor",
    "UNKNOWN_CRITICAL_EXTENSION",
    ask([LEAF, CA], [root({ extensions: [...build.caExtensions(), critical] })]),
  ],
  [
    "it is for other purposes",
    "EXTENDED_KEY_USAGE",
    ask([LEAF, ca({ extensions: [...build.caExtensions(), usages(build.CLIENT_AUTH)] })]),
  ],
  [
    "the anchor is for other purposes",
    "ok",
    ask([LEAF, CA], [root({ extensions: [...build.caExtensions(), usages(build.CLIENT_AUTH)] })]),
  ],
];

const LEAVES: Case[] = [
  ["an unknown critical extension", "UNKNOWN_CRITICAL_EXTENSION", leafWith(critical)],
  ["an unknown extension", "ok", leafWith(extension("1.2.3.4", build.octets([])))],
  ["digitalSignature", "ok", leafWith(extension("keyUsage", value.keyUsage(0, 2)))],
  ["no digitalSignature", "KEY_USAGE", leafWith(extension("keyUsage", value.keyUsage(2)))],
  ["keyCertSign and no CA", "KEY_USAGE", leafWith(extension("keyUsage", value.keyUsage(0, 5)))],
  ["serverAuth", "ok", leafWith(usages(build.SERVER_AUTH))],
  ["any usage", "ok", leafWith(usages(build.ANY_USAGE))],
  ["clientAuth for a server", "EXTENDED_KEY_USAGE", leafWith(usages(build.CLIENT_AUTH))],
  ["clientAuth for a client", "ok", leafWith(usages(build.CLIENT_AUTH), { purpose: "client" })],
  [
    "serverAuth for a client",
    "EXTENDED_KEY_USAGE",
    leafWith(usages(build.SERVER_AUTH), {
      purpose: "client",
    }),
  ],
  ["another usage", "EXTENDED_KEY_USAGE", leafWith(usages("1.3.6.1.5.5.7.3.3"))],
  ["the name", "ok", leafWith(dns("a.example"), { name: "a.example" })],
  ["another name", "NAME_MISMATCH", leafWith(dns("a.example"), { name: "b.example" })],
  ["a version 1 leaf by its common name", "ok", ask([V1_LEAF, CA], [ROOT], { name: "v1.example" })],
];

const DATES: Case[] = [
  ["the leaf expired", "EXPIRED", ask([leaf({ validity: PAST }), CA])],
  ["the leaf of the future", "NOT_YET_VALID", ask([leaf({ validity: FUTURE }), CA])],
  ["the authority expired", "EXPIRED", ask([LEAF, ca({ validity: PAST })])],
  ["the anchor expired", "EXPIRED", ask([LEAF, CA], [root({ validity: PAST })])],
  ["the anchor of the future", "NOT_YET_VALID", ask([LEAF, CA], [root({ validity: FUTURE })])],
  [
    "an expired anchor, then a renewed one",
    "ok",
    ask([LEAF, CA], [root({ validity: PAST }), ROOT]),
  ],
  ["an expired authority, then a renewed one", "ok", ask([LEAF, ca({ validity: PAST }), CA])],
  ["the first second", "ok", ask([LEAF, CA], [ROOT], { at: Date.UTC(2020, 0) / 1000 })],
  [
    "the second before",
    "NOT_YET_VALID",
    ask([LEAF, CA], [ROOT], {
      at: Date.UTC(2020, 0) / 1000 - 1,
    }),
  ],
  ["the last second", "ok", ask([LEAF, CA], [ROOT], { at: Date.UTC(2050, 0) / 1000 - 1 })],
  ["the second after", "EXPIRED", ask([LEAF, CA], [ROOT], { at: Date.UTC(2050, 0) / 1000 })],
  ["the leaf as anchor, expired", "EXPIRED", ask([PAST_LEAF], [PAST_LEAF])],
];

const ORDER: Case[] = [
  ["untrusted before expired", "UNTRUSTED", ask([leaf({ validity: PAST })])],
  ["untrusted before the name", "UNTRUSTED", ask([LEAF], [ROOT], { name: "b.example" })],
  [
    "expired before the name",
    "EXPIRED",
    ask([leaf({ validity: PAST }), CA], [ROOT], {
      name: "b.example",
    }),
  ],
  ["usage before the name", "EXTENDED_KEY_USAGE", leafWith(usages("1.2.3"), { name: "b.example" })],
  ["the clock before everything", "CLOCK_NOT_SET", ask([LEAF], [], { at: -1, name: "b.example" })],
];

const folder = makeFolder();
const weak = makeWeak();
const kinds = ["rsa", "rsa-pss", "p256", "p384", "p521"] as const;
const pkis = Object.fromEntries(
  kinds.map((kind) => [kind, makePki({ kind, leaf: { digest: "sha384" } })]),
);
const special = makeSpecial(pkis.rsa!.root);
after(() => {
  for (const made of [folder, ...Object.values(pkis)]) made.remove();
});

for (const engine of engines) {
  for (const [title, cases] of Object.entries({ TRUST, AUTHORITY, LEAVES, DATES, ORDER })) {
    test(`${title.toLowerCase()} (${engine})`, async () => {
      const x = await X509.load(engine);
      for (const [what, verdict, question] of cases) {
        assert.equal(x.verify(question), verdict, what);
        x.reset();
      }
      assert.equal(x.m.call("scratchUsed"), 0);
    });
  }

  test(`weak keys and hashes (${engine})`, async () => {
    const x = await X509.load(engine);
    checkWeakness(x);
  });

  test(`chains from openssl (${engine})`, async () => {
    const x = await X509.load(engine);
    checkOpenssl(x);
  });

  test(`published chain: NIST PKITS 4.1.1 (${engine})`, async () => {
    const x = await X509.load(engine);
    const { PKITS_ANCHOR, PKITS_GOOD_CA, PKITS_VALID_EE, RFC8448_SERVER } = published;
    const question = { chain: [PKITS_VALID_EE, PKITS_GOOD_CA], anchors: [PKITS_ANCHOR], at: AT };
    assert.equal(x.verify(question), "ok");
    assert.equal(x.verify({ ...question, at: new Date("2031-01-01") }), "EXPIRED");
    const small = { chain: [RFC8448_SERVER], anchors: [RFC8448_SERVER], at: AT };
    assert.equal(x.verify(small), "WEAK_KEY", "RSA of 1024 bits");
    x.reset();
  });

  test(`hostile chains end soon (${engine})`, async () => {
    const x = await X509.load(engine);
    checkHostile(x);
    assert.equal(x.m.call("scratchUsed"), 0);
  });
}

/** With one bit of its signature's last byte changed. */
function changed(der: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(der);
  copy[copy.length - 1]! ^= 1;
  return copy;
}

function checkWeakness(x: X509): void {
  const { small, underSmall, strong, smallLeaf, md5, sha1, old, underOld } = weak;
  const verdict = (one: Issued, anchor?: Issued): Verdict =>
    x.verify({ chain: [one.der], anchors: anchor ? [anchor.der] : [] });
  assert.equal(verdict(underSmall, small), "WEAK_KEY");
  assert.equal(verdict(smallLeaf, strong), "WEAK_KEY");
  assert.equal(verdict(md5, strong), "WEAK_HASH");
  assert.equal(verdict(sha1, strong), "WEAK_HASH");
  assert.equal(verdict(sha1), "UNTRUSTED");
  assert.equal(verdict(underOld, old), "ok", "nobody checks how an anchor signed itself");
  x.reset();
}

/** RSA of 1024 bits, MD5 and SHA-1 in each place. */
function makeWeak() {
  const small = makeRoot(folder.dir, "small", { kind: "rsa", rsaBits: 1024 });
  const strong = makeRoot(folder.dir, "strong", { kind: "rsa" });
  const old = makeRoot(folder.dir, "old", { kind: "rsa", digest: "sha1" });
  return {
    small,
    strong,
    old,
    underSmall: issue(small, "under-small", { kind: "p256" }),
    smallLeaf: issue(strong, "small-leaf", { kind: "rsa", rsaBits: 1024 }),
    md5: issue(strong, "md5", { kind: "p256", digest: "md5" }),
    sha1: issue(strong, "sha1", { kind: "p256", digest: "sha1" }),
    underOld: issue(old, "under-old", { kind: "p256" }),
  };
}

function checkOpenssl(x: X509): void {
  for (const [kind, pki] of Object.entries(pkis)) {
    const chain = [pki.leaf.der, pki.intermediate!.der];
    const anchors = [pki.root.der];
    for (const name of ["localhost", "127.0.0.1", "::1"]) {
      assert.equal(x.verify({ chain, anchors, name }), "ok", `${kind} ${name}`);
    }
    assert.equal(x.verify({ chain, anchors, name: "example.com" }), "NAME_MISMATCH");
    assert.equal(x.verify({ chain: chain.slice(0, 1), anchors }), "UNTRUSTED");
    assert.equal(x.verify({ chain, anchors, at: new Date("2000-01-01") }), "NOT_YET_VALID");
    x.reset();
  }
  const { root } = pkis.rsa!;
  const pss = { chain: [special.pss.der], anchors: [root.der] };
  assert.equal(x.verify(pss), "ok", "a PSS signature by an rsaEncryption key");
  const outside = [special.outside.der, special.constrained.der];
  assert.equal(x.verify({ chain: outside, anchors: [root.der] }), "NAME_CONSTRAINTS");
  x.reset();
}

/** Under the RSA root: a PSS signature, and a leaf outside the constraints of its authority. */
function makeSpecial(root: Issued): Record<"pss" | "constrained" | "outside", Issued> {
  const pss = issue(root, "pss", { pssSignature: true });
  const constrained = issue(root, "constrained", {
    extensions: [...caLines(), "nameConstraints=critical,permitted;DNS:example.com"],
    subject: "/CN=constrained",
  });
  const outside = issue(constrained, "outside", { sans: ["DNS:example.org"] });
  return { pss, constrained, outside };
}

function checkHostile(x: X509): void {
  const extensions = build.caExtensions();
  const keys = Array.from({ length: 40 }, () => build.makeKey());
  // Forty strangers of the authority's name: after MAX_SIGNATURES of them the search gives up.
  const strangers = keys.map((key) => make("ca", key, "root", rootKey, { extensions }));
  assert.equal(x.verify(ask([LEAF, ...strangers, CA])), "UNTRUSTED");
  assert.equal(x.verify(ask([LEAF, ...strangers.slice(0, 5), CA])), "ok");
  // The same with key identifiers: the right one is tried first, wherever it stands.
  const id = Uint8Array.of(1, 2, 3);
  const marked = (bytes: Uint8Array): Uint8Array[] => [
    ...extensions,
    extension("subjectKeyIdentifier", value.keyIdentifier(bytes)),
  ];
  const hint = extension("authorityKeyIdentifier", value.authorityKeyIdentifier(id));
  const pointing = leaf({ extensions: [hint] });
  const others = keys.map((key, i) =>
    make("ca", key, "root", rootKey, { extensions: marked(Uint8Array.of(i)) }),
  );
  assert.equal(x.verify(ask([pointing, ...others, ca({ extensions: marked(id) })])), "ok");
  assert.equal(
    x.verify(ask([pointing, ca({ extensions: marked(Uint8Array.of(9)) })])),
    "ok",
    "a wrong key identifier is only a hint",
  );
  // A circle, and a ladder beyond MAX_PATH.
  const circle = [0, 1, 2].map((i) =>
    make(`c${i}`, keys[i]!, `c${(i + 1) % 3}`, keys[(i + 1) % 3]!, { extensions }),
  );
  const entry = make("leaf", leafKey, "c0", keys[0]!);
  assert.equal(x.verify(ask([entry, ...circle, ...circle])), "UNTRUSTED");
  const ladder = keys.slice(0, 12).map((key, i) => {
    const [issuer, signer] = i === 0 ? ["root", rootKey] : [`l${i - 1}`, keys[i - 1]!];
    return make(`l${i}`, key, issuer as string, signer as Key, { extensions });
  });
  const below = (i: number): Uint8Array => make("leaf", leafKey, `l${i}`, keys[i]!);
  assert.equal(x.verify(ask([below(5), ...ladder])), "ok", "8 certificates with leaf and root");
  assert.equal(x.verify(ask([below(6), ...ladder])), "CHAIN_TOO_LONG");
  assert.equal(x.verify(ask([below(11), ...ladder])), "CHAIN_TOO_LONG");
  x.reset();
}
