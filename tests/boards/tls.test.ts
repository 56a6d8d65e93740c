// TLS on the emulated board: verified connections to OpenSSL, and all that must be refused, each
// with its error; what breaks off in the middle; connection after connection in the same memory.
// The example itself runs in the demo (tests/scripts/examples.test.ts).

import assert from "node:assert/strict";
import { after, test, type TestContext } from "node:test";
import { makeCertificates } from "../../scripts/demo/certificates.ts";
import { parseStatus, type DeviceStatus } from "../../scripts/lib/device-status.ts";
import { opensslServer, type Peer } from "../../scripts/lib/peers.ts";
import type { Pki } from "../../scripts/lib/pki.ts";
import { readSymbols } from "../../scripts/sim/elf.ts";
import { identityOf } from "../harness/identities.ts";
import { listen as listenScripted } from "../harness/scripted-listener.ts";
import type { Step } from "../harness/scripted-server.ts";
import { alert, certificateVerify, finished } from "../harness/scripted-steps.ts";
import { Alert, flip } from "../harness/tls13-wire.ts";
import { flight } from "../tls13/refusal.ts";
import { firmware } from "./firmware.ts";
import { listen, Remote } from "./remote.ts";

const HOST = "example.com";
const GOOD = /^TLSv1\.3 x25519 CN=example\.com,O=wassl demo, [3-9]\d{3} bytes$/;
const LONG = process.env.WASSL_LONG === "1";
const SOAK = LONG ? 1000 : 16;
const SOAK_START = 8;
/** What ssl.wasm needs for one, and a little. */
const ONE_CONNECTION = 26 * 1024;

const certificates = makeCertificates();
const { good, wrongName, expired, strangers } = certificates;
after(() => certificates.remove());

/** An app of many connections of many sorts needs more memory for its code, less for itself. */
const FILES = {
  "settings.txt": "app_memory = 40K\n",
  "ca.der": good.root.der,
  "strangers.der": strangers.der,
  "damaged.der": withOtherKey(good.root.der),
  "short.der": good.root.der.subarray(0, 200),
  "empty.der": new Uint8Array(0),
};

/** One bit of the public key changed: it is no point of the curve any more. */
function withOtherKey(der: Uint8Array): Uint8Array {
  const point = Buffer.from(der).indexOf(Buffer.of(0x03, 0x42, 0x00, 0x04)) + 3;
  return der.map((byte, i) => (i === point + 64 ? byte ^ 1 : byte));
}

async function serve(t: TestContext, pki: Pki): Promise<Peer> {
  const server = await opensslServer({ pki, args: ["-www", "-tls1_3"] });
  t.after(() => server.stop());
  return server;
}

/** A server that follows a script. */
async function serveScript(t: TestContext, flights: Step[][]): Promise<number> {
  const listener = await listenScripted({ identity: identityOf(good), flights });
  t.after(() => listener.close());
  return listener.port;
}

/** A board with the CA in its files; its clock is set unless the test says otherwise. */
function start(t: TestContext, rtc: number | undefined = Date.now() / 1000): Promise<Remote> {
  return Remote.start(t, "tls", { files: FILES, board: { rtc } });
}

const command = (port: number, ca = "ca.der", seconds = 20): string =>
  `fetch ${HOST} ${port} ${seconds} ${ca}`;

const fetchFrom = (remote: Remote, ...from: Parameters<typeof command>): Promise<string> =>
  remote.ask(command(...from));

const last = (bytes: Uint8Array): Uint8Array => flip(bytes, -1);

