// The C servers that our client is held against, on loopback: `openssl s_server` and `gnutls-serv`
// of Debian. Each is a child process that is up when its promise resolves and gone after stop();
// one that is missing on the machine is a failure, not a skip.

import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { type Pki } from "./pki.ts";

export interface Peer {
  name: "openssl" | "gnutls";
  port: number;
  /** Everything it has printed so far. */
  output(): string;
  /** Its standard input. */
  type(text: string | Uint8Array): void;
  /** Resolves when its output has this text. */
  until(text: string): Promise<void>;
  stop(): Promise<void>;
}

export interface PeerOptions {
  pki: Pki;
  /** PEM file of the certificates to present; default: the whole chain. */
  chainFile?: string;
  args?: string[];
  /** Folder to run in, for servers of files. */
  cwd?: string;
}

const START_MS = 60_000;
/** That are tried. */
const PORTS = 3;

/** s_server over TLS 1.3 unless args say another version. */
export async function opensslServer({
  pki,
  chainFile,
  args = [],
  cwd,
}: PeerOptions): Promise<Peer> {
  const chain = chainFile ?? pki.chainFile;
  const files = ["-key", pki.leaf.keyFile, "-cert", chain, ...issuersOf(chain)];
  const accept = ["-accept", "127.0.0.1:0"];
  const peer = launch("openssl", ["s_server", ...accept, ...files, ...args], cwd);
  await peer.until("ACCEPT ");
  peer.port = Number(/ACCEPT .*?:(\d+)/.exec(peer.output())![1]);
  return peer;
}

/** -cert takes the first certificate of a file alone, -cert_chain all of one. */
function issuersOf(chain: string): string[] {
  const pem = readFileSync(chain, "latin1");
  const second = pem.indexOf("-----BEGIN CERTIFICATE", 1);
  if (second < 0) return [];
  const file = `${chain}.issuers`;
  writeFileSync(file, pem.slice(second));
  return ["-cert_chain", file];
}

/**
 * gnutls-serv that echoes what it hears, or with args ["--http"] answers as a web server;
 * `priority` in GnuTLS's notation. It does not tell which port it took, so it is given one that was
 * free a moment ago; where somebody was faster (it goes on with IPv6 then), another one.
 */
export async function gnutlsServer(
  { pki, chainFile, args = [] }: PeerOptions,
  priority = "NORMAL:-VERS-ALL:+VERS-TLS1.3",
): Promise<Peer> {
  const files = ["--x509keyfile", pki.leaf.keyFile, "--x509certfile", chainFile ?? pki.chainFile];
  const mode = args.includes("--http") ? [] : ["--echo"];
  const common = [...mode, "--priority", priority, "--noticket", ...files, ...args];
  for (let tries = 1; tries <= PORTS; tries++) {
    const port = await freePort();
    const peer = launch("gnutls-serv", ["--port", String(port), ...common]);
    peer.port = port;
    await peer.until(`port ${port}...done`); // it says the first half before it listens
    if (!peer.output().includes("already in use")) return peer;
    await peer.stop();
  }
  throw new Error(`gnutls-serv: ${PORTS} free ports were taken`);
}

function launch(command: "openssl" | "gnutls-serv", args: string[], cwd?: string): Peer {
  const child = spawn(command, args, { cwd, stdio: "pipe" });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  let text = "";
  const waiting = new Set<() => void>();
  const changed = (): void => waiting.forEach((look) => look());
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (bytes: Buffer) => {
      text += bytes.toString("latin1");
      changed();
    });
  }
  child.stdin.on("error", () => {}); // it has gone already: whoever waits for it will say so
  child.once("error", (error) => (text += `\n${error.message}`));
  child.once("close", changed);
  return {
    name: command === "openssl" ? "openssl" : "gnutls",
    port: 0,
    output: () => text,
    type: (input) => void child.stdin.write(input),
    until: (wanted) => waitFor(wanted, () => text, child, waiting, `${command} ${args.join(" ")}`),
    stop: async () => {
      process.off("exit", kill);
      kill();
      await ended;
    },
  };
}

function waitFor(
  wanted: string,
  text: () => string,
  child: ChildProcess,
  waiting: Set<() => void>,
  command: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (error?: string): void => {
      clearTimeout(timer);
      waiting.delete(look);
      if (error) reject(new Error(`${command}\n${error}; it said:\n${text()}`));
      else resolve();
    };
    const look = (): void => {
      if (text().includes(wanted)) finish();
      else if (child.exitCode !== null || child.signalCode !== null || !child.pid) finish("ended");
    };
    const timer = setTimeout(() => finish(`no "${wanted}" in ${START_MS} ms`), START_MS);
    waiting.add(look);
    look();
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
