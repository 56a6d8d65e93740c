// Apps over a board's network: sockets of their own, time, and TLS 1.3 with OpenSSL over a bad
// cable. WASSL_NET=lwip runs all of tests/device so.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { startSntp } from "../../scripts/lib/sntp-server.ts";
import { runApp } from "../device/app.ts";
import { startServer } from "../device/plain-server.ts";
import { pkiOf } from "../harness/identities.ts";

const pki = pkiOf("p256");
const cable = { loss: 0.02, reorder: 0.05, duplicate: 0.05, corrupt: 0.01, delayMs: 1, seed: 3 };

test("a server and its client in one app", async () => {
  const options = ["--connect-to=server::127.0.0.1:4000"];
  const { lines, reports } = await runApp("server", { options, peer: {} });
  assert.deepEqual(reports, []);
  assert.deepEqual(lines, [
    ...["true", "true", "true", "127.0.0.1", "true", "over tcp", "true", "0"],
    ...["OSError(110, 'ETIMEDOUT')", "true", "5", "fi", "first", "4", "back"],
    "OSError(11, 'EAGAIN')",
  ]);
});

test("nobody listens; a name that does not exist", async () => {
  const { lines } = await runApp("connect", { port: 1, peer: {} });
  const answers = ["OSError(111, 'ECONNREFUSED')", "true", "OSError(2, 'ENOENT')"];
  assert.deepEqual(lines, answers);
});

test("the time of a server sets the clock", async () => {
  const server = await startSntp();
  try {
    const options = ["--clock", "unset"];
    const { lines } = await runApp("ntp", { port: server.port, options, peer: {} });
    assert.equal(lines[0], "set");
    assert.ok(Math.abs(Number(lines[1]) - Date.now() / 1000) < 60);
  } finally {
    await server.stop();
  }
});

test("verified TLS 1.3, and streams cut short, over a bad cable", async () => {
  const files = { key: readFileSync(pki.leaf.keyFile), cert: readFileSync(pki.chainFile) };
  const server = await startServer(files);
  try {
    for (const scenario of ["info", "truncated"]) {
      const { port } = server;
      const content = { scenario, "ca.der": pki.root.der };
      const { lines, reports } = await runApp("tls", { port, files: content, peer: cable });
      assert.deepEqual(reports, []);
      if (scenario === "info") assert.deepEqual(lines.slice(0, 2), ["true", "TLSv1.3"]);
      else assert.equal(lines[1], "goodbye");
    }
  } finally {
    await server.stop();
  }
});
