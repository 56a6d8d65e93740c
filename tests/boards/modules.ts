// Apps of a few instructions, for tests of what is around an app.

import binaryen from "binaryen";
import { slotImage } from "../../scripts/lib/app-slot.ts";
import type { Part } from "../../scripts/lib/board-rp2040.ts";
import { hardware } from "./firmware.ts";

/** A module that does this, with these imports to hand. */
export function moduleOf(body: string, more = '(memory (export "memory") 1)'): Uint8Array {
  const module = binaryen.parseText(`(module
    (import "hal" "log_write" (func $write (param i32 i32)))
    (import "hal" "clock_sleep_ms" (func $sleep (param i32)))
    ${more}
    (func (export "_start") ${body}))`);
  try {
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}

/** Prints a word and does something; `filler` bytes make it longer. */
export function saying(word: string, then = "", filler = 0): Uint8Array {
  const data = `(memory (export "memory") 1) (data (i32.const 16) "${word}\\0a")
    (data (i32.const 1024) "${"x".repeat(filler)}")`;
  return moduleOf(`(call $write (i32.const 16) (i32.const ${word.length + 1})) ${then}`, data);
}

/** Says so and waits for ever. */
export const WAITING = saying("wait", "(loop $again (call $sleep (i32.const 50)) (br $again))");

/** An app as the first one in flash. */
export function inSlotA(wasm: Uint8Array, name: string): Part {
  const { offset } = hardware.flash.slotA;
  return { offset, bytes: slotImage(wasm, { name, version: "", sequence: 1 }) };
}
