// TCP: what an open connection carries - order, windows, repetition.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ACK, FIN, RST, SYN, type TcpView } from "./device.ts";
import { ISS, Script } from "./script.ts";

const PSH = 8;

test("data is acknowledged at once and reaches the host; an answer acknowledges, too", async () => {
  const script = new Script();
  await script.open();
  script.sendData("hello");
  const ack = await script.segment();
  assert.deepEqual([ack.flags, ack.acknowledgement], [ACK, ISS + 6]);
  assert.equal(script.text, "hello");
  script.stream.write("world");
  const data = await script.segment();
  assert.deepEqual([data.flags, data.data.toString()], [ACK | PSH, "world"]);
  assert.equal(data.sequence, script.acknowledgement);
});

test("segments out of order, twice, and overlapping make one stream", async () => {
  const script = new Script();
  await script.open();
  const text = "abcdefghijklmnopqrstuvwxyz";
  const part = (from: number, to: number): void =>
    script.send({ sequence: script.sequence + from, data: Buffer.from(text.slice(from, to)) });
  const early: [number, number][] = [
    [20, 26],
    [4, 8],
    [4, 8],
    [6, 12],
    [2, 14],
    [18, 22],
    [24, 26],
  ];
  for (const [from, to] of early) part(from, to);
  for (const ack of await script.segments()) assert.equal(ack.acknowledgement, ISS + 1);
  part(0, 3);
  assert.equal((await script.segment()).acknowledgement, ISS + 1 + 14);
  part(10, 20);
  assert.equal((await script.segment()).acknowledgement, ISS + 1 + 26);
  part(0, 26); // all of it again
  assert.equal((await script.segment()).acknowledgement, ISS + 1 + 26);
  assert.equal(script.text, text);
});

test("what is outside the window is not taken", async () => {
  const script = new Script();
  await script.open();
  script.stream.write("unacknowledged");
  const { sequence: una } = await script.segment();
  for (const offset of [65535, 70_000, -3, 2 ** 31]) {
    const fields = { sequence: (script.sequence + offset) >>> 0, acknowledgement: una + 14 };
    script.send({ ...fields, data: Buffer.from("abc") });
    assert.equal((await script.segment()).acknowledgement, ISS + 1);
  }
  assert.equal((await script.wait()).segment.sequence, una, "nor is its acknowledgement");
});

test("of a segment at the window's end, what fits is taken; its FIN does not fit", async () => {
  const script = new Script();
  await script.open();
  const end = { sequence: script.sequence + 65533, flags: FIN | ACK };
  script.send({ ...end, data: Buffer.from("abc") });
  for (let i = 0; i < 65; i++) script.sendData("x".repeat(1000));
  script.sendData("x".repeat(533));
  assert.equal((await script.segments()).at(-1)!.acknowledgement, ISS + 1 + 65535);
  script.send({ ...end, sequence: end.sequence + 2, data: Buffer.from("cd") });
  await script.segments();
  assert.equal(script.text.slice(65533), "abcd");
  assert.ok(script.hostEnded);
});

test("segments are of the size that the device takes", async () => {
  const script = new Script();
  await script.open([2, 4, 0, 100]);
  script.stream.write("x".repeat(250));
  const sizes = (await script.segments()).map((segment) => segment.data.length);
  assert.deepEqual(sizes, [100, 100, 50]);
});

test("the device's window holds, and small rests wait for room", async () => {
  const script = new Script();
  script.window = 2000;
  await script.open([2, 4, 3, 232]); // 1000
  script.stream.write("x".repeat(5000));
  await script.takeData(2000);
  script.window = 1500;
  await script.takeData(2000);
  await script.takeData(1000);
  await script.silence();
});

test("a silly window waits until there is nothing on the way", async () => {
  const script = new Script();
  script.window = 1500;
  await script.open([2, 4, 3, 232]);
  script.stream.write("x".repeat(3000));
  assert.equal((await script.segment()).data.length, 1000);
  await script.silence(); // 500 more would fit
  script.acknowledgement += 1000;
  script.window = 500;
  script.send();
  assert.equal((await script.segment()).data.length, 500);
});

/** Opens, and measures a round trip of 0 ms, so that the shortest time-out holds. */
async function measured(): Promise<Script> {
  const script = new Script();
  await script.open();
  script.stream.write("first");
  await script.takeData(5);
  return script;
}

test("a lost segment is sent again, ever slower, and given up in the end", async () => {
  const script = await measured();
  script.stream.write("lost");
  const lost = await script.segment();
  const waits: number[] = [];
  let last: TcpView = lost;
  while (!(last.flags & RST)) {
    const { after, segment } = await script.wait();
    waits.push(after);
    last = segment;
    if (!(last.flags & RST)) assert.deepEqual(last, lost);
  }
  const doubled = [200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200];
  assert.deepEqual(waits, [...doubled, ...Array<number>(6).fill(60_000)]);
  await script.settle();
  assert.ok(script.hostClosed);
});

test("what follows a lost segment is sent again as the gaps show", async () => {
  const script = await measured();
  script.stream.write("x".repeat(4 * 1460));
  const first = await script.segments();
  assert.equal(first.length, 4);
  const { segment } = await script.wait();
  assert.equal(segment.sequence, first[0]!.sequence);
  script.acknowledgement = first[2]!.sequence; // the first two, then a gap
  script.send();
  assert.equal((await script.segment()).sequence, first[2]!.sequence);
  script.acknowledgement = first[3]!.sequence + first[3]!.data.length;
  script.send();
  await script.silence();
  assert.equal(script.device.clock.next(), null, "no timer is left");
});

