// One run of an app on the emulated board: firmware, app and files go into its flash as they would
// go onto the real one, and what its console says comes out.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { Board, type BoardOptions } from "../sim/board.ts";
import { engines } from "../sim/engines.ts";
import { Peer, type Clock, type PeerOptions } from "../sim/peer/link.ts";
import { appOutput, compileApp } from "./app-compiler.ts";
import { UsageError } from "./args.ts";
import { appParts, buildFirmware, RP2040_LIMBS, type Part } from "./board-rp2040.ts";
import { forwardOf, namesAndHost } from "./emulated-network.ts";
import { EmulatedScreen } from "./emulated-screen.ts";
import { imageOfFiles, imageOfFolder } from "./littlefs-image.ts";
import type { Rp2040Board } from "./rp2040-config.ts";
import { translateSsl } from "./ssl-program.ts";
import { tierOf } from "./tier.ts";

export const emulatedHelp = `\
Options of the board "w5500_evb_pico", which is emulated; without APP.ts it starts what is in its
flash and stays:

  --fs DIR            its files: what is in this folder
  --flash FILE        keeps its flash from one run to the next
  --clock WHEN        system (default), unset, or seconds since 1970-01-01 UTC
  --serial PORT       its serial line at a port of 127.0.0.1, for wassl deploy --port tcp:...
  --stay              does not end with the app; Ctrl-] ends it
  --forward HOST:DEVICE
                      a port of 127.0.0.1 leads to a port of the board's; udp:HOST:DEVICE
  --name NAME=ADDRESS what DNS says of a name; 10.0.2.2 is this machine's 127.0.0.1
  --connect-to HOST:PORT:ADDRESS:PORT
                      who asks for HOST:PORT gets ADDRESS:PORT
  --outside           the board may reach other machines than this one
  --loss P            the probability that a frame is lost, 0 to 1
  --delay MS          of every frame
  --pcap FILE         writes all frames into a capture file
  --cycles            at the end, on standard error, what it has cost
  --mark SYMBOL       says when the core gets to a function of the firmware, and at which cycle
  --engine NAME       translated (default) or interpreted
  --seed N            of what is random: the ring oscillator, lost frames`;

const options = {
  board: { type: "string" },
  tier: { type: "string", default: "native" },
  ssl: { type: "string" },
  fs: { type: "string" },
  flash: { type: "string" },
  clock: { type: "string", default: "system" },
  serial: { type: "string" },
  stay: { type: "boolean", default: false },
  forward: { type: "string", multiple: true },
  name: { type: "string", multiple: true },
  "connect-to": { type: "string", multiple: true },
  outside: { type: "boolean", default: false },
  loss: { type: "string", default: "0" },
  delay: { type: "string", default: "0" },
  pcap: { type: "string" },
  cycles: { type: "boolean", default: false },
  mark: { type: "string", multiple: true },
  engine: { type: "string", default: "translated" },
  seed: { type: "string", default: "1" },
} as const;

type Values = ReturnType<typeof parse>["values"];

function parse(args: string[]) {
  return parseArgs({ args, allowPositionals: true, options });
}

/** `wassl run` for an emulated board: the exit status of the app. */
export async function runEmulated(hardware: Rp2040Board, args: string[]): Promise<number> {
  const { values, positionals } = parse(args.filter((arg) => arg !== "--"));
  if (positionals.length > 1)
    throw new UsageError(`one APP.ts at a time: ${positionals.join(" ")}`);
  const [source] = positionals;
  const settings = settingsOf(values); // mistakes first: building takes long
  const app = source === undefined ? null : compileApp(source, appOutput(source));
  if (app !== null && app.notes !== "") console.error(app.notes);
  const ssl = await translateSsl(tierOf(values.tier), values.ssl ?? RP2040_LIMBS);
  const { uf2, elf } = await buildFirmware(hardware, ssl);
  const flash = await partsOf(hardware, app?.wasm ?? null, values);
  const screen = new EmulatedScreen(app?.wasm ?? null, app === null || values.stay);
  const board = await Board.start({
    ...settings,
    uf2,
    elf,
    flash,
    onText: (bytes) => screen.take(bytes),
    onNote: (note) => console.error(`board: ${note}`),
  });
  try {
    await prepare(board, values);
    return await board.during(screen.follow(board));
  } finally {
    screen.close();
    board.stop();
    if (values.cycles) console.error(costOf(board));
  }
}

function settingsOf(values: Values): Omit<BoardOptions, "uf2"> {
  const engine = Object.hasOwn(engines, values.engine) ? engines[values.engine] : undefined;
  if (engine === undefined)
    throw new UsageError(`--engine is one of ${Object.keys(engines).join(", ")}`);
  const seed = numberOf("--seed", values.seed);
  const rtc = clockOf(values.clock);
  const peer: PeerOptions = {
    seed,
    ...namesAndHost(values.name ?? [], values["connect-to"] ?? []),
    forwards: (values.forward ?? []).map(forwardOf),
    allowOutside: values.outside,
    loss: numberOf("--loss", values.loss, 1),
    delayMs: numberOf("--delay", values.delay),
    pcap: values.pcap,
  };
  const link = (clock: Clock): Peer => {
    const start = rtc ?? Date.now() / 1000;
    return new Peer({ ...peer, clock, time: () => start + clock.now() / 1000 });
  };
  return { engine, seed, link, rtc: rtc ?? undefined, flashFile: values.flash };
}

async function partsOf(
  hardware: Rp2040Board,
  wasm: string | null,
  { fs, flash }: Values,
): Promise<Part[]> {
  const name = wasm === null ? "" : path.basename(wasm, ".wasm");
  const parts = wasm === null ? [] : appParts(hardware, readFileSync(wasm), name);
  const { offset, size } = hardware.flash.files;
  const isNew = flash === undefined || !existsSync(flash);
  if (fs !== undefined) parts.push({ offset, bytes: await imageOfFolder(fs, size) });
  else if (isNew) parts.push({ offset, bytes: await imageOfFiles({}, size) });
  return parts;
}

/** What has to happen before the first instruction. */
async function prepare(board: Board, { serial, mark }: Values): Promise<void> {
  if (board.link instanceof Peer) {
    const ports = await board.link.listening;
    for (const port of ports) console.error(`board: forwarding port ${port} of 127.0.0.1`);
  }
  if (serial !== undefined) {
    const port = await board.machine.serial.listen(numberOf("--serial", serial, 65535));
    console.error(`board: serial line at tcp:127.0.0.1:${port}`);
  }
  for (const name of mark ?? []) {
    board.mark(name, () => {
      const at = board.seconds.toFixed(6);
      console.error(`board: ${name} at cycle ${board.cycles}, ${at} s`);
    });
  }
}

function costOf(board: Board): string {
  const { cycles, seconds, machine } = board;
  const { received, sent, dropped } = machine.ethernet.statistics;
  return [
    `board: ${cycles} cycles, ${machine.instructions} instructions, ${seconds.toFixed(6)} s`,
    `board: frames: ${sent} sent, ${received} received, ${dropped} lost for want of room`,
  ].join("\n");
}

function clockOf(when: string): number | null {
  if (when === "unset") return null;
  return when === "system" ? Math.floor(Date.now() / 1000) : numberOf("--clock", when);
}

function numberOf(option: string, text: string, most = Infinity): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && value <= most) return value;
  throw new UsageError(`${option} is a number${most < Infinity ? ` up to ${most}` : ""}: ${text}`);
}
