// wassl console: a terminal on a board's serial line. What traps report is shown with lines of the
// app's TypeScript.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Verb } from "./cli.ts";
import { crc32 } from "./lib/crc32.ts";
import { root, UserError } from "./lib/exec.ts";
import { Client } from "./lib/serial/client.ts";
import { ConsoleText } from "./lib/serial/console-text.ts";
import { Device, type DeviceInfo } from "./lib/serial/device.ts";
import { openPort, portHelp, portOptions } from "./lib/serial/port.ts";

const help = `wassl console [--port PORT]

A terminal on a board: shows what its app prints and takes commands; "help" lists them. Ctrl-C ends
the app, Ctrl-] this command. Where an app stops with a trap, the addresses in the report are shown
as file, line and column, if it is the app that was built here last.

${portHelp}
  --app FILE.wasm     the app that runs there; default: build/apps/<its name>.wasm
  -h, --help          this text

Any other terminal program does as well, at 115200 baud, 8 data bits, no parity.`;

const LEAVE = 0x1d;
/** After the end of standard input, how long the device may be silent. */
const SILENCE_MS = 500;
const HELLO_MS = 2000;

export const consoleVerb: Verb = {
  name: "console",
  summary: "a terminal on a board's serial line",
  help,
  async run(args) {
    const { values } = parseArgs({
      args,
      options: { ...portOptions, app: { type: "string" } },
    });
    if (values.app !== undefined && !existsSync(values.app)) {
      throw new UserError(`there is no file ${values.app}`);
    }
    const line = await openPort(values);
    const client = new Client(line);
    const isTerminal = process.stdin.isTTY;
    const text = new ConsoleText((part) => void process.stdout.write(part));
    client.onText = (bytes) => text.take(bytes);
    const app = values.app ?? (await builtApp(client));
    if (app !== null) text.app = app;
    if (isTerminal) process.stderr.write(`${line.name}; Ctrl-] leaves, Ctrl-C ends the app\r\n`);
    try {
      await (isTerminal ? interact(client) : pipe(client, text));
    } finally {
      client.close();
    }
    return 0;
  },
};

/** The module of the app that the device has, if it is still here as it was built. */
async function builtApp(client: Client): Promise<string | null> {
  const info = await new Device(client).hello(HELLO_MS).catch((error: unknown) => {
    if (!(error instanceof UserError) || client.isLost) throw error;
    return null; // text can be shown without knowing
  });
  return info?.installed ? moduleOf(info.installed) : null;
}

function moduleOf(installed: NonNullable<DeviceInfo["installed"]>): string | null {
  const file = path.join(root, "build/apps", `${path.basename(installed.name)}.wasm`);
  return existsSync(file) && crc32(readFileSync(file)) === installed.crc ? file : null;
}

/** Keys to the device, until Ctrl-] or the line's end. */
async function interact(client: Client): Promise<void> {
  process.stdin.setRawMode(true);
  try {
    await new Promise<void>((resolve, reject) => {
      client.onLost = reject;
      process.stdin.on("data", (keys: Uint8Array) => {
        const end = keys.indexOf(LEAVE);
        client.type(end < 0 ? keys : keys.subarray(0, end));
        if (end >= 0) resolve();
      });
    });
  } finally {
    process.stdin.setRawMode(false);
    process.stdin.pause();
  }
}

/** Standard input to the device, and what it says until it is silent. */
async function pipe(client: Client, text: ConsoleText): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    let isOver = false;
    const wait = (): void => {
      clearTimeout(timer);
      if (isOver) timer = setTimeout(resolve, SILENCE_MS);
    };
    client.onLost = (error) => {
      clearTimeout(timer);
      reject(error);
    };
    client.onText = (bytes) => {
      text.take(bytes);
      wait();
    };
    process.stdin.on("data", (bytes: Uint8Array) => client.type(bytes));
    process.stdin.on("end", () => {
      isOver = true;
      wait();
    });
  });
}
