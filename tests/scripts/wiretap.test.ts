// What the cable of an emulated board carries: frames, bytes, and each byte of TCP's streams once.

import assert from "node:assert/strict";
import test from "node:test";
import { Wiretap } from "../../scripts/lib/wiretap.ts";
import type { Link } from "../../scripts/sim/peer/link.ts";

const SYN = 2;
const ACK = 16;

class Far implements Link {
  readonly taken: Uint8Array[] = [];
  onFrame: (frame: Uint8Array) => void = () => undefined;
  closed = false;
  send(frame: Uint8Array): void {
    this.taken.push(frame);
  }
  close(): void {
    this.closed = true;
  }
}

/** A TCP segment in a frame, padded as Ethernet does. */
function segment(sequence: number, flags: number, text: string, port = 443): Buffer {
  const frame = Buffer.alloc(Math.max(60, 54 + text.length));
  frame.writeUInt16BE(0x0800, 12);
  frame[14] = 0x45;
  frame.writeUInt16BE(40 + text.length, 16);
  frame[23] = 6;
  frame.writeUInt16BE(port, 36);
  frame.writeUInt32BE(sequence >>> 0, 38);
  frame[46] = 5 << 4;
  frame[47] = flags;
  frame.write(text, 54);
  return frame;
}

test("new bytes of a stream count once, whatever is repeated, also over the end of numbers", () => {
  const far = new Far();
  const wire = new Wiretap(far);
  const start = 0xfffffffc;
  for (const frame of [
    segment(start, SYN, ""),
    segment(start + 1, ACK, "abcdef"),
    segment(start + 1, ACK, "abcdef"),
    segment(start + 4, ACK, "defgh"),
    segment(7, SYN, "", 80),
    segment(8, ACK, "xy", 80),
  ])
    wire.send(frame);
  wire.send(new Uint8Array(60));
  const { sent, received } = wire.traffic;
  assert.deepEqual(sent, { frames: 7, bytes: 7 * 60, stream: 10 });
  assert.deepEqual(received, { frames: 0, bytes: 0, stream: 0 });
  assert.equal(far.taken.length, 7);
});

test("both directions pass; what is cut short counts as a frame alone", () => {
  const far = new Far();
  const wire = new Wiretap(far);
  const got: Uint8Array[] = [];
  wire.onFrame = (frame) => got.push(frame);
  const lying = segment(1, ACK, "abc");
  lying.writeUInt16BE(1000, 16);
  for (const frame of [segment(1, ACK, "abc"), lying, lying.subarray(0, 40)]) far.onFrame(frame);
  assert.equal(got.length, 3);
  assert.deepEqual(wire.traffic.received, { frames: 3, bytes: 160, stream: 3 });
  wire.close();
  assert.ok(far.closed);
});
