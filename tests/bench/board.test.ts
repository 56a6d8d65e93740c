// The bench of a board: the firmware's handshake with OpenSSL, split by phase without a rest, and
// what it must keep; the terminal's table; the page, which needs nothing but itself.

import assert from "node:assert/strict";
import path from "node:path";
import test from "node:test";
import {
  CHAINS,
  measureConnection,
  type ConnectionReport,
} from "../../scripts/bench/board/connection.ts";
import { figureText } from "../../scripts/bench/board/figures.ts";
import { pageOf } from "../../scripts/bench/board/page.ts";
import { PHASES, PHASE_NAMES } from "../../scripts/bench/board/phases.ts";
import type { Report } from "../../scripts/bench/board/report.ts";
import { subjects } from "../../scripts/bench/subjects.ts";
import { HANDSHAKE_ACCEPTED, lines, verdictOf } from "../../scripts/bench/targets.ts";
import { exec, root } from "../../scripts/lib/exec.ts";
import { measureFirmware, PARTS } from "../../scripts/lib/firmware-size.ts";
import { sysHz } from "../../scripts/lib/rp2040-config.ts";
import { firmware, hardware } from "../boards/firmware.ts";

const built = firmware();
const connection = built.then((program) => measureConnection(hardware, program, CHAINS[0]));

test("three verifications in a handshake: every cycle in a phase, and not too many", async (t) => {
  const { phases, cycles, tlsCycles, verifications, ...rest } = await connection;
  t.diagnostic(`${cycles} cycles, of which TLS ${tlsCycles}`);
  assert.equal(verifications, 3);
  assert.ok(cycles <= HANDSHAKE_ACCEPTED, `${cycles} cycles`);
  const sum = PHASE_NAMES.reduce((all, phase) => all + phases.get(phase)!, 0);
  assert.equal(sum, cycles);
  for (const phase of PHASE_NAMES.filter((name) => PHASES[name].group === "TLS"))
    assert.ok(phases.get(phase)! > 10_000, `${phase}: ${phases.get(phase)}`);
  for (const phase of ["entropy", "app", "hal", "network", "driver"] as const)
    assert.ok(phases.get(phase)! > 10_000, `${phase}: ${phases.get(phase)}`);
  // A comb has a fifth of the ladder's steps, with more in each; one signature is like another.
  const [key, secret] = [phases.get("keyGeneration")!, phases.get("sharedSecret")!];
  assert.ok(key > 0.3 * secret && key < 0.6 * secret, `${key} for a key, ${secret} for a secret`);
  const [two, one] = [phases.get("chainSignatures")!, phases.get("certificateVerify")!];
  assert.ok(two > 1.8 * one && two < 2.2 * one, `${two} for two, ${one} for one`);
  assert.equal(phases.get("start"), 0);
  assert.ok(rest.milliseconds >= (1000 * cycles) / sysHz(hardware) - 1e-6);
});

test("what it needs of memory and of the wire", async () => {
  const { status, wire, stages } = await connection;
  assert.ok(status.app.memory >= 48 * 1024, "at least 48 KB for the app");
  for (const { peak, size } of [status.stack, status.handlerStack, status.heap])
    assert.ok(peak > 0 && peak < size);
  assert.ok(status.ssl.heapPeak + status.ssl.scratchPeak < status.ssl.memory);
  assert.ok(wire.sent.stream > 200 && wire.sent.stream < 400, `${wire.sent.stream} sent`);
  assert.ok(wire.received.stream > 800 && wire.received.stream < 2000);
  assert.ok(wire.sent.bytes > wire.sent.stream && wire.sent.frames >= 2);
  assert.equal(stages.length, 10);
});

