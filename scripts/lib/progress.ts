// One line on the terminal that shows how far something is; without a terminal nothing, so that
// logs stay readable.

const EVERY_MS = 100;

/** Shows "what: 45 %" while it goes on; call end() before anything else is printed. */
export class ProgressLine {
  private shown = 0;
  private length = 0;

  constructor(private readonly what: string) {}

  readonly show = (done: number, total: number): void => {
    const now = performance.now();
    if (!process.stderr.isTTY || (now - this.shown < EVERY_MS && done < total)) return;
    this.shown = now;
    const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
    const text = `${this.what}: ${percent} % of ${total} bytes`;
    process.stderr.write(`\r${text.padEnd(this.length)}`);
    this.length = text.length;
  };

  end(): void {
    if (this.length > 0) process.stderr.write(`\r${" ".repeat(this.length)}\r`);
    this.length = 0;
  }
}
