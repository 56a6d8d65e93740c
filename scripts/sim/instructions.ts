// Which instructions there are on ARMv6-M (DDI 0419, A5), by what it takes to execute them here.

export enum Kind {
  /** rp2040js executes it. */
  Stock,
  /** core-fixes.ts executes it. */
  Corrected,
  /** There is none. */
  Undefined,
  /** BL, MSR, MRS, a barrier, or nothing: the second half says. */
  Wide,
  /** BLX Rm: what it leads to must be Thumb code. */
  Link,
  /** SVC. */
  Call,
  /** WFE, WFI. */
  Wait,
  /** SEV. */
  Event,
  /** YIELD and the hints that have no name: nothing happens. */
  Hint,
  Breakpoint,
}

/** The kind of each first (or only) half of an instruction. */
export const KINDS: Uint8Array = Uint8Array.from({ length: 0x10000 }, (_, opcode) => kind(opcode));

function kind(opcode: number): Kind {
  if (opcode === 0x47f0 || (opcode >= 0x4080 && opcode <= 0x41ff)) return Kind.Corrected;
  if (opcode >> 8 === 0x47) return branch(opcode);
  if (opcode >> 12 === 0xb) return miscellaneous(opcode);
  if (opcode >> 8 === 0xde) return Kind.Undefined;
  if (opcode >> 8 === 0xdf) return Kind.Call;
  if (opcode >> 11 === 0b11101) return Kind.Undefined;
  if (opcode >> 12 === 0xf) return Kind.Wide;
  return Kind.Stock;
}

function branch(opcode: number): Kind {
  if ((opcode & 7) !== 0) return Kind.Undefined;
  return opcode & 0x80 ? Kind.Link : Kind.Stock;
}

function miscellaneous(opcode: number): Kind {
  const block = (opcode >> 8) & 15;
  if (block === 0 || block === 4 || block === 5 || block === 0xc || block === 0xd)
    return Kind.Stock; // ADD and SUB SP, PUSH, POP
  if (block === 2) return Kind.Stock; // SXTH, SXTB, UXTH, UXTB
  if (block === 6) return opcode === 0xb662 || opcode === 0xb672 ? Kind.Stock : Kind.Undefined;
  if (block === 0xa) return ((opcode >> 6) & 3) === 2 ? Kind.Undefined : Kind.Stock; // REV
  if (block === 0xe) return Kind.Breakpoint;
  return block === 0xf ? hint(opcode) : Kind.Undefined;
}

function hint(opcode: number): Kind {
  if (opcode === 0xbf00) return Kind.Stock;
  if (opcode === 0xbf20 || opcode === 0xbf30) return Kind.Wait;
  if (opcode === 0xbf40) return Kind.Event;
  return (opcode & 15) === 0 ? Kind.Hint : Kind.Undefined;
}

/** Whether the two halves are an instruction. */
export function isWideInstruction(first: number, second: number): boolean {
  const isBranchWithLink = first >> 11 === 0b11110 && (second & 0xd000) === 0xd000;
  const isBarrier = first === 0xf3bf && [0x8f40, 0x8f50, 0x8f60].includes(second & 0xfff0);
  const isRead = first === 0xf3ef && (second & 0xf000) === 0x8000;
  const isWrite = (first & 0xfff0) === 0xf380 && (second & 0xff00) === 0x8800;
  return isBranchWithLink || isBarrier || isRead || isWrite;
}
