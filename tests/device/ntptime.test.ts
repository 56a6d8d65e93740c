// ntptime.settime against honest and other servers: only a synchronized server's answer to this
// very request sets the clock.

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { describe, test } from "node:test";
import { startSntp, type Mangle } from "../../scripts/lib/sntp-server.ts";
import { runApp, type AppOutcome } from "./app.ts";

/** That a slow machine may take from the answer to the look at the clock. */
const MOST_SECONDS = 60;
const TIMED_OUT = ["OSError(110, 'ETIMEDOUT')", "-1", "true"];

async function settime(mangle?: Mangle, patient = false): Promise<AppOutcome> {
  const server = await startSntp(mangle);
  try {
    const files: Record<string, string> = patient ? { patient: "" } : {};
    const options = ["--clock", "unset"];
    const outcome = await runApp("ntp", { port: server.port, options, files });
    assert.deepEqual(outcome.reports, []);
    assert.equal(server.count(), 1, "one request");
    return outcome;
  } finally {
    await server.stop();
  }
}

/** The honest answer with something changed. */
function changed(change: (answer: Buffer) => void): Mangle {
  return (answer) => {
    change(answer);
    return [answer];
  };
}

test("an honest answer sets the clock", async () => {
  const { lines } = await settime(undefined, true);
  assert.equal(lines[0], "set");
  assert.ok(Math.abs(Number(lines[1]) - Date.now() / 1000) < MOST_SECONDS);
});

test("a request tells nothing: 64 random bits and the version", async () => {
  const seen: Buffer[] = [];
  for (let i = 0; i < 2; i++) {
    await settime((answer, request) => {
      seen.push(Buffer.from(request));
      return [answer];
    }, true);
  }
  for (const request of seen) {
    assert.equal(request.length, 48);
    assert.equal(request[0], 0x23); // version 4, client
    assert.deepEqual(request.subarray(1, 40), Buffer.alloc(39));
  }
  assert.notDeepEqual(seen[0]!.subarray(40), seen[1]!.subarray(40));
});

test("the count that wraps in 2036 is understood", async () => {
  const { lines } = await settime(
    changed((answer) => answer.writeUInt32BE(1000, 40)),
    true,
  );
  assert.equal(lines[0], "set");
  const since = Number(lines[1]) - (2 ** 32 + 1000 - 2208988800);
  assert.ok(since >= 0 && since < MOST_SECONDS, lines[1]);
});

test("a forged answer before the right one does not win", async () => {
  const { lines } = await settime((answer) => {
    const forged = Buffer.from(answer);
    forged.fill(0xaa, 24, 32);
    forged.writeUInt32BE(4000000000, 40);
    return [forged, Buffer.from("short"), answer];
  }, true);
  assert.equal(lines[0], "set");
  assert.ok(Math.abs(Number(lines[1]) - Date.now() / 1000) < MOST_SECONDS);
});

const refused: [string, Mangle][] = [
  ["silence", () => []],
  ["the request itself", (_, request) => [request]],
  ["a client's packet", changed((answer) => (answer[0] = 0x23))],
  ["a broadcast", changed((answer) => (answer[0] = 0x25))],
  ["another version", changed((answer) => (answer[0] = 0x1c))],
  ["a server that is not synchronized", changed((answer) => (answer[0] = 0xe4))],
  ["a kiss of death (stratum 0)", changed((answer) => (answer[1] = 0))],
  ["stratum 16", changed((answer) => (answer[1] = 16))],
  ["an answer to somebody else", changed((answer) => (answer[31]! ^= 1))],
  ["no time", changed((answer) => answer.fill(0, 40, 48))],
  ["47 bytes", (answer) => [answer.subarray(0, 47)]],
];

// Each takes the second that the app waits for a better answer: they wait together.
describe("refused", { concurrency: refused.length + 1 }, () => {
  for (const [name, mangle] of refused) {
    test(name, async () => {
      assert.deepEqual((await settime(mangle)).lines, TIMED_OUT);
    });
  }

  test("an answer from another port", async () => {
    const stranger = createSocket("udp4");
    const { lines } = await settime((answer, _, from) => {
      stranger.send(answer, from.port, from.address);
      return [];
    });
    stranger.close();
    assert.deepEqual(lines, TIMED_OUT);
  });
});
