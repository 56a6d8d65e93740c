// The peripherals whose models are stricter than rp2040js's: watchdog, timer, real-time clock,
// UART, ring oscillator.

import assert from "node:assert/strict";
import test from "node:test";
import { linesOf, startBoard } from "./firmware.ts";

test("the watchdog: reasons, what survives, and feeding it in time", async (t) => {
  const board = await startBoard(
    t,
    `__attribute__((section(".kept,\\"aw\\",%nobits@"))) static uint32_t unused;
    #define KEPT REGISTER(0x20030000)
    void main(void) {
        uint32_t boots = REGISTER(WATCHDOG + 0x10);
        (void)unused;
        print("reason=", REGISTER(WATCHDOG + 8));
        print("chip=", REGISTER(0x40064008));
        if (boots != 0) print("sram=", KEPT);
        print("time=", REGISTER(TIMER + 0x28) >> 20);
        KEPT = 0x1234 + boots;
        REGISTER(WATCHDOG + 0x10) = boots + 1;
        REGISTER(PSM + 8) = 0x1fffc;
        REGISTER(WATCHDOG + 4) = 2 * 100000;
        SET(WATCHDOG) = 1 << 30;
        for (uint32_t start = REGISTER(TIMER + 0x28); REGISTER(TIMER + 0x28) - start < 300000;)
            REGISTER(WATCHDOG + 4) = 2 * 100000;
        print("fed=", boots);
        drain();
        if (boots == 1) SET(WATCHDOG) = 1u << 31;
        if (boots < 1) for (;;) continue;
        CLEAR(WATCHDOG) = 1 << 30;
    }`,
  );
  await board.waitFor(/fed=00000000\n/, 5);
  const fed = board.seconds;
  await board.waitFor(/reason=/, 5);
  assert.ok(board.seconds - fed > 0.1 && board.seconds - fed < 0.11, `${board.seconds - fed} s`);
  await board.waitFor(/end\n/, 5);
  const boot = (reason: number, chip: string, sram: string[], n: number): string[] => [
    `reason=0000000${reason}`,
    `chip=${chip}`,
    ...sram,
    "time=00000000",
    `fed=0000000${n}`,
  ];
  assert.deepEqual(board.console.trimEnd().split("\n"), [
    ...boot(0, "00000100", [], 0),
    ...boot(1, "00000000", ["sram=00001234"], 1),
    ...boot(2, "00000000", ["sram=00001235"], 2),
    "end",
  ]);
  assert.equal(board.resets, 2);
  board.reset();
  await board.waitFor(/reason=00000000\nchip=00010000\n/, 1);
});

test("a watchdog that would reset nothing is said to be useless", async (t) => {
  const board = await startBoard(t, "void main(void) { SET(WATCHDOG) = 1u << 31; }");
  await linesOf(board);
  assert.deepEqual(board.complaints, [
    "the watchdog fires, but PSM's WDSEL does not reset the core",
  ]);
});

