// What native OpenSSL and mbedTLS need for the same inputs and the same result (peers/*.c, linked
// with the libraries of the machine).

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { exec, root } from "../lib/exec.ts";
import { Dumps } from "./callgrind.ts";
import { libraries, type Library, type Primitive } from "./primitive.ts";

const HERE = path.join(root, "scripts/bench/peers");

/** Instructions of one call of each primitive, by library. */
export async function measurePeers(
  primitives: Primitive[],
): Promise<Map<Library, Map<string, number>>> {
  const program = await buildPeers();
  const dumps = new Dumps("measured");
  try {
    const jobs = primitives.flatMap((p) =>
      (p.peers ?? libraries).map((library) => ({ library, p })),
    );
    const [valgrind, ...options] = dumps.command;
    const input = jobs.map(({ library, p }) => request(library, p)).join("");
    const answers = (await exec(valgrind!, [...options, program], { input })).split("\n");
    const costs = dumps.take(); // two for each job: the first call loads tables and providers
    const found = new Map(libraries.map((library) => [library, new Map<string, number>()]));
    jobs.forEach(({ library, p }, i) => {
      const answer = /^-([0-9a-f]*)$/.exec(answers[i])?.[1];
      const output = Buffer.from(answer ?? "", "hex");
      const right = p.isRight?.(output) ?? output.equals(p.output);
      assert.ok(answer !== undefined && right, `${library} ${p.name}: ${answers[i]}`);
      found.get(library)!.set(p.name, costs[2 * i + 1]! / (p.parts ?? 1));
    });
    return found;
  } finally {
    await dumps.remove();
  }
}

function request(library: Library, { name, output, inputs, text }: Primitive): string {
  const all = text === undefined ? inputs : [...inputs, text];
  const words = all.map((bytes) => Buffer.from(bytes).toString("hex"));
  return `${[library, name, output.length, ...words].join(" ")}\n`;
}

async function buildPeers(): Promise<string> {
  const target = path.join(root, "build/bench/peers");
  const files = readdirSync(HERE).map((name) => path.join(HERE, name));
  const newest = Math.max(...files.map((file) => statSync(file).mtimeMs));
  if (existsSync(target) && statSync(target).mtimeMs > newest) return target;
  mkdirSync(path.dirname(target), { recursive: true });
  const flags = ["-O2", "-std=gnu11", "-Wall", "-Wextra", "-Werror"];
  const sources = files.filter((file) => file.endsWith(".c"));
  const compiler = process.env.CC ?? "cc";
  await exec(compiler, [...flags, ...sources, "-lcrypto", "-lmbedcrypto", "-o", target]);
  return target;
}
