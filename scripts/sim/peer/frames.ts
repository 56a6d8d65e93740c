// Frames over a byte stream: each behind its length, 4 bytes big-endian, as QEMU's "stream" and
// "socket" network back ends have it. So a program on this machine, such as a host build of the
// device's network stack, is connected with the peer.

import { createServer, type AddressInfo, type Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import type { Link } from "./link.ts";

const PREFIX = 4;
const LONGEST_FRAME = 65536; // a longer one is no frame: the stream is out of step
const UNSENT_LIMIT = 1 << 20;

/** A stream that is not one of frames. */
export class FramingError extends Error {
  override name = "FramingError";
}

export function encodeFrame(frame: Uint8Array): Buffer {
  const bytes = Buffer.alloc(PREFIX + frame.length);
  bytes.writeUInt32BE(frame.length, 0);
  bytes.set(frame, PREFIX);
  return bytes;
}

/** Takes a stream in pieces of any size; gives the frames. */
export class FrameDecoder {
  private rest: Buffer = Buffer.alloc(0);

  /** Throws FramingError; then the stream is lost. */
  push(bytes: Buffer): Buffer[] {
    this.rest = this.rest.length > 0 ? Buffer.concat([this.rest, bytes]) : bytes;
    const frames: Buffer[] = [];
    while (this.rest.length >= PREFIX) {
      const length = this.rest.readUInt32BE(0);
      if (length > LONGEST_FRAME) throw new FramingError(`a frame of ${length} bytes`);
      if (this.rest.length < PREFIX + length) break;
      frames.push(this.rest.subarray(PREFIX, PREFIX + length));
      this.rest = this.rest.subarray(PREFIX + length);
    }
    return frames;
  }
}

/**
 * Connects the program behind two streams with the link, until they end. A program that does not
 * read loses frames, as on a cable. What is no frame ends both streams.
 */
export function joinFrames(link: Link, input: Readable, output: Writable): void {
  const decoder = new FrameDecoder();
  input.on("data", (bytes: Buffer) => {
    try {
      for (const frame of decoder.push(bytes)) link.send(frame);
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      input.destroy(error);
      output.destroy();
    }
  });
  for (const stream of [input, output]) stream.on("error", () => undefined); // the program has gone
  link.onFrame = (frame) => {
    if (output.writable && output.writableLength < UNSENT_LIMIT) output.write(encodeFrame(frame));
  };
}

/** Listens at a path (Unix socket) or a port of 127.0.0.1; one program at a time, the newest. */
export async function listenForFrames(link: Link, where: string | number): Promise<FrameServer> {
  let current: Socket | null = null;
  const server = createServer({ noDelay: true }, (socket) => {
    current?.destroy();
    current = socket;
    joinFrames(link, socket, socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    if (typeof where === "string") server.listen(where, resolve);
    else server.listen(where, "127.0.0.1", resolve);
  });
  const port = typeof where === "string" ? 0 : (server.address() as AddressInfo).port;
  const close = (): void => {
    current?.destroy();
    server.close();
  };
  return { port, close };
}

export interface FrameServer {
  /** Of TCP; 0 for a Unix socket. */
  port: number;
  close(): void;
}
