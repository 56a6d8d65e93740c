// A server that does what the lines of text it gets ask for, over TCP or over TLS (Node's, which is
// OpenSSL). What is sent in pieces is sent with pauses: a reader that does not loop sees less.

import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { createSecureContext, TLSSocket, type SecureContextOptions } from "node:tls";
import type { Duplex } from "node:stream";

export interface PlainServer {
  port: number;
  /** How each connection has ended, in the order of their ends: "end", or the error's code. */
  ends: string[];
  stop(): Promise<void>;
}

const PAUSE_MS = 15;

/**
 * Starts one; with `tls` it speaks TLS 1.3. A held one says nothing before the second connection.
 */
export async function startServer(tls?: SecureContextOptions, held = false): Promise<PlainServer> {
  const secureContext = tls && createSecureContext({ minVersion: "TLSv1.3", ...tls });
  const ends: string[] = [];
  const open = new Set<Socket>();
  const begin = (raw: Socket): void => {
    const stream = secureContext ? new TLSSocket(raw, { isServer: true, secureContext }) : raw;
    stream.on("end", () => ends.push("end"));
    stream.on("error", (error: NodeJS.ErrnoException) => ends.push(error.code ?? error.message));
    serve(stream, raw);
  };
  const server = createServer((raw) => {
    open.add(raw);
    raw.on("close", () => open.delete(raw));
    if (!held) begin(raw);
    else if (open.size > 1) open.forEach(begin);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    ends,
    stop: () => stopped(server, open),
  };
}

function stopped(server: Server, open: Set<Socket>): Promise<void> {
  for (const socket of open) socket.destroy();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** Reads commands, one a line, and answers them in order. */
function serve(stream: Duplex, raw: Socket): void {
  let buffer = Buffer.alloc(0);
  let busy = Promise.resolve();
  let toCount = 0;
  const take = (): void => {
    for (;;) {
      if (toCount > 0) {
        if (buffer.length < toCount) return;
        stream.write(isPattern(buffer.subarray(0, toCount)) ? "right\n" : "wrong\n");
        buffer = buffer.subarray(toCount);
        toCount = 0;
      }
      const end = buffer.indexOf("\n");
      if (end < 0) return;
      const [verb, argument] = buffer.toString("latin1", 0, end).split(" ");
      buffer = buffer.subarray(end + 1);
      if (verb === "count") toCount = Number(argument);
      else busy = busy.then(() => answer(stream, raw, verb!, argument ?? ""));
    }
  };
  stream.on("data", (bytes: Buffer) => {
    buffer = Buffer.concat([buffer, bytes]);
    take();
  });
}

async function answer(stream: Duplex, raw: Socket, verb: string, argument: string): Promise<void> {
  if (verb === "say") stream.write(argument);
  else if (verb === "big") stream.write(pattern(Number(argument)));
  else if (verb === "pieces") await pieces(stream, ["abc", "def", "ghi\nxyz"]);
  else if (verb === "end") {
    await pieces(stream, ["good", "bye"]);
    stream.end();
  } else if (verb === "cut") {
    await pieces(stream, ["good", "bye"]);
    raw.end(); // no close_notify
  }
}

async function pieces(stream: Duplex, parts: string[]): Promise<void> {
  for (const part of parts) {
    stream.write(part);
    await pause(PAUSE_MS);
  }
}

/** What the app sends and expects in bulk: streams.ts has the same. */
function pattern(n: number): Buffer {
  return Buffer.from(Array.from({ length: n }, (_, i) => (i * 7) >> 3));
}

function isPattern(bytes: Buffer): boolean {
  return bytes.equals(pattern(bytes.length));
}
