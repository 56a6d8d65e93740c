// TCP: how connections of the device's open, and how they are refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ACK, FIN, GATEWAY, ICMP, RST, SERVICES, SYN, tcp, TCP } from "./device.ts";
import { DEVICE_PORT, ISS, PORT, Script } from "./script.ts";

const MSS_1460 = [2, 4, 0x05, 0xb4];

test("a SYN is answered when the host has accepted, with the size of Ethernet", async () => {
  const script = new Script();
  script.send({ flags: SYN, acknowledgement: 0 });
  assert.deepEqual(script.device.take(), [], "the host has not been asked yet");
  const answer = await script.segment();
  assert.equal(answer.flags, SYN | ACK);
  assert.equal(answer.acknowledgement, ISS + 1);
  assert.deepEqual([...answer.options], MSS_1460);
  assert.equal(answer.window, 65535);
  assert.deepEqual(script.host.connected, ["127.0.0.1:443"]);
});

test("a repeated SYN is answered again; SYN-ACK is repeated, ever slower", async () => {
  const script = new Script();
  script.send({ flags: SYN, acknowledgement: 0 });
  const first = await script.segment();
  script.send({ flags: SYN, acknowledgement: 0 });
  assert.deepEqual(await script.segment(), first);
  assert.equal(script.host.connected.length, 1);
  for (const milliseconds of [1000, 2000, 4000, 8000, 16_000]) {
    const { after, segment } = await script.wait();
    assert.equal(after, milliseconds);
    assert.deepEqual(segment, first);
  }
  const { after, segment } = await script.wait();
  assert.equal(after, 32_000);
  assert.equal(segment.flags, RST | ACK);
  await script.settle();
  assert.ok(script.hostClosed);
  assert.equal(script.host.openSockets, 0);
});

test("data that the host sends at once waits for the handshake", async () => {
  const script = new Script();
  script.host.servers.set(PORT, (stream) => {
    script.serve(stream);
    stream.write("hello");
  });
  script.send({ flags: SYN, acknowledgement: 0 });
  const answer = await script.segment();
  script.sequence++;
  script.acknowledgement = answer.sequence + 1;
  script.send();
  assert.equal((await script.takeData(5)).toString(), "hello");
});

test("a wrong acknowledgement of SYN-ACK is reset and changes nothing", async () => {
  const script = new Script();
  script.send({ flags: SYN, acknowledgement: 0 });
  const { sequence } = await script.segment();
  script.sequence++;
  for (const wrong of [sequence, sequence + 2]) {
    script.send({ acknowledgement: wrong });
    const reset = await script.segment();
    assert.equal(reset.flags, RST);
    assert.equal(reset.sequence, wrong);
  }
  script.send({ acknowledgement: sequence + 1, data: Buffer.from("x") });
  await script.segment();
  assert.equal(script.text, "x");
});

test("a closed port of the host resets", async () => {
  const script = new Script();
  script.send({ flags: SYN, acknowledgement: 0, port: 81 });
  const reset = await script.segment();
  assert.equal(reset.flags, RST | ACK);
  assert.equal(reset.acknowledgement, ISS + 1);
  assert.equal(reset.sourcePort, 81);
});

test("a host that cannot be reached is an ICMP message", async () => {
  const script = new Script({ allowOutside: true });
  script.host.failure = "EHOSTUNREACH";
  script.send({ flags: SYN, acknowledgement: 0, port: 81 }, "192.0.2.9");
  await script.settle();
  const { protocol, payload } = script.device.takeOne();
  assert.deepEqual(script.host.connected, ["192.0.2.9:81"]);
  assert.equal(protocol, ICMP);
  assert.deepEqual([...payload.subarray(0, 2)], [3, 1]);
  assert.equal(payload.readUInt16BE(28), DEVICE_PORT);
});

test("other machines are out of reach, and so is what is no machine", async () => {
  const script = new Script();
  script.send({ flags: SYN, acknowledgement: 0 }, "192.0.2.9");
  const { protocol, payload } = script.device.takeOne();
  assert.equal(protocol, ICMP);
  assert.deepEqual([...payload.subarray(0, 2)], [3, 13]);
  const outside = new Script({ allowOutside: true });
  for (const destination of [
    "127.0.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "10.0.2.255",
    "255.255.255.255",
  ]) {
    outside.send({ flags: SYN, acknowledgement: 0 }, destination);
  }
  assert.deepEqual(outside.device.take(), []);
  assert.deepEqual([...script.host.connected, ...outside.host.connected], []);
});

test("the services' address takes no TCP connection", async () => {
  const script = new Script();
  script.send({ flags: SYN, acknowledgement: 0, port: 53 }, SERVICES);
  const reset = await script.segment();
  assert.equal(reset.source, SERVICES);
  assert.equal(reset.flags, RST | ACK);
});

