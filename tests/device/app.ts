// Runs a small app (tests/entry/apps) on wassl-host, as a user's app runs: compiled by `wassl
// build`, with ssl.wasm as it ships, its files in a fresh folder.
//
//   const { lines, status } = await runApp("files", { files: { "a.txt": "one" } });
//
// An app says what it sees with print, and a test compares the lines. "server:1" is the name under
// which apps ask for the test's own server. WASSL_SANITIZE=1: with the sanitizers. WASSL_NET=lwip:
// with a board's network.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { compileApp, type App } from "../../scripts/lib/app-compiler.ts";
import { buildHost, HOST_LIMBS } from "../../scripts/lib/board-host.ts";
import { root } from "../../scripts/lib/exec.ts";
import { runOnHost } from "../../scripts/lib/host-run.ts";
import { imageOfFiles, type ImageFiles } from "../../scripts/lib/littlefs-image.ts";
import { translateSsl, type SslProgram } from "../../scripts/lib/ssl-program.ts";
import { Peer, type PeerOptions } from "../../scripts/sim/peer/link.ts";
import { tiers, type Tier } from "../../scripts/lib/tier.ts";
import { engines } from "../harness/engines.ts";

export interface AppOptions {
  /** The port that "server" has. */
  port?: number;
  /** wassl-host's options besides. */
  options?: string[];
  files?: ImageFiles;
  /** The files are in an image of littlefs, as on a board. */
  littlefs?: boolean;
  /** The network is a board's, lwIP, with this peer at the other end of its cable. */
  peer?: PeerOptions;
  /** How ssl.wasm is executed; default: the first of boardTiers. */
  tier?: Tier;
}

export interface AppOutcome {
  status: number | NodeJS.Signals;
  /** What it printed. */
  lines: string[];
  /** What the runner reported: traps. */
  reports: string[];
}

const wanted = tiers.filter((tier) => engines.includes(tier));

/** The tiers that tests on wassl-host are for: those of WASSL_ENGINE, else all. */
export const boardTiers: readonly Tier[] = wanted.length === 0 ? ["wasm3"] : wanted;

const LONGEST_RUN_MS = 240_000;
const IMAGE_SIZE = 256 * 1024;
const sanitize = process.env.WASSL_SANITIZE === "1";
const usualPeer = process.env.WASSL_NET === "lwip" ? {} : undefined;
// wasm3 keeps a trap's frames for who asks: they are no leak that matters here.
if (sanitize) process.env.ASAN_OPTIONS ??= "detect_leaks=0";

const folder = path.join(root, "build/tests/apps");
const devices = new Map<string, Promise<[host: string, ssl: SslProgram]>>();
const compiled = new Map<string, App>();
let images = 0;

/** Runs tests/entry/apps/<name>.ts to its end. */
export async function runApp(name: string, options: AppOptions = {}): Promise<AppOutcome> {
  const littlefs = options.littlefs ?? false;
  const { peer = usualPeer } = options;
  const [host, ssl] = await deviceOf(options.tier ?? boardTiers[0]!, littlefs, peer !== undefined);
  const app = appOf(name);
  const files = await makeFiles(options.files ?? {}, littlefs);
  const output: Uint8Array[] = [];
  const reports: string[] = [];
  const link = peer && new Peer(peer);
  const loopback = link ? "10.0.2.2" : "127.0.0.1";
  const to = options.port === undefined ? [] : [`--connect-to=server::${loopback}:${options.port}`];
  try {
    const status = await runOnHost(host, {
      options: ["--root", files, ...to, ...(options.options ?? [])],
      ssl,
      ...(link ? { link } : {}),
      app: app.wasm,
      output: (bytes) => void output.push(bytes),
      report: (line) => void reports.push(line),
      limit: LONGEST_RUN_MS,
    });
    const text = Buffer.concat(output).toString();
    return { status, lines: text === "" ? [] : text.trimEnd().split("\n"), reports };
  } finally {
    link?.close();
    rmSync(files, { recursive: true, force: true });
  }
}

/** wassl-host in a tier, brought up to date once in a test process. */
function deviceOf(
  tier: Tier,
  littlefs: boolean,
  lwip: boolean,
): Promise<[host: string, ssl: SslProgram]> {
  const build = async (): Promise<[string, SslProgram]> => {
    const ssl = await translateSsl(tier, HOST_LIMBS);
    return [await buildHost({ ssl, sanitize, littlefs, lwip }), ssl];
  };
  const kind = `${tier} ${littlefs} ${lwip}`;
  if (!devices.has(kind)) devices.set(kind, build());
  return devices.get(kind)!;
}

/** Compiled once in a test process, and for it alone: others may compile the same app. */
function appOf(name: string): App {
  const known = compiled.get(name);
  if (known) return known;
  const source = path.join(root, "tests/entry/apps", `${name}.ts`);
  const app = compileApp(source, path.join(folder, `${name}.${process.pid}.wasm`));
  process.once("exit", () => [app.wasm, `${app.wasm}.map`].forEach((file) => rmSync(file)));
  compiled.set(name, app);
  return app;
}

/** A folder with the files, or an image with them. */
async function makeFiles(files: ImageFiles, littlefs: boolean): Promise<string> {
  mkdirSync(folder, { recursive: true });
  if (littlefs) {
    const image = path.join(folder, `files.${process.pid}.${images++}`);
    writeFileSync(image, await imageOfFiles(files, IMAGE_SIZE));
    return image;
  }
  const created = mkdtempSync(path.join(folder, "files-"));
  for (const [name, contents] of Object.entries(files)) {
    writeFileSync(path.join(created, name), contents);
  }
  return created;
}
