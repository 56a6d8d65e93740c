// Whatever the device sends, the peer does not throw, keeps little, and lets go of it in the end:
// random frames, valid ones with bytes changed, and valid headers around random contents, so that
// the checksums do not keep the nonsense from the protocols.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../../scripts/sim/peer/random.ts";
import {
  BROADCAST,
  Device,
  ethernet,
  GATEWAY,
  ICMP,
  ipv4,
  macOf,
  SERVICES,
  tcp,
  TCP,
  tcpView,
  udp,
  UDP,
  type IpFields,
  type TcpFields,
  type TcpView,
} from "./device.ts";
import { FakeHost } from "./host.ts";

const ROUNDS = 12_000;
const SEEDS = [1, 2];

class Fuzzer {
  private readonly random: Random;
  private readonly seen: TcpView[] = [];

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  /** Remembers the peer's segments, to hit its windows. */
  see(view: TcpView): void {
    this.seen.push(view);
    if (this.seen.length > 8) this.seen.shift();
  }

  frame(): Uint8Array {
    const kind = this.random.below(8);
    if (kind === 0) return Uint8Array.from(this.bytes(this.random.below(1600)));
    const packet = this.packet();
    if (kind > 2) return packet;
    for (let i = this.random.below(4); i >= 0; i--) {
      packet[this.random.below(packet.length)] = this.random.below(256);
    }
    return packet.subarray(
      0,
      this.random.chance(0.2) ? this.random.below(packet.length) : undefined,
    );
  }

  private packet(): Uint8Array {
    const destination = this.mostly(GATEWAY, [SERVICES, "255.255.255.255", "192.0.2.1"]);
    const source = this.mostly("10.0.2.15", ["0.0.0.0", "10.0.2.2", "10.0.2.16"]);
    const fields: IpFields = { source, destination, identification: this.random.below(3) };
    if (this.random.chance(0.2)) fields.place = this.one([0x2000, 0x2001, 1, 185, 0x1fff, 0x4000]);
    if (this.random.chance(0.1)) fields.options = this.bytes(4 * this.random.below(11));
    const protocol = this.one([UDP, UDP, TCP, TCP, ICMP, 47]);
    const mac = this.mostly(macOf(GATEWAY), [macOf(SERVICES), BROADCAST, "52:55:0a:00:02:04"]);
    if (this.random.chance(0.05)) return ethernet(this.arp(), 0x0806, mac);
    return ethernet(ipv4(protocol, this.contents(protocol, fields), fields), 0x0800, mac);
  }

  private contents(protocol: number, fields: IpFields): number[] {
    if (protocol === TCP) return tcp(this.segment(), fields);
    const data = this.bytes(this.random.below(300));
    if (protocol !== UDP) return data;
    const port = this.one([67, 53, 123, 7, 9, this.random.below(65536)]);
    if (port === 67) data.splice(0, 0, ...this.dhcp());
    if (port === 53) data.splice(0, 12, ...[1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    return udp(this.random.below(500), port, data, fields);
  }

  /** A segment of a connection that there is, more or less; or one of its own. */
  private segment(): TcpFields {
    const view = this.random.chance(0.8) && this.seen.length > 0 ? this.one(this.seen) : null;
    const near = (n: number): number =>
      this.random.chance(0.6) ? n : (n + this.random.below(2001) - 1000) >>> 0;
    return {
      sourcePort: view?.port ?? this.random.below(6),
      port: view?.sourcePort ?? this.one([80, 80, 81, 0]),
      sequence: near(view?.acknowledgement ?? 0),
      acknowledgement: near(view ? (view.sequence + Math.max(1, view.data.length)) >>> 0 : 0),
      flags: view
        ? this.mostly(16, [2, 4, 17, 18, 20, 24, this.random.below(256)])
        : this.mostly(2, [4, 16, 17, 18, this.random.below(256)]),
      window: this.one([0, 1, 500, 65535]),
      options: this.bytes(4 * this.random.below(5)),
      data: this.bytes(this.one([0, 0, 1, 10, 1000])),
    };
  }

  private dhcp(): number[] {
    const zeros = Array<number>(236).fill(0);
    zeros.splice(0, 3, 1, 1, 6);
    zeros[33] = this.random.below(40);
    const type = this.random.below(10);
    const option = [this.one([50, 54, 61, 12]), this.random.below(6), 10, 0, 2, 15];
    return [...zeros, 0x63, 0x82, 0x53, 0x63, 53, 1, type, ...option];
  }

  private arp(): number[] {
    return [0, 1, 8, 0, 6, 4, 0, this.random.below(4), ...this.bytes(20)];
  }

  private bytes(count: number): number[] {
    return Array.from({ length: count }, () => this.random.below(256));
  }

  private mostly<T>(usual: T, others: T[]): T {
    return this.random.chance(0.8) ? usual : this.one(others);
  }

  private one<T>(choices: T[]): T {
    return choices[this.random.below(choices.length)]!;
  }
}

/** A host whose programs send, wait, end and break, each after its kind. */
function livelyHost(seed: number): FakeHost & { read: number } {
  const random = new Random(seed);
  const host = Object.assign(new FakeHost(), { read: 0 });
  host.answers.set(7, (data) => [data, data]);
  host.servers.set(80, (stream) => {
    const kind = random.below(5);
    if (kind > 0) stream.on("data", (data: Buffer) => (host.read += data.length));
    if (kind > 1) stream.write(Buffer.alloc(random.below(5000)));
    if (kind === 3) stream.end();
    if (kind === 4) setImmediate(() => stream.destroy());
  });
  return host;
}

for (const seed of SEEDS) {
  test(`${ROUNDS} frames of nonsense, seed ${seed}`, async () => {
    const host = livelyHost(seed);
    const forwards = [{ hostPort: 1, devicePort: 80 }];
    const device = new Device({ host, seed, forwards, duplicate: 0.1, reorder: 0.1 });
    await device.peer.listening;
    const fuzzer = new Fuzzer(seed);
    for (let i = 0; i < ROUNDS; i++) {
      device.peer.send(fuzzer.frame());
      device.clock.advance(i % 7);
      if (i % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
      if (i % 1000 === 0) host.dial(1).resume();
      for (const packet of device.take()) {
        if (packet.protocol === TCP) fuzzer.see(tcpView(packet));
      }
      assert.ok(host.openSockets <= 512, "sockets");
    }
    assert.ok(host.connected.length > 500, "the nonsense does reach the host");
    assert.ok(host.read > 1000, "even as data");
    device.peer.close();
    for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(host.openSockets, 0);
    assert.equal(device.clock.next(), null, "no timer is left");
  });
}
