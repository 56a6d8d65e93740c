// Callbacks at addresses of code: phases are measured this way without touching the firmware.

export class Markers {
  /** Counts the changes, for engines that keep translated code. */
  version = 0;
  private readonly callbacks = new Map<number, Array<() => void>>();

  get size(): number {
    return this.callbacks.size;
  }

  has(address: number): boolean {
    return this.callbacks.has(address);
  }

  /** Calls back each time before the instruction at the address. */
  add(address: number, callback: () => void): void {
    const there = this.callbacks.get(address) ?? [];
    this.callbacks.set(address, [...there, callback]);
    this.version++;
  }

  reach(address: number): void {
    this.callbacks.get(address)?.forEach((callback) => callback());
  }
}
