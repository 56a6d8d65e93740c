// Faults, exceptions and sleep of the emulated core, as ARMv6-M has them.

import assert from "node:assert/strict";
import test from "node:test";
import { interpreted, translated } from "../../scripts/sim/engines.ts";
import { linesOf, startBoard } from "./firmware.ts";

/** Each of these instructions or accesses must fault; the handler goes on behind it. */
const FAULTS: Record<string, string> = {
  "read of nothing": "(void)REGISTER(0x30000000);",
  "read below SRAM": "(void)REGISTER(0x1ffffffc);",
  "write behind SRAM": "REGISTER(0x20042000) = 1;",
  "write to the ROM": "REGISTER(nothing) = 1;",
  "write to the flash": "REGISTER(0x10000200) = 1;",
  "read behind the flash": "(void)REGISTER(0x10200000);",
  "unaligned word": '__asm volatile("ldr r0, [%0]" : : "l"(0x20000002) : "r0");',
  "unaligned half": '__asm volatile("strh r0, [%0]" : : "l"(0x20000001) : "r0");',
  "unaligned list": '__asm volatile("ldmia %0!, {r0, r1}" : : "l"(0x20000002) : "r0", "r1");',
  "undefined instruction": '__asm volatile(".hword 0xde00");',
  "wide undefined instruction": '__asm volatile(".hword 0xf000, 0x8000");',
  "breakpoint without a debugger": '__asm volatile("bkpt #7");',
  "peripheral in reset": "(void)REGISTER(SPI0);",
  "SVC with interrupts off": '__asm volatile("cpsid i\\n svc #0\\n cpsie i");',
};

const PROGRAM = `
static volatile uint32_t faults;
uint32_t nothing;

/* Goes on behind the instruction, which has 16 or 32 bits. */
static void skip(uint32_t *frame) {
    uint32_t opcode = *(uint16_t *)frame[6] >> 11;
    faults++;
    frame[6] += opcode == 0x1d || opcode >= 0x1e ? 4 : 2;
}

static void branch(uint32_t *frame) {
    print("to=", frame[6]);
    frame[6] = frame[5] & ~1u;
}

void main(void) {
    hard_fault_hook = skip;
    ${Object.values(FAULTS)
      .map((code) => `faults = 0; ${code} print("faults=", faults);`)
      .join("\n    ")}
    hard_fault_hook = branch;
    ((void (*)(void))0x10000400)();
    ((void (*)(void))0x40000001)();
}`;

