// The maps of RAM and flash on the page.

import { PARTS, RAM_SIZE } from "../../lib/firmware-size.ts";
import { bars, escape, swatch, table, type Segment } from "./charts.ts";
import { figureText } from "./figures.ts";
import type { Report } from "./report.ts";

const EMPTY = "empty";

/** A piece of a map; without a name in the saved figures where it is no figure of ours. */
interface Piece {
  label: string;
  bytes: number;
  color: string;
  key?: string;
}

export function ramSection(report: Report): string {
  const pieces = ramPieces(report);
  const { stack, handlerStack, heap, ssl } = report.connections[0].status;
  const peak = (name: string, key: string, used: number, of: number): string[] => {
    const figure = report.figure(`peak/${key}`, used);
    return [escape(name), figureText(figure), of.toLocaleString("en")];
  };
  const peaks = [
    peak("stack of the program", "stack of the program", stack.peak, stack.size),
    peak("stack of interrupts", "stack of interrupts", handlerStack.peak, handlerStack.size),
    peak("heap", "heap", heap.peak, heap.size),
    peak("heap inside of ssl.wasm", "  heap in it", ssl.heapPeak, ssl.memory),
    peak(
      "scratch memory inside of ssl.wasm",
      "  scratch memory in it",
      ssl.scratchPeak,
      ssl.memory,
    ),
  ];
  const text =
    "264 KB at the end of the run: what is static, and the heap with the app and ssl.wasm in it. " +
    "The stacks were painted before, the heap never gives back.";
  return (
    mapSection(report, "RAM", text, pieces, RAM_SIZE) +
    table("Used at most, in bytes", ["", "used", "of"], peaks)
  );
}

function ramPieces({ size, connections: [{ status }] }: Report): Piece[] {
  const { app, ssl, heap, stack } = status;
  const part = (name: (typeof PARTS)[number]): number => size.parts.get(name)!.ram;
  const known = app.memory + app.codePages + app.stack + ssl.memory;
  const others = PARTS.filter((name) => name !== "lwIP" && name !== "HAL");
  return [
    { label: "stack of the program, used", bytes: stack.peak, color: "c5" },
    { label: "stack of the program, free", bytes: stack.size - stack.peak, color: EMPTY },
    { label: "lwIP, static", bytes: part("lwIP"), color: "c6" },
    { label: "HAL, static", bytes: part("HAL"), color: "c4" },
    { label: "other static data", bytes: others.reduce((n, o) => n + part(o), 0), color: "c9" },
    { label: "linear memory of the app", bytes: app.memory, color: "c1" },
    { label: "the app as wasm3 has compiled it", bytes: app.codePages, color: "c8" },
    { label: "stack of the app in wasm3", bytes: app.stack, color: "c7" },
    { label: "linear memory of ssl.wasm", bytes: ssl.memory, color: "c3" },
    { label: "rest of the heap in use", bytes: heap.peak - known, color: "c2" },
    { label: "heap never used", bytes: heap.size - heap.peak, color: EMPTY },
    { label: "stack of interrupts", bytes: status.handlerStack.size, color: "n1" },
    { label: "rest of the small bank with code", bytes: size.unused, color: EMPTY },
  ];
}

const FLASH_COLORS = ["c1", "c8", "c3", "c6", "c4", "c2", "c5", "c7", "n1"];

export function flashSection(report: Report): string {
  const { size, hardware } = report;
  const parts = PARTS.map((name, i): Piece => {
    const key = `${name}/flash`;
    return { label: name, bytes: size.parts.get(name)!.flash, color: FLASH_COLORS[i], key };
  });
  const free = size.flashSize - size.total.flash;
  const pieces = [...parts, { label: "free", bytes: free, color: EMPTY }];
  const { firmware, slotA, slotB, files, size: chip } = hardware.flash;
  const regions = [
    ["firmware", firmware],
    ["app slot A", slotA],
    ["app slot B", slotB],
    ["files (littlefs)", files],
  ] as const;
  const rows = regions.map(([name, { offset, size: bytes }]) => [
    name,
    `0x${offset.toString(16).padStart(6, "0")}`,
    `${bytes / 1024} KB`,
  ]);
  return (
    mapSection(report, "Flash", "The firmware's part, by what it holds.", pieces, size.flashSize) +
    table(`The whole chip, ${chip / 1024} KB`, ["Region", "offset", "size"], rows)
  );
}

function mapSection(
  { figure }: Report,
  title: string,
  text: string,
  pieces: readonly Piece[],
  total: number,
): string {
  const shown = pieces.filter(({ bytes }) => bytes > 0);
  const named = shown.filter(({ color }) => color !== EMPTY);
  const numberOf = (piece: Piece): number | null => named.indexOf(piece) + 1 || null;
  const segments = shown.map((piece): Segment => {
    const { label, bytes, color } = piece;
    const name = `${label}: ${bytes.toLocaleString("en")} bytes`;
    return { label: name, value: bytes, color, number: numberOf(piece) };
  });
  const rows = shown.map((piece) => {
    const { label, bytes, color, key } = piece;
    return [
      swatch(color, numberOf(piece)) + escape(label),
      key === undefined ? bytes.toLocaleString("en") : figureText(figure(key, bytes)),
      `${((100 * bytes) / total).toFixed(1)}%`,
    ];
  });
  const sum = shown.reduce((all, { bytes }) => all + bytes, 0);
  rows.push(["All", sum.toLocaleString("en"), ""]);
  const bar = { label: title, note: `${total / 1024} KB`, segments };
  return (
    `<section><h2>${title}</h2><p>${escape(text)}</p>` +
    bars(`${title} by part`, [bar], total) +
    `${table("Bytes", ["", "bytes", "share"], rows, [rows.length - 1])}</section>`
  );
}
