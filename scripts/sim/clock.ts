// Virtual time, in nanoseconds since the chip was powered up. It advances with the cycles of the
// core and, while the core waits, by decision of the board; alarms fire in the order of their
// times, and see exactly their own time. Results therefore never depend on the wall clock.
//
// All times are multiples of 1/1024 ns. Sums of them are exact for hours, so it makes no difference
// in how many steps an engine advances the time.

const GRID = 1024;

/** The time of one cycle: exact at 125 MHz, else to less than 0.01 %. */
export function nanosPerCycle(hertz: number): number {
  return Math.round((1e9 / hertz) * GRID) / GRID;
}

/** A callback at a time; scheduling it again moves it. */
export class Alarm {
  at = Infinity;

  constructor(
    private readonly clock: Clock,
    readonly callback: () => void,
  ) {}

  get scheduled(): boolean {
    return this.at !== Infinity;
  }

  schedule(nanos: number): void {
    this.clock.remove(this);
    this.at = Math.ceil((this.clock.nanos + nanos) * GRID) / GRID;
    this.clock.insert(this);
  }

  cancel(): void {
    this.clock.remove(this);
  }
}

/** What rp2040js calls IClock. */
export class Clock {
  nanos = 0;
  /** The time of the next alarm: Infinity where there is none. */
  due = Infinity;
  private readonly alarms: Alarm[] = []; // sorted, the next one last

  get micros(): number {
    return this.nanos / 1000;
  }

  /** 0 where an alarm is due now, and where there is none. */
  get nanosToNextAlarm(): number {
    return this.due === Infinity ? 0 : this.due - this.nanos;
  }

  createAlarm(callback: () => void): Alarm {
    return new Alarm(this, callback);
  }

  /** `nanos` is a multiple of the grid: of nanosPerCycle(), or up to `due`. */
  tick(nanos: number): void {
    const target = this.nanos + nanos;
    if (this.due <= target) this.fire(target);
    this.nanos = target;
  }

  private fire(target: number): void {
    while (this.due <= target) {
      const alarm = this.alarms.pop()!;
      this.nanos = alarm.at;
      alarm.at = Infinity;
      this.update();
      alarm.callback();
    }
  }

  /** Alarms of the same time fire in the order in which they were set. */
  insert(alarm: Alarm): void {
    let i = this.alarms.length;
    while (i > 0 && this.alarms[i - 1].at <= alarm.at) i--;
    this.alarms.splice(i, 0, alarm);
    this.update();
  }

  remove(alarm: Alarm): void {
    if (alarm.at === Infinity) return;
    this.alarms.splice(this.alarms.indexOf(alarm), 1);
    alarm.at = Infinity;
    this.update();
  }

  private update(): void {
    this.due = this.alarms.length === 0 ? Infinity : this.alarms[this.alarms.length - 1].at;
  }
}
