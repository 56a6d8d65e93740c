// Reads what wassl-host --stats says (boards/host/stats.c): a line for each fact, its figures by
// name.

/** What a connection has cost. */
export interface Cost {
  bytesIn: number;
  bytesOut: number;
  messagesIn: number;
  messagesOut: number;
  /** Milliseconds spent in ssl.wasm. */
  ms: number;
}

export interface HostStats {
  /** Of the first connection, until its handshake was done; null where it was not. */
  handshake: Cost | null;
  /** Of the first connection as a whole; null where there was none. */
  total: Cost | null;
  /** Bytes of linear memory that ssl.wasm has, and how much of it was used at most. */
  ssl: { memory: number; used: number; heapPeak: number; code: number };
  app: { memory: number; code: number };
}

const COST = new RegExp(
  /^stats: connection 1 (handshake|total): bytes in (\d+) out (\d+), /.source +
    /messages in (\d+) out (\d+), ms in ssl\.wasm ([\d.]+)/.source,
);
const MODULE = /^stats: (ssl|app)\.wasm: memory (\d+), wasm3 code (\d+)/;
const HEAP = /heap end (\d+), heap peak (\d+)/;

/** Whether a line of the runner's reports is one of figures. */
export function isStats(line: string): boolean {
  return line.startsWith("stats: ");
}

export function parseStats(lines: readonly string[]): HostStats {
  const stats: HostStats = {
    handshake: null,
    total: null,
    ssl: { memory: 0, used: 0, heapPeak: 0, code: 0 },
    app: { memory: 0, code: 0 },
  };
  for (const line of lines) {
    const cost = COST.exec(line);
    if (cost) stats[cost[1] as "handshake" | "total"] = costOf(cost.slice(2).map(Number));
    const module = MODULE.exec(line);
    if (!module) continue;
    const [memory, code] = [Number(module[2]), Number(module[3])];
    if (module[1] === "app") stats.app = { memory, code };
    else {
      const [used, heapPeak] = (HEAP.exec(line) ?? []).slice(1).map(Number);
      stats.ssl = { memory, used: used ?? 0, heapPeak: heapPeak ?? 0, code };
    }
  }
  return stats;
}

function costOf([bytesIn, bytesOut, messagesIn, messagesOut, ms]: number[]): Cost {
  return {
    bytesIn: bytesIn!,
    bytesOut: bytesOut!,
    messagesIn: messagesIn!,
    messagesOut: messagesOut!,
    ms: ms!,
  };
}
