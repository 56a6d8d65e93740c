// One command's conversation with a device: opens the port, sees that a device answers, and where
// the line breaks in the middle (a cable, an emulated board that starts again) goes on when it is
// back.

import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../exec.ts";
import { Client, LineLost } from "./client.ts";
import { Device, type DeviceInfo } from "./device.ts";
import { openPort } from "./port.ts";

/** Milliseconds for a device to say that it is there; an app may keep it busy. */
const HELLO_MS = 10_000;
const BACK_MS = 60_000;
const AGAIN_MS = 500;

export interface PortValues {
  port?: string;
  baud: string;
}

/**
 * Does something with the device at --port. `work` is started again after a break of the line, so
 * it must be something that may be done twice.
 */
export async function withDevice<T>(
  values: PortValues,
  work: (device: Device, info: DeviceInfo) => Promise<T>,
): Promise<T> {
  let line = await openPort(values);
  for (;;) {
    const client = new Client(line);
    try {
      const device = new Device(client);
      return await work(device, await device.hello(HELLO_MS));
    } catch (error) {
      if (!(error instanceof LineLost)) throw error;
      console.error(`${error.message}; waiting for it to come back`);
      line = await openAgain(values, error);
    } finally {
      client.close();
    }
  }
}

async function openAgain(values: PortValues, reason: LineLost): ReturnType<typeof openPort> {
  const end = performance.now() + BACK_MS;
  for (;;) {
    await sleep(AGAIN_MS);
    try {
      return await openPort(values);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (performance.now() > end) throw reason;
    }
  }
}

/**
 * Restarts the device and waits until it is back: what it says then. It takes nothing in between
 * its answer and the restart, so who answers afterwards has started again.
 */
export async function restart(device: Device, startApp: boolean): Promise<DeviceInfo> {
  await device.restart(startApp);
  return device.hello();
}
