// What a board says of its memory when its console is asked for its "status", after the app's end
// or while it runs (boards/rp2040/main.c, app.c).

import { UserError } from "./exec.ts";

export interface DeviceStatus {
  /** Bytes used at most, of so many: the painted stacks and the heap's high-water mark. */
  stack: Usage;
  handlerStack: Usage;
  heap: Usage;
  /** Of the app: linear memory, what wasm3 made of it, its stack in wasm3. */
  app: { memory: number; code: number; codePages: number; stack: number };
  /** Of ssl.wasm: linear memory, and what was used of it at most. */
  ssl: { memory: number; heapPeak: number; scratchPeak: number };
}

export interface Usage {
  peak: number;
  size: number;
}

export function parseStatus(console: string): DeviceStatus {
  const found = (pattern: RegExp): number[] => {
    const match = console.match(pattern);
    if (match === null) throw new UserError(`the board's status lacks ${pattern.source}`);
    return match.slice(1).map(Number);
  };
  const [peak, size, ...handlers] = found(/stack: (\d+) of (\d+) used, handlers (\d+) of (\d+)/);
  const heap = found(/heap: (\d+) of (\d+) used/);
  const app = found(/app: memory (\d+), code (\d+) of (\d+), stack (\d+)/);
  const ssl = found(/ssl: memory (\d+), heap peak (\d+), scratch peak (\d+)/);
  return {
    stack: { peak, size },
    handlerStack: { peak: handlers[0], size: handlers[1] },
    heap: { peak: heap[0], size: heap[1] },
    app: { memory: app[0], code: app[1], codePages: app[2], stack: app[3] },
    ssl: { memory: ssl[0], heapPeak: ssl[1], scratchPeak: ssl[2] },
  };
}
