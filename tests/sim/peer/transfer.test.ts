// TCP over a cable on which everything goes wrong: 200 KB each way at the same time arrive as they
// were sent, and so do both ends.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { HostStream } from "../../../scripts/sim/peer/host.ts";
import type { Impairments } from "../../../scripts/sim/peer/link.ts";
import { Device } from "./device.ts";
import { FakeHost } from "./host.ts";
import { attach, Station } from "./station.ts";

const SIZE = 200_000;

/** Bytes that differ everywhere, so that a lost, doubled or moved part is noticed. */
function stream(name: string): Buffer {
  const blocks = Array.from({ length: SIZE / 32 }, (_, i) =>
    createHash("sha256").update(`${name} ${i}`).digest(),
  );
  return Buffer.concat(blocks);
}

const FROM_DEVICE = stream("device");
const FROM_HOST = stream("host");

interface Program {
  received: Buffer[];
  ended: boolean;
}

/** A program of the host's: sends all it has, keeps what comes. */
function program(stream: HostStream): Program {
  const state: Program = { received: [], ended: false };
  stream.on("data", (data: Buffer) => state.received.push(data));
  stream.on("end", () => (state.ended = true));
  for (let at = 0; at < SIZE; at += 10_000) stream.write(FROM_HOST.subarray(at, at + 10_000));
  stream.end();
  return state;
}

async function transfer(impairments: Impairments, seed: number, forwarded: boolean) {
  const host = new FakeHost();
  const forwards = [{ hostPort: 8080, devicePort: 80 }];
  const device = new Device({ host, seed, forwards, ...impairments });
  const station = new Station(device, forwarded ? 80 : 50000, forwarded ? 0 : 443);
  attach(device, station);
  let served: Program | null = null;
  host.servers.set(443, (stream) => (served = program(stream)));
  if (forwarded) {
    served = program(host.dial(8080));
  } else {
    station.connect();
  }
  station.write(FROM_DEVICE);
  station.end();
  await device.until(() => station.finished && station.ended && served?.ended === true, 3_600_000);
  assert.ok(served!.ended);
  assert.ok(Buffer.concat(served!.received).equals(FROM_DEVICE), "device to host");
  assert.ok(Buffer.concat(station.received).equals(FROM_HOST), "host to device");
  await device.until(() => host.openSockets === 0 && device.clock.now() > 0);
  const milliseconds = device.clock.now();
  device.peer.close();
  return milliseconds;
}

const CABLES: Record<string, Impairments> = {
  "a clean cable": {},
  "a slow cable": { delayMs: 40 },
  "10 % loss": { loss: 0.1, delayMs: 2 },
  "30 % loss": { loss: 0.3, delayMs: 1 },
  reordering: { reorder: 0.3 },
  duplicates: { duplicate: 0.3 },
  damage: { corrupt: 0.1 },
  "all of it": { loss: 0.1, reorder: 0.2, duplicate: 0.2, corrupt: 0.05, delayMs: 3 },
};

for (const [name, impairments] of Object.entries(CABLES)) {
  for (const forwarded of [false, true]) {
    const who = forwarded ? "the host" : "the device";
    test(`200 KB each way over ${name}, opened by ${who}`, async () => {
      for (const seed of [1, 2]) await transfer(impairments, seed, forwarded);
    });
  }
}

test("the same seed, the same accidents; another seed, others", async () => {
  const cable = CABLES["all of it"]!;
  const first = await transfer(cable, 3, false);
  assert.equal(await transfer(cable, 3, false), first);
  assert.notEqual(await transfer(cable, 4, false), first);
});
