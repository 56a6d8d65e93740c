// Puts scripted servers behind a TCP port of the loopback interface: a fresh one for each
// connection that comes in, so that real clients (openssl s_client, wassl-host) can be held against
// the same scripts as ssl.wasm in memory.

import { createServer, type AddressInfo, type Socket } from "node:net";
import { ScriptedServer, type ServerOptions } from "./scripted-server.ts";

export interface Listener {
  port: number;
  /** One for each connection, in the order they came. */
  servers: ScriptedServer[];
  /** What a server threw: the client's bytes made no sense to it. */
  errors: Error[];
  close(): Promise<void>;
}

export interface ListenOptions {
  /** Closes the TCP connection (after what is queued) as soon as this holds. */
  closeWhen?: (server: ScriptedServer) => boolean;
}

export async function listen(
  server: ServerOptions,
  options: ListenOptions = {},
): Promise<Listener> {
  const sockets = new Set<Socket>();
  const listener: Listener = { port: 0, servers: [], errors: [], close };
  const tcp = createServer((socket) => {
    sockets.add(socket);
    const scripted = new ScriptedServer(server);
    listener.servers.push(scripted);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy()); // a client that refuses may reset it
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (bytes: Buffer) => feed(scripted, socket, bytes));
  });

  function feed(scripted: ScriptedServer, socket: Socket, bytes: Buffer): void {
    try {
      scripted.receive(bytes);
    } catch (error) {
      listener.errors.push(error as Error);
      socket.destroy();
      return;
    }
    const answer = scripted.take();
    if (answer.length > 0) socket.write(answer);
    if (options.closeWhen?.(scripted)) socket.end();
  }

  function close(): Promise<void> {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => tcp.close(() => resolve()));
  }

  await new Promise<void>((resolve) => tcp.listen(0, "127.0.0.1", resolve));
  listener.port = (tcp.address() as AddressInfo).port;
  return listener;
}
