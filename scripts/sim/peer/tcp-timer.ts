// How long to wait for an acknowledgement before sending again: RFC 6298, with the smaller minimum
// that other systems use, since this cable is short.

const INITIAL_MS = 1000;
const SHORTEST_MS = 200;
const LONGEST_MS = 60_000;

export class RetransmissionTimeout {
  private smoothed: number | null = null;
  private variation = 0;
  private base = INITIAL_MS;
  private factor = 1;

  get milliseconds(): number {
    return Math.min(this.base * this.factor, LONGEST_MS);
  }

  /** A measured round trip, of a segment that was sent once (Karn's algorithm). */
  measured(milliseconds: number): void {
    if (this.smoothed === null) {
      this.smoothed = milliseconds;
      this.variation = milliseconds / 2;
    } else {
      const error = Math.abs(this.smoothed - milliseconds);
      this.variation = 0.75 * this.variation + 0.25 * error;
      this.smoothed = 0.875 * this.smoothed + 0.125 * milliseconds;
    }
    this.base = Math.max(SHORTEST_MS, this.smoothed + 4 * this.variation);
  }

  /** Nothing came in time. */
  expired(): void {
    this.factor = Math.min(this.factor * 2, LONGEST_MS / SHORTEST_MS);
  }

  /** New data was acknowledged: the path works. */
  progress(): void {
    this.factor = 1;
  }
}
