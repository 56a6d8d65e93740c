// A host of its own for the peer under test: streams and datagrams within this process, so that
// nothing depends on real sockets and their time.

import { Duplex } from "node:stream";
import type {
  DatagramEvents,
  DatagramListener,
  Host,
  HostStream,
} from "../../../scripts/sim/peer/host.ts";

/** One end of a stream in memory; the other end reads what this one writes. */
class MemoryStream extends Duplex {
  other!: MemoryStream;
  private blocked: (() => void) | null = null;

  constructor() {
    super({ allowHalfOpen: true });
  }

  override _write(data: Buffer, _encoding: string, done: () => void): void {
    this.other.blocked = this.other.push(Buffer.from(data)) ? null : done;
    if (this.other.blocked === null) done();
  }

  override _read(): void {
    const done = this.blocked;
    this.blocked = null;
    done?.();
  }

  override _final(done: () => void): void {
    this.other.push(null);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const orderly = this.readableEnded && this.writableFinished;
    if (!orderly) setImmediate(() => this.other.destroy());
    done(error);
  }
}

export function streamPair(): [HostStream, HostStream] {
  const [a, b] = [new MemoryStream(), new MemoryStream()];
  a.other = b;
  b.other = a;
  for (const stream of [a, b]) stream.on("error", () => undefined);
  return [a, b];
}

export class FakeHost implements Host {
  /** What serves a TCP port: gets its end of each connection. */
  readonly servers = new Map<number, (stream: HostStream) => void>();
  /** What answers UDP datagrams to a port. */
  readonly answers = new Map<number, (data: Buffer) => Buffer[]>();
  /** The code of a failure to connect, if not ECONNREFUSED. */
  failure = "ECONNREFUSED";
  readonly connected: string[] = [];
  openSockets = 0;

  private readonly accepting = new Map<number, (stream: HostStream) => void>();
  private readonly receiving = new Map<number, (data: Buffer, from: number) => void>();
  readonly sentToClients: { data: Buffer; port: number }[] = [];

  connect(address: string, port: number): HostStream {
    this.connected.push(`${address}:${port}`);
    const [near, far] = streamPair();
    this.openSockets++;
    near.once("close", () => this.openSockets--);
    const server = this.servers.get(port);
    setImmediate(() => {
      if (near.destroyed) return;
      if (server) {
        near.emit("connect");
        server(far);
      } else {
        near.destroy(Object.assign(new Error(this.failure), { code: this.failure }));
      }
    });
    return near;
  }

  openUdp(address: string, port: number, events: DatagramEvents) {
    this.connected.push(`udp:${address}:${port}`);
    this.openSockets++;
    const send = (data: Buffer): void => {
      const answer = this.answers.get(port);
      setImmediate(() => {
        if (answer) for (const reply of answer(data)) events.received(reply);
        else events.refused();
      });
    };
    return { send, close: () => void this.openSockets-- };
  }

  async listenTcp(port: number, accepted: (stream: HostStream) => void) {
    this.accepting.set(port, accepted);
    return { port, close: () => void this.accepting.delete(port) };
  }

  async listenUdp(
    port: number,
    received: (data: Buffer, from: number) => void,
  ): Promise<DatagramListener> {
    this.receiving.set(port, received);
    return {
      port,
      send: (data, to) => void this.sentToClients.push({ data, port: to }),
      close: () => void this.receiving.delete(port),
    };
  }

  async lookup(name: string): Promise<string[] | null | "failed"> {
    if (name === "broken.test") return "failed";
    return name === "outside.test" ? ["192.0.2.1", "2001:db8::1"] : null;
  }

  /** A program connects to a forwarded port: its end of the stream. */
  dial(port: number): HostStream {
    const [near, far] = streamPair();
    this.accepting.get(port)!(near);
    return far;
  }

  /** A program sends a datagram to a forwarded port. */
  sendUdp(port: number, data: Buffer, from: number): void {
    this.receiving.get(port)!(data, from);
  }
}
