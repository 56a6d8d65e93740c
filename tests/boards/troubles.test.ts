// What goes wrong for users, as "When it does not work" of docs/board.md lists it: each trouble is
// provoked, and what the board then says stands in that table. Certificates, the clock and entropy
// are in tls.test.ts; faults and apps that crash in rp2040.test.ts.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { compileApp } from "../../scripts/lib/app-compiler.ts";
import { appParts, type Part } from "../../scripts/lib/board-rp2040.ts";
import { root } from "../../scripts/lib/exec.ts";
import type { ImageFiles } from "../../scripts/lib/littlefs-image.ts";
import type { Board, BoardOptions } from "../../scripts/sim/board.ts";
import { realHost } from "../../scripts/sim/peer/host.ts";
import { Peer, type Clock } from "../../scripts/sim/peer/link.ts";
import { output } from "../harness/compile.ts";
import { boardWith, hardware } from "./firmware.ts";

const TABLE = readFileSync(path.join(root, "docs/board.md"), "utf8");
/** The plug is in, DHCP waits 15 s, TCP's first retransmissions: all of the board's time. */
const PATIENCE = 90;
const PROMPT = /\n> $/;
const STATIC = `network = static
address = 10.0.2.77/24
gateway = 10.0.2.2
dns = 10.0.2.3
`;

let example: Part[] | undefined;

/** examples/https-verified.ts, unchanged. */
function exampleInFlash(): Part[] {
  if (example !== undefined) return example;
  const file = path.join(output, `troubles.${process.pid}.wasm`);
  const { wasm } = compileApp(path.join(root, "examples/https-verified.ts"), file);
  return (example = appParts(hardware, readFileSync(wasm), "https-verified"));
}

/** A network where example.com is at `address`, and its port 443 is that of this machine's. */
function network(address: string, port: number): Partial<BoardOptions> {
  const link = (clock: Clock): Peer =>
    new Peer({
      clock,
      dns: { "example.com": [address] },
      host: { ...realHost, connect: (to) => realHost.connect(to, port) },
    });
  return { link };
}

/** A board that runs the example. */
function start(t: TestContext, options: Partial<BoardOptions>, files?: ImageFiles): Promise<Board> {
  return boardWith(t, null, files, { ...options, flash: exampleInFlash() });
}

/** The board says it, and the table has it. */
async function says(board: Board, symptom: string): Promise<void> {
  assert.ok(TABLE.includes(`| \`${symptom}\``), `docs/board.md has a row for: ${symptom}`);
  const literal = symptom.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  await board.waitFor(new RegExp(literal), PATIENCE);
}

/** A port of loopback, where somebody listens until it is closed. */
async function freePort(t: TestContext): Promise<{ port: number; close: () => void }> {
  const server = createServer((socket) => socket.on("error", () => undefined).resume());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

test("no cable: no address for a name, and status tells it", async (t) => {
  const board = await start(t, {});
  await says(board, "getaddrinfo failed: OSError(113, 'EHOSTUNREACH')");
  await board.waitFor(PROMPT, PATIENCE);
  board.write("status\r");
  await board.waitFor(/network: no cable, address 0\.0\.0\.0\r\n/, PATIENCE);
  assert.ok(TABLE.includes("| `status`: `no cable` |"));
});

test("a cable that comes late does", async (t) => {
  const { port } = await freePort(t);
  const board = await start(t, { ...network("10.0.2.2", port), pace: false });
  board.machine.ethernet.plug(false);
  await board.run(3);
  board.machine.ethernet.plug(true);
  await says(board, "load_verify_locations failed: OSError(2, 'ENOENT')");
});

test("no W5500: the board says so and serves its console", async (t) => {
  const board = await start(t, {});
  board.machine.chip.spiBus[0].device = () => null;
  await says(board, "network: the W5500 does not answer");
  await board.waitFor(PROMPT, PATIENCE);
  board.write("status\r");
  await board.waitFor(/network: none\r\n/, PATIENCE);
});

test("nobody listens at the port", async (t) => {
  const { port, close } = await freePort(t);
  close();
  const board = await start(t, network("10.0.2.2", port));
  await says(board, "connect failed: OSError(111, 'ECONNREFUSED')");
});

test("no way to the host", async (t) => {
  const board = await start(t, { ...network("10.0.2.99", 443), pace: false });
  await says(board, "connect failed: OSError(110, 'ETIMEDOUT')");
});

test("a fixed address, where nobody would have given one", async (t) => {
  const { port } = await freePort(t);
  const board = await start(t, network("10.0.2.2", port), { "settings.txt": STATIC });
  await board.waitFor(/load_verify_locations failed/, PATIENCE);
  await board.waitFor(PROMPT, PATIENCE);
  board.write("status\r");
  await board.waitFor(/network: cable connected, address 10\.0\.2\.77\r\n/, PATIENCE);
});

test("damaged files: format on the console makes room for new ones", async (t) => {
  const { offset } = hardware.flash.files;
  const damaged = { offset, bytes: new Uint8Array(3 * 4096).fill(0x5a) };
  const board = await boardWith(t, "behaviour", {}, { flash: [damaged] });
  await says(board, "files: the file system is damaged");
  await board.waitFor(PROMPT, PATIENCE);
  board.write("files\r");
  await board.waitFor(/files: the file system cannot be read; see format\r\n/, PATIENCE);
  board.write("format yes\r");
  await board.waitFor(/formatted\r\n> $/, PATIENCE);
  board.write("files\rrestart\r");
  await board.waitFor(/files\r\n> restart\r\n/, PATIENCE);
  assert.doesNotMatch((await board.waitFor(/after restart[^]*> $/, PATIENCE))[0], /damaged/);
});
