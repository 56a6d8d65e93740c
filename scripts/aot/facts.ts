// What is known about addresses at a point of a function, so that bounds are checked once instead
// of at every access. A fact says: address expression + extent <= memory size. It was established
// by a check that the C contains, and it holds until a local or global in the expression changes;
// memory never shrinks.
//
// In the straight line in which a check stands, a later access that reaches further widens that
// very check: the trap comes earlier in the same straight line, and a trap ends the instance, so
// nobody sees the difference. Behind a branch, a label or a call that is no longer so: the facts
// are frozen, usable but not widened.

export interface Check {
  /** The address expression in C. */
  text: string;
  /** Bytes from the address that must lie inside the memory. */
  extent: number;
  site: number;
  /** The C pointer to the address, and how deep in braces it was declared; see pointers.ts. */
  pointer: string | null;
  depth: number;
}

interface Fact {
  check: Check;
  extent: number;
  open: boolean;
  reads: ReadonlySet<string>;
}

export class Facts {
  constructor(private readonly known: Map<string, Fact> = new Map()) {}

  /**
   * Makes `extent` bytes at the address accessible: null where that is known, else a new check to
   * emit.
   */
  require(text: string, reads: ReadonlySet<string>, extent: number, site: number): Check | null {
    const fact = this.known.get(text);
    if (fact !== undefined && fact.extent >= extent) return null;
    if (fact?.open) {
      fact.check.extent = Math.max(fact.check.extent, extent);
      fact.extent = extent;
      return null;
    }
    const check: Check = { text, extent, site, pointer: null, depth: 0 };
    this.known.set(text, { check, extent, open: true, reads });
    return check;
  }

  /** The pointer to an address, where there is one. */
  pointerTo(text: string): string | null {
    return this.known.get(text)?.check.pointer ?? null;
  }

  /** The braces down to this depth have been closed: what was declared inside is gone. */
  leave(depth: number): void {
    for (const fact of this.known.values()) {
      if (fact.check.depth > depth) fact.check = { ...fact.check, pointer: null };
    }
  }

  /** A local ("L3") or global ("G1") has changed, or the memory ("M"). */
  kill(name: string): void {
    for (const [text, fact] of this.known) if (fact.reads.has(name)) this.known.delete(text);
  }

  /** The straight line ends here. */
  freeze(): void {
    for (const fact of this.known.values()) {
      fact.open = false;
      fact.extent = Math.max(fact.extent, fact.check.extent);
    }
  }

  /** A frozen copy, for a region that this point dominates. */
  copy(): Facts {
    this.freeze();
    return new Facts(new Map([...this.known].map(([text, fact]) => [text, { ...fact }])));
  }
}
