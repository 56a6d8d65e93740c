// The W5500 at its SPI pins, against WIZnet's datasheet, and on the board: by DMA, with its reset
// and interrupt pins.

import assert from "node:assert/strict";
import test from "node:test";
import { Clock } from "../../scripts/sim/clock.ts";
import { W5500, type W5500Options } from "../../scripts/sim/w5500.ts";
import { linesOf, startBoard } from "./firmware.ts";

const COMMON = 0;
const SOCKET = 1;
const TX = 2;
const RX = 3;
const MAC = [2, 0, 0, 0, 0, 1];
const OPEN = 0x01;
const SEND = 0x20;
const RECV = 0x40;

class Bench {
  readonly clock = new Clock();
  readonly sent: Uint8Array[] = [];
  readonly complaints: string[] = [];
  readonly chip: W5500;
  interrupt = false;

  constructor(options: W5500Options = {}) {
    this.chip = new W5500(options);
    this.chip.onFrame = (frame) => this.sent.push(frame);
    this.chip.attach(
      this.clock,
      (active) => (this.interrupt = active),
      (message) => this.complaints.push(message),
    );
    this.chip.reset();
    this.wait(25);
  }

  wait(milliseconds: number): void {
    this.clock.tick(milliseconds * 1e6);
  }

  read(block: number, address: number, count: number): number[] {
    return this.transfer(block << 3, address, new Array<number>(count).fill(0));
  }

  write(block: number, address: number, ...bytes: number[]): void {
    this.transfer((block << 3) | 4, address, bytes);
  }

  word(block: number, address: number): number {
    const [high, low] = this.read(block, address, 2);
    return (high << 8) | low;
  }

  private transfer(control: number, address: number, bytes: number[]): number[] {
    this.chip.select(true);
    for (const byte of [address >>> 8, address & 0xff, control]) this.chip.transfer(byte);
    const answer = bytes.map((byte) => this.chip.transfer(byte));
    this.chip.select(false);
    return answer;
  }

  /** Socket 0 in MACRAW mode with all the memory, both interrupts on. */
  open(mode = 0x84): void {
    this.write(COMMON, 9, ...MAC);
    this.write(COMMON, 0x18, 1);
    for (let n = 1; n < 8; n++) this.write(4 * n + SOCKET, 0x1e, 0, 0);
    this.write(SOCKET, 0x1e, 16, 16);
    this.write(SOCKET, 0, mode);
    this.write(SOCKET, 1, OPEN);
  }

  /** What a driver does for each frame that has come. */
  take(): number[] {
    const at = this.word(SOCKET, 0x28);
    const length = this.word(RX, at) - 2;
    const frame = this.read(RX, (at + 2) & 0xffff, length);
    const next = (at + 2 + length) & 0xffff;
    this.write(SOCKET, 0x28, next >>> 8, next & 0xff);
    this.write(SOCKET, 1, RECV);
    return frame;
  }
}

function frame(length: number, to: number[] = MAC): Uint8Array {
  const bytes = new Uint8Array(length).map((_, i) => i * 5);
  bytes.set(to);
  return bytes;
}

test("registers after a reset, and while it starts", () => {
  const bench = new Bench();
  assert.deepEqual(bench.read(COMMON, 0x39, 1), [4]);
  assert.deepEqual(bench.read(COMMON, 0x2e, 1), [0xbf]);
  assert.deepEqual(bench.read(COMMON, 0x19, 4), [0x07, 0xd0, 8, 0x28]);
  assert.deepEqual(bench.read(SOCKET, 0x1e, 2), [2, 2]);
  assert.equal(bench.word(SOCKET, 0x20), 2048);
  bench.write(COMMON, 1, 10, 0, 2, 2);
  assert.deepEqual(bench.read(COMMON, 1, 4), [10, 0, 2, 2]);
  bench.write(COMMON, 0, 0x80);
  assert.deepEqual(bench.read(COMMON, 0x39, 1), [0], "not before its clock is stable");
  bench.wait(2);
  assert.deepEqual(bench.read(COMMON, 0x39, 1), [4]);
  assert.deepEqual(bench.read(COMMON, 1, 4), [0, 0, 0, 0]);
  assert.deepEqual(bench.read(COMMON, 0x2e, 1), [0xb8], "no link yet");
});

test("the reset pin holds it", () => {
  const bench = new Bench();
  bench.write(COMMON, 1, 10);
  bench.chip.holdReset(true);
  bench.wait(100);
  assert.deepEqual(bench.read(COMMON, 0x39, 1), [0]);
  bench.chip.holdReset(false);
  bench.wait(2);
  assert.deepEqual(bench.read(COMMON, 0x39, 1), [4]);
  assert.deepEqual(bench.read(COMMON, 1, 1), [0]);
});

