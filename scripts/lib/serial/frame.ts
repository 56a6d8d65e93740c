// Frames on a serial line that a console shares: the other end of hal/frame.h.
//
//     END  MARKER  version  type  sequence:2  payload  CRC-32:4  END        numbers little-endian
//
// SLIP (RFC 1055) takes END out of what stands between; Ctrl-C is escaped too, so that one on the
// line is always somebody's key. What is outside of frames is text.

import { crc32 } from "../crc32.ts";

export const FRAME_VERSION = 1;
/** Bytes of an app or a file in one frame. */
export const FRAME_DATA_MAX = 512;
const PAYLOAD_MAX = 4 + FRAME_DATA_MAX;
const HEAD = 4;
const CRC = 4;

const END = 0xc0;
const MARKER = 0xfe;
const ESC = 0xdb;
/** Byte -> what follows ESC in its place. */
const ESCAPES = new Map([
  [END, 0xdc],
  [ESC, 0xdd],
  [0x03, 0xde],
]);
const UNESCAPES = new Map([...ESCAPES].map(([byte, code]) => [code, byte]));

export interface Frame {
  version: number;
  type: number;
  sequence: number;
  payload: Uint8Array;
}

/** A frame as it goes over the line. */
export function encodeFrame(frame: Frame): Uint8Array {
  if (frame.payload.length > PAYLOAD_MAX) throw new Error("the payload is too long for a frame");
  const content = new Uint8Array(HEAD + frame.payload.length + CRC);
  const view = new DataView(content.buffer);
  view.setUint8(0, frame.version);
  view.setUint8(1, frame.type);
  view.setUint16(2, frame.sequence, true);
  content.set(frame.payload, HEAD);
  view.setUint32(content.length - CRC, crc32(content.subarray(0, -CRC)), true);
  const escaped = [...content].flatMap((byte) => {
    const code = ESCAPES.get(byte);
    return code === undefined ? [byte] : [ESC, code];
  });
  return Uint8Array.from([END, MARKER, ...escaped, END]);
}

type State = "text" | "start" | "body" | "escape" | "skip";

/** Takes the line's bytes apart into text and frames; damaged frames are dropped. */
export class FrameDecoder {
  private state: State = "text";
  private content: number[] = [];
  private text: number[] = [];

  constructor(
    private readonly onFrame: (frame: Frame) => void,
    private readonly onText: (text: Uint8Array) => void,
  ) {}

  take(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (byte === END) this.end();
      else this.takeInside(byte);
    }
    this.flushText();
  }

  private takeInside(byte: number): void {
    switch (this.state) {
      case "start":
        this.content = [];
        this.state = byte === MARKER ? "body" : "text";
        if (byte !== MARKER) this.text.push(byte);
        break;
      case "body":
        if (byte === ESC) this.state = "escape";
        else this.add(byte);
        break;
      case "escape":
        this.state = "skip";
        if (UNESCAPES.has(byte)) this.add(UNESCAPES.get(byte)!);
        break;
      case "text":
        this.text.push(byte);
    }
  }

  private add(byte: number): void {
    this.state = this.content.length < HEAD + PAYLOAD_MAX + CRC ? "body" : "skip";
    this.content.push(byte);
  }

  /** One that is not whole may have lost its END: then this one begins the next. */
  private end(): void {
    const frame = this.state === "body" ? decodeContent(Uint8Array.from(this.content)) : null;
    this.state = frame === null ? "start" : "text";
    this.content = [];
    if (frame === null) return;
    this.flushText();
    this.onFrame(frame);
  }

  private flushText(): void {
    if (this.text.length > 0) this.onText(Uint8Array.from(this.text));
    this.text = [];
  }
}

/** What stands between marker and END, unescaped; null where it is damaged. */
function decodeContent(content: Uint8Array): Frame | null {
  if (content.length < HEAD + CRC) return null;
  const view = new DataView(content.buffer);
  const end = content.length - CRC;
  if (view.getUint32(end, true) !== crc32(content.subarray(0, end))) return null;
  return {
    version: view.getUint8(0),
    type: view.getUint8(1),
    sequence: view.getUint16(2, true),
    payload: content.subarray(HEAD, end),
  };
}
