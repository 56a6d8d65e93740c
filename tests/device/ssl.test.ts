// What an app sees of TLS: a connection's facts, its end, time limits, not blocking, streams of the
// app's own, failures with their exact texts. The server is Node's TLS (OpenSSL), or no TLS at all.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { after, test } from "node:test";
import { makePki, withLeaf, type Pki } from "../../scripts/lib/pki.ts";
import { opensslServer } from "../../scripts/lib/peers.ts";
import { pkiOf } from "../harness/identities.ts";
import { runApp, type AppOutcome } from "./app.ts";
import { startServer } from "./plain-server.ts";

const pki = pkiOf("p256");
const CLOSED = "OSError(-28928, 'MBEDTLS_ERR_SSL_BAD_INPUT_DATA')";
const EOF = "OSError(-29312, 'MBEDTLS_ERR_SSL_CONN_EOF')";
const EBADF = "OSError(9, 'EBADF')";

/** Runs one scenario of tests/entry/apps/tls.ts against a TLS server with these certificates. */
async function run(scenario: string, from: Pki = pki, options: string[] = []): Promise<AppOutcome> {
  const files = { key: readFileSync(from.leaf.keyFile), cert: readFileSync(from.chainFile) };
  const server = await startServer(files, scenario === "deferred");
  try {
    return await runAt(server.port, scenario, options);
  } finally {
    await server.stop();
  }
}

async function runAt(port: number, scenario: string, options: string[] = []): Promise<AppOutcome> {
  const files = { scenario, "ca.der": pki.root.der };
  const outcome = await runApp("tls", { port, files, options });
  assert.deepEqual(outcome.reports, []);
  return outcome;
}

/** A TCP server that does `answer` with each connection. */
async function withTcp(answer: (s: Socket) => void, use: (port: number) => Promise<void>) {
  const open = new Set<Socket>();
  const server = createServer((connection) => {
    open.add(connection);
    connection.on("error", () => undefined);
    answer(connection);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use((server.address() as AddressInfo).port);
  } finally {
    for (const connection of open) connection.destroy();
    server.close();
  }
}

test("version, suite, group, subject, certificate", async () => {
  const { lines } = await run("info");
  assert.deepEqual(lines.slice(0, 2), ["true", "TLSv1.3"]);
  assert.match(
    lines[2]!,
    /^\('TLS_(AES_(128|256)_GCM|CHACHA20_POLY1305)_SHA(256|384)', 'TLSv1\.3', (128|256)\)$/,
  );
  assert.match(lines[3]!, /^(x25519|secp256r1)$/);
  assert.equal(lines[4], "CN=leaf,O=wassl test");
  assert.equal(lines[5], Buffer.from(pki.leaf.der).toString("hex"));
  assert.deepEqual(lines.slice(6), ["OSError(22, 'EINVAL')", CLOSED, CLOSED]);
});

test("a stream cut without close_notify", async () => {
  const { lines } = await run("truncated");
  assert.deepEqual(lines, [EOF, "goodbye", EOF, EOF, EOF, "true"]);
});

test("a handshake that never blocks", async () => {
  assert.deepEqual((await run("deferred")).lines, [
    "true",
    "-1",
    "OSError(11, 'EAGAIN')",
    "10",
    "hello",
  ]);
});

test("a handshake at once on a socket that never blocks", async () => {
  assert.deepEqual((await run("immediate")).lines, ["hello"]);
});

test("a stream of the app's own, in tiny pieces", async () => {
  assert.deepEqual((await run("custom")).lines, ["hello", "1"]);
});

test("a stream of the app's own that fails", async () => {
  const { lines } = await run("broken");
  const reasonless = ["OSError(5, 'EIO')", "1"];
  assert.deepEqual(lines, [
    ...["OSError(104, 'ECONNRESET')", "1"],
    ...[...reasonless, ...reasonless, ...reasonless],
  ]);
});

test("128 connections that nobody closes", async () => {
  assert.deepEqual((await run("forgotten")).lines, ["128"]);
});

const DAY_MS = 24 * 3600 * 1000;
const inDays = (days: number): Date => new Date(Date.now() + days * DAY_MS);
const localhost = { sans: ["DNS:localhost"] };
const UNTRUSTED = "The certificate is not correctly signed by the trusted CA";

/** What is wrong, the server's certificates, the error's text, the alert that was sent. */
const refusals: [string, () => Pki, string, number][] = [
  [
    "another name",
    () => withLeaf(pki, "other", { sans: ["DNS:other.example"] }),
    "The certificate Common Name (CN) does not match with the expected CN",
    42,
  ],
  [
    "expired",
    () => withLeaf(pki, "old", { ...localhost, notBefore: inDays(-9), notAfter: inDays(-2) }),
    "The certificate validity has expired",
    45,
  ],
  [
    "not yet valid",
    () => withLeaf(pki, "new", { ...localhost, notBefore: inDays(2), notAfter: inDays(9) }),
    "The certificate validity starts in the future",
    45,
  ],
  ["signed by somebody else", () => stranger, UNTRUSTED, 48],
  ["no intermediate", () => ({ ...pki, chainFile: pki.leaf.certFile }), UNTRUSTED, 48],
];

const stranger = makePki();
after(() => stranger.remove());

for (const [name, from, text, alert] of refusals) {
  test(`a certificate that is refused: ${name}`, async () => {
    const { lines } = await run("refused", from());
    assert.deepEqual(lines, ["true", `ValueError('\\n${text}\\n')`, String(alert), EBADF]);
  });
}

test("a clock that was never set", async () => {
  const { lines } = await run("refused", pki, ["--clock", "unset"]);
  assert.match(lines[1]!, /clock/i);
  assert.equal(lines[3], EBADF);
});

test("not TLS", async () => {
  await withTcp(
    (connection) => connection.end("HTTP/1.0 400 Bad Request\r\n\r\n"),
    async (port) => {
      const { lines } = await runAt(port, "refused");
      assert.equal(lines[1], "OSError(-29184, 'MBEDTLS_ERR_SSL_INVALID_RECORD')");
      assert.equal(lines[3], EBADF);
    },
  );
});

test("the end in the middle of the handshake", async () => {
  await withTcp(
    (connection) => connection.once("data", () => connection.end()),
    async (port) => {
      const { lines } = await runAt(port, "refused");
      assert.deepEqual(lines, ["true", EOF, "-1", EBADF]);
    },
  );
});

test("a peer that says nothing", async () => {
  await withTcp(
    () => undefined,
    async (port) => {
      const { lines } = await runAt(port, "silent");
      assert.deepEqual(lines, ["OSError(110, 'ETIMEDOUT')", EBADF]);
    },
  );
});

test("a server that wants a certificate of ours", async () => {
  const server = await opensslServer({ pki, args: ["-tls1_3", "-Verify", "1"] });
  try {
    const { lines } = await runAt(server.port, "alerted");
    const refused = "OSError(-30592, 'MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE')";
    assert.deepEqual(lines, [refused, refused, "116"]);
  } finally {
    await server.stop();
  }
});
