// The verbs that talk to a board, as a user types them, with the firmware's serial service of
// tests/hal/deploy-driver.c at the other end; and what they say when nobody is there.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { after, before, test } from "node:test";
import { appOutput } from "../../scripts/lib/app-compiler.ts";
import { root } from "../../scripts/lib/exec.ts";
import { Client } from "../../scripts/lib/serial/client.ts";
import { ConsoleText } from "../../scripts/lib/serial/console-text.ts";
import { Device } from "../../scripts/lib/serial/device.ts";
import { openPort } from "../../scripts/lib/serial/port.ts";
import { BadLine, flashFolder, RunningDevice } from "../hal/deploy-driver.ts";

const bin = path.join(root, "scripts/wassl.mjs");
const folder = flashFolder();
/** An app with a known line that traps; its own name, so that no other test builds over it. */
const app = path.join(folder, "serial-test.ts");
const wasm = appOutput(app);
let device: RunningDevice;
let port = "";

before(async () => {
  device = await RunningDevice.start(path.join(folder, "flash"));
  port = `tcp:127.0.0.1:${device.port}`;
  const mistake = readFileSync(path.join(root, "tests/entry/apps/mistakes/range.ts"));
  writeFileSync(app, mistake);
});
after(async () => {
  await device.stop();
  rmSync(wasm, { force: true });
  rmSync(`${wasm}.map`, { force: true });
});

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a verb to its end; WASSL_PORT is the device, or what `env` says. */
async function wassl(args: string[], input = "", env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const options = { cwd: root, env: { ...process.env, WASSL_PORT: port, ...env } };
  const child = spawn(process.execPath, [bin, ...args], options);
  const ended: Ended = { status: null, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (ended.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (ended.stderr += text));
  child.stdin.end(input);
  ended.status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return ended;
}

test("deploy, over a line that breaks; again; the console shows it", async () => {
  const line = await BadLine.before(device.port, { seed: 1, breakAfter: 6000 });
  const bad = `tcp:127.0.0.1:${line.port}`;
  const first = await wassl(["deploy", app, "--port", bad, "--app-version", "0.7"]);
  line.close();
  assert.match(first.stderr, /^tcp:\S+ the line was closed; waiting for it to come back\n$/);
  const [sent, state] = first.stdout.split("\n");
  assert.match(sent!, /^serial-test: \d+ bytes sent, \d{3,} of them were there already$/);
  assert.equal(state, "serial-test runs");
  assert.equal(first.status, 0);

  const second = await wassl(["deploy", app, "--app-version", "0.7", "--no-start"]);
  assert.deepEqual(second, { status: 0, stdout: "serial-test is there already\n", stderr: "" });
  const shown = await wassl(["console"], "apps\n");
  assert.match(
    shown.stdout,
    /^apps\nA {2}serial-test 0\.7, \d+ bytes, number 1, starts, running\n/,
  );
  assert.equal(shown.stderr, "");
  assert.equal(shown.status, 0);
});

test("fs: put, list, get, remove, format", async () => {
  const local = path.join(folder, "local");
  mkdirSync(local);
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i * 7);
  const [a, b, out] = ["a.der", "b.der", "out"].map((name) => path.join(local, name));
  for (const name of [a!, b!]) writeFileSync(name, bytes);
  const put = await wassl(["fs", "put", a!, b!, "--to", "certs"]);
  assert.deepEqual(put, { status: 0, stdout: "2 files: 2000 bytes written\n", stderr: "" });
  assert.equal((await wassl(["fs", "list"])).stdout, "  folder certs\n");
  assert.equal((await wassl(["fs", "list", "certs"])).stdout, "    1000 a.der\n    1000 b.der\n");
  assert.equal((await wassl(["fs", "get", "certs/b.der", "-o", out!])).status, 0);
  assert.deepEqual(Uint8Array.from(readFileSync(out!)), bytes);
  assert.equal((await wassl(["fs", "remove", "certs/a.der"])).status, 0);
  const gone = await wassl(["fs", "get", "certs/a.der"]);
  assert.equal(gone.stderr, "wassl fs: certs/a.der: there is no such file or folder\n");
  assert.equal(gone.status, 1);
  await wassl(["fs", "put", a!, "--to", "tls.key"]);
  const secret = await wassl(["fs", "get", "tls.key"]);
  assert.match(secret.stderr, /files of private keys are not given out/);
  assert.equal((await wassl(["fs", "format"])).status, 2);
  assert.equal((await wassl(["fs", "format", "--yes"])).status, 0);
  assert.equal((await wassl(["fs", "list"])).stdout, "");
});

