// The boards of a family are JSON files beside its code: reading one, with every mistake named by
// its place in the file.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { root, UserError } from "./exec.ts";

/** One object of a board's file. Each member is asked for once; `done` refuses what is left. */
export class Fields {
  private readonly left: Set<string>;

  constructor(
    private readonly where: string,
    private readonly values: Record<string, unknown>,
  ) {
    this.left = new Set(Object.keys(values));
  }

  text(name: string): string {
    const value = this.take(name);
    if (typeof value !== "string") throw this.wrong(name, "is not a text");
    return value;
  }

  /** A whole number from `least` to `most`. */
  number(name: string, least: number, most: number): number {
    const value = this.take(name);
    if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most)
      throw this.wrong(name, `is not a whole number from ${least} to ${most}`);
    return value;
  }

  /** Bytes: a text such as "4096", "128K" or "2M", a multiple of `unit`. */
  bytes(name: string, unit: number): number {
    const match = /^(\d+)([KM]?)$/.exec(this.text(name));
    const scale = { "": 1, K: 1024, M: 1024 * 1024 };
    if (match === null) throw this.wrong(name, 'is not a number of bytes like "128K"');
    const bytes = Number(match[1]) * scale[match[2] as keyof typeof scale];
    if (bytes % unit !== 0) throw this.wrong(name, `is not a multiple of ${unit}`);
    return bytes;
  }

  object(name: string): Fields {
    const value = this.take(name);
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw this.wrong(name, "is not an object");
    return new Fields(`${this.where}: ${name}`, value as Record<string, unknown>);
  }

  done(): void {
    for (const name of this.left) throw this.wrong(name, "means nothing here");
  }

  wrong(name: string, what: string): UserError {
    return new UserError(`${this.where}: ${name} ${what}`);
  }

  private take(name: string): unknown {
    if (!(name in this.values)) throw this.wrong(name, "is missing");
    this.left.delete(name);
    return this.values[name];
  }
}

/** The file of a board, whatever its family; undefined where there is none. */
export function boardFile(family: string, board: string): string | undefined {
  const file = path.join(root, "boards", family, `${board}.json`);
  return /^[a-z0-9_]+$/.test(board) && existsSync(file) ? file : undefined;
}

export function readBoard(file: string): Fields {
  const where = path.relative(root, file);
  try {
    return new Fields(where, JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>);
  } catch (error) {
    if (error instanceof SyntaxError) throw new UserError(`${where}: ${error.message}`);
    throw error;
  }
}
