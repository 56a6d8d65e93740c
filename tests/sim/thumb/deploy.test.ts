// Deploying to the emulated board in both engines side by side: the serial line's interrupts come
// between everything that the firmware does, the flash changes below the code, and the board
// restarts into the new app.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { Client } from "../../../scripts/lib/serial/client.ts";
import { Device } from "../../../scripts/lib/serial/device.ts";
import { boardWith } from "../../boards/firmware.ts";
import { inSlotA, saying, WAITING } from "../../boards/modules.ts";
import { both } from "./boards.ts";

const ROUNDS = process.env.WASSL_LONG === "1" ? 30 : 1;
/** Of the boards' time. */
const PATIENCE = 30;
/** More than a sector of flash. */
const FILLER = 3500;

async function deploy(t: TestContext, seed: number, running: Uint8Array | null): Promise<void> {
  const flash = running === null ? [] : [inSlotA(running, "old")];
  const boards = await both((engine) => boardWith(t, null, {}, { engine, seed, flash }), seed);
  const device = new Device(new Client(boards.line));
  await boards.run(0.3 + 0.01 * seed);
  const app = { wasm: saying("new", "", FILLER), name: "new", version: "" };
  await boards.during(
    device.installApp(app, () => undefined),
    PATIENCE,
  );
  const { app: state } = await boards.during(device.hello(), PATIENCE);
  assert.equal(state, running === null ? "none" : "running");
  await boards.during(device.restart(true), PATIENCE);
  await boards.run(0.5);
  assert.match(boards.console, /after restart\r\nnew\r\n/);
  assert.deepEqual(boards.faults, []);
}

for (let seed = 1; seed <= ROUNDS; seed++) {
  test(`an app is deployed while another runs, seed ${seed}`, (t) => deploy(t, seed, WAITING));
  test(`an app is deployed to a board without one, seed ${seed}`, (t) => deploy(t, seed, null));
}
