// Pointers to checked addresses. C compilers for small chips compute m + (l + k) anew for each
// access; from a pointer to m + l they load and store with k in the instruction. That pays from the
// second offset on; otherwise the address is written in place.
//
// Constant addresses are worse: each is loaded from beside the code. Those that lie close together
// get one pointer, and AOT_NEAR keeps the compiler from taking it apart again.

const DECLARATION = /^\s*uint8_t \*const (p\d+) = m \+ (.*);$/;
const USE = /\((p\d+), (\d+)u/g;
const CONSTANT = /(aot_(?:load|store)32)\(m, (\d+)u/g;
/** The largest offset that a load of 32 bits has room for on ARMv6-M. */
const REACH = 124;
/** From that many accesses on a pointer is worth its register. */
const WORTHWHILE = 3;

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

/** The lines with pointers to clusters of constant addresses, which they declare first. */
export function withNearPointers(lines: string[]): string[] {
  const addresses = lines.flatMap((line) =>
    [...line.matchAll(CONSTANT)].map(([, , address]) => Number(address)),
  );
  const bases = clusters(addresses.sort((a, b) => a - b));
  const declarations = bases.map(
    (base, i) => `    uint8_t *const k${i + 1} = AOT_NEAR(m + ${base}u);`,
  );
  const body = lines.map((line) =>
    line.replace(CONSTANT, (text, access: string, address: string) => {
      const i = bases.findLastIndex((base) => base <= Number(address));
      const offset = Number(address) - bases[i];
      return offset <= REACH ? `${access}(k${i + 1}, ${offset}u` : text;
    }),
  );
  return [...declarations, ...body];
}

/** The lowest addresses of clusters that are worth a pointer, ascending. */
function clusters(sorted: number[]): number[] {
  const bases: number[] = [];
  for (let i = 0; i < sorted.length;) {
    const beyond = sorted.findIndex((address) => address > sorted[i] + REACH);
    const end = beyond < 0 ? sorted.length : beyond;
    if (end - i >= WORTHWHILE) bases.push(sorted[i]);
    i = end;
  }
  return bases;
}

function sum(address: string, offset: string): string {
  return offset === "0" ? address : `${address} + ${offset}u`;
}
