// An emulated W5500-EVB-Pico at work. It runs the UF2 file that the real board runs, from reset
// through the boot ROM.
//
// A board advances only while somebody waits for it - waitFor, run, during - and then in virtual
// time: the same inputs give the same run, instruction for instruction. With a cable to real
// programs the time while the core waits is paced by the wall clock.

import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { setImmediate as yieldToEvents } from "node:timers/promises";
import { UserError } from "../lib/exec.ts";
import { FLASH_SIZE, ROM_SIZE, type ChipEvents } from "./chip.ts";
import { readSymbols } from "./elf.ts";
import type { EngineFactory } from "./engine.ts";
import { translated } from "./engines.ts";
import { hex } from "./fault.ts";
import type { FlashOperation } from "./flash-chip.ts";
import { Machine } from "./machine.ts";
import { Pacer } from "./pacer.ts";
import { PeerClock } from "./peer-clock.ts";
import type { Clock as LinkClock, Link } from "./peer/link.ts";
import { Cause } from "./resets.ts";
import { bootRom } from "./rom.ts";
import { loadUf2 } from "./uf2.ts";
import type { W5500Options } from "./w5500.ts";

/** Instructions between two looks at what the host has to say. */
const SLICE = 100_000;
const IDLE_STEPS = 256;
const CONSOLE_TAIL = 2000;

export interface BoardOptions {
  /** The firmware: a UF2 file's name, or its contents. */
  uf2: string | Uint8Array;
  /** Other parts of the flash, at offsets that are multiples of 4096. */
  flash?: ReadonlyArray<{ offset: number; bytes: Uint8Array }>;
  /** A file that keeps the flash from one run to the next; the UF2 and `flash` go on top. */
  flashFile?: string;
  /** The firmware's ELF file, for mark() by name. */
  elf?: string;
  /** The other end of the cable, living in the board's time; without it the plug is out. */
  link?: (clock: LinkClock) => Link;
  /** Whether waiting takes as long as it says; default: where there is a link. */
  pace?: boolean;
  ethernet?: W5500Options;
  /** Default: the translator of Thumb code. */
  engine?: EngineFactory;
  /** Of everything that is random in hardware. */
  seed?: number;
  baud?: number;
  /** Seconds since 1970 that the real-time clock has been set to before; default: it is not. */
  rtc?: number;
  /** The console's text, as it comes. */
  onText?: (bytes: Uint8Array) => void;
  /** What a user wants to know: faults, complaints, resets. */
  onNote?: (note: string) => void;
  /** Takes BKPT instructions: true where it is dealt with. */
  onBreakpoint?: (code: number) => boolean;
}

export interface PowerCut {
  /** 1: at the next erase or program, 2: at the one after it ... */
  operation: number;
  /** How much of it is done by then, from 0 to 1; default 0. */
  part?: number;
}

type State = "running" | "locked up" | "waiting for a firmware over USB";

export class Board {
  readonly machine: Machine;
  /** All text of the console since the start. */
  console = "";
  /** What silicon would have accepted though it is surely a mistake; each once. */
  readonly complaints: string[] = [];
  readonly faults: string[] = [];
  readonly link: Link | null;
  resets = 0;
  state: State = "running";
  private consumed = 0;
  private stopped = false;
  private pendingReset: (() => void) | null = null;
  private readonly pacer: Pacer | null;
  private readonly peerClock: PeerClock;
  private readonly marks: Array<{ address: number; callback: () => void }> = [];
  private readonly symbols: ReadonlyMap<string, number>;
  private readonly utf8 = new TextDecoder();
  private flashOperations = 0;
  private cut: Required<PowerCut> | null = null;

  /** Builds a board and switches it on; it does not run before somebody waits for it. */
  static async start(options: BoardOptions): Promise<Board> {
    return new Board(options, await bootRom());
  }

  private constructor(
    private readonly options: BoardOptions,
    rom: Uint32Array,
  ) {
    this.symbols = options.elf === undefined ? new Map() : readSymbols(options.elf);
    const parts = {
      rom,
      flash: flashOf(options),
      engine: options.engine ?? translated,
      seed: options.seed ?? 1,
      baud: options.baud ?? 115200,
      ethernet: options.ethernet ?? {},
      rtc: options.rtc ?? null,
    };
    this.machine = new Machine(parts, this.events());
    this.peerClock = new PeerClock(this.machine);
    this.link = options.link?.(this.peerClock.time) ?? null;
    this.pacer = (options.pace ?? this.link !== null) ? new Pacer() : null;
    this.connect();
    this.machine.powerOn();
  }

