// What a run measures: the primitives in tests/entry/bench.ts, the handshakes in ssl.wasm. The two
// programs are opened in a tier when the first subject needs them.

import { compileEntry, compileSsl } from "../../tests/harness/compile.ts";
import type { LimbBits } from "../lib/limbs.ts";
import { handshakes, measureHandshake } from "./handshake.ts";
import type { Meter } from "./meter.ts";
import { measure, type Primitive } from "./primitive.ts";
import { allPrimitives } from "./primitives.ts";
import { lines } from "./targets.ts";

export interface Subject {
  name: string;
  program: "primitives" | "ssl";
  /** Null for a handshake: no other library does just that. */
  primitive: Primitive | null;
  measure(meter: Meter): number;
}

/** Those whose names contain the filter, in the order of the tables. */
export function subjects(filter: string): Subject[] {
  const all: Subject[] = [
    ...allPrimitives().map((p): Subject => {
      return { name: p.name, program: "primitives", primitive: p, measure: (m) => measure(m, p) };
    }),
    ...handshakes.map((h): Subject => {
      const { name } = h;
      return { name, program: "ssl", primitive: null, measure: (m) => measureHandshake(m, h) };
    }),
  ];
  const order = Object.keys(lines);
  const place = ({ name }: Subject): number => order.indexOf(name);
  return all.filter(({ name }) => name.includes(filter)).sort((a, b) => place(a) - place(b));
}

/** One way to run programs with limbs of one width, each opened once. */
export class Column {
  private readonly meters = new Map<string, Promise<Meter>>();

  constructor(
    private readonly limbs: LimbBits,
    private readonly open: (wasmFile: string) => Promise<Meter>,
  ) {}

  async measure(subject: Subject): Promise<number> {
    const { limbs } = this;
    const { program } = subject;
    const wasm = program === "ssl" ? await compileSsl(limbs) : await compileEntry("bench", limbs);
    if (!this.meters.has(program)) this.meters.set(program, this.open(wasm));
    return subject.measure((await this.meters.get(program))!);
  }

  async close(): Promise<void> {
    for (const meter of this.meters.values()) await (await meter).close();
  }
}
