// wassl run --board w5500_evb_pico: what the app prints, how it ends, its files and clock, the
// network towards this machine, a flash that is kept.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import path from "node:path";
import { after, test } from "node:test";
import { root } from "../../scripts/lib/exec.ts";

const bin = path.join(root, "scripts/wassl.mjs");
mkdirSync(path.join(root, "build/tests"), { recursive: true });
const folder = mkdtempSync(path.join(root, "build/tests/run-emulated-"));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

function appFile(name: string, source: string): string {
  const file = path.join(folder, `${name}.ts`);
  writeFileSync(file, source);
  return file;
}

/** Runs beside this process: servers here go on. */
function run(name: string, source: string, ...args: string[]): Promise<Ended> {
  return runAndListen(() => undefined, name, source, ...args);
}

/** `hear` gets what has come on standard error so far, each time that more has come. */
function runAndListen(
  hear: (stderr: string) => void,
  name: string,
  source: string,
  ...args: string[]
): Promise<Ended> {
  const words = [bin, "run", appFile(name, source), "--board", "w5500_evb_pico", ...args];
  const child = spawn(process.execPath, words, { cwd: root });
  const ended: Ended = { status: null, stdout: "", stderr: "" };
  child.stdout.on("data", (bytes) => (ended.stdout += String(bytes)));
  child.stderr.on("data", (bytes) => hear((ended.stderr += String(bytes))));
  return new Promise((resolve) => child.on("close", (status) => resolve({ ...ended, status })));
}

test("output, files, the clock as it is asked for, exit status and cost of an app", async () => {
  const files = mkdtempSync(path.join(folder, "files-"));
  writeFileSync(path.join(files, "greeting.txt"), "from a file");
  const source =
    'import * as time from "time";\nimport { exit } from "sys";\n' +
    'print(open("greeting.txt", "r")!.read()!);\nprint("time " + time.time().toString());\n' +
    "exit(3);\n";
  const { status, stdout, stderr } = await run(
    ...["emulated-exit", source, "--fs", files, "--clock", "1935600000", "--cycles"],
  );
  assert.match(stdout, /, after power on\n/);
  assert.match(stdout, /from a file\ntime 19356000\d\d\nwassl: exit status 3\n/);
  assert.match(stderr, /^board: \d+ cycles, \d+ instructions, \d+\.\d+ s$/m);
  assert.equal(status, 3, stderr);
});

test("a trap is a failure", async () => {
  const source = "function deep(n: i32): i32 {\n  return 1 / n;\n}\nprint(deep(0).toString());\n";
  const { status, stdout } = await run("emulated-trap", source);
  assert.match(stdout, /app\.wasm: trap: .*divide by zero/);
  assert.equal(status, 1);
});

test("a server of this machine, by a name that leads there", async (t) => {
  const server = createServer((socket) => {
    socket.on("error", () => undefined); // the board is switched off when its app has ended
    socket.end("from this machine");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const source =
    'import * as socket from "socket";\nconst s = new socket.socket();\n' +
    's.connect(socket.getaddrinfo("some.where", 7)![0].addr);\nprint(s.read()!);\n';
  const capture = path.join(folder, "frames.pcap");
  const { status, stdout, stderr } = await run(
    ...["emulated-net", source, "--connect-to", `some.where:7:127.0.0.1:${port}`],
    ...["--pcap", capture, "--loss", "0.02", "--cycles"],
  );
  assert.match(stdout, /from this machine\n/);
  assert.equal(status, 0, stderr);
  const frames = readFileSync(capture);
  assert.equal(frames.readUInt32BE(0), 0xa1b2c3d4, "the magic number of pcap");
  assert.ok(frames.includes("from this machine"));
  assert.match(stderr, /frames: \d+ sent, \d+ received, 0 lost for want of room/);
});

/** Answers one client; says how long a question to DNS takes, which is both ways of the cable. */
const SERVER = `import * as socket from "socket";
import * as time from "time";
socket.getaddrinfo("first.test", 7); // waits for DHCP
const from = time.ticks_ms();
socket.getaddrinfo("some.where", 7);
print("asked for " + time.ticks_diff(time.ticks_ms(), from).toString() + " ms");
const listener = new socket.socket();
listener.bind(socket.getaddrinfo("0.0.0.0", 80)![0].addr);
listener.listen();
const s = listener.accept()!.conn;
s.write(s.recv(5)!);
s.close();
`;

test("a server on the board, by a forwarded port, over a slow cable", async (t) => {
  let answer: Promise<string> | undefined;
  const call = (stderr: string): void => {
    const port = /forwarding port (\d+) of 127\.0\.0\.1\n/.exec(stderr)?.[1];
    if (port !== undefined) answer ??= ask(Number(port));
  };
  const { status, stdout, stderr } = await runAndListen(
    ...([call, "emulated-server", SERVER, "--forward", "0:80", "--delay", "30"] as const),
    ...["--name", "first.test=192.0.2.2", "--name", "some.where=192.0.2.1"],
  );
  const [, milliseconds] = /asked for (\d+) ms\n/.exec(stdout) ?? assert.fail(stdout + stderr);
  assert.ok(Number(milliseconds) >= 60, `${milliseconds} ms both ways`);
  assert.equal(await answer, "there");
  assert.equal(status, 0, stderr);
  t.diagnostic(`${milliseconds} ms`);
});

async function ask(port: number): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write("there");
  const parts: Buffer[] = [];
  for await (const part of socket as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString();
}

test("a flash that is kept", async () => {
  const flash = path.join(folder, "flash");
  const source =
    'const f = open("count", "a")!;\nf.write("x");\nf.close();\n' +
    'print(open("count", "r")!.read()!);\n';
  for (const count of ["x", "xx"]) {
    const { status, stdout, stderr } = await run("emulated-flash", source, "--flash", flash);
    assert.match(stdout, new RegExp(`^${count}$`, "m"), stderr);
    assert.equal(status, 0);
  }
});

const USAGE: Array<[args: string[], message: RegExp]> = [
  [["a.ts", "b.ts"], /one APP\.ts at a time/],
  [["a.ts", "--engine", "steam"], /--engine is one of interpreted, translated/],
  [["a.ts", "--loss", "2"], /--loss is a number up to 1: 2/],
  [["a.ts", "--clock", "noon"], /--clock is a number: noon/],
  [["a.ts", "--forward", "80"], /--forward is HOST:DEVICE/],
  [["a.ts", "--name", "x"], /--name is NAME=ADDRESS/],
  [["a.ts", "--connect-to", "x:1"], /--connect-to is HOST:PORT:ADDRESS:PORT/],
  [
    ["a.ts", "--connect-to", "x:1:127.0.0.1:2", "--connect-to", "y:1:127.0.0.1:3"],
    /port 1 can lead to one place only/,
  ],
  [["a.ts", "--root", "."], /--root/],
];

for (const [args, message] of USAGE) {
  test(`wrong usage: ${args.join(" ")}`, () => {
    const words = [bin, "run", "--board", "w5500_evb_pico", ...args];
    const { status, stderr } = spawnSync(process.execPath, words, { cwd: root, encoding: "utf8" });
    assert.match(stderr, message);
    assert.match(stderr, /wassl run --help/);
    assert.equal(status, 2);
  });
}
