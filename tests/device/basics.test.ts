// print, text, errno, OSError, time, addresses, and what the collector closes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { runApp } from "./app.ts";

const START = 1_800_000_000;
/** The line that says the time. */
const TIME = 20;

test("what needs neither files nor a network", async () => {
  const { lines, status, reports } = await runApp("basics", { options: ["--clock", `${START}`] });
  assert.deepEqual(reports, []);
  const time = Number(lines.splice(TIME, 1)[0]);
  assert.ok(time >= START && time < START + 60, `${time}`);
  assert.deepEqual(lines, [
    ...["text: grün, 日本, 🙂", "bytes", "-7", "1.5", "true", "Point(3)", "None", "9", "ä€🙂"],
    ...["0OSError[]-1", "-1", "104 OSError ECONNRESET -1", "OSError(104, 'ECONNRESET')"],
    ...["OSError(77)", "EHOSTUNREACH"],
    ...["2", "5", "-5", "1", "true"],
    ...["('192.0.2.7', 8443)", "true", "('2001:db8:0:0:0:0:0:7', 1)", "0", "OSError(22, 'EINVAL')"],
  ]);
  assert.equal(status, 7);
});
