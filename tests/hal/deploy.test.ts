// An app's way into a device over its serial line: whole, or not at all, whatever happens to the
// line, the power or the app itself.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { slotImage } from "../../scripts/lib/app-slot.ts";
import { crc32 } from "../../scripts/lib/crc32.ts";
import { LineLost } from "../../scripts/lib/serial/client.ts";
import { type AppToSend, DeviceError } from "../../scripts/lib/serial/device.ts";
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

const LONG = process.env.WASSL_LONG === "1";
const SLOT = 32 * 4096;
const SLOT_CAPACITY = SLOT - 4096;
const folder = flashFolder();
let flashes = 0;
const devices: RunningDevice[] = [];
const users: User[] = [];

before(buildDriver);
after(async () => {
  for (const user of users) user.client.close();
  for (const device of devices) await device.stop();
});

function newFlash(): string {
  return path.join(folder, `flash-${flashes++}`);
}

async function start(...args: Parameters<typeof RunningDevice.start>): Promise<RunningDevice> {
  const device = await RunningDevice.start(...args);
  devices.push(device);
  return device;
}

async function connectTo(port: number): Promise<User> {
  const user = await userAt(port);
  users.push(user);
  return user;
}

/** Random bytes after WebAssembly's first eight. */
function app(name: string, length: number, seed = length): AppToSend {
  const wasm = new Random(seed).bytes(length);
  wasm.set([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  return { wasm, name, version: "1" };
}

const quiet = (): void => undefined;

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let i = 0; !holds(); i++) {
    assert.ok(i < 6000, `never: ${what}`);
    await sleep(10);
  }
}

test("no app, then one, then the next; the same one is not sent again", async () => {
  const { port } = await start(newFlash());
  const { device } = await connectTo(port);
  const empty = await device.hello();
  assert.equal(empty.board, "driver");
  assert.equal(empty.capacity, SLOT_CAPACITY);
  assert.equal(empty.app, "none");
  assert.equal(empty.installed, null);

  for (const sent of [app("first", 5000), app("second", SLOT_CAPACITY), app("end", 8)]) {
    const seen: number[] = [];
    assert.equal(await device.installApp(sent, (done) => seen.push(done)), true);
    assert.equal(seen[0], 0);
    assert.equal(seen.at(-1), sent.wasm.length);
    const info = await restart(device, true);
    const { name, wasm } = sent;
    assert.deepEqual(info.installed, { name, version: "1", length: wasm.length, crc: crc32(wasm) });
    assert.equal(info.app, name === "end" ? "ended" : "running");
    assert.equal(await device.installApp(sent, quiet), false);
  }
});

test("an app that an image brings, and the next one by number", async () => {
  const flash = newFlash();
  const [first, second] = [app("first", 300), app("second", 5000)];
  const images = [first, second].map((one, i) => slotImage(one.wasm, { ...one, sequence: 7 - i }));
  const bytes = Buffer.alloc(2 * SLOT, 0xff);
  bytes.set(images[0]!, 0);
  bytes.set(images[1]!, SLOT);
  writeFileSync(flash, bytes);
  const { port } = await start(flash);
  const { device } = await connectTo(port);
  const { wasm, name, version } = first;
  const { installed } = await device.hello();
  assert.deepEqual(installed, { name, version, length: wasm.length, crc: crc32(wasm) });
  await device.installApp(app("third", 3000), quiet);
  assert.equal((await device.hello()).installed?.name, "third");
  assert.throws(() => slotImage(wasm, { name: "a\nb", version, sequence: 1 }), /control/);
  assert.throws(() => slotImage(wasm, { name, version: "x".repeat(32), sequence: 1 }), /31 bytes/);
});

test("an app whose flash is damaged does not start, the other one does", async () => {
  const [good, bad] = [app("good", 3000), app("bad", 3000, 9)];
  const image = (one: AppToSend, sequence: number): Uint8Array =>
    slotImage(one.wasm, { ...one, sequence });
  // magic, format, sequence, length, CRC, name, version, unused, the header's CRC, the module
  for (const at of [0, 8, 12, 16, 20, 33, 96, 130, 252, 4096, 7000]) {
    const flash = newFlash();
    const bytes = Buffer.alloc(2 * SLOT, 0xff);
    bytes.set(image(good, 1), 0);
    bytes.set(image(bad, 2), SLOT);
    bytes[SLOT + at]! ^= 4;
    writeFileSync(flash, bytes);
    const one = await start(flash);
    const { device, client, text } = await connectTo(one.port);
    assert.equal((await device.hello()).installed?.name, "good", `byte ${at}`);
    client.type(Buffer.from("apps\r"));
    await until("apps", () => /\nB {2}/.test(text()));
    assert.match(text(), at === 0 ? /\nB {2}empty\r\n/ : /\nB {2}damaged\r\n/);
    await one.stop();
  }
});

