// Host names, addresses and patterns; against node:crypto's checkHost and checkIP (OpenSSL) where
// the two policies are the same, and against node:net for what an IP address is.

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import test from "node:test";
import { engines, type Instance } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { certificate, commonName, extension, generalName, makeKey, value } from "./build.ts";
import { X509 } from "./support.ts";

const ADDRESSES = `
  127.0.0.1 0.0.0.0 255.255.255.255 256.0.0.1 1.2.3 1.2.3.4.5 01.2.3.4 1.2.3.04 1.2.3.4. .1.2.3.4
  1..2.3 0x7f.0.0.1 127.1 2130706433 1.2.3.-4 1.2.3.4a 1.2.3.1000 00.0.0.0
  :: ::1 1:: 1::1 1:2:3:4:5:6:7:8 1:2:3:4:5:6:7:: ::2:3:4:5:6:7:8 1:2:3:4:5:6:7 1:2:3:4:5:6:7:8:9
  1::2::3 ::: :1 1: 12345:: fffff:: g:: ::ffff:1.2.3.4 1:2:3:4:5:6:1.2.3.4 1:2:3:4:5:6:7:1.2.3.4
  ::1.2.3 ::1.2.3.4:5 1.2.3.4:: 2001:DB8::A 2001:db8:0:0:1:0:0:1 ::00001 1:2:3:4::5:6:7:8 :2:3:4::1
  1:2:3:4:5::7:8 1:2:3:4:5:6::8 1:2:3:4:5:6:: ::1:2:3:4:5:6:1.2.3.4 ::2:3:4:5:6:1.2.3.4
`;

const NAMES: [string, boolean][] = [
  ["localhost", true],
  ["example.com", true],
  ["a-b.c_d.example", true],
  ["xn--bcher-kva.example", true],
  ["1.example", true],
  ["example.1a", true],
  ["a".repeat(63) + ".example", true],
  ["a".repeat(64) + ".example", false],
  [("a".repeat(49) + ".").repeat(5) + "com", true],
  [("a".repeat(49) + ".").repeat(5) + "coms", false],
  ["", false],
  [".", false],
  ["example.com.", false],
  [".example.com", false],
  ["a..b", false],
  ["*.example.com", false],
  ["example.123", false],
  ["1.2.3.4", false],
  ["b\u00fccher.example", false],
  ["example.com\0", false],
  ["example .com", false],
  ["example.com/", false],
];

/** Pattern, name, whether it matches. */
const PATTERNS: [string, string, boolean][] = [
  ["example.com", "example.com", true],
  ["EXAMPLE.com", "example.COM", true],
  ["example.com", "www.example.com", false],
  ["www.example.com", "example.com", false],
  ["example.com.", "example.com", false],
  ["*.example.com", "www.example.com", true],
  ["*.EXAMPLE.com", "WWW.example.COM", true],
  ["*.example.com", "example.com", false],
  ["*.example.com", "a.b.example.com", false],
  ["*.example.com", "xn--bcher-kva.example.com", true],
  ["*.com", "example.com", false],
  ["*", "localhost", false],
  ["*.", "localhost", false],
  ["*.*.com", "a.b.com", false],
  ["www.*.com", "www.example.com", false],
  ["w*.example.com", "www.example.com", false],
  ["*w.example.com", "www.example.com", false],
  ["**.example.com", "www.example.com", false],
  ["xn--*.example.com", "xn--bcher-kva.example.com", false],
  [".example.com", "www.example.com", false],
  ["example.com\0.evil.org", "example.com", false],
  ["", "example.com", false],
];

for (const engine of engines) {
  test(`addresses are read as node:net reads them (${engine})`, async () => {
    const { m } = await X509.load(engine);
    const out = m.alloc(16);
    for (const text of ADDRESSES.trim().split(/\s+/)) {
      const size = m.call("parseAddress", m.put(Buffer.from(text)), text.length, out);
      assert.equal(size, isIPv4(text) ? 4 : isIPv6(text) ? 16 : 0, text);
      if (size === 4) assert.deepEqual([...m.read(out, 4)], text.split(".").map(Number));
      if (size === 16) assert.deepEqual([...m.read(out, 16)], ipv6Bytes(text), text);
    }
    const random = new Random(5);
    for (let i = 0; i < 1500; i++) {
      const length = 1 + random.below(12);
      const text = Array.from({ length }, () => random.pick([..."01:::.f2"])).join("");
      m.reset();
      const size = m.call("parseAddress", m.put(Buffer.from(text)), length, m.alloc(16));
      assert.equal(size, isIPv4(text) ? 4 : isIPv6(text) ? 16 : 0, text);
    }
    m.reset();
  });

  test(`host names and patterns (${engine})`, async () => {
    const { m } = await X509.load(engine);
    for (const [name, good] of NAMES) {
      const bytes = Buffer.from(name);
      assert.equal(m.call("isHostname", m.put(bytes), bytes.length), good ? 1 : 0, name);
    }
    for (const [pattern, name, matches] of PATTERNS) {
      assert.equal(matchesPattern(m, pattern, name), matches, `${pattern} ${name}`);
    }
    m.reset();
  });

  test(`alternative names, common names and addresses in certificates (${engine})`, async () => {
    const x = await X509.load(engine);
    checkCertificates(x);
    assert.equal(x.m.call("scratchUsed"), 0);
  });
}

