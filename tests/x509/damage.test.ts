// Whatever the bytes, nothing traps: every truncation, random damage, and spliced elements of real
// certificates go through the parser; what still parses goes through everything else. Damaged
// certificates in a chain must not be trusted.

import assert from "node:assert/strict";
import test from "node:test";
import { engines } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import * as build from "./build.ts";
import { certificate, extension, generalName, value } from "./build.ts";
import { AT, CA, LEAF, ROOT, ca, leaf } from "./chains.ts";
import * as published from "./published.ts";
import { X509 } from "./support.ts";

const LONG = process.env.WASSL_LONG !== undefined;
const ROUNDS = { v8: LONG ? 60_000 : 6_000, slow: LONG ? 6_000 : 800 };

const { dns, ip, email, directory } = generalName;
/** One certificate with everything that is parsed, so that damage finds every parser. */
const RICH = certificate(
  {
    extensions: [
      ...build.caExtensions(3),
      extension("extendedKeyUsage", value.extendedKeyUsage(build.SERVER_AUTH, "1.2.3")),
      extension("subjectKeyIdentifier", value.keyIdentifier([1, 2, 3])),
      extension("authorityKeyIdentifier", value.authorityKeyIdentifier([4, 5, 6])),
      extension(
        "subjectAltName",
        value.subjectAltName(
          dns("a.example"),
          ip(1, 2, 3, 4),
          email("a@b.example"),
          directory(build.commonName("a")),
        ),
      ),
      extension(
        "nameConstraints",
        value.nameConstraints([dns("example"), email("b.example")], [ip(9, 0, 0, 0, 255, 0, 0, 0)]),
      ),
    ],
  },
  build.makeKey(),
);
const CERTIFICATES = [...Object.values(published).filter((one) => one[0] === 0x30), RICH];

for (const engine of engines) {
  const rounds = engine === "v8" ? ROUNDS.v8 : ROUNDS.slow;

  test(`every truncation is malformed (${engine})`, async () => {
    const x = await X509.load(engine);
    for (const der of engine === "v8" ? CERTIFICATES : [published.RFC8448_SERVER, RICH]) {
      for (let n = 0; n < der.length; n++) {
        assert.equal(x.tryParse(der.subarray(0, n)).verdict, "MALFORMED", `${n} bytes`);
        x.reset();
      }
    }
    assert.equal(x.m.call("scratchUsed"), 0);
  });

  test(`damaged certificates trap nothing (${engine})`, async (t) => {
    const x = await X509.load(engine);
    const random = new Random(4);
    let parsed = 0;
    for (let i = 0; i < rounds; i++) {
      const { c, verdict } = x.tryParse(damage(random.pick(CERTIFICATES), random));
      if (verdict === "ok") {
        parsed++;
        useAll(x, c);
      }
      x.reset();
    }
    t.diagnostic(`${rounds} damaged certificates, ${parsed} of them still certificates`);
    assert.ok(parsed > rounds / 100);
    assert.equal(x.m.call("scratchUsed"), 0);
  });

  test(`damaged chains are not trusted (${engine})`, async (t) => {
    const x = await X509.load(engine);
    const random = new Random(5);
    const signed = { leaf: [LEAF, CA], rich: [richLeaf(), CA] };
    const verdicts = new Map<string, number>();
    for (let i = 0; i < rounds / 20; i++) {
      const chain = [...random.pick(Object.values(signed))];
      const at = random.below(2);
      chain[at] = damage(chain[at]!, random);
      if (same(chain[at]!, signed.leaf[at]!) || same(chain[at]!, signed.rich[at]!)) continue;
      const verdict = x.verify({ chain, anchors: [ROOT], at: AT });
      assert.notEqual(verdict, "ok", Buffer.from(chain[at]!).toString("hex"));
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
      x.reset();
    }
    t.diagnostic([...verdicts].map(([verdict, n]) => `${verdict} ${n}`).join(", "));
    assert.ok(verdicts.has("UNTRUSTED") && verdicts.has("MALFORMED"));
    assert.equal(x.m.call("scratchUsed"), 0);
  });
}

function richLeaf(): Uint8Array {
  const names = [dns("a.example"), ip(1, 2, 3, 4)];
  return leaf({ extensions: [extension("subjectAltName", value.subjectAltName(...names))] });
}

/** Everything that takes a parsed certificate. */
function useAll(x: X509, c: number): void {
  x.matches(c, "a.example");
  x.matches(c, "1.2.3.4");
  x.subjectText(c, 100);
  const list = x.m.put(new Uint8Array(Uint32Array.of(c).buffer));
  const authority = x.parse(ca());
  const anchor = x.m.put(new Uint8Array(Uint32Array.of(authority).buffer));
  const name = x.m.put(Buffer.from("a.example"));
  for (const anchors of [list, anchor]) {
    x.m.call("verifyChain", list, 1, anchors, 1, BigInt(AT), 0, name, 9);
  }
  const rich = x.parse(RICH);
  for (const isLeaf of [0, 1]) {
    x.m.call("namesAllowed", c, rich, isLeaf);
    x.m.call("namesAllowed", rich, c, isLeaf);
    x.m.call("namesAllowed", c, c, isLeaf);
  }
  x.m.call("signedBy", c, c);
}

/**
 * Bits flipped, bytes set, a range copied over another, or a length byte nudged: one to three
 * times.
 */
function damage(der: Uint8Array, random: Random): Uint8Array {
  const copy = Uint8Array.from(der);
  for (let times = 1 + random.below(3); times > 0; times--) {
    const at = random.below(copy.length);
    const kind = random.below(4);
    if (kind === 0) copy[at]! ^= 1 << random.below(8);
    if (kind === 1) copy[at] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)]);
    if (kind === 2) copy[at]! += random.pick([-1, 1]);
    if (kind === 3) {
      const from = random.below(copy.length);
      copy.copyWithin(at, from, from + 1 + random.below(12));
    }
  }
  return copy;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
