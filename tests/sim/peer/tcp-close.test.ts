// TCP: how connections end - in order, one side after the other, or broken.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ACK, FIN, RST, SYN } from "./device.ts";
import { ISS, PORT, Script } from "./script.ts";

const TIME_WAIT_MS = 10_000;

async function opened(): Promise<Script> {
  const script = new Script();
  await script.open();
  return script;
}

/** The device's FIN. */
function finish(script: Script): void {
  script.send({ flags: FIN | ACK });
  script.sequence = (script.sequence + 1) >>> 0;
}

/** Nothing is left of the connection: not even a timer. */
async function isForgotten(script: Script): Promise<void> {
  await script.settle();
  assert.equal(script.host.openSockets, 0);
  assert.equal(script.device.clock.next(), null);
  script.send();
  assert.equal((await script.segment()).flags, RST, "it belongs to no connection");
}

test("the device ends first; the host may still send, and ends later", async () => {
  const script = await opened();
  script.send({ flags: FIN | ACK, data: Buffer.from("bye") });
  script.sequence += 4;
  assert.equal((await script.segment()).acknowledgement, script.sequence);
  assert.equal(script.text, "bye");
  assert.ok(script.hostEnded);
  script.stream.write("more");
  assert.equal((await script.takeData(4)).toString(), "more");
  script.stream.end();
  const fin = await script.segment();
  assert.deepEqual([fin.flags, fin.sequence], [FIN | ACK, script.acknowledgement]);
  script.acknowledgement++;
  script.send();
  await isForgotten(script);
});

test("the host ends first; the device may still send, and ends later", async () => {
  const script = await opened();
  script.stream.end("bye");
  const segments = await script.segments();
  assert.equal(Buffer.concat(segments.map((segment) => segment.data)).toString(), "bye");
  assert.equal(segments.at(-1)!.flags & FIN, FIN);
  script.acknowledgement += 4;
  script.send();
  script.sendData("more");
  await script.segment();
  assert.equal(script.text, "more");
  finish(script);
  assert.equal((await script.segment()).acknowledgement, script.sequence);
  assert.ok(script.hostEnded);
  assert.equal(script.host.openSockets, 0);
});

test("the last acknowledgement is repeated for a while, then all is forgotten", async () => {
  const script = await opened();
  script.stream.end();
  await script.segment();
  script.acknowledgement++;
  script.send();
  finish(script);
  const last = await script.segment();
  script.device.clock.advance(TIME_WAIT_MS / 2);
  script.send({ flags: FIN | ACK, sequence: script.sequence - 1 });
  assert.deepEqual(await script.segment(), last);
  script.device.clock.advance(TIME_WAIT_MS / 2);
  await isForgotten(script);
});

test("a new SYN may take the place of a connection that has ended", async () => {
  const script = await opened();
  script.stream.end();
  await script.segment();
  script.acknowledgement++;
  finish(script);
  await script.segments();
  script.send({ flags: SYN, acknowledgement: 0, sequence: script.sequence - 10 }); // an old one
  assert.equal((await script.segment()).flags, ACK);
  script.sequence += 1000;
  await script.open();
  script.sendData("again");
  await script.segment();
  assert.equal(script.text, "again");
});

test("both end at the same time", async () => {
  const script = await opened();
  script.stream.end();
  const fin = await script.segment();
  finish(script); // does not acknowledge the host's FIN
  assert.equal((await script.segment()).acknowledgement, script.sequence);
  script.acknowledgement = fin.sequence + 1;
  script.send();
  await script.segments();
  script.device.clock.advance(TIME_WAIT_MS);
  await isForgotten(script);
});

test("a lost FIN is sent again, and so is data with it", async () => {
  const script = await opened();
  script.stream.end("last");
  await script.segments();
  const { segment } = await script.wait();
  assert.equal(segment.data.toString(), "last");
  assert.equal(segment.flags & FIN, FIN);
});

test("FIN before the data in front of it waits for that; nothing counts behind it", async () => {
  const script = await opened();
  script.send({ flags: FIN | ACK, sequence: script.sequence + 3, data: Buffer.from("def") });
  script.send({ flags: FIN | ACK, sequence: script.sequence + 6, data: Buffer.from("ghi") });
  for (const ack of await script.segments()) assert.equal(ack.acknowledgement, ISS + 1);
  assert.ok(!script.hostEnded);
  script.sendData("abc");
  assert.equal((await script.segment()).acknowledgement, ISS + 1 + 7);
  script.send({ sequence: ISS + 8, data: Buffer.from("jkl") });
  await script.segments();
  assert.equal(script.text, "abcdef");
  assert.ok(script.hostEnded);
});

test("FIN in front of data that has come is not believed", async () => {
  const script = await opened();
  script.send({ sequence: script.sequence + 3, data: Buffer.from("def") });
  script.send({ flags: FIN | ACK, sequence: script.sequence + 4 });
  await script.segments();
  script.sendData("abc");
  await script.segments();
  assert.equal(script.text, "abcdef");
  assert.ok(!script.hostEnded);
  script.send({ flags: FIN | ACK, sequence: script.sequence + 3 });
  await script.segments();
  assert.ok(script.hostEnded);
});

test("a reset by the device breaks the host's connection", async () => {
  const script = await opened();
  script.send({ flags: RST });
  await script.settle();
  assert.ok(script.hostClosed && !script.hostEnded);
  await isForgotten(script);
});

test("resets with a wrong number are questioned or ignored: RFC 5961", async () => {
  const script = await opened();
  script.send({ flags: RST, sequence: script.sequence + 1 });
  assert.equal((await script.segment()).flags, ACK);
  script.send({ flags: RST, sequence: script.sequence - 1 });
  script.send({ flags: RST, sequence: script.sequence + 70_000 });
  await script.silence();
  script.sendData("alive");
  await script.segment();
  assert.equal(script.text, "alive");
});

test("a device that has restarted gets rid of its old connection and opens a new one", async () => {
  const script = await opened();
  const syn = { flags: SYN, acknowledgement: 0, sequence: 12345 };
  script.send(syn);
  const challenge = await script.segment();
  assert.deepEqual([challenge.flags, challenge.acknowledgement], [ACK, script.sequence]);
  script.send({ flags: RST, sequence: challenge.acknowledgement });
  await script.settle();
  assert.ok(script.hostClosed);
  script.send(syn);
  assert.equal((await script.segment()).flags, SYN | ACK);
});

test("a SYN inside the window changes nothing", async () => {
  const script = await opened();
  script.send({ flags: SYN, sequence: script.sequence + 5 });
  assert.equal((await script.segment()).flags, ACK);
  script.sendData("alive");
  await script.segment();
  assert.equal(script.text, "alive");
});

test("a host that breaks its connection resets the device's", async () => {
  const script = await opened();
  script.stream.destroy();
  const reset = await script.segment();
  assert.deepEqual([reset.flags, reset.sequence], [RST | ACK, script.acknowledgement]);
  await isForgotten(script);
});

test("a device that goes away while the host connects leaves nothing", async () => {
  const script = new Script();
  script.send({ flags: SYN, acknowledgement: 0, port: PORT });
  script.send({ flags: RST, sequence: ISS + 1 });
  script.device.clock.advance(0);
  await isForgotten(script);
});

test("close() resets what is open and ends the host's streams", async () => {
  const script = await opened();
  script.device.peer.close();
  await script.settle();
  assert.equal(script.host.openSockets, 0);
  assert.ok(script.hostClosed);
  assert.equal(script.device.clock.next(), null);
  script.send();
  await script.silence();
});
