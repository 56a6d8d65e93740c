// The console of an emulated board on this terminal: shows what it says, finds out from that how
// the app has ended, and hands on what is typed.

import type { Board } from "../sim/board.ts";
import { ConsoleText } from "./serial/console-text.ts";

const LEAVE = 0x1d; // Ctrl-]
const FAILED = 1;
const INTERRUPTED = 130;

/** What boards/rp2040 and hal/service say at the end of an app, and after a crash. */
const STATUS = /^wassl: exit status (\d+)$/;
const ENDED = /^wassl: the app (has ended|was not started)/;
const CRASHED = /^wassl .*, after (fault|lock-up)$/;

export class EmulatedScreen {
  private readonly text: ConsoleText;
  private readonly utf8 = new TextDecoder();
  private line = "";
  private status: number | null = null;
  private end: (status: number) => void = () => undefined;
  private readonly closing: Array<() => void> = [];

  /** `wasmFile` is the app that will run, if any; `stays` where its end is not the run's. */
  constructor(
    wasmFile: string | null,
    private readonly stays: boolean,
  ) {
    this.text = new ConsoleText((part) => void process.stdout.write(part));
    if (wasmFile !== null) this.text.app = wasmFile;
  }

  take(bytes: Uint8Array): void {
    this.text.take(bytes);
    this.line += this.utf8.decode(bytes, { stream: true });
    const lines = this.line.split(/\r?\n/);
    this.line = lines.pop()!;
    for (const line of lines) this.look(line);
  }

  /** Until the app or the user ends it: the exit status. */
  follow(board: Board): Promise<number> {
    return new Promise((resolve) => {
      this.end = resolve;
      this.onSignal(() => resolve(INTERRUPTED));
      if (this.stays) this.type(board);
    });
  }

  close(): void {
    for (const undo of this.closing) undo();
  }

  private look(line: string): void {
    const status = STATUS.exec(line);
    if (status !== null) this.status = Number(status[1]);
    if (this.stays) return;
    if (ENDED.test(line)) this.end(this.status ?? FAILED);
    if (CRASHED.test(line)) this.end(FAILED);
  }

  private onSignal(action: () => void): void {
    process.on("SIGINT", action);
    process.on("SIGTERM", action);
    this.closing.push(() => {
      process.off("SIGINT", action);
      process.off("SIGTERM", action);
    });
  }

  /** Keys go to the board, Ctrl-C among them; Ctrl-] leaves. */
  private type(board: Board): void {
    const { stdin } = process;
    if (stdin.isTTY) stdin.setRawMode(true);
    const onKeys = (keys: Uint8Array): void => {
      const end = keys.indexOf(LEAVE);
      board.write(end < 0 ? keys : keys.subarray(0, end));
      if (end >= 0) this.end(0);
    };
    stdin.on("data", onKeys);
    this.closing.push(() => {
      stdin.off("data", onKeys);
      if (stdin.isTTY) stdin.setRawMode(false);
      stdin.pause();
    });
  }
}
