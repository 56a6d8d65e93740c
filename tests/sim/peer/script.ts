// A TCP connection of the device's, played segment by segment.

import assert from "node:assert/strict";
import type { PeerOptions } from "../../../scripts/sim/peer/link.ts";
import type { HostStream } from "../../../scripts/sim/peer/host.ts";
import {
  ACK,
  Device,
  GATEWAY,
  SYN,
  tcp,
  TCP,
  tcpView,
  type TcpFields,
  type TcpView,
} from "./device.ts";
import { FakeHost } from "./host.ts";

export const DEVICE_PORT = 50000;
export const PORT = 443;
export const ISS = 0x7fff_fff0; // its data crosses the middle of the numbers

export class Script {
  readonly host = new FakeHost();
  readonly device: Device;
  /** The host's end, once there is one. */
  stream!: HostStream;
  /** What the host's program has read. */
  readonly received: Buffer[] = [];
  hostEnded = false;
  hostClosed = false;

  sequence = ISS;
  acknowledgement = 0;
  window = 10_000;

  /** `reading` false: the host's program reads nothing by itself. */
  constructor(options: PeerOptions = {}, reading = true) {
    this.device = new Device({ host: this.host, ...options });
    this.host.servers.set(PORT, (stream) => this.serve(stream, reading));
  }

  serve(stream: HostStream, reading = true): void {
    this.stream = stream;
    if (reading) stream.on("data", (data: Buffer) => this.received.push(data));
    stream.on("end", () => (this.hostEnded = true));
    stream.on("close", () => (this.hostClosed = true));
  }

  /** Sends a segment with the numbers of the moment, unless told others; does not move them. */
  send(fields: Partial<TcpFields> = {}, destination = GATEWAY): void {
    const { sequence, acknowledgement, window } = this;
    const ports = { sourcePort: DEVICE_PORT, port: PORT };
    const all = { ...ports, sequence, acknowledgement, window, flags: ACK, ...fields };
    this.device.send(TCP, tcp(all, { destination }), { destination });
  }

  sendData(text: string): void {
    this.send({ data: Buffer.from(text) });
    this.sequence = (this.sequence + text.length) >>> 0;
  }

  /** Lets the host's streams work; time stands still. */
  async settle(): Promise<void> {
    for (let i = 0; i < 10; i++) {
      this.device.clock.advance(0);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** All segments that have come. */
  async segments(): Promise<TcpView[]> {
    await this.settle();
    const packets = this.device.take().filter((packet) => packet.protocol === TCP);
    return packets.map((packet) => tcpView(packet));
  }

  /** The only segment that has come. */
  async segment(): Promise<TcpView> {
    const segments = await this.segments();
    assert.equal(segments.length, 1, `${segments.length} segments instead of one`);
    return segments[0]!;
  }

  async silence(): Promise<void> {
    assert.deepEqual(await this.segments(), []);
  }

  /** The handshake, opened by the device. */
  async open(options: number[] = [2, 4, 0x05, 0xb4]): Promise<void> {
    this.send({ flags: SYN, acknowledgement: 0, options });
    const answer = await this.segment();
    assert.equal(answer.flags, SYN | ACK);
    this.sequence = (this.sequence + 1) >>> 0;
    this.acknowledgement = (answer.sequence + 1) >>> 0;
    this.send();
    await this.silence();
  }

  /** Takes `count` bytes from the host that have come, in order, and acknowledges them. */
  async takeData(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (const { sequence, data } of await this.segments()) {
      assert.equal(sequence, this.acknowledgement);
      this.acknowledgement = (sequence + data.length) >>> 0;
      parts.push(data);
    }
    const data = Buffer.concat(parts);
    assert.equal(data.length, count);
    this.send();
    return data;
  }

  /** Virtual time until the next segment comes. */
  async wait(limitMs = 200_000): Promise<{ after: number; segment: TcpView }> {
    await this.silence();
    const start = this.device.clock.now();
    while (this.device.frames.length === 0) {
      const next = this.device.clock.next();
      assert.ok(next !== null && next - start <= limitMs, "nothing comes");
      this.device.clock.advance(next - this.device.clock.now());
    }
    return { after: this.device.clock.now() - start, segment: await this.segment() };
  }

  get text(): string {
    return Buffer.concat(this.received).toString();
  }
}
