// An access or instruction that the chip refuses. Thrown by the memory and by the core, caught by
// the engine, which makes a HardFault exception of it.

export class Fault extends Error {
  override name = "Fault";
  /** Set where no instruction is to blame: the transfer of a DMA channel. */
  byDma = false;

  constructor(
    message: string,
    /** What to stack as the address of the instruction, where that is not the current one. */
    readonly pc: number | null = null,
  ) {
    super(message);
  }
}

export function hex(value: number): string {
  return `0x${(value >>> 0).toString(16).padStart(8, "0")}`;
}
