// What a device can be asked over its serial line: the requests of hal/deploy.c and
// hal/deploy_files.c, as functions. Layouts: docs/serial.md.

import { crc32 } from "../crc32.ts";
import { UserError } from "../exec.ts";
import { type Answer, Client } from "./client.ts";
import { FRAME_DATA_MAX } from "./frame.ts";
import { PayloadReader, PayloadWriter } from "./payload.ts";

const HELLO = 0x01;
const RESTART = 0x02;
const STOP = 0x03;
const APP_BEGIN = 0x10;
const APP_DATA = 0x11;
const APP_COMMIT = 0x12;
const FILE_LIST = 0x20;
const FILE_GET = 0x21;
const FILE_BEGIN = 0x22;
const FILE_DATA = 0x23;
const FILE_COMMIT = 0x24;
const FILE_REMOVE = 0x25;
const FORMAT = 0x26;
const CLOCK_GET = 0x30;
const CLOCK_SET = 0x31;

const FLAG_FRESH = 1;
const SIZE_FOLDER = 0xffffffff;

/** Of hal.h; tests/hal/deploy-files.test.ts compares them. */
export const ERRORS = {
  ENOENT: 2,
  EIO: 5,
  EAGAIN: 11,
  EACCES: 13,
  EEXIST: 17,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  ENOSPC: 28,
} as const;

const REASONS: Record<number, string> = {
  [ERRORS.ENOENT]: "there is no such file or folder",
  [ERRORS.EIO]: "the flash or its file system is damaged",
  [ERRORS.EACCES]: "not allowed",
  [ERRORS.EEXIST]: "it exists already, or is not empty",
  [ERRORS.EISDIR]: "it is a folder",
  [ERRORS.EINVAL]: "the device's firmware does not take this request",
  [ERRORS.ENFILE]: "too many files are open",
  [ERRORS.ENOSPC]: "there is no room for it",
};

/** Why a request failed, by the error that the device gave. */
export class DeviceError extends UserError {
  override name = "DeviceError";
  constructor(
    what: string,
    readonly errno: number,
  ) {
    super(`${what}: ${REASONS[errno] ?? `error ${errno} of the device`}`);
  }
}

export interface DeviceInfo {
  board: string;
  firmware: string;
  /** Milliseconds since it started. */
  uptime: number;
  /** The longest app, in bytes. */
  capacity: number;
  app: "none" | "running" | "ended" | "held";
  /** The app that starts, where there is one. */
  installed: { name: string; version: string; length: number; crc: number } | null;
}

export interface AppToSend {
  wasm: Uint8Array;
  name: string;
  version: string;
}

export interface FileEntry {
  name: string;
  /** Bytes; null for a folder. */
  size: number | null;
}

/** Called while something long goes on: bytes that are there of those that shall be. */
export type Progress = (done: number, total: number) => void;

export class Device {
  constructor(readonly client: Client) {}

  /** Milliseconds of patience may be less than usual, to see whether there is a device at all. */
  async hello(patience?: number): Promise<DeviceInfo> {
    const nonce = crypto.getRandomValues(new Uint8Array(8));
    const { data } = check("hello", await this.client.request(HELLO, nonce, patience));
    return parseInfo(new PayloadReader(data).text());
  }

  /** Returns when the device has taken it; hello's uptime then tells when it is back. */
  async restart(startApp: boolean): Promise<void> {
    check("restart", await this.client.request(RESTART, Uint8Array.of(startApp ? 1 : 0)));
  }

  /** Asks the app to end: false where none runs. */
  async stop(): Promise<boolean> {
    return check("stop", await this.client.request(STOP, new Uint8Array())).result === 1;
  }

  // --- the app -----------------------------------------------------------------------------------

  /**
   * Sends an app into the free slot, from where an earlier attempt was broken off, and makes it the
   * one that starts. False where this very app is there already.
   */
  async installApp(app: AppToSend, progress: Progress): Promise<boolean> {
    let begun = await this.beginApp(app, false);
    if (begun !== null && begun.crc !== crc32(app.wasm.subarray(0, begun.length))) {
      begun = await this.beginApp(app, true);
    }
    if (begun === null) return false;
    await this.sendData(APP_DATA, app.wasm, begun.length, app.name, progress);
    const { result } = await this.client.request(APP_COMMIT, new Uint8Array());
    if (result === -ERRORS.EIO) throw new DeviceError(`${app.name} was damaged on its way`, 5);
    check(app.name, { result, data: new Uint8Array() });
    return true;
  }

