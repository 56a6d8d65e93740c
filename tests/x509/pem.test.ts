// Files of certificates: DER and PEM, one and several, and every way to spoil them. That a spoiled
// file gives nothing rather than less is the point.

import assert from "node:assert/strict";
import test from "node:test";
import { engines, type Instance } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { ISRG_ROOT_X2, PKITS_ANCHOR, RFC8448_SERVER } from "./published.ts";
import { X509 } from "./support.ts";

const BAD_CERT = -0x404;
const SMALL = Uint8Array.from([0x30, 0x81, 0x80, ...new Uint8Array(128).fill(7)]);

for (const engine of engines) {
  test(`files that are certificates (${engine})`, async () => {
    const { m } = await X509.load(engine);
    const two = Buffer.concat([ISRG_ROOT_X2, PKITS_ANCHOR]);
    check(m, ISRG_ROOT_X2, ISRG_ROOT_X2);
    check(m, two, two);
    check(m, pem(ISRG_ROOT_X2), ISRG_ROOT_X2);
    check(m, pem(ISRG_ROOT_X2) + pem(PKITS_ANCHOR), two);
    check(m, pem(ISRG_ROOT_X2, "\r\n") + pem(PKITS_ANCHOR, "\r\n"), two);
    check(m, pem(ISRG_ROOT_X2, "\n", 1) + pem(PKITS_ANCHOR, "\n", 9999), two);
    check(m, pem(ISRG_ROOT_X2).trimEnd(), ISRG_ROOT_X2);
    check(m, pem(ISRG_ROOT_X2, " \t\n"), ISRG_ROOT_X2);
    check(m, `${pem(ISRG_ROOT_X2)}\0`, ISRG_ROOT_X2);
    const text = "0 subject: CN=x --- \n-----\n-----BEGIN\n";
    check(m, text + pem(ISRG_ROOT_X2) + text + pem(PKITS_ANCHOR) + text, two);
    const key = "-----BEGIN PRIVATE KEY-----\nMII!\n-----END PRIVATE KEY-----\n";
    check(m, key + pem(ISRG_ROOT_X2), ISRG_ROOT_X2);
    for (let spare = 0; spare < 3; spare++) {
      const der = Uint8Array.from([0x30, 0x81, 0x80 + spare, ...new Uint8Array(128 + spare)]);
      check(m, pem(der), der); // no, one and two padding characters
    }
    m.reset();
  });

  test(`files that are none (${engine})`, async () => {
    const { m } = await X509.load(engine);
    const good = pem(SMALL, "\n", 9999);
    const [begin, body, end] = good.trimEnd().split("\n", 3) as [string, string, string];
    const wrap = (...lines: string[]): string => [begin, ...lines, end].join("\n");
    check(m, wrap(body), SMALL);
    const bad: [string | Uint8Array, string][] = [
      ["", "empty"],
      ["\n\n", "blank"],
      ["hello", "text"],
      [body, "base64 without its lines"],
      [SMALL.subarray(0, -1), "DER cut short"],
      [Buffer.concat([SMALL, Uint8Array.of(0)]), "DER with a byte behind"],
      [Buffer.concat([SMALL, SMALL.subarray(0, -1)]), "two, the second cut short"],
      [good.slice(0, -2), "an END line cut short"],
      [begin + "\n" + body, "no END line"],
      [good + begin + "\n" + body, "a second without its END line"],
      [" " + good, "a BEGIN line that does not begin its line"],
      [good.replace("BEGIN CERTIFICATE", "BEGIN PUBLIC KEY"), "another label"],
      [good.replace("END CERTIFICATE", "END PUBLIC KEY"), "labels that differ"],
      [wrap(), "an empty block"],
      [wrap(body.slice(0, -4)), "less than the certificate"],
      [wrap(body + "AAAA"), "more than the certificate"],
      [wrap("Proc-Type: 4,ENCRYPTED", body), "a header"],
      [wrap(body.slice(0, -1)), "a character short"],
      [wrap(body.slice(0, 9) + "=" + body.slice(9)), "padding in the middle"],
      [wrap(body.slice(0, -2) + "=A"), "padding before the last digit"],
      [wrap(body.slice(0, 8) + "====" + body.slice(8)), "four paddings"],
      [wrap(body + "===="), "four paddings at the end"],
      [wrap(body + "="), "a spare padding"],
      [wrap(body.slice(0, 8) + "_" + body.slice(9)), "the URL alphabet"],
      [wrap(body.slice(0, 8) + "\0" + body.slice(9)), "a NUL"],
      [wrap(body.slice(0, 8) + "\u00e9" + body.slice(9)), "a letter beyond ASCII"],
      [wrap(begin, body), "a block in a block"],
      [good + wrap(body.slice(1)), "a good one, then a bad one"],
    ];
    for (const [file, why] of bad) assert.equal(read(m, file), BAD_CERT, why);
    const spareBits = Buffer.from(SMALL)
      .toString("base64")
      .replace(/([A-Za-z0-9+/])=$/, (_, c) => `${next(c)}=`);
    assert.notEqual(spareBits, Buffer.from(SMALL).toString("base64"));
    assert.equal(read(m, wrap(spareBits)), BAD_CERT, "bits under the padding");
    assert.equal(m.call("scratchUsed"), 0);
    m.reset();
  });

  test(`every truncation and random damage of PEM (${engine})`, async () => {
    const { m } = await X509.load(engine);
    const file = Buffer.from(pem(RFC8448_SERVER));
    for (let n = 0; n < file.length - 1; n++) {
      assert.equal(read(m, file.subarray(0, n)), BAD_CERT, `${n} bytes`);
      m.reset();
    }
    const random = new Random(9);
    for (let i = 0; i < 500; i++) {
      const damaged = Buffer.from(file);
      damaged[random.below(file.length)] = random.below(256);
      read(m, damaged);
      m.reset();
    }
    assert.equal(m.call("scratchUsed"), 0);
  });
}

/** The result of readCertificates in place: bytes of DER, or the error. */
function read(m: Instance, file: string | Uint8Array): number {
  const bytes = typeof file === "string" ? Buffer.from(file, "latin1") : file;
  const p = m.put(bytes);
  return m.call("readCertificates", p, bytes.length, p);
}

function check(m: Instance, file: string | Uint8Array, expected: Uint8Array): void {
  const bytes = typeof file === "string" ? Buffer.from(file, "latin1") : file;
  const out = m.alloc(bytes.length);
  const n = m.call("readCertificates", m.put(bytes), bytes.length, out);
  assert.equal(n, expected.length);
  assert.deepEqual(m.read(out, n), new Uint8Array(expected));
  const again = m.put(bytes);
  assert.equal(m.call("readCertificates", again, bytes.length, again), n, "in place");
  assert.deepEqual(m.read(again, n), new Uint8Array(expected), "in place");
}

function pem(der: Uint8Array, lineEnd = "\n", width = 64): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(new RegExp(`.{1,${width}}`, "g")) ?? [];
  const all = ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""];
  return all.join(lineEnd);
}

/** The next character of the alphabet: sets the lowest of the bits under the padding. */
function next(c: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return alphabet[alphabet.indexOf(c) ^ 1]!;
}
