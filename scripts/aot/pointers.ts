// Pointers to checked addresses. C compilers for small chips compute m + (l + k) anew for each
// access; from a pointer to m + l they load and store with k in the instruction. That pays from the
// second offset on; otherwise the address is written in place.

const DECLARATION = /^\s*uint8_t \*const (p\d+) = m \+ (.*);$/;
const USE = /\((p\d+), (\d+)u/g;

/** The C declaration of a pointer. */
export function declaration(name: string, address: string): string {
  return `uint8_t *const ${name} = m + ${/^\w+$/.test(address) ? address : `(${address})`};`;
}

/** Keeps the pointers that are worth their register. */
export function withUsefulPointers(lines: string[]): string[] {
  const offsets = new Map<string, Set<string>>();
  for (const line of lines) {
    for (const [, name, offset] of line.matchAll(USE)) {
      offsets.set(name, (offsets.get(name) ?? new Set()).add(offset));
    }
  }
  const dropped = new Map<string, string>();
  const kept = lines.filter((line) => {
    const [, name, address] = DECLARATION.exec(line) ?? [];
    if (name === undefined || (offsets.get(name)?.size ?? 0) > 1) return true;
    dropped.set(name, address);
    return false;
  });
  return kept.map((line) =>
    line.replace(USE, (text, name: string, offset: string) => {
      const address = dropped.get(name);
      return address === undefined ? text : `(m, ${sum(address, offset)}`;
    }),
  );
}

function sum(address: string, offset: string): string {
  return offset === "0" ? address : `${address} + ${offset}u`;
}