test("three repeated acknowledgements bring the missing segment at once", async () => {
  const script = await measured();
  script.stream.write("x".repeat(4 * 1460));
  const [lost] = await script.segments();
  script.send();
  script.send();
  await script.silence();
  script.send();
  const again = await script.segment();
  assert.deepEqual([again.sequence, again.data.length], [lost!.sequence, 1460]);
  script.send();
  await script.silence();
});

test("acknowledgements with data, or with another window, are no sign of loss", async () => {
  const script = await measured();
  script.stream.write("x".repeat(4 * 1460));
  await script.segments();
  for (let i = 0; i < 4; i++) script.sendData("y");
  for (let i = 1; i < 5; i++) script.send({ window: 10_000 + i });
  const answers = await script.segments();
  assert.ok(answers.every((segment) => segment.data.length === 0));
});

test("the time-out follows the measured round trips", async () => {
  const script = new Script({ toDevice: { delayMs: 300 } });
  script.send({ flags: SYN, acknowledgement: 0 });
  await script.settle();
  const { segment: answer } = await script.wait();
  script.sequence++;
  script.acknowledgement = answer.sequence + 1;
  script.send();
  // SRTT 300, RTTVAR 150: RFC 6298, 2.2. A second sample lowers RTTVAR to 112.5: 2.3.
  for (const timeout of [900, 750]) {
    await script.settle();
    script.stream.write("data");
    assert.equal((await script.wait()).after, 300);
    script.acknowledgement += 4;
    script.send();
    await script.settle();
    assert.equal(await repetition(script), timeout);
  }
});

/** How long after a lost segment the same is sent; it is acknowledged in the end. */
async function repetition(script: Script): Promise<number> {
  script.stream.write("lost");
  assert.equal((await script.wait()).after, 300);
  const { after } = await script.wait();
  script.acknowledgement += 4;
  script.send();
  return after;
}

test("a closed window is probed with one byte, for as long as the device answers", async () => {
  const script = await measured();
  script.window = 0;
  script.send();
  await script.silence();
  script.stream.write("waiting");
  const waits: number[] = [];
  for (let i = 0; i < 20; i++) {
    const { after, segment } = await script.wait();
    waits.push(after);
    assert.deepEqual([segment.sequence, segment.data.toString()], [script.acknowledgement, "w"]);
    script.send();
  }
  assert.deepEqual(waits.slice(0, 4), [200, 400, 800, 1600]);
  assert.equal(waits.at(-1), 60_000);
  script.window = 100;
  script.send();
  const [again, rest] = await script.segments();
  assert.deepEqual([again!.sequence, again!.data.toString()], [script.acknowledgement, "w"]);
  assert.equal(rest!.data.toString(), "aiting");
});

test("a probe that the device takes counts", async () => {
  const script = await measured();
  script.window = 0;
  script.send();
  await script.silence();
  script.stream.write("waiting");
  const { segment } = await script.wait();
  script.acknowledgement += segment.data.length;
  script.window = 100;
  script.send();
  assert.equal((await script.takeData(6)).toString(), "aiting");
});

test("what is sent again keeps to a window that has shrunk", async () => {
  const script = await measured();
  script.stream.write("x".repeat(1000));
  await script.segment();
  script.send({ window: 300 });
  const { segment } = await script.wait();
  assert.equal(segment.data.length, 300);
});

test("an old segment does not change the window", async () => {
  const script = await measured();
  script.send({ sequence: script.sequence + 3, data: Buffer.from("def") });
  script.send({ window: 0, data: Buffer.from("abc") }); // sent before that
  await script.segments();
  assert.equal(script.text, "abcdef");
  script.stream.write("x".repeat(5000));
  await script.takeData(5000);
});

test("an acknowledgement of what was never sent is answered and ignored", async () => {
  const script = await measured();
  script.send({ acknowledgement: script.acknowledgement + 1, data: Buffer.from("evil") });
  const answer = await script.segment();
  assert.deepEqual([answer.flags, answer.acknowledgement], [ACK, script.sequence]);
  assert.equal(script.text, "");
});

test("a slow host closes the window, and opens it when it reads", async () => {
  const script = new Script({}, false);
  await script.open();
  const chunk = "x".repeat(1000);
  let { window, acknowledgement } = await sendOne(script, chunk);
  let sent = 1;
  for (; window >= 1000; sent++) {
    const edge = acknowledgement + window;
    ({ window, acknowledgement } = await sendOne(script, chunk));
    assert.ok(acknowledgement + window >= edge, "the window's end does not go back");
  }
  // 64 KB of the peer's, and what the streams between it and the program hold.
  assert.ok(sent >= 65 && sent < 180, `${sent} KB`);
  script.sendData("x".repeat(window));
  assert.equal((await script.segment()).window, 0);
  script.stream.write("out");
  await script.segment();
  script.acknowledgement += 3;
  script.sendData("?"); // a probe; what it acknowledges counts
  assert.equal((await script.segment()).window, 0);
  assert.equal(script.device.clock.next(), null, "nothing is sent again");
  script.stream.on("data", (data: Buffer) => script.received.push(data));
  const update = (await script.segments()).at(-1)!;
  assert.ok(update.window >= 2 * 1460, "the device is told");
  assert.equal(Buffer.concat(script.received).length, sent * 1000 + window);
});

async function sendOne(script: Script, data: string): Promise<TcpView> {
  script.sendData(data);
  return script.segment();
}

test("a slow device pauses the host", async () => {
  const script = new Script();
  await script.open();
  let written = 0;
  while (script.stream.write(Buffer.alloc(10_000))) written += 10_000;
  for (let i = 0; i < 50; i++) {
    await script.segments(); // never acknowledged
    while (!script.stream.writableNeedDrain && i < 49) {
      script.stream.write(Buffer.alloc(10_000));
      written += 10_000;
    }
  }
  assert.ok(written < 300_000, `the host could write ${written} bytes`);
});
