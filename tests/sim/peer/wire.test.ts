// The parts below the protocols: time, chance, checksums, accidents, capture files, framing.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { checksum, onesSum } from "../../../scripts/sim/peer/checksum.ts";
import { encodeFrame, FrameDecoder, FramingError } from "../../../scripts/sim/peer/frames.ts";
import { VirtualClock } from "../../../scripts/sim/peer/link.ts";
import { Random } from "../../../scripts/sim/peer/random.ts";
import { Wire, type Impairments } from "../../../scripts/sim/peer/wire.ts";
import { complement, Device, ethernet, ICMP, ipv4, MAC, sum16 } from "./device.ts";

test("checksums: RFC 1071's example, a published header, odd lengths, long sums", () => {
  const example = Buffer.from("0001f203f4f5f6f7", "hex"); // RFC 1071, 3
  assert.equal(onesSum(example), 0xddf2);
  assert.equal(checksum(example), 0x220d);
  const header = Buffer.from("450000730000400040110000c0a80001c0a800c7", "hex");
  assert.equal(checksum(header), 0xb861);
  assert.equal(checksum(Buffer.from([0x12, 0x34, 0x56])), 0xffff - 0x6834);
  assert.equal(onesSum(Buffer.alloc(65536, 0xff)), 0xffff);
  const random = new Random(1);
  for (let i = 0; i < 200; i++) {
    const bytes = Buffer.from(Array.from({ length: random.below(80) }, () => random.below(256)));
    assert.equal(onesSum(bytes), sum16(bytes));
  }
});

test("time: in order of due time, then of asking; what is taken back does not run", () => {
  const clock = new VirtualClock();
  const log: string[] = [];
  clock.after(20, () => log.push(`b at ${clock.now()}`));
  const cancel = clock.after(15, () => log.push("never"));
  clock.after(10, () => {
    log.push(`a at ${clock.now()}`);
    clock.after(10, () => log.push(`d at ${clock.now()}`));
    clock.after(0, () => log.push(`at once at ${clock.now()}`));
  });
  clock.after(20, () => log.push(`c at ${clock.now()}`));
  cancel();
  assert.equal(clock.next(), 10);
  clock.advance(19);
  assert.deepEqual(log, ["a at 10", "at once at 10"]);
  clock.advance(1);
  assert.deepEqual(log.slice(2), ["b at 20", "c at 20", "d at 20"]);
  assert.deepEqual([clock.next(), clock.now()], [null, 20]);
});

test("time: whoever waits is told of earlier actions", () => {
  const clock = new VirtualClock();
  let told = 0;
  clock.onEarlier = () => told++;
  clock.after(10, () => undefined);
  clock.after(20, () => undefined);
  clock.after(5, () => undefined);
  assert.equal(told, 2);
});

const COUNT = 5000;
const FRAME = Buffer.from(ethernet(ipv4(ICMP, Array<number>(30).fill(0x5a))));

/** Sends numbered frames one millisecond apart; gives when which arrived. */
function travel(impairments: Impairments, seed = 1): { at: number; frame: Buffer; n: number }[] {
  const clock = new VirtualClock();
  const arrived: { at: number; frame: Buffer; n: number }[] = [];
  const deliver = (frame: Buffer): void => {
    arrived.push({ at: clock.now(), frame, n: frame.readUInt32BE(6) });
  };
  const wire = new Wire(clock, new Random(seed), deliver, impairments);
  for (let n = 0; n < COUNT; n++) {
    const frame = Buffer.from(FRAME);
    frame.writeUInt32BE(n, 6); // in the sender's MAC address, which is never damaged
    wire.send(frame);
    clock.advance(1);
  }
  clock.advance(1000);
  return arrived;
}

const isAbout = (share: number, expected: number): void =>
  assert.ok(Math.abs(share - expected) < 0.03, `${share} instead of ${expected}`);

test("a clean cable keeps all frames in order; a slow one, too, later", () => {
  for (const delayMs of [0, 7.5]) {
    const arrived = travel({ delayMs });
    assert.deepEqual(
      arrived.map(({ n }) => n),
      Array.from({ length: COUNT }, (_, i) => i),
    );
    assert.ok(
      arrived.every(({ at, n, frame }) => at === n + delayMs && frame.length === FRAME.length),
    );
  }
});

test("loss, duplicates, damage and reordering are as frequent as asked for", () => {
  isAbout(1 - travel({ loss: 0.2 }).length / COUNT, 0.2);
  isAbout(travel({ duplicate: 0.3 }).length / COUNT - 1, 0.3);
  const held = travel({ reorder: 0.25 }).filter(({ at, n }) => at > n);
  isAbout(held.length / COUNT, 0.25);
  assert.ok(held.every(({ at, n }) => at - n <= 20));
  const damaged = travel({ corrupt: 0.4 }).map(({ frame }) => differences(frame));
  isAbout(damaged.filter((bits) => bits > 0).length / COUNT, 0.4);
  assert.ok(damaged.every((bits) => bits <= 1));
});