test("matching agrees with OpenSSL (v8)", async (t) => {
  const x = await X509.load("v8");
  const random = new Random(77);
  const key = makeKey();
  let matches = 0;
  const rounds = 300;
  for (let i = 0; i < rounds; i++) {
    const pattern = randomName(random, true);
    const der = certificate({ extensions: [altNames(generalName.dns(pattern))] }, key);
    const c = x.parse(der);
    const oracle = new X509Certificate(der);
    for (let j = 0; j < 5; j++) {
      const name = j === 0 ? pattern.replace("*", "a") : randomName(random, false);
      if (!name.includes(".")) continue;
      const expected = oracle.checkHost(name, { partialWildcards: false }) !== undefined;
      assert.equal(x.matches(c, name), expected, `${pattern} ${name}`);
      if (expected) matches++;
    }
    x.reset();
  }
  t.diagnostic(`${rounds} certificates, ${matches} matching names`);
  assert.ok(matches > 50);
});

function checkCertificates(x: X509): void {
  const key = makeKey();
  const leaf = (cn: string, ...extensions: Uint8Array[]): number =>
    x.parse(certificate({ subject: commonName(cn), extensions }, key));
  const { dns, ip, uri } = generalName;

  const both = leaf(
    "cn.example",
    altNames(dns("san.example"), dns("*.w.example"), ip(10, 0, 0, 1)),
  );
  assert.ok(x.matches(both, "san.example"));
  assert.ok(x.matches(both, "SAN.example."), "one trailing dot is the same name");
  assert.ok(!x.matches(both, "san.example.."));
  assert.ok(x.matches(both, "x.w.example"));
  assert.ok(x.matches(both, "10.0.0.1"));
  assert.ok(!x.matches(both, "10.0.0.2"));
  assert.ok(!x.matches(both, "cn.example"), "the common name counts only without a subjectAltName");
  assert.ok(!x.matches(both, ""));
  assert.ok(!x.matches(both, "."));
  assert.ok(!x.matches(both, Buffer.from("san.example\0.evil")));

  const other = leaf("cn.example", altNames(uri("https://cn.example/")));
  assert.ok(!x.matches(other, "cn.example"), "any subjectAltName silences the common name");

  const plain = leaf("cn.example");
  assert.ok(x.matches(plain, "CN.example"));
  assert.ok(!x.matches(plain, "example"));
  assert.ok(x.matches(leaf("*.cn.example"), "a.cn.example"));
  assert.ok(!x.matches(leaf("10.0.0.1"), "10.0.0.1"), "an address is never a common name");
  assert.ok(!x.matches(leaf("good.example\0.evil"), "good.example"));

  const text = leaf("x", altNames(dns("10.0.0.1"), dns("good.example\0.evil")));
  assert.ok(!x.matches(text, "10.0.0.1"), "nor a dNSName");
  assert.ok(!x.matches(text, "good.example"));

  const six = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xa];
  const v6 = leaf("x", altNames(ip(...six)));
  assert.ok(x.matches(v6, "2001:DB8::a"));
  assert.ok(x.matches(v6, "2001:db8:0:0:0:0:0:a"));
  assert.ok(!x.matches(v6, "2001:db8::b"));
  assert.ok(!x.matches(v6, "2001:db8::a%eth0"));
  x.reset();
}

function altNames(...names: Uint8Array[]): Uint8Array {
  return extension("subjectAltName", value.subjectAltName(...names));
}

function matchesPattern(m: Instance, pattern: string, name: string): boolean {
  const [p, n] = [Buffer.from(pattern), Buffer.from(name)];
  return m.call("matchesPattern", m.put(p), p.length, m.put(n), n.length) === 1;
}

/** Two or three short labels of few letters, so that some match; a wildcard before two labels. */
function randomName(random: Random, isPattern: boolean): string {
  const label = (): string => random.pick(["a", "b", "A", "ab", "xn--a", "a-b", "1"]);
  const labels = Array.from({ length: 1 + random.below(2) }, label);
  const first = isPattern && random.below(2) === 0 ? "*" : label();
  return [first, ...labels, random.pick(["com", "COM", "org"])].join(".");
}

/** By the rules of a URL's host, which node normalises. */
function ipv6Bytes(text: string): number[] {
  const host = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  const [head, tail] = host.split("::") as [string, string | undefined];
  const groups = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((group) => parseInt(group, 16));
  const front = groups(head);
  const back = groups(tail ?? "");
  const gap = Array<number>(8 - front.length - back.length).fill(0);
  return [...front, ...gap, ...back].flatMap((group) => [group >> 8, group & 255]);
}