test("frames are sent as they are, and that takes its time", () => {
  const bench = new Bench();
  bench.open();
  assert.deepEqual(bench.read(SOCKET, 3, 1), [0x42]);
  let at = bench.word(SOCKET, 0x24);
  for (let n = 0; n < 40; n++) {
    const bytes = frame(1000 + n);
    bench.write(TX, at, ...bytes);
    at = (at + bytes.length) & 0xffff;
    bench.write(SOCKET, 0x24, at >>> 8, at & 0xff);
    bench.write(SOCKET, 1, SEND);
    assert.deepEqual(bench.sent[n], bytes);
    assert.deepEqual(bench.read(SOCKET, 2, 1), [0]);
    bench.clock.tick((bytes.length + 24) * 80);
    assert.deepEqual(bench.read(SOCKET, 2, 1), [0x10]);
    assert.equal(bench.word(SOCKET, 0x20), 16384);
    bench.write(SOCKET, 2, 0x10);
    assert.deepEqual(bench.read(SOCKET, 2, 1), [0]);
  }
  assert.deepEqual(bench.complaints, []);
});

test("frames are received into the ring, over its end", () => {
  const bench = new Bench();
  bench.open();
  for (let n = 0; n < 100; n++) {
    const bytes = frame(700 + n);
    bench.chip.receive(bytes);
    bench.chip.receive(frame(60));
    assert.equal(bench.word(SOCKET, 0x26), bytes.length + 2 + 62);
    assert.deepEqual(bench.take(), [...bytes]);
    assert.equal(bench.word(SOCKET, 0x26), 62);
    assert.equal(bench.take().length, 60);
    assert.equal(bench.word(SOCKET, 0x26), 0);
  }
});

test("INTn follows what is signalled, under both masks; RECV comes once for a frame", () => {
  const bench = new Bench();
  bench.open();
  assert.equal(bench.interrupt, false);
  bench.chip.receive(frame(60));
  bench.chip.receive(frame(60));
  assert.equal(bench.interrupt, true);
  assert.deepEqual(bench.read(COMMON, 0x17, 1), [1]);
  bench.write(SOCKET, 2, 4);
  assert.equal(bench.interrupt, false);
  bench.take();
  assert.equal(bench.interrupt, false, "the frame that is left is not signalled again");
  bench.chip.receive(frame(60));
  assert.equal(bench.interrupt, true);
  bench.write(SOCKET, 0x2c, 0);
  assert.equal(bench.interrupt, false);
  bench.write(SOCKET, 0x2c, 4);
  assert.equal(bench.interrupt, true);
  bench.write(COMMON, 0x18, 0);
  assert.equal(bench.interrupt, false);
});

test("a full ring loses frames, or holds them", () => {
  for (const whenFull of ["drop", "hold"] as const) {
    const bench = new Bench({ whenFull });
    bench.open();
    for (let n = 0; n < 20; n++) bench.chip.receive(frame(1500 - n));
    const lengths = [];
    while (bench.word(SOCKET, 0x26) > 0) lengths.push(bench.take().length);
    const expected = whenFull === "drop" ? 10 : 20;
    assert.deepEqual(
      lengths,
      Array.from({ length: expected }, (_, n) => 1500 - n),
    );
    assert.equal(bench.chip.statistics.dropped, 20 - expected);
  }
});

test("the filter of addresses", () => {
  const broadcast = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
  const multicast = [1, 0, 0x5e, 0, 0, 1];
  const other = [2, 0, 0, 0, 0, 2];
  const passes = (mode: number): boolean[] => {
    const bench = new Bench();
    bench.open(mode);
    return [MAC, broadcast, multicast, other].map((to) => {
      const before = bench.chip.statistics.received;
      bench.chip.receive(frame(60, to));
      return bench.chip.statistics.received > before;
    });
  };
  assert.deepEqual(passes(0x04), [true, true, true, true]);
  assert.deepEqual(passes(0x84), [true, true, true, false]);
  assert.deepEqual(passes(0xc4), [true, false, true, false]);
  assert.deepEqual(passes(0xa4), [true, true, false, false]);
});

test("nothing passes a socket that is closed, or a cable that is out", () => {
  const bench = new Bench();
  bench.chip.receive(frame(60));
  assert.equal(bench.chip.statistics.received, 0);
  bench.open();
  bench.chip.plug(false);
  assert.deepEqual(bench.read(COMMON, 0x2e, 1), [0xb8]);
  bench.chip.receive(frame(60));
  assert.equal(bench.chip.statistics.received, 0);
  bench.chip.plug(true);
  bench.wait(25);
  bench.chip.receive(frame(60));
  assert.equal(bench.chip.statistics.received, 1);
});

test("mistakes of a driver are said", () => {
  const bench = new Bench();
  bench.write(4 + SOCKET, 1, OPEN);
  bench.write(SOCKET, 1, SEND);
  bench.write(SOCKET, 0x1e, 16, 16);
  bench.write(SOCKET, 0, 4);
  bench.write(SOCKET, 1, OPEN);
  bench.write(SOCKET, 0x24, 0x06, 0);
  bench.write(SOCKET, 1, SEND);
  bench.write(SOCKET, 1, SEND);
  bench.write(SOCKET, 1, 0x02);
  assert.deepEqual(
    bench.complaints.map((text) => text.replace("W5500: ", "")),
    [
      "socket 1 can only be MACRAW of socket 0 here",
      "SEND on a closed socket",
      "the sockets' buffers are larger than the chip's 16 KB",
      "a frame of 1536 bytes is too long",
      "SEND while a frame is being sent",
      "command 0x2 makes no sense in MACRAW mode",
    ],
  );
});

