// Virtual time: the order of alarms, and sums that are exact.

import assert from "node:assert/strict";
import test from "node:test";
import { Clock, nanosPerCycle } from "../../scripts/sim/clock.ts";

test("alarms fire in order, at their own time, those of the same time as they were set", () => {
  const clock = new Clock();
  const log: string[] = [];
  const at = (nanos: number, name: string): void =>
    clock.createAlarm(() => log.push(`${name} ${clock.nanos}`)).schedule(nanos);
  at(30, "c");
  at(10, "a");
  at(20, "b1");
  at(20, "b2");
  assert.equal(clock.due, 10);
  clock.tick(25);
  assert.deepEqual(log, ["a 10", "b1 20", "b2 20"]);
  assert.equal(clock.nanos, 25);
  assert.equal(clock.nanosToNextAlarm, 5);
  clock.tick(5);
  assert.equal(log.at(-1), "c 30");
  assert.equal(clock.due, Infinity);
});

test("an alarm can be moved, cancelled, and set again from its own callback", () => {
  const clock = new Clock();
  const times: number[] = [];
  const alarm = clock.createAlarm(() => {
    times.push(clock.nanos);
    if (times.length < 4) alarm.schedule(7);
  });
  alarm.schedule(100);
  alarm.schedule(3);
  assert.ok(alarm.scheduled);
  clock.tick(1000);
  assert.deepEqual(times, [3, 10, 17, 24]);
  alarm.schedule(5);
  alarm.cancel();
  alarm.cancel();
  assert.ok(!alarm.scheduled);
  clock.tick(10);
  assert.equal(times.length, 4);
});

test("time is the same in one step and in many", () => {
  for (const hertz of [6_500_000, 12_000_000, 125_000_000, 133_000_000]) {
    const [one, many] = [new Clock(), new Clock()];
    const cycle = nanosPerCycle(hertz);
    one.tick(100_000 * cycle);
    for (let i = 0; i < 100_000; i++) many.tick(cycle);
    assert.equal(one.nanos, many.nanos);
    assert.ok(Math.abs((cycle * hertz) / 1e9 - 1) < 1e-4);
  }
});
