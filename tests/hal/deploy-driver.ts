// Builds tests/hal/deploy-driver.c with the parts of the firmware that the serial line reaches,
// starts it as a device, and puts a bad line between it and its user.

import { type ChildProcess, spawn } from "node:child_process";
import { once as event } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { exec, root } from "../../scripts/lib/exec.ts";
import { Client } from "../../scripts/lib/serial/client.ts";
import { Device } from "../../scripts/lib/serial/device.ts";
import { openPort } from "../../scripts/lib/serial/port.ts";
import { hashOf, nameAndContent, once, output } from "../harness/compile.ts";
import { Random } from "../harness/random.ts";

// --- building ------------------------------------------------------------------------------------

const NAMES =
  "app_slot app_receive frame service deploy deploy_message deploy_files console boot_guard " +
  "log_serial crc32 settings clock_posix fs_littlefs fs_littlefs_put fs_littlefs_volume flash_host";
const hal = path.join(root, "hal");
const HAL = NAMES.split(" ").map((name) => path.join(hal, `${name}.c`));
const DRIVER = ["driver", "device", "cuts", "fuzz"].map((name) =>
  path.join(root, "tests/hal", `deploy-${name}.c`),
);
const littlefs = path.join(root, "third_party/littlefs");
const LITTLEFS = ["lfs.c", "lfs_util.c"].map((name) => path.join(littlefs, name));

const FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-g", "-O1", "-I", hal, "-isystem", littlefs];
FLAGS.push("-DLFS_DEFINES=fs_littlefs_config.h");
FLAGS.push("-fsanitize=address,undefined", "-fno-sanitize-recover=all");
const WARNINGS = ["-Wall", "-Wextra", "-Werror", "-Wshadow", "-Wmissing-prototypes", "-Wvla"];

/** The path of deploy-driver, with sanitizers. */
export async function buildDriver(): Promise<string> {
  const headers = readdirSync(hal).filter((name) => name.endsWith(".h"));
  const included = headers.map((name) => path.join(hal, name));
  included.push(path.join(root, "tests/hal/deploy-driver.h"));
  const files = [...HAL, ...DRIVER, ...LITTLEFS, ...included];
  const hash = hashOf([...FLAGS, ...files.flatMap(nameAndContent)]);
  return once(path.join(output, `deploy-driver.${hash}`), async (target) => {
    const foreign = `${target}.o`;
    await exec("cc", [...FLAGS, "-w", "-r", "-o", foreign, ...LITTLEFS]);
    await exec("cc", [...FLAGS, ...WARNINGS, "-o", target, ...HAL, ...DRIVER, foreign]);
    rmSync(foreign);
  });
}

// --- a device ------------------------------------------------------------------------------------

/** Folder for flash files, removed when the process ends. */
export function flashFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "wassl-deploy-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface DeviceOptions {
  /** Of an earlier device, to stand in its place. */
  port?: number;
  /** The flash operation from now at which the power fails, and how (flash_host.h). */
  cut?: [number, number];
}

const children = new Set<ChildProcess>();
process.on("exit", () => children.forEach((child) => void child.kill("SIGKILL")));

export class RunningDevice {
  /** The exit status, or the signal. */
  readonly ended: Promise<number | string>;

  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {
    this.ended = event(child, "exit").then(([status, signal]) => status ?? signal);
    children.add(child);
  }

  static async start(flash: string, options: DeviceOptions = {}): Promise<RunningDevice> {
    const args = ["device", flash, "-p", String(options.port ?? 0)];
    if (options.cut) args.push("-c", options.cut.join(","));
    const child = spawn(await buildDriver(), args, { stdio: ["ignore", "pipe", "inherit"] });
    const [text] = (await Promise.race([event(child.stdout, "data"), event(child, "exit")])) as [
      Buffer | number | null,
    ];
    const match = /^port (\d+)\n$/.exec(String(text));
    if (match === null) throw new Error(`deploy-driver ${args.join(" ")}: ${text}`);
    return new RunningDevice(child, Number(match[1]));
  }

  /** Pulls the plug. */
  async stop(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }
}

/** Someone at a port of loopback, with all the text that the device says. */
export interface User {
  device: Device;
  client: Client;
  text(): string;
}

export async function userAt(port: number): Promise<User> {
  const client = new Client(await openPort({ port: `tcp:127.0.0.1:${port}`, baud: "115200" }));
  let text = "";
  client.onText = (bytes) => (text += Buffer.from(bytes).toString());
  return { device: new Device(client), client, text: () => text };
}

// --- a bad line ----------------------------------------------------------------------------------

export interface Faults {
  seed: number;
  /** One byte in so many is lost, changed, or doubled. */
  lose?: number;
  change?: number;
  double?: number;
  /** The line breaks after so many bytes towards the device, once. */
  breakAfter?: number;
}

/** A port in front of a device's port. */
export class BadLine {
  private readonly random: Random;
  private readonly sockets = new Set<Socket>();
  private passed = 0;
  private isBroken = false;
  faults = 0;

  private constructor(
    private readonly server: Server,
    private readonly options: Faults,
  ) {
    this.random = new Random(options.seed);
  }

  static async before(device: number, options: Faults): Promise<BadLine> {
    const server = createServer();
    const line = new BadLine(server, options);
    server.on("connection", (user) => line.join(user, connect(device, "127.0.0.1")));
    server.listen(0, "127.0.0.1");
    await event(server, "listening");
    return line;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private join(user: Socket, device: Socket): void {
    const both = [user, device];
    const end = (): void => both.forEach((socket) => void socket.destroy());
    for (const socket of both) {
      this.sockets.add(socket);
      socket.setNoDelay(true).on("error", end).on("close", end);
    }
    device.on("data", (bytes: Buffer) => user.write(this.damage(bytes)));
    user.on("data", (bytes: Buffer) => {
      this.passed += bytes.length;
      device.write(this.damage(bytes));
      if (this.isBroken || this.passed < (this.options.breakAfter ?? Infinity)) return;
      this.isBroken = true;
      end();
    });
  }

  private damage(bytes: Buffer): Uint8Array {
    return Uint8Array.from([...bytes].flatMap((byte) => this.damageOne(byte)));
  }

  private damageOne(byte: number): number[] {
    if (this.hits(this.options.lose)) return [];
    if (this.hits(this.options.change)) return [byte ^ (1 << this.random.below(8))];
    if (this.hits(this.options.double)) return [byte, byte];
    return [byte];
  }

  private hits(oneIn: number | undefined): boolean {
    if (oneIn === undefined || this.random.below(oneIn) !== 0) return false;
    this.faults++;
    return true;
  }
}
