// A device's files, clock, settings and console over its serial line.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { crc32 } from "../../scripts/lib/crc32.ts";
import { root } from "../../scripts/lib/exec.ts";
import { LineLost } from "../../scripts/lib/serial/client.ts";
import { DeviceError, ERRORS } from "../../scripts/lib/serial/device.ts";
import { encodeFrame, type Frame, FrameDecoder } from "../../scripts/lib/serial/frame.ts";
import { openPort } from "../../scripts/lib/serial/port.ts";
import { PayloadWriter } from "../../scripts/lib/serial/payload.ts";
import { restart } from "../../scripts/lib/serial/session.ts";
import { Random } from "../harness/random.ts";
import {
  BadLine,
  buildDriver,
  flashFolder,
  RunningDevice,
  type User,
  userAt,
} from "./deploy-driver.ts";

const flash = path.join(flashFolder(), "flash");
let running: RunningDevice;
let user: User;

before(async () => {
  await buildDriver();
  running = await RunningDevice.start(flash);
  user = await userAt(running.port);
});
after(async () => {
  user.client.close();
  await running.stop();
});

const quiet = (): void => undefined;
const errno =
  (number: number) =>
  (error: unknown): boolean =>
    error instanceof DeviceError && error.errno === number;

/** What the console answers. */
async function typed(keys: string): Promise<string> {
  const before = user.text().length;
  user.client.type(Buffer.from(keys));
  await user.device.hello(); // it comes after what the keys bring about
  await sleep(5);
  return user.text().slice(before);
}

test("files of any bytes and lengths, in folders that need not exist", async () => {
  const { device } = user;
  const random = new Random(1);
  for (const length of [0, 1, 511, 512, 513, 5000]) {
    const bytes = random.bytes(length);
    const name = `/deep/down/file${length}.bin`;
    await device.writeFile(name, bytes, quiet);
    assert.deepEqual(await device.readFile(name), bytes);
  }
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  await device.writeFile("all.bin", all, quiet);
  assert.deepEqual(await device.readFile("/all.bin"), all);
  const names = (await device.listFiles("/")).map(({ name, size }) => `${name} ${size}`);
  assert.deepEqual(names.sort(), ["all.bin 256", "deep null"]);
  assert.equal((await device.listFiles("/deep/down")).length, 6);
});

test("a file is replaced, removed; an empty folder too", async () => {
  const { device } = user;
  await device.writeFile("r/a.txt", Buffer.from("one"), quiet);
  await device.writeFile("r/a.txt", Buffer.from("second"), quiet);
  assert.equal(Buffer.from(await device.readFile("r/a.txt")).toString(), "second");
  await assert.rejects(device.removeFile("r"), errno(ERRORS.EEXIST));
  await device.removeFile("r/a.txt");
  await device.removeFile("r");
  await assert.rejects(device.readFile("r/a.txt"), errno(ERRORS.ENOENT));
  await assert.rejects(device.removeFile("r"), errno(ERRORS.ENOENT));
  await assert.rejects(device.listFiles("r"), errno(ERRORS.ENOENT));
  await assert.rejects(device.readFile("deep"), errno(ERRORS.EISDIR));
});

test("paths lead nowhere else", async () => {
  for (const name of ["../x", "a/../../x", "deep/../x"]) {
    await assert.rejects(user.device.writeFile(name, Buffer.from("x"), quiet), errno(13), name);
    await assert.rejects(user.device.readFile(name), errno(13), name);
  }
});

test("private keys can be put, listed, removed and not be got", async () => {
  const { device } = user;
  for (const name of ["tls.key", "private/tls.der", "/a/private/b/c", "/private/x"]) {
    await device.writeFile(name, Buffer.from("secret"), quiet);
    await assert.rejects(device.readFile(name), errno(ERRORS.EACCES), name);
  }
  const others = [
    "//private//x",
    "./private/x",
    "tls.key/",
    "/tls.key//",
    "tls.key/.",
    "tls.key/./",
  ];
  for (const name of others)
    await assert.rejects(device.readFile(name), errno(ERRORS.EACCES), name);
  await device.writeFile("privates/public.key.pem", Buffer.from("open"), quiet);
  assert.equal((await device.readFile("privates/public.key.pem")).length, 4);
  await device.removeFile("tls.key");
});

