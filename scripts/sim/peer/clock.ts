// Time for the peer: milliseconds since some start, and actions to be done later. The emulated
// board gives the peer its virtual time, so that retransmission and leases run at the device's own
// pace; a program on this machine gets the wall clock.

/** Undoes an `after` whose action has not run yet; otherwise does nothing. */
export type Cancel = () => void;

export interface Clock {
  /** Milliseconds, never going back. */
  now(): number;
  /** Runs `action` once, `milliseconds` from now; never from within this call. */
  after(milliseconds: number, action: () => void): Cancel;
}

/** Real time, in milliseconds since 1970. Waiting actions do not keep the process alive. */
export const wallClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after(milliseconds, action) {
    if (milliseconds <= 0) {
      const immediate = setImmediate(action);
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(action, milliseconds).unref();
    return () => clearTimeout(timer);
  },
};

interface Entry {
  due: number;
  action: () => void;
}

/** Time that moves only when told to. Actions due at the same time run in the order of `after`. */
export class VirtualClock implements Clock {
  private readonly entries: Entry[] = [];
  private time: number;

  /** Called when an action has become the next one: whoever waits for `next()` waits too long. */
  onEarlier: () => void = () => undefined;

  constructor(start = 0) {
    this.time = start;
  }

  now(): number {
    return this.time;
  }

  /** When the next action is due; null if none waits. */
  next(): number | null {
    return this.entries[0]?.due ?? null;
  }

  after(milliseconds: number, action: () => void): Cancel {
    const entry = { due: this.time + Math.max(0, milliseconds), action };
    const later = this.entries.findIndex((other) => other.due > entry.due);
    this.entries.splice(later < 0 ? this.entries.length : later, 0, entry);
    if (this.entries[0] === entry) this.onEarlier();
    return () => {
      const index = this.entries.indexOf(entry);
      if (index >= 0) this.entries.splice(index, 1);
    };
  }

  /** Moves time on; what is due on the way runs at its own time. */
  advance(milliseconds: number): void {
    const end = this.time + milliseconds;
    for (;;) {
      const entry = this.entries[0];
      if (!entry || entry.due > end) break;
      this.entries.shift();
      this.time = Math.max(this.time, entry.due);
      entry.action();
    }
    this.time = end;
  }
}
