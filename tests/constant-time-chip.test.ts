// Secrets do not decide how long the chip takes: what the firmware runs, ssl.wasm's functions
// translated to C and compiled for Cortex-M0+, takes exactly as many cycles for one secret as for
// another on the emulated RP2040. The subjects are those of the traces and stand beside them, in
// constant-time*.test.ts; here is what the observer itself must be able to do.
//
// Its power: cycles are counted for nine secrets or so of each kind. Branches, loops, divisions and
// early exits show, whatever the compiler made of the source: switches that became tables, choices
// that became branches, helpers of libgcc. Addresses do not show: the core has no caches, and the
// emulator models neither the flash's cache nor waiting for a bank of SRAM; the traces and valgrind
// see those. A multiplication takes one cycle, as with the multiplier that the RP2040 has. The
// engine that translates Thumb counts as the interpreter does (tests/sim/thumb). It can fail:
// functions that leak by their time must all be caught.

import assert from "node:assert/strict";
import test from "node:test";
import { openCycles } from "./harness/constant-cycles.ts";
import { tryControls } from "./harness/constant-trace.ts";

/** Leaks of an address alone. */
const BY_ADDRESS = ["leakByTable", "leakByOneNibble"];

test("what takes its time is caught, what does not is not", async () => {
  const { controls, caught } = tryControls(await openCycles("leaky"));
  const timed = controls.filter((name) => name.startsWith("leak") && !BY_ADDRESS.includes(name));
  assert.deepEqual(caught, timed);
  assert.equal(caught.length, 11);
});
