// Apps come to the emulated board and go: deploying while one runs, apps that are none or do harm,
// a loss of power at any step. The slots, the files and the line itself have thousands of such
// cases on the host (tests/hal); here it is the chip's flash and its boot ROM.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "../../scripts/lib/serial/client.ts";
import { Device, DeviceError } from "../../scripts/lib/serial/device.ts";
import type { Line } from "../../scripts/lib/serial/port.ts";
import type { Board } from "../../scripts/sim/board.ts";
import { boardWith, hardware } from "./firmware.ts";
import { inSlotA, moduleOf, saying, WAITING } from "./modules.ts";

const PROMPT = /\n> $/;
const BANNER = /wassl \S+ on .*, after (.*)\r\n/;
const REFUSED = /wassl: app\.wasm: .+\r\n/;
/** Of the board's time. */
const BOOT = 5;
/** The same, which runs a hundred times as fast as the clock by which the line asks again. */
const PATIENCE = 1800;

const LONG = 3000;

/** The board's serial line, without a port between. */
function deviceOf(board: Board): Device {
  const line: Line = {
    name: "the emulated line",
    onData: () => undefined,
    onLost: () => undefined,
    write: (bytes) => board.write(bytes),
    close: () => undefined,
  };
  board.machine.serial.onByte = (byte) => line.onData(Uint8Array.of(byte));
  return new Device(new Client(line));
}

const install = (board: Board, device: Device, wasm: Uint8Array, name: string): Promise<boolean> =>
  board.during(
    device.installApp({ wasm, name, version: "" }, () => undefined),
    PATIENCE,
  );

const put = (board: Board, device: Device, name: string, bytes: Uint8Array): Promise<void> =>
  board.during(
    device.writeFile(name, bytes, () => undefined),
    PATIENCE,
  );

async function restart(board: Board, device: Device): Promise<void> {
  await board.during(device.restart(true), PATIENCE);
  assert.equal((await board.waitFor(BANNER, BOOT))[1], "restart");
}

test("an app is deployed while another runs, which goes on until the restart", async (t) => {
  const board = await boardWith(t, null, {}, { flash: [inSlotA(WAITING, "waiting")] });
  const device = deviceOf(board);
  const fresh = saying("new", "", LONG);
  await board.waitFor(/^wait\r\n/m, BOOT);
  assert.equal(await install(board, device, fresh, "new"), true);
  const { app, installed } = await board.during(device.hello(), PATIENCE);
  assert.deepEqual([app, installed?.name], ["running", "new"]);
  board.write("apps\r");
  await board.waitFor(/^A {2}waiting, \d+ bytes, number 1, running\r\n/m, BOOT);
  await board.waitFor(/^B {2}new, \d+ bytes, number 2, starts\r\n/m, BOOT);
  await restart(board, device);
  await board.waitFor(/^new\r\n[^]*> $/, BOOT);
  assert.equal(await install(board, device, fresh, "new"), false);
  assert.deepEqual([board.faults, board.complaints], [[], []]);
});

test("after an app that is none, or does harm, the console takes another", async (t) => {
  const good = saying("good");
  const text = new TextEncoder().encode("this is no app");
  const bad: [name: string, wasm: Uint8Array, said: RegExp][] = [
    ["cut", good.subarray(0, good.length - 5), REFUSED],
    ["damaged", good.map((byte, i) => (i > good.length - 5 ? 0x5f : byte)), REFUSED],
    [
      "foreign",
      moduleOf("", '(import "env" "other" (func)) (memory 1)'),
      /app\.wasm: imports env\.other.*\r\n/,
    ],
    ["large", moduleOf("", "(memory 100)"), REFUSED],
    ["trap", moduleOf("unreachable"), /app\.wasm: trap: unreachable.*\r\n/],
  ];
  const board = await boardWith(t, null, {}, { flash: [inSlotA(text, "text")] });
  const device = deviceOf(board);
  await board.waitFor(REFUSED, BOOT);
  await assert.rejects(install(board, device, text, "again"), /does not take this request/);
  for (const [name, wasm, said] of bad) {
    assert.equal(await install(board, device, wasm, name), true);
    await restart(board, device);
    t.diagnostic((await board.waitFor(said, BOOT))[0].trim());
    await board.waitFor(PROMPT, BOOT);
  }
  await install(board, device, good, "good");
  await restart(board, device);
  await board.waitFor(/^good\r\n/m, BOOT);
  assert.deepEqual(board.faults, []);
});

