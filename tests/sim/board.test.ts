// The board as its users see it: waiting, the serial line over TCP, the kept flash, marks in the
// firmware, time for the other end of the cable.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Board } from "../../scripts/sim/board.ts";
import { interpreted, translated } from "../../scripts/sim/engines.ts";
import type { Clock } from "../../scripts/sim/peer/link.ts";
import { buildUf2, linesOf, startBoard } from "./firmware.ts";

const ECHO = `void main(void) {
    print("ready", 0);
    for (;;) {
        if ((REGISTER(UART0 + 0x18) & 1 << 4) != 0) continue;
        uint32_t byte = REGISTER(UART0) & 0xff;
        if (byte == 'q') return;
        print("got=", byte);
    }
}`;

test("waiting: what is new since the last match counts; a failure says enough", async (t) => {
  const board = await startBoard(t, ECHO);
  await board.waitFor(/ready/, 1);
  board.write("a");
  const [, code] = await board.waitFor(/got=(\w{8})\n/, 1);
  assert.equal(code, "00000061");
  await assert.rejects(
    board.waitFor(/got=/, 0.25),
    /waited 0\.25 s of the board's time in vain for \/got=\/; the board is running/,
  );
  const before = board.seconds;
  await board.run(0.5);
  assert.ok(Math.abs(board.seconds - before - 0.5) < 1e-6);
  board.write("q");
  await board.waitFor(/end\n/, 1);
});

test("the serial line over TCP", async (t) => {
  const board = await startBoard(t, ECHO);
  const port = await board.machine.serial.listen(0);
  const socket = connect(port, "127.0.0.1");
  t.after(() => socket.destroy());
  let text = "";
  const end = new Promise<void>((resolve) => {
    socket.on("data", (bytes) => {
      text += bytes.toString();
      if (text.endsWith("ready\n")) socket.write("hq");
      if (text.endsWith("end\n")) resolve();
    });
  });
  await new Promise<void>((resolve) => socket.on("connect", resolve));
  await board.during(end, 60);
  assert.equal(text, "ready\ngot=00000068\nend\n");
});

test("what is typed while a paced board sleeps comes byte by byte", async (t) => {
  const board = await startBoard(
    t,
    `static volatile uint32_t count;
    static void received(void) {
        REGISTER(UART0 + 0x44) = 1 << 6;
        while ((REGISTER(UART0 + 0x18) & 1 << 4) == 0) {
            (void)REGISTER(UART0);
            count++;
        }
    }
    void main(void) {
        irq_hook = received;
        REGISTER(UART0 + 0x34) = 0;
        REGISTER(UART0 + 0x38) = 1 << 4 | 1 << 6;
        NVIC_ENABLE = 1 << 20;
        print("ready", 0);
        while (count < 400) __asm volatile("wfi");
    }`,
    { pace: true },
  );
  await board.waitFor(/ready/, 1);
  const typed = pause(50).then(() => board.write("x".repeat(400)));
  await board.during(typed);
  await board.waitFor(/end\n/, 1);
  assert.deepEqual(board.complaints, []);
});

test("a frame among the text is not shown", async (t) => {
  const board = await startBoard(
    t,
    `void main(void) {
        print("before", 0);
        static const uint8_t frame[] = {0xc0, 0xfe, 1, 2, 3, 0, 'x', 0xde, 0xad, 0xbe, 0xef, 0xc0};
        for (uint32_t i = 0; i < sizeof frame; i++) {
            while ((REGISTER(UART0 + 0x18) & 1 << 5) != 0) continue;
            REGISTER(UART0) = frame[i];
        }
        drain();
    }`,
  );
  const bytes: number[] = [];
  board.machine.serial.onByte = (byte) => bytes.push(byte);
  await board.run(0.1);
  assert.ok(bytes.includes(0xfe));
  assert.ok(!board.console.includes("x"));
});

test("the flash is kept in a file from one run to the next; the UF2 goes on top", async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "wassl-board-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const flashFile = path.join(folder, "flash");
  const source = `static uint8_t page[256];
    static struct flash_functions f;
    IN_RAM static void program(uint32_t at) {
        f.connect(); f.exit_xip(); f.program(at, page, sizeof page); f.flush(); f.enter_xip();
    }
    void main(void) {
        uint32_t at = 0x20000;
        while (REGISTER(FLASH + at) != 0xffffffff) at += 256;
        print("runs=", (at - 0x20000) / 256);
        f = flash_functions();
        program(at);
    }`;
  for (const runs of ["runs=00000000", "runs=00000001", "runs=00000002"]) {
    const board = await startBoard(t, source, { flashFile });
    assert.deepEqual(await linesOf(board), [runs]);
    board.stop();
  }
  assert.equal(readFileSync(flashFile).length, 2 * 1024 * 1024);
  writeFileSync(flashFile, "too short");
  await assert.rejects(startBoard(t, source, { flashFile }), /has 9 bytes, the flash 2097152/);
});

test("what does not fit the flash is refused", async () => {
  const uf2 = await buildUf2("void main(void) {}");
  for (const offset of [100, 0x1ff000]) {
    const flash = [{ offset, bytes: new Uint8Array(5000) }];
    await assert.rejects(Board.start({ uf2, flash }), /5000 bytes at 0x.* do not fit the flash/);
  }
});

test("marks count cycles between addresses, in both engines, and do not disturb", async (t) => {
  const counts = [];
  for (const engine of [interpreted, translated]) {
    const board = await startBoard(
      t,
      `__attribute__((noinline, section(".vectors.first"))) static void unused(void) {}
      IN_RAM static void mark(void) { __asm volatile("nop"); }
      void main(void) {
          (void)unused;
          print("mark=", (uint32_t)mark & ~1u);
          drain();
          for (int i = 0; i < 5; i++) {
              for (volatile int j = 0; j < 1000; j++) continue;
              mark();
          }
      }`,
      { engine },
    );
    const [, address] = await board.waitFor(/mark=(\w+)\n/, 1);
    const cycles: number[] = [];
    board.mark(parseInt(address, 16), () => cycles.push(board.cycles));
    await board.waitFor(/end\n/, 1);
    assert.equal(cycles.length, 5);
    assert.equal(new Set(cycles.slice(1).map((cycle, i) => cycle - cycles[i])).size, 1);
    counts.push([cycles, board.cycles]);
  }
  assert.deepEqual(counts[1], counts[0]);
});

test("a mark needs a symbol", async (t) => {
  const board = await startBoard(t, "void main(void) {}");
  assert.throws(() => board.mark("main", () => undefined), /the firmware has no symbol main/);
});

test("the other end of the cable lives in the board's time, over its resets", async (t) => {
  const due: number[] = [];
  let clock!: Clock;
  const board = await startBoard(t, 'void main(void) { print("up", 0); }', {
    pace: false,
    link: (boardsClock) => {
      clock = boardsClock;
      return { send: () => undefined, onFrame: () => undefined, close: () => undefined };
    },
  });
  for (const ms of [70, 20, 300]) {
    clock.after(ms, () => {
      due.push(clock.now());
      assert.ok(Math.abs(board.seconds * 1000 - ms) < 0.01, "the board is at the same time");
    });
  }
  clock.after(50, () => assert.fail("was cancelled"))();
  await board.run(0.1);
  board.reset();
  await board.run(0.3);
  assert.deepEqual(
    due.map((ms) => Math.round(ms * 1000) / 1000),
    [20, 70, 300],
  );
  assert.ok(Math.abs(clock.now() - 400) < 1e-3);
});
