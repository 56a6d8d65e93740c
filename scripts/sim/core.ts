// The core of rp2040js 1.4.1 with the exceptions of ARMv6-M (DDI 0419, B1.5) as they are:
//
// - WFI and WFE wake for what they should, also with PRIMASK set, and then do not enter a handler;
// - an undefined instruction, a branch without the Thumb bit, BKPT without a debugger and an SVC
//   that cannot be taken are HardFaults, instead of a line in a log;
// - a fault while HardFault is handled locks the core up; a frame that cannot be stacked is lost,
//   and the handler runs all the same (its own stack must be good).

import type { Chip } from "./chip.ts";
import { fixCore } from "./core-fixes.ts";
import { Fault, hex } from "./fault.ts";
import { Kind, KINDS, isWideInstruction } from "./instructions.ts";

const NMI = 2;
const HARD_FAULT = 3;
const SVCALL = 11;
const PENDSV = 14;
const SYSTICK = 15;
const FIRST_IRQ = 16;
const HARDWARE_IRQS = 26;
const THREAD_PRIORITY = 4;
const HANDLER_MODE = 1;
const LINK_HANDLER = 0xfffffff1;
const LINK_THREAD_MAIN = 0xfffffff9;
const LINK_THREAD_PROCESS = 0xfffffffd;
const FRAME = 0x20;
const STACK_ALIGNED = 1 << 9;

type Exceptions = Pick<
  Chip["core"],
  "checkForInterrupts" | "setInterrupt" | "exceptionEntry" | "BXWritePC" | "executeInstruction"
>;

/** What the chip asks of its core beyond rp2040js's. */
export interface Sleep {
  /** Ends WFI or WFE where something has arrived that does so. */
  wake(): void;
  /** A fault of the instruction at pc: HardFault, or the end. */
  hardFault(fault: Fault, pc: number): void;
  /** Set where nothing but a reset helps. */
  readonly lockedUp: boolean;
  /** SCR.SEVONPEND: an interrupt that becomes pending is an event, even a disabled one. */
  eventOnPending: boolean;
}

/** Replaces what is wrong, in this chip's core. */
export function correctCore(chip: Chip): Sleep {
  const { core } = chip;
  const stock = core.executeInstruction.bind(core);
  const bxWritePC = core.BXWritePC.bind(core);
  fixCore(chip);
  const fixed = core.executeInstruction.bind(core);
  const sleep = new Waiting(chip);
  const replaced: Exceptions = {
    executeInstruction() {
      if (core.interruptsUpdated) core.checkForInterrupts();
      const opcode = chip.fetch(core.PC);
      const kind = KINDS[opcode];
      if (kind === Kind.Stock) return stock();
      if (kind === Kind.Corrected) return fixed();
      return special(chip, sleep, kind, opcode, fixed);
    },
    BXWritePC(address) {
      const isReturn = core.currentMode === HANDLER_MODE && address >>> 28 === 15;
      if (!isReturn && (address & 1) === 0) throw withoutThumb(address);
      bxWritePC(address);
    },
    checkForInterrupts() {
      core.interruptsUpdated = false;
      const priority = Math.min(executionPriority(core), core.PM ? 0 : THREAD_PRIORITY);
      const exception = highestPending(core, priority);
      if (exception !== 0) take(core, exception);
      return exception !== 0;
    },
    setInterrupt(irq, value) {
      const bit = 1 << irq;
      if (!value) core.pendingInterrupts &= ~bit;
      if (!value || core.pendingInterrupts & bit) return;
      core.pendingInterrupts |= bit;
      core.interruptsUpdated = true;
      if (sleep.eventOnPending) core.eventRegistered = true;
    },
    exceptionEntry: (exception) => sleep.enter(exception),
  };
  Object.assign(core, replaced);
  return sleep;
}

function withoutThumb(address: number): Fault {
  return new Fault(`branch to ${hex(address)}, an address without the Thumb bit`, address);
}

/** The instructions that rp2040js does not execute as the chip does. */
function special(
  chip: Chip,
  sleep: Waiting,
  kind: Kind,
  opcode: number,
  execute: () => number,
): number {
  const { core } = chip;
  const target = core.registers[(opcode >> 3) & 15];
  const next = (core.PC & ~1) + 2;
  if (kind === Kind.Wait) return sleep.execute(opcode, execute);
  if (kind === Kind.Event) core.eventRegistered = true;
  if (kind === Kind.Event || kind === Kind.Hint) {
    core.PC = next;
    core.cycles++;
    return 1;
  }
  if (kind === Kind.Link && (target & 1) === 0) {
    core.LR = next | 1;
    throw withoutThumb(target);
  }
  if (kind === Kind.Call && core.svCallPriority >= maskedPriority(core))
    throw new Fault("SVC where it cannot be taken");
  if (kind === Kind.Wide && !isWideInstruction(opcode, chip.fetch(next))) throw undefinedAt(core);
  if (kind === Kind.Undefined) throw undefinedAt(core);
  if (kind === Kind.Breakpoint && !chip.breakpoint(opcode & 0xff))
    throw new Fault(`breakpoint ${opcode & 0xff} without a debugger`);
  return execute();
}

