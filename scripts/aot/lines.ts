// The lines of a C function while it is written. Some are only known later - how far a bounds check
// must reach, whether a label is the target of any goto - so a line may be a function that is asked
// at the end.

export type Line = string | (() => string | null);

export class Lines {
  private readonly lines: { indent: number; line: Line }[] = [];
  private level = 1;

  get length(): number {
    return this.lines.length;
  }

  /** How many braces are open. */
  get depth(): number {
    return this.level;
  }

  add(line: Line): void {
    this.lines.push({ indent: this.level, line });
  }

  /** A label stands one level further left. */
  addLabel(line: Line): void {
    this.lines.push({ indent: this.level - 1, line });
  }

  indent(): void {
    this.level++;
  }

  outdent(): void {
    this.level--;
  }

  render(): string[] {
    const rendered: string[] = [];
    for (const { indent, line } of this.lines) {
      const text = typeof line === "string" ? line : line();
      if (text !== null) rendered.push("    ".repeat(indent) + text);
    }
    return rendered;
  }
}
