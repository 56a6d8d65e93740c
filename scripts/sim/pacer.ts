// Keeps virtual time, while the core waits, from running ahead of the wall clock: otherwise a
// time-out on the board would beat an answer that a real program on this machine is preparing.
// Waits of less than a millisecond are granted at once and made up for by the next longer one.

const GRAIN_NANOS = 1e6;

export class Pacer {
  private debt = 0; // nanoseconds granted, but not yet waited for
  private wakeUp: (() => void) | null = null;

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
    this.wakeUp?.();
  }

  private async sleep(nanos: number): Promise<number> {
    const start = performance.now();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(nanos / 1e6, 1000));
      this.wakeUp = () => {
        clearTimeout(timer);
        setImmediate(resolve);
      };
    });
    this.wakeUp = null;
    return (performance.now() - start) * 1e6;
  }
}