test("rtc: set and get", async () => {
  const unset = await wassl(["rtc", "--get"]);
  assert.deepEqual(unset, { status: 1, stdout: "the clock is not set\n", stderr: "" });
  const set = await wassl(["rtc", "--set", "--time", "2030-01-02T03:04:05Z"]);
  assert.match(set.stdout, /^2030-01-02T03:04:(0[5-9]|[1-5]\d)Z\n$/);
  await wassl(["rtc", "--set"]);
  const stdout = (await wassl(["rtc", "--get"])).stdout.trim();
  assert.ok(Math.abs(Date.parse(stdout) - Date.now()) < 60_000, stdout);
});

test("wrong usage", async () => {
  const usages: [string[], RegExp][] = [
    [["deploy"], /APP\.ts is missing/],
    [["fs"], /COMMAND is missing: list, put, get, remove, format/],
    [["fs", "toString"], /fs has list, put/],
    [["fs", "get"], /a path is missing/],
    [["fs", "get", "a", "b"], /too many paths/],
    [["rtc"], /either --set or --get/],
    [["rtc", "--set", "--time", "noon"], /--time is/],
  ];
  const ends = await Promise.all(usages.map(([args]) => wassl(args)));
  for (const [i, { status, stderr }] of ends.entries()) {
    assert.match(stderr, usages[i]![1]);
    assert.equal(status, 2);
  }
});

test("nobody there: what to try", async () => {
  const refused = await wassl(["fs", "list", "--port", "tcp:127.0.0.1:1"]);
  assert.match(refused.stderr, /cannot open tcp:127\.0\.0\.1:1: .*\nDoes the emulated board run\?/);
  const missing = await wassl(["fs", "list", "--port", "/dev/ttyNONE7"]);
  assert.match(missing.stderr, /cannot open \/dev\/ttyNONE7: .*No such file.*\nThere is /);
  const strange = await wassl(["fs", "list", "--port", "tcp:here"]);
  assert.match(strange.stderr, /a TCP port is tcp:HOST:PORT, not tcp:here/);
  for (const { status } of [refused, missing, strange]) assert.equal(status, 1);
  const wrong = await wassl(["rtc", "--get", "--port", "/dev/ttyNONE7", "--baud", "fast"]);
  assert.match(wrong.stderr, /--baud is a speed such as 115200, not fast/);
});

test("a port that never answers", async () => {
  const silent = createServer((socket) => socket.on("error", () => undefined).resume());
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const address = silent.address() as { port: number };
  const line = await openPort({ port: `tcp:127.0.0.1:${address.port}`, baud: "115200" });
  const client = new Client(line);
  await assert.rejects(new Device(client).hello(10), /no answer from tcp:.*\n.*right port/);
  client.close();
  silent.close();
});

/** What the console shows of text that comes in these pieces. */
function shown(pieces: string[]): string[] {
  const parts: string[] = [];
  const text = new ConsoleText((part) => void parts.push(part));
  text.app = wasm;
  for (const piece of pieces) text.take(Buffer.from(piece, "latin1"));
  return parts;
}

test("reports of traps are shown by line, whatever pieces they come in", () => {
  const map = JSON.parse(readFileSync(`${wasm}.map`, "utf8")) as { sources: string[] };
  assert.ok(map.sources.some((name) => name.endsWith("serial-test.ts")));
  const size = readFileSync(wasm).length;
  const frames = Array.from(
    { length: size },
    (_, at) => `    at f (app.wasm+0x${at.toString(16)})`,
  );
  const placed = shown(frames.map((frame) => `${frame}\r\n`));
  assert.equal(placed.length, size);
  const at = placed.findIndex((line) => /^ {4}at f \(\S*serial-test\.ts:4:\d+\)\n$/.test(line));
  assert.ok(at >= 0, "an address on line 4");
  const report = `app.wasm: trap: x\r\n${frames[at]}\r\n`;
  assert.deepEqual(shown([...report]).join(""), `app.wasm: trap: x\n${placed[at]}`);
  assert.deepEqual(shown([report.slice(0, 25), report.slice(25)]).at(-1), placed[at]);
});

test("what is typed is shown at once; what may be a report's line when it is whole", () => {
  assert.deepEqual(shown(["> he", "lp"]), ["> he", "lp"]);
  assert.deepEqual(shown(["    ", "at", "om\r\n"]), ["    atom\n"]);
  assert.deepEqual(shown([" x", "\r\n"]), [" x", "\n"]);
  assert.deepEqual(shown(["a\r", "\nb\r1%", "\r2%"]), ["a", "\n", "b\r1%", "\r2%"]);
  assert.deepEqual(shown(["\xc3", "\xbc"]), ["ü"]);
});
