// The engines of the devices - wasm3, and translated C - in a process of their own (runner.c),
// driven synchronously through two FIFOs.
//
// Node's own child pipes are non-blocking, so they cannot be read in a synchronous call; a FIFO
// opened by name can. Each end is opened for one direction only, therefore a runner that dies is an
// end of file here, and a test process that dies is one there: nothing hangs and no process is left
// over. Requests without an answer (writes, settings) are collected and sent together with the next
// one that has an answer.

import { execFileSync, spawn } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Engine, Trap } from "./instance.ts";

const enum Op {
  Find = 1,
  Call = 2,
  Read = 3,
  Write = 4,
  Size = 5,
  Random = 6,
  Time = 7,
  Secret = 8,
  Tainted = 9,
  Errors = 10,
}

const NO_POOL = 0xffffffff;
const FLUSH_AT = 1 << 16;

/** What a runner can do besides, when it runs under valgrind (memcheck.ts). */
export interface Runner extends Engine {
  setSecret(p: number, n: number, secret: boolean): void;
  /** How many of the n bytes depend on secrets. */
  tainted(p: number, n: number): number;
  /** Errors reported since the start. */
  errors(): number;
}

/** `file` is the program, for the runners that load it; `under` the command line of valgrind. */
export function openRunner(runner: string, file: string, under: string[] = []): Runner {
  const pipe = new Pipe([...under, runner, file]);
  const indices = new Map<string, number>();

  function indexOf(name: string): number {
    let index = indices.get(name);
    if (index === undefined) {
      const text = Buffer.from(name);
      pipe.send(Op.Find, u32(text.length), text);
      index = pipe.receive(4).readInt32LE();
      if (index < 0) throw new Error(`the runner does not find or compile ${name}`);
      indices.set(name, index);
    }
    return index;
  }

  return {
    call(name, args) {
      const index = u32(indexOf(name));
      const body = Buffer.alloc(8 * args.length);
      args.forEach((arg, i) => body.writeBigUInt64LE(BigInt.asUintN(64, BigInt(arg)), 8 * i));
      pipe.send(Op.Call, index, u32(args.length), body);
      return result(pipe, name);
    },
    read(p, n) {
      pipe.send(Op.Read, u32(p), u32(n));
      checkRange(pipe, p, n);
      return new Uint8Array(pipe.receive(n));
    },
    write(p, from) {
      pipe.send(Op.Write, u32(p), u32(from.length), from);
    },
    memorySize() {
      pipe.send(Op.Size);
      return pipe.receive(4).readUInt32LE();
    },
    setRandom(pool) {
      pipe.send(Op.Random, u32(pool === null ? NO_POOL : pool.length), pool ?? u32(0).subarray(4));
    },
    setTime(seconds) {
      const body = Buffer.alloc(8);
      body.writeBigInt64LE(seconds);
      pipe.send(Op.Time, body);
    },
    setSecret(p, n, secret) {
      pipe.send(Op.Secret, u32(p), u32(n), Uint8Array.of(secret ? 1 : 0));
    },
    tainted(p, n) {
      pipe.send(Op.Tainted, u32(p), u32(n));
      return pipe.receive(4).readUInt32LE();
    },
    errors() {
      pipe.send(Op.Errors);
      return pipe.receive(4).readUInt32LE();
    },
    close: () => pipe.close(),
  };
}

/**
 * An answer to Call: the type of the result (0 none, 1 i32, 2 i64, 255 trap), then the result or
 * the trap's text.
 */
function result(pipe: Pipe, name: string): number | bigint {
  const type = pipe.receive(1)[0];
  if (type === 255) {
    const text = pipe.receive(pipe.receive(4).readUInt32LE()).toString();
    throw new Trap(`${name}: ${text}`);
  }
  const bits = pipe.receive(8);
  return type === 2 ? bits.readBigInt64LE() : bits.readInt32LE();
}

function checkRange(pipe: Pipe, p: number, n: number): void {
  if (pipe.receive(1)[0] !== 0) throw new RangeError(`${n} bytes at ${p} are outside the memory`);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

class Pipe {
  private readonly requests: number;
  private readonly answers: number;
  private waiting: Uint8Array[] = [];
  private waitingBytes = 0;
  private input = Buffer.alloc(0);
  private readonly room = Buffer.alloc(1 << 16);

  constructor([command, ...args]: string[]) {
    const folder = mkdtempSync(path.join(os.tmpdir(), "wassl-runner-"));
    const request = path.join(folder, "request");
    const answer = path.join(folder, "answer");
    execFileSync("mkfifo", [request, answer]);
    const [theirIn, ourOut] = openBothEnds(request);
    const [ourIn, theirOut] = openBothEnds(answer);
    rmSync(folder, { recursive: true });
    const child = spawn(command!, args, { stdio: [theirIn, theirOut, "inherit"] });
    child.unref();
    closeSync(theirIn);
    closeSync(theirOut);
    this.requests = ourOut;
    this.answers = ourIn;
  }

  send(op: Op, ...parts: Uint8Array[]): void {
    this.waiting.push(Uint8Array.of(op), ...parts);
    this.waitingBytes += parts.reduce((sum, part) => sum + part.length, 1);
    if (this.waitingBytes > FLUSH_AT) this.flush();
  }

  receive(n: number): Buffer {
    this.flush();
    while (this.input.length < n) {
      const got = readSync(this.answers, this.room, 0, this.room.length, null);
      if (got === 0) throw new Error("the runner died");
      this.input = Buffer.concat([this.input, this.room.subarray(0, got)]);
    }
    const bytes = this.input.subarray(0, n);
    this.input = this.input.subarray(n);
    return bytes;
  }

  close(): void {
    closeSync(this.requests);
    closeSync(this.answers);
  }

  private flush(): void {
    const bytes = Buffer.concat(this.waiting);
    this.waiting = [];
    this.waitingBytes = 0;
    for (let at = 0; at < bytes.length;) at += writeSync(this.requests, bytes, at);
  }
}

/** The reading and the writing end. Opening for both first keeps the other two from blocking. */
function openBothEnds(fifo: string): [number, number] {
  const both = openSync(fifo, constants.O_RDWR);
  const reading = openSync(fifo, constants.O_RDONLY);
  const writing = openSync(fifo, constants.O_WRONLY);
  closeSync(both);
  return [reading, writing];
}