  private connect(): void {
    const { machine, link, peerClock } = this;
    const { ethernet, serial, flash } = machine;
    machine.onChip = (chip) => {
      for (const { address, callback } of this.marks) chip.markers.add(address, callback);
      peerClock.attach();
      if (link === null) ethernet.plug(false);
    };
    peerClock.onEarlier = () => this.pacer?.wake();
    serial.onInput = () => this.pacer?.wake();
    serial.onText = (bytes) => this.take(bytes);
    flash.onOperation = (operation) => this.countOperation(operation);
    if (link === null) return;
    ethernet.onFrame = (frame) => {
      peerClock.synchronize();
      link.send(frame);
    };
    link.onFrame = (frame) => ethernet.receive(frame);
  }

  private events(): ChipEvents {
    return {
      complaint: (message) => {
        if (this.complaints.includes(message)) return;
        this.complaints.push(message);
        this.note(message);
      },
      fault: (message) => {
        this.faults.push(message);
        this.note(`fault: ${message}`);
      },
      lockedUp: () => {
        this.state = "locked up";
        this.note("the core has locked up: only the watchdog or a reset helps");
      },
      reset: () => this.restart("the watchdog", () => this.machine.reset(Cause.Watchdog)),
      breakpoint: (code, address) => this.breakpoint(code, address),
    };
  }

  // For those who use a board.

  /** Runs until the console says it; only what has come since the last match counts. */
  async waitFor(pattern: RegExp, seconds: number): Promise<RegExpMatchArray> {
    let match = this.look(pattern);
    this.onText = () => {
      match = this.look(pattern);
      if (match !== null) this.machine.chip.stopRequested = true;
    };
    try {
      await this.advance(() => match !== null, seconds);
    } finally {
      this.onText = () => undefined;
    }
    if (match === null) throw new Error(this.disappointment(`${pattern}`, seconds));
    this.consumed += match.index! + match[0].length;
    return match;
  }

  /** Runs for some time. */
  async run(seconds: number): Promise<void> {
    await this.advance(() => false, seconds);
  }

