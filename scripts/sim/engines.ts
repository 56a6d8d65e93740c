// The engines by name: what --engine says.

import { SRAM_STRIPED, type Chip } from "./chip.ts";
import { Interpreter, type EngineFactory } from "./engine.ts";
import { Translator } from "./thumb/engine.ts";

export const interpreted: EngineFactory = (chip) => new Interpreter(chip);

/** Translated code does not look at the memory protection, which the two small banks may have. */
export const translated: EngineFactory = (chip) => {
  const sram = { value: chip.sram.subarray(0, SRAM_STRIPED) };
  const host = Object.create(chip, { sram }) as Chip;
  return new Translator(host, new Interpreter(chip));
};

export const engines: Record<string, EngineFactory> = { interpreted, translated };