async function reportOf(only: ConnectionReport): Promise<Report> {
  const { elf, map } = await built;
  const chain2 = { ...only, chain: CHAINS[1] };
  const primitives = Object.entries(lines).map(([name, line]) => {
    const most = line.target?.must ?? 1e6;
    return { name, line, cycles: { value: most + 1, before: 2 * most } };
  });
  return {
    hardware,
    hertz: sysHz(hardware),
    version: "1.2.3",
    compiler: 'gcc <"&">',
    flags: "-O2",
    primitives,
    connections: [only, chain2],
    size: measureFirmware(hardware, elf, map),
    figure: (_, value) => ({ value, before: undefined }),
  };
}

test("the page needs nothing else, and every chart can be read", async () => {
  const report = await reportOf(await connection);
  const page = pageOf(report);
  assert.doesNotMatch(page, /https?:|<script|<link|<img|@import|url\(|src=/);
  assert.match(page, /^<!doctype html>\n<html lang="en">/);
  assert.match(page, /prefers-color-scheme: dark/);
  assert.doesNotMatch(page, /NaN|undefined|Infinity|\[object/);
  assert.ok(page.includes("gcc &lt;&quot;&amp;&quot;>"), "what comes from outside is escaped");
  const charts = [...page.matchAll(/<svg [^>]*role="img" aria-label="([^"]+)"><title>/g)];
  assert.equal(charts.length, [...page.matchAll(/<svg/g)].length);
  assert.equal(new Set(charts.map(([, name]) => name)).size, 6);
  for (const [, color] of page.matchAll(/var\(--([\w-]+)\)/g))
    assert.equal([...page.matchAll(new RegExp(`--${color}: #`, "g"))].length, 2, color);
  for (const phase of PHASE_NAMES.filter((name) => report.connections[0].phases.get(name)! > 0))
    assert.ok(page.includes(`</span>${PHASES[phase].label}`), phase);
  for (const part of PARTS.filter((name) => report.size.parts.get(name)!.flash > 0))
    assert.ok(page.includes(`</span>${part}`), part);
  for (const { label } of Object.values(lines)) assert.ok(page.includes(label), label);
  assert.equal(balanceOf(page), 0);
});

/** Opened elements that were not closed, of those that must be. */
function balanceOf(html: string): number {
  const body = html.slice(html.indexOf("<body"), html.indexOf("</html>"));
  const opened = [...body.matchAll(/<\w[^>]*>/g)].filter(([tag]) => !tag.endsWith("/>"));
  return opened.length - [...body.matchAll(/<\/\w+>/g)].length;
}

test("on the terminal: ours, the target, and others with the ratio", async () => {
  const script = path.join(root, "scripts/bench/main.ts");
  const args = ["--import", "tsx", script, "--board", hardware.id, "--filter", "sha256-byte"];
  const output = await exec(process.execPath, args);
  const row = output.split("\n").find((line) => line.startsWith("SHA-256, a byte"));
  assert.match(row ?? output, /byte +\d+\.\d.* +160 0\.\d\dx +110 0\.\d\dx +134\.7 0\.\d\dx/);
  assert.match(output, /^must: all 1 kept\nmoonshot: all 1 kept$/m);
  assert.doesNotMatch(output, /missed|handshake/);
  await assert.rejects(
    exec(process.execPath, ["--import", "tsx", script, "--board", "moon"]),
    /bench: there is no RP2040 board moon/,
  );
});

test("all that is measured has a line in the tables, each line is measured, by its order", () => {
  const names = subjects("").map(({ name }) => name);
  assert.deepEqual(names, Object.keys(lines));
  const [first, second] = Object.keys(lines);
  const figures = new Map([first, second, "sha256-1k"].map((name) => [name, 8.5e6]));
  assert.equal(
    verdictOf(figures),
    `must: all 2 kept\nmoonshot: 0 kept, 2 missed: ${lines[first].label}; ${lines[second].label}`,
  );
});

test("figures and their differences", () => {
  assert.equal(figureText({ value: 8_480_000, before: undefined }), "8.48 M");
  assert.equal(figureText({ value: 990, before: 1000 }), "990 -1.0%");
  assert.equal(figureText({ value: 5, before: 0 }), "5");
});
