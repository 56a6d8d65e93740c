// The hardware of an emulated W5500-EVB-Pico (WIZnet's schematic): the chip, the flash and the
// network chip around it, the serial line. The chip is made anew at each reset; time and counts go
// on, and so does what is around it, unless the power was cut.

import { GPIOPinState } from "rp2040js";
import { Chip, ROM_SIZE, SRAM_SIZE, type ChipEvents } from "./chip.ts";
import { Clock } from "./clock.ts";
import type { Engine, EngineFactory } from "./engine.ts";
import { FlashChip } from "./flash-chip.ts";
import { Random } from "./random.ts";
import { Cause } from "./resets.ts";
import { RingOscillator } from "./rosc.ts";
import { SerialLine } from "./serial-line.ts";
import { W5500, type W5500Options } from "./w5500.ts";
import { freshWatchdog, type WatchdogMemory } from "./watchdog.ts";

const PIN_MISO = 16;
const PIN_SELECT = 17;
const PIN_CLOCK = 18;
const PIN_MOSI = 19;
const PIN_RESET = 20;
const PIN_INTERRUPT = 21;
const FUNCTION_SPI = 1;
const UNIQUE_ID = [0xe6, 0x61, 0x41, 0x04, 0x03, 0x12, 0x34, 0x56];

export interface MachineParts {
  rom: Uint32Array;
  /** What the flash holds at first. */
  flash: Uint8Array;
  engine: EngineFactory;
  seed: number;
  baud: number;
  ethernet: W5500Options;
  /** What the real-time clock is at when the power comes, in seconds since 1970; null: not set. */
  rtc: number | null;
}

export class Machine {
  chip!: Chip;
  engine!: Engine;
  readonly flash: FlashChip;
  readonly oscillator: RingOscillator;
  readonly ethernet: W5500;
  readonly serial: SerialLine;
  /** Called whenever there is a new chip, which has not run yet. */
  onChip: (chip: Chip) => void = () => undefined;
  private readonly random: Random;
  private watchdog: WatchdogMemory = freshWatchdog();
  private past = { nanos: 0, cycles: 0, instructions: 0 };

  constructor(
    private readonly parts: MachineParts,
    private readonly events: ChipEvents,
  ) {
    this.random = new Random(parts.seed);
    this.flash = new FlashChip(parts.flash, Uint8Array.from(UNIQUE_ID), this.random);
    this.oscillator = new RingOscillator(parts.seed ^ 0x0f0f0f0f);
    this.ethernet = new W5500(parts.ethernet);
    this.serial = new SerialLine(parts.baud);
  }

  /** The power comes: nothing in SRAM can be relied on. */
  powerOn(): void {
    const sram = new Uint8Array(SRAM_SIZE);
    this.random.fill(sram);
    this.watchdog = freshWatchdog();
    this.makeChip(Cause.PowerOn, sram);
    this.ethernet.reset();
  }

  /** The power goes, and what the flash is doing remains half done; then it comes again. */
  cutPower(part?: number): void {
    this.flash.cutPower(part);
    this.powerOn();
  }

  /** A reset that keeps the power, hence SRAM; only the watchdog's keeps its scratch registers. */
  reset(cause: Cause.RunPin | Cause.Watchdog): void {
    if (cause === Cause.RunPin) this.watchdog = freshWatchdog();
    this.makeChip(cause, this.chip.sram);
  }

  private makeChip(cause: Cause, sram: Uint8Array): void {
    this.past = { nanos: this.nanos, cycles: this.cycles, instructions: this.instructions };
    const { rom, engine, rtc } = this.parts;
    this.chip = new Chip({
      clock: new Clock(),
      rom: rom.subarray(0, ROM_SIZE / 4),
      flash: this.flash,
      rosc: this.oscillator,
      sram,
      watchdog: this.watchdog,
      cause,
      rtc: cause === Cause.PowerOn ? rtc : null,
      events: this.events,
    });
    this.engine = engine(this.chip);
    this.serial.attach(this.chip);
    this.connectEthernet(this.chip);
    this.onChip(this.chip);
  }

  /** Where nothing drives them, chip select and reset are high: pulled up on the board. */
  private connectEthernet(chip: Chip): void {
    const { ethernet } = this;
    const isSpi = [PIN_MISO, PIN_CLOCK, PIN_MOSI].map((pin) => chip.gpio[pin]);
    const isConnected = (): boolean => isSpi.every((pin) => pin.functionSelect === FUNCTION_SPI);
    chip.spiBus[0].device = () => (isConnected() ? ethernet : null);
    chip.gpio[PIN_SELECT].addListener((state) => ethernet.select(state === GPIOPinState.Low));
    chip.gpio[PIN_RESET].addListener((state) => ethernet.holdReset(state === GPIOPinState.Low));
    const interrupt = chip.gpio[PIN_INTERRUPT];
    ethernet.attach(
      chip.clock,
      (active) => interrupt.setInputValue(!active),
      (message) => chip.complain(message),
    );
    ethernet.holdReset(false);
  }

  /** Virtual time since the machine was made. */
  get nanos(): number {
    return this.past.nanos + (this.chip?.clock.nanos ?? 0);
  }

  get cycles(): number {
    return this.past.cycles + (this.chip?.core.cycles ?? 0);
  }

  get instructions(): number {
    return this.past.instructions + (this.engine?.instructions ?? 0);
  }
}