function undefinedAt(core: Chip["core"]): Fault {
  return new Fault(`undefined instruction at ${hex(core.PC & ~1)}`);
}

function executionPriority(core: Chip["core"]): number {
  return core.IPSR === 0 ? THREAD_PRIORITY : core.exceptionPriority(core.IPSR);
}

function maskedPriority(core: Chip["core"]): number {
  return Math.min(executionPriority(core), core.PM ? 0 : THREAD_PRIORITY);
}

/** The pending exception of the highest priority above `limit`, as its number; else 0. */
function highestPending(core: Chip["core"], limit: number): number {
  if (core.pendingNMI && limit > -2) return NMI;
  const enabled = core.pendingInterrupts & core.enabledInterrupts;
  if (enabled === 0 && !core.pendingSVCall && !core.pendingPendSV && !core.pendingSystick) return 0;
  for (let priority = 0; priority < limit; priority++) {
    if (core.pendingSVCall && core.svCallPriority === priority) return SVCALL;
    if (core.pendingPendSV && core.pendSVPriority === priority) return PENDSV;
    if (core.pendingSystick && core.systickPriority === priority) return SYSTICK;
    const ready = enabled & core.interruptPriorities[priority];
    if (ready !== 0) return FIRST_IRQ + (31 - Math.clz32(ready & -ready));
  }
  return 0;
}

/** Enters an exception, which is then no longer pending: hardware's lines stay as they are. */
function take(core: Chip["core"], exception: number): void {
  if (exception === NMI) core.pendingNMI = false;
  if (exception === SVCALL) core.pendingSVCall = false;
  if (exception === PENDSV) core.pendingPendSV = false;
  if (exception === SYSTICK) core.pendingSystick = false;
  if (exception >= FIRST_IRQ + HARDWARE_IRQS)
    core.pendingInterrupts &= ~(1 << (exception - FIRST_IRQ));
  core.exceptionEntry(exception);
  core.waiting = false;
}

class Waiting implements Sleep {
  lockedUp = false;
  eventOnPending = false;
  private forEvent = false;

  constructor(private readonly chip: Chip) {}

  /** WFE or WFI: waits only where nothing has arrived yet. */
  execute(opcode: number, stock: () => number): number {
    this.forEvent = opcode === 0xbf20;
    const cycles = stock();
    this.wake();
    return cycles;
  }

  /** PRIMASK does not keep WFI asleep, but does keep the handler from running (B1.5.17). */
  wake(): void {
    const { core } = this.chip;
    if (!core.waiting || this.lockedUp) return;
    const priority = this.forEvent ? maskedPriority(core) : executionPriority(core);
    const event = this.forEvent && core.eventRegistered;
    if (!event && highestPending(core, priority) === 0) return;
    if (event) core.eventRegistered = false;
    core.waiting = false;
  }

  hardFault(fault: Fault, pc: number): void {
    const { core } = this.chip;
    const isHandled = core.IPSR === HARD_FAULT || core.IPSR === NMI;
    core.PC = (fault.pc ?? pc) >>> 0;
    if (isHandled) this.lockUp();
    else this.enter(HARD_FAULT);
  }

  /** PushStack and ExceptionTaken of the manual. */
  enter(exception: number): void {
    const { core } = this.chip;
    const isProcess = core.SPSEL !== 0 && core.currentMode !== HANDLER_MODE;
    const stacked = this.push(isProcess);
    if (core.currentMode === HANDLER_MODE) core.LR = LINK_HANDLER;
    else core.LR = isProcess ? LINK_THREAD_PROCESS : LINK_THREAD_MAIN;
    core.currentMode = HANDLER_MODE;
    core.switchStack(0);
    core.eventRegistered = true;
    this.jump(stacked || exception === NMI ? exception : HARD_FAULT);
  }

  private push(isProcess: boolean): boolean {
    const { chip } = this;
    const { core } = chip;
    const { registers: r } = core;
    const top = isProcess ? core.SPprocess : core.SPmain;
    const frame = ((top - FRAME) & ~4) >>> 0;
    const psr = (core.xPSR & ~STACK_ALIGNED) | (top & 4 ? STACK_ALIGNED : 0);
    if (isProcess) core.SPprocess = frame;
    else core.SPmain = frame;
    try {
      const words = [r[0], r[1], r[2], r[3], r[12], r[14], core.PC & ~1, psr];
      words.forEach((word, i) => chip.writeUint32(frame + 4 * i, word));
      return true;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      chip.complain(`an exception could not be stacked: ${error.message}`);
      return false;
    }
  }

  private jump(exception: number): void {
    const { chip } = this;
    chip.core.IPSR = exception;
    const vector = this.vector(exception);
    if ((vector & 1) === 1) chip.core.PC = (vector & ~1) >>> 0;
    else if (exception === HARD_FAULT || exception === NMI) this.lockUp();
    else this.jump(HARD_FAULT);
  }

  private vector(exception: number): number {
    try {
      return this.chip.readUint32(this.chip.core.VTOR + 4 * exception);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return 0;
    }
  }

  private lockUp(): void {
    this.lockedUp = true;
    this.chip.core.waiting = true;
    this.chip.lockedUp();
  }
}