test("while an app runs, its slot is not written to", async () => {
  const { port } = await start(newFlash());
  const { device, client, text } = await connectTo(port);
  await device.installApp(app("runs", 3000), quiet);
  await restart(device, true);
  for (const name of ["one", "two", "three"]) await device.installApp(app(name, 2000), quiet);
  client.type(Buffer.from("apps\r"));
  await until("two slots", () => text().includes("\nB  three"));
  assert.match(text(), /A {2}runs 1, 3000 bytes, number 1, running\r\nB {2}three 1, 2000 bytes/);
});

test("bytes are lost, changed and doubled on the line", async (t) => {
  const { port } = await start(newFlash());
  for (let seed = 1; seed <= (LONG ? 40 : 4); seed++) {
    const options = [{ lose: 2000 }, { change: 2000 }, { double: 2000 }];
    const all = { lose: 5000, change: 5000, double: 5000 };
    const line = await BadLine.before(port, { seed, ...(options[seed % 4] ?? all) });
    const { device } = await connectTo(line.port);
    const sent = app(`damaged${seed}`, 10_000 + seed * 1000);
    assert.equal(await device.installApp(sent, quiet), true);
    assert.equal((await device.hello()).installed?.crc, crc32(sent.wasm));
    t.diagnostic(`seed ${seed}: ${line.faults} faults`);
    assert.ok(line.faults > 0);
    line.close();
  }
});

test("the line breaks: what was sent is not sent again", async () => {
  const { port } = await start(newFlash());
  const line = await BadLine.before(port, { seed: 1, breakAfter: 20_000 });
  const sent = app("broken", 40_000);
  const first = await connectTo(line.port);
  let reached = 0;
  const lost = first.device.installApp(sent, (done) => (reached = done));
  await assert.rejects(lost, LineLost);
  assert.ok(reached > 1000 && reached < 20_000); // where the device is slow, much goes twice

  const second = await connectTo(line.port);
  const seen: number[] = [];
  await second.device.installApp(sent, (done) => seen.push(done));
  assert.ok(seen[0]! >= reached && seen[0]! <= reached + 512, `${seen[0]}, not ${reached}`);
  assert.equal((await second.device.hello()).installed?.crc, crc32(sent.wasm));
  line.close();
});

test("the device resets in the middle: whole sectors are not sent again", async () => {
  const flash = newFlash();
  const first = await start(flash);
  const sent = app("reset", 40_000);
  const user = await connectTo(first.port);
  const plugPulled = user.device.installApp(sent, (done) => {
    if (done > 20_000) void first.stop();
  });
  await assert.rejects(plugPulled, LineLost);

  const second = await start(flash, { port: first.port });
  const { device } = await connectTo(second.port);
  const seen: number[] = [];
  await device.installApp(sent, (done) => seen.push(done));
  assert.ok(seen[0]! >= 16_384 && seen[0]! % 4096 === 0, String(seen[0]));
  assert.equal((await device.hello()).installed?.crc, crc32(sent.wasm));
});

test("what was received and then damaged is sent again", async () => {
  const { port } = await start(newFlash());
  const { device, client } = await connectTo(port);
  const sent = app("again", 10_000);
  const other = Uint8Array.from(sent.wasm);
  other[2000]! ^= 1;
  // A begin with the good checksum, data that does not fit it.
  const begin = new PayloadWriter().u32(10_000).u32(crc32(sent.wasm)).u8(0);
  begin.text("again").text("1");
  while ((await client.request(0x10, begin.done())).result === -11);
  for (let at = 0; at < 8192; at += 512) {
    const data = new PayloadWriter().u32(at).bytes(other.subarray(at, at + 512));
    assert.equal((await client.request(0x11, data.done())).result, 0);
  }
  const seen: number[] = [];
  assert.equal(await device.installApp(sent, (done) => seen.push(done)), true);
  assert.equal(seen[0], 0);
  assert.equal((await device.hello()).installed?.crc, crc32(sent.wasm));
});

test("power cuts at every write and erase of an installation", async (t) => {
  const text = execFileSync(await buildDriver(), ["cuts"], { encoding: "utf8" });
  const numbers = /^cuts (\d+) olds (\d+) news (\d+) resumed (\d+)$/m.exec(text)!.slice(1);
  const [cuts, olds, news, resumed] = numbers.map(Number);
  t.diagnostic(text.trim());
  assert.ok(cuts! > 400 && news! > 0 && resumed! > 50);
  assert.equal(olds! + news!, cuts);
});

