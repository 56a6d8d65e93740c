// The boot ROM: starting, its table, its flash functions through the SSI, and what happens to reads
// of the flash meanwhile.

import assert from "node:assert/strict";
import test from "node:test";
import { writeUf2 } from "../../scripts/lib/uf2.ts";
import { Board } from "../../scripts/sim/board.ts";
import { buildImage, linesOf, startBoard } from "./firmware.ts";

const FLASH = 0x10000000;

test("a second stage with another CRC is not started", async (t) => {
  const image = await buildImage("void main(void) {}");
  image[3] ^= 0x10;
  const board = await Board.start({ uf2: writeUf2([{ address: FLASH, bytes: image }]) });
  t.after(() => board.stop());
  await assert.rejects(board.waitFor(/end/, 1), /waiting for a firmware over USB/);
});

test("the ROM's table and its small functions", async (t) => {
  const board = await startBoard(
    t,
    `static uint8_t from[8] = {1, 2, 3, 4, 5, 6, 7, 8}, to[9];
    typedef uint32_t (*bits)(uint32_t);
    void main(void) {
        uint32_t zero;
        __asm volatile("movs %0, #0" : "=l"(zero));
        print("magic=", *(uint32_t *)(zero + 0x10) & 0xffffff);
        print("unknown=", (uint32_t)rom_function('X', 'X'));
        ((void *(*)(void *, const void *, uint32_t))rom_function('M', 'C'))(to, from, 7);
        print("memcpy=", (uint32_t)to[6] << 8 | to[7]);
        ((void *(*)(void *, const void *, uint32_t))rom_function('C', '4'))(to, from, 8);
        print("memcpy44=", to[7]);
        ((void *(*)(void *, uint8_t, uint32_t))rom_function('M', 'S'))(to, 0x5a, 3);
        print("memset=", *(uint32_t *)to);
        ((void *(*)(void *, uint8_t, uint32_t))rom_function('S', '4'))(to, 0x11, 4);
        print("memset4=", *(uint32_t *)to);
        print("popcount=", ((bits)rom_function('P', '3'))(0xf00f0001));
        print("reverse=", ((bits)rom_function('R', '3'))(0x80000001 << 1));
        print("clz=", ((bits)rom_function('L', '3'))(0x00010000));
        print("ctz=", ((bits)rom_function('T', '3'))(0x00010000));
    }`,
  );
  assert.deepEqual(await linesOf(board), [
    "magic=0001754d",
    "unknown=00000000",
    "memcpy=00000700",
    "memcpy44=00000008",
    "memset=045a5a5a",
    "memset4=11111111",
    "popcount=00000009",
    "reverse=40000000",
    "clz=0000000f",
    "ctz=00000010",
  ]);
});

const FLASH_WORK = `
static struct flash_functions f;
static uint8_t page[256];

IN_RAM static void change(void) {
    f.connect();
    f.exit_xip();
    f.erase(0x10000, 0x3000, 0x10000, 0xd8);
    f.program(0x11000, page, sizeof page);
    f.flush();
    f.enter_xip();
}

void main(void) {
    f = flash_functions();
    for (uint32_t i = 0; i < sizeof page; i++)
        page[i] = (uint8_t)(i ^ 0x5a);
    change();
    print("before=", REGISTER(FLASH + 0xfffc));
    print("erased=", REGISTER(FLASH + 0x10000));
    print("programmed=", REGISTER(FLASH + 0x11000));
    print("its end=", REGISTER(FLASH + 0x110fc));
    print("behind it=", REGISTER(FLASH + 0x11100));
    print("after=", REGISTER(FLASH + 0x13000));
}`;

const FLASH_LINES = [
  "before=00000000",
  "erased=ffffffff",
  "programmed=59585b5a",
  "its end=a5a4a7a6",
  "behind it=ffffffff",
  "after=00000000",
];

const ZEROS = { offset: 0xf000, bytes: new Uint8Array(0x5000) };

test("flash_range_erase and flash_range_program", async (t) => {
  const board = await startBoard(t, FLASH_WORK, { flash: [ZEROS] });
  assert.deepEqual(await linesOf(board), FLASH_LINES);
  assert.equal(board.operations, 4);
  assert.deepEqual(board.complaints, []);
  assert.ok(board.seconds > 3 * 0.045, "erasing takes its time");
});

