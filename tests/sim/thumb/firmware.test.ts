// The emulated board in both engines: the product's firmware from the boot ROM to its console, and
// a small one that erases and programs the flash, faults, and is disturbed by alarms meanwhile.
// After each step of random length the two boards are in the same state.

import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { boardWith } from "../../boards/firmware.ts";
import { startBoard } from "../firmware.ts";
import { both } from "./boards.ts";

test("the product's firmware, its console, resets", async (t: TestContext) => {
  const boards = await both((engine) => boardWith(t, null, {}, { engine }));
  await boards.run(0.35);
  assert.match(boards.console, /no app is installed/);
  boards.do((board) => board.write("status\r"));
  await boards.run(0.05);
  assert.match(boards.console, /stack: \d+ of/);
  boards.do((board) => board.reset());
  await boards.run(0.02);
  boards.do((board) => board.powerCut());
  await boards.run(0.02);
});

const ERASING = `
static uint32_t page[64];
static volatile uint32_t faults;

static void skip(uint32_t *frame) {
    faults++;
    frame[6] += 2;
}

static void alarm(void) {
    REGISTER(TIMER + 0x34) = 1;
    REGISTER(TIMER + 0x10) = REGISTER(TIMER + 0x28) + 40;
}

enum { CODE = 0x8000, ADDS_R0 = 0x3000, BX_LR = 0x4770 };

IN_RAM static void rewrite(const struct flash_functions *f) {
    __asm volatile("cpsid i");
    f->connect();
    f->exit_xip();
    f->erase(CODE, 4096, 65536, 0xd8);
    f->program(CODE, (const uint8_t *)page, sizeof page);
    f->flush();
    f->enter_xip();
    __asm volatile("cpsie i");
}

void main(void) {
    const struct flash_functions functions = flash_functions();
    uint32_t (*changing)(uint32_t) = (uint32_t (*)(uint32_t))(FLASH + CODE + 1);
    hard_fault_hook = skip;
    irq_hook = alarm;
    release(1 << 21);
    REGISTER(TIMER + 0x38) = 1;
    NVIC_ENABLE = 1;
    alarm();
    for (uint32_t round = 1; round <= 3; round++) {
        uint32_t sum = 0;
        page[0] = ADDS_R0 | round | BX_LR << 16;
        rewrite(&functions);
        for (int i = 0; i < 2000; i++) sum += changing(sum) ^ (sum << 3);
        REGISTER(0x30000000) = sum;
        print("sum=", sum);
    }
    print("faults=", faults);
    print("end", 0);
}`;

test("flash that is erased and programmed, faults, alarms", async (t: TestContext) => {
  const boards = await both((engine) => startBoard(t, ERASING, { engine }));
  await boards.run(0.3);
  const sums = [...boards.console.matchAll(/sum=(.*)/g)].map(([, sum]) => sum);
  assert.equal(new Set(sums).size, 3, boards.console);
  assert.match(boards.console, /faults=00000003\nend/);
});
