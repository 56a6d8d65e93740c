// Sockets of an app that is a server itself, and connections that fail.

import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { runApp } from "./app.ts";

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}

test("bind, listen, accept, sendto, recvfrom", async () => {
  const { lines, reports } = await runApp("server", { port: await freePort() });
  assert.deepEqual(reports, []);
  assert.deepEqual(lines, [
    ...["true", "true", "true", "127.0.0.1", "true", "over tcp", "true", "0"],
    ...["OSError(110, 'ETIMEDOUT')", "true", "5", "fi", "first", "4", "back"],
    "OSError(11, 'EAGAIN')",
  ]);
});

test("nobody listens; a name that no host can have", async () => {
  const { lines } = await runApp("connect", { port: await freePort() });
  assert.deepEqual(lines.slice(0, 2), ["OSError(111, 'ECONNREFUSED')", "true"]);
  assert.match(lines[2]!, /^OSError\((2, 'ENOENT'|113, 'EHOSTUNREACH')\)$/);
});
