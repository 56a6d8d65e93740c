// The firmware on the emulated RP2040: start, clock, entropy, faults, restarts.

import assert from "node:assert/strict";
import test from "node:test";
import { boardWith } from "./firmware.ts";

const PROMPT = /> $/;
const BANNER = /wassl (\S+) on W5500-EVB-Pico, ssl native, after (.*)\r\n/;

/** Lines of an app's output. */
function said(text: string): string[] {
  return text.split("\r\n").filter((line) => line !== "");
}

test("starts from the boot ROM at 125 MHz and offers its console without an app", async (t) => {
  const board = await boardWith(t, null);
  assert.equal((await board.waitFor(BANNER, 1))[2], "power on");
  await board.waitFor(/no app is installed/, 2);
  assert.equal(board.machine.chip.clkSys, 125_000_000);
  board.write("status\r");
  await board.waitFor(/stack: \d+ of 14336 used, handlers \d+ of 4096\r\n/, 1);
  assert.deepEqual([board.complaints, board.faults], [[], []]);
});

test("an app can set the clock to any second from 1970 to 4095", async (t) => {
  const board = await boardWith(t, "clock");
  await board.waitFor(/exit status 0\r\n/, 10);
  const lines = said(board.console).filter((line) => /^(at first|set|later)/.test(line));
  assert.deepEqual(lines, [
    "at first -1",
    "set 0 0 0",
    "set 951782399 0 951782399",
    "later 951782400",
    "set 4107542399 0 4107542399",
    "later 4107542400",
    "set 67090118399 0 67090118399",
    "set 67090118400 -22 67090118399",
    "set -1 -22 67090118399",
    "set 1767225600 0 1767225600",
  ]);
});

test("a restart is reported as one, and keeps the time", async (t) => {
  const board = await boardWith(t, "clock");
  await board.waitFor(PROMPT, 10);
  board.write("restart\r");
  assert.equal((await board.waitFor(BANNER, 2))[2], "restart");
  const [, seconds] = await board.waitFor(/at first (\d+)\r\n/, 2);
  assert.ok(Math.abs(Number(seconds) - 1767225600) < 5, seconds);
  board.powerCut();
  assert.equal((await board.waitFor(BANNER, 2))[2], "power on");
  await board.waitFor(/at first -1\r\n/, 2);
});

test("random bytes; none where the ring oscillator is stuck or biased", async (t) => {
  const board = await boardWith(t, "clock");
  const first = (await board.waitFor(/random 0 (.*)\r\n/, 5))[1];
  for (const failure of [{ stuckAt: 1 } as const, { ones: 0.97 }]) {
    board.machine.oscillator.failure = failure;
    board.reset();
    await board.waitFor(/entropy: the start-up test failed/, 2);
    await board.waitFor(/random -5 (0 ){63}0\r\n/, 5);
  }
  board.machine.oscillator.failure = null;
  board.reset();
  const again = (await board.waitFor(/random 0 (.*)\r\n/, 5))[1];
  assert.notEqual(first, again);
});

test("Ctrl-C ends an app that waits, and one that only computes after ten seconds", async (t) => {
  const idle = await boardWith(t, "behaviour", { behaviour: "wait" });
  await idle.waitFor(/^app\r\n/m, 5);
  idle.write("\x03");
  await idle.waitFor(/the app was interrupted\r\n[^]*> $/, 1);

  const busy = await boardWith(t, "behaviour", { behaviour: "compute" });
  await busy.waitFor(/^app\r\n/m, 5);
  busy.write(`${"more than is kept".repeat(200)}\x03`);
  await busy.waitFor(BANNER, 12);
  await busy.waitFor(/the app was not started[^]*> $/, 5);
});

test("a fault prints where it was and restarts; after three the app is left alone", async (t) => {
  const board = await boardWith(t, "behaviour", { behaviour: "wait" });
  board.mark("clock_sleep_ms", () => {
    board.machine.chip.core.PC = 0x20001000; // where nothing may be executed
  });
  for (let i = 0; i < 3; i++) {
    await board.waitFor(/^fault: hard fault in the program, sp 200[0-3]\w{4}\r\n/m, 5);
    await board.waitFor(/^ {4}pc \w{8} lr 10\w{6} psr \w{8} r12 \w{8}\r\n/m, 1);
    await board.waitFor(/^ {4}exception 3, stack \d+ of \d+, handlers \d+ of 4096\r\n/m, 1);
    assert.equal((await board.waitFor(BANNER, 2))[2], "fault");
  }
  await board.waitFor(/the app was not started[^]*> $/, 2);
  assert.equal(board.resets, 3);
});

test("an overflow of the program's stack ends in a restart", async (t) => {
  const board = await boardWith(t, "behaviour", { behaviour: "wait" });
  await board.waitFor(/^app\r\n/m, 5);
  let times = 0;
  board.mark("network_poll", () => {
    if (times++ === 0) board.machine.chip.core.SP = 0x20000008;
  });
  assert.match((await board.waitFor(BANNER, 10))[2]!, /^(fault|lock-up)$/);
  assert.ok(board.faults.length > 0);
});

test("recursion without end is a trap of the app", async (t) => {
  const board = await boardWith(t, "behaviour", { behaviour: "deep" });
  await board.waitFor(/^app\.wasm: trap: stack overflow\r\n/m, 5);
  await board.waitFor(PROMPT, 1);
  assert.deepEqual(board.faults, []);
});

test("an app that uses up its memory is a trap of the app", async (t) => {
  const board = await boardWith(t, "behaviour", { behaviour: "memory" });
  const [, kilobytes] = await board.waitFor(/(\d+) KB\r\napp\.wasm: trap: unreachable/, 10);
  assert.ok(Number(kilobytes) >= 30, kilobytes);
  await board.waitFor(/( {4}in function\[\d+\] \(app\.wasm\+0x\w+-0x\w+\)\r\n){4}/, 1);
  await board.waitFor(/ {4}in _start \(app\.wasm\+0x\w+-0x\w+\)\r\n/, 1);
  await board.waitFor(PROMPT, 1);
  assert.deepEqual(board.faults, []);
});
