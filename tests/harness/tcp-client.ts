// ssl.wasm's client over real TCP on loopback: MemoryClient with a socket behind it, for tests
// against C servers.
//
//   const client = await TcpClient.connect(m, port, { anchors }); // throws ClientError
//   await client.write(bytes);  await client.read(n);  await client.close();

import { connect, type Socket } from "node:net";
import { type Instance } from "./instance.ts";
import {
  EAGAIN,
  MemoryClient,
  describeError,
  type ClientOptions,
  type ErrorText,
} from "./memory-client.ts";
import { concat } from "./tls13-wire.ts";

/** The error of the connection, as an app would see it. */
export class ClientError extends Error {
  override name = "ClientError";

  constructor(readonly described: ErrorText) {
    super(described.text);
  }
}

const WAIT_MS = 60_000;

export class TcpClient {
  readonly tls: MemoryClient;
  private incoming: Uint8Array = new Uint8Array(0);
  private plaintext: Uint8Array = new Uint8Array(0);
  private ended = false;
  private changed: () => void = () => {};

  private constructor(
    private readonly m: Instance,
    private readonly socket: Socket,
    options: ClientOptions,
  ) {
    this.tls = new MemoryClient(m, options);
    socket.setNoDelay(true);
    socket.on("data", (bytes: Buffer) => {
      this.incoming = concat(this.incoming, bytes);
      this.changed();
    });
    const end = (): void => {
      this.ended = true;
      this.changed();
    };
    socket.on("end", end);
    socket.on("error", end);
  }

  /** A connection whose handshake is over. */
  static async connect(m: Instance, port: number, options: ClientOptions = {}): Promise<TcpClient> {
    const socket = connect({ port, host: "127.0.0.1" });
    const client = new TcpClient(m, socket, options);
    try {
      await client.until(() => client.tls.isConnected || undefined);
    } catch (error) {
      client.free();
      throw error;
    }
    return client;
  }

  /** Sends all of it. */
  async write(bytes: Uint8Array): Promise<void> {
    let at = 0;
    await this.until(() => {
      while (at < bytes.length) {
        const n = this.tls.write(bytes.subarray(at));
        if (n === -EAGAIN) this.flush();
        else if (n < 0) return this.fail(n);
        else at += n;
      }
      this.flush();
      return true;
    });
  }

  /** The next n bytes. */
  read(n: number): Promise<Uint8Array> {
    return this.until(() => {
      if (this.plaintext.length < n) return undefined;
      const bytes = this.plaintext.subarray(0, n);
      this.plaintext = this.plaintext.subarray(n);
      return bytes;
    });
  }

  /** Everything up to close_notify. */
  async readToEnd(): Promise<Uint8Array> {
    await this.until(() => (this.tls.readSize() === 0 ? true : undefined));
    return this.read(this.plaintext.length);
  }

  /** Sends close_notify and gives everything back. */
  async close(): Promise<void> {
    this.tls.close();
    this.flush();
    await new Promise<void>((resolve) => this.socket.end(resolve));
    this.free();
  }

  /** Gives everything back without a word to the server. */
  free(): void {
    this.flush();
    this.socket.destroySoon();
    this.tls.free();
  }

  /** Moves bytes until `look` finds what it wants. */
  private async until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      this.pump();
      const found = look();
      if (found !== undefined) return found;
      const wants = this.tls.wants();
      if (wants < 0) return this.fail(wants);
      await this.nextEvent();
    }
  }

  private pump(): void {
    for (let moved = true; moved;) {
      const taken = this.tls.receive(this.incoming);
      if (taken > 0) this.incoming = this.incoming.subarray(taken);
      const heard = this.tls.read();
      this.plaintext = concat(this.plaintext, heard);
      moved = taken > 0 || heard.length > 0;
    }
    if (this.ended && this.incoming.length === 0) this.tls.receiveEnd();
    this.flush();
  }

  private flush(): void {
    const out = this.tls.take();
    if (out.length > 0 && this.socket.writable) this.socket.write(out);
  }

  private fail(error: number): never {
    throw new ClientError(describeError(this.m, error));
  }

  private nextEvent(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("the server says nothing")), WAIT_MS);
      this.changed = () => {
        clearTimeout(timer);
        this.changed = (): void => {};
        resolve();
      };
    });
  }
}
