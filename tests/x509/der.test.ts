// DER's strictness element by element, object identifiers, and dates against JavaScript's calendar.

import assert from "node:assert/strict";
import test from "node:test";
import { engines, loadEntry, type Instance } from "../harness/instance.ts";
import { Random } from "../harness/random.ts";
import { ascii, der, generalizedTime, oid, utcTime } from "./build.ts";

/** The numbers of wellFormed's switch. */
const KINDS = { any: 0, boolean: 1, integer: 2, positive: 3, small: 4, bits: 5, oid: 6 };
type Kind = keyof typeof KINDS;

const GOOD: [Kind, string][] = [
  ["any", "0400"],
  ["any", "30020500"],
  ["any", `0481${"80"}${"00".repeat(128)}`],
  ["any", `04820100${"00".repeat(256)}`],
  ["any", `0483010000${"00".repeat(65536)}`],
  ["boolean", "010100"],
  ["boolean", "0101ff"],
  ["integer", "020100"],
  ["integer", "02017f"],
  ["integer", "020180"],
  ["integer", "02020080"],
  ["integer", "0202ff7f"],
  ["positive", "020101"],
  ["positive", "02020080"],
  ["small", "020100"],
  ["small", "02020100"],
  ["small", "02037fffff"],
  ["bits", "030100"],
  ["bits", "0303001234"],
  ["oid", "06032a8648"],
  ["oid", "060100"],
];

const BAD: [Kind, string, string][] = [
  ["any", "", "nothing"],
  ["any", "04", "no length"],
  ["any", "0480", "indefinite length"],
  ["any", "04800000", "indefinite length with its end"],
  ["any", "0401", "content missing"],
  ["any", "040000", "a byte left over"],
  ["any", `0481${"7f"}${"00".repeat(127)}`, "long form of a short length"],
  ["any", `048200ff${"00".repeat(255)}`, "two length bytes for one"],
  ["any", `04830000ff${"00".repeat(255)}`, "three length bytes for one"],
  ["any", "048400000001ff", "four length bytes"],
  ["any", "04ffffffffff", "a length of length beyond everything"],
  ["any", "1f0100", "a tag of several bytes"],
  ["any", "bf2a0100", "a tag of several bytes, constructed"],
  ["boolean", "0100", "empty BOOLEAN"],
  ["boolean", "010101", "a BOOLEAN of 1"],
  ["boolean", "0102ffff", "a BOOLEAN of two bytes"],
  ["boolean", "0201ff", "another tag"],
  ["integer", "0200", "empty INTEGER"],
  ["integer", "02020001", "a spare zero byte"],
  ["integer", "02020000", "a spare zero byte before zero"],
  ["integer", "0202ff80", "a spare ff byte"],
  ["positive", "020100", "zero"],
  ["positive", "020180", "negative"],
  ["positive", "0200", "empty"],
  ["small", "0201ff", "negative"],
  ["small", "02030080ff".slice(0, 8), "truncated"],
  ["small", "020400ffffff", "more than 23 bits"],
  ["bits", "0300", "a BIT STRING without its count"],
  ["bits", "03020100", "unused bits where whole bytes are wanted"],
  ["oid", "0600", "empty OBJECT IDENTIFIER"],
  ["oid", "060180", "an arc without its end"],
  ["oid", "06032a86c8", "a last arc without its end"],
  ["oid", "06032a8001", "a padded arc"],
];

/** Known identifiers with their numbers in assembly/x509/oid.ts; the dotted forms are the RFCs'. */
const OIDS: [string, number][] = [
  ["1.2.840.113549.1.1.1", 1],
  ["1.2.840.113549.1.1.10", 2],
  ["1.2.840.113549.1.1.8", 3],
  ["1.2.840.10045.2.1", 4],
  ["1.2.840.10045.3.1.7", 5],
  ["1.3.132.0.34", 6],
  ["1.3.101.112", 7],
  ["1.3.132.0.35", 8],
  ["1.2.840.113549.1.1.4", 10],
  ["1.2.840.113549.1.1.5", 11],
  ["1.2.840.113549.1.1.14", 12],
  ["1.2.840.113549.1.1.11", 13],
  ["1.2.840.113549.1.1.12", 14],
  ["1.2.840.113549.1.1.13", 15],
  ["1.2.840.10045.4.1", 16],
  ["1.2.840.10045.4.3.1", 17],
  ["1.2.840.10045.4.3.2", 18],
  ["1.2.840.10045.4.3.3", 19],
  ["1.2.840.10045.4.3.4", 20],
  ["1.3.14.3.2.26", 21],
  ["2.16.840.1.101.3.4.2.1", 22],
  ["2.16.840.1.101.3.4.2.2", 23],
  ["2.16.840.1.101.3.4.2.3", 24],
  ["2.5.29.14", 30],
  ["2.5.29.15", 31],
  ["2.5.29.17", 32],
  ["2.5.29.19", 33],
  ["2.5.29.30", 34],
  ["2.5.29.35", 35],
  ["2.5.29.37", 36],
  ["2.5.29.37.0", 37],
  ["1.3.6.1.5.5.7.3.1", 38],
  ["1.3.6.1.5.5.7.3.2", 39],
  ["2.5.4.3", 50],
  ["2.5.4.5", 51],
  ["2.5.4.6", 52],
  ["2.5.4.7", 53],
  ["2.5.4.8", 54],
  ["2.5.4.9", 55],
  ["2.5.4.10", 56],
  ["2.5.4.11", 57],
  ["0.9.2342.19200300.100.1.25", 58],
  ["0.9.2342.19200300.100.1.1", 59],
  ["1.2.840.113549.1.9.1", 60],
  ["2.5.29.32", 0],
  ["1.2.840.113549.1.1", 0],
  ["1.3.132.0.33", 0],
];

