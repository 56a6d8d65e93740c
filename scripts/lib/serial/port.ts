// The serial line of a board: a port of this machine (/dev/ttyACM0, COM3), or tcp:HOST:PORT, which
// is how an emulated board is reached. Failures to open say what to try.

import { existsSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { UserError } from "../exec.ts";

const OPEN_LIMIT_MS = 5000;

/** A line that is open. */
export interface Line {
  name: string;
  /** Called with what comes in, from then on. */
  onData: (bytes: Uint8Array) => void;
  /** Called once, when the line is gone without close(). */
  onLost: (reason: string) => void;
  write(bytes: Uint8Array): void;
  close(): void;
}

/** The help text of --port and --baud. */
export const portHelp = `\
  --port PORT         the board's serial line: /dev/ttyACM0, COM3, or tcp:HOST:PORT of an emulated
                      board; default: $WASSL_PORT, else the only port there is
  --baud N            its speed: 115200`;

/** For parseArgs. */
export const portOptions = {
  port: { type: "string" },
  baud: { type: "string", default: "115200" },
} as const;

/** Opens what --port and --baud say. */
export async function openPort(values: { port?: string; baud: string }): Promise<Line> {
  const name = values.port ?? process.env.WASSL_PORT ?? (await onlyPort());
  return name.startsWith("tcp:") ? openTcp(name) : openSerial(name, baudOf(values.baud));
}

function baudOf(text: string): number {
  const baud = Number(text);
  if (Number.isInteger(baud) && baud >= 300 && baud <= 4_000_000) return baud;
  throw new UserError(`--baud is a speed such as 115200, not ${text}`);
}

function lineOver(name: string, stream: Duplex, close: () => void): Line {
  let isClosed = false;
  const line: Line = {
    name,
    onData: () => undefined,
    onLost: () => undefined,
    write: (bytes) => void (isClosed || stream.write(bytes)),
    close: () => {
      if (!isClosed) close();
      isClosed = true;
    },
  };
  const lost = (reason: string): void => {
    if (isClosed) return;
    line.close();
    line.onLost(reason);
  };
  stream.on("data", (bytes: Uint8Array) => line.onData(bytes));
  stream.on("error", (error) => lost(error.message));
  stream.on("close", () => lost("the line was closed"));
  stream.on("end", () => lost("the line was closed"));
  return line;
}

// --- ports of this machine -----------------------------------------------------------------------

/** The serial ports that a board may be behind. */
export async function listPorts(): Promise<string[]> {
  if (process.platform === "linux") {
    // Without udev there is no list to ask for.
    const names = readdirSync("/dev").filter((name) => /^tty(ACM|USB)\d+$/.test(name));
    return names.sort().map((name) => `/dev/${name}`);
  }
  const { SerialPort } = await serialport();
  const ports = await SerialPort.list();
  return ports.filter((port) => port.vendorId !== undefined).map((port) => port.path);
}

async function onlyPort(): Promise<string> {
  const ports = await listPorts();
  if (ports.length === 1) return ports[0]!;
  if (ports.length > 1) throw new UserError(`which port? --port ${ports.join(", or --port ")}`);
  throw new UserError(
    "no serial port was found: is the board's serial line (an adapter at UART0: GP0 and GP1)\n" +
      "connected by USB, with a cable that carries data? An emulated board is --port tcp:HOST:PORT",
  );
}

/** Only where it is needed: it brings native code that other verbs can do without. */
function serialport(): Promise<typeof import("serialport")> {
  return import("serialport");
}

async function openSerial(path: string, baudRate: number): Promise<Line> {
  const { SerialPort } = await serialport();
  return new Promise((resolve, reject) => {
    const port = new SerialPort({ path, baudRate, autoOpen: false });
    port.open((error) => {
      const close = (): void => port.close(() => undefined); // fails where the adapter is gone
      if (error === null) resolve(lineOver(path, port, close));
      else void explain(path, error.message).then((text) => reject(new UserError(text)));
    });
  });
}

/** What to try when a port does not open. */
async function explain(path: string, message: string): Promise<string> {
  if (/permission denied|access denied|EACCES/i.test(message)) {
    const remedy =
      process.platform === "linux"
        ? "\nYou are not allowed to use it. As root: usermod -aG dialout USER; then log in again."
        : "\nAnother program may have it open: a terminal, an IDE's monitor.";
    return `cannot open ${path}: permission denied${remedy}`;
  }
  if (/lock|busy|temporarily unavailable/i.test(message)) {
    return `cannot open ${path}: another program has it open (a terminal, an IDE's monitor)`;
  }
  if (process.platform !== "win32" && existsSync(path)) return `cannot open ${path}: ${message}`;
  const ports = await listPorts();
  const there = ports.length === 0 ? "There is no serial port." : `There is ${ports.join(", ")}.`;
  return `cannot open ${path}: ${message.replace(/^Error: /, "")}\n${there}`;
}

// --- an emulated board ---------------------------------------------------------------------------

function openTcp(name: string): Promise<Line> {
  const match = /^tcp:(\[[^\]]+\]|[^:]+):(\d{1,5})$/.exec(name);
  if (match === null) throw new UserError(`a TCP port is tcp:HOST:PORT, not ${name}`);
  const host = match[1]!.replace(/^\[|\]$/g, "");
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(match[2]), timeout: OPEN_LIMIT_MS });
    const fail = (reason: string): void => {
      socket.destroy();
      reject(new UserError(`cannot open ${name}: ${reason}\nDoes the emulated board run?`));
    };
    socket.once("error", (error) => fail(error.message));
    socket.once("timeout", () => fail("no answer"));
    socket.once("connect", () => {
      socket.removeAllListeners("error").removeAllListeners("timeout");
      socket.setTimeout(0).setNoDelay(true);
      resolve(lineOver(name, socket, () => void socket.destroy()));
    });
  });
}
