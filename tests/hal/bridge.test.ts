// bridge.c and ssl_wasm.c over a stand-in for ssl.wasm that moves its memory at every allocation
// and can be told to misbehave: every byte arrives, no block is lost, and what is ssl.wasm's fault
// is reported as such.

import assert from "node:assert/strict";
import path from "node:path";
import { before, test } from "node:test";
import {
  compileApp,
  compileStandIn,
  folderWith,
  hosts,
  linesOf,
  runHost,
  temporaryFolder,
  type Ended,
} from "./host.ts";

const OUR_FAULT = 70;
const folder = temporaryFolder();
let ssl = "";
let app = "";

before(async () => {
  ssl = await compileStandIn(folder);
  app = await compileApp("hal-bridge", folder);
});

/** Runs the app with a fault of the stand-in, 0 for none. */
async function run(host: string, protocol: number, options: string[] = []): Promise<Ended> {
  const large = new Uint8Array(64 * 1024 + 1);
  const files = { protocol: String(protocol), "authority.der": "abc", "empty.der": "" };
  const parent = folderWith(folder, { "outside.der": "x" });
  const root = folderWith(parent, { ...files, "large.der": large });
  return runHost(host, { root: path.resolve(root), options, ssl, app });
}

const normal = `context 1
verify mode 2
data 4950
file 294
no file -2
large file -12
empty file 0
outside -13
ciphers abcdefghijklmnopqrstuvwxyz
ciphers abcde
ciphers, no room 0
set ciphers 0
no ciphers -1033
wants 1
nothing yet -11
not now -11
received 1024
no room 0
none 0
wants 5
pending 1024
read 1000
wrong bytes 0
read none 0
read the rest 24
written 64
write none 0
taken 40
plaintext of more than one record, cut a
taken 24
taken 0
name host.test
number 1003
receive end 0
read at the end 0
close 0
free 0
stale -1025
error number 30336
error text 0
error alert -1
blocks left 0
`;

for (const host of hosts) {
  test(`${host.name}: every call of the ssl module`, async () => {
    const ended = await run(await host.build(), 0);
    assert.equal(ended.stderr, "");
    assert.equal(ended.stdout, normal);
    assert.equal(ended.status, 0);
  });

  test(`${host.name}: --stats`, async () => {
    const ended = await run(await host.build(), 0, ["--stats"]);
    const module = String.raw`memory \d+, wasm3 code \d+ of \d+, wasm3 stack \d+`;
    const cost =
      "bytes in 1024 out 1001, messages in 1002 out 1003, ms in ssl\\.wasm \\d+\\.\\d{3}";
    const heap = "heap end 4321, heap peak 321, scratch peak 21";
    const lines = [
      `stats: connection 1 handshake: ${cost}`,
      `stats: connection 1 total: ${cost}`,
      `stats: ssl\\.wasm: ${module}, ${heap}, ms \\d+\\.\\d{3}`,
      `stats: app\\.wasm: ${module}`,
    ];
    assert.match(ended.stderr, new RegExp(`^${lines.join("\n")}\n$`));
    assert.equal(ended.stdout, normal);
  });

  test(`${host.name}: a trap in ssl.wasm is reported as ours`, async () => {
    const ended = await run(await host.build(), 100, ["--stats"]);
    assert.equal(ended.status, OUR_FAULT);
    assert.match(ended.stderr, /^ssl\.wasm: trap: unreachable executed\n/);
    assert.match(
      ended.stderr,
      /\n {4}at tests\/entry\/hal-ssl\/trapDeeper \(ssl\.wasm\+0x[0-9a-f]+\)\n/,
    );
    assert.match(ended.stderr, /\n {4}at connection_wants \(ssl\.wasm\+0x[0-9a-f]+\)\n/);
    assert.match(ended.stderr, /\nthis is a fault of the ssl module, not of the app\n/);
    assert.ok(ended.stdout.endsWith("no ciphers -1033\n"), "the app must not go on");
  });

  for (const [fault, what] of [
    [101, "an inbox"],
    [102, "plaintext"],
    [104, "a block"],
  ] as const) {
    test(`${host.name}: ${what} outside ssl.wasm's memory is reported as ours`, async () => {
      const ended = await run(await host.build(), fault);
      assert.equal(ended.status, OUR_FAULT);
      assert.equal(
        ended.stderr,
        "ssl.wasm: gave an address outside its memory\n" +
          "this is a fault of the ssl module, not of the app\n",
      );
    });
  }

  test(`${host.name}: ssl.wasm out of memory, and asking outside its own`, async () => {
    const full = linesOf((await run(await host.build(), 103)).stdout);
    for (const name of ["data", "file", "empty file", "set ciphers", "error text"]) {
      assert.equal(full.get(name), -12, name);
    }
    assert.equal(linesOf((await run(await host.build(), 105)).stdout).get("context"), -1037);
  });
}