const BAD_TIMES: [number, string][] = [
  [0x17, "2002290000Z"], // no seconds
  [0x17, "000230000000Z"], // 30 February
  [0x17, "010229000000Z"], // 2001 was no leap year
  [0x17, "000431000000Z"],
  [0x17, "000001000000Z"],
  [0x17, "001301000000Z"],
  [0x17, "000100000000Z"],
  [0x17, "000101240000Z"],
  [0x17, "000101006000Z"],
  [0x17, "000101000060Z"], // a leap second
  [0x17, "000101000000"],
  [0x17, "000101000000+0000"],
  [0x17, "0001010000000Z"],
  [0x17, "00010100000:Z"],
  [0x17, "00010100000/Z"],
  [0x17, "000101000000z"],
  [0x17, "20000101000000Z"],
  [0x18, "000101000000Z"],
  [0x18, "21000229000000Z"], // divisible by 100, not by 400
  [0x18, "20500101000000.5Z"],
  [0x18, "205001010000Z"],
  [0x18, "20500101000000+0100"],
  [0x18, ""],
  [0x16, "000101000000Z"],
];

for (const engine of engines) {
  test(`DER is strict (${engine})`, async () => {
    const m = await loadEntry("x509", engine);
    for (const [kind, hex] of GOOD) assert.ok(isWellFormed(m, kind, hex), `${kind} ${hex}`);
    for (const [kind, hex, why] of BAD) assert.ok(!isWellFormed(m, kind, hex), `${kind}: ${why}`);
    assert.equal(m.call("scratchUsed"), 0);
  });

  test(`object identifiers have their numbers (${engine})`, async () => {
    const m = await loadEntry("x509", engine);
    for (const [dotted, number] of OIDS) {
      const content = oid(dotted).subarray(2);
      assert.equal(m.call("oidNumber", m.put(content), content.length), number, dotted);
    }
    m.reset();
  });

  test(`dates are the calendar's (${engine})`, async () => {
    const m = await loadEntry("x509", engine);
    const random = new Random(20);
    for (let i = 0; i < 2000; i++) {
      const year = 1 + random.below(9999);
      checkDate(m, new Date(secondsIn(year, random) * 1000));
    }
    for (const text of ["1950-01-01", "1999-12-31T23:59:59", "2000-02-29", "2049-12-31T23:59:59"]) {
      checkDate(m, new Date(`${text}${text.length > 10 ? "Z" : ""}`));
    }
    assert.equal(timeOf(m, utcTime("500101000000Z")), BigInt(Date.UTC(1950, 0) / 1000));
    assert.equal(
      timeOf(m, utcTime("491231235959Z")),
      BigInt(Date.UTC(2049, 11, 31, 23, 59, 59)) / 1000n,
    );
    assert.equal(timeOf(m, generalizedTime("99991231235959Z")), 253402300799n);
  });

  test(`dates that are none are refused (${engine})`, async () => {
    const m = await loadEntry("x509", engine);
    for (const [tag, text] of BAD_TIMES) {
      assert.equal(timeOf(m, der(tag, ascii(text))), NO_TIME, `${tag} ${text}`);
    }
    assert.equal(m.call("scratchUsed"), 0);
  });
}

const NO_TIME = -(1n << 62n);

function isWellFormed(m: Instance, kind: Kind, hex: string): boolean {
  const bytes = Buffer.from(hex, "hex");
  const result = m.call("wellFormed", KINDS[kind], m.put(bytes), bytes.length);
  m.reset();
  return result === 1;
}

function timeOf(m: Instance, element: Uint8Array): bigint {
  const t = m.callBig("timeOf", m.put(element), element.length);
  m.reset();
  return t;
}

/** A second of this year. */
function secondsIn(year: number, random: Random): number {
  const start = new Date(0).setUTCFullYear(year, 0, 1) / 1000;
  const end = new Date(0).setUTCFullYear(year + 1, 0, 1) / 1000;
  return start + random.below(end - start);
}

function checkDate(m: Instance, date: Date): void {
  const digits = date.toISOString().replace(/\D/g, "").slice(0, 14);
  const expected = BigInt(date.getTime() / 1000);
  assert.equal(timeOf(m, generalizedTime(`${digits}Z`)), expected, digits);
  const year = date.getUTCFullYear();
  if (year < 1950 || year > 2049) return;
  assert.equal(timeOf(m, utcTime(`${digits.slice(2)}Z`)), expected, digits);
}