test("a put that does not come to its end changes nothing; it goes on after a break", async () => {
  const old = new Random(2).bytes(3000);
  const bytes = new Random(3).bytes(30_000);
  await user.device.writeFile("big", old, quiet);
  const line = await BadLine.before(running.port, { seed: 1, breakAfter: 15_000 });
  user.client.close();
  const first = await userAt(line.port);
  await assert.rejects(first.device.writeFile("big", bytes, quiet), LineLost);
  const second = await userAt(line.port);
  assert.deepEqual(await second.device.readFile("big"), old);
  const seen: number[] = [];
  await second.device.writeFile("big", bytes, (done) => seen.push(done));
  assert.ok(seen[0]! > 1000); // where the device is slow, much goes twice
  assert.deepEqual(await second.device.readFile("big"), bytes);
  line.close();
  user = await userAt(running.port);
});

test("a put whose checksum does not fit, or that is too long", async () => {
  const { client, device } = user;
  await device.writeFile("x", Buffer.from("old"), quiet);
  const begin = new PayloadWriter()
    .u32(3)
    .u32(crc32(Buffer.from("new")))
    .text("x")
    .done();
  assert.equal((await client.request(0x22, begin)).result, 0);
  const data = new PayloadWriter().u32(0).bytes(Buffer.from("now")).done();
  assert.equal((await client.request(0x23, data)).result, 0);
  const commit = new PayloadWriter().text("x").done();
  assert.equal((await client.request(0x24, commit)).result, -ERRORS.EIO);
  assert.equal((await client.request(0x24, commit)).result, -ERRORS.EINVAL);
  const long = user.device.writeFile("long", new Uint8Array(300_000), quiet);
  await assert.rejects(long, errno(ERRORS.ENOSPC));
  assert.equal(Buffer.from(await device.readFile("x")).toString(), "old");
});

test("the clock", async () => {
  assert.equal(await user.device.clock(), null);
  await user.device.setClock(4_102_444_800); // 2100: over 32 bits of signed seconds
  const now = (await user.device.clock())!;
  assert.ok(now >= 4_102_444_800 && now < 4_102_444_860);
  for (const date of ["1970-01-01", "2000-02-29", "2026-12-31", "2100-03-01", "9999-12-31"]) {
    await user.device.setClock(Date.parse(`${date}T23:00:00Z`) / 1000);
    assert.match(await typed("status\r"), new RegExp(`clock: ${date} 23:00:\\d\\d UTC`));
  }
  await assert.rejects(user.device.setClock(-1), errno(ERRORS.EINVAL));
  await assert.rejects(user.device.setClock(253_402_300_800), errno(ERRORS.EINVAL));
});

test("the console: commands, editing, and frames between the keys", async () => {
  assert.match(await typed("help\r"), /^help\r\nhelp +this list\r\n.*status .*\r\n> $/s);
  assert.match(await typed("status\r"), /wassl 1\.2\.3 on driver.*app: none.*network: none/s);
  assert.match(await typed("apps\r\n"), /A {2}empty\r\nB {2}empty\r\n> $/);
  assert.match(await typed("files\n"), /\r\nall\.bin\r\n/);
  assert.match(await typed("xstatüx\b\b\b\b\b\b\bapps\r"), /\r\nA {2}empty/);
  assert.match(await typed("garbage\x15apps\r"), /\r\nA {2}empty/);
  assert.match(await typed("\x1b[A\x1bOBapps\r"), /^apps\r\nA {2}empty/);
  assert.match(await typed("garbage\x03apps\r"), /\^C\r\n> apps\r\nA {2}empty/);
  assert.match(await typed("nothing\r"), /no such command/);
  assert.match(await typed("x".repeat(200) + "\r"), /\r\nno such command/);
  assert.match(await typed("  apps  \r"), /\r\nA {2}empty/);
  assert.match(await typed("stop\r"), /no app runs/);
  assert.equal(await typed("ap"), "ap"); // typed() sends a frame after it
  assert.match(await typed("ps\r"), /^ps\r\nA {2}empty/);
});

