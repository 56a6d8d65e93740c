// Couples a TCP connection of the device's with a stream of this machine: bytes, ends and failures
// go across, and so does slowness, both ways: a slow host closes the window, a slow device pauses
// the stream.

import type { HostStream } from "./host.ts";
import type { TcpConnection } from "./tcp-connection.ts";

const QUEUE_HIGH = 65536;
const QUEUE_LOW = 32768;

export class Bridge {
  private hostEnded = false;
  private deviceEnded = false;
  private broken = false;

  constructor(
    private readonly connection: TcpConnection,
    private readonly stream: HostStream,
  ) {
    stream.on("data", (data: Buffer) => this.sendToDevice(data));
    stream.on("end", () => this.endByHost());
    stream.on("error", () => this.breakByHost());
    stream.on("close", () => {
      if (!this.hostEnded || !this.deviceEnded) this.breakByHost();
    });
  }

  /** The device's bytes. */
  received(data: Buffer): void {
    if (this.broken) return;
    this.stream.write(data, () => this.tellUnread());
    this.tellUnread();
  }

  /** The device has sent its last byte. */
  ended(): void {
    this.deviceEnded = true;
    if (!this.broken) this.stream.end();
  }

  /** The device has acknowledged some bytes. */
  drained(): void {
    if (this.stream.isPaused() && this.connection.queued <= QUEUE_LOW) this.stream.resume();
  }

  /** The connection with the device is gone: the host's program gets a reset, too. */
  failed(): void {
    if (this.broken) return;
    this.broken = true;
    breakStream(this.stream);
  }

  private sendToDevice(data: Buffer): void {
    this.connection.write(data);
    if (this.connection.queued >= QUEUE_HIGH) this.stream.pause();
  }

  private endByHost(): void {
    this.hostEnded = true;
    this.connection.end();
  }

  private breakByHost(): void {
    if (this.broken) return;
    this.broken = true;
    this.connection.abort();
    this.stream.destroy();
  }

  private tellUnread(): void {
    if (!this.broken) this.connection.unreadIs(this.stream.writableLength);
  }
}

/** Ends a stream so that its other side notices that this was no orderly end. */
export function breakStream(stream: HostStream): void {
  if (!("resetAndDestroy" in stream) || typeof stream.resetAndDestroy !== "function") {
    stream.destroy();
  } else if (stream.writableEnded && !stream.writableFinished) {
    // libuv refuses to reset a socket that is about to send its FIN, and Node never closes it then:
    // at the process's end it waits for that for ever, at full speed.
    stream.once("finish", () => breakStream(stream));
    if ("unref" in stream && typeof stream.unref === "function") stream.unref();
  } else {
    stream.resetAndDestroy();
  }
}
