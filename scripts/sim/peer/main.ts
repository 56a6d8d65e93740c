// The peer as a program of its own, for programs that run a device's network stack on this machine.
//
//   node --import tsx scripts/sim/peer/main.ts [OPTIONS] [-- PROGRAM ARGS]
//
// PROGRAM exchanges frames over its standard input and output; without it, the peer listens at
// --listen. See HELP and frames.ts.

import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { isUsage, UsageError } from "../../lib/args.ts";
import { joinFrames, listenForFrames } from "./frames.ts";
import { Peer, type Forward, type PeerOptions } from "./link.ts";

const HELP = `The network of an emulated board, for a program that exchanges frames.

  main.ts [OPTIONS] -- PROGRAM ARGS   over the program's standard input and output
  main.ts [OPTIONS] --listen WHERE    over a Unix socket (a path) or a port of 127.0.0.1

Each frame goes behind its length: 4 bytes, big-endian.

  --forward HOST:DEVICE   a port of 127.0.0.1 and one of the device; udp:HOST:DEVICE for UDP
  --name NAME=ADDRESS     what DNS says; several for one name
  --outside               lets the device reach other machines than this one
  --pcap FILE             writes all frames into a capture file
  --loss P  --duplicate P  --reorder P  --corrupt P
                          probabilities for each frame, in both directions
  --delay MS              of every frame
  --seed N                of the accidents`;

const OPTIONS = {
  listen: { type: "string" },
  forward: { type: "string", multiple: true },
  name: { type: "string", multiple: true },
  outside: { type: "boolean" },
  pcap: { type: "string" },
  loss: { type: "string" },
  duplicate: { type: "string" },
  reorder: { type: "string" },
  corrupt: { type: "string" },
  delay: { type: "string" },
  seed: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parse(args);
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const [program, ...rest] = positionals;
  if ((program === undefined) === (values.listen === undefined)) {
    throw new UsageError("either --listen or a program");
  }
  const peer = new Peer(peerOptions(values));
  for (const port of await peer.listening) console.error(`forwarding port ${port}`);
  if (program === undefined) {
    const where = /^\d+$/.test(values.listen!) ? Number(values.listen) : values.listen!;
    const { port } = await listenForFrames(peer, where);
    console.error(`listening at ${port || where}`);
    return new Promise(() => undefined); // until it is interrupted
  }
  const status = await runProgram(peer, program, rest);
  peer.close();
  return status;
}

function parse(args: string[]) {
  return parseArgs({ args, options: OPTIONS, allowPositionals: true });
}

type Arguments = ReturnType<typeof parse>;

/** What `values` says, as the peer takes it. */
function peerOptions(values: Arguments["values"]): PeerOptions {
  const dns: Record<string, string[]> = {};
  for (const text of values.name ?? []) {
    const [, name, address] = /^([^=]+)=(.+)$/.exec(text) ?? [];
    if (name === undefined) throw new UsageError(`not NAME=ADDRESS: ${text}`);
    (dns[name.toLowerCase()] ??= []).push(address!);
  }
  return {
    dns,
    forwards: (values.forward ?? []).map(forward),
    allowOutside: values.outside ?? false,
    loss: probability(values.loss),
    duplicate: probability(values.duplicate),
    reorder: probability(values.reorder),
    corrupt: probability(values.corrupt),
    delayMs: number(values.delay ?? "0", Infinity),
    seed: number(values.seed ?? "1", 2 ** 32 - 1),
    ...(values.pcap === undefined ? {} : { pcap: values.pcap }),
  };
}

function forward(text: string): Forward {
  const [, udp, hostPort, devicePort] = /^(udp:)?(\d+):(\d+)$/.exec(text) ?? [];
  if (hostPort === undefined) throw new UsageError(`not HOST:DEVICE: ${text}`);
  const ports = { hostPort: number(hostPort, 65535), devicePort: number(devicePort!, 65535) };
  return { ...ports, udp: udp !== undefined };
}

function probability(text: string | undefined): number {
  return number(text ?? "0", 1);
}

function number(text: string, limit: number): number {
  const value = Number(text);
  if (!(value >= 0 && value <= limit)) throw new UsageError(`not a number to ${limit}: ${text}`);
  return value;
}

/** Runs the program at the end of the peer's cable; gives its exit status. */
function runProgram(peer: Peer, program: string, args: string[]): Promise<number> {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  joinFrames(peer, child.stdout, child.stdin);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (status) => resolve(status ?? 1));
  });
}

main(process.argv.slice(2)).then(
  (status) => process.exit(status),
  (error: unknown) => {
    if (!isUsage(error)) throw error;
    console.error(`${error.message}\n\n${HELP}`);
    process.exit(2);
  },
);