test("the flash keeps what was written over resets and power cuts", async (t) => {
  const board = await startBoard(
    t,
    `${FLASH_WORK.replace("void main", "static void work")}
    void main(void) {
        if (REGISTER(FLASH + 0x11000) == 0) work();
        print("kept=", REGISTER(FLASH + 0x11000));
    }`,
    { flash: [ZEROS] },
  );
  await linesOf(board);
  for (const restart of [() => board.reset(), () => board.powerCut()]) {
    const before = board.console.length;
    restart();
    await board.waitFor(/end\n/, 1);
    assert.equal(board.console.slice(before), "kept=59585b5a\nend\n");
  }
});

/** What goes on while the flash cannot be read in place. */
const UNREADABLE: Record<string, [code: string, reason: RegExp]> = {
  "in command mode": ["f.connect(); f.exit_xip();", /the flash is not in XIP mode/],
  "before the cache is flushed": [
    "f.connect(); f.exit_xip(); f.enter_xip();",
    /the flash is not in XIP mode/,
  ],
  "while it erases": [
    `f.connect(); f.exit_xip();
    REGISTER(0x4001800c) = 2 << 8; REGISTER(SSI + 0x60) = 6;
    wait(100); REGISTER(0x4001800c) = 3 << 8;
    REGISTER(0x4001800c) = 2 << 8; REGISTER(SSI + 0x60) = 0x20; REGISTER(SSI + 0x60) = 1;
    REGISTER(SSI + 0x60) = 0; REGISTER(SSI + 0x60) = 0; wait(400); REGISTER(0x4001800c) = 3 << 8;
    f.flush(); f.enter_xip();`,
    /the flash is busy with erase/,
  ],
};

for (const [name, [code, reason]] of Object.entries(UNREADABLE)) {
  test(`a read of the flash faults: ${name}`, async (t) => {
    const board = await startBoard(
      t,
      `static struct flash_functions f;
      IN_RAM __attribute__((unused)) static void wait(volatile uint32_t n) {
          while (n-- > 0) continue;
      }
      IN_RAM static void leave(uint32_t *frame) { (void)frame; for (;;) __asm volatile("wfi"); }
      IN_RAM static void work(void) {
          ${code}
          (void)REGISTER(FLASH);
      }
      void main(void) {
          f = flash_functions();
          hard_fault_hook = leave;
          work();
      }`,
    );
    // The vectors are in the flash too: the handler cannot be found.
    await board.run(0.02).catch(() => undefined);
    assert.equal(board.state, "locked up");
    assert.match(board.faults[0], reason);
  });
}

test("a power cut at any operation of the flash", async (t) => {
  const source = `${FLASH_WORK.replace("void main", "static void work")}
    void main(void) {
        if (REGISTER(FLASH + 0x10000) == 0) work();
        for (uint32_t at = 0x10ffc; at < 0x14000; at += 0x1000)
            print("before=", REGISTER(FLASH + at));
        print("program=", REGISTER(FLASH + 0x1107c));
        print("program=", REGISTER(FLASH + 0x11084));
    }`;
  const cuts = [
    { operation: 1, part: 0.5, sectors: [0, 0, 0, 0], program: [0, 0] },
    { operation: 2, part: 0.5, sectors: [1, 0, 0, 0], program: [1, 1] },
    { operation: 3, part: 1, sectors: [1, 1, 1, 0], program: [1, 1] },
    { operation: 4, part: 0.5, sectors: [1, 1, 1, 0], program: [0x25242726, 1] },
  ];
  for (const { operation, part, sectors, program } of cuts) {
    const board = await startBoard(t, source, { flash: [ZEROS] });
    board.cutPowerAt({ operation, part });
    const hex = (value: number): string =>
      value > 1 ? value.toString(16).padStart(8, "0") : (value ? "f" : "0").repeat(8);
    const expected = [
      ...sectors.map((value) => `before=${hex(value)}`),
      ...program.map((value) => `program=${hex(value)}`),
    ];
    assert.deepEqual([operation, ...(await linesOf(board))], [operation, ...expected]);
    assert.equal(board.resets, 1);
  }
});
