// Random Thumb code: the encodings of ARMv6-M by name, as in the manual's tables (DDI 0419, A5.2),
// where x is any bit; written down once more, so that the translator's list is not tested with
// itself.

import type { Random } from "../../../scripts/sim/random.ts";

/** Of one halfword; what the translator leaves to the interpreter is not here. */
export const TRANSLATED: Record<string, string> = {
  "LSLS imm": "00000xxxxxxxxxxx",
  "LSRS imm": "00001xxxxxxxxxxx",
  "ASRS imm": "00010xxxxxxxxxxx",
  "ADDS reg": "0001100xxxxxxxxx",
  "SUBS reg": "0001101xxxxxxxxx",
  "ADDS imm3": "0001110xxxxxxxxx",
  "SUBS imm3": "0001111xxxxxxxxx",
  MOVS: "00100xxxxxxxxxxx",
  "CMP imm": "00101xxxxxxxxxxx",
  "ADDS imm8": "00110xxxxxxxxxxx",
  "SUBS imm8": "00111xxxxxxxxxxx",
  ANDS: "0100000000xxxxxx",
  EORS: "0100000001xxxxxx",
  "LSLS reg": "0100000010xxxxxx",
  "LSRS reg": "0100000011xxxxxx",
  "ASRS reg": "0100000100xxxxxx",
  ADCS: "0100000101xxxxxx",
  SBCS: "0100000110xxxxxx",
  RORS: "0100000111xxxxxx",
  TST: "0100001000xxxxxx",
  RSBS: "0100001001xxxxxx",
  "CMP reg": "0100001010xxxxxx",
  CMN: "0100001011xxxxxx",
  ORRS: "0100001100xxxxxx",
  MULS: "0100001101xxxxxx",
  BICS: "0100001110xxxxxx",
  MVNS: "0100001111xxxxxx",
  "ADD high": "01000100xxxxxxxx",
  "CMP high": "01000101xxxxxxxx",
  "MOV high": "01000110xxxxxxxx",
  "ADD PC": "010001001xxxx111",
  "MOV PC": "010001101xxxx111",
  BX: "010001110xxxx000",
  BLX: "010001111xxxx000",
  "LDR literal": "01001xxxxxxxxxxx",
  "STR reg": "0101000xxxxxxxxx",
  "STRH reg": "0101001xxxxxxxxx",
  "STRB reg": "0101010xxxxxxxxx",
  LDRSB: "0101011xxxxxxxxx",
  "LDR reg": "0101100xxxxxxxxx",
  "LDRH reg": "0101101xxxxxxxxx",
  "LDRB reg": "0101110xxxxxxxxx",
  LDRSH: "0101111xxxxxxxxx",
  "STR imm": "01100xxxxxxxxxxx",
  "LDR imm": "01101xxxxxxxxxxx",
  "STRB imm": "01110xxxxxxxxxxx",
  "LDRB imm": "01111xxxxxxxxxxx",
  "STRH imm": "10000xxxxxxxxxxx",
  "LDRH imm": "10001xxxxxxxxxxx",
  "STR SP": "10010xxxxxxxxxxx",
  "LDR SP": "10011xxxxxxxxxxx",
  ADR: "10100xxxxxxxxxxx",
  "ADD SP": "10101xxxxxxxxxxx",
  "ADD SP, SP": "101100000xxxxxxx",
  "SUB SP, SP": "101100001xxxxxxx",
  SXTH: "1011001000xxxxxx",
  SXTB: "1011001001xxxxxx",
  UXTH: "1011001010xxxxxx",
  UXTB: "1011001011xxxxxx",
  PUSH: "1011010xxxxxxxxx",
  REV: "1011101000xxxxxx",
  REV16: "1011101001xxxxxx",
  REVSH: "1011101011xxxxxx",
  POP: "10111100xxxxxxxx",
  "POP PC": "10111101xxxxxxxx",
  NOP: "1011111100000000",
  STM: "11000xxxxxxxxxxx",
  LDM: "11001xxxxxxxxxxx",
  "B EQ to VC": "11010xxxxxxxxxxx",
  "B HI to LT": "110110xxxxxxxxxx",
  "B GT, LE": "1101110xxxxxxxxx",
  B: "11100xxxxxxxxxxx",
};

/** Of two halfwords. */
export const TRANSLATED_WIDE: Record<string, string> = {
  BL: "11110xxxxxxxxxxx11x1xxxxxxxxxxxx",
  DSB: "11110011101111111000111101001111",
  DMB: "11110011101111111000111101011111",
  ISB: "11110011101111111000111101101111",
};

export const INTERPRETED: Record<string, string> = {
  UDF: "11011110xxxxxxxx",
  SVC: "11011111xxxxxxxx",
  BKPT: "10111110xxxxxxxx",
  CPS: "10110110011x0010",
  "BX PC": "0100011101111000",
  "BLX PC": "0100011111111000",
  SEV: "1011111101000000",
  WFE: "1011111100100000",
  WFI: "1011111100110000",
  YIELD: "1011111100010000",
  MRS: "11110011111011111000xxxxxxxxxxxx",
  MSR: "111100111000xxxx10001000xxxxxxxx",
  undefined: "11101xxxxxxxxxxx",
  "undefined wide": "11110xxxxxxxxxxx0xxxxxxxxxxxxxxx",
};

/** One or two halfwords. */
export function encode(pattern: string, random: Random): number[] {
  let bits = 0n;
  for (const letter of pattern) {
    const bit = letter === "x" ? random.next() & 1 : Number(letter);
    bits = (bits << 1n) | BigInt(bit);
  }
  return pattern.length === 16 ? [Number(bits)] : [Number(bits >> 16n), Number(bits & 0xffffn)];
}
