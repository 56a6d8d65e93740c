// The report on the terminal.

import { PARTS, RAM_SIZE } from "../../lib/firmware-size.ts";
import { beside, short } from "../table.ts";
import { HANDSHAKE_ACCEPTED, PEERS, WIRE_MOST, verdictOf } from "../targets.ts";
import type { ConnectionReport } from "./connection.ts";
import { figureText, share, streamBytes } from "./figures.ts";
import { PHASES, PHASE_NAMES } from "./phases.ts";
import { milliseconds, type Report } from "./report.ts";

const NAME_WIDTH = 46;

export function printReport(report: Report): void {
  const { hardware, hertz, compiler, flags } = report;
  console.log(`${hardware.name}, emulated: Cortex-M0+ at ${hertz / 1e6} MHz; ssl.wasm translated,`);
  console.log(`${compiler}, ${flags}\n`);
  printPrimitives(report);
  if (report.connections.length === 0) return;
  printHandshake(report);
  printStages(report);
  printMemory(report);
}

function line(name: string, cells: readonly string[], width: number): void {
  console.log((name.padEnd(NAME_WIDTH) + cells.map((c) => c.padStart(width)).join("")).trimEnd());
}

function printPrimitives({ primitives }: Report): void {
  if (primitives.length === 0) return;
  const width = primitives.some(({ cycles }) => cycles.before !== undefined) ? 17 : 15;
  line("Cycles; of others, and ours as a multiple", ["ours", "must", "moonshot", ...PEERS], width);
  for (const { line: of, cycles } of primitives) {
    const { target, peers = {} } = of;
    const others = [target?.must, target?.moonshot, ...PEERS.map((peer) => peers[peer])];
    const cells = others.map((one) => (one === undefined ? "-" : beside(cycles.value, one)));
    line(of.label, [figureText(cycles), ...cells], width);
  }
  console.log(`${verdictOf(new Map(primitives.map((p) => [p.name, p.cycles.value])))}\n`);
}

function printHandshake(report: Report): void {
  const { connections } = report;
  const width = 24;
  console.log("TLS 1.3 handshake of the firmware with OpenSSL: X25519, ECDSA P-256, AES-128-GCM");
  for (const { chain, verifications } of connections)
    console.log(`  ${chain.name}: ${chain.title}; ${verifications} signatures verified`);
  line(
    "\nCycles by phase",
    connections.map(({ chain }) => chain.name),
    width,
  );
  for (const phase of PHASE_NAMES) {
    const spent = connections.map(({ phases }) => phases.get(phase)!);
    if (spent.every((cycles) => cycles === 0)) continue;
    const cells = connections.map((connection, i) => {
      const figure = report.figure(`${connection.chain.name}/${phase}`, spent[i]);
      return `${figureText(figure)} ${share(spent[i], connection.cycles).padStart(6)}`;
    });
    line(`  ${PHASES[phase].label}`, cells, width);
  }
  const row = (name: string, cell: (connection: ConnectionReport) => string): void =>
    line(name, connections.map(cell), width);
  const figure = (c: ConnectionReport, name: string, value: number): string =>
    figureText(report.figure(`${c.chain.name}/${name}`, value));
  row("of which TLS", (c) => figure(c, "tls", c.tlsCycles));
  row("all together", (c) => figure(c, "cycles", c.cycles));
  row("at 125 MHz", (c) => `${milliseconds(report, c.cycles).toFixed(0)} ms`);
  row("asleep, waiting (not in these cycles)", (c) => `${c.waitingMs.toFixed(0)} ms`);
  row("accepted, whole, chain3", (c) =>
    c.chain.name !== "chain3" ? "" : verdict(c.cycles, HANDSHAKE_ACCEPTED),
  );
  row("TLS bytes sent + received", ({ wire: { sent, received } }) => {
    return `${sent.stream} + ${received.stream}`;
  });
  row("  leaf alone", (c) => (c.chain.name !== "chain2" ? "" : verdict(streamBytes(c), WIRE_MOST)));
  row("frames sent + received", ({ wire }) => `${wire.sent.frames} + ${wire.received.frames}`);
  row("  their bytes", ({ wire }) => `${wire.sent.bytes} + ${wire.received.bytes}`);
  console.log();
}

function verdict(value: number, most: number): string {
  return `${short(value)} of ${short(most)}${value > most ? " missed" : ""}`;
}

function printStages({ connections: [connection] }: Report): void {
  line("The whole run (chain3)", ["cycles", "ms"], 16);
  for (const { name, cycles, milliseconds: ms } of connection.stages)
    line(`  ${name}`, [short(cycles), ms.toFixed(1)], 16);
  console.log();
}

function printMemory({ size, connections: [{ status }], hardware, figure }: Report): void {
  const number = (name: string, value: number): string => figureText(figure(name, value));
  line("Bytes", ["flash", "RAM, static"], 20);
  for (const part of PARTS) {
    const { flash, ram } = size.parts.get(part)!;
    line(`  ${part}`, [number(`${part}/flash`, flash), number(`${part}/ram`, ram)], 20);
  }
  const { total, flashSize } = size;
  line("  total", [number("flash", total.flash), number("ram", total.ram)], 20);
  line("  of", [short(flashSize), short(RAM_SIZE)], 20);
  line("\nRAM of the connection, peaks", ["used", "of"], 20);
  const { stack, handlerStack, heap, app, ssl } = status;
  const peak = (name: string, used: number, of: number): void =>
    line(`  ${name}`, [number(`peak/${name}`, used), short(of)], 20);
  peak("stack of the program", stack.peak, stack.size);
  peak("stack of interrupts", handlerStack.peak, handlerStack.size);
  peak("heap", heap.peak, heap.size);
  peak("  linear memory of the app", app.memory, hardware.memory.app);
  peak("  wasm3 code of the app", app.code, app.codePages);
  peak("  linear memory of ssl.wasm", ssl.memory, hardware.memory.ssl);
  peak("    heap in it", ssl.heapPeak, ssl.memory);
  peak("    scratch memory in it", ssl.scratchPeak, ssl.memory);
}
