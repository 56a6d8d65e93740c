// Temporaries and locals that the finished C never reads. They come from code that WebAssembly
// keeps for its types only, and C compilers warn about them.

const ASSIGNMENT = /^\s*(?:(?:const )?\w+ )?([ltr]\d+) = (.*);$/;
const DECLARATION = /^\s*(?:uint32_t|uint64_t|float|double) (r\d+);$/;

/**
 * Drops variables that nothing reads; a call or a trapping operation on the right keeps its effect.
 */
export function withoutUnused(lines: string[]): string[] {
  for (;;) {
    const read = new Set<string>();
    for (const line of lines) {
      const [, , right] = ASSIGNMENT.exec(line) ?? [];
      if (DECLARATION.test(line)) continue;
      for (const [name] of (right ?? line).matchAll(/\b[ltr]\d+\b/g)) read.add(name);
    }
    const kept = lines.flatMap((line) => withoutDead(line, read));
    if (kept.length === lines.length) return kept;
    lines = kept;
  }
}

function withoutDead(line: string, read: Set<string>): string[] {
  const declared = DECLARATION.exec(line)?.[1];
  if (declared !== undefined) return read.has(declared) ? [line] : [];
  const [, name, right] = ASSIGNMENT.exec(line) ?? [];
  if (name === undefined || read.has(name)) return [line];
  const indent = " ".repeat(line.search(/\S/));
  return /\w\(/.test(right) ? [`${indent}(void)(${right});`] : [];
}
