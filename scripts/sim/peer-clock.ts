// Virtual time for the other end of the cable: retransmissions and leases there run at the board's
// own pace. What is due runs from an alarm of the chip; resets of the chip do not disturb it.

import type { Machine } from "./machine.ts";
import { VirtualClock } from "./peer/link.ts";

export class PeerClock {
  readonly time = new VirtualClock();
  /** Called when something has become due earlier than all else. */
  onEarlier: () => void = () => undefined;
  private schedule: () => void = () => undefined;

  constructor(private readonly machine: Machine) {
    this.time.onEarlier = () => {
      this.schedule();
      this.onEarlier();
    };
  }

  /** Joins the clock of a chip that has just come up. */
  attach(): void {
    const { clock } = this.machine.chip;
    const alarm = clock.createAlarm(() => {
      this.synchronize();
      this.schedule();
    });
    this.schedule = () => {
      const next = this.time.next();
      if (next === null) alarm.cancel();
      else alarm.schedule(Math.max(1, next * 1e6 - this.machine.nanos)); // 1: never in place
    };
    this.schedule();
  }

  /** Brings this time to the board's. */
  synchronize(): void {
    const late = this.machine.nanos / 1e6 - this.time.now();
    if (late > 0) this.time.advance(late);
  }
}
