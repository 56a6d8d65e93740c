// wassl size: the linker's map read, every byte of the firmware accounted for, what a board's
// status says, differences to the saved figures.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { buildFirmware, RP2040_LIMBS } from "../../scripts/lib/board-rp2040.ts";
import { parseStatus } from "../../scripts/lib/device-status.ts";
import { exec } from "../../scripts/lib/exec.ts";
import { measureFirmware, PARTS, partOf, RAM_SIZE } from "../../scripts/lib/firmware-size.ts";
import { objectName, parseLinkMap } from "../../scripts/lib/link-map.ts";
import { rp2040Board } from "../../scripts/lib/rp2040-config.ts";
import { translateSsl } from "../../scripts/lib/ssl-program.ts";
import { readSections } from "../../scripts/sim/elf.ts";
import { output } from "../harness/compile.ts";

const hardware = rp2040Board("w5500_evb_pico")!;
const program = translateSsl("native", RP2040_LIMBS).then((ssl) => buildFirmware(hardware, ssl));

const MAP = `
Discarded input sections

 .text          0x00000000        0x8 /b/obj/unused.o

Linker script and memory map

LOAD /b/obj/a.o

.text           0x10000100       0x44
 *(.text*)
 .text.one      0x10000100       0x10 /b/obj/a.o
                0x10000100                one
 .text.a_name_that_is_long
                0x10000110        0xe /b/with blank/obj/lwip/b.o
                0x10000110                a_name_that_is_long
 *fill*         0x1000011e        0x2 
 .text.empty    0x10000120        0x0 /b/obj/a.o
 .text          0x10000120       0x14 /lib/libc_nano.a(memcpy.o)
 .rodata.str1.1
                0x10000134       0x14 /b/obj/a.o
                                 0x20 (size before relaxing)
 .rodata.c      0x10000140        0x4 /b/obj/c.o

.bss            0x20003000        0x8
 COMMON         0x20003000        0x8 /b/obj/c.o
                0x20003000                c
 .glue_7        0x20003008        0x4 linker stubs
OUTPUT(wassl.elf elf32-littlearm)
`;

test("a map: names over two lines, padding, merged strings, archives", () => {
  const pieces = parseLinkMap(MAP).map(
    ({ output: section, input, address, size, object }) =>
      `${section} ${input} ${address.toString(16)} ${size} ${object}`,
  );
  assert.deepEqual(pieces, [
    ".text .text.one 10000100 16 /b/obj/a.o",
    ".text .text.a_name_that_is_long 10000110 14 /b/with blank/obj/lwip/b.o",
    ".text *fill* 1000011e 2 ",
    ".text .text 10000120 20 /lib/libc_nano.a(memcpy.o)",
    ".text .rodata.str1.1 10000134 12 /b/obj/a.o",
    ".text .rodata.c 10000140 4 /b/obj/c.o",
    ".bss COMMON 20003000 8 /b/obj/c.o",
    ".bss .glue_7 20003008 4 ",
  ]);
  assert.throws(() => parseLinkMap("something else"), /no map of GNU ld/);
});

test("objects, their names and their parts", () => {
  assert.equal(objectName("/b/obj/a.o"), "a.o");
  assert.equal(objectName("/gcc/../lib/libc_nano.a(memcpy.o)"), "libc_nano.a(memcpy.o)");
  assert.equal(partOf("/b/obj/wasm3/m3_compile.o"), "wasm3");
  assert.equal(partOf("/b/obj/lwip/tcp.o"), "lwIP");
  assert.equal(partOf("/b/obj/program.o"), "ssl.wasm as C");
  assert.equal(partOf("/b/obj/bridge.o"), "HAL");
  assert.equal(partOf("/b/obj/boot2.o"), "board");
  assert.equal(partOf("/lib/libgcc.a(_udivsi3.o)"), "C library");
  assert.equal(partOf(""), "alignment");
  assert.throws(() => partOf("/b/obj/stranger.o"), /stranger\.o, which belongs to no part/);
});

test("the parts add up to the sections of the ELF file and to the image in flash", async () => {
  const { elf, map, image } = await program;
  const size = measureFirmware(hardware, elf, map);
  const sum = (of: "flash" | "ram"): number =>
    [...size.parts.values()].reduce((all, use) => all + use[of], 0);
  const sections = readSections(elf);
  const inRam = sections.filter(({ address }) => address >= 0x20000000);
  const total = (all: typeof sections): number => all.reduce((n, s) => n + s.size, 0);
  assert.equal(sum("flash"), total(sections.filter(({ hasContents }) => hasContents)));
  assert.equal(sum("flash"), image.length);
  assert.equal(sum("ram"), total(inRam));
  assert.deepEqual(size.total, { flash: sum("flash"), ram: sum("ram") });
  const { stack, handlerStack, heap, unused } = size;
  assert.equal(sum("ram") + stack + handlerStack + heap + unused, RAM_SIZE);
  const objects = [...size.objects.values()];
  assert.equal(
    objects.reduce((all, { flash }) => all + flash, 0),
    size.total.flash,
  );
  for (const part of ["wasm3", "lwIP", "littlefs", "HAL", "board", "C library"] as const)
    assert.ok(size.parts.get(part)!.flash > 4000, part);
  assert.deepEqual([...size.parts.keys()], [...PARTS]);
});

test("a map that does not account for every byte is not shown", async () => {
  const { elf, map } = await program;
  const text = readFileSync(map, "utf8");
  const wrong = path.join(output, `size.${process.pid}.map`);
  writeFileSync(wrong, text.replace(/(\n \.text\.main_thread\n +0x\w+ +)0x\w+/, "$10x2"));
  assert.throws(
    () => measureFirmware(hardware, elf, wrong),
    /the map accounts for \d+ bytes of \.text, which has \d+/,
  );
});

test("what a board's status says", () => {
  const lines = [
    "stack: 4168 of 14336 used, handlers 92 of 4096",
    "heap: 193788 of 211184 used",
    "app: memory 49152, code 64416 of 66264, stack 6144",
  ].join("\r\n");
  const status = parseStatus(`${lines}\r\nssl: memory 49152, heap peak 22363, scratch peak 6728`);
  assert.deepEqual(status.stack, { peak: 4168, size: 14336 });
  assert.deepEqual(status.heap, { peak: 193788, size: 211184 });
  assert.deepEqual(status.app, { memory: 49152, code: 64416, codePages: 66264, stack: 6144 });
  assert.deepEqual(status.ssl, { memory: 49152, heapPeak: 22363, scratchPeak: 6728 });
  assert.throws(() => parseStatus(lines), /the board's status lacks ssl: memory/);
});

test("the verb prints parts, totals and the two limits", async () => {
  await program;
  const text = await exec(process.execPath, ["scripts/wassl.mjs", "size", "--objects"]);
  for (const part of PARTS)
    assert.match(text, new RegExp(`^${part.replace(/\./g, "\\.")} +[\\d,]+`, "m"));
  assert.match(text, /^ {4}m3_compile\.o +[\d,]+/m);
  assert.match(text, /^of +524,288 .*270,336/m);
  await assert.rejects(
    exec(process.execPath, ["scripts/wassl.mjs", "size", "--board", "host"]),
    /there is no RP2040 board host/,
  );
});
