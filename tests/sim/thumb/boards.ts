// Two emulated boards, one in each engine, that get the same at the same time. After each step of
// random length they must be in the same state.

import assert from "node:assert/strict";
import type { Line } from "../../../scripts/lib/serial/port.ts";
import type { Board } from "../../../scripts/sim/board.ts";
import { interpreted, translated } from "../../../scripts/sim/engines.ts";
import { Random } from "../../../scripts/sim/random.ts";
import { assertSame } from "./pair.ts";

const LONGEST_STEP = 0.004;

export class Boards {
  /** Typed, but not yet sent. */
  private typed: Uint8Array[] = [];
  private readonly random: Random;

  constructor(
    private readonly a: Board,
    private readonly b: Board,
    seed: number,
  ) {
    this.random = new Random(seed);
  }

  get console(): string {
    return this.a.console;
  }

  get faults(): readonly string[] {
    return this.a.faults;
  }

  /** To both. */
  do(action: (board: Board) => void): void {
    for (const board of [this.a, this.b]) action(board);
  }

  /** The serial lines of both as one; what is written goes out at the next step. */
  get line(): Line {
    const line: Line = {
      name: "two emulated lines",
      onData: () => undefined,
      onLost: () => undefined,
      write: (bytes) => this.typed.push(bytes.slice()),
      close: () => undefined,
    };
    this.a.machine.serial.onByte = (byte) => line.onData(Uint8Array.of(byte));
    return line;
  }

  async run(seconds: number): Promise<void> {
    const end = this.a.seconds + seconds;
    while (this.a.seconds < end) await this.step();
  }

  /** Runs while something goes on that needs the boards, and gives its result. */
  async during<T>(work: Promise<T>, seconds: number): Promise<T> {
    const end = this.a.seconds + seconds;
    let isDone = false;
    const done = work.finally(() => (isDone = true));
    done.catch(() => undefined);
    while (!isDone && this.a.seconds < end) await this.step();
    assert.ok(isDone, `not done within ${seconds} s; the console:\n${this.console}`);
    return done;
  }

  private async step(): Promise<void> {
    const typed = this.typed;
    this.typed = [];
    for (const bytes of typed) this.do((board) => board.write(bytes));
    const step = 1e-6 + this.random.fraction() * LONGEST_STEP;
    for (const board of [this.a, this.b]) await board.run(step);
    this.compare();
  }

  private compare(): void {
    const [a, b] = [this.a.machine, this.b.machine];
    const what = `at ${this.b.seconds} s`;
    assertSame(a.chip, b.chip, what);
    assert.equal(Buffer.compare(a.chip.flash, b.chip.flash), 0, `${what}: flash`);
    const countsOf = (m: typeof a): number[] => [m.nanos, m.cycles, m.instructions];
    assert.deepEqual(countsOf(a), countsOf(b), what);
    assert.equal(this.a.console, this.b.console, what);
    assert.deepEqual(this.a.faults, this.b.faults, what);
  }
}

/** Two boards that `start` makes alike but for the engine; the seed is the steps'. */
export async function both(
  start: (engine: typeof translated) => Promise<Board>,
  seed = 1,
): Promise<Boards> {
  return new Boards(await start(translated), await start(interpreted), seed);
}
