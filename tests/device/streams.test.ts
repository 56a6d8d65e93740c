// read, readinto, readline, recv, send and write as MicroPython has them, with time limits and
// without blocking: over TCP and over TLS the same.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { pkiOf } from "../harness/identities.ts";
import { runApp } from "./app.ts";
import { startServer } from "./plain-server.ts";

const READING = ["abcde", "5", "3", "xyz", "hel", "lo", "0", "0", "0", "0"];
const ETIMEDOUT = "OSError(110, 'ETIMEDOUT')";
const EAGAIN = "OSError(11, 'EAGAIN')";
const TIMEOUTS = [ETIMEDOUT, ETIMEDOUT, ETIMEDOUT, "halfmore"];
const NONBLOCKING = [EAGAIN, EAGAIN, "true", "part"];
const BULK = ["100000", "right", "right", "100000", "0"];
const ENDING = ["goodbye", "0", "0", "0", "true", "true"];
const COMMON = [...READING, ...TIMEOUTS, ...NONBLOCKING, ...BULK, ...ENDING];

test("a socket's stream methods", async () => {
  const server = await startServer();
  try {
    const { lines, status, reports } = await runApp("streams", { port: server.port });
    const closed = "OSError(9, 'EBADF')";
    assert.deepEqual(reports, []);
    assert.deepEqual(lines, [...COMMON, closed, closed, closed]);
    assert.equal(status, 0);
  } finally {
    await server.stop();
  }
});

test("a TLS connection's stream methods", async () => {
  const pki = pkiOf("p256");
  const server = await startServer({
    key: readFileSync(pki.leaf.keyFile),
    cert: readFileSync(pki.chainFile),
  });
  try {
    const { lines, status, reports } = await runApp("streams", {
      port: server.port,
      files: { tls: "" },
    });
    const closed = "OSError(-28928, 'MBEDTLS_ERR_SSL_BAD_INPUT_DATA')";
    assert.deepEqual(reports, []);
    assert.deepEqual(lines, [...COMMON, closed, closed, closed]);
    assert.equal(status, 0);
    assert.deepEqual(server.ends, ["end"], "the app's close_notify arrived");
  } finally {
    await server.stop();
  }
});
