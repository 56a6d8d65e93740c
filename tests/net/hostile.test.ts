// The lwIP back end against a network that says anything, and how little of it can be guessed.

import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { after, test } from "node:test";
import { exec } from "../../scripts/lib/exec.ts";
import { Peer, type Link } from "../../scripts/sim/peer/link.ts";
import { buildProgram, Device } from "./device.ts";

const isLong = process.env.WASSL_LONG === "1";
const SEEDS = isLong ? 400 : 10;
const STEPS = isLong ? 200_000 : 20_000;

after(() => Device.endAll());

test(`${SEEDS} times ${STEPS} calls and hostile frames: no fault, nothing left`, async (t) => {
  const program = await buildProgram("fuzz");
  let worked = 0;
  let highest = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const said = await exec(program, [String(seed), String(STEPS)]);
    const [, count, most] = /, (\d+) worked, most connections (\d+),/.exec(said)!;
    worked += Number(count);
    highest = Math.max(highest, Number(most));
  }
  assert.equal(highest, 8, "it went to the limit, not beyond");
  t.diagnostic(`${worked} calls worked`);
  assert.ok(worked > (SEEDS * STEPS) / 10, "not only errors");
});

test("the W5500's driver with a chip that is sound, broken, and sound again", async () => {
  const program = await buildProgram("w5500");
  for (let seed = 1; seed <= (isLong ? 100 : 4); seed++) {
    assert.match(await exec(program, [String(seed)]), /^\d+ frames sent, \d+ recoveries$/m);
  }
});

test("SipHash as OpenSSL has it", async () => {
  const lines = (await exec(await buildProgram("siphash"), [])).trim().split("\n");
  assert.equal(lines.length, 65);
  assert.equal(lines[15], "E545BE4961CA29A1"); // the example of the paper
  const bytes = Buffer.from(lines.map((_, i) => i)).subarray(0, 64);
  const key = `hexkey:${bytes.subarray(0, 16).toString("hex")}`;
  for (const length of [0, 1, 7, 8, 9, 16, 31, 63, 64]) {
    const input = bytes.subarray(0, length).toString("latin1");
    const options = ["-macopt", key, "-macopt", "size:8", "SIPHASH"];
    const expected = await exec("openssl", ["mac", ...options], { input });
    assert.equal(lines[length], expected.trim(), `${length} bytes`);
  }
});

/** The peer, with a note of what the device chooses. */
class Observer implements Link {
  readonly ports: number[] = [];
  readonly sequences: number[] = [];
  readonly questions: string[] = [];

  constructor(private readonly peer: Peer) {}

  send(bytes: Uint8Array): void {
    const frame = Buffer.from(bytes);
    const isSyn = frame[23] === 6 && (frame[47]! & 2) !== 0;
    if (isSyn && !this.ports.includes(frame.readUInt16BE(34))) {
      this.ports.push(frame.readUInt16BE(34));
      this.sequences.push(frame.readUInt32BE(38));
    }
    if (frame[23] === 17 && frame.readUInt16BE(36) === 53) {
      this.questions.push(`${frame.readUInt16BE(34)} ${frame.readUInt16BE(42)}`);
    }
    this.peer.send(bytes);
  }

  set onFrame(to: (frame: Uint8Array) => void) {
    this.peer.onFrame = to;
  }

  close(): void {
    this.peer.close();
  }
}

test("ports, sequence numbers and ids of DNS cannot be guessed from the last ones", async () => {
  const observer = new Observer(new Peer());
  const device = await Device.atLink(observer);
  const server = net.createServer((socket) => socket.on("error", () => undefined).resume());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  for (let i = 0; i < 24; i++) {
    assert.equal(await device.connect(port), 1);
    await device.call("close 1");
    await device.call(`resolve no${i}.example 1`);
  }
  await device.close();
  observer.close();
  server.close();
  const { ports, sequences } = observer;
  const questions = [...new Set(observer.questions)]; // lost ones were asked again
  assert.ok(ports.every((p) => p >= 49152));
  assert.ok(questions.length >= 24);
  for (const numbers of [ports, sequences, questions.map(parseFloat)]) {
    const steps = numbers.slice(1).map((n, i) => n - numbers[i]!);
    assert.ok(new Set(steps).size > 20, `steps ${steps.join()}`);
    assert.ok(steps.some((n) => n < 0) && steps.some((n) => n > 0));
  }
});
