// wassl fs: the files of a board, over the serial line.

import { readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import type { Verb } from "./cli.ts";
import { UsageError } from "./lib/args.ts";
import { UserError } from "./lib/exec.ts";
import { ProgressLine } from "./lib/progress.ts";
import { type Device, DeviceError, ERRORS } from "./lib/serial/device.ts";
import { portHelp, portOptions } from "./lib/serial/port.ts";
import { restart, withDevice } from "./lib/serial/session.ts";

const help = `wassl fs COMMAND [--port PORT]

The files of a board: certificates, keys, settings.txt, whatever its app reads.

  wassl fs list [FOLDER]            names and sizes
  wassl fs put FILE... [--to PATH]  writes files; PATH is a folder where it ends in "/" or
                                    several files are given; missing folders are created
  wassl fs get PATH [-o FILE]       reads one, to FILE or standard output
  wassl fs remove PATH...           files, or empty folders
  wassl fs format --yes             erases all of them, after ending the app

A put replaces a file as a whole or, where the power or the line fails, not at all. Files of
private keys, those named *.key or in a folder "private", can be put and not be got.

${portHelp}
  -h, --help          this text`;

interface Options {
  to?: string;
  output?: string;
  yes: boolean;
}

type Command = (device: Device, paths: string[], options: Options) => Promise<void>;

/** With the numbers of paths that they take. */
const commands: Record<string, { run: Command; least: number; most: number }> = {
  list: { run: list, least: 0, most: 1 },
  put: { run: put, least: 1, most: Infinity },
  get: { run: get, least: 1, most: 1 },
  remove: { run: remove, least: 1, most: Infinity },
  format: { run: format, least: 0, most: 0 },
};

export const fs: Verb = {
  name: "fs",
  summary: "lists, writes, reads and removes a board's files",
  help,
  async run(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        ...portOptions,
        to: { type: "string" },
        output: { type: "string", short: "o" },
        yes: { type: "boolean", default: false },
      },
    });
    const [name, ...paths] = positionals;
    const names = Object.keys(commands).join(", ");
    if (name === undefined) throw new UsageError(`COMMAND is missing: ${names}`);
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) throw new UsageError(`fs has ${names}, not ${name}`);
    if (paths.length < command.least) throw new UsageError(`fs ${name}: a path is missing`);
    if (paths.length > command.most) throw new UsageError(`fs ${name}: too many paths`);
    if (name === "format" && !values.yes) {
      throw new UsageError("fs format erases all files of the board: --yes if that is wanted");
    }
    await withDevice(values, (device) => command.run(device, paths, values));
    return 0;
  },
};

async function list(device: Device, [folder = "/"]: string[]): Promise<void> {
  const entries = await device.listFiles(folder);
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, size } of entries) {
    console.log(`${size === null ? "folder" : String(size)}`.padStart(8), name);
  }
}

async function put(device: Device, files: string[], options: Options): Promise<void> {
  const to = options.to ?? "/";
  const isFolder = to.endsWith("/") || files.length > 1;
  const { total } = spaceOf(files);
  for (const file of files) {
    const target = isFolder ? path.posix.join(to, path.basename(file)) : to;
    const line = new ProgressLine(`sending ${target}`);
    try {
      await device.writeFile(target, readFileSync(file), line.show);
    } finally {
      line.end();
    }
  }
  console.log(`${files.length === 1 ? files[0] : `${files.length} files`}: ${total} bytes written`);
}

/** Checks them before the first is sent. */
function spaceOf(files: string[]): { total: number } {
  let total = 0;
  for (const file of files) {
    const status = statSync(file, { throwIfNoEntry: false });
    if (status === undefined) throw new UserError(`there is no file ${file}`);
    if (!status.isFile()) throw new UserError(`${file} is no file`);
    total += status.size;
  }
  return { total };
}

async function get(device: Device, [source]: string[], options: Options): Promise<void> {
  const bytes = await device.readFile(source!).catch((error: unknown) => {
    if (!(error instanceof DeviceError) || error.errno !== ERRORS.EACCES) throw error;
    throw new UserError(`${source}: files of private keys are not given out`);
  });
  if (options.output === undefined) process.stdout.write(bytes);
  else writeFileSync(options.output, bytes);
}

async function remove(device: Device, paths: string[]): Promise<void> {
  for (const file of paths) await device.removeFile(file);
}

/** An app may have files open: without it. It starts again afterwards. */
async function format(device: Device): Promise<void> {
  await restart(device, false);
  await device.format();
  await restart(device, true);
  console.log("formatted; the app was restarted");
}
