// Thumb encodings of ARMv6-M (DDI 0419, A5 and A6.7) as the manual draws them. A letter stands for
// a field's bit; the bits of a field are read from left to right, wherever they stand:
//
//   d n m   registers (t of the manual is d)      i   immediate
//   r       list of registers                     c   condition
//
// Only what the translator knows has a name here; the interpreter executes the rest.

const ENCODINGS = {
  lslImmediate: "00000iiiiimmmddd",
  lsrImmediate: "00001iiiiimmmddd",
  asrImmediate: "00010iiiiimmmddd",
  addRegister: "0001100mmmnnnddd",
  subRegister: "0001101mmmnnnddd",
  addImmediate3: "0001110iiinnnddd",
  subImmediate3: "0001111iiinnnddd",
  movImmediate: "00100dddiiiiiiii",
  cmpImmediate: "00101nnniiiiiiii",
  addImmediate8: "00110dddiiiiiiii",
  subImmediate8: "00111dddiiiiiiii",
  and: "0100000000mmmddd",
  eor: "0100000001mmmddd",
  lsl: "0100000010mmmddd",
  lsr: "0100000011mmmddd",
  asr: "0100000100mmmddd",
  adc: "0100000101mmmddd",
  sbc: "0100000110mmmddd",
  ror: "0100000111mmmddd",
  tst: "0100001000mmmnnn",
  rsb: "0100001001nnnddd",
  cmp: "0100001010mmmnnn",
  cmn: "0100001011mmmnnn",
  orr: "0100001100mmmddd",
  mul: "0100001101nnnddd",
  bic: "0100001110mmmddd",
  mvn: "0100001111mmmddd",
  addHigh: "01000100dmmmmddd",
  cmpHigh: "01000101nmmmmnnn",
  movHigh: "01000110dmmmmddd",
  bx: "010001110mmmm000",
  blx: "010001111mmmm000",
  ldrLiteral: "01001dddiiiiiiii",
  strRegister: "0101000mmmnnnddd",
  strhRegister: "0101001mmmnnnddd",
  strbRegister: "0101010mmmnnnddd",
  ldrsb: "0101011mmmnnnddd",
  ldrRegister: "0101100mmmnnnddd",
  ldrhRegister: "0101101mmmnnnddd",
  ldrbRegister: "0101110mmmnnnddd",
  ldrsh: "0101111mmmnnnddd",
  str: "01100iiiiinnnddd",
  ldr: "01101iiiiinnnddd",
  strb: "01110iiiiinnnddd",
  ldrb: "01111iiiiinnnddd",
  strh: "10000iiiiinnnddd",
  ldrh: "10001iiiiinnnddd",
  strStack: "10010dddiiiiiiii",
  ldrStack: "10011dddiiiiiiii",
  adr: "10100dddiiiiiiii",
  addStackAddress: "10101dddiiiiiiii",
  addStack: "101100000iiiiiii",
  subStack: "101100001iiiiiii",
  sxth: "1011001000mmmddd",
  sxtb: "1011001001mmmddd",
  uxth: "1011001010mmmddd",
  uxtb: "1011001011mmmddd",
  push: "1011010rrrrrrrrr",
  rev: "1011101000mmmddd",
  rev16: "1011101001mmmddd",
  revsh: "1011101011mmmddd",
  pop: "1011110rrrrrrrrr",
  nop: "1011111100000000",
  stm: "11000nnnrrrrrrrr",
  ldm: "11001nnnrrrrrrrr",
  branchIf: "1101cccciiiiiiii",
  branch: "11100iiiiiiiiiii",
  wide: "11110iiiiiiiiiii",
} as const;

export type Name = Exclude<keyof typeof ENCODINGS, "wide"> | "bl" | "barrier";

export interface Instruction {
  name: Name;
  d: number;
  n: number;
  m: number;
  i: number;
  r: number;
  c: number;
}

interface Encoding {
  name: keyof typeof ENCODINGS;
  mask: number;
  value: number;
  /** For each field, the positions of its bits, highest first. */
  fields: Record<string, number[]>;
}

const TOP = 15;
/** By the five leading bits, which tell all but a few encodings apart. */
const byLeadingBits: Encoding[][] = Array.from({ length: 32 }, () => []);

for (const [name, pattern] of Object.entries(ENCODINGS)) {
  const encoding = parse(name as keyof typeof ENCODINGS, pattern);
  for (let lead = 0; lead < 32; lead++) {
    const known = encoding.mask >> 11;
    if ((lead & known) === encoding.value >> 11) byLeadingBits[lead].push(encoding);
  }
}

function parse(name: Encoding["name"], pattern: string): Encoding {
  const encoding: Encoding = { name, mask: 0, value: 0, fields: {} };
  [...pattern].forEach((letter, i) => {
    const position = TOP - i;
    if (letter === "0" || letter === "1") {
      encoding.mask |= 1 << position;
      encoding.value |= Number(letter) << position;
    } else {
      (encoding.fields[letter] ??= []).push(position);
    }
  });
  return encoding;
}

/**
 * The instruction that begins with this halfword; undefined: not for us. `second` is the halfword
 * behind, which counts for BL, whose i is the offset from behind it, and for barriers.
 */
export function decode(halfword: number, second: number): Instruction | undefined {
  const candidates = byLeadingBits[halfword >> 11];
  const found = candidates.find(({ mask, value }) => (halfword & mask) === value);
  if (found === undefined) return undefined;
  if (found.name === "wide") return decodeWide(halfword, second);
  const instruction: Instruction = { name: found.name, d: 0, n: 0, m: 0, i: 0, r: 0, c: 0 };
  for (const [letter, positions] of Object.entries(found.fields)) {
    const value = positions.reduce((bits, at) => (bits << 1) | ((halfword >> at) & 1), 0);
    instruction[letter as "d"] = value;
  }
  return instruction;
}

/** BL, DSB, DMB, ISB. */
function decodeWide(first: number, second: number): Instruction | undefined {
  const instruction = { d: 0, n: 0, m: 0, i: 0, r: 0, c: 0 };
  const barrier = second & 0xfff0;
  if (first === 0xf3bf && barrier >= 0x8f40 && barrier <= 0x8f60) {
    return { ...instruction, name: "barrier" };
  }
  if ((second & 0xd000) !== 0xd000) return undefined;
  const sign = (first >> 10) & 1;
  const i1 = ~((second >> 13) ^ sign) & 1;
  const i2 = ~((second >> 11) ^ sign) & 1;
  const high = ((first & 0x3ff) << 12) | ((second & 0x7ff) << 1);
  return {
    ...instruction,
    name: "bl",
    i: (sign ? -0x1000000 : 0) | (i1 << 23) | (i2 << 22) | high,
  };
}
