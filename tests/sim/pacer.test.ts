// Pacing, with a wall clock that the test turns.

import assert from "node:assert/strict";
import test from "node:test";
import { Pacer } from "../../scripts/sim/pacer.ts";

const MILLISECOND = 1e6;

/** Sleeps as long as it is asked to, or until it is woken. */
class Wall {
  now = 0;
  asked: number[] = [];
  /** Milliseconds after which something arrives. */
  arrival = Infinity;

  sleep(milliseconds: number): Promise<void> {
    this.asked.push(milliseconds);
    this.now += Math.min(milliseconds, this.arrival);
    return Promise.resolve();
  }
}

function pacerOn(wall: Wall): Pacer {
  return new Pacer({ now: () => wall.now, sleep: (ms) => wall.sleep(ms) });
}

test("a long wait takes as long as it says", async () => {
  const wall = new Wall();
  assert.equal(await pacerOn(wall).wait(250 * MILLISECOND), 250 * MILLISECOND);
  assert.deepEqual(wall.asked, [250]);
});

test("what arrives ends a wait, which then has taken less time", async () => {
  const wall = new Wall();
  wall.arrival = 30;
  assert.equal(await pacerOn(wall).wait(250 * MILLISECOND), 30 * MILLISECOND);
});

test("short waits are granted at once, and made up for", async () => {
  const wall = new Wall();
  const pacer = pacerOn(wall);
  let granted = 0;
  for (let i = 0; i < 1000; i++) granted += await pacer.wait(0.1 * MILLISECOND);
  assert.equal(granted, 100 * MILLISECOND);
  assert.ok(wall.now > 98 && wall.now <= 100, `${wall.now} ms`);
});

test("time never runs ahead of the wall clock by more than a millisecond", async () => {
  const wall = new Wall();
  wall.arrival = 3;
  const pacer = pacerOn(wall);
  let granted = 0;
  for (const wanted of [0.5, 0.4, 7, 0.9, 0.05, 40, 2, 0.99, 0.99, 0.99, 12]) {
    granted += (await pacer.wait(wanted * MILLISECOND)) / MILLISECOND;
    assert.ok(granted <= wall.now + 1, `${granted} ms of ${wall.now}`);
  }
});

test("what was granted and not made up for yet is not forgotten by a short sleep", async () => {
  const wall = new Wall();
  const pacer = pacerOn(wall);
  let granted = await pacer.wait(0.9 * MILLISECOND);
  wall.arrival = 0.1;
  for (let i = 0; i < 8; i++) granted += await pacer.wait(50 * MILLISECOND);
  assert.equal(granted, 0.9 * MILLISECOND);
  granted += await pacer.wait(50 * MILLISECOND);
  granted += await pacer.wait(50 * MILLISECOND);
  assert.ok(Math.abs(granted - 1 * MILLISECOND) < 10, `${granted} ns`);
});

test("a wait without an end lasts until something arrives", async () => {
  const wall = new Wall();
  wall.arrival = 5;
  assert.equal(await pacerOn(wall).wait(Infinity), 5 * MILLISECOND);
});
