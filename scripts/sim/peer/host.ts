// The sockets of this machine, behind an interface: tests put their own in its place. Listeners are
// bound to loopback only.

import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import type { EventEmitter } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

const LOOPBACK = "127.0.0.1";

/** A stream that knows whether it has reached the other side: it emits `connect` or `error`. */
export type HostStream = Duplex;

export interface HostDatagrams {
  send(data: Buffer): void;
  close(): void;
}

export interface DatagramEvents {
  received(data: Buffer): void;
  /** Nobody listens there; close() is still to be called. */
  refused(): void;
}

export interface DatagramListener extends Listener {
  send(data: Buffer, port: number): void;
}

export interface Listener {
  port: number;
  close(): void;
}

export interface Host {
  connect(address: string, port: number): HostStream;
  openUdp(address: string, port: number, events: DatagramEvents): HostDatagrams;
  /** Listens on a port, or on a free one if it is 0. */
  listenTcp(port: number, accepted: (stream: HostStream) => void): Promise<Listener>;
  listenUdp(
    port: number,
    received: (data: Buffer, from: number) => void,
  ): Promise<DatagramListener>;
  /** The addresses of a name in the real world; null if there is no such name. */
  lookup(name: string): Promise<string[] | null | "failed">;
}

export const realHost: Host = {
  connect(address, port) {
    return connect({ host: address, port, allowHalfOpen: true, noDelay: true });
  },

  openUdp(address, port, events) {
    const socket = createSocket("udp4");
    const waiting: Buffer[] = [];
    let state: "connecting" | "connected" | "closed" = "connecting";
    socket.on("message", (data) => events.received(data));
    socket.on("error", () => events.refused());
    socket.connect(port, address, () => {
      if (state === "closed") return;
      state = "connected";
      for (const data of waiting.splice(0)) socket.send(data);
    });
    return {
      send(data) {
        if (state === "connected") socket.send(data);
        else if (waiting.length < WAITING_DATAGRAMS) waiting.push(data);
      },
      close() {
        if (state === "closed") return;
        state = "closed";
        socket.close();
      },
    };
  },

  async listenTcp(port, accepted) {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true });
    server.on("connection", accepted);
    await listening(server, (done) => server.listen(port, LOOPBACK, done));
    return { port: (server.address() as AddressInfo).port, close: () => server.close() };
  },

  async listenUdp(port, received) {
    const socket = createSocket("udp4");
    socket.on("message", (data, from) => received(data, from.port));
    await listening(socket, (done) => socket.bind(port, LOOPBACK, done));
    socket.on("error", () => undefined); // of a client that has gone
    return {
      port: socket.address().port,
      send: (data, to) => socket.send(data, to, LOOPBACK),
      close: () => socket.close(),
    };
  },

  async lookup(name) {
    try {
      return (await lookup(name, { all: true })).map((found) => found.address);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "ENOTFOUND" ? null : "failed";
    }
  },
};

const WAITING_DATAGRAMS = 16;

function listening(server: EventEmitter, start: (done: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    start(() => {
      server.off("error", reject);
      resolve();
    });
  });
}
