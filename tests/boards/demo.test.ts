// The demo on the emulated board: the verified client and the CA come over the serial line, a page
// comes from OpenSSL and from GnuTLS, four servers are refused. The demo checks its own run.

import assert from "node:assert/strict";
import { test } from "node:test";
import { exec } from "../../scripts/lib/exec.ts";

const DEMO = ["--import", "tsx", "scripts/demo/main.ts", "--board"];
/** Million cycles that a handshake with this chain may take. */
const MOST_CYCLES = 150;

test("the demo on the emulated board", async (t) => {
  const output = await exec(process.execPath, [...DEMO, "w5500_evb_pico"]);
  assert.match(output, /\n {3}\$ wassl fs put ca\.der\n/);
  assert.match(output, /\n {3}https-verified: \d+ bytes sent\n/);
  const cost = /cycles +([\d.]+) million, 3 signatures verified\n/.exec(output);
  assert.ok(cost !== null && Number(cost[1]) <= MOST_CYCLES, output);
  assert.match(output, /\nEverything was as it must be\.\n$/);
  t.diagnostic(cost[0].trim());
});

test("the demo on a board that there is not", async () => {
  await assert.rejects(exec(process.execPath, [...DEMO, "arduino"]), /there is no board arduino/);
});
