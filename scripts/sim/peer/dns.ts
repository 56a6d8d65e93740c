// The DNS server (RFC 1035, AAAA of RFC 3596): one question over UDP, answered from a table,
// which is a function of the caller's.
//
//   0: id   2: flags, response code   4: questions   6: answers   8: authorities   10: additional
//   12: the question: labels, type, class

import { isIPv6 } from "node:net";
import { parseAddress } from "./address.ts";

export const DNS_PORT = 53;

/**
 * The addresses, IPv4 or IPv6, of a name in lower case without a final dot; null if there is no
 * such name, "failed" if that could not be found out. A promise must not be rejected.
 */
export type Resolve = (name: string) => Answer | Promise<Answer>;
export type Answer = readonly string[] | null | "failed";

const HEADER = 12;
const LARGEST_ANSWER = 512; // RFC 1035, 4.2.1: more needs TCP
const LONGEST_NAME = 255;
const LONGEST_LABEL = 63;
const TTL_SECONDS = 60;
const QUESTION_POINTER = 0xc00c; // a name equal to the question's, at offset 12

const RESPONSE = 0x8000;
const OPCODE = 0x7800;
const TRUNCATED = 0x0200;
const RECURSION_DESIRED = 0x0100;
const RECURSION_AVAILABLE = 0x0080;

const FORMAT_ERROR = 1;
const SERVER_FAILURE = 2;
const NAME_ERROR = 3;
const NOT_IMPLEMENTED = 4;

const TYPE_A = 1;
const TYPE_AAAA = 28;
const CLASS_IN = 1;

interface Question {
  name: string;
  type: number;
  class: number;
  end: number;
}

/** Answers a query, at once if `resolve` does; false if it is none. */
export function answerDns(
  query: Buffer,
  resolve: Resolve,
  send: (answer: Buffer) => void,
): boolean {
  if (query.length < HEADER) return false;
  const flags = query.readUInt16BE(2);
  if (flags & RESPONSE) return false;
  const question = query.readUInt16BE(4) === 1 ? decodeQuestion(query) : null;
  if (flags & OPCODE) send(respond(query, HEADER, NOT_IMPLEMENTED, []));
  else if (!question) send(respond(query, HEADER, FORMAT_ERROR, []));
  else {
    const answer = resolve(question.name);
    if (answer instanceof Promise)
      void answer.then((late) => send(answerTo(query, question, late)));
    else send(answerTo(query, question, answer));
  }
  return true;
}

function answerTo(query: Buffer, question: Question, answer: Answer): Buffer {
  if (answer === "failed") return respond(query, question.end, SERVER_FAILURE, []);
  if (answer === null) return respond(query, question.end, NAME_ERROR, []);
  const records = question.class === CLASS_IN ? recordsOf(question.type, answer) : [];
  return respond(query, question.end, 0, records);
}

/** null if it is malformed; a compressed name is, in a question. */
function decodeQuestion(query: Buffer): Question | null {
  const labels: string[] = [];
  let at = HEADER;
  for (;;) {
    const length = query[at];
    if (length === undefined || length > LONGEST_LABEL) return null;
    at++;
    if (length === 0) break;
    if (at + length > query.length) return null;
    labels.push(query.toString("latin1", at, at + length).toLowerCase());
    at += length;
  }
  if (at - HEADER > LONGEST_NAME || at + 4 > query.length) return null;
  const name = labels.join(".");
  return { name, type: query.readUInt16BE(at), class: query.readUInt16BE(at + 2), end: at + 4 };
}

function recordsOf(type: number, addresses: readonly string[]): Buffer[] {
  if (type !== TYPE_A && type !== TYPE_AAAA) return [];
  const wanted = addresses.filter((address) => isIPv6(address) === (type === TYPE_AAAA));
  return wanted.map((address) =>
    record(type, type === TYPE_A ? bytesOf4(address) : bytesOf6(address)),
  );
}

function record(type: number, data: Buffer): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(QUESTION_POINTER, 0);
  header.writeUInt16BE(type, 2);
  header.writeUInt16BE(CLASS_IN, 4);
  header.writeUInt32BE(TTL_SECONDS, 6);
  header.writeUInt16BE(data.length, 10);
  return Buffer.concat([header, data]);
}

function bytesOf4(address: string): Buffer {
  const bytes = Buffer.alloc(4);
  const number = parseAddress(address);
  if (number === null) throw new Error(`not an IP address: ${address}`);
  bytes.writeUInt32BE(number);
  return bytes;
}

/** The URL parser knows all spellings and gives the shortest one. */
function bytesOf6(address: string): Buffer {
  const [head = "", tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split("::");
  const left = head.split(":").filter(Boolean);
  const right = (tail ?? "").split(":").filter(Boolean);
  const zeros = Array<string>(8 - left.length - right.length).fill("0");
  const groups = [...left, ...zeros, ...right];
  return Buffer.from(groups.map((group) => group.padStart(4, "0")).join(""), "hex");
}

/** Header and question of the query, up to `end`, with as many of the records as fit. */
function respond(query: Buffer, end: number, code: number, records: Buffer[]): Buffer {
  const start = Buffer.from(query.subarray(0, end));
  const fitting: Buffer[] = [];
  let length = start.length;
  for (const next of records) {
    length += next.length;
    if (length <= LARGEST_ANSWER) fitting.push(next);
  }
  const asked = query.readUInt16BE(2) & (OPCODE | RECURSION_DESIRED);
  const truncated = fitting.length < records.length ? TRUNCATED : 0;
  start.writeUInt16BE(RESPONSE | RECURSION_AVAILABLE | asked | truncated | code, 2);
  start.writeUInt16BE(end > HEADER ? 1 : 0, 4);
  start.writeUInt16BE(fitting.length, 6);
  start.writeUInt32BE(0, 8);
  return Buffer.concat([start, ...fitting]);
}