/**
 * Of the erases and programs of a change: early, in the middle, the last; how much of it is done.
 */
const CUTS = [
  { at: 0.1, part: 0.5 },
  { at: 0.6, part: 0 },
  { at: 1, part: 0.7 },
];

/**
 * Makes a change once as a whole, and each time on another board with the power cut during one of
 * its steps; what a user would find then is for `check` to see. `change` may fail, because the
 * board that comes back does not know of it, or go on.
 */
async function cut(
  start: () => Promise<[Board, Device]>,
  change: (board: Board, device: Device) => Promise<unknown>,
  check: (board: Board, device: Device) => Promise<void>,
): Promise<void> {
  const [whole, itsDevice] = await start();
  whole.cutPowerAt({ operation: Infinity });
  await change(whole, itsDevice);
  const steps = whole.operations;
  for (const { at, part } of CUTS) {
    const [board, device] = await start();
    board.cutPowerAt({ operation: Math.ceil(at * steps), part });
    await change(board, device).catch((error: unknown) => {
      if (!(error instanceof DeviceError)) throw error;
    });
    assert.equal((await board.waitFor(BANNER, BOOT))[1], "power on", `step ${at} of ${steps}`);
    await board.waitFor(PROMPT, BOOT);
    await check(board, device);
    assert.deepEqual(board.faults, []);
  }
}

test("a loss of power while an app comes: the old one starts, the new one can come", async (t) => {
  const fresh = saying("new", "", LONG);
  const remains = { offset: hardware.flash.slotB.offset, bytes: new Uint8Array(9000).fill(0x55) };
  const start = async (): Promise<[Board, Device]> => {
    const flash = [inSlotA(saying("old"), "old"), remains];
    const board = await boardWith(t, null, {}, { flash });
    await board.waitFor(/^old\r\n[^]*> $/m, BOOT);
    return [board, deviceOf(board)];
  };
  await cut(
    start,
    (board, device) => install(board, device, fresh, "new"),
    async (board, device) => {
      assert.match(board.console, /power on\r\nold\r\n[^]*power on\r\nold\r\n/);
      await install(board, device, fresh, "new");
      await restart(board, device);
      await board.waitFor(/^new\r\n/m, BOOT);
    },
  );
});

test("a loss of power while a file comes: it is the old one or the new one", async (t) => {
  const [old, fresh] = [5000, 6000].map((n) => Uint8Array.from({ length: n }, (_, i) => i * n));
  const other = Buffer.from("another file");
  const start = async (): Promise<[Board, Device]> => {
    const board = await boardWith(t, null, { file: old!, other });
    await board.waitFor(PROMPT, BOOT);
    return [board, deviceOf(board)];
  };
  const read = (board: Board, device: Device, name: string): Promise<Uint8Array> =>
    board.during(device.readFile(name), PATIENCE);
  await cut(
    start,
    (board, device) => put(board, device, "file", fresh!),
    async (board, device) => {
      const found = Buffer.from(await read(board, device, "file"));
      assert.ok(found.equals(old!) || found.equals(fresh!), `${found.length} bytes`);
      assert.deepEqual(Buffer.from(await read(board, device, "other")), other);
      await put(board, device, "file", fresh!);
      assert.deepEqual(Buffer.from(await read(board, device, "file")), Buffer.from(fresh!));
    },
  );
});

test("a reset in the middle of a frame: what still comes of it is no command", async (t) => {
  const board = await boardWith(t, null, { kept: "x" });
  const device = deviceOf(board);
  await board.waitFor(PROMPT, BOOT);
  board.reset();
  board.write(`${"the rest of a file ".repeat(40)}\rformat yes\rand its end`);
  await board.waitFor(PROMPT, BOOT);
  await board.run(1);
  assert.doesNotMatch(board.console, /format/);
  assert.equal((await board.during(device.readFile("kept"), PATIENCE)).length, 1);
  board.write("files\r");
  await board.waitFor(/files\r\nkept\r\n> $/, BOOT);
});
