// The serial line of an emulated board: what is typed goes out byte by byte at the line's speed,
// what the board says is decoded into text (without the frames between), and TCP connections to
// 127.0.0.1 can take part, as `wassl deploy --port tcp:...` does.

import { createServer, type Server, type Socket } from "node:net";
import { FrameDecoder } from "../lib/serial/frame.ts";
import type { Chip } from "./chip.ts";
import type { Alarm } from "./clock.ts";

const BITS_PER_BYTE = 10;

export class SerialLine {
  /** Called with each byte that the board sends. */
  onByte: (byte: number) => void = () => undefined;
  /** Called with the console's text, as it comes. */
  onText: (bytes: Uint8Array) => void = () => undefined;
  /** Called when something has been typed. */
  onInput: () => void = () => undefined;
  private readonly input: number[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly byteNanos: number;
  private decoder = this.newDecoder();
  private server: Server | null = null;
  private next: Alarm | null = null;

  constructor(baud: number) {
    this.byteNanos = (BITS_PER_BYTE * 1e9) / baud;
  }

  /** Joins a chip that has just come up. */
  attach(chip: Chip): void {
    const [uart] = chip.serial;
    this.decoder = this.newDecoder();
    uart.onByte = (byte) => this.receive(byte);
    this.next = chip.clock.createAlarm(() => {
      uart.receive(this.input.shift()!, this.byteNanos);
      this.schedule();
    });
    this.schedule();
  }

  write(bytes: Uint8Array): void {
    for (const byte of bytes) this.input.push(byte);
    if (this.next?.scheduled === false) this.schedule();
    this.onInput();
  }

  /** Bytes that are still to come. */
  get pending(): number {
    return this.input.length;
  }

  /** The port of 127.0.0.1: `port`, or a free one for 0. */
  async listen(port: number): Promise<number> {
    const server = createServer((socket) => this.connect(socket));
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : port;
  }

  close(): void {
    this.server?.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private newDecoder(): FrameDecoder {
    return new FrameDecoder(
      () => undefined,
      (text) => this.onText(text),
    );
  }

  private connect(socket: Socket): void {
    this.sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("data", (bytes: Uint8Array) => this.write(bytes));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.sockets.delete(socket));
  }

  private receive(byte: number): void {
    const bytes = Uint8Array.of(byte);
    this.onByte(byte);
    this.decoder.take(bytes);
    for (const socket of this.sockets) socket.write(bytes);
  }

  private schedule(): void {
    if (this.input.length > 0) this.next?.schedule(this.byteNanos);
  }
}