test("segments of no connection are reset, but not resets", async () => {
  const script = new Script();
  script.send({ flags: ACK, acknowledgement: 77 });
  const reset = await script.segment();
  assert.equal(reset.flags, RST);
  assert.equal(reset.sequence, 77);
  script.send({ flags: FIN, sequence: 5, data: Buffer.from("abc") });
  const other = await script.segment();
  assert.equal(other.flags, RST | ACK);
  assert.equal(other.acknowledgement, 9);
  script.send({ flags: RST });
  await script.silence();
});

test("damaged and malformed segments are dropped", async () => {
  const script = new Script();
  const fields = { sourcePort: DEVICE_PORT, port: PORT, sequence: ISS, flags: SYN };
  const damaged = tcp(fields);
  damaged[4]! ^= 1;
  script.device.send(TCP, damaged);
  script.device.send(TCP, tcp({ ...fields, options: [2, 4, 5, 180] }).slice(0, 20));
  script.device.send(TCP, tcp(fields).slice(0, 19));
  await script.silence();
  assert.equal(script.device.peer.dropped["malformed or damaged TCP segment"], 3);
});

test("malformed options are as good as none", async () => {
  for (const options of [
    [2, 0, 0, 0],
    [2, 40, 0, 0],
    [1, 1, 1, 2],
    [3, 3, 7, 0],
    [2, 3, 9, 0],
  ]) {
    const script = new Script();
    await script.open(options);
    script.stream.write("x".repeat(600));
    const sizes = (await script.segments()).map((segment) => segment.data.length);
    assert.deepEqual(sizes, [536, 64], "the default size"); // RFC 9293, 3.7.1
  }
});

test("the 257th connection takes the place of the one that is silent for longest", async () => {
  const script = new Script();
  for (let i = 0; i < 256; i++)
    script.send({ flags: SYN, acknowledgement: 0, sourcePort: 1000 + i });
  assert.equal((await script.segments()).length, 256);
  assert.equal(script.host.openSockets, 256);
  script.send({ flags: SYN, acknowledgement: 0, sourcePort: 1000 }); // speaks again
  await script.segment();
  script.send({ flags: SYN, acknowledgement: 0, sourcePort: 2000 });
  const [reset, answer] = await script.segments();
  assert.deepEqual([reset!.flags, reset!.port], [RST | ACK, 1001]);
  assert.deepEqual([answer!.flags, answer!.port], [SYN | ACK, 2000]);
  assert.equal(script.host.openSockets, 256);
  script.device.peer.close();
  await script.settle();
  assert.equal(script.host.openSockets, 0);
});

async function dialled(): Promise<Script> {
  const forwards = [{ hostPort: 8080, devicePort: 80 }];
  const script = new Script({ forwards });
  await script.device.peer.listening;
  script.device.peer.onFrame = (frame) => {
    script.device.answerArp(frame);
    if (frame[13] === 0) script.device.frames.push(frame);
  };
  script.serve(script.host.dial(8080));
  return script;
}

test("a program's connection to a forwarded port is a SYN from the gateway", async () => {
  const script = await dialled();
  const syn = await script.segment();
  assert.deepEqual([syn.source, syn.port, syn.flags], [GATEWAY, 80, SYN]);
  assert.deepEqual([...syn.options], MSS_1460);
  const ends = { sourcePort: 80, port: syn.sourcePort };
  const wrong = { ...ends, flags: SYN | ACK, acknowledgement: syn.sequence };
  script.send(wrong);
  const reset = await script.segment();
  assert.deepEqual([reset.flags, reset.sequence], [RST, syn.sequence]);
  script.stream.write("early");
  script.send({ ...ends, flags: SYN | ACK, acknowledgement: syn.sequence + 1 });
  const [ack, data] = await script.segments();
  assert.deepEqual([ack!.flags, ack!.acknowledgement], [ACK, ISS + 1]);
  assert.equal(data!.data.toString(), "early");
});

test("a device that refuses, or is not there, breaks the program's connection", async () => {
  const script = await dialled();
  const syn = await script.segment();
  const ends = { sourcePort: 80, port: syn.sourcePort };
  script.send({ ...ends, flags: RST | ACK, acknowledgement: syn.sequence }); // a forged one
  await script.settle();
  assert.ok(!script.hostClosed);
  script.send({ ...ends, flags: RST | ACK, acknowledgement: syn.sequence + 1 });
  await script.settle();
  assert.ok(script.hostClosed);
  const silent = await dialled();
  silent.device.peer.onFrame = () => undefined; // no ARP
  await silent.device.until(() => silent.hostClosed, 64_000);
});

test("a program that goes away before the device has answered leaves nothing", async () => {
  const script = await dialled();
  const syn = await script.segment();
  script.stream.destroy();
  const reset = await script.segment();
  assert.deepEqual([reset.flags, reset.sequence], [RST | ACK, syn.sequence + 1]);
  assert.equal(script.device.clock.next(), null, "no timer is left");
});
