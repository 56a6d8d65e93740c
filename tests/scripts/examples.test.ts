// The examples: they do what they say, the same in every tier, and an editor understands them. And
// the demo, in a tier that is not its usual one.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { exec, root } from "../../scripts/lib/exec.ts";
import { opensslServer } from "../../scripts/lib/peers.ts";
import { makePki } from "../../scripts/lib/pki.ts";
import { tiers } from "../../scripts/lib/tier.ts";

const pki = makePki({ leaf: { sans: ["DNS:example.com"], subject: "/CN=example.com" } });
const files = mkdtempSync(path.join(tmpdir(), "wassl-examples-"));
writeFileSync(path.join(files, "ca.der"), pki.root.der);
after(() => {
  pki.remove();
  rmSync(files, { recursive: true, force: true });
});

interface Ended {
  status: number | null;
  output: string;
}

/** `wassl run` with example.com on loopback; the time server is one that cannot be resolved. */
async function runExample(name: string, port: number, ...options: string[]): Promise<Ended> {
  const board = ["--root", files, "--connect-to", `example.com:443:127.0.0.1:${port}`];
  const noClock = ["--connect-to", "pool.ntp.org:123:127.0.0.1:0"];
  const wassl = [path.join(root, "scripts/wassl.mjs"), "run", `examples/${name}.ts`, ...options];
  const child = spawn(process.execPath, [...wassl, "--", ...board, ...noClock], { cwd: root });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { status, output };
}

/** With OpenSSL as the server. */
async function runWithOpenssl(name: string): Promise<Ended> {
  const server = await opensslServer({ pki, args: ["-www", "-tls1_3"] });
  return runExample(name, server.port).finally(() => server.stop());
}

test("https-insecure.ts fetches a page", async () => {
  const { status, output } = await runWithOpenssl("https-insecure");
  assert.equal(status, 0, output);
  assert.match(output, /^HTTP\/1\.0 200 ok/);
});

test("https-verified.ts fetches a page also where no time server answers", async () => {
  const { status, output } = await runWithOpenssl("https-verified");
  assert.equal(status, 0, output);
  assert.match(output, /^ntptime: OSError\(\d+, '\w+'\)\nversion: TLSv1\.3\n/);
  assert.match(output, /\npeer: {4}CN=example\.com\n\nHTTP\/1\.0 200 ok/);
});

const EXPECTED = `ntptime
version: TLSv1.3
suite:   TLS_AES_256_GCM_SHA384
group:   x25519
peer:    CN=example.com

HTTP/1.1 200 OK\r
Connection: close\r
\r
the page

`;

test("https-verified.ts prints the same in every tier", async () => {
  const key = readFileSync(pki.leaf.keyFile);
  const server = createServer({ key, cert: readFileSync(pki.chainFile) }, (_, response) => {
    response.sendDate = false;
    response.end("the page\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    for (const tier of tiers) {
      const { status, output } = await runExample("https-verified", port, "--tier", tier);
      assert.equal(status, 0, output);
      assert.equal(output.replace(/^ntptime: .*/, "ntptime"), EXPECTED, tier);
    }
  } finally {
    server.close();
  }
});

test("the demo in the tier native", async () => {
  const demo = ["--import", "tsx", "scripts/demo/main.ts"];
  const output = await exec(process.execPath, [...demo, "--tier", "native"]);
  assert.match(output, / ms, translated to C, on this machine\n/);
  assert.match(output, /\nEverything was as it must be\.\n$/);
  await assert.rejects(exec(process.execPath, [...demo, "--tier", "fast"]), /--tier is one of/);
});

test("an editor understands the examples and the library", () => {
  const tsc = path.join(root, "node_modules/typescript/bin/tsc");
  const args = [tsc, "-p", "assembly/tsconfig.json", "--noEmit", "--pretty", "false"];
  const { stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  const ours = /^(?:examples|assembly\/(?:device|editor))\//;
  assert.deepEqual(
    stdout.split("\n").filter((line) => ours.test(line)),
    [],
  );
});