test("the timer: alarms on their microsecond, none without the watchdog's tick", async (t) => {
  const board = await startBoard(
    t,
    `static volatile uint32_t late;
    static void fired(void) {
        uint32_t now = REGISTER(TIMER + 0x28), early = REGISTER(TIMER + 0x10) - now;
        REGISTER(TIMER + 0x34) = 1;
        if ((int32_t)early > 0) print("early by=", early);
        if (now - REGISTER(TIMER + 0x10) > 20) late++;
    }
    void main(void) {
        irq_hook = fired;
        REGISTER(TIMER + 0x38) = 1;
        NVIC_ENABLE = 1;
        for (uint32_t i = 0; i < 200; i++) {
            REGISTER(TIMER + 0x10) = REGISTER(TIMER + 0x28) + 50 + i;
            __asm volatile("wfi");
        }
        print("alarms=", irq_count);
        print("late=", late);
        REGISTER(TIMER + 0x10) = REGISTER(TIMER + 0x28) + 100;
        REGISTER(TIMER + 0x20) = 1;
        for (volatile int i = 0; i < 1000; i++) continue;
        print("disarmed=", irq_count);
        uint32_t high = REGISTER(TIMER + 0x24), low = REGISTER(TIMER + 0x28);
        REGISTER(TIMER + 0x04) = 0xfffffff0;
        REGISTER(TIMER + 0x00) = 5;
        (void)low;
        for (volatile int i = 0; i < 100; i++) continue;
        print("high=", high);
        print("high=", REGISTER(TIMER + 0x24));
        REGISTER(WATCHDOG + 0x2c) = 0;
        low = REGISTER(TIMER + 0x28);
        for (volatile int i = 0; i < 1000; i++) continue;
        print("without tick=", REGISTER(TIMER + 0x28) - low);
    }`,
  );
  assert.deepEqual(await linesOf(board), [
    "alarms=000000c8",
    "late=00000000",
    "disarmed=000000c8",
    "high=00000000",
    "high=00000006",
    "without tick=00000000",
  ]);
});

test("an alarm is seen at its microsecond, not before and not after", async (t) => {
  const board = await startBoard(t, "void main(void) {}");
  await linesOf(board);
  const { chip } = board.machine;
  const timer = 0x40054000;
  const time = (): number => chip.readUint32(timer + 0x28);
  for (let delay = 1; delay < 40; delay++) {
    chip.writeUint32(timer + 0x34, 1);
    const target = time() + delay;
    chip.writeUint32(timer + 0x10, target);
    while ((chip.readUint32(timer + 0x34) & 1) === 0) {
      assert.ok(time() <= target, "late");
      chip.clock.tick(0.25 * delay);
    }
    assert.equal(time(), target);
  }
});

const RTC_PROGRAM = `
static void show(void) {
    uint32_t time = REGISTER(RTC + 0x1c);
    print("date=", REGISTER(RTC + 0x18));
    print("time=", time);
}
void main(void) {
    print("held=", REGISTER(RESETS) >> 15 & 1);
    release(1 << 15);
    REGISTER(CLOCKS + 0x70) = 256 << 8;
    REGISTER(CLOCKS + 0x6c) = 3 << 5 | 1 << 11;
    REGISTER(RTC) = 46875 - 1;
    print("control=", REGISTER(RTC + 0xc));
    if (REGISTER(RTC + 0xc) != 0) {
        show();
        return;
    }
    REGISTER(RTC + 4) = 2024 << 12 | 2 << 8 | 28;
    REGISTER(RTC + 8) = 3 << 24 | 23 << 16 | 59 << 8 | 59;
    REGISTER(RTC + 0xc) = 16;
    REGISTER(RTC + 0xc) = 1;
    show();
    uint32_t start = REGISTER(TIMER + 0x28);
    while (REGISTER(TIMER + 0x28) - start < 1500000) continue;
    show();
    print("control=", REGISTER(RTC + 0xc));
}`;

test("the real-time clock: the calendar of UTC, from when it is set", async (t) => {
  const board = await startBoard(t, RTC_PROGRAM);
  assert.deepEqual(await linesOf(board, 3), [
    "held=00000001",
    "control=00000000",
    "date=007e821c",
    "time=03173b3b",
    "date=007e821d",
    "time=04000000",
    "control=00000003",
  ]);
  assert.deepEqual(board.complaints, []);
});

test("a real-time clock that has been set before", async (t) => {
  const board = await startBoard(t, RTC_PROGRAM, { rtc: Date.UTC(2031, 11, 31, 1, 2, 3) / 1000 });
  const lines = ["held=00000001", "control=00000003", "date=007efc1f", "time=03010203"];
  assert.deepEqual(await linesOf(board), lines);
});

