// wassl deploy APP.ts: compiles an app, sends it to a board over the serial line and starts it.

import { readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Verb } from "./cli.ts";
import { appOutput, compileApp } from "./lib/app-compiler.ts";
import { APP_NAME_MAX, APP_VERSION_MAX, labelText } from "./lib/app-slot.ts";
import { oneFile } from "./lib/args.ts";
import { UserError } from "./lib/exec.ts";
import { ProgressLine } from "./lib/progress.ts";
import type { AppToSend, Device, DeviceInfo } from "./lib/serial/device.ts";
import { portHelp, portOptions } from "./lib/serial/port.ts";
import { restart, withDevice } from "./lib/serial/session.ts";
import { stripWasm } from "./lib/strip-wasm.ts";

const help = `wassl deploy APP.ts [--port PORT] [--no-start]

Compiles an app, checks it, sends it to a board, and restarts the board with it. The app that
runs meanwhile goes on; until the new one is there as a whole, a restart starts the old one. What
was broken off goes on from there: the same command again.

${portHelp}
  --app-version TEXT  shown by the console's "apps"
  --no-start          only sends it; it starts at the next restart
  -h, --help          this text

Then: wassl console shows what it prints.`;

export const deploy: Verb = {
  name: "deploy",
  summary: "sends APP.ts to a board and starts it",
  help,
  async run(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        ...portOptions,
        "app-version": { type: "string", default: "" },
        "no-start": { type: "boolean", default: false },
      },
    });
    const source = oneFile(positionals, "APP.ts");
    const name = path.basename(source, ".ts");
    const version = values["app-version"];
    labelText(name, APP_NAME_MAX, "name");
    labelText(version, APP_VERSION_MAX, "version");
    const compiled = compileApp(source, appOutput(source));
    if (compiled.notes !== "") console.error(compiled.notes);
    const app = { wasm: stripWasm(readFileSync(compiled.wasm)), name, version };
    await withDevice(values, async (device, info) => {
      await send(device, info, app);
      if (!values["no-start"]) await start(device);
    });
    return 0;
  },
};

async function send(device: Device, info: DeviceInfo, app: AppToSend): Promise<void> {
  const { length } = app.wasm;
  if (length > info.capacity) {
    throw new UserError(`${app.name} has ${length} bytes; a slot of the board ${info.capacity}`);
  }
  const line = new ProgressLine(`sending ${app.name}`);
  let sent = 0;
  let first: number | null = null;
  try {
    const isNew = await device.installApp(app, (done, total) => {
      first ??= done;
      sent = done - first;
      line.show(done, total);
    });
    line.end();
    const rest = sent === length ? "" : `, ${length - sent} of them were there already`;
    console.log(
      isNew ? `${app.name}: ${length} bytes sent${rest}` : `${app.name} is there already`,
    );
  } finally {
    line.end();
  }
}

async function start(device: Device): Promise<void> {
  const info = await restart(device, true);
  const states = { none: "does not start", running: "runs", ended: "has ended", held: "is held" };
  console.log(`${info.installed?.name ?? "the app"} ${states[info.app]}`);
}
