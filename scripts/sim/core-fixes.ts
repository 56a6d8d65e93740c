// Where the interpreter of rp2040js 1.4.1 departs from ARMv6-M (DDI 0419): these instructions are
// executed here instead, in as many cycles. The translator of thumb/ does the same by itself, and
// tests/sim/thumb compares the two.
//
// ADCS, SBCS                  V is that of the operand plus the carry, not of the sum of the three
// LSLS, LSRS, ASRS, RORS Rm   a count of 0 changes C; LSLS by more than 32 takes C from bit 31 down
// BLX LR                      jumps behind itself: LR is written before it is read

import type { RP2040 } from "rp2040js";

type Core = RP2040["core"];

const FIRST_FIXED = 0x4080; // LSLS Rdn, Rm; then LSRS, ASRS, ADCS, SBCS, RORS
const LAST_FIXED = 0x41ff;
const BLX_LR = 0x47f0;
const BLX_CYCLES = 2;

/** Corrects the core of this chip, for good. */
export function fixCore(chip: RP2040): void {
  const { core } = chip;
  const stock = core.executeInstruction.bind(core);
  core.executeInstruction = () => {
    if (core.interruptsUpdated && core.checkForInterrupts()) core.waiting = false;
    const opcode = chip.readUint16((core.PC & ~1) >>> 0);
    if (opcode >= FIRST_FIXED && opcode <= LAST_FIXED) return arithmetic(core, opcode);
    if (opcode === BLX_LR) return branchToLink(core);
    return stock();
  };
}

function branchToLink(core: Core): number {
  const target = core.LR;
  core.LR = (core.PC + 2) | 1;
  core.PC = target & ~1;
  core.cycles += BLX_CYCLES;
  core.blTaken(core, true);
  return BLX_CYCLES;
}

function arithmetic(core: Core, opcode: number): number {
  const { registers } = core;
  const a = registers[opcode & 7];
  const b = registers[(opcode >> 3) & 7];
  const operation = (opcode >> 6) & 15;
  let result;
  if (operation === 5) result = addWithCarry(core, a, b);
  else if (operation === 6) result = addWithCarry(core, a, ~b >>> 0);
  else result = shift(core, operation, a, b & 0xff);
  registers[opcode & 7] = result;
  core.N = result < 0;
  core.Z = result === 0;
  core.PC += 2;
  core.cycles++;
  return 1;
}

/** AddWithCarry() of the manual; the result is signed. */
function addWithCarry(core: Core, a: number, b: number): number {
  const sum = a + b + (core.C ? 1 : 0);
  const result = sum | 0;
  core.C = sum > 0xffffffff;
  core.V = ((a ^ result) & (b ^ result)) < 0;
  return result;
}

/** Shift_C() of the manual, by 0 to 255; the result is signed. */
function shift(core: Core, operation: number, a: number, count: number): number {
  if (count === 0) return a | 0;
  if (operation === 2) {
    core.C = count <= 32 && ((a >>> (32 - count)) & 1) === 1;
    return count < 32 ? a << count : 0;
  }
  if (operation === 3) {
    core.C = count <= 32 && ((a >>> (count - 1)) & 1) === 1;
    return count < 32 ? (a >>> count) | 0 : 0;
  }
  if (operation === 4) {
    core.C = ((a >> Math.min(count - 1, 31)) & 1) === 1;
    return a >> Math.min(count, 31);
  }
  const result = (a >>> (count & 31)) | (a << (-count & 31));
  core.C = result < 0;
  return result;
}