const DRIVER = `
static uint8_t out[259], in[259];

/* A transfer of n bytes by two channels of the DMA. */
static void transfer(uint32_t n) {
    uint32_t sio = 0xd0000000, rx = DMA + 0x40;
    REGISTER(sio + 0x18) = 1 << 17;
    REGISTER(rx) = SPI0 + 8;
    REGISTER(rx + 4) = (uint32_t)in;
    REGISTER(rx + 8) = n;
    REGISTER(rx + 0xc) = 17 << 15 | 1 << 11 | 1 << 5 | 1;
    REGISTER(DMA) = (uint32_t)out;
    REGISTER(DMA + 4) = SPI0 + 8;
    REGISTER(DMA + 8) = n;
    REGISTER(DMA + 0xc) = 16 << 15 | 0 << 11 | 1 << 4 | 1;
    while ((REGISTER(rx + 0xc) & 1 << 24) != 0) continue;
    REGISTER(sio + 0x14) = 1 << 17;
}

static void start(uint32_t dma) {
    release(1 << 2 | 1 << 16);
    REGISTER(SPI0 + 0x10) = 2;
    REGISTER(SPI0) = 7;
    REGISTER(SPI0 + 0x24) = dma;
    REGISTER(SPI0 + 4) = 2;
    pin(16, 1); pin(18, 1); pin(19, 1); pin(17, 5); pin(20, 5); pin(21, 5);
    REGISTER(0xd0000014) = 1 << 17 | 1 << 20;
    REGISTER(0xd0000024) = 1 << 17 | 1 << 20;
}
static void wait(uint32_t us) {
    uint32_t start = REGISTER(TIMER + 0x28);
    while (REGISTER(TIMER + 0x28) - start < us) continue;
}
static void read(uint32_t block, uint32_t address, uint32_t n) {
    out[0] = address >> 8; out[1] = address; out[2] = block << 3;
    transfer(n + 3);
}
static void write(uint32_t block, uint32_t address, uint32_t value) {
    out[0] = address >> 8; out[1] = address; out[2] = block << 3 | 4; out[3] = value;
    transfer(4);
}
`;

test("by DMA, with the pins of the board", async (t) => {
  const board = await startBoard(
    t,
    `${DRIVER}
    void main(void) {
        start(3);
        wait(2000);
        read(0, 0x39, 1);
        print("version=", in[3]);
        uint32_t sum = 0;
        for (uint32_t i = 0; i < 256; i++) out[3 + i] = (uint8_t)(i * 3);
        out[0] = 0; out[1] = 0; out[2] = 2 << 3 | 4;
        transfer(259);
        read(2, 0, 256);
        for (uint32_t i = 0; i < 256; i++) sum += in[3 + i] == (uint8_t)(i * 3);
        print("same=", sum);
        print("interrupt=", REGISTER(0xd0000004) >> 21 & 1);
        write(0, 0x18, 1);
        for (uint32_t n = 1; n < 8; n++) { write(4 * n + 1, 0x1e, 0); write(4 * n + 1, 0x1f, 0); }
        write(1, 0x1e, 16); write(1, 0x1f, 16);
        write(1, 0, 4);
        write(1, 1, 1);
        wait(30000);
        __asm volatile("bkpt #1");
        print("interrupt=", REGISTER(0xd0000004) >> 21 & 1);
        read(1, 0x26, 2);
        print("received=", in[3] << 8 | in[4]);
        REGISTER(0xd0000018) = 1 << 20;
        wait(500);
        REGISTER(0xd0000014) = 1 << 20;
        wait(2000);
        print("interrupt=", REGISTER(0xd0000004) >> 21 & 1);
    }`,
    {
      link: () => ({ send: () => undefined, onFrame: () => undefined, close: () => undefined }),
      pace: false,
      onBreakpoint: () => {
        board.machine.ethernet.receive(frame(100));
        return true;
      },
    },
  );
  assert.deepEqual(await linesOf(board), [
    "version=00000004",
    "same=00000100",
    "interrupt=00000001",
    "interrupt=00000000",
    "received=00000066",
    "interrupt=00000001",
  ]);
  assert.deepEqual(board.complaints, []);
});

for (const [direction, enabled] of [
  ["receiving", 2],
  ["sending", 1],
] as const) {
  test(`DMA whose requests for ${direction} are off in the SPI controller hangs`, async (t) => {
    const board = await startBoard(
      t,
      `${DRIVER}
      void main(void) {
          (void)write; (void)wait;
          start(${enabled});
          print("on", 0);
          read(0, 0x39, 1);
          print("never", 0);
      }`,
    );
    await board.waitFor(/on\n/, 1);
    await assert.rejects(board.waitFor(/never/, 0.05), /in vain/);
  });
}
