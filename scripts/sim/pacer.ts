// Keeps virtual time, while the core waits, from running ahead of the wall clock: otherwise a
// time-out on the board would beat an answer that a real program on this machine is preparing.
// Waits of less than a millisecond are granted at once and made up for by the next longer one.

const GRAIN_NANOS = 1e6;
const LONGEST_MS = 1000;

/** The wall clock, in milliseconds. */
export interface Wall {
  now(): number;
  /** Sleeps that long, or until the promise is settled. */
  sleep(milliseconds: number, woken: Promise<void>): Promise<void>;
}

const realWall: Wall = {
  now: () => performance.now(),
  async sleep(milliseconds, woken) {
    let timer: NodeJS.Timeout | undefined;
    const elapsed = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
    await Promise.race([elapsed, woken]);
    clearTimeout(timer);
  },
};

export class Pacer {
  private debt = 0; // nanoseconds granted, but not yet waited for
  private wakeUp: () => void = () => undefined;

  constructor(private readonly wall: Wall = realWall) {}

  /** Waits up to so long, and gives the whole nanoseconds (or all) by which time may advance. */
  async wait(nanos: number): Promise<number> {
    if (nanos + this.debt < GRAIN_NANOS) {
      this.debt += nanos;
      return nanos;
    }
    const slept = await this.sleep(nanos + this.debt);
    const granted = Math.min(nanos, Math.max(0, Math.floor(slept - this.debt)));
    this.debt = Math.max(0, this.debt + granted - slept);
    return granted;
  }

  /** Something has arrived: ends a wait. */
  wake(): void {
    this.wakeUp();
  }

  private async sleep(nanos: number): Promise<number> {
    const start = this.wall.now();
    const woken = new Promise<void>((resolve) => (this.wakeUp = resolve));
    await this.wall.sleep(Math.min(nanos / 1e6, LONGEST_MS), woken);
    this.wakeUp = () => undefined;
    return (this.wall.now() - start) * 1e6;
  }
}