/** Bits after the Ethernet header that are not the original's. */
function differences(frame: Buffer): number {
  let bits = 0;
  for (let i = 14; i < frame.length; i++) {
    bits += (frame[i]! ^ FRAME[i]!).toString(2).replaceAll("0", "").length;
  }
  return bits;
}

test("the same seed, the same accidents", () => {
  const all = { loss: 0.1, duplicate: 0.1, reorder: 0.1, corrupt: 0.1 };
  assert.deepEqual(travel(all, 7), travel(all, 7));
  assert.notDeepEqual(travel(all, 7), travel(all, 8));
});

const PING = [8, 0, ...complement([8, 0, 0, 0, 1, 1, 1, 1]), 1, 1, 1, 1];

test("each direction has its own impairments, which may change", () => {
  const device = new Device({ toDevice: { delayMs: 30 } });
  device.send(ICMP, PING);
  device.clock.advance(29);
  assert.equal(device.frames.length, 0);
  device.clock.advance(1);
  assert.equal(device.take().length, 1);
  device.peer.impair({ fromDevice: { loss: 1 } });
  device.send(ICMP, PING);
  device.clock.advance(1000);
  assert.equal(device.frames.length, 0);
  device.peer.impair({});
  device.send(ICMP, PING);
  assert.equal(device.take().length, 1);
});

test("send() copies the frame and never calls onFrame", () => {
  const device = new Device();
  const frame = ethernet(ipv4(ICMP, PING));
  device.peer.send(frame);
  frame.fill(0);
  assert.equal(device.frames.length, 0);
  assert.equal(device.take().length, 1);
});

test("frames for others, of other protocols, of impossible sizes are dropped and counted", () => {
  const device = new Device();
  const ping = ipv4(ICMP, PING);
  const long = Array<number>(1501).fill(0);
  const frames = [
    ethernet(ping, 0x0800, "52:55:0a:00:02:04"),
    ethernet(ping, 0x86dd),
    ethernet(long),
    Uint8Array.from([1, 2, 3]),
    new Uint8Array(0),
    ethernet(ping, 0x0800, undefined, "03:00:00:00:00:15"), // from a group
  ];
  for (const frame of frames) device.peer.send(frame);
  assert.deepEqual(device.take(), []);
  assert.deepEqual(device.peer.dropped, {
    "frame for somebody else": 1,
    "frame of another protocol": 1,
    "malformed frame": 4,
  });
});

test("a capture file has what the device sent and received, in the classic format", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "wassl-pcap-"));
  try {
    const pcap = path.join(folder, "a.pcap");
    const device = new Device({ pcap, toDevice: { delayMs: 2.5, duplicate: 1 } });
    device.clock.advance(3_000_000.25);
    const sent = ethernet(ipv4(ICMP, PING));
    device.peer.send(sent);
    device.clock.advance(10);
    const [received] = device.frames;
    device.peer.close();
    const bytes = readFileSync(pcap);
    // https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-06.html, section 4
    const header = "a1b2c3d4" + "00020004" + "00000000" + "00000000" + "0000ffff" + "00000001";
    assert.equal(bytes.toString("hex", 0, 24), header);
    const record = (seconds: number, microseconds: number, frame: Uint8Array): Buffer => {
      const fields = Buffer.alloc(16);
      [seconds, microseconds, frame.length, frame.length].forEach((n, i) =>
        fields.writeUInt32BE(n, i * 4),
      );
      return Buffer.concat([fields, frame]);
    };
    const reply = record(3000, 2750, received!);
    const expected = Buffer.concat([record(3000, 250, sent), reply, reply]);
    assert.deepEqual(bytes.subarray(24), expected);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("frames over a stream: cut anywhere; a length that cannot be ends it", () => {
  const frames = [Buffer.from("a"), Buffer.alloc(0), Buffer.from(MAC.repeat(20))];
  const stream = Buffer.concat(frames.map(encodeFrame));
  for (const size of [1, 2, 3, 5, 100, stream.length]) {
    const decoder = new FrameDecoder();
    const got: Buffer[] = [];
    for (let at = 0; at < stream.length; at += size) {
      got.push(...decoder.push(stream.subarray(at, at + size)));
    }
    assert.deepEqual(got, frames);
  }
  assert.throws(() => new FrameDecoder().push(Buffer.from([0, 1, 0, 1])), FramingError);
  assert.deepEqual(new FrameDecoder().push(Buffer.from([0, 1, 0, 0])), []);
});
