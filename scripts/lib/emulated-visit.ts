// One visit of an emulated board to OpenSSL: examples/https-verified.ts, unchanged, with the CA in
// its files and the clock unset, fetches a page over TLS 1.3 with the certificate checked. Where
// the app asks for port 443, it gets the server's.

import { readFileSync } from "node:fs";
import path from "node:path";
import { Board } from "../sim/board.ts";
import { realHost } from "../sim/peer/host.ts";
import { Peer, type Clock } from "../sim/peer/link.ts";
import { compileApp } from "./app-compiler.ts";
import { appParts, type Firmware, type Part } from "./board-rp2040.ts";
import { parseStatus, type DeviceStatus } from "./device-status.ts";
import { root, UserError } from "./exec.ts";
import { imageOfFiles, type ImageFiles } from "./littlefs-image.ts";
import { opensslServer } from "./peers.ts";
import { makePki, type Pki, type PkiOptions } from "./pki.ts";
import type { Rp2040Board } from "./rp2040-config.ts";
import { Wiretap } from "./wiretap.ts";

/** Of the board's time. */
const MOST_SECONDS = 60;
const STATUS_SECONDS = 5;
const HTTPS = 443;
const HOST = "example.com";
const GATEWAY = "10.0.2.2";

export interface Visit {
  hardware: Rp2040Board;
  firmware: Firmware;
  /** Default: a leaf for example.com below an intermediate below the CA, all P-256. */
  pki?: PkiOptions;
  /** Of `openssl s_server`, besides TLS 1.3 and a page. */
  server?: readonly string[];
  /** Files of the board besides the CA: its settings. */
  files?: ImageFiles;
  /** Called before the power comes. */
  watch?: (board: Board, wire: Wiretap) => void;
}

export interface Visited {
  /** All that the console has said. */
  console: string;
  status: DeviceStatus;
  wire: Wiretap;
  cycles: number;
  seconds: number;
}

/** Throws where the app does not get its page. */
export async function visitOpenssl(visit: Visit): Promise<Visited> {
  const pki = makePki({ kind: "p256", ...visit.pki, leaf: { sans: [`DNS:${HOST}`] } });
  const args = ["-www", "-tls1_3", ...(visit.server ?? [])];
  const server = await opensslServer({ pki, args });
  try {
    return await visitPort(visit, pki, server.port);
  } finally {
    await server.stop();
    pki.remove();
  }
}

async function visitPort(visit: Visit, pki: Pki, port: number): Promise<Visited> {
  const { uf2, elf } = visit.firmware;
  let wire!: Wiretap;
  const link = (clock: Clock): Wiretap => (wire = new Wiretap(peerFor(clock, port)));
  const board = await Board.start({ uf2, elf, link, flash: await flashOf(visit, pki) });
  try {
    visit.watch?.(board, wire);
    await board.waitFor(/wassl: the app has ended[^\n]*\n/, MOST_SECONDS);
    const { cycles, seconds } = board;
    if (!/^HTTP\/1\.[01] 200/m.test(board.console))
      throw new UserError(`the board did not get its page:\n${board.console}`);
    board.write("status\r");
    await board.waitFor(/ssl: memory [^\n]*\n/, STATUS_SECONDS);
    return { console: board.console, status: parseStatus(board.console), wire, cycles, seconds };
  } finally {
    board.stop();
  }
}

function peerFor(clock: Clock, https: number): Peer {
  const start = Date.now() / 1000;
  return new Peer({
    clock,
    dns: { [HOST]: [GATEWAY] },
    time: () => start + clock.now() / 1000,
    host: {
      ...realHost,
      connect: (address, port) => realHost.connect(address, port === HTTPS ? https : port),
    },
  });
}

async function flashOf({ hardware, files }: Visit, pki: Pki): Promise<Part[]> {
  const name = "https-verified";
  const output = path.join(root, "build/bench", `${name}.wasm`);
  const { wasm } = compileApp(path.join(root, "examples", `${name}.ts`), output);
  const { offset, size } = hardware.flash.files;
  const bytes = await imageOfFiles({ ...files, "ca.der": pki.root.der }, size);
  return [...appParts(hardware, readFileSync(wasm), name), { offset, bytes }];
}
