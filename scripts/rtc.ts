// wassl rtc: a board's clock, over the serial line. Certificates are checked by it.

import { parseArgs } from "node:util";
import type { Verb } from "./cli.ts";
import { UsageError } from "./lib/args.ts";
import { portHelp, portOptions } from "./lib/serial/port.ts";
import { withDevice } from "./lib/serial/session.ts";

const help = `wassl rtc --set [--time TIME] | --get [--port PORT]

A board's clock: it is not set after power-on, and no certificate can be checked until it is.
Apps can also set it from the network, with ntptime.

  --set               sets it to this machine's time
  --time TIME         or to this one: 2026-01-31T12:00:00Z, or seconds since 1970-01-01 UTC
  --get               shows it
${portHelp}
  -h, --help          this text`;

const YEAR_10000 = 253_402_300_800;

export const rtc: Verb = {
  name: "rtc",
  summary: "sets or shows a board's clock",
  help,
  async run(args) {
    const { values } = parseArgs({
      args,
      options: {
        ...portOptions,
        set: { type: "boolean", default: false },
        get: { type: "boolean", default: false },
        time: { type: "string" },
      },
    });
    if (values.set === values.get) throw new UsageError("either --set or --get");
    if (values.time !== undefined && values.get) throw new UsageError("--time goes with --set");
    const time = values.time === undefined ? null : timeOf(values.time);
    return withDevice(values, async (device) => {
      if (values.set) await device.setClock(time ?? Math.round(Date.now() / 1000));
      const seconds = await device.clock();
      const text = seconds === null ? "the clock is not set" : isoOf(seconds);
      console.log(text);
      return seconds === null ? 1 : 0;
    });
  },
};

function timeOf(text: string): number {
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds >= 0 && seconds < YEAR_10000) return seconds;
  throw new UsageError(`--time is 2026-01-31T12:00:00Z or seconds since 1970, not ${text}`);
}

function isoOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000", "");
}
