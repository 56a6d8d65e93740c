// Requests to a device, one at a time, each repeated until its answer comes: the host's half of
// hal/deploy.h. Text that comes between goes to whoever wants it.

import { randomInt } from "node:crypto";
import { UserError } from "../exec.ts";
import { encodeFrame, type Frame, FRAME_VERSION, FrameDecoder } from "./frame.ts";
import type { Line } from "./port.ts";

/** Added to a request's type by its answer; and the type of the answer to another version. */
const ANSWER = 0x80;
const OTHER_VERSION = 0xff;

/** Milliseconds until a request is repeated: as measured, in these bounds, doubled each time. */
const REPEAT_MIN = 200;
const REPEAT_FIRST = 600;
const REPEAT_MAX = 4000;
/** How long an app may keep the device from answering. */
const PATIENCE_MS = 30_000;

/** The line is gone: what was done may go on over a new one. */
export class LineLost extends UserError {
  override name = "LineLost";
}

export interface Answer {
  /** 0 or a count, or minus one of hal.h's error numbers. */
  result: number;
  data: Uint8Array;
}

export class Client {
  /** Called with the device's text, bytes as they come. */
  onText: (text: Uint8Array) => void = () => undefined;
  /** Called when the line is gone, unless a request has thrown it. */
  onLost: (error: LineLost) => void = () => undefined;

  private sequence = randomInt(0x10000);
  private repeatMs = REPEAT_FIRST;
  private waiting: ((frame: Frame) => void) | null = null;
  private lost: string | null = null;
  private fail: ((error: LineLost) => void) | null = null;

  constructor(private readonly line: Line) {
    const decoder = new FrameDecoder(
      (frame) => this.waiting?.(frame),
      (text) => this.onText(text),
    );
    line.onData = (bytes) => decoder.take(bytes);
    line.onLost = (reason) => {
      this.lost = reason;
      (this.fail ?? this.onLost)(this.lineLost());
    };
  }

  /** Bytes of the console's, as typed. */
  type(bytes: Uint8Array): void {
    this.line.write(bytes);
  }

  close(): void {
    this.line.close();
  }

  get isLost(): boolean {
    return this.lost !== null;
  }

  /** The device's answer. Throws UserError where there is none, LineLost where the line is gone. */
  async request(type: number, payload: Uint8Array, patience = PATIENCE_MS): Promise<Answer> {
    this.sequence = (this.sequence + 1) & 0xffff;
    const frame = { version: FRAME_VERSION, type, sequence: this.sequence, payload };
    const answer = await this.exchange(frame, patience);
    if (answer.type === OTHER_VERSION) throw new UserError(otherVersion(answer.version));
    const view = new DataView(answer.payload.buffer, answer.payload.byteOffset);
    return { result: view.getInt32(0, true), data: answer.payload.subarray(4) };
  }

  private exchange(request: Frame, patience: number): Promise<Frame> {
    const bytes = encodeFrame(request);
    return new Promise<Frame>((resolve, reject) => {
      if (this.lost !== null) throw this.lineLost();
      const started = performance.now();
      let delay = this.repeatMs;
      let repeated = false;
      let timer: NodeJS.Timeout | undefined;
      const send = (): void => {
        this.line.write(bytes);
        timer = setTimeout(() => {
          if (performance.now() - started > patience) return end(() => reject(this.noAnswer()));
          repeated = true;
          delay = Math.min(2 * delay, REPEAT_MAX);
          send();
        }, delay);
      };
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        this.waiting = null;
        this.fail = null;
        settle();
      };
      this.fail = (error) => end(() => reject(error));
      this.waiting = (frame) => {
        if (!isAnswer(frame, request)) return;
        if (!repeated) this.measure(performance.now() - started);
        end(() => resolve(frame));
      };
      send();
    });
  }

  /** Four times what an answer takes, following slowly. */
  private measure(ms: number): void {
    const goal = Math.min(Math.max(4 * ms, REPEAT_MIN), REPEAT_MAX);
    this.repeatMs = goal > this.repeatMs ? goal : (3 * this.repeatMs + goal) / 4;
  }

  private lineLost(): LineLost {
    return new LineLost(`${this.line.name}: ${this.lost ?? "the line is gone"}`);
  }

  private noAnswer(): UserError {
    return new UserError(
      `no answer from ${this.line.name}. What to try:\n` +
        "  - Is it the right port, and nothing else connected to it?\n" +
        "  - Is the firmware on the board? Plug it in with BOOTSEL held, and copy the .uf2.\n" +
        "  - Are TX and RX of the adapter crossed, and is its ground connected?\n" +
        "  - Does an app compute without end? Ctrl-C in a terminal ends it, at last after 10 s.",
    );
  }
}

function isAnswer(frame: Frame, request: Frame): boolean {
  if (frame.sequence !== request.sequence) return false;
  if (frame.type === OTHER_VERSION) return true;
  const fits = frame.version === request.version && frame.payload.length >= 4;
  return fits && frame.type === (request.type | ANSWER);
}

function otherVersion(version: number): string {
  const older = version < FRAME_VERSION ? "the board's firmware" : "this wassl";
  return (
    `the board speaks version ${version} of the protocol, this wassl version ${FRAME_VERSION}: ` +
    `update ${older}`
  );
}