test("formatting, by the console and by a frame, is not done by chance", async () => {
  const { device } = user;
  assert.match(await typed("format\r"), /format yes/);
  assert.ok((await device.listFiles("/")).length > 0);
  assert.match(await typed("format yes\r"), /formatted/);
  assert.deepEqual(await device.listFiles("/"), []);
  await device.writeFile("x", Buffer.from("x"), quiet);
  assert.equal((await user.client.request(0x26, Buffer.from("FORMAX"))).result, -ERRORS.EINVAL);
  const wasm = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  await device.installApp({ wasm, name: "runs", version: "" }, quiet);
  assert.equal((await restart(device, true)).app, "running");
  await assert.rejects(device.format(), errno(ERRORS.EACCES));
  assert.match(await typed("format yes\r"), /stop it first/);
  assert.equal((await device.listFiles("/")).length, 1);
  await restart(device, false);
  await device.format();
  assert.deepEqual(await device.listFiles("/"), []);
});

/** The two frames that come after these bytes. */
async function exchange(bytes: Uint8Array): Promise<Frame[]> {
  const frames: Frame[] = [];
  const line = await openPort({ port: `tcp:127.0.0.1:${running.port}`, baud: "115200" });
  const decoder = new FrameDecoder((frame) => frames.push(frame), quiet);
  line.onData = (data) => decoder.take(data);
  line.write(bytes);
  for (let i = 0; i < 4000 && frames.length < 2; i++) await sleep(5);
  line.close();
  return frames;
}

test("a request that comes twice is carried out once and answered twice", async () => {
  await user.device.writeFile("once", Buffer.from("x"), quiet);
  user.client.close();
  const payload = new PayloadWriter().text("once").done();
  const frame = encodeFrame({ version: 1, type: 0x25, sequence: 7, payload });
  const frames = await exchange(Buffer.concat([frame, frame]));
  assert.equal(frames.length, 2);
  for (const { type, sequence, payload: answer } of frames) {
    assert.deepEqual([type, sequence, ...answer], [0xa5, 7, 0, 0, 0, 0]);
  }
  user = await userAt(running.port);
  await assert.rejects(user.device.removeFile("once"), errno(ERRORS.ENOENT));
});

test("what is left of a damaged frame is no command", async () => {
  await user.device.writeFile("kept", Buffer.from("x"), quiet);
  user.client.close();
  const content = Buffer.from("\xc3\xa9 text\rformat yes\r", "latin1");
  const payload = new PayloadWriter().u32(0).bytes(content).done();
  const frame = Buffer.from(encodeFrame({ version: 1, type: 0x23, sequence: 9, payload }));
  const damaged = (at: number, byte: number): Buffer =>
    Buffer.from(frame.map((old, i) => (i === at ? byte : old)));
  const cases = [
    ...[1, 2, 3].map((lost) => frame.subarray(lost)),
    damaged(0, 0x40),
    damaged(1, 0x7e),
    damaged(frame.indexOf(0xa9), 0xc0),
    damaged(frame.indexOf("\r") - 1, 0xc0),
  ];
  const hello = encodeFrame({ version: 1, type: 1, sequence: 10, payload: new Uint8Array() });
  for (const bytes of cases) await exchange(Buffer.concat([bytes, hello, hello]));
  user = await userAt(running.port);
  assert.equal((await user.device.readFile("kept")).length, 1);
});

test("other versions are told so; unknown types and bad payloads refused", async () => {
  user.client.close();
  const payload = new Uint8Array();
  const next = encodeFrame({ version: 2, type: 1, sequence: 1, payload });
  const unknown = encodeFrame({ version: 1, type: 0x77, sequence: 2, payload });
  const frames = await exchange(Buffer.concat([next, unknown]));
  assert.deepEqual([frames[0]!.version, frames[0]!.type, frames[0]!.sequence], [1, 0xff, 1]);
  assert.deepEqual([...frames[1]!.payload], [...Int32Array.of(-22)].flatMap(bytesOf));
  user = await userAt(running.port);
});

function bytesOf(value: number): number[] {
  return [...new Uint8Array(Int32Array.of(value).buffer)];
}

