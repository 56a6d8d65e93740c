// Distinguished names: the subject as text (RFC 4514), and when two names are the same.

import assert from "node:assert/strict";
import test from "node:test";
import { engines } from "../harness/instance.ts";
import * as build from "./build.ts";
import { certificate, der, oid, seq, set } from "./build.ts";
import { X509 } from "./support.ts";

const key = build.makeKey();

for (const engine of engines) {
  test(`subjects as text (${engine})`, async () => {
    const x = await X509.load(engine);
    for (const [subject, text] of SUBJECTS) {
      const c = x.parse(certificate({ subject }, key));
      assert.equal(x.subjectText(c), text);
      for (let cap = 0; cap <= Math.min(Buffer.byteLength(text), 20); cap++) {
        const cut = Buffer.from(text).subarray(0, cap).toString();
        assert.ok(cut.startsWith(x.subjectText(c, cap)), `${cap} of ${text}`);
      }
      x.reset();
    }
  });

  test(`names are the same but for case and spaces (${engine})`, async () => {
    const { m } = await X509.load(engine);
    for (const [a, b, same] of NAMES) {
      const [p, q] = [content(a), content(b)];
      const result = m.call("sameName", m.put(p), p.length, m.put(q), q.length);
      assert.equal(result, same ? 1 : 0, `${p.toString("hex")} ${q.toString("hex")}`);
      m.reset();
    }
  });
}

const attribute = (id: string, text: Uint8Array): Uint8Array => seq(oid(id), text);
const SUBJECTS: [Uint8Array, string][] = [
  [seq(), ""],
  [build.commonName("a"), "CN=a"],
  [
    seq(
      set(attribute("2.5.4.6", build.printable("DE"))),
      set(attribute("0.9.2342.19200300.100.1.25", der(0x16, build.ascii("net")))),
      set(attribute("2.5.4.10", build.utf8("B\u00fccher, GmbH"))),
      set(attribute("2.5.4.3", build.utf8("x")), attribute("2.5.4.5", build.printable("7"))),
    ),
    "CN=x+serialNumber=7,O=B\u00fccher\\, GmbH,DC=net,C=DE",
  ],
  [build.commonName(' a"+,;<>\\#= '), 'CN=\\ a\\"\\+\\,\\;\\<\\>\\\\#=\\ '],
  [build.commonName("#a\0\n\x7f"), "CN=\\#a\\00\\0a\\7f"],
  [seq(set(attribute("2.5.4.3", der(0x14, [0xe9])))), "CN=\\e9"],
  [seq(set(attribute("2.5.4.4", build.utf8("x")))), "2.5.4.4=#0c0178"],
  [
    seq(set(attribute("1.3.6.1.4.1.311.60.2.1.3", build.printable("US")))),
    "1.3.6.1.4.1.311.60.2.1.3=#13025553",
  ],
  [
    seq(set(attribute("2.999.4", build.utf8("x".repeat(200))))),
    `2.999.4=#0c81c8${"78".repeat(200)}`,
  ],
];

const cn = (text: Uint8Array): Uint8Array => seq(set(attribute("2.5.4.3", text)));
const two = (...texts: string[]): Uint8Array =>
  seq(...texts.map((text) => set(attribute("2.5.4.3", build.utf8(text)))));
const NAMES: [Uint8Array, Uint8Array, boolean][] = [
  [cn(build.utf8("Root CA")), cn(build.utf8("Root CA")), true],
  [cn(build.utf8("Root CA")), cn(build.printable("rOOT ca")), true],
  [cn(build.utf8("  Root   CA ")), cn(build.printable("root ca")), true],
  [cn(build.utf8("Root CA")), cn(build.utf8("RootCA")), false],
  [cn(build.utf8("   ")), cn(build.utf8("")), true],
  [cn(build.utf8("a")), cn(build.utf8("a b")), false],
  [cn(build.utf8("a[")), cn(build.utf8("a{")), false],
  [cn(build.utf8("\u00c9")), cn(build.utf8("\u00e9")), false],
  [cn(der(0x14, build.ascii("a"))), cn(der(0x14, build.ascii("a"))), true],
  [cn(der(0x14, build.ascii("a"))), cn(der(0x14, build.ascii("A"))), false],
  [cn(der(0x16, build.ascii("a"))), cn(build.utf8("a")), false],
  [cn(build.utf8("a")), seq(set(attribute("2.5.4.10", build.utf8("a")))), false],
  [two("a", "b"), two("A", "B"), true],
  [two("a", "b"), two("a"), false],
  [two("a"), two("a", "b"), false],
  [two("a", "b"), two("b", "a"), false],
  [
    two("a", "b"),
    seq(set(...["a", "b"].map((text) => attribute("2.5.4.3", build.utf8(text))))),
    false,
  ],
  [seq(), seq(), true],
  [seq(), two("a"), false],
];

/** The content of a short element. */
function content(element: Uint8Array): Buffer {
  return Buffer.from(element.subarray(2));
}