for (const [name, engine] of Object.entries({ interpreted, translated })) {
  test(`what must fault does, ${name}`, async (t) => {
    const board = await startBoard(t, PROGRAM, { engine });
    const lines = await linesOf(board);
    const expected = Object.keys(FAULTS).map((what) => [what, "faults=00000001"]);
    assert.deepEqual(
      Object.keys(FAULTS).map((what, i) => [what, lines[i]]),
      expected,
    );
    assert.deepEqual(lines.slice(expected.length), ["to=10000400", "to=40000000"]);
    assert.match(board.faults[0], /^read of 0x30000000, where nothing is \(pc 0x10000/);
    assert.equal(board.faults.length, expected.length + 2);
  });
}

test("a fault in the handler of faults locks up, and the watchdog ends that", async (t) => {
  const board = await startBoard(
    t,
    `static void worse(uint32_t *frame) { (void)frame; REGISTER(0x30000000) = 1; }
    void main(void) {
        print("reason=", REGISTER(WATCHDOG + 8));
        if (REGISTER(WATCHDOG + 8) != 0) return;
        REGISTER(PSM + 8) = 0x1fffc;
        REGISTER(WATCHDOG + 4) = 2 * 500000;
        SET(WATCHDOG) = 1 << 30;
        hard_fault_hook = worse;
        (void)REGISTER(0x30000000);
    }`,
  );
  await board.waitFor(/reason=00000000/, 1);
  await board.run(0.3);
  assert.equal(board.state, "locked up");
  assert.equal(board.faults.length, 2);
  await board.waitFor(/reason=00000001/, 1);
  assert.equal(board.state, "running");
});

test("a lock-up without a watchdog is said, not waited for", async (t) => {
  const board = await startBoard(
    t,
    `static void worse(uint32_t *frame) { (void)frame; REGISTER(0x30000000) = 1; }
    void main(void) { hard_fault_hook = worse; (void)REGISTER(0x30000000); }`,
  );
  await assert.rejects(board.waitFor(/never/, 5), /the board is locked up/);
});

test("a stack that runs out of SRAM faults, and the handler has its own", async (t) => {
  const board = await startBoard(
    t,
    `static void over(uint32_t *frame) {
        print("psp=", (uint32_t)frame);
        print("end", 0);
        for (;;) continue;
    }
    __attribute__((naked)) static void overflow(void) {
        __asm volatile("1: push {r0-r7}\\n b 1b");
    }
    void main(void) {
        hard_fault_hook = over;
        __asm volatile("msr psp, %0\\n movs r0, #2\\n msr control, r0\\n isb"
                       : : "r"(0x20000040) : "r0");
        overflow();
    }`,
  );
  const lines = await linesOf(board);
  assert.deepEqual(lines, ["psp=1fffffe0"]);
  assert.match(board.complaints[0], /could not be stacked: write of 0x1fffffe0/);
});

test("the memory protection", async (t) => {
  const board = await startBoard(
    t,
    `static volatile uint32_t faults;
    static void skip(uint32_t *frame) { faults++; frame[6] += 2; }
    static void back(uint32_t *frame) { faults++; frame[6] = frame[5] & ~1u; }
    static void region(uint32_t n, uint32_t base, uint32_t log2, uint32_t attributes) {
        REGISTER(0xe000ed9c) = base | 1 << 4 | n;
        REGISTER(0xe000eda0) = attributes | (log2 - 1) << 1 | 1;
    }
    void main(void) {
        region(0, 0x20000000, 18, 3 << 24 | 1 << 28);
        region(1, 0x20040000, 12, 6 << 24);
        region(2, 0x18000000, 27, 0);
        hard_fault_hook = skip;
        REGISTER(0x20000100) = 0x4770;
        REGISTER(0xe000ed94) = 5;
        REGISTER(0x20040010) = 1;
        print("read-only=", faults);
        (void)REGISTER(0x20040010);
        REGISTER(0x20041010) = 1;
        print("else=", faults);
        (void)REGISTER(0x18000058);
        print("no access=", faults);
        hard_fault_hook = back;
        ((void (*)(void))0x20000101)();
        print("no execute=", faults);
        REGISTER(0xe000ed94) = 0;
        ((void (*)(void))0x20000101)();
        print("off=", faults);
    }`,
  );
  const lines = await linesOf(board);
  assert.deepEqual(lines, [
    "read-only=00000001",
    "else=00000001",
    "no access=00000002",
    "no execute=00000003",
    "off=00000003",
  ]);
});

test("sleep: WFI and WFE wake for what they should, with and without PRIMASK", async (t) => {
  const board = await startBoard(
    t,
    `static void clear(void) { REGISTER(TIMER + 0x34) = 1; }
    static void in(uint32_t us) { REGISTER(TIMER + 0x10) = REGISTER(TIMER + 0x28) + us; }
    void main(void) {
        irq_hook = clear;
        REGISTER(TIMER + 0x38) = 1;
        NVIC_ENABLE = 1;
        in(100);
        __asm volatile("wfi");
        print("wfi=", irq_count);
        __asm volatile("cpsid i");
        in(100);
        __asm volatile("wfi");
        print("wfi masked=", irq_count);
        __asm volatile("wfi");
        print("wfi pending=", irq_count);
        __asm volatile("cpsie i");
        print("unmasked=", irq_count);
        __asm volatile("sev\\n wfe");
        print("wfe after sev=", irq_count);
        in(100);
        __asm volatile("wfe\\n wfe");
        print("wfe=", irq_count);
        __asm volatile("sev\\n wfe\\n cpsid i");
        SCR = 16;
        in(100);
        __asm volatile("wfe");
        print("wfe masked=", irq_count);
        __asm volatile("cpsie i");
        REGISTER(0xe000e014) = 1000;
        REGISTER(0xe000e018) = 0;
        REGISTER(0xe000e010) = 7;
        __asm volatile("wfi");
        print("systick=", systick_count);
        REGISTER(0xe000e010) = 0;
        __asm volatile("svc #1");
        REGISTER(0xe000ed04) = 1 << 28;
        __asm volatile("isb");
        print("svc=", svc_count);
        print("pendsv=", pendsv_count);
    }`,
  );
  const lines = await linesOf(board);
  assert.deepEqual(lines, [
    "wfi=00000001",
    "wfi masked=00000001",
    "wfi pending=00000001",
    "unmasked=00000002",
    "wfe after sev=00000002",
    "wfe=00000003",
    "wfe masked=00000003",
    "systick=00000001",
    "svc=00000001",
    "pendsv=00000001",
  ]);
  assert.deepEqual(board.complaints, []);
});

test("the same run, instruction for instruction, in both engines and every time", async (t) => {
  const source = `void main(void) {
      uint32_t x = 1;
      for (int i = 0; i < 20000; i++) x = x * 1103515245 + REGISTER(ROSC + 0x1c) + (i % 7);
      print("x=", x);
  }`;
  const runs = [];
  for (const engine of [interpreted, translated, translated]) {
    const board = await startBoard(t, source, { engine, seed: 7 });
    const lines = await linesOf(board);
    runs.push({ lines, cycles: board.cycles, nanos: board.machine.nanos });
  }
  assert.deepEqual(runs[1], runs[0]);
  assert.deepEqual(runs[2], runs[0]);
});