test("a power cut in the device, the command goes on with the next one", async () => {
  const base = newFlash();
  const old = app("old", 6000);
  const sent = app("new", 6000, 2);
  const made = await start(base);
  await (await connectTo(made.port)).device.installApp(old, quiet);
  await made.stop();
  for (const [operation, how] of [
    [0, 1],
    [7, 1],
    [14, 0],
    [25, 1],
    [25, 2],
  ] as const) {
    const flash = newFlash();
    copyFileSync(base, flash);
    const first = await start(flash, { cut: [operation, how] });
    const user = await connectTo(first.port);
    await assert.rejects(user.device.installApp(sent, quiet), LineLost);
    assert.equal(await first.ended, 3);
    const second = await start(flash, { port: first.port });
    const { device } = await connectTo(second.port);
    const { installed } = await device.hello();
    assert.ok([crc32(old.wasm), crc32(sent.wasm)].includes(installed!.crc));
    await device.installApp(sent, quiet);
    assert.equal((await device.hello()).installed?.crc, crc32(sent.wasm));
    await second.stop();
  }
});

test("what is no app is refused, and the old one stays", async () => {
  const { port } = await start(newFlash());
  const { device, client, text } = await connectTo(port);
  const old = app("old", 3000);
  await device.installApp(old, quiet);
  const refused = async (sent: AppToSend, errno: number): Promise<void> => {
    const fails = (error: unknown): boolean =>
      error instanceof DeviceError && error.errno === errno;
    await assert.rejects(device.installApp(sent, quiet), fails);
    assert.equal((await device.hello()).installed?.crc, crc32(old.wasm));
  };
  await refused(app("long", SLOT_CAPACITY + 1), 28);
  await refused({ wasm: new Uint8Array(), name: "none", version: "" }, 22);
  await refused({ ...app("magic", 3000), wasm: new Random(1).bytes(3000) }, 22);
  await refused({ ...app("bell\x07", 3000) }, 22);
  await refused({ ...app("x".repeat(64), 3000) }, 22);

  // The checksum of another module.
  const begin = new PayloadWriter().u32(16).u32(1).u8(0).text("crc").text("");
  while ((await client.request(0x10, begin.done())).result === -11);
  const data = new PayloadWriter().u32(0).bytes(app("crc", 16).wasm);
  assert.equal((await client.request(0x11, data.done())).result, 0);
  assert.equal((await client.request(0x12, new Uint8Array())).result, -5);
  assert.equal((await client.request(0x12, new Uint8Array())).result, -22);
  client.type(Buffer.from("apps\r"));
  await until("nothing remains", () => text().includes("\r\nB  empty\r\n"));
  assert.equal((await device.hello()).installed?.crc, crc32(old.wasm));
});

test("an app that crashes at once is held after three times, and can be replaced", async () => {
  const { port } = await start(newFlash());
  const { device, text } = await connectTo(port);
  await device.installApp(app("crash", 1000), quiet);
  await restart(device, true);
  await until("held", () => text().includes("was not started"));
  assert.equal(text().match(/crash runs/g)?.length, 3);
  assert.equal((await device.hello()).app, "held");
  await device.installApp(app("good", 1000), quiet);
  assert.equal((await restart(device, true)).app, "running");
});

test("a restart without the app; a stop; Ctrl-C", async () => {
  const { port } = await start(newFlash());
  const { device, client, text } = await connectTo(port);
  await device.installApp(app("loops", 1000), quiet);
  assert.equal((await restart(device, false)).app, "held");
  assert.equal(await device.stop(), false);
  assert.equal((await restart(device, true)).app, "running");
  assert.equal(await device.stop(), true);
  await until("stopped", () => text().includes("the app has ended"));
  assert.equal((await restart(device, true)).app, "running");
  client.type(Uint8Array.of(3));
  await until("interrupted", () => text().includes("^C"));
  assert.equal((await device.hello()).app, "ended");
});

test("random and damaged requests", async (t) => {
  const driver = await buildDriver();
  for (const seed of ["1", "2", "3"]) {
    const rounds = LONG ? "3000000" : "50000";
    const text = execFileSync(driver, ["fuzz", rounds, seed], { encoding: "utf8" });
    t.diagnostic(text.trim());
    assert.match(text, /^answers \d{5,} good \d{5,}$/m);
  }
});