test("what must be refused is, with the right words, and hurts nothing", async (t) => {
  const server = await serve(t, good);
  const remote = await Remote.start(t, "tls", { files: FILES });
  const { board } = remote;
  const check = async (port: number, error: string, ca?: string, seconds?: number) =>
    assert.equal(await fetchFrom(remote, port, ca, seconds), error);

  await t.test("the clock was never set", () =>
    check(
      server.port,
      "wrap: ValueError('the clock was never set: call ntptime.settime() " +
        "before certificates are checked')",
    ),
  );
  assert.equal(await remote.ask("settime"), "set");

  await t.test("a good server", async () =>
    assert.match(await fetchFrom(remote, server.port), GOOD),
  );

  const invalid = "load: ValueError('invalid cert')";
  const untrusted =
    "wrap: ValueError('\\nThe certificate is not correctly signed by the trusted CA\\n')";
  for (const [file, error] of [
    ["strangers.der", untrusted],
    ["damaged.der", untrusted],
    ["short.der", invalid],
    ["empty.der", invalid],
    ["missing.der", "load: OSError(2, 'ENOENT')"],
  ] as const) {
    await t.test(`the CA's file is ${file}`, () => check(server.port, error, file));
  }

  const wrong = (words: string): string => `wrap: ValueError('\\nThe certificate ${words}\\n')`;
  for (const [pki, words] of [
    [wrongName, "Common Name (CN) does not match with the expected CN"],
    [expired, "validity has expired"],
  ] as const) {
    await t.test(`the certificate's ${words}`, async () =>
      check((await serve(t, pki)).port, wrong(words)),
    );
  }

  const failure = "wrap: OSError(-28160, 'MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE')";
  const fatal = "wrap: OSError(-30592, 'MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE')";
  const lies: [what: string, flights: Step[][], error: string][] = [
    ["a wrong signature", flight({ verify: certificateVerify({ edit: last }) }), failure],
    ["a wrong Finished", flight({ finished: finished(last) }), failure],
    ["an alert", [[alert(2, Alert.internalError)]], fatal],
  ];
  for (const [what, flights, error] of lies) {
    await t.test(what, async () => check(await serveScript(t, flights), error));
  }

  await t.test("a server that does not speak TLS", async () => {
    const port = await listen(t, (socket) => void socket.end("HTTP/1.0 400 Bad Request\r\n\r\n"));
    await check(port, "wrap: OSError(-29184, 'MBEDTLS_ERR_SSL_INVALID_RECORD')");
  });
  await t.test("a server that says nothing", async () => {
    const port = await listen(t, (socket) => void socket.resume());
    await check(port, "wrap: OSError(110, 'ETIMEDOUT')", "ca.der", 1);
  });
  await t.test("a server that closes", async () => {
    const port = await listen(t, (socket) => socket.once("data", () => socket.end()));
    await check(port, "wrap: OSError(-29312, 'MBEDTLS_ERR_SSL_CONN_EOF')");
  });
  await t.test("a server that resets", async () => {
    const port = await listen(t, (socket) => socket.once("data", () => socket.resetAndDestroy()));
    await check(port, "wrap: OSError(104, 'ECONNRESET')");
  });

  await t.test("a good server again", async () =>
    assert.match(await fetchFrom(remote, server.port), GOOD),
  );
  assert.deepEqual([board.faults, board.complaints], [[], []]);
});

async function statusOf({ board }: Remote): Promise<DeviceStatus> {
  const from = board.console.length;
  board.write("status\r");
  await board.waitFor(/ssl: memory .*\r\n/, 10);
  return parseStatus(board.console.slice(from));
}

/** How much each of lwIP's pools, and its heap, has given out: struct stats_mem of lwip/stats.h. */
async function lwipUse({ board }: Remote): Promise<Record<string, number>> {
  const symbols = readSymbols((await firmware()).elf);
  const pools = ["PBUF_POOL", "PBUF", "TCP_SEG", "UDP_PCB", "SYS_TIMEOUT"];
  const places = [...pools.map((pool) => `memp_stats_${pool}`), "lwip_stats"];
  const used = (place: string) => board.machine.chip.readUint16(symbols.get(place)! + 4);
  return Object.fromEntries(places.map((place) => [place, used(place)]));
}

test(`${SOAK} connections, one after the other, in the same memory`, async (t) => {
  const server = await serve(t, good);
  const remote = await start(t);
  const connect = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) assert.match(await fetchFrom(remote, server.port), GOOD);
  };
  await connect(SOAK_START); // until all of the app is compiled, its garbage collector too
  const { stack: early, ...before } = await statusOf(remote);
  const lwip = await lwipUse(remote);
  await connect(SOAK - SOAK_START);
  const { stack, ...after } = await statusOf(remote);
  assert.deepEqual(after, before);
  assert.ok(stack.peak - early.peak < 512, `stack: ${early.peak}, then ${stack.peak}`);
  assert.deepEqual(await lwipUse(remote), lwip);

  await remote.dismiss();
  const { ssl, heap } = await statusOf(remote);
  t.diagnostic(`heap ${heap.peak} of ${heap.size}, ssl.wasm's ${ssl.heapPeak}`);
  assert.ok(ssl.heapPeak < ONE_CONNECTION, `${ssl.heapPeak} bytes of ssl.wasm's heap`);
});

test("a reset or a loss of power in the middle of a handshake", async (t) => {
  const server = await serve(t, good);
  const remote = await start(t);
  const { board } = remote;
  for (const restart of [() => board.reset(), () => board.powerCut()]) {
    let heard = (): void => undefined;
    const hello = new Promise<void>((resolve) => (heard = resolve));
    const silent = await listen(t, (socket) => socket.once("data", heard));
    await remote.tell(command(silent));
    await board.during(hello, 60);
    remote.forget();
    restart();
    assert.equal(await remote.ask("settime"), "set");
    assert.match(await fetchFrom(remote, server.port), GOOD);
  }
});

test("no TLS where the source of entropy has failed", async (t) => {
  const server = await serve(t, good);
  const remote = await start(t);
  assert.match(await remote.ask("random"), /^0 /);
  remote.board.machine.oscillator.failure = { stuckAt: 0 };
  assert.equal(await remote.ask("random"), `-5 ${Array(16).fill(0).join(" ")}`);
  assert.equal(await fetchFrom(remote, server.port), "wrap: OSError(5, 'EIO')");
  remote.board.machine.oscillator.failure = null;
  assert.match(await remote.ask("random"), /^-5 /); // until a restart tests it anew
  assert.equal(await fetchFrom(remote, server.port), "wrap: OSError(5, 'EIO')");
});