test("the serial line: speed, FIFOs, interrupts, overrun, bytes before it is on", async (t) => {
  const source = `
  static volatile uint32_t count, sum, causes;
  static void received(void) {
      causes |= REGISTER(UART0 + 0x40);
      REGISTER(UART0 + 0x44) = 1 << 6;
      while ((REGISTER(UART0 + 0x18) & 1 << 4) == 0) { sum += REGISTER(UART0) & 0xff; count++; }
  }
  void main(void) {
      irq_hook = received;
      REGISTER(UART0 + 0x34) = 2 << 3;
      REGISTER(UART0 + 0x38) = 1 << 4 | 1 << 6;
      NVIC_ENABLE = 1 << 20;
      print("ready", 0);
      while (count < 20) __asm volatile("wfi");
      print("causes=", causes);
      print("sum=", sum);
      __asm volatile("cpsid i");
      print("deaf", 0);
      uint32_t start = REGISTER(TIMER + 0x28);
      while (REGISTER(TIMER + 0x28) - start < 10000) continue;
      count = 0;
      received();
      print("kept=", count);
      print("overrun=", REGISTER(UART0 + 0x3c) >> 10 & 1);
  }`;
  const board = await startBoard(t, source);
  board.write("lost, as nothing listens yet");
  await board.waitFor(/ready\n/, 1);
  const before = board.seconds;
  board.write("12345678901234567890");
  await board.waitFor(/sum=0000041a\n/, 1);
  assert.match(board.console, /causes=00000050\n/);
  const seconds = board.seconds - before;
  assert.ok(Math.abs(seconds - ((20 + 29) * 10) / 115200) < 1e-3, `${seconds} s for 49 bytes`);
  await board.waitFor(/deaf\n/, 1);
  board.write("x".repeat(50));
  await board.waitFor(/kept=00000020\noverrun=00000001\nend\n/, 1);
  assert.deepEqual(board.complaints, [
    "a byte on the serial line was lost: the receiver's FIFO is full",
  ]);
});

test("a serial line at another speed garbles, and that is said", async (t) => {
  const board = await startBoard(
    t,
    `void main(void) {
        print("ready", 0);
        while ((REGISTER(UART0 + 0x18) & 1 << 4) != 0) continue;
        print("byte=", REGISTER(UART0));
    }`,
    { baud: 57600 },
  );
  await board.waitFor(/ready/, 1);
  board.write("A");
  await board.waitFor(/byte=000000be/, 1);
  assert.deepEqual(board.complaints, ["the serial line has another speed than this UART"]);
});

test("the ring oscillator: random, the same every time, and broken on demand", async (t) => {
  const source = `void main(void) {
      for (int round = 0; round < 3; round++) {
          uint32_t ones = 0, last = 0;
          for (int i = 0; i < 4096; i++) {
              uint32_t bit = REGISTER(ROSC + 0x1c);
              ones += bit;
              last = last << 1 | bit;
          }
          print("ones=", ones);
          print("last=", last);
          drain();
          __asm volatile("bkpt #5");
      }
  }`;
  const rounds: Array<[ones: number, last: string]> = [];
  const board = await startBoard(t, source, {
    onBreakpoint: () => {
      const [, ones, last] = /ones=(\w+)\nlast=(\w+)\n$/.exec(board.console)!;
      rounds.push([parseInt(ones, 16), last]);
      board.machine.oscillator.failure = rounds.length === 1 ? { stuckAt: 1 } : { ones: 0.1 };
      return true;
    },
  });
  await linesOf(board);
  assert.ok(Math.abs(rounds[0][0] - 2048) < 160, `${rounds[0][0]} ones`);
  assert.deepEqual(rounds[1], [4096, "ffffffff"]);
  assert.ok(Math.abs(rounds[2][0] - 410) < 100, `${rounds[2][0]} ones`);
  const again = await startBoard(t, source, { onBreakpoint: () => true });
  await linesOf(again);
  assert.ok(again.console.includes(`last=${rounds[0][1]}`));
  const other = await startBoard(t, source, { onBreakpoint: () => true, seed: 2 });
  await linesOf(other);
  assert.ok(!other.console.includes(`last=${rounds[0][1]}`));
});
