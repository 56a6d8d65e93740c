// assembly/x509 behind an interface in TypeScript's own types: certificates by handle, results by
// name.

import { loadEntry, type EngineName, type Instance } from "../harness/instance.ts";

/** Results of verifyChain and parse: "ok", or the name of the Refusal (assembly/base/err.ts). */
const REFUSALS = [
  "?",
  "MALFORMED",
  "UNTRUSTED",
  "EXPIRED",
  "NOT_YET_VALID",
  "NAME_MISMATCH",
  "WEAK_HASH",
  "WEAK_KEY",
  "KEY_USAGE",
  "EXTENDED_KEY_USAGE",
  "UNKNOWN_CRITICAL_EXTENSION",
  "CHAIN_TOO_LONG",
  "CLOCK_NOT_SET",
  "NAME_CONSTRAINTS",
] as const;
export type Verdict = "ok" | (typeof REFUSALS)[number];

/** In the order of the entry's switch. */
const FIELDS = [
  "notBefore",
  "notAfter",
  "version",
  "keyAlgorithm",
  "signatureAlgorithm",
  "pathLength",
  "keyUsage",
  "extendedKeyUsage",
  "unknownCritical",
  "key",
  "keySize",
  "subject",
  "subjectSize",
  "tbsSize",
] as const;
export type Field = (typeof FIELDS)[number];

/** A parsed Certificate: the address of its record. */
export type Parsed = number;

export interface Question {
  /** DER, the leaf first. */
  chain: Uint8Array[];
  anchors: Uint8Array[];
  /** Seconds since 1970 or a date; now where absent. */
  at?: number | Date;
  purpose?: "server" | "client";
  /** No name is checked where absent. */
  name?: string;
}

export class X509 {
  private constructor(readonly m: Instance) {}

  static async load(engine: EngineName): Promise<X509> {
    return new X509(await loadEntry("x509", engine));
  }

  /** Parses DER: the record's address, and what the parser said. */
  tryParse(der: Uint8Array): { c: Parsed; verdict: Verdict } {
    const c = this.m.alloc(this.m.call("certificateRecordSize"));
    const verdict = verdictOf(this.m.call("parse", c, this.m.put(der), der.length));
    return { c, verdict };
  }

  parse(der: Uint8Array): Parsed {
    const { c, verdict } = this.tryParse(der);
    if (verdict !== "ok") throw new Error(`the certificate is ${verdict}`);
    return c;
  }

  field(c: Parsed, name: Field): number {
    return Number(this.m.callBig("field", c, FIELDS.indexOf(name)));
  }

  subjectText(c: Parsed, cap = 512): string {
    const out = this.m.alloc(Math.max(cap, 1));
    return Buffer.from(this.m.read(out, this.m.call("subject", c, out, cap))).toString();
  }

  matches(c: Parsed, host: string | Uint8Array): boolean {
    const name = typeof host === "string" ? Buffer.from(host) : host;
    return this.m.call("hostnameMatches", c, this.m.put(name), name.length) === 1;
  }

  /**
   * Parses everything and verifies: a leaf or intermediate that does not parse is left to
   * the caller as a refusal, an anchor that does not parse is not trusted.
   */
  verify(question: Question): Verdict {
    const parsed = question.chain.map((der) => this.tryParse(der));
    const bad = parsed.find((one) => one.verdict !== "ok");
    if (bad !== undefined) return bad.verdict;
    const anchors = question.anchors.map((der) => this.tryParse(der));
    const good = anchors.filter((one) => one.verdict === "ok");
    const at = question.at ?? Date.now() / 1000;
    const seconds = Math.floor(at instanceof Date ? at.getTime() / 1000 : at);
    const name = Buffer.from(question.name ?? "");
    return verdictOf(
      this.m.call(
        "verifyChain",
        this.pointers(parsed.map((one) => one.c)),
        parsed.length,
        this.pointers(good.map((one) => one.c)),
        good.length,
        BigInt(seconds),
        question.purpose === "client" ? 1 : 0,
        this.m.put(name),
        name.length,
      ),
    );
  }

  reset(): void {
    this.m.reset();
  }

  private pointers(of: Parsed[]): number {
    return this.m.put(new Uint8Array(Uint32Array.from(of).buffer));
  }
}

export function verdictOf(e: number): Verdict {
  if (e === 0) return "ok";
  const name = REFUSALS[-0x300 - e];
  if (name === undefined) throw new Error(`${e} is no refusal`);
  return name;
}

/** DER of every CERTIFICATE block. */
export function pemToDer(pem: string): Uint8Array[] {
  const blocks = pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g);
  return [...blocks].map((block) => new Uint8Array(Buffer.from(block[1]!, "base64")));
}
