// A program somewhere that counts what its calls cost: under callgrind on this machine
// (callgrind.ts), or on the emulated chip (chip.ts).

import type { Instance } from "../../tests/harness/instance.ts";

export interface Meter {
  program: Instance;
  /** What the calls since the last take() have cost: instructions, or cycles. */
  take(): number;
  close(): Promise<void>;
}