test("the host's error numbers are hal.h's", () => {
  const header = readFileSync(path.join(root, "hal/hal.h"), "utf8");
  for (const [name, number] of Object.entries(ERRORS)) {
    assert.match(header, new RegExp(`HAL_${name} = ${number},`));
  }
});

// --- settings ------------------------------------------------------------------------------------

async function settingsOf(text: string): Promise<string[]> {
  await user.device.writeFile("settings.txt", Buffer.from(text), quiet);
  const driver = await buildDriver();
  const output = execFileSync(driver, ["settings", flash], { encoding: "utf8", stdio: "pipe" });
  return output.trimEnd().split(/\r?\n/);
}

const DEFAULTS = [
  ...["network dhcp", "address 0.0.0.0", "prefix 0", "gateway 0.0.0.0"],
  ...["dns 0.0.0.0", "hostname wassl", "app_memory 65536", "ssl_memory 65536"],
  ...["tls_receive_buffer 16384", "app start"],
];

test("settings: all of them", async () => {
  const text = `# a comment
network = static
  address=192.168.1.50/24\r
gateway = 192.168.1.1
dns = 9.9.9.9

hostname = lamp-7
app_memory = 48K
ssl_memory = 40960
tls_receive_buffer = 2K
app = wait`;
  assert.deepEqual(await settingsOf(text), [
    ...["mistakes 0", "network static", "address 192.168.1.50", "prefix 24"],
    ...["gateway 192.168.1.1", "dns 9.9.9.9", "hostname lamp-7"],
    ...["app_memory 49152", "ssl_memory 40960", "tls_receive_buffer 2048", "app wait"],
  ]);
});

test("settings: none, and each kind of mistake by its line", async () => {
  assert.deepEqual(await settingsOf(""), ["mistakes 0", ...DEFAULTS]);
  const bad = [
    ["network", "a line is `key = value`, or starts with #"],
    ["colour = blue", "there is no setting of this name"],
    ["network = wifi", "this setting is dhcp or static"],
    ["address = 192.168.1.50", "this setting is an address"],
    ["address = 192.168.1.256/24", "this setting is an address"],
    ["address = 192.168.1.1/31", "this setting is an address"],
    ["gateway = 1.2.3", "this setting is an address"],
    ["gateway = 1.2.3.4.5", "this setting is an address"],
    ["dns = 1.1.1.1 2.2.2.2", "this setting is an address"],
    ["hostname = -x", "this setting is up to 32 letters"],
    [`hostname = ${"x".repeat(33)}`, "this setting is up to 32 letters"],
    ["app_memory = 4294967297", "this setting is bytes"],
    ["app_memory = 64M", "this setting is bytes"],
    ["ssl_memory = 5", "this setting is bytes"],
    ["tls_receive_buffer = 1023", "this setting is 1K to 16K"],
    ["tls_receive_buffer = 17K", "this setting is 1K to 16K"],
    ["app = maybe", "this setting is start or wait"],
    ["hostname = " + "x".repeat(150), "the line is too long"],
    ["hostname = a\0b", "the line has a NUL character"],
  ];
  const lines = await settingsOf(bad.map(([line]) => line).join("\n"));
  assert.deepEqual(lines.slice(bad.length), [`mistakes ${bad.length}`, ...DEFAULTS]);
  for (const [i, [, what]] of bad.entries()) {
    assert.ok(lines[i]!.startsWith(`settings.txt:${i + 1}: ${what}`), lines[i]);
  }
});

test("settings: what no line alone shows", async () => {
  const lines = await settingsOf("network = static\n");
  assert.match(lines[0]!, /needs an address; DHCP is used/);
  assert.deepEqual(lines.slice(1), ["mistakes 1", ...DEFAULTS]);
  for (const line of ["address = 10.0.0.1/8", "gateway = 10.0.0.2", "dns = 9.9.9.9"]) {
    const [report, mistakes, network] = await settingsOf(line);
    assert.match(report!, /go with network = static; DHCP is used/);
    assert.deepEqual([mistakes, network], ["mistakes 1", "network dhcp"]);
  }
});
