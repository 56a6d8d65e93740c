// The report as one page that needs nothing else: charts as SVG, light and dark.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "../../lib/exec.ts";
import { short } from "../table.ts";
import { CLIENTS, PEERS, WIRE_MOST, lineOf, type Line, type Target } from "../targets.ts";
import {
  bars,
  escape,
  groups,
  swatch,
  table,
  type Bar,
  type Group,
  type Segment,
} from "./charts.ts";
import type { ConnectionReport } from "./connection.ts";
import { figureText, share, streamBytes } from "./figures.ts";
import { flashSection, ramSection } from "./memory.ts";
import { HANDSHAKE, PHASES, PHASE_NAMES, type Phase } from "./phases.ts";
import { milliseconds, type Report } from "./report.ts";

const STYLE = path.join(root, "scripts/bench/board/page.css");

export function writePage(report: Report, file: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, pageOf(report));
}

export function pageOf(report: Report): string {
  const title = `wassl on ${report.hardware.name}`;
  const sections = [
    header(report, title),
    handshakeSection(report),
    clientsSection(report),
    primitivesSection(report),
    stagesSection(report),
    ramSection(report),
    flashSection(report),
    wireSection(report),
  ];
  return [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escape(title)}</title>`,
    `<style>${readFileSync(STYLE, "utf8")}</style></head>`,
    `<body><main>${sections.join("\n")}</main></body></html>\n`,
  ].join("\n");
}

function header(report: Report, title: string): string {
  const { hardware, hertz, version, compiler, flags, connections, size } = report;
  const [demo] = connections;
  const ms = milliseconds(report, demo.cycles).toFixed(0);
  const { heap, app } = demo.status;
  const what = `a TLS 1.3 handshake with ${demo.verifications} signatures verified`;
  const tiles = [
    tile(short(demo.cycles), `cycles of ${what}: ${ms} ms at ${hertz / 1e6} MHz`),
    tile(kilobytes(app.memory), "of linear memory for the app"),
    tile(kilobytes(heap.size - heap.peak), "of the heap never used"),
    tile(kilobytes(size.total.flash), `of ${kilobytes(size.flashSize)} for the firmware`),
  ];
  return (
    `<h1>${escape(title)}</h1><p>Version ${escape(version)}, ssl.wasm translated to C; ` +
    `${escape(compiler)}, <code>${escape(flags)}</code>. Measured on an emulated ` +
    `${escape(hardware.name)}, which counts cycles exactly but knows no wait states of the ` +
    `flash; nothing here ran on silicon.</p><ul class="tiles">${tiles.join("")}</ul>`
  );
}

function tile(figure: string, text: string): string {
  return `<li><b>${escape(figure)}</b><span>${escape(text)}</span></li>`;
}

function section(title: string, text: string, ...parts: string[]): string {
  return `<section><h2>${escape(title)}</h2><p>${escape(text)}</p>${parts.join("\n")}</section>`;
}

// The handshake by phase.

const DEVICE_COLORS = ["n1", "n2"];

function phaseSegments({ phases }: ConnectionReport, shown: readonly Phase[]): Segment[] {
  return shown.map((phase, i) => ({
    label: `${PHASES[phase].label}: ${short(phases.get(phase)!)} cycles`,
    value: phases.get(phase)!,
    color: colorOf(i, PHASES[phase].group === "TLS"),
    number: i + 1,
  }));
}

function colorOf(index: number, isTls: boolean): string {
  return isTls ? `c${index + 1}` : DEVICE_COLORS[index % DEVICE_COLORS.length];
}

function handshakeSection(report: Report): string {
  const { connections, figure } = report;
  const shown = PHASE_NAMES.filter((p) => connections.some(({ phases }) => phases.get(p)! > 0));
  const all = connections.map((connection): Bar => {
    const { verifications, cycles } = connection;
    const label = `${verifications} verifications`;
    return { label, note: short(cycles), segments: phaseSegments(connection, shown) };
  });
  const rows = shown.map((phase, i) => [
    swatch(colorOf(i, PHASES[phase].group === "TLS"), i + 1) + escape(PHASES[phase].label),
    ...connections.flatMap((c) => {
      const cycles = c.phases.get(phase)!;
      const text = figureText(figure(`${c.chain.name}/${phase}`, cycles));
      return [text, share(cycles, c.cycles)];
    }),
  ]);
  const whole = (name: string, key: string, value: (c: ConnectionReport) => number): string[] => [
    name,
    ...connections.flatMap((c) => {
      const text = figureText(figure(`${c.chain.name}/${key}`, value(c)));
      return [text, share(value(c), c.cycles)];
    }),
  ];
  rows.push(whole("TLS alone", "tls", (c) => c.tlsCycles));
  rows.push(whole("All together", "cycles", (c) => c.cycles));
  rows.push([
    "Asleep, waiting for the other side",
    ...connections.flatMap(({ waitingMs }) => [`${waitingMs.toFixed(1)} ms`, ""]),
  ]);
  const most = Math.max(...connections.map(({ cycles }) => cycles));
  const heads = connections.flatMap(({ verifications }) => [`${verifications} verifications`, ""]);
  return section(
    "A TLS 1.3 handshake, by phase",
    "From the app's call of wrap_socket to its return: the real firmware through the emulated " +
      "W5500 with OpenSSL; X25519, ECDSA P-256, AES-128-GCM. Each cycle belongs to one phase. " +
      connections.map((c) => `${c.verifications} verifications: ${c.chain.title}.`).join(" ") +
      " Where the board never sleeps, the answers were there before it asked.",
    bars("Cycles of the handshake by phase", all, most),
    table("Cycles by phase", ["Phase", ...heads], rows, [rows.length - 3, rows.length - 2]),
  );
}

function clientsSection({ connections }: Report): string {
  const short2 = connections.find(({ chain }) => chain.name === "chain2")!;
  const { must, moonshot } = lineOf("tls13-x25519-ecdsa").target!;
  const bar = (label: string, value: number, color: string): Bar => {
    return { label, note: short(value), segments: [{ label, value, color, number: null }] };
  };
  const all = [
    bar("ours, TLS alone", short2.tlsCycles, "c1"),
    bar("ours, with app and network", short2.cycles, "c8"),
    ...CLIENTS.map(({ label, cycles }) => bar(label, cycles, "n1")),
  ];
  return section(
    "Beside others",
    "A client's handshake with a certificate signed by the CA, two verifications. The figures of " +
      "others are of TLS alone, over memory, in the same emulator; where they have no TLS 1.3 or " +
      "no X25519, what comes nearest stands here.",
    bars("Cycles of a client's handshake", all, Math.max(...CLIENTS.map((c) => c.cycles)), [
      { at: must, label: `must ${short(must)}`, kind: "limit" },
      { at: moonshot, label: `moonshot ${short(moonshot)}`, kind: "goal" },
    ]),
  );
}

// The primitives.

const PEER_COLORS = ["n1", "n2", "n1", "c4"];

function primitivesSection({ primitives }: Report): string {
  const all = primitives.flatMap(({ line, cycles }) =>
    line.target === undefined ? [] : [groupOf(line, line.target, cycles.value)],
  );
  const rows = primitives.map(({ line: { label, target, peers = {} }, cycles }) => {
    const missed = target !== undefined && cycles.value > target.must;
    const verdict = missed ? '<span class="bad">missed</span>' : '<span class="good">kept</span>';
    const others = [target?.must, target?.moonshot, ...PEERS.map((peer) => peers[peer])];
    const [must, ...rest] = others.map((theirs) => multiple(cycles.value, theirs));
    const kept = target === undefined ? "" : verdict;
    return [escape(label), figureText(cycles), must, kept, ...rest];
  });
  return section(
    "Primitives",
    "Cycles as multiples of what each must cost (the line); the dashed line is the moonshot. " +
      "The sources, the translator and the compiler's flags are those of the firmware. The " +
      "figures of others: mbedTLS 3.6.6 as MicroPython builds it, tuned (-O2, assembly), " +
      "BearSSL 0.6, and the best assembly published for this core. In the table, ours as a " +
      "multiple of theirs; what has no target stands there alone.",
    groups("Cycles of the primitives, as multiples of what they must cost", all, 3),
    table("Cycles", ["", "ours", "must", "", "moonshot", ...PEERS], rows),
  );
}

function multiple(ours: number, theirs: number | undefined): string {
  if (theirs === undefined) return "-";
  return `${short(theirs)} <small>${(ours / theirs).toFixed(2)}x</small>`;
}

function groupOf({ label, peers = {} }: Line, { must, moonshot }: Target, value: number): Group {
  const ours = { label: "ours", note: short(value), value: value / must };
  const others = PEERS.flatMap((peer, i) => {
    const theirs = peers[peer];
    if (theirs === undefined) return [];
    const note = short(theirs);
    return [{ label: peer, note, value: theirs / must, color: PEER_COLORS[i] }];
  });
  return { label, goal: moonshot / must, bars: [{ ...ours, color: "c1" }, ...others] };
}

// The run and the cable.

function stagesSection({ connections: [{ stages }] }: Report): string {
  const isLong = (name: string): boolean => name === HANDSHAKE;
  const color = (name: string, i: number): string =>
    isLong(name) ? "c1" : `n${(i % DEVICE_COLORS.length) + 1}`;
  const segments = stages.map(({ name, milliseconds: ms }, i): Segment => {
    const label = `${name}: ${ms.toFixed(1)} ms`;
    return { label, value: ms, color: color(name, i), number: i + 1 };
  });
  const total = stages.reduce((all, stage) => all + stage.milliseconds, 0);
  const rows = stages.map(({ name, cycles, milliseconds: ms }, i) => [
    swatch(color(name, i), i + 1) + escape(name),
    short(cycles),
    `${ms.toFixed(1)} ms`,
  ]);
  const all = stages.reduce((sum, stage) => sum + stage.cycles, 0);
  rows.push(["From power-on to the app's end", short(all), `${total.toFixed(1)} ms`]);
  return section(
    "The whole run",
    "examples/https-verified.ts from power-on to its end. Where milliseconds are many and cycles " +
      "few, the board waits: for DHCP's answer, for the serial line while the page is printed.",
    bars(
      "Milliseconds of the run by stage",
      [{ label: "time", note: `${total.toFixed(0)} ms`, segments }],
      total,
    ),
    table("Stages", ["Stage", "cycles", "time"], rows, [rows.length - 1]),
  );
}

function wireSection({ connections }: Report): string {
  const both = (a: number, b: number): string => `${a + b} <small>(${a} + ${b})</small>`;
  const rows = connections.map((connection) => {
    const { sent, received } = connection.wire;
    return [
      escape(connection.chain.title),
      both(sent.stream, received.stream),
      both(sent.frames, received.frames),
      both(sent.bytes, received.bytes),
    ];
  });
  const leaf = connections.find(({ chain }) => chain.name === "chain2")!;
  const bytes = streamBytes(leaf);
  const verdict = bytes <= WIRE_MOST ? "kept" : "missed";
  return section(
    "On the wire",
    "Both directions together (sent + received) during the handshake. With the leaf alone it " +
      `must be at most ${WIRE_MOST} bytes of TLS: ${bytes}, ${verdict}.`,
    table("Bytes and frames", ["Chain", "bytes of TLS", "frames", "bytes in frames"], rows),
  );
}

export function kilobytes(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KB`;
}