  /** What of it is in the slot already, or null where all of it is installed. */
  private async beginApp(
    { wasm, name, version }: AppToSend,
    fresh: boolean,
  ): Promise<{ length: number; crc: number } | null> {
    const payload = new PayloadWriter().u32(wasm.length).u32(crc32(wasm));
    payload
      .u8(fresh ? FLAG_FRESH : 0)
      .text(name)
      .text(version);
    let answer: Answer;
    do answer = await this.client.request(APP_BEGIN, payload.done());
    while (answer.result === -ERRORS.EAGAIN); // it erases, a part each time
    const { result, data } = check(name, answer);
    const reader = new PayloadReader(data);
    return result === 1 ? null : { length: reader.u32(), crc: reader.u32() };
  }

  private async sendData(
    type: number,
    bytes: Uint8Array,
    start: number,
    name: string,
    progress: Progress,
  ): Promise<void> {
    progress(start, bytes.length);
    for (let at = start; at < bytes.length; at += FRAME_DATA_MAX) {
      const part = bytes.subarray(at, at + FRAME_DATA_MAX);
      const payload = new PayloadWriter().u32(at).bytes(part).done();
      check(name, await this.client.request(type, payload));
      progress(at + part.length, bytes.length);
    }
  }

  // --- files -------------------------------------------------------------------------------------

  async listFiles(folder: string): Promise<FileEntry[]> {
    const entries: FileEntry[] = [];
    for (;;) {
      const payload = new PayloadWriter().u32(entries.length).text(folder).done();
      const { result, data } = check(folder, await this.client.request(FILE_LIST, payload));
      if (result === 0) return entries;
      const reader = new PayloadReader(data);
      const size = reader.u32();
      entries.push({ name: reader.text(), size: size === SIZE_FOLDER ? null : size });
    }
  }

  async readFile(path: string): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let at = 0; ; at += parts.at(-1)!.length) {
      const payload = new PayloadWriter().u32(at).text(path).done();
      const { result, data } = check(path, await this.client.request(FILE_GET, payload));
      if (result === 0) return Uint8Array.from(Buffer.concat(parts));
      if (data.length !== result) throw new UserError("the device's answer is too short");
      parts.push(Uint8Array.from(data));
    }
  }

  /** Replaces the file, or creates it with its folders: as a whole or not at all. */
  async writeFile(path: string, bytes: Uint8Array, progress: Progress): Promise<void> {
    const head = new PayloadWriter().u32(bytes.length).u32(crc32(bytes)).text(path).done();
    const begun = check(path, await this.client.request(FILE_BEGIN, head));
    const there = new PayloadReader(begun.data).u32();
    await this.sendData(FILE_DATA, bytes, there, path, progress);
    const end = new PayloadWriter().text(path).done();
    check(path, await this.client.request(FILE_COMMIT, end));
  }

  async removeFile(path: string): Promise<void> {
    const payload = new PayloadWriter().text(path).done();
    check(path, await this.client.request(FILE_REMOVE, payload));
  }

  /** Erases all files; not while an app runs. */
  async format(): Promise<void> {
    const word = new TextEncoder().encode("FORMAT");
    check("format", await this.client.request(FORMAT, word));
  }

  // --- the clock ---------------------------------------------------------------------------------

  /** Seconds since 1970, or null while it was never set. */
  async clock(): Promise<number | null> {
    const { data } = check("clock", await this.client.request(CLOCK_GET, new Uint8Array()));
    const seconds = new PayloadReader(data).i64();
    return seconds < 0n ? null : Number(seconds);
  }

  async setClock(seconds: number): Promise<void> {
    const payload = new PayloadWriter().i64(BigInt(seconds)).done();
    check("clock", await this.client.request(CLOCK_SET, payload));
  }
}

function check(what: string, answer: Answer): Answer {
  if (answer.result < 0) throw new DeviceError(what, -answer.result);
  return answer;
}

function parseInfo(text: string): DeviceInfo {
  const lines = text.split("\n").filter((line) => line.includes("="));
  const pairs = lines.map((line): [string, string] => {
    const at = line.indexOf("=");
    return [line.slice(0, at), line.slice(at + 1)];
  });
  const fields = new Map(pairs);
  const field = (name: string): string => fields.get(name) ?? "";
  const number = (name: string): number => Number(field(name));
  const installed = { name: field("name"), version: field("version") };
  return {
    board: field("board"),
    firmware: field("firmware"),
    uptime: number("uptime"),
    capacity: number("capacity"),
    app: field("app") as DeviceInfo["app"],
    installed: fields.has("name")
      ? { ...installed, length: number("length"), crc: number("crc") }
      : null,
  };
}