  /** Runs while something else goes on that needs the board, and gives its result. */
  async during<T>(work: Promise<T>, seconds = Infinity): Promise<T> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
      this.pacer?.wake();
    });
    done.catch(() => undefined);
    await this.advance(() => isDone, seconds);
    if (!isDone) throw new Error(this.disappointment("what was under way", seconds));
    return done;
  }

  /** Types on the serial line. */
  write(text: string | Uint8Array): void {
    this.machine.serial.write(typeof text === "string" ? new TextEncoder().encode(text) : text);
  }

  /** Presses the reset button. */
  reset(): void {
    this.machine.reset(Cause.RunPin);
    this.state = "running";
  }

  /** Takes the power away and gives it back. */
  powerCut(): void {
    this.machine.cutPower();
    this.state = "running";
  }

  /** Cuts the power at an erase or program that is still to come. */
  cutPowerAt(cut: PowerCut): void {
    this.flashOperations = 0;
    this.cut = { part: 0, ...cut };
  }

  /** Erases and programs since the start, or since cutPowerAt(). */
  get operations(): number {
    return this.flashOperations;
  }

  /** Calls back each time before the instruction at a symbol of the firmware, or an address. */
  mark(where: string | number, callback: () => void): void {
    const address = typeof where === "number" ? where : this.symbols.get(where);
    if (address === undefined) throw new UserError(`the firmware has no symbol ${where}`);
    this.marks.push({ address, callback });
    this.machine.chip.markers.add(address, callback);
  }

  get seconds(): number {
    return this.machine.nanos / 1e9;
  }

  get cycles(): number {
    return this.machine.cycles;
  }

  /** Ends it all; the flash's file is written. */
  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.link?.close();
    this.machine.serial.close();
    this.saveFlash();
  }

  // How it goes on.

  private look(pattern: RegExp): RegExpMatchArray | null {
    return this.console.slice(this.consumed).match(pattern);
  }

  private async advance(done: () => boolean, seconds: number): Promise<void> {
    const deadline = this.machine.nanos + seconds * 1e9;
    while (!done() && this.machine.nanos < deadline && !this.stopped) {
      this.runSlice(deadline);
      if (this.isDead())
        throw new Error(this.disappointment(`anything from a board that is ${this.state}`, 0));
      if (this.machine.chip.core.waiting) await this.idle(deadline, done);
      await yieldToEvents();
      this.peerClock.synchronize();
    }
  }

  /** Whether nothing can happen any more but what somebody does from outside. */
  private isDead(): boolean {
    const isLockedUp = this.state === "locked up" && this.machine.chip.clock.due === Infinity;
    return isLockedUp || this.state === "waiting for a firmware over USB";
  }

  private runSlice(deadline: number): void {
    const { chip, engine } = this.machine;
    const end = chip.clock.createAlarm(() => (chip.stopRequested = true));
    if (deadline !== Infinity) end.schedule(deadline - this.machine.nanos);
    chip.stopRequested = false;
    chip.wake();
    engine.run(SLICE);
    end.cancel();
    this.peerClock.synchronize();
    this.carryOutReset();
  }

  private carryOutReset(): void {
    const reset = this.pendingReset;
    this.pendingReset = null;
    if (reset === null) return;
    this.resets++;
    this.state = "running";
    reset();
  }

  /** The core waits: time goes to the next alarm, at once or at the pace of the wall clock. */
  private async idle(deadline: number, done: () => boolean): Promise<void> {
    for (let i = 0; i < IDLE_STEPS && this.pendingReset === null; i++) {
      const { chip, nanos } = this.machine;
      const left = deadline - nanos;
      const wanted = Math.min(chip.clock.due - chip.clock.nanos, left);
      const granted = this.pacer === null ? wanted : await this.pacer.wait(wanted);
      if (granted === Infinity) break; // nothing will ever happen by itself
      // Something earlier than what was waited for may have come meanwhile.
      const step = Math.min(granted, chip.clock.due - chip.clock.nanos);
      chip.clock.tick(step);
      chip.wake();
      if (!chip.core.waiting || step >= left || done()) break;
    }
    this.carryOutReset();
  }

  private restart(who: string, reset: () => void): void {
    this.pendingReset = reset;
    this.note(`reset by ${who}`);
  }

  private countOperation(operation: FlashOperation): void {
    this.flashOperations++;
    const { cut } = this;
    if (cut === null || this.flashOperations !== cut.operation) return;
    this.cut = null;
    this.machine.chip.stopRequested = true;
    const what = `a power cut during ${operation.kind} at ${hex(operation.offset)}`;
    this.restart(what, () => this.machine.cutPower(cut.part));
  }

  private breakpoint(code: number, address: number): boolean {
    if (address >= ROM_SIZE) return this.options.onBreakpoint?.(code) ?? false;
    this.state = "waiting for a firmware over USB";
    this.machine.chip.stopRequested = true;
    this.note("no second stage with a good CRC in the flash: the boot ROM waits for a UF2 file");
    return true;
  }

  /** For waitFor: looks at each piece of text as it comes. */
  private onText: () => void = () => undefined;

  private take(bytes: Uint8Array): void {
    this.console += this.utf8.decode(bytes, { stream: true });
    this.options.onText?.(bytes);
    this.onText();
  }

  private note(text: string): void {
    this.options.onNote?.(text);
  }

  private disappointment(what: string, seconds: number): string {
    const tail = this.console.slice(this.consumed).slice(-CONSOLE_TAIL);
    const said = [...this.faults.slice(-5), ...this.complaints.slice(-5)];
    return [
      `waited ${seconds} s of the board's time in vain for ${what}; the board is ${this.state}`,
      ...said.map((line) => `  board: ${line}`),
      `console:\n${tail}`,
    ].join("\n");
  }

  private saveFlash(): void {
    const { flashFile } = this.options;
    if (flashFile === undefined) return;
    writeFileSync(`${flashFile}.new`, this.machine.flash.bytes);
    renameSync(`${flashFile}.new`, flashFile);
  }
}

/** The flash before the power comes: as it was kept, with the UF2 and the other parts on top. */
function flashOf({ uf2, flash = [], flashFile }: BoardOptions): Uint8Array {
  const bytes = new Uint8Array(FLASH_SIZE).fill(0xff);
  if (flashFile !== undefined && existsSync(flashFile)) {
    const kept = readFileSync(flashFile);
    if (kept.length !== FLASH_SIZE)
      throw new UserError(`${flashFile} has ${kept.length} bytes, the flash ${FLASH_SIZE}`);
    bytes.set(kept);
  }
  const name = typeof uf2 === "string" ? uf2 : "the UF2 file";
  loadUf2(typeof uf2 === "string" ? readFileSync(uf2) : uf2, name, bytes);
  for (const part of flash) {
    if (part.offset % 4096 !== 0 || part.offset + part.bytes.length > FLASH_SIZE)
      throw new UserError(`${part.bytes.length} bytes at ${hex(part.offset)} do not fit the flash`);
    bytes.fill(0xff, part.offset, Math.ceil((part.offset + part.bytes.length) / 4096) * 4096);
    bytes.set(part.bytes, part.offset);
  }
  return bytes;
}
